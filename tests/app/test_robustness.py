"""The robustness page in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages, translate
from tests.app.visitor import Visitor


class Attacker(Visitor):
    name = "robustness"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_has_copies_and_says_what_a_trial_costs(lang: str) -> None:
    visitor = Attacker(lang=lang)
    visitor.run()
    header = visitor.header
    assert header["text"] == translate("robustness.first", lang)
    assert [one["way"] for one in header["copies"]] == ["replace", "delete", "swap"]
    assert header["problem"] == ""
    assert len(header["cost"]) == 3
    assert header["targets"] == []
    before = header["copies"]
    visitor.say({"kind": "again"})
    assert visitor.header["copies"] != before
    visitor.say(text="")
    assert visitor.header["copies"] == []
