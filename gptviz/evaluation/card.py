"""The card of a model: how it was trained and how it did, read from ``card.json`` in the model's folder.

The file is written by ``assets/models/card.py`` from the logs of the runs and the report of ``gptviz eval``; the
README beside it says the same in words. A model without the file has no card.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

FILE = "card.json"
ATTRIBUTION = "ATTRIBUTION.md"  # the notices that the texts' licences ask for
LONGEST = 100_000  # characters of them that are read


class TextPart(NamedTuple):
    """One kind of text that was trained on."""

    name: str
    share: float  # of the sequences read in all runs together
    megabytes: float
    licence: str
    source: str


class Curve(NamedTuple):
    """Loss by tokens read; all lists of one kind are equally long. Losses are nats per token."""

    tokens: list[int]
    loss: list[float]  # of the steps around that point, averaged
    learning_rate: list[float]
    valid_tokens: list[int]
    valid_loss: list[float]


class Card(NamedTuple):
    """All of it; ``evaluation`` is the report of ``gptviz eval --json``."""

    commands: list[str]
    versions: dict[str, str]
    tokens: int  # read in all runs together
    seeds: list[int]
    data: list[TextPart]
    curve: Curve
    evaluation: dict[str, Any]
    samples: list[dict[str, Any]]
    before: dict[str, Any] | None = None  # figures of the model in whose place it came, where there was one


def read_card(folder: Path) -> Card | None:
    """The card in a model folder; None where there is none that can be read."""
    try:
        raw = json.loads((folder / FILE).read_text(encoding="utf-8"))
        data = [TextPart(**part) for part in raw.pop("data")]
        return Card(data=data, curve=Curve(**raw.pop("curve")), **raw)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def read_attribution(folder: Path) -> str:
    """The notices in a model folder; nothing where there are none."""
    try:
        with (folder / ATTRIBUTION).open(encoding="utf-8") as file:
            return file.read(LONGEST)
    except (OSError, ValueError):
        return ""
