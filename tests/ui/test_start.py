"""One text, one probability: on every page a text is read after the start mark, or on none."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gptviz.decoding.exchange import load_run, to_dict, to_json
from gptviz.decoding.records import record
from gptviz.decoding.strategies import Greedy
from gptviz.errors import DecodingError
from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.report import html
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tokens.vocabulary_files import BytePairs
from gptviz.ui import pages
from gptviz.ui.prompts import START, How, prompt_ids, start_mark, starts, window
from tests.ui import desk

TEXT = "The cat sat on the"
#: Pages on which the open model reads the text: a start mark and a chat's template can stand before it. What is typed
#: on Training is read by the model that is being trained.
READING = [
    name for name in pages.names()
    if {"start", "chat"} <= {control.name for control in pages.declared(name).state().controls()}
]  # fmt: skip
NO_PYTHON = ("room",)  # its panels are about a class, which no notebook has
each_page = pytest.mark.parametrize("page", READING)


def state(page: str, lm: LanguageModel, start: str, text: str = TEXT) -> Any:
    return desk.arrived(page, lm, p=text, start=start)


def expected_ids(lm: LanguageModel, start: str, text: str = TEXT) -> list[int]:
    mark = [lm.tokenizer.start] if start == "on" else []
    return [*mark, *lm.tokenizer.encode(text)]  # type: ignore[list-item]


@pytest.mark.slow
@each_page
@pytest.mark.parametrize("start", ["usual", "off", "on"])
def test_each_page_reads_what_the_control_says(lm: LanguageModel, page: str, start: str) -> None:
    lm = desk.affordable(page, lm)
    header, _ = desk.finished(page, state(page, lm, start), lm)
    mark = lm.tokenizer.start
    assert header["start"] == {"id": mark, "label": "<|endoftext|>", "on": start == "on", "usual": False}
    if page == "surprise":  # whose ids are those that have, or could have, a probability
        assert header["ids"] == expected_ids(lm, "off")
        assert header["sides"][0]["start"] == ("<|endoftext|>" if start == "on" else None)
    else:
        assert header["ids"] == expected_ids(lm, start)


@pytest.mark.parametrize("start", ["usual", "off", "on"])
def test_a_token_has_the_same_probability_on_next_token_and_surprise(lm: LanguageModel, start: str) -> None:
    """It was 8.3 bits here and 9.21 there."""
    first, _ = desk.shown("next_token", state("next_token", lm, start), lm)
    _, blobs = desk.finished("surprise", state("surprise", lm, start), lm)
    bits = [chip["surprisal"] for chip in first["chips"][start == "on" :]]
    nats = -np.asarray(lm.trace(expected_ids(lm, start)).logprobs[start == "on" :], dtype=np.float64)
    scored = slice(0 if start == "on" else 1, None)
    assert bits[scored] == pytest.approx((nats / math.log(2))[scored], abs=1e-3)
    assert blobs["a.scores"][scored, 1] == pytest.approx(bits[scored], abs=1e-3)
    assert (bits[0] is None) == bool(np.isnan(blobs["a.scores"][0, 1])) == (start != "on")


def test_the_mark_is_a_token_that_looks_special(lm: LanguageModel) -> None:
    """Written out by somebody the same characters are plain text."""
    header, _ = desk.shown("next_token", state("next_token", lm, "on", "<|endoftext|>"), lm)
    assert [chip["special"] for chip in header["chips"]] == [True] + [False] * (len(header["chips"]) - 1)
    assert len(header["chips"]) > 2
    assert header["attention"]["labels"][0] == header["chips"][0]["label"] == "<|endoftext|>"
    assert "<|endoftext|>" in header["chips_reading"]


def test_attention_to_the_mark_is_real(lm: LanguageModel) -> None:
    walk = state("next_token", lm, "on")
    header, blobs = desk.shown("next_token", walk, lm)
    pattern = lm.trace(expected_ids(lm, "on")).pattern_of(header["view"]["layer"], header["view"]["head"])
    assert blobs["attention"].shape == pattern.shape == (6, 6)
    assert blobs["attention"][-1] == pytest.approx(pattern[-1], abs=1e-6)
    assert blobs["attention"][-1, 0] > 0


def test_switching_keeps_the_path_and_looks_at_the_end_again(lm: LanguageModel) -> None:
    walker = desk.Walker(lm)
    walker.do("step").do("step")
    walker.say(pos=1)
    tokens = walker.path
    header = walker.say(start="on")
    assert walker.path == tokens
    assert header["ids"] == [lm.tokenizer.start, *lm.tokenizer.encode(TEXT), *tokens]
    assert header["view"]["pos"] == len(header["ids"]) - 1
    wanted = np.exp(lm.trace(header["ids"]).logprobs[-2:])
    assert [stop["p"] for stop in header["path"]["line"]] == pytest.approx(wanted, abs=1e-5)


@pytest.mark.slow
@each_page
@pytest.mark.parametrize("start", ["off", "on"])
def test_the_python_of_a_page_reads_the_same_ids(lm: LanguageModel, page: str, start: str) -> None:
    lm = desk.affordable(page, lm)
    header, _ = desk.finished(page, state(page, lm, start), lm)

    def recipes(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [found for name, inner in value.items() for found in
                    ([inner] if name.endswith("python") and inner else recipes(inner))]  # fmt: skip
        return [found for inner in value for found in recipes(inner)] if isinstance(value, list) else []

    found = recipes({name: part for name, part in header.items() if name != "strings"})
    assert bool(found) == (page not in NO_PYTHON)
    said = f"lm.tokenizer.encode({TEXT!r}, start=True)"
    ids = str(expected_ids(lm, "on"))
    reading = [python for python in found if page != "tokens" and (repr(TEXT) in python or ids in python)]
    for python in reading:
        if page == "surprise":
            assert f"start={start == 'on'}" in python
        elif start == "on":
            assert said in python or ids in python, python
        else:
            assert "start=" not in python


@each_page
def test_a_link_says_it_only_where_it_was_switched(lm: LanguageModel, page: str) -> None:
    assert "start" not in desk.link(state(page, lm, "usual"), lm)
    for start in ("on", "off"):
        assert desk.link(state(page, lm, start), lm)["start"] == start
    bad = desk.arrived(page, lm, p=TEXT, start="<b>")
    assert bad.view.start == "usual"
    assert ("note.link_bad", {"names": "start"}) in bad.notes


@each_page
def test_a_model_without_a_mark_has_no_switch(tiny_lm: LanguageModel, page: str) -> None:
    header, _ = desk.finished(page, state(page, tiny_lm, "on", "abc"), tiny_lm)
    assert header["start"] is None
    assert header["ids"] == tiny_lm.tokenizer.encode("abc")


def test_nothing_is_read_where_nothing_is_written(lm: LanguageModel) -> None:
    assert prompt_ids(lm, "", How("on")) == ((), 0)


def test_where_the_beginning_is_left_out_so_is_the_mark(lm: LanguageModel) -> None:
    ids, left_out = prompt_ids(lm, "The cat sat. " * 200, How("on"))
    assert left_out > 0
    assert len(ids) <= window(lm)
    assert lm.tokenizer.start not in ids


def test_compare_writes_after_the_mark(lm: LanguageModel) -> None:
    it = desk.Desk(lm, Greedy(), text=TEXT).tell(start="on").finish()
    assert it.header["ids"] == expected_ids(lm, "on")
    wanted = [step.token for step in lm.generate(expected_ids(lm, "on"), Greedy(), max_new_tokens=6)]
    assert list(it.tokens()[0]) == wanted
    assert not it.header["stale"]
    it.tell(start="usual")
    assert it.header["stale"]
    it.finish()
    assert it.header["ids"] == expected_ids(lm, "off")
    it.tell(start="off").pull()
    assert not it.header["stale"]  # what is read is the same: nothing is written again
    assert it.header["complete"]


@pytest.mark.parametrize("start", [None, True])
def test_exports_keep_the_mark_apart_from_the_text(lm: LanguageModel, start: bool | None) -> None:
    run = record(lm, lm.tokenizer.encode(TEXT, start=start), {"greedy": Greedy()}, max_new_tokens=3)
    assert (run.start, run.prompt, run.mark) == (bool(start), TEXT, b"<|endoftext|>" if start else b"")
    assert load_run(to_json(run), lm) == run
    for lang in languages():
        page = html(run, lang=lang)
        assert ('<span class="special"' in page) == bool(start)
        assert (translate("report.start", lang) in page) == bool(start)
        assert load_run(page, lm) == run
    it = desk.Desk(lm, text="x")
    it.state.load(run, lm)
    assert (it.state.text, it.state.view.start) == (TEXT, "on" if start else "usual")
    assert not it.state.stale(lm)


@pytest.mark.parametrize("said", [1, "yes", None, [], True])
def test_a_file_that_lies_about_the_mark_is_refused(lm: LanguageModel, said: Any) -> None:
    run = record(lm, TEXT, {"greedy": Greedy()}, max_new_tokens=2)
    with pytest.raises(DecodingError) as caught:
        load_run(to_dict(run) | {"start": said}, lm)
    assert caught.value.key == "decoding.record.differs" or "start" in str(caught.value)


def byte_tokenizer(*template: int) -> Tokenizer:
    special = {256: b"<s>", 257: b"</s>"}
    ranks = {bytes([i]): i for i in range(256)}
    return Tokenizer(BytePairs(ranks, r"[\s\S]", special=special, end_of_text=257, begin=256, template=template))


def test_a_template_is_the_usual_and_the_control_overrules_it() -> None:
    plain, marked = byte_tokenizer(), byte_tokenizer(256)
    assert (plain.starts, marked.starts) == (False, True)
    assert (plain.encode("a"), marked.encode("a")) == ([97], [256, 97])
    for tokenizer in (plain, marked):
        assert tokenizer.encode("a", start=True) == [256, 97]
        assert tokenizer.encode("a", start=False) == [97]
    assert marked.encode("a", add_special_tokens=False) == [97]
    letters = Tokenizer.characters("ab")
    assert letters.encode("ab", start=True) == [0, 1]
    assert not letters.starts


def test_the_control_says_what_it_may(lm: LanguageModel, tmp_path: Path) -> None:
    assert {start: starts(lm, start) for start in START} == {"usual": False, "on": True, "off": False}
    assert start_mark(lm, How("on")) == {"id": lm.tokenizer.start, "label": "<|endoftext|>", "on": True, "usual": False}
