"""Many texts in one pass: each is read as if it were alone, whatever stands beside it and whatever was read before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.errors import PromptError
from gptviz.gpt import packed
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT
from gptviz.gpt.prefixes import Prefixes
from gptviz.gpt.weights import load_model
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.numbers import logprobs_of
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import random_model
from tests.parity import DECODERS, random_decoder

pytestmark = pytest.mark.slow

CLOSE = 1e-5
LENGTHS = (1, 7, 30, 2, 30, 13)
TEXTS = ("The cat sat on the", "我今天很", "a", "def add(a, b):\n    return a + b\n" * 4, "The cat sat on a mat and")


def alone(model: GPT, row: list[int]) -> torch.Tensor:
    """(T, vocab_size), without anything of what is tested."""
    with torch.inference_mode():
        return model.logits(model(torch.tensor([row])))[0]


def rows_of(size: int, lengths: tuple[int, ...] = LENGTHS, seed: int = 3) -> list[list[int]]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(0, size, (length,), generator=generator).tolist() for length in lengths]


def far(one: torch.Tensor, other: torch.Tensor) -> float:
    """How far two rows of logits are apart: of their scale, and of probability."""
    said = other.isfinite()
    logits = float((one - other)[said].abs().max() / other[said].abs().max())
    return max(logits, float((one.softmax(-1) - other.softmax(-1)).abs().max()))


def check(model: GPT, rows: list[list[int]], known: Prefixes | None = None) -> None:
    expected = [alone(model, row)[-1] for row in rows]
    found = packed.next_logits(model, rows, known)
    assert max(far(a, b) for a, b in zip(found, expected, strict=True)) < CLOSE


def test_the_bundled_model_reads_many_texts_as_it_reads_one(lm: LanguageModel) -> None:
    assert isinstance(lm, LocalModel)
    rows = [lm.ids(text) for text in TEXTS]
    check(lm.model, rows)
    known = Prefixes()
    for _ in range(2):  # the second time all is known
        check(lm.model, rows, known)
    hits = known.hits
    check(lm.model, [[*row, 5, 6] for row in rows], known)  # each goes on
    assert known.hits - hits == sum(map(len, rows))


@pytest.mark.parametrize("shape", [
    pytest.param({"position": "learned"}, id="learned positions"),
    pytest.param({"position": "sinusoidal"}, id="sinusoidal"),
    pytest.param({"position": "rotary", "norm": "rmsnorm", "gated": True, "n_kv_head": 2, "activation": "silu",
                  "biases": ()}, id="gated, grouped queries"),
    pytest.param({"position": "rotary", "qk_norm": True, "n_kv_head": 1, "parallel": True}, id="one head of keys"),
    pytest.param({"windows": (0, 5)}, id="a window"),
])  # fmt: skip
def test_each_kind_of_model(shape: dict[str, object]) -> None:
    config = GPTConfig(n_layer=2, n_head=4, n_embd=32, block_size=48, vocab_size=64, **shape)  # type: ignore[arg-type]
    model, known = random_model(config, scale=0.2), Prefixes()
    rows = rows_of(64)
    check(model, rows)
    check(model, rows[:3], known)
    check(model, [rows[1] + rows[3], rows[2][:20], rows[2][:9] + rows[5], *rows], known)  # begun alike, and parted
    for row, (logprobs, ranks) in zip(rows[1:], packed.score_rows(model, rows[1:]), strict=True):
        logits = alone(model, row)[:-1].numpy()
        assert np.allclose(logprobs.numpy(), logprobs_of(logits, row[1:]), rtol=CLOSE, atol=CLOSE)
        said = logits[np.arange(len(row) - 1), row[1:]]
        near = np.sort(np.abs(logits - said[:, None]), axis=1)[:, 1] > 1e-4  # no other is as likely
        assert (ranks.numpy() == (logits > said[:, None]).sum(1))[near].all()


@pytest.mark.slow
@pytest.mark.parametrize("name", DECODERS)
def test_each_family(name: str, tmp_path: Path) -> None:
    random_decoder(tmp_path, name)
    model = load_model(tmp_path)
    rows, known = rows_of(96), Prefixes()
    check(model, rows)
    check(model, [row[: len(row) // 2 + 1] for row in rows], known)
    check(model, rows, known)


def test_more_than_one_pass_holds_is_done_in_several(tiny_model: GPT, monkeypatch: pytest.MonkeyPatch) -> None:
    passes = 0
    forward = GPT.forward

    def counted(self: GPT, *args: object) -> torch.Tensor:
        nonlocal passes
        passes += 1
        return forward(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(packed, "MOST_CELLS", 900)
    monkeypatch.setattr(packed, "MOST_SCORED", 40)
    rows = rows_of(64)
    expected = [alone(tiny_model, row)[-1] for row in rows]
    monkeypatch.setattr(GPT, "forward", counted)
    found = packed.next_logits(tiny_model, rows)
    assert max(far(a, b) for a, b in zip(found, expected, strict=True)) < CLOSE
    assert passes == 3  # 1 + 2 + 7 + 13 tokens; twice 30
    assert len(packed.score_rows(tiny_model, rows[1:])) == 5


texts = st.lists(st.integers(0, 3), min_size=1, max_size=12)  # four tokens: much is shared


@given(
    batches=st.lists(st.lists(texts, min_size=1, max_size=5), min_size=1, max_size=6),
    room=st.sampled_from([0, 9_000, 2**20]),
)
@settings(deadline=None, max_examples=40)
def test_whatever_was_read_before_changes_nothing(tiny_model: GPT, batches: list[list[list[int]]], room: int) -> None:
    known = Prefixes(room)
    for batch in batches:
        check(tiny_model, batch, known)
    assert known.nbytes <= room
    assert known.nbytes == sum(kv.nbytes + logits.nbytes for kv, logits in known._kept.values())


def test_what_cannot_be_read_is_said_and_nothing_is_nothing(tiny_lm: LanguageModel) -> None:
    assert tiny_lm.next_logits([]).shape == (0, 64)
    logprobs, ranks = tiny_lm.score_each(["a", "ab"])[0]
    assert (len(logprobs), len(ranks)) == (0, 0)
    expected = tiny_lm.score([tiny_lm.ids("abc")])
    assert np.allclose(tiny_lm.score_each(["b", "abc"])[1][0], expected[0][0], atol=CLOSE)
    for texts_, key in ((["ab", ""], "prompt.empty"), (["a", "a" * 33], "prompt.too_long")):
        with pytest.raises(PromptError) as raised:
            tiny_lm.next_logits(texts_)
        assert raised.value.key == key


def test_padding_of_a_vocabulary_is_never_said(tiny_config: GPTConfig) -> None:
    short = LocalModel(random_model(tiny_config), Tokenizer.characters("abcdefgh"))
    assert np.isneginf(short.next_logits(["ab", "c"])[:, 8:]).all()
