"""A training run, and a question to the model that came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gptviz.jobs.folder import Ask

#: Files that a text which is no world is to be put into first.
_FILES = {"python": "python.txt", "own": "text.txt"}


def run(ask: Ask) -> str:
    """The run itself, record by record; of a text, from a file of it."""
    data = f"Path({_FILES[ask.source]!r})" if ask.source in _FILES else "None"
    lines = [f"plan = Plan({data}, Path('out'), preset={ask.preset!r}, parts={ask.parts!r},"]
    if ask.source not in _FILES:
        lines.append(f"            world={ask.source!r},")
    else:
        lines.append("            characters=True," if ask.learn is None else f"            learn={ask.learn},")
    return "\n".join([
        "from pathlib import Path",
        "from gptviz.training.run import Plan, train",
        *lines,
        f"            shape={dict(ask.shape)!r},",
        f"            changes={dict(ask.changes)!r})",
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
