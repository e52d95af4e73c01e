"""Makes the questions with answers, and the pairs of a better and a worse answer, that ship in each language.

    python -m gptviz.tools.instructions

``assets/tuning/<lang>/tables.toml`` → ``instructions.jsonl`` (``prompt``, ``answer``) and ``pairs.jsonl`` (``prompt``,
``chosen``, ``rejected``): each row of each table is asked in one way, or where there are three in two of them, and of
every second question a pair is made.
"""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gptviz.tools.reviews import FOLDER

ANSWERS, PAIRS = "instructions.jsonl", "pairs.jsonl"


class Asked(NamedTuple):
    """A question, its answer, and what another row of its table is answered with."""

    prompt: str
    answer: str
    others: str


def main() -> None:
    """Write the files of all languages."""
    for folder in sorted(path for path in FOLDER.iterdir() if path.is_dir()):
        for name, text in made(folder).items():
            (folder / name).write_text(text, encoding="utf-8")


def made(folder: Path) -> dict[str, str]:
    """Both files of the language of ``folder``: the same each time."""
    tables = tomllib.loads((folder / "tables.toml").read_text(encoding="utf-8"))
    rng = random.Random(0)
    asked = list(_asked(tables["table"], rng))
    rng.shuffle(asked)
    answers = _lines({"prompt": one.prompt, "answer": one.answer} for one in asked)
    pairs = [(one, _worse(one, tables, rng)) for one in asked[::2]]
    told = _lines({"prompt": one.prompt, "chosen": one.answer, "rejected": worse} for one, worse in pairs)
    return {ANSWERS: answers, PAIRS: told}


def _asked(tables: Iterable[dict[str, Any]], rng: random.Random) -> Iterator[Asked]:
    for table in tables:
        rows = table["rows"]
        for i, row in enumerate(rows):
            answer = _capital(rng.choice(table["answer"]).format(*row))
            wrong = rng.choice([other for other in rows[:i] + rows[i + 1 :] if other[-1] != row[-1]])
            others = _capital(rng.choice(table["answer"]).format(*row[:-1], wrong[-1]))
            for ask in rng.sample(table["ask"], 2 if len(table["ask"]) > 2 else 1):
                yield Asked(ask.format(*row), answer, others)


def _worse(one: Asked, tables: dict[str, Any], rng: random.Random) -> str:
    """Wrong, rude, empty, or the right answer told again and again."""
    kinds = (one.others, rng.choice(tables["rude"]), rng.choice(tables["idle"]), " ".join([one.answer] * 3))
    return str(rng.choice(kinds))


def _lines(rows: Iterable[dict[str, str]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


if __name__ == "__main__":
    main()
