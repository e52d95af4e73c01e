"""The surprise page in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.surprise.state import pairs
from tests.app.visitor import Visitor


class Reader(Visitor):
    name = "surprise"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_compares_a_pair(lang: str) -> None:
    visitor = Reader(lang=lang)
    visitor.run()
    visitor.settle()
    header = visitor.header
    assert (header["text"], header["view"]["other"]) == pairs(lang)[0][1:]
    assert header["versus"]["winner"] in ("a", "b")
    assert all(side["n_scored"] + side["skipped"] == side["n_tokens"] for side in header["sides"])


def test_typing_choosing_and_checking(lm: LanguageModel) -> None:
    visitor = Reader(lang="en", p="One text")
    visitor.run()
    visitor.say(text="The cat\nsat", other="The cat sat")
    visitor.settle()
    assert visitor.header["sides"][0]["token_ids"] == lm.tokenizer.encode("The cat\nsat")
    assert visitor.header["sides"][0]["newlines"]
    visitor.say(side=1, token=1)
    assert (visitor.header["view"]["side"], visitor.header["token"]) == (1, 1)
    visitor.do("check")
    visitor.settle()
    assert visitor.screen.check.difference < 1e-4
    visitor.do("pair", index=1)
    visitor.settle()
    assert visitor.header["text"] == pairs("en")[1][1]
    visitor.say(text="", other="")
    assert visitor.header["sides"] == [None, None]
