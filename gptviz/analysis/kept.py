"""What takes long kept on disk, by the model's fingerprint: worked out once for each model, not once for each start.

The folder is ``GPTVIZ_CACHE``, else ``gptviz`` in the system's folder for caches (XDG's, ``~/.cache``). What lies there
may have been written by anybody: a file is believed as far as it keeps its rules, and else measured again. Where
nothing can be written, nothing is kept, and nothing else changes.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from gptviz.errors import FileError
from gptviz.paths import cache_folder
from gptviz.schema import Either, Entries, Number, Record, Rule, Text, Whole, read_json

VERSION = 1  # of the definitions and their texts: whoever changes a score counts on
MOST_FILES = 64
_MOST_HEADS = 512 * 1024
_LARGEST = 2**23  # bytes of one file
_NAME = re.compile(r"[0-9a-f]{16}(-[a-z]+)?")
_RULE = Record(
    {"version": Whole(VERSION, VERSION), "scores": Entries(Text(32), 32), "fingerprint": Text(16, 16),
     "heads": Entries(Entries(Either(Number(0.0, 1.0), None), 32), _MOST_HEADS)},
    needed=("version", "scores", "fingerprint", "heads"),
)  # fmt: skip


def read(fingerprint: str, n_layer: int, n_head: int, scores: Sequence[str]) -> list[list[float | None]] | None:
    """The scores of each head, layer by layer; None where there are none that could be believed."""
    said = read_file("heads", fingerprint, _RULE, limit=_LARGEST)
    if said is None:
        return None
    heads: list[list[float | None]] = said["heads"]
    fits = said["scores"] == list(scores) and said["fingerprint"] == fingerprint and len(heads) == n_layer * n_head
    return heads if fits and all(len(row) == len(scores) for row in heads) else None


def write(fingerprint: str, scores: Sequence[str], heads: Sequence[Sequence[float | None]]) -> None:
    """Keep the scores."""
    said = {"version": VERSION, "fingerprint": fingerprint, "scores": list(scores), "heads": [list(h) for h in heads]}
    write_file("heads", fingerprint, said)


def read_file(kind: str, name: str, rule: Rule, *, limit: int) -> Any:
    """What the file ``name`` of a kind holds; None where there is none, or none that keeps its rule."""
    path = _path(kind, name)
    if path is None:
        return None
    try:
        if not path.is_file():  # a pipe would be waited for
            return None
        return read_json(path, rule, limit=limit)
    except (FileError, OSError, ValueError):
        return None


def write_file(kind: str, name: str, said: Mapping[str, Any]) -> None:
    """Keep it; the oldest files of its kind go where there are too many."""
    path = _path(kind, name)
    if path is None:
        return
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(said, file)
            os.replace(unfinished, path)  # at once: nobody reads half a file
        except OSError:
            Path(unfinished).unlink(missing_ok=True)
            raise
        _let_go(path.parent)


def _let_go(folder: Path) -> None:
    """Of more files than are kept, the oldest."""
    found = [(path.lstat().st_mtime, path) for path in folder.iterdir() if path.suffix in (".json", ".part")]
    for _, path in sorted(found)[: max(0, len(found) - MOST_FILES)]:
        path.unlink(missing_ok=True)


def _path(kind: str, name: str) -> Path | None:
    """The file of a model: its fingerprint, and a word where it has several; None where that is no such name."""
    return cache_folder() / kind / f"{name}.json" if _NAME.fullmatch(name) else None
