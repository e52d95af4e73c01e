"""A trace holds what the model computed, and extending one equals starting over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from tests.parity import pair

NAMES = ("q", "k", "v", "z", "scores", "pattern", "resid", "logprobs")
CHARACTERS = "".join(chr(0x4E00 + n) for n in range(97))


@pytest.mark.parametrize("T", [1, 2, 40])
def test_attentions_and_hidden_states_equal_transformers(tmp_path: Path, T: int) -> None:
    """All attentions and hidden states of every layer, within 1e-4 of their scale."""
    theirs, ours = pair(tmp_path)
    lm = LocalModel(ours, Tokenizer.characters(CHARACTERS))
    ids = torch.randint(0, 96, (1, T), generator=torch.Generator().manual_seed(T))
    with torch.inference_mode():
        expected = theirs(ids, output_attentions=True, output_hidden_states=True)
    trace = lm.trace(ids[0].tolist())
    for layer in range(3):
        np.testing.assert_allclose(trace.pattern[layer], expected.attentions[layer][0], atol=1e-4)
        hidden = expected.hidden_states[layer][0].numpy()
        np.testing.assert_allclose(trace.resid[layer], hidden, atol=1e-4 * np.abs(hidden).max())
    np.testing.assert_allclose(trace.logits, expected.logits[0], atol=1e-4 * expected.logits.abs().max().item())
    logprobs = expected.logits[0].log_softmax(-1)[range(T - 1), ids[0, 1:]]
    np.testing.assert_allclose(trace.logprobs[1:], logprobs, atol=1e-4)
    assert np.isnan(trace.logprobs[0])


def test_pattern_is_the_masked_softmax_of_scores_and_z_its_mean_of_values(tiny_lm: LanguageModel) -> None:
    """The arrays belong together: each is the next step of the one before."""
    t = tiny_lm.trace("the cat sat on the mat")
    T, d = len(t), tiny_lm.config.head_dim
    np.testing.assert_allclose(t.scores, t.q @ t.k.swapaxes(-1, -2) / np.sqrt(d), atol=1e-5)
    masked = np.where(np.tri(T, dtype=bool), t.scores, -np.inf)
    weights = np.exp(masked - masked.max(-1, keepdims=True))
    np.testing.assert_allclose(t.pattern, weights / weights.sum(-1, keepdims=True), atol=1e-6)
    assert (t.pattern[..., ~np.tri(T, dtype=bool)] == 0).all()
    np.testing.assert_allclose(t.z, t.pattern @ t.v, atol=1e-5)


def test_what_is_looked_at_alone_is_what_all_of_it_holds(tiny_lm: LanguageModel) -> None:
    """One head's scores and pattern, computed when asked for, and the shades that the pass itself left."""
    t = tiny_lm.trace("the cat sat on the mat")
    for layer in range(2):
        for head in range(2):
            np.testing.assert_allclose(t.scores_of(layer, head), t.scores[layer, head], atol=1e-6)
            np.testing.assert_allclose(t.pattern_of(layer, head), t.pattern[layer, head], atol=1e-6)
    assert t.shades.dtype == np.uint8
    np.testing.assert_allclose(t.shades, t.pattern * 255, atol=0.5 + 1e-3)


def test_a_trace_grows_with_its_text_and_not_with_its_square(tiny_lm: LanguageModel) -> None:
    """But for a byte a cell: queries, keys, values, z, the residual stream, and no T² of floats."""
    t = tiny_lm.trace(list(range(30)))
    c, room = tiny_lm.config, t.store.capacity
    floats = room * (4 * c.n_layer * c.n_embd + (c.n_layer + 2) * c.n_embd)
    assert t.nbytes == 4 * floats + c.n_layer * c.n_head * room * room


ids = st.lists(st.integers(0, 63), min_size=1, max_size=32)


@settings(max_examples=150, deadline=None)
@given(ids, ids, st.integers(0, 32))
def test_extending_equals_recomputing(tiny_lm: LanguageModel, old: list[int], tail: list[int], keep: int) -> None:
    """Text typed at the end, deleted from it, or changed in the middle: reuse never shows in the numbers."""
    new = (old[:keep] + tail)[:32]
    earlier = tiny_lm.trace(old)
    reused, fresh = tiny_lm.trace(new, reuse=earlier), tiny_lm.trace(new)
    assert reused.ids == fresh.ids
    assert reused is earlier or reused.start == len(_common(old, new))
    for name in NAMES:
        np.testing.assert_allclose(getattr(reused, name), getattr(fresh, name), atol=2e-5, err_msg=name)
    np.testing.assert_allclose(reused.logits, fresh.logits, atol=1e-4)


def _common(a: list[int], b: list[int]) -> list[int]:
    same = [x == y for x, y in zip(a, b, strict=False)]
    return a[: same.index(False)] if False in same else a[: len(same)]


def test_the_same_text_gives_the_same_trace_back(tiny_lm: LanguageModel) -> None:
    t = tiny_lm.trace("abc")
    assert tiny_lm.trace("abc", reuse=t) is t


def test_a_trace_of_another_model_is_not_reused(tiny_lm: LanguageModel, tmp_path: Path) -> None:
    """Switching models must never mix their numbers."""
    _, ours = pair(tmp_path)
    other = LocalModel(ours, Tokenizer.characters(CHARACTERS))
    theirs = tiny_lm.trace([1, 2, 3])
    assert other.trace([1, 2, 3, 4], reuse=theirs).start == 0


def test_arrays_are_read_only(tiny_lm: LanguageModel) -> None:
    """Traces are shared between sessions: nobody may write into one."""
    t = tiny_lm.trace("shared")
    for name in (*NAMES, "logits"):
        array = getattr(t, name)
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_one_row_of_logits_equals_that_row_of_all(tiny_lm: LanguageModel) -> None:
    a, b = tiny_lm.trace("twice read"), tiny_lm.trace("twice read")
    np.testing.assert_allclose(a.logits_at(3), b.logits[3], atol=1e-5)
    np.testing.assert_allclose(a.logits_at(-1), b.logits[-1], atol=1e-5)
    with pytest.raises(IndexError):
        a.logits_at(len(a))


def test_repr_says_what_was_read_and_what_comes_next(tiny_lm: LanguageModel) -> None:
    text = repr(tiny_lm.trace("abc"))
    assert "3 tokens" in text
    assert "'abc'" in text
    assert "2 layers x 2 heads" in text


def test_shapes(tiny_lm: LanguageModel) -> None:
    t: Trace = tiny_lm.trace("abcde")
    assert t.q.shape == t.k.shape == t.v.shape == t.z.shape == (2, 2, 5, 8)
    assert t.scores.shape == t.pattern.shape == (2, 2, 5, 5)
    assert t.resid.shape == (3, 5, 16)
    assert t.logits.shape == (5, 64)
    assert len(t.tokens) == t.logprobs.shape[0] == 5
