"""The page of masks in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.masks.state import CLAIMS, MOST
from tests.app.visitor import Visitor
from tests.ui.desk import HOSTILE


class Watcher(Visitor):
    name = "masks"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_has_three_masks_and_a_claim(lang: str) -> None:
    visitor = Watcher(lang=lang)
    visitor.run()
    header = visitor.header
    assert header["text"] == translate("masks.first", lang)
    assert [column["kind"] for column in header["columns"]] == ["causal", "bidirectional", "prefix"]
    assert header["columns"][0]["leaks"] == 0.0 < header["columns"][1]["leaks"]
    assert header["claim"]["name"] == CLAIMS[0]


def test_typing_a_prefix_a_claim_and_measuring(lm: LanguageModel) -> None:
    visitor = Watcher(lang="en", p="One text")
    visitor.run()
    visitor.say(text="The cat sat on the mat", prefix=6)
    assert visitor.header["columns"][2]["leaks"] > 0  # the last token lies within the prefix
    visitor.say(prefix=2)
    assert visitor.header["columns"][2]["leaks"] == 0.0
    visitor.say(claim="cost")
    assert visitor.header["claim"]["waiting"]
    visitor.say({"kind": "measure"}).settle()
    assert not visitor.header["claim"]["waiting"]
    visitor.say(text="word " * 200)
    assert len(visitor.header["ids"]) == MOST
    assert any("64" in note["text"] for note in visitor.header["notes"])
    visitor.say(text="")
    assert visitor.header["columns"] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_make_a_picture(text: str) -> None:
    visitor = Watcher(lang="en")
    visitor.run()
    visitor.say(text=text[:500], prefix=64, claim="attention")
    header = visitor.header
    assert (header["claim"] is None) == (not header["ids"])
