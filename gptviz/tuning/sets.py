"""The sets that ship, and files of a visitor's own, by task: what each has in a row, and how it is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from gptviz.paths import ASSETS
from gptviz.tuning.examples import Example, Tagged, columns_of, is_json, labelled, tagged_of
from gptviz.tuning.pairs import Answered, Pair, paired

Data: TypeAlias = list[Example] | list[Tagged] | list[Answered] | list[Pair]

SENTIMENT, ENTITIES, INSTRUCTIONS, PAIRS = "sentiment", "entities", "instructions", "pairs"
TASKS = (SENTIMENT, ENTITIES, INSTRUCTIONS)
FOLDER = ASSETS / "tuning"


class Kind(NamedTuple):
    """A kind of set: the file that ships, and which columns a row has (none where it is no table)."""

    file: str
    columns: tuple[str, ...]


KINDS = {SENTIMENT: Kind("sentiment.csv", ("text", "label")), ENTITIES: Kind("entities.conll", ()),
         INSTRUCTIONS: Kind("instructions.jsonl", ("prompt", "answer")),
         PAIRS: Kind("pairs.jsonl", ("prompt", "chosen", "rejected"))}  # fmt: skip


def shipped(task: str, lang: str) -> Path:
    """The set of a task in a language; in English where there is none in that one."""
    there = FOLDER / lang / KINDS[task].file
    return there if there.is_file() else FOLDER / "en" / KINDS[task].file


def parsed(task: str, content: str, file: str, columns: Sequence[str] = ()) -> Data:
    """What ``content`` holds for a task; ``columns`` are those of its table, in the task's order.

    Raises ConfigError, naming ``file`` and the line of what cannot be used.
    """
    if task == ENTITIES:
        return tagged_of(content, file)
    rows = columns_of(content, columns or KINDS[task].columns, file, json_rows=is_json(file))
    if task == SENTIMENT:
        return labelled(rows, file)
    return [Answered(*values) for _, values in rows] if task == INSTRUCTIONS else paired(rows, file)
