"""The tuning page in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages, translate
from gptviz.tuning import sets
from tests.app.visitor import Visitor
from tests.ui.desk import HOSTILE


class Tuner(Visitor):
    name = "tuning"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_has_a_run_to_start_and_its_cost(lang: str) -> None:
    visitor = Tuner(lang=lang)
    visitor.run()
    header = visitor.header
    assert header["text"] == translate("tuning.first", lang)
    assert header["cost"][0][0] == translate("tuning.cost.trainable", lang)
    assert header["state"] == translate("tuning.state.none", lang)
    ours = sets.shipped("sentiment", lang)
    assert header["data_n"] == len(sets.parsed("sentiment", ours.read_text(encoding="utf-8"), ours.name))


def test_choices_change_the_cost_and_words_of_any_kind_are_taken() -> None:
    visitor = Tuner(lang="en")
    visitor.run()
    before = dict(visitor.header["cost"])
    visitor.say(rank=16)
    assert dict(visitor.header["cost"])["Numbers learnt"] != before["Numbers learnt"]
    visitor.say(task="instructions")
    assert visitor.header["mask"]
    for text in HOSTILE:
        visitor.say(text=text)
        assert visitor.header["labels"] == []
