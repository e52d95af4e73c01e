"""The sets that ship to be tuned on: enough of each kind, as their tools make them, and nobody else's."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from gptviz import tuning
from gptviz.tools import instructions
from gptviz.tools.reviews import FOLDER, LABELS, made
from gptviz.tuning.pairs import read_answers, read_pairs
from tests.conftest import SHARED

each_set = pytest.mark.parametrize(
    "folder", sorted(path for path in FOLDER.iterdir() if path.is_dir()), ids=lambda p: p.name
)


@each_set
def test_it_is_what_its_tool_makes(folder: Path) -> None:
    assert (folder / "sentiment.csv").read_text(encoding="utf-8") == made(folder)


@each_set
def test_there_are_enough_of_each_kind(folder: Path) -> None:
    examples = tuning.read(folder / "sentiment.csv")
    assert len(examples) >= 600
    assert len({example.text for example in examples}) == len(examples)
    counts = Counter(example.label for example in examples)
    assert set(counts) == set(LABELS)
    assert counts["positive"] == counts["negative"]
    kinds = Counter(x.label for x in tuning.read(folder / "sentiment.csv", label="kind"))
    assert set(kinds) == {"plain", "negation", "irony", "mixed"}
    assert min(kinds.values()) >= 40
    assert len(tuning.read(folder / "written.csv")) == 200


@each_set
def test_questions_are_as_their_tool_makes_them_and_enough(folder: Path) -> None:
    for name, text in instructions.made(folder).items():
        assert (folder / name).read_text(encoding="utf-8") == text
    answers, pairs = read_answers(folder / instructions.ANSWERS), read_pairs(folder / instructions.PAIRS)
    assert len({one.prompt for one in answers}) == len(answers) >= 200
    assert len(pairs) >= 100
    right = {one.prompt: one.answer for one in answers}
    assert all(pair.chosen == right[pair.prompt] for pair in pairs)


@each_set
@pytest.mark.skipif(not (SHARED / "corpus" / "sentiment").is_dir(), reason="no shared corpus on this machine")
def test_nothing_is_taken_from_a_public_set(folder: Path) -> None:
    ours = {example.text.lower() for example in tuning.read(folder / "sentiment.csv")}
    for file in (SHARED / "corpus" / "sentiment").glob("*.csv"):
        assert ours.isdisjoint(example.text.lower() for example in tuning.read(file))
