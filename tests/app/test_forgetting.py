"""The page of forgetting in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages, translate
from tests.app.visitor import Visitor


class Learner(Visitor):
    name = "forgetting"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_has_two_tasks_and_a_sentence_that_is_coloured_live(lang: str) -> None:
    visitor = Learner(lang=lang)
    visitor.run()
    header = visitor.header
    assert header["text"] == translate("forgetting.first", lang)
    assert header["problem"] == ""
    before = header["said_rows"][0]["mean"]
    visitor.say(text="<b>zq</b> 𠮷")
    assert visitor.header["said_rows"][0]["mean"] != before
    visitor.say(lora=False, said="zh")
    assert [row["at"] for row in visitor.header["outcome"]] == ["first", "none", "rehearsal", "ewc"]
    visitor.say(then=visitor.header["view"]["first"])
    assert visitor.header["problem"]
