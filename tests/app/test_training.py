"""The training page in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages, translate
from gptviz.ui.pages.training.state import OFFERED
from tests.app.visitor import Visitor
from tests.ui.desk import HOSTILE


class Trainee(Visitor):
    name = "training"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_has_a_run_to_start_and_its_cost(lang: str) -> None:
    visitor = Trainee(lang=lang)
    visitor.run()
    header = visitor.header
    assert header["text"] == translate("training.first", lang)
    assert header["presets"] == list(OFFERED)
    assert header["cost"][0][0] == translate("training.cost.parameters", lang)
    assert header["state"] == translate("training.state.none", lang)


def test_choices_change_the_cost_and_words_of_any_kind_are_taken() -> None:
    visitor = Trainee(lang="en")
    visitor.run()
    before = dict(visitor.header["cost"])
    visitor.say(n_layer=6)
    assert dict(visitor.header["cost"])["Tokens read in all"] == before["Tokens read in all"]
    assert dict(visitor.header["cost"])["Parameters"] != before["Parameters"]
    visitor.say({"kind": "preset", "name": "induction"})
    assert visitor.header["view"]["source"] == "repeats"
    for text in HOSTILE:
        visitor.say(text=text)
        assert visitor.header["rows"] == []
