"""The page of snapshots: what it shows of a moment is what the model of that moment computes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gptviz.i18n import languages
from gptviz.jobs.folder import Job
from gptviz.language_model import LanguageModel
from gptviz.paths import MODELS
from gptviz.ui.pages.snapshots import opened
from gptviz.ui.pages.snapshots.state import MOMENTS
from tests.runs import run_of
from tests.ui import desk

SMALL = MODELS / "small"


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("at", [0, 5])
def test_answer_attention_and_heads_are_the_models_as_it_was(lm: LanguageModel, lang: str, at: int) -> None:
    state = desk.arrived("snapshots", lm, lang=lang)
    desk.say("snapshots", state, lm, lang=lang, at=at, layer=2, head=1)
    header, blobs = desk.shown("snapshots", state, lm, lang)
    trace = opened.model(SMALL, at).trace(list(header["ids"]))
    logits = trace.logits_at(-1).astype(np.float64)
    probs = np.exp(logits - logits.max())
    probs /= probs.sum()
    shown = [p for _, p in header["answer"]["rows"]]
    assert shown == pytest.approx(sorted(probs, reverse=True)[: len(shown)], abs=1e-6)
    assert header["answer"]["bits"] == pytest.approx(-(probs * np.log2(probs)).sum(), abs=1e-4)
    assert np.allclose(blobs["pattern"], trace.pattern[2, 1], atol=1e-6)
    assert len(header["attention"]["labels"]) == len(header["ids"])
    assert header["heads"]["scores"] == [pytest.approx(row, abs=1e-4) for row in opened.heads(SMALL, at)]


def test_another_run_is_looked_at_anew(lm: LanguageModel) -> None:
    """Its moments and heads are others: neither is kept."""
    state = desk.arrived("snapshots", lm, lang="en")
    desk.say("snapshots", state, lm, at=2, layer=3, head=1)
    desk.say("snapshots", state, lm, run="trained/nobody")
    assert (state.view.at, state.view.layer, state.view.head) == (MOMENTS, None, None)


MINE = "c" * 32
TEXT = "O once a cat"


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Job, Job]:
    """A run with a warm-up, and one without, whose numbers ran away at its twelfth step."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))
    return run_of(MINE, (1, 10, 20, 40), warmup=4), run_of(MINE, (1, 5, 10), warmup=0, lost=12)


def _side_by_side(lm: LanguageModel, two: tuple[Job, Job], **view: Any) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    state = desk.arrived("snapshots", lm, lang="en")
    desk.do("snapshots", state, lm, "owner", token=MINE)
    desk.say("snapshots", state, lm, text=TEXT, run=two[0].model_name, beside=two[1].model_name, **view)
    header, blobs = desk.finished("snapshots", state, lm)
    return state, header, blobs


def test_two_runs_are_looked_at_at_the_same_step(lm: LanguageModel, two: tuple[Job, Job]) -> None:
    """All steps of either; each stands at its nearest moment at or before it, and says where that is another."""
    state, header, blobs = _side_by_side(lm, two, at=2)
    assert header["steps"] == [1, 5, 10, 20, 40]
    other = header["beside"]
    assert (header["facts"][0][1], other["facts"][0][1], other["stands"]) == ("10", "10", ["", ""])
    for of, answer, pattern in ((two[0], header["answer"], "pattern"), (two[1], other["answer"], "other_pattern")):
        at = 1 if of == two[0] else 2
        lm_then = opened.model(of.path / "model", at)
        trace = lm_then.trace(lm_then.tokenizer.encode(TEXT))
        logits = trace.logits_at(-1)[: lm_then.n_tokens].astype(np.float64)
        probs = np.exp(logits - logits.max())
        assert answer["rows"][0][1] == pytest.approx(float((probs / probs.sum()).max()), abs=1e-6)
        heads = header["heads"] if of == two[0] else other["heads"]
        assert np.allclose(blobs[pattern], trace.pattern[heads["layer"], heads["head"]], atol=1e-6)
    assert other["written"]["text"]
    assert other["written"]["text"] == opened.known_sample(two[1].path / "model", 2, tuple(header["ids"]))
    for at, stands in (
        (1, ["the nearest before is its step 1", ""]),
        (3, ["", "its numbers ran away at step 12; this is step 10, the last that is kept"]),
    ):
        desk.say("snapshots", state, lm, at=at)
        assert desk.shown("snapshots", state, lm)[0]["beside"]["stands"] == stands


