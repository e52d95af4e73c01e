"""Python's own standard library as a text to learn from: it is on every machine on which this runs."""

from __future__ import annotations

import sysconfig
from pathlib import Path

BYTES = 4_000_000


def standard_library(most: int = BYTES) -> str:
    """Modules of this machine's Python in the order of their names, those of ASCII only, up to so many characters."""
    parts, size = [], 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        said = path.read_bytes()
        if said.isascii() and size < most:
            parts.append(said.decode()[: most - size])
            size += len(parts[-1])
    return "\n".join(parts)
