"""What one visitor's page of masks stands at: the prefix, the claim looked at, and what has been computed. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gptviz.analysis import claims
from gptviz.analysis.claims import Evidence
from gptviz.analysis.masks import KINDS, UnderMask, under_mask
from gptviz.i18n import translate
from gptviz.jobs import Slice, Task
from gptviz.language_model import LanguageModel
from gptviz.ui.controls import choice, count
from gptviz.ui.page import Action, Context, Tracer
from gptviz.ui.prompts import chat_control, start_control, system_control
from gptviz.ui.web.conversation import Conversation

CLAIMS = ("encoder", "gan", "masked_word", "beam", "temperature", "attention", "token", "likeliest", "cost")
MOST = 64  # tokens that are read: each mask is two runs of its own
SLICE = 0.12  # seconds of measuring in one run
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
    measured: str = ""  # the fingerprint of the model whose passes are timed
    passes: list[tuple[int, float]] = field(default_factory=list)  # (tokens, seconds)
    measuring: Task[tuple[int, float]] | None = None  # what is left of them

    def once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What was computed before, or now; the oldest is forgotten."""
        if key not in self.known:
            while len(self.known) >= _KEPT:
                self.known.pop(next(iter(self.known)))
            self.known[key] = make()
        return self.known[key]

    def masks(self, lm: LanguageModel, ids: tuple[int, ...], trace: Tracer) -> tuple[UnderMask, ...]:
        """The text under each of the three masks; ``trace`` reads it under the model's own."""

        def under(kind: str, prefix: int) -> UnderMask:
            key = ("mask", lm.fingerprint, ids, kind, prefix)
            found: UnderMask = self.once(key, lambda: under_mask(lm, ids, kind, prefix=prefix, causal=trace(ids)))
            return found

        return tuple(under(kind, self.view.prefix if kind == "prefix" else 0) for kind in KINDS)

    def evidence(self, lm: LanguageModel, ids: tuple[int, ...], lang: str,
                 found: tuple[UnderMask, ...]) -> Evidence | None:  # fmt: skip
        """What speaks against the claim; None of the cost until it is measured."""
        claim = self.view.claim
        if claim == "cost":
            return claims.cost_of(self.passes) if self.measured == lm.fingerprint and not self.measuring else None
        if claim == "encoder":
            return claims.encoder(lm, ids, found[:2])
        words = {"token": ("word",), "likeliest": ("question", "answer")}.get(claim, ())
        said = [translate(f"masks.{word}", lang) for word in words]
        key = ("claim", lm.fingerprint, ids, claim, lang)
        made: Evidence = self.once(key, lambda: getattr(claims, claim)(lm, ids, *said))
        return made

    def advance(self, lm: LanguageModel, pressed: Callable[[], bool]) -> None:
        """Measure on for so long as a slice is; what was begun on another model is let go of."""
        if self.measuring is None or self.measured != lm.fingerprint:
            self.measuring = None
            return
        self.passes += self.measuring.go_on(Slice(SLICE, pressed=pressed))
        if self.measuring.finished:
            self.measuring = None


def begin(state: Masks, lang: str) -> None:
    """A first visit reads a sentence."""
    state.text = translate("masks.first", lang)


def _measure(action: Action, state: Masks, context: Context) -> None:
    """Measure what longer texts cost: seconds of a large model, so only when somebody asks, and in slices."""
    state.measured, state.passes = context.lm.fingerprint, []
    state.measuring = Task(claims.timed(context.lm, (1,)))


ACTIONS: dict[str, Callable[[Action, Masks, Context], None]] = {"measure": _measure}
