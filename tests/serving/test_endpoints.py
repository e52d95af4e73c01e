"""What the service answers is what the model says, number for number."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.decoding import Beam, Greedy, Sample, compare
from gptviz.decoding.exchange import load_run
from gptviz.errors import PromptError
from gptviz.language_model import LanguageModel
from gptviz.numbers import softmax
from gptviz.remote import wire
from gptviz.serving.bodies import ARRAYS
from gptviz.serving.limits import Limits
from gptviz.serving.metrics import Metrics
from gptviz.serving.service import Service
from tests.serving.conftest import Asked, Make

pytestmark = pytest.mark.slow


def test_the_next_token_is_over_the_whole_vocabulary(asked: Asked) -> None:
    found = asked.said("/v1/next", {"text": "abc", "top": 5})
    probs = softmax(asked.lm.trace("abc").logits_at(-1).astype(np.float64))
    assert [one["id"] for one in found["tokens"]] == np.argsort(-probs, kind="stable")[:5].tolist()
    for one in found["tokens"]:
        assert one["probability"] == pytest.approx(probs[one["id"]], abs=1e-6)
        assert bytes.fromhex(one["bytes"]).decode() == one["text"]
        assert math.exp(one["logprob"]) == pytest.approx(one["probability"])
    assert found["tail"]["tokens"] == 59
    total = sum(one["probability"] for one in found["tokens"]) + found["tail"]["probability"]
    assert total == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("top", [0, 64, 1000])
def test_all_or_none_are_listed_and_all_sum_to_one(asked: Asked, top: int) -> None:
    found = asked.said("/v1/next", {"ids": [1, 2, 3], "top": top})
    assert len(found["tokens"]) == min(top, 64)
    assert found["tail"]["tokens"] == 64 - len(found["tokens"])
    total = sum(one["probability"] for one in found["tokens"]) + found["tail"]["probability"]
    assert total == pytest.approx(1.0, abs=1e-12)


def test_part_of_a_character_has_bytes_and_no_text(serve: Make, lm: LanguageModel) -> None:
    half = lm.tokenizer.encode("𐍈")[0]
    found = serve(lm).said("/v1/score", {"texts": ["𐍈"]})["texts"][0]["tokens"][0]
    assert (found["id"], found["text"]) == (half, None)
    assert "𐍈".encode().startswith(bytes.fromhex(found["bytes"]))


def test_generate_writes_what_the_library_writes_streamed_or_not(asked: Asked) -> None:
    body = {
        "text": "abc",
        "strategy": {"name": "sample", "temperature": 1.5, "top_k": 20},
        "max_new_tokens": 9,
        "seed": 4,
    }
    steps = list(asked.lm.generate("abc", Sample(temperature=1.5, top_k=20), max_new_tokens=9, seed=4))
    found = asked.said("/v1/generate", body)
    assert [one["id"] for one in found["tokens"]] == [step.token for step in steps]
    assert [one["draw"] for one in found["tokens"]] == [step.draw for step in steps]
    assert (found["text"], found["finish"]) == (steps[-1].text, steps[-1].finish)
    events = asked.post("/v1/generate", body | {"stream": True}).text.strip().split("\n\n")
    named = [(event.split("\n")[0][7:], json.loads(event.split("\n")[1][6:])) for event in events]
    assert [name for name, _ in named] == ["token"] * 9 + ["done"]
    assert [said for _, said in named[:-1]] == found["tokens"]
    assert named[-1][1] == found


def test_a_stream_that_cannot_begin_says_so(asked: Asked) -> None:
    """As any other request would: by its status, so that nobody takes it for a text."""
    answer = asked.post("/v1/generate", {"text": "é", "stream": True})
    assert (answer.status_code, answer.json()["error"]["kind"]) == (400, "PromptError")
    key, _ = asked.refused("/v1/generate", {"text": "a", "strategy": "best", "stream": True})
    assert key == "decoding.unknown"


def test_a_stream_that_breaks_off_says_so_in_its_last_event(serve: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    one = serve()
    whole = type(one.lm).generate

    def broken(*args: Any, **options: Any) -> Any:
        yield next(iter(whole(*args, **options)))
        raise PromptError("prompt.too_long", tokens=9, limit=8)

    monkeypatch.setattr(type(one.lm), "generate", broken)
    answer = one.post("/v1/generate", {"text": "abc", "stream": True})
    first, last = answer.text.strip().split("\n\n")
    assert answer.status_code == 200
    assert first.startswith("event: token\n")
    assert last.startswith("event: error\n")
    assert json.loads(last.split("data: ")[1])["error"]["key"] == "prompt.too_long"


def test_score_is_the_models_and_ranks_count(asked: Asked) -> None:
    texts = ["abcdef", "z", "the cat"]
    found = asked.said("/v1/score", {"texts": texts})["texts"]
    for text, said in zip(texts, found, strict=True):
        ids = asked.lm.ids(text)
        logprobs, ranks = asked.lm.score([ids]) if len(ids) > 1 else (np.empty((1, 0)), np.empty((1, 0)))
        assert [one["logprob"] for one in said["tokens"][1:]] == pytest.approx(logprobs[0].tolist(), abs=1e-5)
        assert [one["rank"] for one in said["tokens"][1:]] == ranks[0].tolist()
        assert said["logprob"] == pytest.approx(logprobs.sum(), abs=1e-4)
        assert said["tokens"][0]["logprob"] is None


def test_compare_is_the_run_that_the_shell_saves(asked: Asked) -> None:
    body = {
        "text": "abc",
        "strategies": {"first": "greedy", "search": {"name": "beam", "width": 3}},
        "max_new_tokens": 6,
    }
    run = load_run(asked.said("/v1/compare", body), asked.lm)
    expected = compare(asked.lm, "abc", {"first": Greedy(), "search": Beam(width=3)}, max_new_tokens=6)
    assert {name: column.text for name, column in run.columns.items()} == expected.texts


def test_a_trace_is_the_models_bit_for_bit_and_goes_on(asked: Asked) -> None:
    header, arrays = wire.unpack(asked.post("/v1/trace", {"text": "abcd", "arrays": list(ARRAYS)}).content)
    mine = asked.lm.trace("abcd")
    for name, array in arrays.items():
        expected = mine.logits_at(-1) if name == "last_logits" else getattr(mine, name)
        if name == "last_logits":  # a product of few rows, which the server's thread may share out otherwise
            np.testing.assert_allclose(array, expected, atol=1e-5)
        else:
            assert np.array_equal(array, expected, equal_nan=True), name
    body = {"text": "abcdefg", "reuse": header["trace"], "arrays": ["resid", "pattern", "shades", "logprobs"]}
    header, arrays = wire.unpack(asked.post("/v1/trace", body).content)
    longer = asked.lm.trace("abcdefg", reuse=mine)
    assert header["start"] == 4
    assert np.array_equal(arrays["resid"], longer.resid[:, 4:])
    assert np.array_equal(arrays["pattern"], longer.pattern[:, :, 4:])
    assert np.array_equal(arrays["shades"], longer.shades[:, :, 4:])
    assert np.array_equal(arrays["logprobs"], longer.logprobs, equal_nan=True)


def test_a_trace_that_is_no_longer_there_is_computed_anew(asked: Asked) -> None:
    body = {"text": "abcd", "reuse": "0" * 32, "arrays": ["resid"]}
    header, arrays = wire.unpack(asked.post("/v1/trace", body).content)
    assert header["start"] == 0
    assert np.array_equal(arrays["resid"], asked.lm.trace("abcd").resid)


def test_readers_go_on_or_are_read_again_to_the_same_numbers(asked: Asked, serve: Make) -> None:
    moves: list[Any] = [[[0, 0], [5, 6]], [[1, 0, 1], [7, 8, 9]], [[0, 1, 2], [1, 2, 3]]]
    reader = asked.lm.prefill([1, 2, 3])
    for count, (rows, tokens) in enumerate(moves, 1):
        reader = reader.select(rows)
        reader.append(tokens)
        for one in (asked, serve()):  # which goes on, and which has never heard of it
            _, arrays = wire.unpack(one.post("/v1/read", {"ids": [1, 2, 3], "moves": moves[:count]}).content)
            assert np.array_equal(arrays["logits"], reader.logits)
            assert np.array_equal(arrays["hidden"], reader.hidden)


@pytest.mark.parametrize(("path", "body", "key"), [
    ("/v1/next", {}, "serve.one_of"),
    ("/v1/next", {"text": "a", "ids": [1]}, "serve.one_of"),
    ("/v1/next", {"text": ""}, "prompt.empty"),
    ("/v1/next", {"text": "a" * 33}, "prompt.too_long"),
    ("/v1/next", {"ids": [64]}, "prompt.bad_id"),
    ("/v1/next", {"text": 7}, "serve.body"),
    ("/v1/next", {"text": "a", "top": -1}, "serve.body"),
    ("/v1/next", {"text": "a", "topp": 1}, "serve.body"),
    ("/v1/next", [], "serve.body"),
    ("/v1/generate", {"text": "a", "strategy": "best"}, "decoding.unknown"),
    ("/v1/generate", {"text": "a", "strategy": {"name": "sample", "temperature": -1}}, "decoding.at_least"),
    ("/v1/generate", {"text": "a", "strategy": {"name": "greedy", "temperature": 1}}, "decoding.parameter"),
    ("/v1/generate", {"text": "a" * 32}, "decoding.full"),
    ("/v1/generate", {"text": "a", "max_new_tokens": 10**6}, "serve.body"),
    ("/v1/compare", {"text": "a", "strategies": {}}, "decoding.nothing"),
    ("/v1/compare", {"text": "a"}, "serve.body"),
    ("/v1/score", {}, "serve.one_of"),
    ("/v1/score", {"texts": ["a", ""]}, "prompt.empty"),
    ("/v1/score", {"rows": [[1, 2], [1]]}, "serve.rows"),
    ("/v1/score", {"rows": [[1, 2]], "texts": ["a"]}, "serve.one_of"),
    ("/v1/score", {"rows": [[1, 99]]}, "prompt.bad_id"),
    ("/v1/trace", {"text": "a", "arrays": ["weights"]}, "serve.array"),
    ("/v1/trace", {"text": "a", "arrays": ["resid"], "layer": 7}, "config.range"),
    ("/v1/trace", {"text": "a", "arrays": ["logits"], "rows": [1, 9]}, "serve.body"),
    ("/v1/read", {"ids": [1], "moves": [[[1], [5]]]}, "serve.moves"),
    ("/v1/read", {"ids": [1], "moves": [[[0], [5, 6]]]}, "serve.moves"),
    ("/v1/read", {"ids": [1], "moves": [[[0], [64]]]}, "prompt.bad_id"),
    ("/v1/read", {"ids": [1] * 32, "moves": [[[0], [5]]]}, "prompt.too_long"),
])  # fmt: skip
def test_what_cannot_be_used_is_a_sentence_of_ours(asked: Asked, path: str, body: Any, key: str) -> None:
    found, sentence = asked.refused(path, body)
    assert found == key
    assert sentence.endswith(".")
    assert "{" not in sentence.replace("{…}", "")
    assert any("\u4e00" <= c <= "\u9fff" for c in asked.refused(path, body, **{"accept-language": "zh-CN,en;q=0.5"})[1])


def test_one_bad_text_among_others_that_wait_is_its_own(asked: Asked) -> None:
    service = Service(asked.lm, Limits(), Metrics())
    good, bad, other = service.next([{"text": "ab"}, {"text": ""}, {"text": "abc"}])
    assert (good["ids"], other["ids"]) == (asked.lm.ids("ab"), asked.lm.ids("abc"))
    assert bad.key == "prompt.empty"
    one, worse = service.score([{"texts": ["ab", "c"]}, {"texts": ["é"]}])
    assert [len(text["ids"]) for text in one["texts"]] == [2, 1]
    assert isinstance(worse, Exception)


def test_another_model_than_the_served_one_is_not_here(asked: Asked) -> None:
    assert asked.refused("/v1/next", {"text": "a", "model": "/etc/passwd"}, 404)[0] == "serve.no_model"
    assert asked.said("/v1/next", {"text": "a", "model": "tiny"})["model"] == "tiny"


def test_the_document_shows_the_rules_and_examples_that_work(asked: Asked, serve: Make, lm: LanguageModel) -> None:
    document, bundled = asked.client.get("/openapi.json").json(), serve(lm)
    assert document["paths"]["/v1/next"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"][
        "top"] == {"type": "integer", "minimum": 0, "maximum": 1000}  # fmt: skip
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            answer = bundled.client.request(method, path, json=content.get("example"))
            assert answer.status_code == 200, (path, answer.text)
            assert answer.headers["content-type"].split(";")[0] in operation["responses"]["200"]["content"]


def test_the_page_needs_nothing_else(asked: Asked) -> None:
    page = asked.client.get("/", headers={"host": 'x"><script>'}).text
    assert "<script" not in page
    assert "src=" not in page
    assert "/v1/generate" in page


def test_metrics_count_what_was_asked(serve: Make) -> None:
    one = serve()
    one.said("/v1/next", {"text": "abc"})
    one.said("/v1/next", {"text": "abcd"})
    one.refused("/v1/next", {"text": ""})
    one.said("/v1/generate", {"text": "a", "max_new_tokens": 3})
    figures = dict(line.rsplit(" ", 1) for line in one.client.get("/metrics").text.splitlines() if line[0] != "#")
    assert figures['gptviz_requests_total{kind="next",status="200"}'] == "2.0"
    assert figures['gptviz_requests_total{kind="next",status="400"}'] == "1.0"
    assert figures['gptviz_request_seconds_count{kind="next"}'] == "3.0"
    assert figures['gptviz_tokens_total{kind="written"}'] == "3.0"
    assert (figures["gptviz_prefix_hit_tokens"], figures["gptviz_prefix_miss_tokens"]) == ("3.0", "4.0")
    assert float(figures["gptviz_kept_bytes"]) > 0
    assert figures["gptviz_queue_length"] == "0.0"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=6), inside, max_size=4),
    max_leaves=8,
)  # fmt: skip
names = st.sampled_from(["text", "ids", "top", "strategy", "strategies", "max_new_tokens", "seed", "texts", "rows",
                         "start", "arrays", "layer", "reuse", "whole", "moves", "model", "stream"])  # fmt: skip
likely = st.sampled_from(
    ["abc", [1, 2], 1, 0, "greedy", {"name": "beam", "width": 2}, {"a": "greedy"}, ["ab"], [[1, 2]], ["q"]]
)
paths = st.sampled_from(["next", "generate", "score", "compare", "encode", "trace", "read", "layer"])


@given(path=paths, body=st.dictionaries(names, likely | json_values, max_size=5) | json_values)
@settings(deadline=None)
def test_no_body_breaks_it(asked: Asked, path: str, body: Any) -> None:
    answer = asked.client.post(f"/v1/{path}", content=json.dumps(body), headers={"content-type": "application/json"})
    assert answer.status_code in (200, 400, 404)
    if answer.status_code != 200:
        assert answer.json()["error"]["message"]


@given(body=st.binary(max_size=60))
@settings(deadline=None, max_examples=30)
def test_no_bytes_break_it(asked: Asked, body: bytes) -> None:
    answer = asked.client.post("/v1/next", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
