"""The page of masks: three masks on the same weights, claims put to the test; all recomputed in plain numpy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gptviz import analysis, edits
from gptviz.analysis import claims
from gptviz.analysis.masks import KINDS
from gptviz.errors import EditError
from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.masks.presets import PRESETS
from gptviz.ui.pages.masks.state import CLAIMS, Masks, View
from tests.plain_attention import forward
from tests.test_head_steps import GATED, random_lm
from tests.ui import desk
from tests.ui.desk import HOSTILE

pytestmark = pytest.mark.slow  # whole pages under three masks

TEXT = "The cat sat on the mat"
PREFIX = 3


@pytest.fixture(params=["bundled", "gated, grouped"])
def model(request: pytest.FixtureRequest, lm: LanguageModel) -> LanguageModel:
    return lm if request.param == "bundled" else random_lm(GATED)


def picture(lm: LanguageModel, text: str = TEXT, lang: str = "en", **view: Any) -> tuple[dict[str, Any], Any]:
    return desk.shown("masks", Masks(text=text, view=View(**view)), lm, lang)


def hidden(kind: str, T: int) -> Any:
    """(T, T), true where a query may not look, written out."""
    return np.array([[{"causal": key > query, "bidirectional": False, "prefix": key > query and key >= PREFIX}[kind]
                      for key in range(T)] for query in range(T)])  # fmt: skip


def probs(lm: Any, ids: tuple[int, ...], kind: str) -> Any:
    """(T, V) by plain numpy, in every layer under that mask."""
    logits = forward(lm.model, ids, hidden(kind, len(ids)))
    e = np.exp(logits - logits.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_text_is_under_each_mask(model: LanguageModel, kind: str) -> None:
    ids = tuple(model.ids(TEXT))
    found = analysis.under_mask(model, ids, kind, prefix=PREFIX)
    one, other = probs(model, ids, kind), probs(model, (*ids[:-1], found.other), kind)
    T = len(ids)
    assert (found.allowed == ~hidden(kind, T)).all()
    assert found.other != ids[-1]
    wanted = [-math.log2(one[pos - 1, ids[pos]]) for pos in range(1, T)]
    assert math.isnan(found.bits[0])
    np.testing.assert_allclose(found.bits[1:], wanted, rtol=2e-3, atol=2e-3)
    assert found.mean == pytest.approx(np.mean(wanted), rel=2e-3)
    np.testing.assert_allclose(found.leak[:-1], np.abs(one - other)[:-1].sum(-1) / 2, atol=2e-3)
    assert (found.best, found.prob) == (one[-1].argmax(), pytest.approx(one[-1].max(), abs=2e-3))
    leaks = np.nanmax(found.leak)
    assert leaks > 0 if kind == "bidirectional" else leaks == 0  # to the bit: the last token is beyond the prefix


def test_a_prefix_of_all_leaks_and_one_of_one_does_not(model: LanguageModel) -> None:
    ids = tuple(model.ids(TEXT))
    causal, one, all_ = (analysis.under_mask(model, ids, kind, prefix=n) for kind, n in (
        ("causal", 0), ("prefix", 1), ("prefix", len(ids))))  # fmt: skip
    np.testing.assert_allclose(one.bits, causal.bits, atol=1e-4)
    both = analysis.under_mask(model, ids, "bidirectional")
    np.testing.assert_allclose(all_.bits, both.bits, atol=1e-4)
    assert np.nanmax(all_.leak) > 0


def test_masks_that_there_are_not(tiny_lm: LanguageModel) -> None:
    with pytest.raises(EditError, match="sideways"):
        edits.mask("sideways")
    with pytest.raises(EditError, match="-1"):
        edits.mask("prefix", prefix=-1)


def test_the_page_sends_just_that(model: LanguageModel) -> None:
    header, blobs = picture(model, prefix=PREFIX)
    ids = tuple(model.ids(TEXT))
    assert [column["kind"] for column in header["columns"]] == list(KINDS)
    for column in header["columns"]:
        found = analysis.under_mask(model, ids, column["kind"], prefix=PREFIX)
        assert column["bits"] == [None, *found.bits[1:].tolist()]
        assert column["leaks"] == pytest.approx(np.nanmax(found.leak))
        assert (blobs[column["kind"] + ".allowed"] == found.allowed).all()


def test_a_key_is_answered_with_the_causal_mask_and_the_rest_follows(model: LanguageModel) -> None:
    """Until it does, what stood before stands on and says of which text; what comes is what a first visit gets."""
    state = Masks(text=TEXT, view=View(prefix=PREFIX, claim="attention"))
    first, _ = desk.shown("masks", state, model)
    assert not first["running"]
    state.set_text(TEXT + " and")
    key, blobs = desk.shown("masks", state, model)
    assert key["running"]
    assert [column["waiting"] for column in key["columns"]] == [False, True, True]
    before, now = list(model.ids(TEXT)), list(model.ids(TEXT + " and"))
    assert [column["ids"] for column in key["columns"]] == [now, before, before]
    for column, stood in zip(key["columns"][1:], first["columns"][1:], strict=True):
        assert {**column, "waiting": False} == stood  # every number, its words and its Python
        assert blobs[column["kind"] + ".allowed"].shape == (len(before),) * 2
    assert (key["claim"]["before"], key["claim"]["ids"]) == (True, before)
    assert key["claim"]["bars"] == first["claim"]["bars"]
    last, _ = desk.finished("masks", state, model)
    fresh, _ = picture(model, TEXT + " and", prefix=PREFIX, claim="attention")
    assert last["columns"] == fresh["columns"]
    assert last["claim"] == fresh["claim"]
    assert not last["claim"]["before"]


def test_what_stood_of_another_model_is_not_shown(lm: LanguageModel) -> None:
    state = Masks(text=TEXT)
    desk.shown("masks", state, lm)
    state.set_text(TEXT + " and")
    header, _ = desk.shown("masks", state, random_lm(GATED))
    assert not any(column["waiting"] for column in header["columns"])
    state.set_text("")
    assert desk.shown("masks", state, lm)[0]["columns"] == []
    state.set_text(TEXT)
    assert not any(column["waiting"] for column in desk.shown("masks", state, lm)[0]["columns"])


def test_a_claim_that_was_not_looked_at_waits_without_numbers(lm: LanguageModel) -> None:
    state = Masks(text=TEXT)
    desk.shown("masks", state, lm)
    state.adopt({"claim": "attention"})
    state.set_text(TEXT + " and")
    header, _ = desk.shown("masks", state, lm)
    assert (header["claim"]["before"], header["claim"]["bars"]) == (True, [])
    assert desk.finished("masks", state, lm)[0]["claim"]["bars"]


@pytest.mark.parametrize("lang", languages())
def test_the_blank_is_what_analysis_fills(lm: LanguageModel, lang: str) -> None:
    sentence, word = PRESETS[lang][0]
    header, _ = picture(lm, lang=lang)
    found, filling = analysis.fill(sentence, word), header["filling"]
    assert (header["view"]["sentence"], header["view"]["word"]) == (sentence, word)
    assert (filling["at"], filling["problem"], filling["typed"]) == (found.at, "", False)
    for guess, wanted in zip(filling["guesses"], (found.masked, found.causal), strict=True):
        assert guess["bits"] == wanted.bits
        assert [one["true"] for one in guess["words"]].count(
            True
        ) == 1  # it is shown even where it is not among the first
        assert len(guess["words"]) == 8
        assert sum(one["p"] for one in guess["words"]) + guess["rest"] == pytest.approx(1.0)
    assert "{" not in filling["reading"]


@pytest.mark.parametrize("sentence", HOSTILE)
def test_hostile_sentences_are_refused_in_words(tiny_lm: LanguageModel, sentence: str) -> None:
    state = Masks(text=TEXT)
    desk.say("masks", state, tiny_lm, sentence=sentence)
    filling = desk.shown("masks", state, tiny_lm)[0]["filling"]
    assert filling["problem"]
    assert len(filling["problem"]) < 500
    assert filling["guesses"] == []


def test_evidence_is_what_plain_numpy_finds(model: Any) -> None:
    ids = tuple(model.ids(TEXT))
    plain, mid = probs(model, ids, "causal"), len(ids) // 2
    best = int(plain[-1].argmax())
    found = {name: getattr(claims, name)(model, ids) for name in ("encoder", "gan", "masked_word", "beam",
                                                                  "temperature", "attention")}  # fmt: skip
    assert found["encoder"].facts["causal"] == 0.0
    assert found["encoder"].facts["both"] > 0.01
    assert found["gan"].facts["again"] == 0.0
    stored = {id(p): p.numel() for p in model.model.parameters()}
    assert found["gan"].facts["total"] == model.config.n_parameters
    assert model.weights == "float16" or sum(stored.values()) == model.config.n_parameters
    word = found["masked_word"].facts
    assert word["p"] == pytest.approx(plain[mid - 1, ids[mid]], rel=5e-3, abs=1e-6)
    assert word["other"] == pytest.approx(word["p"], rel=1e-4)
    sums = found["beam"].facts
    logprob = sum(math.log(plain[pos - 1, ids[pos]]) for pos in range(1, len(ids)))
    assert sums["logprobs"] == pytest.approx(logprob, rel=1e-3)
    assert sums["logprobs_shifted"] == pytest.approx(sums["logprobs"], abs=1e-6)
    assert sums["logits_shifted"] - sums["logits"] == pytest.approx(claims.SHIFT * (len(ids) - 1))
    warm = found["temperature"]
    assert warm.facts["best"] == best
    for T, row in zip(claims.TEMPERATURES, warm.rows, strict=False):
        raised = plain[-1] ** (1 / T) if T > 0.05 else None
        if raised is not None:
            assert row.value == pytest.approx(raised[best] / raised.sum(), rel=2e-2)
    values = [row.value for row in warm.rows]
    assert values == sorted(values)


def test_struck_edges_are_the_strongest_and_move_what_they_say(model: Any) -> None:
    ids = tuple(model.ids(TEXT))
    found = claims.attention(model, ids)
    trace, last = model.trace(ids), len(ids) - 1
    weights = trace.pattern[:, :, last, :last]
    strongest = np.sort(weights, axis=None)[::-1][: claims.EDGES]
    for row, weight in zip(found.rows, strongest, strict=True):
        layer, head, key, *said = row.name.split(".")
        assert float(".".join(said)) == pytest.approx(weight, abs=1e-4)

        def strike(scores: Any, head: int = int(head), key: int = int(key)) -> Any:
            scores[head, last, key] = -np.inf
            return scores

        after = model.trace(ids, edits=[(("scores", int(layer)), strike)]).logits_at(-1).astype(np.float64)
        before = trace.logits_at(-1).astype(np.float64)
        best = int(before.argmax())
        moved = [np.exp(x - x.max())[best] / np.exp(x - x.max()).sum() for x in (before, after)]
        assert row.value == pytest.approx(moved[1] - moved[0], abs=1e-6)


def test_cost_by_a_clock_of_our_own(tiny_lm: LanguageModel) -> None:
    """The slope of n² is 2, whatever the machine."""
    seen: list[int] = []

    class Counted:
        config = tiny_lm.config

        def prefill(self, text: Any) -> None:
            seen.append(len(text))

    ticks = iter(range(10_000))
    now = [0.0]

    def clock() -> float:
        if next(ticks) % 2:
            now[0] += seen[-1] ** 2
        return now[0]

    Counted.config = GATED.__class__(**{**GATED.__dict__, "block_size": 256})
    found = claims.cost(Counted(), (1,), clock)  # type: ignore[arg-type]
    assert [row.name for row in found.rows] == [str(n) for n in claims.LENGTHS]
    assert found.facts["slope"] == pytest.approx(2.0)


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("claim", CLAIMS)
def test_every_claim_has_its_sentence(lm: LanguageModel, claim: str, lang: str) -> None:
    state = Masks(text=TEXT, view=View(claim=claim))
    desk.do("masks", state, lm, "measure", lang)
    header, _ = desk.finished("masks", state, lm, lang)
    found = header["claim"]
    assert (found["name"], found["waiting"]) == (claim, False)
    assert "{" not in found["reading"]
    assert found["bars"]
    assert max(bar["share"] for bar in found["bars"]) == pytest.approx(1.0)


def test_cost_is_measured_when_somebody_asks(lm: LanguageModel) -> None:
    header, _ = picture(lm, claim="cost")
    assert header["claim"]["waiting"]
    assert header["claim"]["bars"] == []


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words(tiny_lm: LanguageModel, lm: LanguageModel, text: str, claim: str) -> None:
    header, _ = picture(lm, text[:300], claim=claim, prefix=60)
    assert (header["claim"] is None) == (not header["ids"])
