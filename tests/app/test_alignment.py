"""The alignment page in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages, translate
from tests.app.visitor import Visitor


class Chooser(Visitor):
    name = "alignment"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_has_pairs_and_two_answers_are_drawn_on_request(lang: str) -> None:
    visitor = Chooser(lang=lang)
    visitor.run()
    header = visitor.header
    assert header["text"] == translate("alignment.first", lang)
    assert header["n_pairs"] > 100
    assert header["problem"] == ""
    visitor.say({"kind": "draw"})
    one, other = visitor.header["offered"]
    assert one != other
    visitor.say({"kind": "choose", "index": 0})
    assert visitor.header["chosen_so_far"] == 1
