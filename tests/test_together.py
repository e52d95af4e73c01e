"""Several texts in one pass, each with a trace of its own: every tap is what it is of a text read alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from gptviz.errors import PromptError
from gptviz.gpt import together
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.trace import Trace, trace
from gptviz.language_model import LanguageModel, LocalModel
from tests.conftest import random_model
from tests.test_packed import CLOSE, rows_of

pytestmark = pytest.mark.slow

TAPS = ("resid", "q", "k", "v", "z", "scores", "pattern", "attn_out", "resid_mid", "mlp_hidden", "mlp_out", "hidden",
        "logits", "logprobs")  # fmt: skip
TEXTS = ("The cat sat on the", "我今天很", "def add(a, b):\n    return a + b\n" * 4)


def same(found: Trace, expected: Trace) -> None:
    """All that is known of both, within float32's rounding; shades within one step of theirs."""
    assert found.ids == expected.ids
    for name in TAPS:
        ours, theirs = getattr(found, name), getattr(expected, name)
        scale = np.nanmax(np.abs(theirs[np.isfinite(theirs)]), initial=1e-3)
        np.testing.assert_allclose(ours / scale, theirs / scale, atol=CLOSE, err_msg=name)
    last = expected.logits_at(-1)
    assert np.allclose(found.logits_at(-1), last, atol=CLOSE * max(1.0, float(np.abs(last[np.isfinite(last)]).max())))
    assert np.abs(found.shades.astype(int) - expected.shades).max(initial=0) <= 1


@pytest.mark.parametrize("shape", [
    pytest.param({"position": "learned"}, id="learned positions"),
    pytest.param({"position": "sinusoidal"}, id="sinusoidal"),
    pytest.param({"position": "rotary", "norm": "rmsnorm", "gated": True, "n_kv_head": 2, "activation": "silu",
                  "biases": ()}, id="gated, grouped queries"),
    pytest.param({"position": "rotary", "qk_norm": True, "n_kv_head": 1, "parallel": True}, id="one head of keys"),
    pytest.param({"windows": (0, 5)}, id="a window"),
])  # fmt: skip
def test_each_kind_of_model(shape: dict[str, Any], lm: LanguageModel) -> None:
    """Of texts that are new, that go on, that part from what was read, that were read already."""
    config = GPTConfig(n_layer=2, n_head=4, n_embd=32, block_size=48, vocab_size=64, **shape)
    model, tokenizer = random_model(config, scale=0.2), lm.tokenizer
    rows = [tuple(row) for row in rows_of(64)]
    before = [trace(model, tokenizer, row[: len(row) // 2 + 1]) for row in rows]
    wanted = [(rows[0], None), (rows[1], before[1]), (rows[2], before[2]), (rows[3], before[3]),
              (before[5].ids, before[5]), (rows[2][:9] + rows[5][:4], before[2]), (rows[4], None)]  # fmt: skip
    for found, (ids, _) in zip(together.traces(model, tokenizer, wanted), wanted, strict=True):
        same(found, trace(model, tokenizer, ids))
    for one, row in zip(before, rows, strict=True):  # what was read before is what it was
        same(one, trace(model, tokenizer, row[: len(row) // 2 + 1]))


def test_what_begins_alike_shares_no_place(tiny_model: Any, lm: LanguageModel) -> None:
    """Two texts that go on from one trace, and then each from its own."""
    first = trace(tiny_model, lm.tokenizer, (1, 2, 3))
    a, b = together.traces(tiny_model, lm.tokenizer, [((1, 2, 3, 4), first), ((1, 2, 3, 5), first)])
    a, b = together.traces(tiny_model, lm.tokenizer, [((1, 2, 3, 4, 6), a), ((1, 2, 3, 5, 6), b)])
    same(a, trace(tiny_model, lm.tokenizer, (1, 2, 3, 4, 6)))
    same(b, trace(tiny_model, lm.tokenizer, (1, 2, 3, 5, 6)))
    assert (a.start, b.start) == (4, 4)


def test_the_bundled_model_in_half_precision(lm: LanguageModel) -> None:
    assert isinstance(lm, LocalModel)
    rows = [lm.ids(text) for text in TEXTS]
    for found, row in zip(lm.traces([(row, lm.trace(row[:-1])) for row in rows]), rows, strict=True):
        same(found, lm.trace(row))


def test_one_pass_reads_each_new_token_once(lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the rows of logits that pictures begin with come with it."""
    assert isinstance(lm, LocalModel)
    rows = [lm.ids(text) for text in TEXTS]
    before = [lm.trace(row[:-1]) for row in rows]
    passes: list[int] = []
    forward = type(lm.model).forward

    def counted(self: Any, ids: torch.Tensor, cache: Any = None) -> torch.Tensor:
        passes.append(ids.numel())
        return forward(self, ids, cache)

    monkeypatch.setattr(type(lm.model), "forward", counted)
    found = lm.traces([*zip(rows, before, strict=True)])
    monkeypatch.setattr(lm.model, "logits", None)
    assert passes == [len(rows)]
    assert [one.logits_at(-1).shape for one in found] == [(lm.config.vocab_size,)] * len(rows)


def test_what_cannot_be_read_is_refused_like_alone(tiny_lm: LanguageModel) -> None:
    assert isinstance(tiny_lm, LocalModel)
    with pytest.raises(PromptError):
        tiny_lm.traces([((1, 2), None), ((1, 10**6), None)])
    edited = tiny_lm.trace((1, 2, 3), edits=[("z", lambda z: z * 0)])
    same(tiny_lm.traces([((1, 2, 3, 4), edited)])[0], tiny_lm.trace((1, 2, 3, 4)))  # nothing of it is taken over
