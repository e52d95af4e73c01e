"""What compression costs a model, measured once and kept on disk, by its fingerprint (``gptviz.analysis.kept``).

Times are of one machine: what another one wrote, or this one with another number of threads, is measured again.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias, get_type_hints

import torch

from gptviz.analysis.kept import read_file, write_file
from gptviz.compression import precision, pruning
from gptviz.language_model import LocalModel
from gptviz.schema import Either, Entries, Number, Record, Text, Whole

VERSION = 1  # whoever changes the passages or what is measured counts on
KINDS = ("precision", *pruning.UNITS)
_FOLDER, _LARGEST = "compression", 2**23
_ROW = Entries(Either(Text(32), Number(-1e15, 1e15)), 512 * 1024)
_RULE = Record({"version": Whole(VERSION, VERSION), "machine": Text(200), "rows": Entries(_ROW, 200_000)},
               needed=("version", "machine", "rows"))  # fmt: skip
_TYPES: dict[str, Any] = {kind.__name__: kind for kind in
                          (precision.Held, precision.Read, precision.Timed, pruning.Alone, pruning.Gone)}  # fmt: skip
AnyRecord: TypeAlias = "precision.Record | pruning.Record"


def machine() -> str:
    """What a time depends on here."""
    return f"{platform.node()} {platform.machine()} {torch.get_num_threads()} {torch.__version__}"[:200]


def wanted(lm: LocalModel, kind: str) -> int:
    """How many records there will be, about. Raises ConfigError where the model cannot read the passages."""
    return precision.wanted(lm) if kind == "precision" else pruning.wanted(lm, kind)


def measured(lm: LocalModel, kind: str) -> Iterator[AnyRecord]:
    """The records of one of ``KINDS``: from the disk where there are any, else measured, and kept."""
    name = f"{lm.fingerprint}-{kind}"
    known = _read(name)
    if known is not None:
        yield from known
        return
    found: list[AnyRecord] = []
    for record in precision.measure(lm) if kind == "precision" else pruning.measure(lm, kind):
        found.append(record)
        yield record
    rows = [_row(record) for record in found]
    write_file(_FOLDER, name, {"version": VERSION, "machine": machine(), "rows": rows})


def _row(record: AnyRecord) -> list[Any]:
    if isinstance(record, pruning.Sensitivity):
        return [type(record).__name__, record.passage, *record.values]
    return [type(record).__name__, *record]


def _read(name: str) -> list[AnyRecord] | None:
    said = read_file(_FOLDER, name, _RULE, limit=_LARGEST)
    if said is None or said["machine"] != machine():
        return None
    found = [_record(row) for row in said["rows"]]
    return None if None in found else [one for one in found if one is not None]


def _record(row: Sequence[Any]) -> AnyRecord | None:
    """None where it is none."""
    if not row:
        return None
    name, *fields = row
    if name == "Sensitivity":
        good = len(fields) > 1 and not any(isinstance(value, str) for value in fields)
        return pruning.Sensitivity(int(fields[0]), tuple(map(float, fields[1:]))) if good else None
    kind = _TYPES.get(name)
    if kind is None or len(fields) != len(kind._fields):
        return None
    texts = [hint is str for hint in get_type_hints(kind).values()]
    fits = all(isinstance(value, str) == text for value, text in zip(fields, texts, strict=True))
    made: AnyRecord | None = kind(*fields) if fits else None
    return made
