"""The attention page in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.attention.presets import PRESETS
from tests.app.visitor import Visitor
from tests.ui.desk import HOSTILE


class Watcher(Visitor):
    name = "attention"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_has_the_textbooks_four_tokens(lang: str) -> None:
    visitor = Watcher(lang=lang)
    visitor.run()
    header = visitor.header
    assert len(header["ids"]) == 4
    assert header["view"]["pos"] == 3
    assert header["sheet"] is not None
    assert header["sum"]["step"] == "raw"


def test_typing_choosing_and_presets(lm: LanguageModel) -> None:
    visitor = Watcher(lang="en", p="One text")
    visitor.run()
    visitor.say(text="The cat sat on the mat")
    assert visitor.header["ids"] == lm.tokenizer.encode("The cat sat on the mat")
    visitor.say(layer=2, head=3, pos=4)
    assert (visitor.header["view"]["pos"], visitor.header["flow"]["kv_head"]) == (4, 3)
    visitor.say(step="q", index=5)
    assert (visitor.header["sum"]["step"], visitor.header["sum"]["index"]) == ("q", 5)
    visitor.say(map="rollout")
    assert visitor.header["maps"]["most"] == 1.0
    visitor.say({"kind": "preset", "name": "repeated"})
    assert visitor.header["text"] == PRESETS["repeated"].text
    visitor.say(text="")
    assert visitor.header["flow"] is None


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_make_a_picture(text: str) -> None:
    visitor = Watcher(lang="en")
    visitor.run()
    visitor.say(text=text, pos=10_000, key=10_000, layer=900, head=900, index=99_999, step="k_unit")
    header = visitor.header
    assert header["text"] == text
    assert (header["flow"] is None) == (not header["ids"])
