"""``gptviz lesson``: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gptviz.cli import main
from gptviz.lessons import shelf
from gptviz.lessons.quantities import QUANTITIES
from tests.test_lessons import LESSON

pytestmark = pytest.mark.slow


def written(folder: Path, text: str) -> str:
    path = folder / "01-one.md"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_good_file_is_checked_step_by_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lesson", "check", written(tmp_path, LESSON), "--lang", "en"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("01-one.md: One")
    assert lines[1].startswith("+ 1 First")


def test_a_claim_that_does_not_hold_ends_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    holds = '[[holds]]\nclaim = "It is certain."\nquantity = "p_first"\nleast = 1.5\n'
    file = written(tmp_path, LESSON.replace("edges = [0.5]\n", "edges = [0.5]\n" + holds))
    assert main(["lesson", "check", file, "--lang", "en", "--json", "-"]) == 1
    (lesson,) = json.loads(capsys.readouterr().out)["lessons"]
    assert [step["ok"] for step in lesson["steps"]] == [False]
    assert "It is certain." in lesson["steps"][0]["said"]


@pytest.mark.parametrize(
    ("check", "word"),
    [('control = "t"\nleast = 0.5', "before anybody"), ('quantity = "p_first"\nleast = 2', "cannot be passed")],
)
def test_a_step_that_is_passed_at_once_or_never_ends_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], check: str, word: str
) -> None:
    begin, end = LESSON.index('kind = "guess"'), LESSON.index("```\n\n## Teacher")
    text = f'{LESSON[:begin]}kind = "value"\ndo = "x"\n{check}\n{LESSON[end:]}'
    assert main(["lesson", "check", written(tmp_path, text), "--lang", "en"]) == 1
    assert word in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "guess"', 'kind = "magic"', "Line 18"),
        ("t = 1", "warmth = 1", "warmth"),
        ('page = "next_token"', 'page = "nowhere"', "nowhere"),
    ],
)
def test_a_broken_file_is_a_sentence_with_its_line_and_ends_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    assert main(["lesson", "check", written(tmp_path, LESSON.replace(old, new)), "--lang", "en"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("gptviz: Line ")
    assert said in error
    assert error.count("\n") == 1


def test_a_file_that_is_not_there_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lesson", "check", "nowhere.md"]) == 2
    assert "nowhere.md" in capsys.readouterr().err


def test_lessons_and_quantities_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lesson", "list", "--lang", "zh", "--json", "-"]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == list(shelf.names())
    assert main(["lesson", "quantities"]) == 0
    said = capsys.readouterr().out
    assert all(f"{name}(" in said for name in QUANTITIES)
