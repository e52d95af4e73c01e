"""The strategies, one file each. They are found here: a file that defines one is all that a new one needs.

``Strategy`` (in ``decoding.strategy``) says what a strategy is. Files whose name begins with ``_`` hold none.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any

from gptviz.decoding.checks import shown
from gptviz.decoding.strategies.beam import Beam
from gptviz.decoding.strategies.contrastive import Contrastive
from gptviz.decoding.strategies.greedy import Greedy
from gptviz.decoding.strategies.sample import Sample
from gptviz.decoding.strategy import OneByOne, Strategy, stages
from gptviz.errors import DecodingError


def _found() -> Iterator[type[Strategy]]:
    """Every strategy that a file of this package defines."""
    for file in pkgutil.iter_modules(__path__):
        if not file.name.startswith("_"):
            module = importlib.import_module(f"{__name__}.{file.name}")
            for kind in vars(module).values():
                own = isinstance(kind, type) and kind.__module__ == module.__name__
                if own and issubclass(kind, Strategy) and "name" in vars(kind):
                    yield kind


#: Every strategy by its name, in the order in which a menu lists them.
STRATEGIES: dict[str, type[Strategy]] = {
    kind.name: kind for kind in sorted(_found(), key=lambda kind: (kind.place, kind.name))
}


def strategy_from_dict(data: Mapping[str, Any]) -> Strategy:
    """The strategy that ``to_dict`` wrote down, or one written by hand; parameters left out have their defaults.

    >>> strategy_from_dict({"name": "sample", "top_p": 0.9}) == Sample(top_p=0.9)
    True

    Raises DecodingError where it is no such record, or names a strategy, a parameter or a value that there is not:
    what comes from a link or a file needs no other check.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("name"), str):
        raise DecodingError("decoding.record", value=shown(data))
    kind = STRATEGIES.get(data["name"])
    if kind is None:
        raise DecodingError("decoding.unknown", name=shown(data["name"]), known=", ".join(STRATEGIES))
    values = {name: value for name, value in data.items() if name != "name"}
    known = [parameter.name for parameter in kind.parameters]
    for name in values:
        if name not in known:
            listed = ", ".join(known) or "–"
            raise DecodingError("decoding.parameter", name=shown(name), strategy=kind.name, known=listed)
    return kind(**values)


__all__ = [
    "STRATEGIES",
    "Beam",
    "Contrastive",
    "Greedy",
    "OneByOne",
    "Sample",
    "Strategy",
    "stages",
    "strategy_from_dict",
]
