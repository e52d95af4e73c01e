"""The Embeddings page in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.analysis import neighbours
from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from tests.app.visitor import Visitor
from tests.ui.desk import HOSTILE


class Reader(Visitor):
    name = "embeddings"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_looks_at_the_last_token(lang: str, lm: LanguageModel) -> None:
    visitor = Reader(lang=lang).run()
    visitor.settle()
    header = visitor.header
    assert header["near"]["id"] == header["ids"][-1]
    assert [row["id"] for row in header["near"]["rows"]] == [
        one.id for one in neighbours(lm, header["ids"][-1], count=14)
    ]
    assert header["atlas"]["done"] == 1
    assert header["positions"]["own"]


def test_typing_and_looking(lm: LanguageModel) -> None:
    visitor = Reader(lang="en", p="The cat").run()
    visitor.settle()
    visitor.say(pos=0, token=300, x=2)
    header = visitor.header
    assert (header["strips"]["pos"], header["near"]["id"], header["atlas"]["axes"]) == (0, 300, [2, 1])
    assert header["atlas"]["lit"][-1]["id"] == 300
    visitor.say(text="The cat sat")
    header = visitor.header
    assert (header["strips"]["pos"], header["near"]["id"]) == (2, header["ids"][-1])
    visitor.say(scheme="rotary", plane=10**6, turn=10**6)
    positions = visitor.header["positions"]
    assert (positions["scheme"], positions["own"], positions["plane"], positions["turn"]) == ("rotary", False, 31, 2)


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_typed(text: str) -> None:
    visitor = Reader(lang="en", p="x").run()
    header = visitor.say(text=text, pos=7, token=2**20, x=5, y=5).header
    assert "unexpected" not in str(header["notes"])
    assert (header["strips"] is None) == (text == "")
