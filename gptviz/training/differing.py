"""In what two runs differ: their choices side by side, in the order of what explains a difference most often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gptviz.gpt.config import GPTConfig, modern

#: A limit of the gradient's norm that no gradient of a run which learns comes near: none at all.
NO_CLIP = 1000.0
#: What is chosen, the most telling first; ``tokens`` are those of the vocabulary.
NAMES = ("parts", "position", "warmup", "grad_clip", "learning_rate", "schedule", "optimizer", "source", "n_layer",
         "n_head", "n_embd", "block_size", "tokens", "steps", "batch_size", "accumulate", "weight_decay", "dropout",
         "precision", "recompute", "patience", "seconds", "seed")  # fmt: skip
_OFF = {"warmup": 0, "weight_decay": 0, "dropout": 0, "patience": 0, "seconds": 0}


class Difference(NamedTuple):
    """One choice and what it is in either run; None: there is none (no warm-up, no clipping)."""

    name: str
    one: Any
    other: Any


def choices(config: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The choices of a run by name, of its ``TrainConfig`` as JSON (``dataclasses.asdict``) and what it learnt from.

    >>> from dataclasses import asdict
    >>> from gptviz.gpt.config import PRESETS
    >>> found = choices(asdict(PRESETS["modern-parts"]), "stories")
    >>> found["parts"], found["position"], found["n_layer"], found["source"]
    ('modern', 'rotary', 3, 'stories')
    """
    model = GPTConfig.from_json(config["model"])
    parts = "modern" if modern(model) == model else "classic"
    told = {**vars(model), **config, "parts": parts, "source": source, "tokens": model.n_tokens or model.vocab_size}
    return {name: told[name] for name in NAMES if name in told}


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Difference]:
    """What is chosen otherwise, of what is known of both.

    >>> differing({"warmup": 20, "grad_clip": 1.0, "seed": 1}, {"warmup": 0, "grad_clip": 1.0, "seed": 1})
    [Difference(name='warmup', one=20, other=None)]
    """
    both = [name for name in NAMES if name in one and name in other]
    found = [Difference(name, _said(name, one[name]), _said(name, other[name])) for name in both]
    return [x for x in found if x.one != x.other]


def _said(name: str, value: Any) -> Any:
    if name == "grad_clip":
        return None if value >= NO_CLIP else value
    return None if name in _OFF and (value or 0) == _OFF[name] else value
