"""What a model was tuned for, as its folder says it: nothing in it is trusted. Without torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, NamedTuple

from gptviz.tuning.saved_names import SAID

_MOST_BYTES = 1_000_000
_MOST, _LONGEST = 40, 80  # names that are told, and characters of each


class Story(NamedTuple):
    """A trunk that was tuned under a head."""

    kind: Literal["labels", "tags"]  # of a text, or of its words
    names: tuple[str, ...]  # the labels; of tags the kinds of entity
    base: str  # the model that it was tuned from
    method: str


def story(folder: Path) -> Story | None:
    """What stands in a model's folder; None where it was not tuned under a head, or nothing can be read."""
    try:
        if (folder / SAID).stat().st_size > _MOST_BYTES:
            return None
        said = json.loads((folder / SAID).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    kind: Literal["labels", "tags"] = "labels" if "labels" in said else "tags"
    names, base, method = said.get(kind), said.get("base"), said.get("method")
    if not isinstance(names, list) or not names or not isinstance(base, str) or not isinstance(method, str):
        return None
    words = [str(name)[:_LONGEST] for name in names[: 2 * _MOST]]
    if kind == "tags":
        words = [word[2:] for word in words if word[:2] in ("B-", "I-")]
    return Story(kind, tuple(dict.fromkeys(words))[:_MOST], base[:_LONGEST], method[:_LONGEST])
