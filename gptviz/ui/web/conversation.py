"""What the browser says, taken in: the Python side of ``web/wire/protocol.js``. Pure: no Streamlit here.

The browser sends ``{"n", "text", "view", "queue", "strings"}``. Newest wins for the text and the view (the controls);
the actions in the queue are numbered, so none is lost or done twice. Nothing in it is trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, ClassVar

MAX_CHARS = 10_000
MAX_NAME = 64  # characters of a name that the browser says
MOST = 2**53  # beyond it a browser's numbers skip some


@dataclass
class Conversation:
    """One visitor's text on one page, and how far the talk with the browser has come; lives in the session.

    A page's state inherits from it, says in ``READ`` how each control is read (None: unusable, the control stays as it
    is, unless it is among ``NULLABLE``), and takes the changes in ``adopt``.
    """

    text: str = ""
    rev: int = 1  # grows when Python, not the browser, sets text or view
    echo: int = 0  # newest message taken in
    acked: int = 0  # newest action carried out
    cut: bool = False  # the text was longer than is allowed
    has_strings: str = ""  # the name of the interface's strings that the browser has, as it says (see ``message``)
    shown: dict[str, Any] = field(default_factory=dict)  # the view as last shown: the browser may merely repeat it
    heard: dict[str, Any] = field(default_factory=dict)  # the view as last heard

    READ: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    NULLABLE: ClassVar[tuple[str, ...]] = ()

    def adopt(self, changes: dict[str, Any]) -> None:
        """Take over the controls that the visitor changed."""
        raise NotImplementedError

    def follow(self) -> None:
        """The text is another: forget what was chosen in the old one."""

    def set_text(self, text: str) -> None:
        """Set the text from Python."""
        self.text, self.rev = text, self.rev + 1
        self.follow()

    def receive(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Take in a message of the browser; returns the actions not yet carried out, oldest first."""
        n = whole(message.get("n"), 0, MOST) or 0
        # a reloaded page counts from 1 again; a message already taken in changes nothing
        if n == self.echo:
            return []
        self.echo = n
        known = message.get("strings")
        self.has_strings = known[:MAX_NAME] if isinstance(known, str) else ""
        self._receive_view(message.get("view"))
        text = message.get("text")
        if isinstance(text, str) and text[:MAX_CHARS] != self.text:
            self.text, self.cut = text[:MAX_CHARS], len(text) > MAX_CHARS
            self.follow()
        queue = message.get("queue")
        actions = [a for a in queue if isinstance(a, dict)] if isinstance(queue, list) else []
        return [a for a in actions if (whole(a.get("q"), 0, MOST) or 0) > self.acked]

    def done(self, action: Mapping[str, Any]) -> None:
        """Note that ``action`` has been carried out (or makes no sense any more)."""
        self.acked = whole(action.get("q"), 0, MOST) or self.acked

    def _receive_view(self, sent: Any) -> None:
        """Adopt the fields that the visitor changed: neither what was shown before nor what was heard before."""
        if not isinstance(sent, Mapping):
            return
        changes: dict[str, Any] = {}
        for name, read in self.READ.items():
            if name not in sent or sent[name] == self.heard.get(name, self) or sent[name] == self.shown.get(name, self):
                continue
            value = read(sent[name])
            if value is not None or name in self.NULLABLE:
                changes[name] = value
        self.heard = dict(sent)
        self.adopt(changes)


def whole(value: Any, low: int, high: int) -> int | None:
    """``value`` as a whole number within bounds; None where it is no finite number."""
    return int(min(max(value, low), high)) if _is_number(value) else None


def real(value: Any, low: float, high: float) -> float | None:
    """``value`` as a number within bounds; None where it is no finite number."""
    return float(min(max(value, low), high)) if _is_number(value) else None


def _is_number(value: Any) -> bool:
    """Neither NaN nor infinite; a whole number may be larger than any float, so ``isfinite`` must not see it."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and isfinite(value))
