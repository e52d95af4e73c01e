"""The playground in the app, without a browser: it draws, it listens, it keeps what was typed."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from tests.app.visitor import Visitor


class Player(Visitor):
    name = "playground"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_draws_everything(lang: str, lm: LanguageModel) -> None:
    visitor = Player(lang=lang)
    visitor.run()
    visitor.settle()
    header = visitor.header
    assert header["lang"] == lang
    assert header["ids"] == lm.tokenizer.encode(header["text"])
    assert len(visitor.blobs["kept"]) == len(header["ids"])
    assert header["roll"]["n"] == 0


def test_typing_dragging_and_rolling(lm: LanguageModel) -> None:
    visitor = Player(lang="en")
    visitor.run()
    visitor.say(text="我今天很", temperature=0.5)
    assert visitor.header["ids"] == lm.tokenizer.encode("我今天很")
    assert visitor.header["view"]["temperature"] == 0.5
    visitor.do("roll", times=100)
    visitor.settle()
    assert visitor.header["roll"]["n"] == 100
    visitor.say(text="我今天很高")
    visitor.settle()
    assert visitor.header["roll"]["n"] == 0
    visitor.switch_language("zh")
    assert (visitor.header["lang"], visitor.header["text"]) == ("zh", "我今天很高")


def test_link_and_empty_prompt() -> None:
    visitor = Player(p="abc", t="0", top_p="0.3", seed="5", rolls="20", lang="en")
    visitor.run()
    visitor.settle()
    assert visitor.header["view"] == {"temperature": 0.0, "top_p": 0.3, "seed": 5, "start": "usual", "chat": False,
                                      "system": ""}  # fmt: skip
    assert visitor.header["roll"]["n"] == 20
    assert visitor.header["roll"]["counts"][0] == 20  # at temperature 0 there is one face
    visitor.say(text="")
    assert "soft" not in visitor.header
