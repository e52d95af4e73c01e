"""The glossary: the same terms in each language, each said twice in one sentence, each met somewhere in the app."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gptviz import glossary
from gptviz.glossary import LONGEST_SENTENCE, LONGEST_WORD, Term, entries, terms
from gptviz.i18n import languages, strings
from gptviz.paths import ASSETS

FOLDER = ASSETS / "glossary"
HAN = r"\u4e00-\u9fff"
each_language = pytest.mark.parametrize("lang", languages())


def stands(word: str, text: str) -> bool:
    """As ``web/kit/terms.js`` finds it: alone, or within Chinese where the word is Chinese and longer than one."""
    if not re.search(f"^[^{HAN}]|[^{HAN}]$", word):
        letter = f"[{HAN}]" if len(word) == 1 else "(?!)"
    else:
        letter = rf"(?![{HAN}])\w"
    return bool(re.search(rf"(?<!{letter}){re.escape(word)}(?!{letter})", text, re.IGNORECASE))


@each_language
def test_every_language_explains_every_term_within_bounds(lang: str) -> None:
    """Nothing is left out, and nothing is dropped as too long, so nothing is said in English."""
    written = tomllib.loads((FOLDER / f"{lang}.toml").read_text(encoding="utf-8"))
    assert list(written) == list(terms("en"))
    assert terms(lang) == {key: glossary._term(table) for key, table in written.items()}
    assert [key for key, term in terms(lang).items() if bool(term.formula) != bool(terms("en")[key].formula)] == []
    assert 60 <= len(written) <= glossary.MOST_TERMS


@each_language
def test_each_is_said_in_one_sentence_and_in_one_more(lang: str) -> None:
    for key, term in terms(lang).items():
        for said in (term.plain, term.exact):
            assert re.search("[.。]”?$", said), key
            assert len(re.findall(r"[.!?](?:\s|$)|[。！？]", said)) == 1, key
        assert term.plain != term.exact, key


@each_language
def test_a_word_is_of_one_term(lang: str) -> None:
    words = [word.lower() for term in terms(lang).values() for word in term.words]
    assert len(words) == len(set(words))


@each_language
def test_every_term_stands_in_the_app(lang: str) -> None:
    """In its strings, or in what is said of another term: the list of all shows that too."""
    shown = "\n".join(re.sub(r"{[^{}]*}", " ", text) for text in strings(lang).values())
    orphans = []
    for key, term in terms(lang).items():
        others = "\n".join(f"{one.plain}\n{one.exact}" for name, one in terms(lang).items() if name != key)
        if not any(stands(word, shown + others) for word in term.words):
            orphans.append(key)
    assert orphans == []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for key, sentence in (("token", "A piece."), ("id", "A number.")):
        with (tmp_path / "en.toml").open("a") as file:
            file.write(f'[{key}]\nname = "{key}"\nplain = "{sentence}"\nexact = "Exactly."\n')
    monkeypatch.setattr(glossary, "_FOLDER", tmp_path)
    glossary.clear_cache()
    yield tmp_path
    glossary.clear_cache()


def test_a_dropped_in_language_says_what_it_has(folder: Path) -> None:
    (folder / "fr.toml").write_text(
        '[token]\nname = "jeton"\nwords = ["jeton", "jetons"]\nplain = "P."\nexact = "E."\n'
    )
    assert terms("fr") == {
        "token": Term("jeton", ("jeton", "jetons"), "P.", "E."),
        "id": Term("id", ("id",), "A number.", "Exactly."),
    }
    assert entries("fr")["term.token.words"] == "jeton\njetons"
    assert "term.token.formula" not in entries("fr")


@pytest.mark.parametrize(
    "wrong",
    ['name = "jeton"\nplain = "P."', 'name = ""\nplain = "P."\nexact = "E."', 'name = 3\nplain = "P."\nexact = "E."',
     f'name = "{"j" * (LONGEST_WORD + 1)}"\nplain = "P."\nexact = "E."',
     f'name = "j"\nplain = "{"p" * (LONGEST_SENTENCE + 1)}"\nexact = "E."',
     'name = "j"\nplain = "P."\nexact = "E."\nwords = []', 'name = "j"\nplain = "P."\nexact = "E."\nwords = [""]',
     'name = "j"\nplain = "P."\nexact = "E."\nsound = "x.mp3"', "this is no TOML"],
)  # fmt: skip
def test_what_is_wrong_in_it_is_said_in_english(folder: Path, wrong: str) -> None:
    (folder / "fr.toml").write_text(f"[token]\n{wrong}\n")
    assert terms("fr") == terms("en")


def test_no_path_is_read_from_a_language_name(folder: Path) -> None:
    (folder.parent / "out.toml").write_text('[token]\nname = "x"\nplain = "P."\nexact = "E."\n')
    assert terms("../out") == terms("en")