@pytest.mark.parametrize(("lang", "said"), [
    ("en", "What differs: warm-up steps 4 in A, none in B."), ("zh", "不同之处：预热步数（A 4，B 无）。"),
])  # fmt: skip
def test_what_differs_and_where_numbers_ran_away_is_said(
    lm: LanguageModel, two: tuple[Job, Job], lang: str, said: str
) -> None:
    state, _, _ = _side_by_side(lm, two)
    header, _ = desk.shown("snapshots", state, lm, lang)
    assert header["beside"]["differs"] == said
    assert [step for step, _ in header["lost"]] == [0, 12]
    assert "NaN" in header["lost"][1][1]
    assert header["curve"]["valid"] == [[0, 3.5], *([step, 3.1 - step / 40] for step in (10, 20, 30, 40))]
    assert header["beside"]["curve"]["train"][-1] == [11, 3.0 - 11 / 40]


def test_the_step_stays_when_another_run_comes_beside_and_the_two_change_places(
    lm: LanguageModel, two: tuple[Job, Job]
) -> None:
    state = desk.arrived("snapshots", lm, lang="en")
    desk.do("snapshots", state, lm, "owner", token=MINE)
    desk.say("snapshots", state, lm, run=two[0].model_name)
    desk.say("snapshots", state, lm, at=1)
    desk.say("snapshots", state, lm, beside=two[1].model_name, layer=1, head=1)
    header, _ = desk.shown("snapshots", state, lm)
    assert header["steps"][header["at"]] == 10
    desk.say("snapshots", state, lm, other_layer=1, other_head=0)
    header, _ = desk.shown("snapshots", state, lm)
    assert [(one["layer"], one["head"]) for one in (header["heads"], header["beside"]["heads"])] == [(1, 1), (1, 0)]
    desk.say("snapshots", state, lm, run=two[1].model_name)
    header, _ = desk.shown("snapshots", state, lm)
    assert (header["run"], header["beside"]["run"]) == (two[1].model_name, two[0].model_name)
    query = desk.link(state, lm)
    assert (query["run"], query["beside"]) == (two[1].model_name, two[0].model_name)
    desk.say("snapshots", state, lm, beside="")
    header, _ = desk.shown("snapshots", state, lm)
    assert (header["beside"], header["steps"]) == (None, [1, 5, 10])


def test_a_link_that_names_no_run_puts_none_beside_it(lm: LanguageModel) -> None:
    """No run is no run's name, so nothing changes places with it."""
    state = desk.arrived("snapshots", lm, run="")
    assert (state.view.run, state.view.beside) == ("", "")
    assert desk.shown("snapshots", state, lm)[0]["beside"] is None


def test_nobody_elses_run_stands_beside_and_none_stands_beside_itself(lm: LanguageModel, two: tuple[Job, Job]) -> None:
    state = desk.arrived("snapshots", lm, lang="en")
    desk.do("snapshots", state, lm, "owner", token="d" * 32)
    for beside in (two[1].model_name, "small", "trained/../../etc"):
        desk.say("snapshots", state, lm, beside=beside)
        header, blobs = desk.shown("snapshots", state, lm)
        assert (header["beside"], header["view"]["beside"], "other_pattern" in blobs) == (None, "", False)


def test_what_one_vocabulary_lacks_is_said_of_that_run(lm: LanguageModel, two: tuple[Job, Job]) -> None:
    """The bundled one reads any text; characters of a world's run are few."""
    state = desk.arrived("snapshots", lm, lang="en")
    desk.do("snapshots", state, lm, "owner", token=MINE)
    desk.say("snapshots", state, lm, text="a cat 🙂", beside=two[0].model_name)
    header, _ = desk.shown("snapshots", state, lm)
    assert [note["text"] for note in header["notes"]] == ["B: 1 character is not in its vocabulary and left out."]
    assert len(header["beside"]["attention"]["labels"]) == len("a cat ")
    assert "learnt from books, stories and talk in A, Names in B" in header["beside"]["differs"]
    assert re.search(r"; and \d+ choices more\.$", header["beside"]["differs"])
