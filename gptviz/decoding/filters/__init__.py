"""The filters, one file each. They are found here: a file that defines one, and a field of ``Sample`` of its
parameter's name, are all that a new one needs.

``Filter`` (in ``decoding.filter``) says what a filter is. Files whose name begins with ``_`` hold none.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from gptviz.decoding.filter import Array, Best, Filter, only
from gptviz.decoding.filters.eta import Eta
from gptviz.decoding.filters.min_p import MinP
from gptviz.decoding.filters.no_repeat_ngram import NoRepeatNGram
from gptviz.decoding.filters.repetition_penalty import RepetitionPenalty
from gptviz.decoding.filters.temperature import Temperature
from gptviz.decoding.filters.top_k import TopK
from gptviz.decoding.filters.top_p import TopP
from gptviz.decoding.filters.typical import Typical


def _found() -> Iterator[type[Filter]]:
    """Every filter that a file of this package defines."""
    for file in pkgutil.iter_modules(__path__):
        if not file.name.startswith("_"):
            module = importlib.import_module(f"{__name__}.{file.name}")
            for kind in vars(module).values():
                own = isinstance(kind, type) and kind.__module__ == module.__name__
                if own and issubclass(kind, Filter) and "parameter" in vars(kind):
                    yield kind


#: Every filter by its parameter's name, in the order of the chain.
FILTERS: dict[str, type[Filter]] = {kind.name: kind for kind in sorted(_found(), key=lambda kind: kind.place)}

__all__ = [
    "FILTERS",
    "Array",
    "Best",
    "Eta",
    "Filter",
    "MinP",
    "NoRepeatNGram",
    "RepetitionPenalty",
    "Temperature",
    "TopK",
    "TopP",
    "Typical",
    "only",
]
