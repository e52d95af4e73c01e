"""The heads page without Streamlit: what it says is what was computed; the measurement is done once, in slices."""

from __future__ import annotations

import numpy as np
import pytest

import gptviz
from gptviz.analysis import heads
from gptviz.edits import MODES, ablate
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.numbers import BIT, softmax
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.ui.pages.heads.work import MOST_MODELS, Shelf, Work
from tests.conftest import random_model
from tests.ui.desk import arrived, finished, say, shown

pytestmark = pytest.mark.slow

TEXT = "The cat sat on the mat. The cat sat on the"


@pytest.mark.parametrize("mode", MODES)
def test_before_and_after_are_those_of_two_runs(lm: LanguageModel, mode: str) -> None:
    state = arrived("heads", lm, p=TEXT, layer="4", head="5", test="1", mode=mode)
    header, _ = finished("heads", state, lm)
    plain, edited = lm.trace(TEXT), lm.trace(TEXT, edits=[ablate(layer=4, head=5, mode=mode)])
    p, q = (softmax(run.logits_at(-1).astype(np.float64)) for run in (plain, edited))
    tested = header["tested"]
    for token, _, before, after in tested["rows"]:
        assert (before, after) == pytest.approx((p[token], q[token]), abs=1e-6)
    shown_ids = [row[0] for row in tested["rows"]]
    assert {int(p.argmax()), int(q.argmax())} <= set(shown_ids)
    assert tested["others"] == len(p[p > 0]) - len(shown_ids)
    for rest, whole in ((tested["others_before"], p), (tested["others_after"], q)):
        assert rest == pytest.approx(1 - whole[shown_ids].sum(), abs=1e-6)
    for bits, run in ((tested["bits_before"], plain), (tested["bits_after"], edited)):
        assert bits == pytest.approx(-run.logprobs[1:].astype(np.float64).mean() / BIT, abs=1e-5)
    assert f"edits.ablate(layer=4, head=5, mode={mode!r})" in header["test_python"]


def test_the_python_beside_it_gives_the_same_numbers(lm: LanguageModel) -> None:
    state = arrived("heads", lm, p=TEXT, layer="4", head="5", test="1")
    header, _ = finished("heads", state, lm)
    space: dict[str, object] = {}
    *lines, last = header["test_python"].splitlines()
    exec("\n".join(lines), space)
    view = eval(last, space)
    assert [tuple(row) for row in header["tested"]["rows"]] == [tuple(row) for row in view.rows]


def test_the_table_names_the_measuredthat_have_the_label(lm: LanguageModel) -> None:
    header, _ = finished("heads", arrived("heads", lm, p=TEXT), lm)
    table = gptviz.analysis.head_scores(lm)
    found = table[table.induction >= heads.THRESHOLDS["induction"]].sort_values("induction", ascending=False)
    best = found.iloc[0]
    assert f"{len(found)} heads: L{best.layer:g}H{best['head']:g}," in header["claims"][1]["found"]
    np.testing.assert_allclose(header["heads"], table[list(heads.SCORES)].to_numpy().ravel())


def test_measuring_goes_in_slices_and_only_once(tiny_lm: LanguageModel) -> None:
    """One text at least in a slice: the browser asks for more until all is there."""
    shelf = Shelf()
    work = Work(tiny_lm, shelf)
    assert work.open
    work.advance(pressed=lambda: True)
    while work.open:
        work.advance()
    assert work.heads == Work(tiny_lm, shelf).heads
    assert not Work(tiny_lm, shelf).open
    measured = work.heads
    for n in range(MOST_MODELS):
        shelf.put(f"{n:016x}", measured)
    assert shelf.get(tiny_lm.fingerprint) == ()


def test_while_it_is_measured_the_text_can_be_typed(tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    from gptviz.ui.pages.heads import work

    monkeypatch.setattr(work, "SHELF", Shelf())
    monkeypatch.setattr(work, "SLICE", 0.0)
    monkeypatch.setenv("GPTVIZ_CACHE", "/dev/null")
    state = arrived("heads", tiny_lm, p="abc", test="1")
    header, _ = shown("heads", state, tiny_lm)
    assert header["running"]
    assert header["heads"] == []
    assert header["tested"]["rows"]
    say("heads", state, tiny_lm, text="abcd")
    header, _ = shown("heads", state, tiny_lm)
    assert header["ids"] == tiny_lm.ids("abcd")
    assert header["running"]
    header, _ = finished("heads", state, tiny_lm)
    assert len(header["heads"]) == 4 * len(heads.SCORES)


def test_a_context_too_short_to_measure_is_said_and_the_text_still_tested() -> None:
    model = random_model(gptviz.GPTConfig(n_layer=1, n_head=1, n_embd=8, block_size=6, vocab_size=64))
    odd = LocalModel(model, Tokenizer.characters("".join(chr(0x2800 + n) for n in range(64))), name="odd")
    header, _ = finished("heads", arrived("heads", odd, p="\u2801\u2802", test="1"), odd)
    assert header["heads"] == []
    assert header["tested"]["rows"]
    assert any(note["level"] == "error" for note in header["notes"])
