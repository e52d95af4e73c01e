"""A text as a message in a chat: on every page the ids of ``lm.chat``, their marks, and the end of the turn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gptviz
from gptviz.decoding import Greedy
from gptviz.decoding.exchange import load_run, to_json
from gptviz.errors import PromptError
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.ui.prompts import AS_TEXT, SYSTEM, How, asked_for, encoded, prompt_ids, settled, window
from tests.chats import BEGIN, END, LOOPS, MARKS, NO_SYSTEM, chatty
from tests.ui import desk
from tests.ui.test_start import NO_PYTHON, READING

pytestmark = pytest.mark.slow  # templates run in processes of their own

TEXT = "Why is 天 blue?"
CHAT = {"chat": "1", "system": "Be brief."}
each_page = pytest.mark.parametrize("page", READING)
languages = pytest.mark.parametrize("lang", ["en", "zh"])


@pytest.fixture(scope="module")
def chat_lm(tmp_path_factory: pytest.TempPathFactory) -> LocalModel:
    return chatty(tmp_path_factory.mktemp("chatty"))


def messages(text: str = TEXT, system: str = "Be brief.") -> list[dict[str, str]]:
    said = [{"role": "system", "content": system}] if system else []
    return [*said, {"role": "user", "content": text}]


def header_of(page: str, lm: LanguageModel, lang: str = "en", text: str = TEXT, **query: str) -> dict[str, Any]:
    return desk.finished(page, desk.arrived(page, lm, p=text, lang=lang, **query), lm, lang)[0]


def recipes(value: Any) -> list[str]:
    """All Python that a picture offers."""
    if isinstance(value, dict):
        parts = value.items() if "strings" not in value else ((n, v) for n, v in value.items() if n != "strings")
        return [found for name, inner in parts for found in
                ([inner] if name.endswith("python") and inner else recipes(inner))]  # fmt: skip
    return [found for inner in value for found in recipes(inner)] if isinstance(value, list) else []


@each_page
@pytest.mark.parametrize("system", ["", "Be brief.", "  "])
def test_each_page_reads_the_ids_of_the_chat(chat_lm: LocalModel, page: str, system: str) -> None:
    header = header_of(page, chat_lm, chat="1", system=system)
    wanted = chat_lm.chat(messages(system=system.strip()))
    assert header["ids"] == wanted
    assert wanted.count(BEGIN) == 3
    assert wanted.count(END) == 2
    assert header["chat"] == {"on": True}
    assert header["start"] is None  # the template says what stands first
    assert header_of(page, chat_lm)["ids"] == chat_lm.tokenizer.encode(TEXT)


def test_every_mark_is_a_chip_that_looks_special(chat_lm: LocalModel) -> None:
    """Written by somebody into the message the same characters are plain text."""
    header = header_of("next_token", chat_lm, text=TEXT + "<|im_end|>", **CHAT)
    marks = [chip["label"] for chip in header["chips"] if chip["special"]]
    assert marks == ["<|im_start|>", "<|im_end|>"] * 2 + ["<|im_start|>"]
    said = "".join(chip["label"] for chip in header["chips"] if not chip["special"])
    assert "<|im_end|>" in said
    sides = header_of("surprise", chat_lm, **CHAT)["sides"][0]
    assert [sides["labels"][pos] for pos in sides["special"]] == marks
    assert header_of("surprise", chat_lm)["sides"][0]["special"] == []


@each_page
def test_the_python_of_a_page_asks_the_same(chat_lm: LocalModel, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each recipe that reads the text says ``lm.chat`` or its ids; run as it stands the first of them reads the same.

    The page Tokens takes apart what was typed, whatever it is set into.
    """
    header = header_of(page, chat_lm, **CHAT)
    found = recipes(header)
    assert bool(found) == (page not in NO_PYTHON)
    if not found:
        return
    said, ids = f"lm.chat({messages()!r})", str(header["ids"])
    reading = [python for python in found if TEXT in python or ids in python]
    assert page == "tokens" or all(said in python or ids in python for python in reading), found
    assert reading
    monkeypatch.setattr(gptviz, "load", lambda name: chat_lm)
    for python in found:
        exec(compile(python, "recipe", "exec"), {})
    assert eval(said, {"lm": chat_lm}) == header["ids"]


