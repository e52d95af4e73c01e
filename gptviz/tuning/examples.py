"""Labelled texts: read from CSV, JSONL or CoNLL files, with the line of whatever cannot be used.

CSV: the first line names the columns. JSONL: an object a line, or one list of objects. Columns are chosen by name.
CoNLL: a word and its tag a line, apart by a tab or spaces, an empty line between sentences; tags are IOB2 (Tjong Kim
Sang & Veenstra 1999: B-X begins an entity, I-X goes on with it, O is none).
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gptviz import texts
from gptviz.errors import ConfigError

MOST_ROWS = 200_000
MOST_CHARS = 100_000  # of one text
MOST_LABELS = 200
MOST_LABEL_CHARS = 200


class Example(NamedTuple):
    """One text and what it is."""

    text: str
    label: str


class Tagged(NamedTuple):
    """One sentence, a tag for each word."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


class Split(NamedTuple):
    """What is learnt from, and what is held out to choose by."""

    train: list[Example]
    valid: list[Example]


def read(path: Path, *, text: str = "text", label: str = "label", encoding: str | None = None) -> list[Example]:
    """The examples of a CSV or JSONL file, in its order; ``text`` and ``label`` name the columns.

    Raises ConfigError: unreadable, no such column, a row without text or label, nothing in it.
    """
    return labelled(read_columns(path, (text, label), encoding), str(path))


def labelled(rows: Sequence[tuple[int, list[str]]], file: str) -> list[Example]:
    """Rows of a text and its label, with their lines, as examples. Raises ConfigError for a label that is none."""
    found: list[Example] = []
    for line, (said, name) in rows:
        if len(name) > MOST_LABEL_CHARS:
            raise ConfigError("tune.long_label", file=file, line=line)
        found.append(Example(said, name.strip()))
    return found


def read_columns(path: Path, columns: Sequence[str], encoding: str | None = None) -> list[tuple[int, list[str]]]:
    """What a CSV or JSONL file holds in each row under these names, with its line. Raises ConfigError."""
    inner = path.with_suffix("") if path.suffix == ".xz" else path
    return columns_of(texts.read(path, encoding), columns, str(path), json_rows=is_json(inner.name))


def is_json(name: str) -> bool:
    """Whether a file of this name holds objects; else it is read as a table."""
    return Path(name).suffix.lower() in (".jsonl", ".json", ".ndjson")


def columns_of(content: str, columns: Sequence[str], file: str, *, json_rows: bool) -> list[tuple[int, list[str]]]:
    """What the rows of ``content`` hold under these names, with their lines. Raises ConfigError, naming ``file``."""
    found: list[tuple[int, list[str]]] = []
    for line, row in _json_rows(content, file) if json_rows else _csv_rows(content, file):
        if len(found) >= MOST_ROWS:
            raise ConfigError("tune.too_many", file=file, most=MOST_ROWS)
        values = [_value(row, name, file, line) for name in columns]
        if max(map(len, values)) > MOST_CHARS:
            raise ConfigError("tune.too_long", file=file, line=line, most=MOST_CHARS)
        found.append((line, values))
    if not found:
        raise ConfigError("tune.nothing", file=file)
    return found


def names_of(content: str, file: str, *, json_rows: bool) -> list[str]:
    """The columns of the first row. Raises ConfigError where there is none."""
    for _, row in _json_rows(content, file) if json_rows else _csv_rows(content, file):
        return [str(name) for name in row]
    raise ConfigError("tune.nothing", file=file)


def read_tagged(path: Path, *, encoding: str | None = None) -> list[Tagged]:
    """The sentences of a CoNLL file. Raises ConfigError for a line that is no word and tag, or a tag that is no IOB."""
    return tagged_of(texts.read(path, encoding), str(path))


def tagged_of(text: str, file: str) -> list[Tagged]:
    """The sentences of what a CoNLL file holds. Raises ConfigError as ``read_tagged`` does, naming ``file``."""
    found: list[Tagged] = []
    words: list[str] = []
    tags: list[str] = []
    for line, content in enumerate([*text.split("\n"), ""], start=1):
        if content.startswith("# ") and not words:  # what a sentence is called
            continue
        parts = content.split("\t") if "\t" in content else content.split()
        if not content.strip():
            if words:
                found.append(Tagged(tuple(words), tuple(tags)))
            words, tags = [], []
            continue
        tag = parts[-1].strip()
        if len(parts) < 2 or not parts[0] or not (tag == "O" or (tag[:2] in ("B-", "I-") and len(tag) > 2)):
            raise ConfigError("tune.conll", file=file, line=line, found=content[:60])
        words.append(parts[0])
        tags.append(tag)
    if not found:
        raise ConfigError("tune.nothing", file=file)
    return found


