"""A training run, and a question to the model that came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def run(source: str, preset: str, shape: Mapping[str, Any], changes: Mapping[str, Any]) -> str:
    """The run itself, record by record; of Python's standard library, from a file of it."""
    data = "None" if source != "python" else "Path('python.txt')"
    world = f", world={source!r}" if source != "python" else ""
    return "\n".join([
        "from pathlib import Path",
        "from gptviz.training.run import Plan, train",
        f"plan = Plan({data}, Path('out'), preset={preset!r}{world}, characters=True,",
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
