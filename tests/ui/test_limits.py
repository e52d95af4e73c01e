"""What one visitor may cost: each bound is kept, and said."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.decoding import Sample
from gptviz.decoding.exchange import load_run, to_json
from gptviz.decoding.path import MOST_TOKENS, PathTree
from gptviz.decoding.records import record
from gptviz.gpt.config import GPTConfig
from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.paths import ROOT
from gptviz.ui import limits, pages
from gptviz.ui.guests import Guests
from gptviz.ui.limits import KEPT_CHARS, MAX_ACTIONS, MAX_CHARS, MAX_DRAWN, MAX_FILE, MAX_QUEUE, VISITORS, fitting
from gptviz.ui.links import MAX_QUERY
from gptviz.ui.page import picture
from gptviz.ui.pages.compare.state import View
from gptviz.ui.prompts import window
from gptviz.ui.walk.state import Walk
from gptviz.ui.web.message import unpack
from tests.conftest import random_model
from tests.ui.desk import Desk, Walker, arrived, context, link, say, shown

pytestmark = pytest.mark.slow


def notes(page: str, state: Any, lm: LanguageModel, lang: str = "en") -> list[str]:
    return [note["text"] for note in shown(page, state, lm, lang)[0]["notes"]]


# ---- actions


def queue(count: int) -> list[dict[str, Any]]:
    return [{"q": q, "kind": "step"} for q in range(1, count + 1)]


def test_so_many_actions_are_carried_out_in_one_run_and_the_next_when_they_come_again() -> None:
    walk, sent = Walk(), queue(MAX_ACTIONS + 10)
    first = walk.receive({"n": 1, "text": "", "queue": sent})
    assert [action["q"] for action in first] == list(range(1, MAX_ACTIONS + 1))
    for action in first:
        walk.done(action)
    rest = walk.receive({"n": 2, "text": "", "queue": sent})
    assert [action["q"] for action in rest] == list(range(MAX_ACTIONS + 1, MAX_ACTIONS + 11))
    assert walk.asked == 0


@pytest.mark.parametrize("lang", languages())
def test_a_message_of_more_actions_than_a_browser_keeps_is_read_no_further_and_says_so(
    lang: str, tiny_lm: LanguageModel
) -> None:
    walk = Walk(text="abc")
    sent = [None] * MAX_QUEUE + queue(1000)
    assert walk.receive({"n": 1, "text": "abc", "queue": sent}) == []
    said = translate("note.asked", lang, count=len(sent), most=MAX_QUEUE)
    assert said in notes("next_token", walk, tiny_lm, lang)
    walk.receive({"n": 2, "text": "abc", "queue": []})
    assert notes("next_token", walk, tiny_lm, lang) == []


def test_what_is_kept_of_a_view_is_what_controls_may_be() -> None:
    """Of a megabyte in a control's place nothing stays in the session."""
    walk = Walk()
    walk.receive({"n": 1, "view": {"seed": 3, "layer": [0] * 1000, "nobody": "x" * 1000, "head": {"a": 1}}})
    assert walk.view == replace(Walk().view, seed=3)
    assert walk.taken == {"seed": 1, "layer": 1, "head": 1}


# ---- trees


def test_a_full_tree_can_be_walked_and_takes_nothing_more() -> None:
    tree = PathTree()
    for token in range(MOST_TOKENS):
        tree.jump(0)
        tree.add(token, "chosen")
    assert tree.full
    tree.jump(0)
    assert tree.add(MOST_TOKENS, "chosen") == 0
    assert (len(tree), tree.at) == (MOST_TOKENS, 0)
    assert tree.add(5, "chosen") == tree.at == 6  # that is there already


@pytest.mark.parametrize("lang", languages())
def test_a_full_tree_says_so_and_stops_who_plays(lang: str, tiny_lm: LanguageModel) -> None:
    desk = Walker(tiny_lm, text="ab")
    desk.do("step").do("step")
    for token in range(MOST_TOKENS - len(desk.tree)):
        desk.tree.jump(0)
        desk.tree.nodes.append(type(desk.tree.nodes[1])(0, 10_000 + token, "chosen"))
    desk.tree.jump(2)
    before = desk.path
    header, _ = shown("next_token", desk.do("step").walk, tiny_lm, lang)
    assert desk.path == before
    assert header["path"]["full"]
    assert translate("note.tree_full", lang, most=f"{MOST_TOKENS:,}") in [note["text"] for note in header["notes"]]


def test_where_others_wait_the_branches_are_read_one_at_a_time(tiny_lm: LanguageModel) -> None:
    desk = Walker(tiny_lm, text="ab", page="steps")
    for token in range(5, 11):
        desk.tree.jump(0)
        desk.tree.add(token, "chosen")
    others_wait = context(tiny_lm)._replace(pressed=lambda: True)
    read = []
    for _ in range(6):
        running = unpack(picture(pages.declared("steps"), desk.walk, others_wait))[0]["running"]
        read.append((len(desk.walk.pair.logprobs), running))
    assert read == [(1, True), (2, True), (3, True), (4, True), (5, True), (6, False)]


