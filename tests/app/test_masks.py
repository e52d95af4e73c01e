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
    assert [column["waiting"] for column in visitor.header["columns"]] == [
        False,
        True,
        True,
    ]  # the key is answered first
    visitor.settle()
    assert visitor.header["columns"][2]["leaks"] > 0  # the last token lies within the prefix
    visitor.say(prefix=2)
    assert visitor.header["columns"][2]["leaks"] == 0.0
    visitor.say(claim="cost")
    assert visitor.header["claim"]["waiting"]
    visitor.say({"kind": "measure"}).settle()
    assert not visitor.header["claim"]["waiting"]
    visitor.say(text="word " * 200).settle()
    assert len(visitor.header["ids"]) == MOST
    assert any("64" in note["text"] for note in visitor.header["notes"])
    visitor.say(text="")
    assert visitor.header["columns"] == []


def test_a_blank_is_typed_pressed_and_refused() -> None:
    visitor = Watcher(lang="en")
    visitor.run()
    assert visitor.header["filling"]["words"][1] == "_"
    assert {word["label"] for word in visitor.header["filling"]["guesses"][0]["words"] if word["true"]} == {"dog"}
    visitor.say(word=5)
    assert visitor.header["filling"]["at"] == 5
    visitor.say(sentence="The ___ purrs at the dog.")
    filling = visitor.header["filling"]
    assert (filling["typed"], filling["at"], filling["guesses"][0]["words"][0]["label"]) == (True, 1, "cat")
    visitor.say(sentence="The <b>computer</b> ___")
    assert "computer" in visitor.header["filling"]["problem"]
    visitor.say(sentence="")
    assert "___" in visitor.header["filling"]["problem"]  # what is emptied stays empty


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_make_a_picture(text: str) -> None:
    visitor = Watcher(lang="en")
    visitor.run()
    visitor.say(text=text[:500], prefix=64, claim="attention")
    header = visitor.header
    assert (header["claim"] is None) == (not header["ids"])
