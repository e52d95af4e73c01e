"""A text as a message in a chat, as a visitor has it: switched, taken along, in the link, back after a reload."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptviz.catalogue import ENVIRONMENT
from gptviz.i18n import languages, translate
from gptviz.language_model import LocalModel
from gptviz.ui.links import query_of
from tests.app.test_arriving import tab_remembers
from tests.app.visitor import Visitor, visitor_of
from tests.chats import END, LOOPS, chatty, write_model
from tests.ui.desk import HOSTILE
from tests.ui.test_start import READING

TEXT = "Why is 天 blue?"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that can be chatted with, one whose template loops, one without."""
    for name, template in (("chatty", None), ("loops", LOOPS)):
        write_model(tmp_path / "models" / name, **({} if template is None else {"template": template}))
    write_model(tmp_path / "models" / "silent", None)
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "models"))
    return tmp_path


@pytest.fixture
def chat_lm(tmp_path: Path) -> LocalModel:
    return chatty(tmp_path / "vocabulary")


def asked(lm: LocalModel, text: str = TEXT, system: str = "Be brief.") -> list[int]:
    told = [{"role": "system", "content": system}] if system else []
    return lm.chat([*told, {"role": "user", "content": text}])


@pytest.mark.slow
@pytest.mark.parametrize("page", READING)
def test_it_goes_with_the_visitor_and_comes_back(models: Path, chat_lm: LocalModel, page: str) -> None:
    visitor = visitor_of(page, lang="en", model="chatty").run().settle()
    assert visitor.header["chat"]["on"] is False
    visitor.say(text=TEXT)
    visitor.say(chat=True, system="Be brief.").settle()  # a choice, after which Compare writes at once
    wanted = asked(chat_lm)
    assert visitor.header["ids"] == wanted
    query = query_of(visitor.header["link"])
    assert (query["chat"], query["system"]) == ("1", "Be brief.")
    assert visitor_of(page, **query).run().settle().header["ids"] == wanted
    fresh = visitor_of(page, lang="en", model="chatty").run()
    assert tab_remembers(fresh, visitor.header["link"])["ids"] == wanted
    for other in READING:
        header = visitor.go(other).settle().header
        assert (header["chat"]["on"], header["view"]["system"], header["ids"]) == (True, "Be brief.", wanted), other
    assert visitor.say(chat=False).settle().header["ids"] == chat_lm.tokenizer.encode(TEXT)


@pytest.mark.parametrize("lang", languages())
def test_a_model_without_a_template_says_so(models: Path, chat_lm: LocalModel, lang: str) -> None:
    visitor = Visitor(lang=lang, model="silent", p=TEXT, chat="1", system="Be brief.").run()
    assert visitor.header["chat"] is None
    assert visitor.header["ids"] == chat_lm.tokenizer.encode(TEXT)
    assert translate("note.no_chat", lang) in [note["text"] for note in visitor.header["notes"]]
    visitor.switch_model("chatty")  # where it is wanted still
    assert visitor.header["ids"] == asked(chat_lm)
    assert visitor.switch_model("silent").header["text"] == TEXT


@pytest.mark.slow
@pytest.mark.parametrize("lang", languages())
def test_a_template_that_loops_costs_one_try(models: Path, chat_lm: LocalModel, lang: str) -> None:
    """A sentence under the prompt, on each page; the text is kept and goes on being typed."""
    visitor = Visitor(lang=lang, model="loops", p=TEXT, chat="1").run()
    for page in READING:
        visitor.go(page).settle()
        said = [note["text"] for note in visitor.header["notes"] if note["level"] == "error"]
        assert said == [translate("error.chat.slow", lang)], page
        assert visitor.header["text"] == TEXT
    for n in range(3):
        assert visitor.say(text=TEXT + "!" * n).header["text"] == TEXT + "!" * n
    header = visitor.say(text=TEXT, chat=False).settle().header
    assert header["ids"] == chat_lm.tokenizer.encode(TEXT)


@pytest.mark.slow
def test_playing_ends_with_the_turn(models: Path, chat_lm: LocalModel) -> None:
    visitor = Visitor(lang="en", model="chatty", p=TEXT, chat="1").run()
    header = visitor.do("choose", id=END).header
    assert (header["path"]["full"], header["path"]["ended"]) == (True, True)
    assert visitor.do("step").header["ids"] == [*asked(chat_lm, system=""), END]
    assert visitor.do("back").do("step").header["path"]["at"] == 1
    again = visitor_of("steps", **query_of(visitor.header["link"])).run().header
    assert again["ids"] == visitor.header["ids"]


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_typed_makes_a_picture(models: Path, text: str) -> None:
    visitor = Visitor(lang="en", model="chatty").run().say(text=text, chat=True, system=text)
    assert visitor.header["text"] == text
    assert bool(visitor.header["ids"]) == bool(text)
