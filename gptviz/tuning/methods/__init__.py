"""Ways to change a model for a task, a file each: all of its numbers, or a few new ones beside them.

>>> sorted(METHODS)
['adalora', 'adapter', 'bitfit', 'full', 'head', 'lora', 'prefix', 'prompt']
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from gptviz.errors import ConfigError
from gptviz.tuning.method import Method


def _found() -> dict[str, type[Method]]:
    """Those in the files of this folder."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    kinds = [kind for module in modules for kind in vars(module).values() if isinstance(kind, type)]
    return {kind.name: kind for kind in kinds if issubclass(kind, Method) and kind is not Method}


METHODS: Mapping[str, type[Method]] = _found()


def method(name: str, **settings: Any) -> Method:
    """The method of that name with its ``settings``. Raises ConfigError where there is none, or no such setting."""
    if name not in METHODS:
        raise ConfigError("config.choice", name="method", value=name, choices=", ".join(sorted(METHODS)))
    try:
        return METHODS[name](**settings)
    except TypeError as error:
        known = ", ".join(METHODS[name].__dataclass_fields__) or "–"
        raise ConfigError("config.choice", name=f"{name}: setting", value=", ".join(settings), choices=known) from error
