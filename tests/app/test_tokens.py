"""The Tokens page in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.analysis.merging import cost, merges
from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from tests.app.visitor import Visitor
from tests.ui.desk import HOSTILE


class Reader(Visitor):
    name = "tokens"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_shows_tokens_and_other_vocabularies(lang: str, lm: LanguageModel) -> None:
    header = Reader(lang=lang).run().header
    film = merges(lm.tokenizer, header["text"])
    assert header["film"]["token_ids"] == list(film.ids) == header["ids"]
    assert len(header["film"]["join_labels"]) == len(film.joins)
    rows = {row["name"]: row["tokens"] for row in header["costs"]["rows"]}
    found = cost(lm.tokenizer, header["text"])
    assert found is not None
    assert (rows["own"], rows["bytes"], rows["characters"]) == (found.tokens, found.bytes, found.characters)
    assert header["view"]["other"] == "small"
    assert header["browser"]["rows"][4]["id"] == header["ids"][-1]


def test_typing_and_looking(lm: LanguageModel) -> None:
    visitor = Reader(lang="en", p="the").run()
    visitor.say(step=1)
    assert visitor.header["view"]["step"] == 1
    visitor.say(text="the cat")
    assert visitor.header["view"]["step"] == -1  # another film
    assert visitor.header["film"]["token_ids"] == lm.tokenizer.encode("the cat")
    visitor.say(find="cat")
    assert all("cat" in row["label"] for row in visitor.header["browser"]["rows"])
    assert any(row["here"] for row in visitor.header["browser"]["rows"])
    visitor.say(find="", at=300)
    assert [row["id"] for row in visitor.header["browser"]["rows"][:2]] == [300, 301]
    visitor.do("preset", name="chinese")
    assert visitor.header["text"] == translate("tokens.preset_text.chinese", "en")
    assert visitor.header["view"]["step"] == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_typed(text: str) -> None:
    visitor = Reader(lang="en", p="x").run()
    header = visitor.say(text=text, find=text[:50], other=text[:50]).header
    assert "unexpected" not in str(header["notes"])
    assert header["view"]["other"] == "small"
    assert len(header["browser"]["rows"]) <= 60
    assert (header["film"] is None) == (text == "")
