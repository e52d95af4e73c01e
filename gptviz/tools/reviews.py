"""Makes the sets of reviews that ship: those written by hand, and others composed of parts, in each language.

    python -m gptviz.tools.reviews

``assets/tuning/<lang>/written.csv`` is read and kept as it is; ``parts.toml`` says what is composed. All go into
``sentiment.csv``, in an order of chance: ``text``, ``label`` and ``kind``. *Plain* ones say it; of the others a list of
good and bad words gets many wrong: *negation*, *irony* (only by hand), *mixed*, where the last part decides.
"""

from __future__ import annotations

import csv
import io
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gptviz.paths import ASSETS

FOLDER = ASSETS / "tuning"
LABELS = ("positive", "negative")
#: Of each label, how many of a kind are composed.
COMPOSED = {"plain": 130, "negation": 40, "mixed": 40}


class Review(NamedTuple):
    """A row."""

    text: str
    label: str
    kind: str


def main() -> None:
    """Write the sets of all languages."""
    for folder in sorted(path for path in FOLDER.iterdir() if path.is_dir()):
        (folder / "sentiment.csv").write_text(made(folder), encoding="utf-8", newline="")


def made(folder: Path) -> str:
    """The set of the language of ``folder``, as CSV: the same each time."""
    with (folder / "written.csv").open(encoding="utf-8", newline="") as file:
        rows = [Review(**row) for row in csv.DictReader(file)]
    known = {row.text for row in rows}
    for row in composed(tomllib.loads((folder / "parts.toml").read_text(encoding="utf-8"))):
        if row.text not in known:
            known.add(row.text)
            rows.append(row)
    random.Random(0).shuffle(rows)
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerows([Review._fields, *rows])
    return out.getvalue()


def composed(parts: dict[str, Any]) -> Iterator[Review]:
    """So many of each kind and label as ``COMPOSED`` says, all different."""
    rng, seen = random.Random(1), set[str]()
    for kind, count in COMPOSED.items():
        for label in LABELS:
            left = count
            while left:
                text = _one(parts, kind, label == "positive", rng)
                if text not in seen:
                    seen.add(text)
                    left -= 1
                    yield Review(text, label, kind)


def _one(parts: dict[str, Any], kind: str, good: bool, rng: random.Random) -> str:
    topic = rng.choice(parts["topic"])
    (part, verb, *words), (part2, verb2, *words2) = rng.sample(topic["parts"], 2)
    if not good:
        words, words2 = words[::-1], words2[::-1]
    filled = rng.choice(parts["frames"][kind]).format(
        topic=topic["name"], part=part, part2=part2, Part=_capital(part), Part2=_capital(part2),
        word=rng.choice(words[0]), word2=rng.choice(words2[0]), opposite=rng.choice(words[1]),
        opposite2=rng.choice(words2[1]),
        **{"is": verb, "is2": verb2},
    )  # fmt: skip
    return str(filled)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


if __name__ == "__main__":
    main()