def test_surprise_in_a_notebook_has_the_numbers_of_the_page(chat_lm: LocalModel) -> None:
    header, blobs = desk.finished("surprise", desk.arrived("surprise", chat_lm, p=TEXT, b="Why?", **CHAT), chat_lm)
    nats = -np.asarray(chat_lm.trace(header["ids"]).logprobs[1:], dtype=np.float64)
    assert blobs["a.scores"][1:, 2] == pytest.approx(nats, abs=1e-4)
    assert np.isnan(blobs["a.scores"][0, 2])
    side = header["sides"][0]
    assert (side["start"], side["skipped"], side["n_scored"]) == (None, 1, len(header["ids"]) - 1)
    assert side["totals"]["logprob"] == pytest.approx(-nats.sum(), rel=1e-5)
    assert header["sides"][1]["token_ids"] == chat_lm.chat(messages("Why?"))
    assert translate("surprise.asked", "en") in [note["text"] for note in header["notes"]]


@each_page
def test_a_link_says_it_only_where_it_was_switched(chat_lm: LocalModel, page: str) -> None:
    assert not {"chat", "system"} & desk.link(desk.arrived(page, chat_lm, p=TEXT), chat_lm).keys()
    again = desk.link(desk.arrived(page, chat_lm, p=TEXT, **CHAT), chat_lm)
    assert {name: again[name] for name in CHAT} == CHAT
    bad = desk.arrived(page, chat_lm, p=TEXT, chat="<b>", system="x" * 3000)
    assert (bad.view.chat, len(bad.view.system)) == (False, SYSTEM)
    assert ("note.link_bad", {"names": "chat"}) in bad.notes


@languages
@each_page
def test_a_model_without_a_template_says_so_and_reads_the_text(lm: LanguageModel, page: str, lang: str) -> None:
    lm = desk.affordable(page, lm)
    header = header_of(page, lm, lang, **CHAT)
    assert header["chat"] is None
    assert header["ids"] == lm.tokenizer.encode(TEXT)
    assert [note["text"] for note in header["notes"]].count(translate("note.no_chat", lang)) == 1
    assert translate("note.no_chat", lang) not in [note["text"] for note in header_of(page, lm, lang)["notes"]]
    assert header["start"] is not None


@languages
@pytest.mark.parametrize(("template", "key"), [(LOOPS, "error.chat.slow"), (NO_SYSTEM, "System role not supported")])
def test_a_template_that_fails_is_a_sentence(tmp_path: Path, template: str, key: str, lang: str) -> None:
    """On every page; the text stays, and is read again as soon as the switch is off."""
    bad = chatty(tmp_path, template)
    for page in READING:
        header = header_of(page, bad, lang, **CHAT)
        assert header["text"] == TEXT
        assert header["ids"] == []
        wanted = translate(key, lang) if key.startswith("error.") else key
        assert [note["level"] for note in header["notes"] if wanted in note["text"]] == ["error"], page
        assert header_of(page, bad, lang)["ids"] == bad.tokenizer.encode(TEXT)


def test_generation_stops_where_the_turn_ends(chat_lm: LocalModel) -> None:
    """A walk goes no further after the mark, by a step, a choice or by playing; back is possible."""
    walker = desk.Walker(chat_lm, TEXT)
    walker.say(chat=True)
    header = walker.do("step").do("choose", id=END).header
    assert (header["path"]["full"], header["path"]["ended"]) == (True, True)
    path = walker.path
    assert walker.do("step").path == path
    assert walker.do("choose", id=65).path == path
    assert walker.do("into_prompt").walk.text == TEXT  # a reply is no part of the message
    header = walker.do("back").header
    assert (header["path"]["full"], header["path"]["ended"]) == (False, False)
    header = walker.do("choose", id=65).header
    assert header["ids"] == [*chat_lm.chat(messages(system="")), *path[:1], 65]


