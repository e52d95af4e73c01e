"""Interface strings: choice of language, fallbacks, and a dropped-in third file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gptviz import text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "en.toml").write_text('[a]\nb = "hello {name}"\nonly = "english"\n')
    (tmp_path / "fr.toml").write_text('[a]\nb = "bonjour {name}"\n')
    monkeypatch.setattr(text, "_FOLDER", tmp_path)
    text.clear_cache()
    yield tmp_path
    text.clear_cache()


def test_a_dropped_in_file_appears_by_itself(folder: Path) -> None:
    assert text.languages() == ("en", "fr")
    assert text.translate("a.b", "fr", name="x") == "bonjour x"


def test_what_a_language_lacks_is_said_in_english_and_a_missing_key_shows_itself(folder: Path) -> None:
    assert text.translate("a.only", "fr") == "english"
    assert text.translate("no.such", "fr") == "no.such"


def test_a_translators_slip_breaks_nothing(folder: Path) -> None:
    (folder / "fr.toml").write_text('[a]\nb = "bonjour {nom}"\n')
    text.clear_cache()
    assert text.translate("a.b", "fr", name="x") == "bonjour {nom}"


@pytest.mark.parametrize(
    ("wanted", "lang"),
    [("zh-CN", "zh"), ("zh_TW", "zh"), ("en-GB", "en"), ("de", "en"), (None, "en"), ("", "en"), ("../../etc", "en")],
)
def test_the_browsers_locale_chooses_the_language(wanted: str | None, lang: str) -> None:
    assert text.choose_language(wanted) == lang


def test_no_path_is_read_from_a_language_name(folder: Path) -> None:
    assert text.strings("../en") == {}
