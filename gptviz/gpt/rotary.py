"""Rotary positions as settings: how far queries and keys are turned by their place (Su et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gptviz.errors import ConfigError


def require(ok: bool, key: str, **values: Any) -> None:
    """Raise ConfigError with the sentence of ``key`` where a setting is not good."""
    if not ok:
        raise ConfigError(key, **values)


@dataclass(frozen=True)
class Rotary:
    """How queries and keys are turned by their place, where positions are ``rotary`` (Su et al. 2021)."""

    base: float = 10_000.0  # the slowest plane turns once in about 2π · base positions
    width: int | None = None  # how many of a head's numbers are turned, the first ones; None: all
    halves: bool = False  # a plane is (x[i], x[i + width / 2]), as in GPT-NeoX and Llama; else (x[2i], x[2i + 1])
    factor: float = 1.0  # how many times slower the turns are, for a longer context than was trained
    # With Llama 3.1's way, only planes that turn less than ``low`` times in ``original`` positions are slowed down
    # wholly, those that turn more than ``high`` times not at all. None: all alike.
    low: float | None = None
    high: float | None = None
    original: int | None = None
    factors: tuple[float, ...] = ()  # or, of each plane, how many times slower it is, as GGUF files say it

    def __post_init__(self) -> None:
        for name in ("base", "factor"):
            value = getattr(self, name)
            require(0 < value <= 1e12, "config.range", name=f"rotary {name}", value=value, low=0, high=1e12)
        require(all(0 < value <= 1e12 for value in self.factors), "config.range", name="rotary factors",
                 value=self.factors[:1], low=0, high=1e12)  # fmt: skip
        given = [value for value in (self.low, self.high, self.original) if value is not None]
        require(len(given) in (0, 3), "config.rotary_scaling")
        if self.low is not None and self.high is not None and self.original is not None:
            require(0 < self.low < self.high and self.original >= 1, "config.rotary_scaling")


USUAL = Rotary()