# ---- draws


@pytest.mark.parametrize("lang", languages())
def test_draws_of_too_many_tokens_are_refused_with_a_number_that_fits(lang: str, lm: LanguageModel) -> None:
    desk = Desk(lm, Sample(), text="The cat", view=View(n=200))
    desk.lang = lang
    desk.pull().do("draws", column=1, n=200)
    (said,) = [note["text"] for note in desk.header["notes"] if note["level"] == "error"]
    assert f"{MAX_DRAWN:,}" in said
    assert str(MAX_DRAWN // 200) in said
    assert desk.header["draws"] is None
    assert desk.do("draws", column=1, n=MAX_DRAWN // 200).header["draws"]["wanted"] == 50


# ---- texts


@given(st.text(max_size=300))
def test_the_end_of_a_text_is_what_is_read(text: str) -> None:
    read = fitting(text, 100)
    assert text.endswith(read)
    assert len(read) == min(100, len(text))


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("page", ["next_token", "steps", "playground", "surprise", "compare", "beam"])
def test_what_stays_in_the_box_is_counted_on_every_page(page: str, lang: str, tiny_lm: LanguageModel) -> None:
    state = arrived(page, tiny_lm, p="abc")
    state.receive({"n": 1, "text": "abc", "beyond": {"text": 5, "nobody": 7, "seed": True}})
    assert state.beyond == {"text": 5}
    values = {"total": "8", "limit": f"{MAX_CHARS:,}", "read": "3", "beyond": "5"}
    assert translate("note.beyond", lang, **values) in notes(page, state, tiny_lm, lang)
    state.receive({"n": 2, "text": "abc"})
    assert state.beyond == {}
    state.receive({"n": 3, "text": "abc", "beyond": {"text": KEPT_CHARS}})
    values |= {"total": f"{KEPT_CHARS + 3:,}", "beyond": f"{KEPT_CHARS:,}"}
    assert translate("note.beyond_reload", lang, **values) in notes(page, state, tiny_lm, lang)


def test_of_text_b_it_is_said_as_well(tiny_lm: LanguageModel) -> None:
    state = arrived("surprise", tiny_lm, p="abc", b="abd")
    state.receive({"n": 1, "text": "abc", "view": {"other": "abd"}, "beyond": {"other": 9}})
    values = {"total": "12", "limit": f"{MAX_CHARS:,}", "read": "3", "beyond": "9"}
    said = translate("surprise.of_b", "en", note=translate("note.beyond", "en", **values))
    assert said in notes("surprise", state, tiny_lm)


@pytest.mark.parametrize("name", ["p", "b"])
def test_a_link_longer_than_that_says_what_is_left_out(name: str, tiny_lm: LanguageModel) -> None:
    text = "a" * 7 + "𠮷字" * (MAX_CHARS // 2)  # characters, not bytes and not UTF-16 units
    state = arrived("surprise", tiny_lm, **({"p": "abc"} | {name: text}))
    assert (state.text if name == "p" else state.view.other) == text[7:]
    assert translate("note.cut", "en", limit=f"{MAX_CHARS:,}", count=7) in notes("surprise", state, tiny_lm)


def test_a_file_whose_prompt_is_longer_than_that_says_so(tiny_lm: LanguageModel) -> None:
    desk = Desk(tiny_lm).finish()
    run = record(tiny_lm, "abc", {"a": Sample()}, max_new_tokens=3)
    long = run.__class__(run.model, run.ids, (b"x" * 5, b"y" * MAX_CHARS), run.seed, 3, run.columns)
    desk.state.load(long, tiny_lm)
    assert desk.state.text == "y" * MAX_CHARS
    assert translate("note.cut", "en", limit=f"{MAX_CHARS:,}", count=5) in [n["text"] for n in desk.header["notes"]]
    assert not desk.header["stale"]


def test_a_reload_brings_back_all_that_was_read(tiny_lm: LanguageModel) -> None:
    """The longest texts that are read, A and B, of characters that take the most in a link."""
    text = "𠮷" * MAX_CHARS
    state = arrived("surprise", tiny_lm, p=text, b=text)
    query = link(state, tiny_lm)
    assert len(urlencode(query)) < MAX_QUERY
    again = arrived("surprise", tiny_lm, **query)
    assert (again.text, again.view.other, again.notes) == (text, text, [])


# ---- files


def pieces(text: str, size: int) -> list[dict[str, Any]]:
    starts = range(0, len(text), size)
    return [{"kind": "open", "text": text[at : at + size], "at": at, "last": at + size >= len(text)} for at in starts]


def test_a_file_comes_in_pieces(tiny_lm: LanguageModel) -> None:
    run = record(tiny_lm, "abc", {"a": Sample(), "b": Sample(top_k=2)}, max_new_tokens=5)
    desk = Desk(tiny_lm, text="zzz").finish()
    for piece in pieces(to_json(run), 500):
        say("compare", desk.state, tiny_lm, piece)
    desk.finish()
    assert desk.state.text == "abc"
    assert desk.state.upload == []
    assert [slot.column for slot in desk.state.slots] == list(run.columns.values())


@pytest.mark.parametrize("lang", languages())
def test_a_file_of_which_a_piece_is_missing_is_not_read(lang: str, tiny_lm: LanguageModel) -> None:
    desk = Desk(tiny_lm, text="zzz").finish()
    desk.lang = lang
    first, _, *rest = pieces("x" * 1000, 100)
    for piece in (first, *rest):
        say("compare", desk.state, tiny_lm, piece)
    assert translate("error.record.torn", lang) in [note["text"] for note in desk.finish().header["notes"]]
    assert (desk.state.upload, desk.state.text) == ([], "zzz")


def test_a_file_that_grows_too_large_is_let_go_of(tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gptviz.ui.pages.compare.files.MAX_FILE", 2_000_000)
    desk = Desk(tiny_lm, text="zzz").finish()
    for piece in pieces("x" * 2_500_000, limits.MAX_PIECE):
        say("compare", desk.state, tiny_lm, piece)
        assert sum(map(len, desk.state.upload)) <= 2_000_000
    assert desk.state.upload == []
    assert desk.state.error is not None


def test_a_file_is_read_and_made_a_little_at_a_time(tiny_lm: LanguageModel) -> None:
    """A run of the page that has no time does one step of it, whatever is under way."""
    desk = Desk(tiny_lm, Sample(), Sample(top_k=2)).finish()
    desk.do("export", format="html")
    runs = 0
    while desk.state.saving is not None:
        desk.pull()
        runs += 1
    assert runs > 2 * 6  # tokens, of which each is a row of a table and a part of the data
    text = desk.header["download"]["text"]
    desk.do("saved", number=desk.header["download"]["number"]).do("open", text=text)
    runs = 0
    while desk.state.opening is not None:
        desk.pull()
        runs += 1
    assert runs >= 2 * 6


@pytest.mark.parametrize("junk", ["[],", "{},", "0,", "1.5,", '{"a":1},'])
def test_a_file_of_more_lists_and_numbers_than_any_run_is_not_even_parsed(junk: str, tiny_lm: LanguageModel) -> None:
    text = "[" + junk * 50_000 + "0]"
    with pytest.raises(ValueError, match="more lists and numbers than any run"):
        load_run(text, tiny_lm)
    assert json.loads(text)  # though it is JSON


# ---- messages and visitors


def test_no_message_of_a_browser_is_longer_than_the_socket_takes() -> None:
    """Twice the longest text, a full queue and a piece of a file, every character written as an escape."""
    escaped = '"' + "\\u0000" * limits.MAX_PIECE + '"'
    texts = 2 * 6 * 2 * MAX_CHARS
    others = MAX_QUEUE * 200
    assert len(escaped) + texts + others < limits.MAX_MESSAGE_MB * 10**6
    config = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert f"\nmaxWidgetStateSize = {limits.MAX_MESSAGE_MB} " in config
    assert MAX_FILE > 4 * limits.MAX_PIECE


@pytest.mark.parametrize(("said", "most"), [("", 200), ("30", 30), ("0", 200), ("-3", 200), ("many", 200), ("٣", 200),
                                            ("9" * 99, 200), (" 7 ", 7)])  # fmt: skip
def test_how_many_visitors_may_come(said: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VISITORS, said)
    assert limits.most_visitors() == most


def test_how_much_of_a_long_text_is_read(tiny_config: GPTConfig, lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
                                         ) -> None:  # fmt: skip
    """A model of more context reads 256 tokens, or what the operator says, and the picture is of as many."""
    tokenizer = lm.tokenizer
    config = replace(tiny_config, block_size=600, vocab_size=tokenizer.vocab_size)
    long = LocalModel(random_model(config), tokenizer, name="long")
    text = "word" + " word" * 499
    for said, read in (("", 256), ("400", 400), ("7000", 500), ("none", 256)):
        monkeypatch.setenv(limits.TOKENS, said)
        header, arrays = shown("next_token", arrived("next_token", long, p=text), long)
        assert len(header["ids"]) <= read
        assert len(header["ids"]) > 7 * read // 8 - 1
        assert arrays["attention"].shape == (len(header["ids"]),) * 2
        assert any("left out" in note["text"] for note in header["notes"]) == (read < 500)
    monkeypatch.setenv(limits.TOKENS, "9999")
    assert limits.most_tokens() == 4096
    assert window(lm) == lm.config.block_size


def test_so_many_are_let_in_and_whoever_leaves_makes_room() -> None:
    there = {"a", "b", "c"}
    guests = Guests(lambda who: who in there)
    assert [guests.let_in(who, 2) for who in ("a", "b", "c", "a", "c")] == [True, True, False, True, False]
    there.remove("a")
    assert guests.let_in("c", 2)
    there.add("a")
    assert not guests.let_in("a", 2)
    assert guests.let_in("a", 2, again=True)  # back from a lost connection
