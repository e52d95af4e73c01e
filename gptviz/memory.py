"""How much memory this machine has to spare.

On Linux what the kernel says is available (free, and what it can free at once), within the bounds of the control groups
that this process runs in: a container is told of the whole machine, and ended at its own limit.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

PROC, GROUPS = Path("/proc"), Path("/sys/fs/cgroup")
_KB = 1024


def available() -> int | None:
    """Bytes that can be had without taking any from other programs; None where that cannot be known."""
    machine = _meminfo()
    if machine is None:
        machine = _sysconf()
    if machine is None:
        return None
    return max(0, min([machine, *_left_in_groups()]))


def lacking(error: BaseException) -> bool:
    """Whether that is what went wrong: Python's word for it, or torch's, told by its name so that nobody imports torch
    to ask. On a CPU torch's is no kind of error of its own."""
    named = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return named or (isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error))


def resident() -> int | None:
    """Bytes of memory that this process takes; None where that cannot be known."""
    found = re.match(r"\d+ (\d{1,15})", _read(PROC / "self" / "statm"))
    return int(found[1]) * os.sysconf("SC_PAGE_SIZE") if found else None


def _meminfo() -> int | None:
    found = re.search(r"^MemAvailable:\s+(\d{1,15}) kB", _read(PROC / "meminfo"), re.MULTILINE)
    return int(found[1]) * _KB if found else None


def _sysconf() -> int | None:
    """Of other systems like Unix; some know only how much there is in all, which says nothing."""
    try:
        pages, size = os.sysconf("SC_AVPHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
    return pages * size if pages > 0 and size > 0 else None


def _left_in_groups() -> Iterator[int]:
    """What the limit of each control group leaves; file pages that it keeps are given back when they are asked for."""
    for folder in _groups():
        for limit, used, pages in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            most, now = _read(folder / limit).strip(), _read(folder / used).strip()
            if most.isdigit() and now.isdigit():
                kept = re.search(rf"^{pages} (\d+)", _read(folder / "memory.stat"), re.MULTILINE)
                yield int(most) - int(now) + (int(kept[1]) if kept else 0)


def _groups() -> Iterator[Path]:
    """The folders of this process's groups, from its own up: each may have a limit."""
    for line in _read(PROC / "self" / "cgroup").splitlines():
        _, kinds, place = [*line.split(":", 2), "", ""][:3]
        if kinds and "memory" not in kinds.split(","):
            continue
        top = GROUPS / "memory" if kinds else GROUPS
        folder = top / place.strip("/")
        while True:
            yield folder
            if folder == top or top not in folder.parents:
                break
            folder = folder.parent


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")[:100_000]
    except (OSError, ValueError):
        return ""
