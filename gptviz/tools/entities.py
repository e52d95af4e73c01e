"""Makes the tagged sentences that ship in each language: who, where, which organisation.

    python -m gptviz.tools.entities

``assets/tuning/<lang>/names.toml`` → ``entities.conll`` (a word and its tag a line): each frame is filled so many times
with names drawn at random, the same each time.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gptviz.tools.reviews import FOLDER
from gptviz.tuning.examples import Tagged
from gptviz.tuning.tagger import words_of

FILE, TIMES = "entities.conll", 8
KINDS = ("PER", "LOC", "ORG")
_BLANK = re.compile(r"\{(\w+)\}")


def main() -> None:
    """Write the files of all languages."""
    for folder in sorted(path for path in FOLDER.iterdir() if path.is_dir()):
        (folder / FILE).write_text(text_of(made(folder)), encoding="utf-8")


def made(folder: Path) -> list[Tagged]:
    """The sentences of the language of ``folder``, each once."""
    names = tomllib.loads((folder / "names.toml").read_text(encoding="utf-8"))
    rng = random.Random(0)
    found = list(dict.fromkeys(filled(frame, names, rng) for frame in names["frames"] for _ in range(TIMES)))
    rng.shuffle(found)
    return found


def filled(frame: str, names: dict[str, Any], rng: random.Random) -> Tagged:
    """A frame with a name in each blank, never one twice: its words, and a tag for each."""
    words: list[str] = []
    tags: list[str] = []
    for kind, text in _parts(frame):
        said = rng.choice([name for name in names[kind] if name not in frame]) if kind else text
        frame += said  # so that it is not drawn again
        new = words_of(said[:1].upper() + said[1:] if not words else said)
        words += new
        tags += [f"{'BI'[i > 0]}-{kind}" if kind else "O" for i in range(len(new))]
    return Tagged(tuple(words), tuple(tags))


def _parts(frame: str) -> Iterator[tuple[str, str]]:
    """Its pieces in order: the kind of a blank, or no kind and the words between two."""
    at = 0
    for blank in _BLANK.finditer(frame):
        yield "", frame[at : blank.start()]
        yield blank[1], ""
        at = blank.end()
    yield "", frame[at:]


def text_of(sentences: list[Tagged]) -> str:
    """As a CoNLL file."""
    return "\n".join("".join(f"{word}\t{tag}\n" for word, tag in zip(*one, strict=True)) for one in sentences)


if __name__ == "__main__":
    main()
