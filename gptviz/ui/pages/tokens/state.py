"""What one visitor's Tokens page stands at. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from gptviz.i18n import translate
from gptviz.ui import controls
from gptviz.ui.controls import count
from gptviz.ui.limits import MAX_NAME
from gptviz.ui.page import Action, Context, word
from gptviz.ui.prompts import chat_control, examples, pos_control, start_control, system_control
from gptviz.ui.web.conversation import Conversation

END = -1  # the step of the film after which all is done
HERE = -1  # the vocabulary is opened at the token looked at
PRESETS = ("merges", "letter", "numbers", "chinese", "emoji", "spaces")  # what each shows is in its text


@dataclass(frozen=True)
class View:
    """The controls: the step of the film, the token looked at, the other model, where the vocabulary is opened."""

    pos: int | None = pos_control()
    step: int = count(END, END, 100_000, seldom=True)
    other: str = controls.text("", MAX_NAME, query="other", seldom=True)
    find: str = controls.text("", MAX_NAME, query="find", seldom=True)
    at: int = count(HERE, HERE, 2**20, seldom=True)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()


@dataclass
class Tokens(Conversation):
    """One visitor."""

    view: View = View()

    def follow(self) -> None:
        """Another text has another film: it is shown done."""
        self.view = replace(self.view, step=END, pos=None)

    def adopt(self, changes: dict[str, Any]) -> None:
        """The vocabulary is opened at the token that is looked at."""
        if changes.get("pos", self.view.pos) != self.view.pos and "at" not in changes:
            changes = {**changes, "at": HERE}
        super().adopt(changes)


def begin(state: Tokens, lang: str) -> None:
    """A first visit reads the first example."""
    state.text = examples(lang)[0]


def _preset(action: Action, state: Tokens, context: Context) -> None:
    name = word(action, "name")
    if name in PRESETS:
        state.set_text(translate(f"tokens.preset_text.{name}", context.lang))
        state.view = replace(state.view, step=0 if name in ("merges", "chinese") else END)


ACTIONS: dict[str, Callable[[Action, Tokens, Context], None]] = {"preset": _preset}