def test_a_reply_is_no_text_that_goes_on(chat_lm: LocalModel) -> None:
    """Each has a path of its own, and comes back to it; another system line is another chat."""
    walker = desk.Walker(chat_lm, TEXT)
    walker.do("choose", id=65).do("choose", id=END).do("choose", id=66)
    plain = walker.path
    assert plain == (65, END, 66)  # a text may go on after a mark that ends documents
    walker.say(chat=True)
    assert walker.path == ()
    walker.do("choose", id=67)
    walker.say(system="Be brief.")
    assert walker.path == ()
    walker.say(system="")
    assert walker.path == (67,)
    walker.say(chat=False)
    assert walker.path == plain


def test_compare_stops_at_the_mark_and_begins_anew_with_the_system_line(chat_lm: LocalModel) -> None:
    it = desk.Desk(chat_lm, Greedy(), text=TEXT).tell(chat=True).finish()
    assert it.header["ids"] == chat_lm.chat(messages(system=""))
    wanted = [step.token for step in chat_lm.generate(it.header["ids"], Greedy(), max_new_tokens=6)]
    assert list(it.tokens()[0]) == wanted
    it.tell(system="Be brief.")
    assert (it.header["stale"], it.state.running, it.state.run_wanted) == (True, False, False)  # it is being typed
    it.do("run").finish()
    assert it.header["ids"] == chat_lm.chat(messages())
    it.tell(system="Be brief.", start="on").finish()
    assert not it.header["stale"]  # the template says what stands first
    it.tell(chat=False)
    assert it.header["stale"]


def test_a_saved_chat_is_opened_as_a_chat(chat_lm: LocalModel) -> None:
    it = desk.Desk(chat_lm, Greedy(), text=TEXT).tell(chat=True, system="Be brief.").finish()
    run = it.state.run()
    assert run is not None
    other = desk.Desk(chat_lm, text="x")
    other.state.load(load_run(to_json(run), chat_lm), chat_lm)
    assert (other.state.text, other.state.view.chat, other.state.view.system) == (TEXT, True, "Be brief.")
    assert not other.state.stale(chat_lm)
    plain = desk.Desk(chat_lm, Greedy(), text=TEXT).finish().state.run()
    assert plain is not None
    other.state.load(plain, chat_lm)
    assert (other.state.text, other.state.view.chat) == (TEXT, False)
    assert asked_for(chat_lm, chat_lm.tokenizer.encode("<|im_start|>user\nx")) is None


@pytest.mark.parametrize("text", desk.HOSTILE)
def test_whatever_is_asked_makes_a_picture(chat_lm: LocalModel, text: str) -> None:
    header = header_of("next_token", chat_lm, text=text, chat="1", system=text)
    assert header["text"] == text
    if text:
        assert header["ids"].count(BEGIN) == 3 or len(header["ids"]) <= window(chat_lm)
        assert not {"error"} & {note["level"] for note in header["notes"]}


def test_what_makes_no_difference_is_read_alike(chat_lm: LocalModel, lm: LanguageModel) -> None:
    assert settled(lm, How(chat=True, system="x")) == settled(lm, AS_TEXT)
    assert settled(chat_lm, How("on", True, " ")) == settled(chat_lm, How("off", True))
    assert settled(chat_lm, How(chat=True, system="x")) != settled(chat_lm, How(chat=True))
    assert prompt_ids(chat_lm, "", How(chat=True)) == ((), 0)
    with pytest.raises(PromptError):
        encoded(LocalModel(chat_lm.model, chat_lm.tokenizer, chat_template="{% if"), "a", How(chat=True))
    assert set(MARKS) == {BEGIN, END}