def labels_of(examples: Sequence[Example], source: str = "") -> list[str]:
    """The labels, the most frequent first. Raises ConfigError where there is one only, or more than ``MOST_LABELS``."""
    counts = Counter(example.label for example in examples)
    if len(counts) < 2:
        raise ConfigError("tune.one_class", file=source, label=next(iter(counts), ""))
    if len(counts) > MOST_LABELS:
        raise ConfigError("tune.many_classes", file=source, count=len(counts), most=MOST_LABELS)
    return sorted(counts, key=lambda label: (-counts[label], label))


def measurable(train: Sequence[Example], test: Sequence[Example], fewest: int) -> list[Example]:
    """Those of ``test`` whose label is one of ``train``'s: what never was a label can never be right.

    Raises ConfigError where ``train`` has one label only, or where fewer than ``fewest`` are left.
    """
    known = set(labels_of(train))
    found = [example for example in test if example.label in known]
    if len(found) < fewest:
        labels = len({example.label for example in (*train, *test)})
        raise ConfigError("tune.rare_labels", count=len(train) + len(test), labels=labels)
    return found


def tags_of(sentences: Sequence[Tagged], source: str = "") -> list[str]:
    """``O``, then of each kind of entity B- and I-. Raises ConfigError where there is none, or too many kinds."""
    kinds = sorted({tag[2:] for sentence in sentences for tag in sentence.tags if tag != "O"})
    if not kinds:
        raise ConfigError("tune.no_entities", file=source)
    if len(kinds) > MOST_LABELS:
        raise ConfigError("tune.many_classes", file=source, count=len(kinds), most=MOST_LABELS)
    return ["O", *(f"{begin}-{kind}" for kind in kinds for begin in "BI")]


def split(examples: Sequence[Example], share: float = 0.1, *, seed: int = 0) -> Split:
    """A share of each label held out, at least one example of each that has two."""
    rng = np.random.default_rng(seed)
    held: set[int] = set()
    for label in sorted({example.label for example in examples}):
        places = [i for i, example in enumerate(examples) if example.label == label]
        count = min(len(places) - 1, max(1, round(share * len(places)))) if share else 0
        held |= {int(i) for i in rng.permutation(places)[:count]}
    return Split([x for i, x in enumerate(examples) if i not in held], [x for i, x in enumerate(examples) if i in held])


def _value(row: dict[str, Any], name: str, file: str, line: int) -> str:
    if name not in row:
        raise ConfigError("tune.column", file=file, name=name, columns=", ".join(map(str, row))[:200])
    value = row[name]
    if isinstance(value, bool | int | float):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise ConfigError("tune.empty_value", file=file, line=line, name=name)
    return value


def _csv_rows(content: str, file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    dialect = "excel-tab" if "\t" in content.split("\n", 1)[0] else "excel"
    csv.field_size_limit(10 * MOST_CHARS)
    reader = csv.DictReader(io.StringIO(content, newline=""), dialect=dialect, strict=True)
    try:
        for row in reader:
            yield (
                reader.line_num,
                {name: value for name, value in row.items() if name is not None and value is not None},
            )
    except csv.Error as error:
        raise ConfigError("tune.csv", file=file, line=reader.reader.line_num, reason=str(error)) from error


def _json_rows(content: str, file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    whole = content.lstrip().startswith("[")
    lines = [(1, content)] if whole else list(enumerate(content.split("\n"), start=1))
    for line, said in lines:
        if not said.strip():
            continue
        try:
            rows = json.loads(said)
        except (ValueError, RecursionError) as error:
            raise ConfigError("tune.json", file=file, line=line, reason=str(error)[:100]) from error
        for row in rows if whole else [rows]:
            if not isinstance(row, dict):
                raise ConfigError("tune.json", file=file, line=line, reason="no object")
            yield line, row
