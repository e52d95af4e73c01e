"""The GPT series, its relatives, and what can be opened here on the same scale: published facts, each with its source.

The facts are in ``assets/published.toml``. What is not published is None, and stays so: no estimate stands in for
it. The sizes of models that run here are computed from their shapes, as those of the model that is open are.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from gptviz import catalogue
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.families import family_of
from gptviz.paths import ASSETS

FILE = ASSETS / "published.toml"
KINDS = ("encoder", "both", "decoder")


class Model(NamedTuple):
    """One published model; None is what is not published."""

    key: str
    name: str
    by: str
    date: str  # year-month
    kind: str  # one of KINDS
    source: str
    series: bool = False  # of the GPT series itself
    parameters: int | None = None
    tokens: int | None = None  # trained on
    context: int | None = None  # tokens
    n_layer: int | None = None
    n_embd: int | None = None
    n_head: int | None = None

    @property
    def year(self) -> float:
        """The middle of its month on a scale of years.

        >>> Model("x", "X", "", "2018-07", "decoder", "").year
        2018.5416666666667
        """
        year, month = map(int, self.date.split("-"))
        return year + (month - 0.5) / 12


class Here(NamedTuple):
    """A model that runs here, or a family of open ones: its shape says its size."""

    key: str
    name: str
    config: GPTConfig


@lru_cache(maxsize=1)
def series(path: Path = FILE) -> tuple[Model, ...]:
    """All published models, by date."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["model"]
    return tuple(sorted((Model(**row) for row in rows), key=lambda model: model.date))


@lru_cache(maxsize=1)
def shapes(path: Path = FILE) -> tuple[Here, ...]:
    """The open families, smallest first."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["shape"]
    found = [_here(**row) for row in rows]
    return tuple(sorted(found, key=lambda here: here.config.n_parameters))


def _here(key: str, name: str, config: dict[str, Any]) -> Here:
    return Here(key, name, family_of(config["model_type"], name).read(config, name))


def bundled() -> tuple[Here, ...]:
    """What comes with the app, by the names of its folders."""
    return tuple(Here(name, name, catalogue.about(path).config) for name, path in sorted(catalogue.bundled().items()))
