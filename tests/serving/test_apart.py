"""Two hundred visitors, their requests in any order at once: each is told of their own text and of no other."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import httpx2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.decoding import Sample
from gptviz.remote import wire
from tests.serving.conftest import Asked

pytestmark = pytest.mark.slow
VISITORS = 200
LETTERS = "abcdefghijklmnopqrstuvwxyz"
KINDS = ("next", "score", "encode", "generate", "stream", "trace")


def body(kind: str, text: str) -> tuple[str, dict[str, Any]]:
    """(path, what is sent)."""
    if kind == "score":
        return "/v1/score", {"texts": [text]}
    if kind in ("generate", "stream"):
        return "/v1/generate", {"text": text, "max_new_tokens": 4, "seed": len(text), "stream": kind == "stream"}
    return f"/v1/{kind}", {"text": text} | ({"arrays": ["resid"]} if kind == "trace" else {})


async def visit(client: httpx2.AsyncClient, secret: str, kinds: list[str], chance: random.Random) -> list[Any]:
    """One visitor types a secret, letter by letter, and asks something of it after each."""
    told = []
    for length, kind in enumerate(kinds, 3):
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
        path, said = body(kind, secret[:length])
        answer = await client.post(path, json=said)
        assert answer.status_code == 200, answer.text
        told.append((kind, secret[:length], answer.content))
    return told


def letters(content: bytes) -> str:
    """What an answer's tokens say, one after another, its prompt's first."""
    found = json.loads(content)
    return "".join(token["text"] or "" for token in found["tokens"])


def check(asked: Asked, kind: str, text: str, content: bytes) -> None:
    """What is told is what the model says of this very text when nobody else asks."""
    ids = asked.lm.ids(text)
    if kind == "trace":
        header, arrays = wire.unpack(content)
        assert header["ids"] == ids
        np.testing.assert_allclose(arrays["resid"], asked.lm.trace(ids).resid, atol=1e-5)
        return
    last = content.decode().strip().split("data: ")[-1] if kind == "stream" else content
    found = json.loads(last)
    found = found["texts"][0] if kind == "score" else found
    assert found["ids"] == ids
    if kind in ("generate", "stream"):
        steps = asked.lm.generate(ids, Sample(temperature=0.8, top_p=0.95), max_new_tokens=4, seed=len(text))
        written = asked.said("/v1/generate", body("generate", text)[1])
        assert [token["id"] for token in found["tokens"]] == [token["id"] for token in written["tokens"]]
        assert len(found["tokens"]) == len(list(steps))
    elif kind == "next":
        logits = asked.lm.trace(ids).logits_at(-1)
        told = {token["id"]: token["logprob"] for token in found["tokens"]}
        expected = logits - np.logaddexp.reduce(logits.astype(np.float64))
        assert [expected[number] for number in told] == pytest.approx(list(told.values()), abs=1e-5)
    elif kind == "score":
        logprobs, _ = asked.lm.score([ids])
        assert [token["logprob"] for token in found["tokens"][1:]] == pytest.approx(logprobs[0].tolist(), abs=1e-5)
    else:
        assert "".join(token["text"] for token in found["tokens"]) == text


@given(seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=3)
def test_nothing_of_a_visitors_text_reaches_another(asked: Asked, seed: int) -> None:
    chance = random.Random(seed)
    secrets = ["".join(chance.choices(LETTERS, k=9)) for _ in range(VISITORS)]
    plans = [chance.sample(KINDS, len(KINDS)) for _ in secrets]

    visitors = list(zip(secrets, plans, map(random.Random, range(VISITORS)), strict=True))

    async def everybody() -> list[list[Any]]:
        transport = httpx2.ASGITransport(app=asked.client.app)  # type: ignore[arg-type]
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await asyncio.gather(*(visit(client, *visitor) for visitor in visitors))

    for number, told in enumerate(asyncio.run(everybody())):
        others = [secret[:6] for other, secret in enumerate(secrets) if other != number]
        for kind, text, content in told:
            assert not any(other.encode() in content for other in others)
            if kind == "encode":
                assert letters(content) == text
            if number % 20 == 0:  # recomputed for some: each by itself
                check(asked, kind, text, content)
            elif kind not in ("trace", "stream"):
                found = json.loads(content)
                assert (found["texts"][0] if kind == "score" else found)["ids"] == asked.lm.ids(text)
