"""The attention page's message: each number is the trace's own, with the sum that it is; presets make their point."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gptviz import analysis
from gptviz.analysis.terms import STEPS, there
from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.attention.presets import PRESETS
from gptviz.ui.pages.attention.state import Attention, View
from tests.plain_attention import attention
from tests.test_head_steps import GATED, random_lm
from tests.ui import desk

pytestmark = pytest.mark.slow  # every step of every head is worked out in plain numpy

TEXT = "The cat sat on the mat"


def picture(lm: LanguageModel, text: str = TEXT, lang: str = "en", **view: Any) -> tuple[dict[str, Any], Any]:
    return desk.shown("attention", Attention(text=text, view=View(**view)), lm, lang)


@pytest.fixture(params=["bundled", "gated, grouped"])
def model(request: pytest.FixtureRequest, lm: LanguageModel) -> LanguageModel:
    return lm if request.param == "bundled" else random_lm(GATED)


def test_all_that_is_sent_is_what_plain_numpy_computes(model: LanguageModel) -> None:
    layer, head, pos = 1, 4, 3
    header, blobs = picture(model, layer=layer, head=head, pos=pos, step="z", index=2)
    trace = model.trace(TEXT)
    plain = attention(model.model, layer, trace.resid[layer])  # type: ignore[attr-defined]
    steps = analysis.attend(trace, layer, head, pos)
    assert header["flow"]["steps"] == list(there(steps))
    for step in there(steps):
        whole = plain[step]
        of_keys = step in ("k_plain", "k_unit", "k", "v")
        wanted = whole[steps.kv_head] if of_keys else whole[head, pos] if whole.ndim > 2 or step in (
            "raw", "scores", "masked", "pattern") else whole[pos]  # fmt: skip
        np.testing.assert_allclose(blobs[f"flow.{step}"], wanted, atol=2e-4, err_msg=step)
    np.testing.assert_allclose(blobs["pattern"], plain["pattern"][head], atol=1e-4)
    np.testing.assert_allclose(blobs["moved"], plain["moved"][head], atol=2e-4)
    np.testing.assert_allclose(header["maps"]["most"], plain["moved"][head].max(), rtol=1e-3)
    assert header["flow"]["own_size"] == pytest.approx(np.linalg.norm(plain["own"][head, pos]), rel=1e-3)
    assert header["flow"]["stream_size"] == pytest.approx(np.linalg.norm(plain["x"][pos]), rel=1e-3)
    terms = blobs["terms"]
    np.testing.assert_allclose(terms[:, 0], plain["pattern"][head, pos, : pos + 1], atol=1e-4)
    np.testing.assert_allclose(terms[:, 0] * terms[:, 1], terms[:, 2], atol=1e-5)
    assert header["sum"]["total"] == pytest.approx(plain["z"][head, pos, 2], abs=2e-4)
    rolled, more = picture(model, layer=layer, head=head, pos=pos, map="rollout")
    kept = np.eye(len(trace))
    for at in range(layer + 1):
        mean = attention(model.model, at, trace.resid[at])["pattern"].mean(0)  # type: ignore[attr-defined]
        kept = (mean + np.eye(len(trace))) / 2 @ kept
    np.testing.assert_allclose(more["moved"], kept, atol=1e-4)
    assert "(A + I)" in translate("attend.map_says.rollout", "en")
    assert rolled["maps"]["reading"] != header["maps"]["reading"]


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_its_sum_in_words(model: LanguageModel, step: str, lang: str) -> None:
    header, blobs = picture(model, lang=lang, pos=3, key=4, step=step, index=1)
    found = header["sum"]
    assert found["step"] == (step if step in header["flow"]["steps"] else step[0])
    assert str(found["index"]) in found["reading"] or found["key"] == 4
    assert blobs["terms"].shape == (len(blobs["terms"]), 3)
    if step in ("masked", "pattern"):
        assert found["total"] in (None, 0.0)  # the key comes later


@pytest.mark.parametrize("name", PRESETS)
def test_presets_choose_the_head_that_makes_their_point(model: LanguageModel, name: str) -> None:
    """Of all heads the one with the largest mean weight there; worked out from the whole pattern."""
    state = Attention(text="x")
    desk.do("attention", state, model, "preset", name=name)
    assert state.text == PRESETS[name].text
    header, _ = desk.shown("attention", state, model)
    if not header["ids"]:
        return  # a model of letters that cannot read Chinese says so
    trace = model.trace(header["ids"])  # of a longer text the end, as the page reads it
    pattern, T = trace.pattern, len(trace)
    places = {
        "previous": [(pos, pos - 1) for pos in range(1, T)],
        "first": [(pos, 0) for pos in range(2, T)],
        "repeated": [(pos, old + 1) for pos in range(T) for old in range(pos - 1) if trace.ids[old] == trace.ids[pos]],
    }
    if name in places:
        means = np.mean([pattern[:, :, query, key] for query, key in places[name]], axis=0)
        assert means[state.view.layer, state.view.head] == pytest.approx(means.max(), abs=0.005)  # shades are steps
    else:
        row = pattern[state.view.layer, state.view.head, -1]
        assert row.argmax() > 0
        assert 0.25 < row.max() < 0.9


def test_an_unknown_preset_changes_nothing(lm: LanguageModel) -> None:
    state = Attention(text="x")
    desk.do("attention", state, lm, "preset", name="nothing")
    assert state.text == "x"


def test_the_head_goes_with_the_visitor(lm: LanguageModel) -> None:
    shared = {control.name for control in Attention().controls() if control.shared}
    assert shared == {"layer", "head", "pos", "start", "chat", "system"}
