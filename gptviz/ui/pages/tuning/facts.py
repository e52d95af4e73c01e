"""What is counted of a set once: its labels, what the head must tell apart, a few rows. Pure."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from gptviz.tuning import sets
from gptviz.tuning.examples import Example, Tagged, tags_of
from gptviz.tuning.pairs import Answered

_MOST = 12  # labels that are told
_TYPICAL, _CHARS = 40, 4000  # rows by which the length of a text is judged, and characters of each


class Facts(NamedTuple):
    """``counts``: label (or kind of entity) and how many; ``outputs``: labels or tags, 0 without a head."""

    counts: tuple[tuple[str, int], ...] = ()
    outputs: int = 0
    texts: tuple[str, ...] = ()


def facts_of(data: sets.Data) -> Facts:
    """Of all rows."""
    if not data:
        return Facts()
    texts = tuple(text_of(row)[:_CHARS] for row in data[:_TYPICAL])
    if isinstance(data[0], Example):
        labels = Counter(row.label for row in data)
        return Facts(tuple(labels.most_common(_MOST)), len(labels), texts)
    if isinstance(data[0], Tagged):
        kinds = Counter(tag[2:] for row in data for tag in row.tags if tag.startswith("B-"))
        return Facts(tuple(kinds.most_common(_MOST)), len(tags_of(data)), texts)
    return Facts(texts=texts)


def text_of(row: object) -> str:
    """All that is read of a row."""
    if isinstance(row, Example):
        return row.text
    if isinstance(row, Tagged):
        return " ".join(row.words)
    return f"{row.prompt} {row.answer}" if isinstance(row, Answered) else ""
