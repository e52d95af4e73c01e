"""``python -m benchmarks [--only trace,generate,narrow,train,…] [--quick]``: the table, as Markdown."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import torch

from benchmarks import (
    browser,
    capacity,
    classroom,
    compare,
    engine,
    inside,
    live,
    memory,
    models,
    nanogpt,
    narrow,
    proxied,
    smollm2,
    soak,
    tuned,
    visitors,
)
from benchmarks.table import HEADER, Row
from benchmarks.timing import THREADS

LONG = ("soak",)  # which is done only when it is named
#: Each part: whether it is to be quick → its rows.
PARTS: dict[str, Callable[[bool], Iterator[Row]]] = {
    "trace": lambda quick: models.trace_rows(repeats=5 if quick else 30),
    "generate": lambda quick: models.generate_rows(repeats=1 if quick else 7),
    "narrow": lambda quick: narrow.rows(repeats=1 if quick else 7),
    "train": lambda quick: nanogpt.rows(repeats=5 if quick else 60),
    "live": lambda quick: live.rows(live.QUICK if quick else live.RUNS),
    "compare": lambda quick: compare.rows(repeats=1 if quick else 5),
    "browser": lambda quick: chain(*(browser.rows(repeats=12 if quick else 40, tokens=n) for n in browser.BARS)),
    "inside": lambda quick: inside.rows(repeats=5 if quick else 20),
    "visitors": lambda quick: visitors.rows(runs=1 if quick else 5, keys=6 if quick else 24),
    "proxied": lambda quick: proxied.rows(runs=1, keys=6) if quick else proxied.rows(),
    "room": lambda quick: classroom.rows(students=30 if quick else 300, pages=3 if quick else 30),
    "serve": lambda quick: chain(
        *(rows(seconds=1.0 if quick else 10.0) for rows in (engine.rows, engine.replica_rows))
    ),
    "capacity": lambda quick: capacity.rows(repeats=5) if quick else capacity.rows(),
    "smollm2": lambda quick: smollm2.rows(repeats=4 if quick else 20),
    "soak": lambda quick: soak.rows(minutes=2.0, minute=10.0) if quick else soak.rows(),
    "tune": lambda quick: tuned.rows(quick=quick),
    "memory": lambda quick: chain(memory.load_rows(repeats=1 if quick else 5), memory.session_rows()),
}

BUSY = 0.5  # load average from which on others' work shows in the figures


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for and print each row when it is there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what the project promises.")
    parser.add_argument(
        "--only",
        default=",".join(part for part in PARTS if part not in LONG),
        help=f"parts, separated by commas: {', '.join(PARTS)}",
    )
    parser.add_argument("--quick", action="store_true", help="few repeats: whether it works, not how fast it is")
    options = parser.parse_args(arguments)
    chosen = options.only.split(",")
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}")
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(HEADER, flush=True)
    for name in chosen:
        for row in PARTS[name](options.quick):
            print(row.markdown(), flush=True)
    machine = f"{os.cpu_count()} cores, load average {busy:.1f} before the start"
    print(f"\n{machine}; torch {torch.__version__}, {THREADS} threads.")
    if busy > BUSY:
        print("The machine was busy: figures of rows on two threads may be far off, ratios too.")


if __name__ == "__main__":
    main()
