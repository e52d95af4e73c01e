"""Lessons: what a file may say, what is said of one that is wrong, what is measured, and when a step is passed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.errors import LessonError
from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from gptviz.lessons import shelf
from gptviz.lessons.checks import broken, right_option, said, verdict
from gptviz.lessons.lesson import Ask, Check, Claim, Step
from gptviz.lessons.moment import Moment
from gptviz.lessons.prose import blocks, spans
from gptviz.lessons.quantities import QUANTITIES, measure
from gptviz.lessons.reading import LARGEST, name_of, read, read_file
from gptviz.numbers import softmax

LESSON = """---
title: One
aim: To see.
minutes: 3
---
# One

## First

Say **this**.

```step
page = "next_token"
[state]
p = "abc"
t = 1
[check]
kind = "guess"
do = "How sure?"
quantity = "p_first"
options = ["little", "much"]
edges = [0.5]
```

## Teacher

```teacher
plan = [{ minutes = 3, what = "All of it." }]
ask = []
wrong = []
standards = []
```
"""


def moment(lm: LanguageModel, text: str = "The cat sat on the", page: str = "next_token", **fields: object) -> Moment:
    ids = tuple(lm.tokenizer.encode(text))
    return Moment(lm, page, {"p": text, **fields}, ids, len(ids), lm.trace)


def step(check: Check, page: str = "next_token", *holds: Claim) -> Step:
    return Step("Step", (), page, {}, check, holds)


# ---- reading


def test_a_file_is_read_as_it_is_laid_out() -> None:
    lesson = read(LESSON, "one")
    assert (lesson.title, lesson.aim, lesson.minutes, len(lesson.steps)) == ("One", "To see.", 3, 1)
    (first,) = lesson.steps
    assert (first.heading, first.page, first.state) == ("First", "next_token", {"p": "abc", "t": "1"})
    assert first.text[0].spans == (("", "Say "), ("strong", "this"), ("", "."))
    assert first.check.options == ("little", "much")
    assert first.check.ask == Ask("p_first", {})
    assert lesson.teacher is not None
    assert lesson.teacher.plan[0].what == "All of it."


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "07-one.md"
    path.write_bytes(b"\xef\xbb\xbf" + LESSON.replace("\n", "\r\n").encode())
    assert read_file(path).steps == read(LESSON, "one").steps
    assert name_of(path) == "one"


#: What is wrong with a file, by what is put in the place of what: the line, and a word of the reason.
WRONG = [
    ("---\ntitle: One", "title: One", 1, "begin with a line ---"),
    ("aim: To see.\n", "", 4, "aim"),
    ("minutes: 3", "minutes: many", 4, "minutes"),
    ("minutes: 3", "length: 3", 4, "length"),
    ('kind = "guess"', 'kind = "magic"', 18, "magic"),
    ('quantity = "p_first"', 'quantity = "__import__"', 20, "__import__"),
    ('quantity = "p_first"', 'quantity = "p_first"\nabout = { x = 1 }', 20, "x"),
    ('quantity = "p_first"', 'quantity = "p_token"', 20, "token"),
    ("edges = [0.5]", "edges = [0.5, 0.7]", 22, "edges"),
    ("edges = [0.5]", "edges = [0.5", 22, "TOML"),
    ('do = "How sure?"', "do = 3", 19, "do"),
    ('options = ["little", "much"]', 'options = ["little"]', 21, "two options"),
    ('page = "next_token"', 'page = "next_token"\ncolour = 1', 14, "colour"),
    ("```step", "```python", 8, "python"),
    ("edges = [0.5]\n```", "edges = [0.5]\n", 27, "TOML"),
    ("minutes = 3, what", "minutes = 4, what", 28, "4"),
]


@pytest.mark.parametrize(("old", "new", "line", "word"), WRONG)
def test_what_is_wrong_is_said_with_its_line(old: str, new: str, line: int, word: str) -> None:
    assert LESSON.count(old) == 1
    with pytest.raises(LessonError) as caught:
        read(LESSON.replace(old, new), "one")
    found = str(caught.value)
    assert word in found
    assert found.startswith(f"Line {line}:")
    for lang in languages():
        assert "{" not in caught.value.say(lang)


def test_a_file_that_is_too_long_is_refused() -> None:
    with pytest.raises(LessonError, match="65,536"):
        read(LESSON + "x" * LARGEST, "one")


@given(st.text(max_size=300), st.integers(0, len(LESSON)))
def test_whatever_stands_in_a_file_is_read_or_said(junk: str, at: int) -> None:
    try:
        steps = len(read(LESSON[:at] + junk + LESSON[at:], "one").steps)
    except LessonError as error:
        steps = len(error.say("zh"))
    assert steps


@given(st.text(max_size=200))
def test_prose_loses_no_character_but_its_marks(text: str) -> None:
    found = "".join(part for block in blocks(text) for _, part in block.spans)
    assert len(found) <= len(text) + text.count("\n")
    assert set(found) <= set(text) | {" "}
    assert {style for style, _ in spans(text)} <= {"", "strong", "em", "code"}


def test_markup_stays_text() -> None:
    (block,) = blocks("<b>x</b> `<script>` **a**")
    assert block.spans == (("", "<b>x</b> "), ("code", "<script>"), ("", " "), ("strong", "a"))


def test_lists_and_lines_that_go_on() -> None:
    assert [(block.kind, block.spans[0][1]) for block in blocks("a\nb\n\n- c\n  d\n- e\n\n中\n文")] == [
        ("p", "a b"), ("li", "c d"), ("li", "e"), ("p", "中文"),
    ]  # fmt: skip


# ---- measuring


def test_quantities_of_the_next_token_by_numpy(tiny_lm: LanguageModel) -> None:
    now = moment(tiny_lm, "abc")
    probs = softmax(tiny_lm.trace(now.ids).logits_at(-1).astype(np.float64))
    order = np.argsort(-probs, kind="stable")
    assert measure(Ask("p_first"), now) == pytest.approx(probs.max())
    assert measure(Ask("p_place", {"place": 3}), now) == pytest.approx(probs[order[2]])
    assert measure(Ask("p_tail", {"after": 2}), now) == pytest.approx(1 - probs[order[:2]].sum())
    bits = -(probs * np.log2(np.maximum(probs, 1e-300))).sum()
    assert measure(Ask("entropy"), now) == pytest.approx(bits)
    assert measure(Ask("choices"), now) == pytest.approx(2**bits)
    kept = int(np.searchsorted(np.cumsum(probs[order]), 0.9) + 1)
    assert measure(Ask("kept_by_top_p", {"share": 0.9}), now) == kept


def test_quantities_of_attention_and_the_stream(tiny_lm: LanguageModel) -> None:
    now = moment(tiny_lm, "abcde", layer=0, head=0)
    assert measure(Ask("weights_sum", {"query": 2}), now) == pytest.approx(1.0)
    assert measure(Ask("visible", {"query": 2}), now) == 3
    assert measure(Ask("cells_masked"), now) == 10
    assert measure(Ask("attention", {"query": 0, "key": 0}), now) == pytest.approx(1.0)
    assert measure(Ask("ledger_error"), now) < 1e-3
    assert measure(Ask("leaks_under", {"kind": "causal"}), now) == 0


def test_quantities_of_a_text(tiny_lm: LanguageModel) -> None:
    now = moment(tiny_lm, "abcd")
    total, mean = measure(Ask("bits_total"), now), measure(Ask("bits_mean"), now)
    assert math.log2(measure(Ask("perplexity_of"), now)) == pytest.approx(mean)
    assert measure(Ask("bits_of_text", {"text": "abcd"}), now) == pytest.approx(total)


@pytest.mark.parametrize("name", QUANTITIES)
def test_every_quantity_says_what_it_is(name: str) -> None:
    assert QUANTITIES[name].says.endswith(".")


def test_what_cannot_be_measured_is_a_sentence(tiny_lm: LanguageModel) -> None:
    for ask in (Ask("p_first"), Ask("bits_total"), Ask("attention", {"query": 99, "key": 0}),
                Ask("p_token", {"token": "ab"})):  # fmt: skip
        with pytest.raises(LessonError):
            measure(ask, moment(tiny_lm, "" if ask.name != "p_token" else "abc"))


# ---- judging


def test_a_value_a_place_and_a_word(tiny_lm: LanguageModel) -> None:
    now = moment(tiny_lm, "abc", t=0.3, stage="masked", test=True, pos=2)
    assert verdict(step(Check("value", "", control="t", most=0.3)), now).passed
    assert not verdict(step(Check("value", "", control="t", least=0.4)), now).passed
    assert verdict(step(Check("value", "", control="stage", equals="masked")), now).passed
    assert verdict(step(Check("value", "", control="test", equals=True)), now).passed
    assert not verdict(step(Check("value", "", control="pos", equals=True)), moment(tiny_lm, "abc", pos=1)).passed
    assert not verdict(step(Check("value", "", control="nothing", equals=1)), now).passed
    assert verdict(step(Check("place", "", control="pos", ask=Ask("n_tokens"))), moment(tiny_lm, "ab", pos=2)).passed


def test_another_page_passes_nothing(tiny_lm: LanguageModel) -> None:
    check = Check("value", "", control="t", most=0.3)
    assert not verdict(step(check, "playground"), moment(tiny_lm, "abc", t=0.1)).passed


def test_a_number_is_right_within_its_tolerance(tiny_lm: LanguageModel) -> None:
    check = Check("number", "", ask=Ask("p_first"), unit="%", digits=1, tolerance=0.5)
    now = moment(tiny_lm, "abc")
    right = 100 * measure(Ask("p_first"), now)
    assert verdict(step(check), now, right + 0.4).passed
    wrong = verdict(step(check), now, right + 0.6)
    assert not wrong.passed
    assert wrong.answered
    assert wrong.value == ""  # what is right is not given away
    assert not verdict(step(check), now, None).answered


def test_a_guess_is_passed_by_guessing_and_told_what_is_right(tiny_lm: LanguageModel) -> None:
    now = moment(tiny_lm, "abc")
    p = measure(Ask("p_first"), now)
    check = Check("guess", "", ask=Ask("p_first"), options=("a", "b"), edges=(p / 2,))
    assert verdict(step(check), now).right is None
    found = verdict(step(check), now, 0)
    assert (found.passed, found.right) == (True, 1)
    assert not verdict(step(check), now, 2).passed
    assert not verdict(step(check), now, True).passed
    each = Check("guess", "", ask=Ask("tokens_of"), each="text", options=("a", "abcd", "ab"))
    assert right_option(each, now) == (1, 4.0)


def test_a_token_is_judged_by_its_place_before_it_was_chosen(tiny_lm: LanguageModel) -> None:
    begun = moment(tiny_lm, "abc")
    order = np.argsort(-begun.trace(begun.ids).logits_at(-1), kind="stable")
    check = Check("token", "", least=3)
    assert not verdict(step(check), begun).passed
    for rank, passed in ((1, False), (3, True), (5, True)):
        ids = (*begun.ids, int(order[rank - 1]))
        now = Moment(tiny_lm, "next_token", begun.fields, ids, len(begun.ids), tiny_lm.trace)
        assert verdict(step(check), now) == (passed, str(rank), None, False, False, None)


def test_a_claim_that_is_false_is_found(tiny_lm: LanguageModel) -> None:
    now = moment(tiny_lm, "abc")
    check = Check("value", "", control="t", most=0)
    sure = Claim("It is certain.", Ask("p_first"), least=1.5)
    found = broken(step(check, "next_token", sure), now)
    assert found is not None
    assert found.claim is sure
    assert found.value == measure(Ask("p_first"), now)
    assert broken(step(check, "next_token", Claim("It says something.", Ask("p_first"), least=0.0)), now) is None


def test_shares_are_said_in_per_cent_that_are_true() -> None:
    assert (said(0.9996, "%", 0), said(0.125, "%", 1), said(3.0), said(2.5, "bits", 1)) == (
        ">99%", "12.5%", "3", "2.5 bits",
    )  # fmt: skip


# ---- those that are shipped


def test_both_languages_have_the_same_lessons() -> None:
    for lang in languages():
        assert tuple(map(name_of, shelf.files(lang))) == shelf.names()
        for name in shelf.names():
            one, other = shelf.lesson(name, "en"), shelf.lesson(name, lang)
            assert one is not None
            assert other is not None
            assert (len(one.probes), len(other.probes)) == (2, 2)
            assert len(one.steps) == len(other.steps)
            assert 5 <= len(other.steps) <= 8
            assert other.teacher is not None
            assert other.worksheet


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", shelf.names())
def test_a_guess_of_every_probe_has_four_options(name: str, lang: str) -> None:
    lesson = shelf.lesson(name, lang)
    assert lesson is not None
    assert all(len(set(probe.options)) == 4 for probe in lesson.probes)
