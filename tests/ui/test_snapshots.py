"""The page of snapshots: what it shows of a moment is what the model of that moment computes."""

from __future__ import annotations

import numpy as np
import pytest

from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from gptviz.paths import MODELS
from gptviz.ui.pages.snapshots import opened
from gptviz.ui.pages.snapshots.state import MOMENTS
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
