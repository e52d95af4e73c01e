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
