"""What one visitor may cost: every bound on what comes from a browser, in one place. Pure: no Streamlit here.

A browser that keeps to its scripts never meets most of them: it is told what it may send (``told``), sends the rest
later, or says why not. They are for what is forged, and each has a sentence.
"""

from __future__ import annotations

import os
from typing import TypedDict

MAX_CHARS = 10_000  # characters (code points) of a text that are read
KEPT_CHARS = 1_000_000  # of a longer one that a browser's tab keeps for a reload
MAX_ACTIONS = 64  # carried out in one run; those after them in the next
MAX_QUEUE = 256  # actions that a browser has waiting
ACTING = 0.25  # seconds that the actions of one run may take: whoever waits for a turn waits no longer
MAX_FILE = 8_000_000  # characters of a file that is opened: a hundred times a usual comparison
MAX_PIECE = 250_000  # UTF-16 units of a file in one message; as JSON they are six times as many bytes at most
MAX_MESSAGE_MB = 2  # of the socket: a longer message is not read, and closes it
MAX_DRAWN = 10_000  # tokens of many draws together
MAX_NAME = 64  # characters of a name that the browser says
VISITORS = "GPTVIZ_VISITORS"  # how many may be there at a time
_USUAL_VISITORS = 200
TOKENS = "GPTVIZ_TOKENS"  # how many tokens of a text are read at a time, where the model reads as many
_USUAL_TOKENS, _MOST_TOKENS = 256, 4096  # beyond the usual, pictures of all heads are larger than a screen
LOADED = "GPTVIZ_LOADED"  # how many models may be loaded at a time, beside the bundled one
_USUAL_LOADED = 3
MEMORY = "GPTVIZ_MEMORY"  # GB that these may take together
DRAWN = "GPTVIZ_DRAWN"  # tokens of many draws together
IDLE = "GPTVIZ_IDLE_MINUTES"  # after which who does nothing gives way to who waits


class Limits(TypedDict):
    """What the browser keeps to."""

    chars: int
    kept_chars: int
    queue: int
    piece: int
    file: int


TOLD: Limits = {"chars": MAX_CHARS, "kept_chars": KEPT_CHARS, "queue": MAX_QUEUE, "piece": MAX_PIECE,
                "file": MAX_FILE}  # fmt: skip


def fitting(text: str, most: int = MAX_CHARS) -> str:
    """The end of a text, as much of it as is read: what follows it depends on nothing else.

    The browser cuts by itself, and moves the cut by steps (``web/kit/whole.js``); this is for links and files.
    """
    return text[-most:]


def most_visitors() -> int:
    """How many visitors may be there at a time; what is no whole number from 1 on is as if it were not said."""
    return _said(VISITORS) or _USUAL_VISITORS


def most_tokens() -> int:
    """How many tokens are read at a time, at most ``_MOST_TOKENS``; what is no whole number from 1 on is not heard."""
    return min(_said(TOKENS) or _USUAL_TOKENS, _MOST_TOKENS)


def most_models() -> int:
    """How many models may be loaded beside the bundled one; what is no whole number from 1 on is not heard."""
    return _said(LOADED) or _USUAL_LOADED


def most_drawn() -> int:
    """How many tokens many draws may have together, at most ``MAX_DRAWN``."""
    return min(_said(DRAWN) or MAX_DRAWN, MAX_DRAWN)


def idle_seconds() -> float:
    """After how many seconds who does nothing gives way to who waits; 0: never, as long as nobody says so."""
    return 60.0 * _said(IDLE)


def most_model_bytes() -> int | None:
    """How much memory they may take together, if the operator says so."""
    return _said(MEMORY) * 10**9 or None


def _said(name: str) -> int:
    """A whole number that the operator says; 0 where it is none."""
    said = os.environ.get(name, "").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0
