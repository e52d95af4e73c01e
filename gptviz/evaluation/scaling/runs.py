"""Finished runs as a table: parameters, tokens, loss. Read from a CSV file within bounds, or refused by line."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gptviz.errors import ConfigError

COLUMNS = ("N", "D", "loss")
WITH_EMBEDDINGS = "N_total"
MOST_RUNS = 2_000
_LARGEST = 1e30  # of N and D: far beyond anything that has been, and its powers are still numbers


class Run(NamedTuple):
    """One finished run."""

    n: float  # parameters without embeddings (Kaplan et al. 2020, section 2.1), or however the file counts
    tokens: float  # that it was trained on
    loss: float  # nats per token, held out
    n_total: float | None = None  # parameters with token and position embeddings, where the file says them


def read(text: str, source: str) -> list[Run]:
    """The runs of a CSV text with columns ``N``, ``D`` and ``loss`` in any order, and perhaps ``N_total``.

    Separated by commas, semicolons, tabs or spaces; other columns are left alone. Raises ConfigError with the line.

    >>> read("N,D,loss\\n1e6,2e7,3.5\\n", "runs.csv")
    [Run(n=1000000.0, tokens=20000000.0, loss=3.5, n_total=None)]
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if _says_something(line)]
    if not lines:
        raise ConfigError("scaling.empty", file=source)
    (at, head), *rows = lines
    cut = _separator(head)
    names = [name.strip() for name in _cells(head, cut)]
    for column in COLUMNS:
        if names.count(column) != 1:
            raise ConfigError("scaling.columns", file=source, line=at, column=column, found=_short(head))
    if len(rows) > MOST_RUNS:
        raise ConfigError("scaling.many", file=source, most=f"{MOST_RUNS:,}", runs=f"{len(rows):,}")
    return [_run(_cells(line, cut), names, source, number) for number, line in rows]


def written(runs: Iterable[Run]) -> str:
    """The runs as such a file."""
    runs = list(runs)
    total = all(run.n_total is not None for run in runs)
    names = [*COLUMNS, WITH_EMBEDDINGS] if total else list(COLUMNS)
    return "\n".join([",".join(names), *(",".join(f"{x:.10g}" for x in run[: len(names)]) for run in runs)]) + "\n"


def counted(runs: Sequence[Run], *, embeddings: bool) -> list[Run]:
    """The same with N counted with or without embeddings; as they are where the file does not say both."""
    if not embeddings or any(run.n_total is None for run in runs):
        return list(runs)
    return [run._replace(n=run.n_total or run.n) for run in runs]


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _separator(head: str) -> str | None:
    return next((mark for mark in (",", ";", "\t") if mark in head), None)


def _cells(line: str, cut: str | None) -> list[str]:
    if cut is None:
        return line.split()
    return next(csv.reader(io.StringIO(line), delimiter=cut), [])


def _run(cells: Sequence[str], names: Sequence[str], source: str, line: int) -> Run:
    if len(cells) != len(names):
        raise ConfigError("scaling.cells", file=source, line=line, wanted=len(names), found=len(cells))
    said = dict(zip(names, cells, strict=True))
    n, tokens = (_positive(said[name], name, source, line, _LARGEST) for name in COLUMNS[:2])
    loss = _positive(said["loss"], "loss", source, line, 1e3)
    total = said.get(WITH_EMBEDDINGS, "").strip()
    return Run(n, tokens, loss, _positive(total, WITH_EMBEDDINGS, source, line, _LARGEST) if total else None)


def _positive(cell: str, name: str, source: str, line: int, largest: float) -> float:
    try:
        value = float(cell.strip().replace("_", "x"))  # to Python 1_000 is a number, in a table it is a mistake
    except ValueError:
        value = math.nan
    if not 0 < value <= largest:
        raise ConfigError("scaling.number", file=source, line=line, column=name, found=_short(cell))
    if name != "loss" and value < 1:
        raise ConfigError("scaling.number", file=source, line=line, column=name, found=_short(cell))
    return value


def _short(text: str) -> str:
    return repr(text.strip()[:40])
