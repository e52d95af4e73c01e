"""A training run, and a question to the model that came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Files that a text which is no world is to be put into first.
_FILES = {"python": "python.txt", "own": "text.txt"}


def run(source: str, preset: str, shape: Mapping[str, Any], changes: Mapping[str, Any], *, parts: str = "",
        learn: int | None = None) -> str:  # fmt: skip
    """The run itself, record by record; of a text, from a file of it."""
    first = f"Path({_FILES[source]!r})" if source in _FILES else "None"
    letters = "characters=True" if learn is None else f"learn={learn}"
    text = letters if source in _FILES else f"world={source!r}"
    built = f"parts={parts!r}, " if parts else ""
    return "\n".join([
        "from pathlib import Path",
        "from gptviz.training.run import Plan, train",
        f"plan = Plan({first}, Path('out'), preset={preset!r}, {built}{text},",
        f"            shape={dict(shape)!r},",
        f"            changes={dict(changes)!r})",
        "for record in train(plan):",
        "    print(record)",
    ])  # fmt: skip


def asked(text: str) -> str:
    """The next token after a text, by the model that the run has written."""
    return "\n".join([
        "import gptviz",
        "lm = gptviz.load('out/model')",
        f"gptviz.views.distribution(lm.trace({text!r}))",
    ])  # fmt: skip


def looked(source: str, preset: str, shape: Mapping[str, Any], changes: Mapping[str, Any]) -> str:
    """The same run with a step looked at from inside, after each record."""
    lines = run(source, preset, shape, changes).splitlines()[:-2]
    return "\n".join([
        *lines,
        "from gptviz.training.looking import Look",
        "def watch(trainer, tokenizer, record):",
        "    print(record.step, trainer.look and trainer.look.found)",
        "    trainer.look = Look()",
        "for record in train(plan, watch):",
        "    pass",
    ])  # fmt: skip


def attention(ids: Sequence[int], layer: int, head: int) -> str:
    """One head of the model that the run has written, on the fixed text."""
    return "\n".join([
        "import gptviz",
        "lm = gptviz.load('out/model')",
        f"lm.trace({list(ids)!r}).pattern[{layer}, {head}]",
    ])  # fmt: skip


def positions() -> str:
    """How alike positions are to it."""
    return "\n".join([
        "import gptviz",
        "lm = gptviz.load('out/model')",
        "gptviz.analysis.position_similarity(lm).values",
    ])  # fmt: skip
