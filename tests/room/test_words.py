"""Codes and names: easy, of the language, never twice in a room."""

from __future__ import annotations

import re

import pytest

from gptviz.room import words
from gptviz.room.limits import MAX_MEMBERS

LANGUAGES = ("en", "zh")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lists_are_long_enough_that_a_code_is_not_guessed(lang: str) -> None:
    lists = words.words(lang)
    assert len(lists.code) ** words.CODE_WORDS > 4e8
    assert len(lists.first) * len(lists.second) > 3 * MAX_MEMBERS


@pytest.mark.parametrize(("lang", "shape"), [("en", r"[a-z]{3,9}"), ("zh", r"[\u4e00-\u9fff]{2}")])
def test_every_word_is_short_and_of_its_language(lang: str, shape: str) -> None:
    for found in words.words(lang):
        assert all(re.fullmatch(shape, word) for word in found)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_two_words_make_another_pair(lang: str) -> None:
    """A code is compared without its spaces: no word is the beginning of another followed by a third."""
    every = set(words.words(lang).code)
    glued = {(a, b) for a in every for b in every if a != b and b.startswith(a) and b[len(a) :] in every}
    assert not glued


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_code_is_found_however_it_is_typed(lang: str) -> None:
    code = words.code(lang)
    assert len(code.split()) == 4
    assert words.plain(code.upper().replace(" ", " - ")) == words.plain(code) == words.plain(code.replace(" ", ""))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_are_never_given_twice(lang: str) -> None:
    taken: set[str] = set()
    for _ in range(MAX_MEMBERS):
        found = words.name(lang, taken)
        assert found not in taken
        taken.add(found)
    every = {f"{a} {b}" if lang == "en" else a + b for a in words.words(lang).first for b in words.words(lang).second}
    assert words.name(lang, every).endswith(" 2")


def test_a_language_without_lists_has_english_ones() -> None:
    assert words.words("xx") == words.words("en")
    assert words.words("../en") == words.words("en")
