"""What one visitor's page of masks stands at: the prefix, the claim looked at, and what has been computed. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gptviz.analysis import claims
from gptviz.analysis.claims import Evidence
from gptviz.analysis.masks import KINDS, UnderMask, under_mask
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.ui.controls import choice, count
from gptviz.ui.page import Action, Context
from gptviz.ui.prompts import chat_control, start_control, system_control
from gptviz.ui.web.conversation import Conversation

CLAIMS = ("encoder", "gan", "masked_word", "beam", "temperature", "attention", "token", "likeliest", "cost")
MOST = 64  # tokens that are read: each mask is two runs of its own
_KEPT = 24  # results: the rest is computed again


@dataclass(frozen=True)
class View:
    """The controls: how many tokens the prefix has, and the claim."""

    prefix: int = count(2, 1, MOST)
    claim: str = choice("encoder", CLAIMS)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()


@dataclass
class Masks(Conversation):
    """One visitor's page."""

    view: View = field(default_factory=View)
    known: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What was computed before, or now; the oldest is forgotten."""
        if key not in self.known:
            while len(self.known) >= _KEPT:
                self.known.pop(next(iter(self.known)))
            self.known[key] = make()
        return self.known[key]

    def masks(self, lm: LanguageModel, ids: tuple[int, ...]) -> tuple[UnderMask, ...]:
        """The text under each of the three masks."""
        return tuple(self._under(lm, ids, kind, self.view.prefix if kind == "prefix" else 0) for kind in KINDS)

    def _under(self, lm: LanguageModel, ids: tuple[int, ...], kind: str, prefix: int) -> UnderMask:
        found: UnderMask = self.once(("mask", lm, ids, kind, prefix), lambda: under_mask(lm, ids, kind, prefix=prefix))
        return found

    def evidence(self, lm: LanguageModel, ids: tuple[int, ...], lang: str) -> Evidence | None:
        """What speaks against the claim; None of the cost until it is measured."""
        claim = self.view.claim
        key = ("claim", lm, ids, claim, lang)
        if claim == "cost":
            return self.known.get(("cost", lm))
        words = {"token": ("word",), "likeliest": ("question", "answer")}.get(claim, ())
        said = [translate(f"masks.{word}", lang) for word in words]
        found: Evidence = self.once(key, lambda: getattr(claims, claim)(lm, ids, *said))
        return found


def begin(state: Masks, lang: str) -> None:
    """A first visit reads a sentence."""
    state.text = translate("masks.first", lang)


def _measure(action: Action, state: Masks, context: Context) -> None:
    """Measure what longer texts cost: some tenths of a second, so only when somebody asks."""
    state.known[("cost", context.lm)] = claims.cost(context.lm, (1,))


ACTIONS: dict[str, Callable[[Action, Masks, Context], None]] = {"measure": _measure}
