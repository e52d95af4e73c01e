"""A run with something changed: the change reaches everything after it, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import gptviz
from gptviz.edits import Edit, EditLike, ablate, no_positions
from gptviz.errors import EditError
from gptviz.gpt.taps import TAPS
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from tests.parity import pair
from tests.plain import close, everything
from tests.test_numpy_recompute import Doubles

pytestmark = pytest.mark.slow

IDS = [5, 17, 3, 3, 60, 41, 8]
EDITABLE = [name for name, tap in TAPS.items() if tap.editable]


def _noisy(x: Any) -> Any:
    """Something that changes every number, in the same way whenever it is asked: float32 in, float32 out."""
    rows = np.cos(np.arange(x.size, dtype=np.float64)).reshape(x.shape)
    return x + 0.5 * rows


@pytest.mark.parametrize("name", EDITABLE)
def test_a_replacement_at_any_place_reaches_all_that_comes_after(tiny_lm: LanguageModel, name: str) -> None:
    """Of one layer, then of all: every tap equals a numpy forward pass with the same replacement."""
    layer = 1 if TAPS[name].layered else None
    where = [(name, layer), name] if layer is not None else [name]
    for place in where:
        only = place[1] if isinstance(place, tuple) else None

        def change(tap: str, at: int, x: Doubles, only: int | None = only) -> Doubles:
            return np.asarray(_noisy(x)) if tap == name and only in (None, at) else x

        plain = everything(tiny_lm.model, IDS, change)
        edited = tiny_lm.trace(IDS, edits=[(place, _noisy)])
        for tap in TAPS:
            close(getattr(edited, tap), plain[tap], f"{tap} after an edit at {place}")
        np.testing.assert_allclose(edited.pattern_of(1, 0), edited.pattern[1, 0], atol=1e-6)
        np.testing.assert_allclose(edited.scores_of(1, 0), edited.scores[1, 0], atol=1e-6)
        logprobs = plain["logits"] - np.log(np.exp(plain["logits"]).sum(-1, keepdims=True))
        close(edited.logprobs[1:], logprobs[range(len(IDS) - 1), IDS[1:]], "logprobs")
        assert len(edited.edits) == 1


@pytest.mark.parametrize("mode", ["zero", "mean"])
@pytest.mark.parametrize("head", [0, 1])
def test_a_head_switched_off_is_so_in_numpy(tiny_lm: LanguageModel, head: int, mode: str) -> None:
    """zero: its z is 0; mean: the mean of its z so far, worked out position by position."""

    def change(tap: str, layer: int, x: Doubles) -> Doubles:
        if (tap, layer) == ("z", 0):
            x = x.copy()
            x[head] = [x[head, : pos + 1].mean(0) * (mode == "mean") for pos in range(len(IDS))]
        return x

    plain = everything(tiny_lm.model, IDS, change)
    edited = tiny_lm.trace(IDS, edits=[ablate(layer=0, head=head, mode=mode)])
    for tap in TAPS:
        close(getattr(edited, tap), plain[tap], tap)
    assert np.abs(edited.logits - tiny_lm.trace(IDS).logits).max() > 0.01  # it had something to say


def test_a_head_switched_off_equals_transformers_without_its_columns(tmp_path: Path) -> None:
    """What a head writes goes through its rows of c_proj: with these at 0 the model of transformers is the same."""
    theirs, ours = pair(tmp_path)
    lm = LocalModel(ours, Tokenizer.characters("".join(chr(0x4E00 + n) for n in range(97))))
    ids = torch.randint(0, 96, (1, 25), generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        theirs.transformer.h[1].attn.c_proj.weight[2 * 8 : 3 * 8] = 0.0
        theirs.transformer.h[2].attn.c_proj.weight[:8] = 0.0
        expected = theirs(ids, output_attentions=True, output_hidden_states=True)
    off = lm.trace(ids[0].tolist(), edits=[ablate(layer=1, head=2), ablate(layer=2, head=0)])
    close(off.logits, expected.logits[0].double().numpy(), "logits")
    for layer in range(3):
        close(off.pattern[layer], expected.attentions[layer][0].double().numpy(), "pattern")
        close(off.resid[layer], expected.hidden_states[layer][0].double().numpy(), "resid")


def test_without_everything_the_embedding_is_left(tiny_lm: LanguageModel) -> None:
    silent = tiny_lm.trace(IDS, edits=[("attn_out", np.zeros_like), ("mlp_out", np.zeros_like)])
    assert (silent.resid == silent.resid[0]).all()
    assert (silent.resid[0] == tiny_lm.trace(IDS).resid[0]).all()


def test_edits_that_change_nothing_leave_the_same_bits(tiny_lm: LanguageModel) -> None:
    plain, same = tiny_lm.trace(IDS), tiny_lm.trace(IDS, edits=[(name, lambda x: x) for name in EDITABLE])
    for name in TAPS:
        np.testing.assert_array_equal(getattr(same, name), getattr(plain, name), err_msg=name)


def test_edits_of_one_place_follow_each_other(tiny_lm: LanguageModel) -> None:
    def double(x: Any) -> Any:
        return 2 * x

    def more(x: Any) -> Any:
        return x + 1

    t = tiny_lm.trace(IDS, edits=[(("mlp_hidden", 0), double), (("mlp_hidden", 0), more)])
    np.testing.assert_allclose(t.mlp_hidden[0], 2 * tiny_lm.trace(IDS).mlp_hidden[0] + 1, atol=1e-5)


def test_a_struck_edge_gets_no_weight(tiny_lm: LanguageModel) -> None:
    """A score of -inf is a legal replacement."""

    def strike(scores: Any) -> Any:
        scores[1, 4, 2] = -np.inf
        return scores

    t, plain = tiny_lm.trace(IDS, edits=[(("scores", 0), strike)]), tiny_lm.trace(IDS)
    assert t.pattern[0, 1, 4, 2] == 0 == t.shades[0, 1, 4, 2]
    kept = np.delete(plain.pattern[0, 1, 4], 2)
    np.testing.assert_allclose(np.delete(t.pattern[0, 1, 4], 2), kept / kept.sum(), atol=1e-5)
    np.testing.assert_array_equal(t.resid[:, :4], plain.resid[:, :4])  # outside the cone nothing changes


# ---- the model, and other traces, stay as they were


def test_the_model_is_left_as_it_was(tiny_lm: LanguageModel) -> None:
    before = {name: value.clone() for name, value in tiny_lm.model.state_dict().items()}
    tiny_lm.trace(IDS, edits=[("z", np.zeros_like), ablate(layer=1, head=1, mode="mean")])
    assert all(torch.equal(value, before[name]) for name, value in tiny_lm.model.state_dict().items())


def test_a_function_cannot_reach_into_the_run_but_by_what_it_returns(tiny_lm: LanguageModel) -> None:
    kept: list[Any] = []

    def writes(x: Any) -> Any:
        kept.append(x)
        out = x.copy()
        x[...] = 7
        return out

    t = tiny_lm.trace(IDS, edits=[("resid", writes)])
    np.testing.assert_array_equal(t.resid, tiny_lm.trace(IDS).resid)
    returned = tiny_lm.trace(IDS, edits=[("mlp_out", lambda x: kept[0])])
    kept[0][...] = 100
    assert returned.mlp_out.max() == 7


def test_reuse_never_mixes_runs_with_other_edits(tiny_lm: LanguageModel) -> None:
    """Edited to plain, plain to edited, edited to otherwise edited: all is computed, and the given trace stays."""
    off, other, mean = (ablate(layer=0, head=0), ablate(layer=0, head=1), ablate(layer=0, head=0, mode="mean"))
    runs = {(): tiny_lm.trace(IDS), **{(edit,): tiny_lm.trace(IDS, edits=[edit]) for edit in (off, other, mean)}}
    before = {edits: run.resid.copy() for edits, run in runs.items()}
    for edits, earlier in runs.items():
        for wanted in runs:
            longer = tiny_lm.trace([*IDS, 9, 10], edits=wanted, reuse=earlier)
            fresh = tiny_lm.trace([*IDS, 9, 10], edits=wanted)
            np.testing.assert_allclose(longer.resid, fresh.resid, atol=2e-5)
            assert longer.start == (len(IDS) if edits == wanted == () else 0)  # of the plain run: what is taken over
            assert (longer.store is earlier.store) == (edits == wanted == ())
            shorter = tiny_lm.trace(IDS[:4], edits=wanted, reuse=earlier)
            np.testing.assert_allclose(shorter.resid, tiny_lm.trace(IDS[:4], edits=wanted).resid, atol=2e-5)
        np.testing.assert_array_equal(earlier.resid, before[edits])
    assert tiny_lm.trace(IDS, edits=[ablate(layer=0, head=0)], reuse=runs[(off,)]) is runs[(off,)]  # the same again


@pytest.mark.parametrize(
    "changes",
    [[ablate(layer=0, head=1)], [ablate(layer=1, mlp=True)], [ablate(layer=0)], [ablate(layer=1, head=0, mlp=True)],
     [ablate(layer=0, head=0), ablate(layer=1)], [ablate(layer=0, head=1, mode="mean")], [no_positions()]],
)  # fmt: skip
def test_a_text_goes_on_from_a_run_with_the_same_edits(tiny_lm: LanguageModel, changes: list[EditLike]) -> None:
    """What is switched off row by row need not be read again; the numbers are those of a run of its own."""
    earlier = tiny_lm.trace("the cat sat", edits=changes)
    for text in ("the cat sat on", "the cow", "the c", "x", "the cat sat"):
        went_on, alone = tiny_lm.trace(text, reuse=earlier, edits=changes), tiny_lm.trace(text, edits=changes)
        for name in TAPS:
            ours, theirs = getattr(went_on, name), getattr(alone, name)
            np.testing.assert_allclose(ours, theirs, atol=1e-5, err_msg=f"{name} {text}")
        np.testing.assert_allclose(went_on.logits, alone.logits, atol=1e-4)
    np.testing.assert_array_equal(earlier.resid, tiny_lm.trace("the cat sat", edits=changes).resid)


def test_a_function_that_reads_the_whole_text_is_not_fooled_by_reuse(tiny_lm: LanguageModel) -> None:
    """Its prefix depends on what follows, so that even a run with the same edit cannot be taken over."""

    def centre(x: Any) -> Any:
        return x - x.mean(0)

    short = tiny_lm.trace(IDS, edits=[("resid_mid", centre)])
    longer = tiny_lm.trace([*IDS, 9], edits=[("resid_mid", centre)], reuse=short)
    np.testing.assert_allclose(longer.resid, tiny_lm.trace([*IDS, 9], edits=[("resid_mid", centre)]).resid)


def test_edits_with_arrays_in_them_are_compared_without_a_complaint(tiny_lm: LanguageModel) -> None:
    class Add:
        def __init__(self) -> None:
            self.amount = np.ones(16, dtype=np.float32)

        def __eq__(self, other: object) -> Any:
            return self.amount == getattr(other, "amount", None)

        __hash__ = None  # type: ignore[assignment]

        def __call__(self, x: Any) -> Any:
            return x + self.amount

    first = tiny_lm.trace(IDS, edits=[("attn_out", Add())])
    again = tiny_lm.trace(IDS, edits=[("attn_out", Add())], reuse=first)
    np.testing.assert_array_equal(again.resid, first.resid)


def test_an_ablated_head_hears_nothing_of_later_tokens(tiny_lm: LanguageModel) -> None:
    """A longer text changes nothing in a shorter one, switched off or not."""
    for mode in gptviz.edits.MODES:
        edit = ablate(layer=1, head=0, mode=mode)
        whole, part = tiny_lm.trace(IDS, edits=[edit]), tiny_lm.trace(IDS[:4], edits=[edit])
        np.testing.assert_allclose(whole.logits[:4], part.logits, atol=1e-5)


def test_a_trace_says_that_it_was_edited(tiny_lm: LanguageModel) -> None:
    assert "1 edit," in repr(tiny_lm.trace(IDS, edits=[ablate(layer=0, head=0)]))
    assert "2 edits," in repr(tiny_lm.trace(IDS, edits=[ablate(layer=0, head=0), ablate(layer=1, head=0)]))
    assert "edit" not in repr(tiny_lm.trace(IDS))


# ---- what cannot be done is said


@pytest.mark.parametrize(
    ("edit", "key"),
    [(("nowhere", np.zeros_like), "edit.place"), (("logits", np.zeros_like), "edit.place"),
     ((("z", 2), np.zeros_like), "edit.layer"), ((("z", -1), np.zeros_like), "edit.layer"),
     ((("resid", 3), np.zeros_like), "edit.layer"), ((("z", 0.5), np.zeros_like), "edit.layer"),
     ((("z", True), np.zeros_like), "edit.layer"), ((("hidden", 0), np.zeros_like), "edit.no_layers"),
     (("z", lambda z: z[:1]), "edit.shape"), (("z", lambda z: None), "edit.shape"),
     (("z", lambda z: z.astype(str)), "edit.shape"), (("z", lambda z: z * 1j), "edit.shape"),
     (("z", lambda z: z * np.nan), "edit.numbers"), (("resid", lambda x: x - np.inf), "edit.numbers"),
     (("z", lambda z: np.full(z.shape, 1e300)), "edit.numbers"),
     (("scores", lambda s: s - np.inf), "edit.numbers"), (("scores", lambda s: s + np.inf), "edit.numbers"),
     (("resid", lambda x: x + 3e38), "edit.numbers"), (("mlp_out", lambda x: x - 2e15), "edit.numbers"),
     (ablate(layer=0, head=2), "edit.head"), (ablate(layer=0, head=-1), "edit.head"),
     (ablate(layer=5, head=0), "edit.layer")],
)  # fmt: skip
def test_what_does_not_fit_is_a_sentence(tiny_lm: LanguageModel, edit: Any, key: str) -> None:
    with pytest.raises(EditError) as caught:
        tiny_lm.trace(IDS, edits=[edit])
    assert caught.value.key == key
    for lang in ("en", "zh"):
        assert caught.value.say(lang) != f"error.{key}"
        assert "{" not in caught.value.say(lang)


def test_an_unknown_mode_is_refused_when_asked_for() -> None:
    with pytest.raises(EditError) as caught:
        ablate(layer=0, head=0, mode="mode")
    assert caught.value.key == "edit.mode"


shapes: dict[str, Callable[[int], tuple[int, ...]]] = {
    name: lambda T, name=name: TAPS[name].size(_CONFIG, T)[1 if TAPS[name].layered else 0 :]  # type: ignore[misc]
    for name in EDITABLE
}
_CONFIG = gptviz.GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=32, vocab_size=64)
anything = st.floats(width=32) | st.sampled_from([0.0, -0.0, 1e38, -1e38, float("inf"), float("-inf"), float("nan")])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(EDITABLE), anything, st.integers(0, 2**16))
def test_whatever_is_put_somewhere_ends_in_numbers_or_in_a_sentence(
    tiny_lm: LanguageModel, name: str, value: float, seed: int
) -> None:
    """Half of the numbers replaced by one of any size: a finite picture, or a sentence; never NaN in between."""

    def replace(x: Any) -> Any:
        x[np.random.default_rng(seed).random(x.shape) < 0.5] = value
        return x

    try:
        t = tiny_lm.trace(IDS[:4], edits=[Edit(name, replace)])
    except EditError:
        return
    for tap in TAPS:
        assert not np.isnan(getattr(t, tap)).any(), tap
    assert np.isfinite(t.logprobs[1:]).all()
