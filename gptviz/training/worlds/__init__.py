"""Generated worlds whose truth is known, one file each: a file that has a ``WORLD`` is all that a new one needs.

>>> from gptviz.training.worlds import WORLDS, entropy
>>> 0.05 < entropy(WORLDS["stories"]) < 0.3  # nats per character: what no model can do better than
True

Files whose name begins with ``_`` hold none.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from gptviz.training.worlds._world import World, entropy, text


def _found() -> Iterator[World]:
    for file in pkgutil.iter_modules(__path__):
        if not file.name.startswith("_"):
            yield importlib.import_module(f"{__name__}.{file.name}").WORLD


#: Every world by its name.
WORLDS: dict[str, World] = {world.name: world for world in _found()}

__all__ = ["WORLDS", "World", "entropy", "text"]
