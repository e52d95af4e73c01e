"""The series page in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.analysis.series import series
from gptviz.i18n import languages, large, translate
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.series.state import KEYS
from tests.app.visitor import Visitor


class Reader(Visitor):
    name = "series"


@pytest.mark.parametrize("lang", languages())
def test_the_open_model_stands_on_the_scale_and_unknown_stays_so(lm: LanguageModel, lang: str) -> None:
    visitor = Reader(lang=lang).run()
    header = visitor.header
    (opened,) = [one for one in header["here"] if one["role"] == "open"]
    assert opened["parameters"] == lm.config.n_parameters
    sizes = [one["parameters"] for one in header["here"]]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == len(sizes)
    unknown = [one for one in header["entries"] if one["parameters"] is None]
    assert {one["said"] for one in unknown} == {translate("series.unknown", lang)}
    assert str(len(unknown)) in header["timeline_reading"]
    assert sorted(key for _, keys in header["tree"] for key in keys) == sorted(model.key for model in series())


@pytest.mark.parametrize("card", KEYS)
def test_every_card_has_its_words(lm: LanguageModel, card: str) -> None:
    visitor = Reader(lang="zh", card=card).run()
    header = visitor.header
    assert header["card"] == card
    assert all(value for _, value in header["facts"])
    assert header["changed"]
    assert not header["changed"].startswith("series.")
    if card == "open":
        assert header["facts"][0][1] == large(lm.config.n_parameters, "zh")


def test_choosing_and_nonsense() -> None:
    visitor = Reader(lang="en").run()
    visitor.say(card="gpt4")
    assert visitor.header["name"] == "GPT-4"
    visitor.say(card="gpt99")
    assert visitor.header["name"] == "GPT-4"
    visitor.say(card=None)
    assert visitor.header["name"] == "GPT-4"
