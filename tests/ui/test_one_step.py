"""The page of a step: what its presets claim, and its numbers again in plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from gptviz.ui.learner import learner, small, stands_in
from gptviz.ui.pages.one_step.presets import PRESETS
from tests.ui import desk

pytestmark = pytest.mark.slow

each_language = pytest.mark.parametrize("lang", languages())


def shown(lm: LanguageModel, preset: str, lang: str) -> dict[str, object]:
    state = desk.arrived("one_step", lm, lang=lang)
    desk.do("one_step", state, lm, "preset", lang, name=preset)
    header, _ = desk.shown("one_step", state, lm, lang)
    return header


@each_language
def test_the_presets_show_what_they_say(lm: LanguageModel, lang: str) -> None:
    surprise = shown(lm, "surprise", lang)["forward"]
    others = sorted(surprise["losses"])  # type: ignore[index]
    assert others[-1] > 2 * np.mean(others[:-1])
    near = shown(lm, "near", lang)["after"]
    assert near["fallen"] == pytest.approx(near["promised"], rel=0.05)  # type: ignore[index]
    second = shown(lm, "second", lang)["update"]
    assert second["step"] == 2  # type: ignore[index]
    assert second["m_before"] != 0  # type: ignore[index]
    far = shown(lm, "too_far", lang)["after"]
    assert far["promised"] > 0 > far["fallen"]  # type: ignore[index]
    heart = shown(lm, "by_heart", lang)["after"]["losses"]  # type: ignore[index]
    assert len(heart) == 21
    assert heart[-1] < 0.05 * heart[0]
    assert set(PRESETS) == {"surprise", "near", "second", "too_far", "by_heart"}


def test_targets_and_logits_are_those_of_the_model_in_numpy(lm: LanguageModel) -> None:
    header = shown(lm, "surprise", "en")
    ids, forward, logits = header["ids"], header["forward"], header["logits"]
    raw = np.asarray(small().trace(ids[:-1]).logits, dtype=np.float64)[:, : small().n_tokens]  # type: ignore[index]
    probs = np.exp(raw - raw.max(-1, keepdims=True))
    probs /= probs.sum(-1, keepdims=True)
    of_targets = probs[range(len(ids) - 1), ids[1:]]  # type: ignore[arg-type,index]
    assert forward["probs"] == pytest.approx(of_targets, abs=1e-5)  # type: ignore[index]
    assert forward["loss"] == pytest.approx(-np.log(of_targets).mean(), abs=1e-5)  # type: ignore[index]
    at = forward["at"]  # type: ignore[index]
    assert at == int(np.argmin(of_targets))
    T = len(of_targets)
    for row in logits["rows"]:  # type: ignore[index]
        assert row["gradient"] == pytest.approx((probs[at, row["id"]] - row["onehot"]) / T, abs=1e-6)
    assert sum(row["gradient"] for row in logits["rows"]) + logits["rest"] == pytest.approx(0, abs=1e-12)  # type: ignore[index]
    update = header["update"]
    assert update["after"] == pytest.approx(update["weight"] - update["decay"] - update["move"])  # type: ignore[index]


def test_a_model_that_is_small_enough_takes_its_own_steps(lm: LanguageModel, tiny_lm: LanguageModel) -> None:
    assert learner(tiny_lm) is tiny_lm
    assert not stands_in(tiny_lm)
    assert learner(lm) is small()
    assert stands_in(lm)
    assert small().weights == "float32"
