"""What the browser says, taken in: the Python side of ``web/wire/protocol.js``. Pure: no Streamlit here.

The browser sends ``{"n", "text", "view", "since", "queue", "strings", "arrays", "beyond"}``. Newest wins for the text
and for each control of the view, of which ``since`` says in which message it was last changed by hand; the actions in
the queue are numbered, so none is lost or done twice. Of a text too long to be read the end is sent, and how many
characters lie ``beyond`` it in the box. Nothing in it is trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, ClassVar

from gptviz.language_model import LanguageModel
from gptviz.ui.controls import MOST, Control, controls, whole
from gptviz.ui.limits import MAX_ACTIONS, MAX_NAME, MAX_QUEUE, fitting
from gptviz.ui.web.arrays import SentArrays

TEXT = "text"  # what the text is called among those that have characters beyond what is read


@dataclass
class Conversation:
    """One visitor's text and controls on one page, and how far the talk with the browser has come; in the session.

    A page's state inherits from it and gives ``view`` a frozen dataclass of controls (see ``controls``). What a link
    of the page carries besides the text and the controls, it says in ``to_query`` and takes in ``take_query``.
    """

    text: str = ""
    view: Any = None
    rev: int = 1  # grows when Python, not the browser, sets text or view
    echo: int = 0  # newest message taken in
    acked: int = 0  # newest action carried out
    cut: int = 0  # characters before the text that came with it and were left out
    beyond: dict[str, int] = field(default_factory=dict)  # name of a text → characters before it that stay in its box
    asked: int = 0  # actions of a message of more than are looked at
    fresh: bool = False  # made of no link, and the browser has not said anything yet
    has_strings: str = ""  # the name of the interface's strings that the browser has, as it says (see ``message``)
    has_arrays: str = ""  # the name of the picture's arrays that the browser has, as it says (see ``arrays``)
    sent_arrays: SentArrays = field(default_factory=SentArrays)
    shown: dict[str, Any] = field(default_factory=dict)  # the view as last shown
    taken: dict[str, int] = field(default_factory=dict)  # name of a control → the message that it is of
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # of a link or a file: (key, values)

    #: Whether the page has a text: that which goes with the visitor from page to page.
    reads: ClassVar[bool] = True

    def controls(self) -> tuple[Control, ...]:
        """The controls of the page."""
        view: type = type(self.view)
        return () if self.view is None else controls(view)

    def adopt(self, changes: dict[str, Any]) -> None:
        """Take over the controls that changed; all values are within their bounds."""
        if changes:
            self.view = replace(self.view, **changes)

    def hand_over(self, lm: LanguageModel) -> dict[str, Any]:
        """What goes with the visitor to other pages: the shared controls, by name."""
        return {control.name: getattr(self.view, control.name) for control in self.controls() if control.shared}

    def take_over(self, values: Mapping[str, Any], lm: LanguageModel) -> None:
        """Take from what comes with the visitor the controls that this page shares, within its bounds."""
        changes: dict[str, Any] = {}
        for control in self.controls():
            if control.shared and control.name in values:
                value = control.read(values[control.name])
                nothing = control.nullable and values[control.name] is None
                if (value is not None or nothing) and value != getattr(self.view, control.name):
                    changes[control.name] = value
        self.adopt(changes)

    def follow(self) -> None:
        """The text is another: forget what was chosen in the old one."""

    def to_query(self, lm: LanguageModel) -> dict[str, str]:
        """What a link carries besides text and controls."""
        return {}

    def take_query(self, query: Mapping[str, str], lm: LanguageModel) -> list[str]:
        """Take from a link what ``to_query`` has put there; gives the names of what cannot be read."""
        return []

    def set_text(self, text: str) -> None:
        """Set the text from Python."""
        self.text, self.rev = fitting(text), self.rev + 1
        self.cut = len(text) - len(self.text)
        self.beyond = {}
        self.follow()

    def receive(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Take in a message of the browser; returns the actions not yet carried out, oldest first."""
        n = (whole(message.get("n"), 0, MOST) or 0) % MOST  # after the largest that a browser may say there is a next
        # a reloaded page counts from 1 again; a message already taken in changes nothing
        if n == self.echo:
            return []
        if n < self.echo:
            self.taken = {}
        self.echo = n
        self.fresh = False
        self.has_strings, self.has_arrays = (_name(message.get(what)) for what in ("strings", "arrays"))
        self._receive_view(message.get("view"), message.get("since"))
        self._receive_text(message.get("text"), message.get("beyond"))
        return self._wanted(message.get("queue"))

    def done(self, action: Mapping[str, Any]) -> None:
        """Note that ``action`` has been carried out (or makes no sense any more)."""
        self.acked = whole(action.get("q"), 0, MOST) or self.acked

    def _wanted(self, queue: Any) -> list[dict[str, Any]]:
        """The next actions of a queue: those after them come again with the next message, as they are not done yet."""
        sent = queue if isinstance(queue, list) else []
        self.asked = len(sent) if len(sent) > MAX_QUEUE else 0
        new = (a for a in sent[:MAX_QUEUE] if isinstance(a, dict) and (whole(a.get("q"), 0, MOST) or 0) > self.acked)
        return list(islice(new, MAX_ACTIONS))

    def _receive_text(self, text: Any, beyond: Any) -> None:
        """Take in the text, and how much of each text stays in its box."""
        if not isinstance(text, str):
            return
        read = fitting(text)
        if read != self.text:
            self.text, self.cut = read, len(text) - len(read)
            self.follow()
        told = beyond if isinstance(beyond, Mapping) else {}
        found = {name: whole(told.get(name), 0, MOST) for name in (TEXT, *(c.name for c in self.controls()))}
        self.beyond = {name: count for name, count in found.items() if count}

    def _receive_view(self, sent: Any, since: Any) -> None:
        """Adopt what the visitor changed since it was last taken in; Python may have set it meanwhile.

        What nobody has touched says something only to a session that has shown nothing yet, as after a restart.
        """
        if not isinstance(sent, Mapping):
            return
        told, usual = (since, 0) if isinstance(since, Mapping) else ({}, self.echo)
        changes: dict[str, Any] = {}
        for control in self.controls():
            name = control.name
            at = whole(told.get(name, usual), 0, MOST) or 0
            if name not in sent or (at <= self.taken.get(name, 0) and (at or self.shown)):
                continue
            self.taken[name] = at
            value = control.read(sent[name])
            if value is not None or control.nullable:
                changes[name] = value
        self.adopt(changes)


def _name(said: Any) -> str:
    """A name that the browser says; empty where it is none."""
    return said[:MAX_NAME] if isinstance(said, str) else ""
