"""Interface strings: choice of language, fallbacks, and a dropped-in third file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gptviz import i18n
from gptviz.paths import ASSETS

FOLDER = ASSETS / "i18n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "en.toml").write_text('[a]\nb = "hello {name}"\nonly = "english"\n')
    (tmp_path / "fr.toml").write_text('[a]\nb = "bonjour {name}"\n')
    monkeypatch.setattr(i18n, "_FOLDER", tmp_path)
    i18n.clear_cache()
    yield tmp_path
    i18n.clear_cache()


def test_a_dropped_in_file_appears_by_itself(folder: Path) -> None:
    assert i18n.languages() == ("en", "fr")
    assert i18n.translate("a.b", "fr", name="x") == "bonjour x"


def test_a_language_may_be_a_folder_with_a_file_for_each_group(folder: Path) -> None:
    (folder / "it").mkdir()
    (folder / "it" / "a.toml").write_text('[a]\nb = "ciao {name}"\n')
    (folder / "it" / "c.toml").write_text('[c]\nd = "e"\n')
    i18n.clear_cache()
    assert i18n.languages() == ("en", "fr", "it")
    assert i18n.strings("it") == {"a.b": "ciao {name}", "c.d": "e"}


@pytest.mark.parametrize("lang", [path.name for path in FOLDER.iterdir() if path.is_dir()])
def test_a_file_holds_the_group_that_it_is_named_by(lang: str) -> None:
    files = sorted((FOLDER / lang).iterdir())
    assert len(files) > 30
    for file in files:
        assert list(tomllib.loads(file.read_text(encoding="utf-8"))) == [file.stem]


def test_what_a_language_lacks_is_said_in_english_and_a_missing_key_shows_itself(folder: Path) -> None:
    assert i18n.translate("a.only", "fr") == "english"
    assert i18n.translate("no.such", "fr") == "no.such"


def test_a_translators_slip_breaks_nothing(folder: Path) -> None:
    (folder / "fr.toml").write_text('[a]\nb = "bonjour {nom}"\n')
    i18n.clear_cache()
    assert i18n.translate("a.b", "fr", name="x") == "bonjour {nom}"


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 token was read"), ("1", "1 token was read"), (2, "2 tokens were read"), (0, "0 tokens were read"),
     ("1,001", "1,001 tokens were read"), (1.0, "1.0 tokens were read"), ("11", "11 tokens were read")],
)  # fmt: skip
def test_a_number_chooses_its_words(folder: Path, count: object, said: str) -> None:
    (folder / "en.toml").write_text('[a]\nb = "{count} {count|token was|tokens were} read"\n')
    (folder / "fr.toml").write_text('[a]\nb = "lu: {count}"\n')
    i18n.clear_cache()
    assert i18n.translate("a.b", "en", count=count) == said
    assert i18n.translate("a.b", "fr", count=count) == f"lu: {count}"


def test_a_choice_without_its_number_breaks_nothing(folder: Path) -> None:
    (folder / "en.toml").write_text('[a]\nb = "{n} {n|token|tokens}{m||s}"\n')
    i18n.clear_cache()
    assert i18n.translate("a.b", "en", other=1) == "{n} tokenss"


def test_things_are_counted_in_english() -> None:
    assert [i18n.counted(n, "token") for n in (0, 1, 2, 1024)] == ["0 tokens", "1 token", "2 tokens", "1,024 tokens"]


@pytest.mark.parametrize(
    ("wanted", "lang"),
    [("zh-CN", "zh"), ("zh_TW", "zh"), ("en-GB", "en"), ("de", "en"), (None, "en"), ("", "en"), ("../../etc", "en")],
)
def test_the_browsers_locale_chooses_the_language(wanted: str | None, lang: str) -> None:
    assert i18n.choose_language(wanted) == lang


def test_no_path_is_read_from_a_language_name(folder: Path) -> None:
    assert i18n.strings("../en") == {}
