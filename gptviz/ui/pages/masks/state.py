"""What one visitor's page of masks stands at: the prefix, the claim, the blank, and what has been computed. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gptviz.analysis import claims
from gptviz.analysis.claims import Evidence
from gptviz.analysis.filling import MOST_CHARS, Filled, fill
from gptviz.analysis.masks import KINDS, UnderMask, under_mask
from gptviz.errors import GptvizError
from gptviz.i18n import translate
from gptviz.jobs import Slice, Task
from gptviz.language_model import LanguageModel
from gptviz.ui.controls import choice, count, text
from gptviz.ui.page import Action, Context, Tracer
from gptviz.ui.pages.masks.presets import presets
from gptviz.ui.prompts import chat_control, start_control, system_control
from gptviz.ui.web.conversation import Conversation

TOLD = ("claims", "halves")
CLAIMS = ("encoder", "gan", "masked_word", "beam", "temperature", "attention", "token", "likeliest", "cost")
MOST = 64  # tokens that are read: each mask is two runs of its own
SLICE = 0.12  # seconds of work in one run
_KEPT = 24  # results: the rest is computed again
WORDS = {"token": ("word",), "likeliest": ("question", "answer")}  # claims about texts of their own
_CLAIM = "claim"  # beside the masks, what stands until it is computed anew

Ids = tuple[int, ...]


@dataclass(frozen=True)
class View:
    """The controls: how many tokens the prefix has, the claim, and the sentence with its blank."""

    prefix: int = count(2, 1, MOST)
    claim: str = choice("encoder", CLAIMS)
    told: str = choice("claims", TOLD)  # what stands beside the blank
    sentence: str = text("", MOST_CHARS)  # of which a blank is filled; "": as on a first visit
    word: int | None = count(
        None, 0, MOST_CHARS, nullable=True
    )  # which word is hidden, where no blank is typed; None: nobody chose
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()


class Stood(NamedTuple):
    """A result, and the text that it is of."""

    ids: Ids
    found: Any  # UnderMask, or Evidence


@dataclass
class Masks(Conversation):
    """One visitor's page."""

    view: View = field(default_factory=View)
    known: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    read: tuple[str, Ids] = ("", ())  # the model and the text of the run before
    stood: dict[str, Stood] = field(default_factory=dict)  # of each mask, and of the claim, what was shown last
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

    def look(self, lm: LanguageModel, ids: Ids, lang: str, trace: Tracer, time: Slice) -> bool:
        """Compute what is shown of ``ids``, as far as the time allows; gives whether all of it is there.

        A key must be answered at once: of another text the run that hears of it reads the causal mask alone, which
        costs one token. Until later runs are done, what stood before stands on, with the text that it is of. A first
        visit, where nothing stands yet, waits for all of it.
        """
        before, self.read = self.read, (lm.fingerprint, ids)
        if before[0] != lm.fingerprint or not ids:
            self.stood.clear()
        typed = bool(self.stood) and before[1] != ids
        wanted = self._pieces(lm, ids, lang, trace)
        for number, (name, (key, make)) in enumerate(wanted.items()):
            if number and key not in self.known and (typed or (time.over and before == self.read)):
                return False
            self.stood[name] = Stood(ids, self.once(key, make))
        return True

    def _pieces(self, lm: LanguageModel, ids: Ids, lang: str,
                trace: Tracer) -> dict[str, tuple[tuple[Any, ...], Callable[[], Any]]]:  # fmt: skip
        """By name, in the order of the work: what it is kept under, and how it is made."""
        found: dict[str, tuple[tuple[Any, ...], Callable[[], Any]]] = {}
        for kind in KINDS if ids else ():
            prefix = self.view.prefix if kind == "prefix" else 0

            def make(kind: str = kind, prefix: int = prefix) -> UnderMask:
                return under_mask(lm, ids, kind, prefix=prefix, causal=trace(ids))

            found[kind] = ("mask", lm.fingerprint, ids, kind, prefix), make
        claim, words = self.view.claim, WORDS.get(self.view.claim, ())
        if ids and claim != "cost":
            said = [translate(f"masks.{word}", lang) for word in words]

            def evidence() -> Evidence:
                masks = [self.stood[kind].found for kind in KINDS[:2]]
                return claims.encoder(lm, ids, masks) if claim == "encoder" else getattr(claims, claim)(lm, ids, *said)

            found[_CLAIM] = ("claim", lm.fingerprint, () if words else ids, claim, lang), evidence
        return found

    def mask(self, kind: str) -> tuple[Ids, UnderMask] | None:
        """The text under a mask as it is shown, and which text."""
        stood = self.stood.get(kind)
        return None if stood is None else (stood.ids, stood.found)

    def evidence(self, lm: LanguageModel, ids: Ids, lang: str) -> tuple[Ids, Evidence] | None:
        """What speaks against the claim, and of which text; None of the cost until it is measured."""
        if self.view.claim == "cost":
            done = self.measured == lm.fingerprint and not self.measuring
            return (ids, claims.cost_of(self.passes)) if done else None
        stood = self.stood.get(_CLAIM)
        return None if stood is None else (stood.ids, stood.found)

    def blank(self, lang: str) -> tuple[str, int]:
        """The sentence and which word is hidden; that of a first visit where nobody has written another."""
        if self.view.sentence or "sentence" in self.taken:
            return self.view.sentence, self.view.word or 0
        sentence, word = presets(lang)[0]
        return sentence, word if self.view.word is None else self.view.word

    def filled(self, lang: str) -> Filled | GptvizError:
        """The blank as both models fill it, or why they cannot."""
        sentence, word = self.blank(lang)

        def make() -> Filled | GptvizError:
            try:
                return fill(sentence, word)
            except GptvizError as error:
                return error

        found: Filled | GptvizError = self.once(("fill", sentence, word), make)
        return found

    def adopt(self, changes: dict[str, Any]) -> None:
        """Take over the controls; what was said against one claim is nothing against another."""
        if changes.get("claim", self.view.claim) != self.view.claim:
            self.stood.pop(_CLAIM, None)
        super().adopt(changes)

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
