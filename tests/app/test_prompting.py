"""The prompting page in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages, translate
from tests.app.visitor import Visitor


class Asker(Visitor):
    name = "prompting"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_has_a_prompt_and_two_labels_and_says_what_a_study_will_measure(lang: str) -> None:
    visitor = Asker(lang=lang)
    visitor.run()
    header = visitor.header
    assert header["text"] == translate("prompting.first", lang)
    assert header["asking_problem"] == ""
    assert [row["label"] for row in header["label_rows"]] == header["labels"]
    assert header["n_ways"] > 10
    assert header["ways"] == []
    before = header["label_rows"]
    visitor.say(text=header["text"] + "!")
    assert visitor.header["label_rows"] != before
    visitor.say(shots=0)
    assert [kind for kind, _ in visitor.header["pieces"]][-3:] == ["text", "frame", "blank"]
    visitor.say({"kind": "another"})
    assert visitor.header["truth"] in visitor.header["labels"]
