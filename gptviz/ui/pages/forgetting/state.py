"""What one visitor's page of forgetting stands at: the runs that are wished for, and the job looked at. Pure: no
Streamlit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from gptviz.errors import ConfigError, GptvizError
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import OWN, Ask
from gptviz.jobs.forgetting import FIRSTS, MOST_CHARS, THENS
from gptviz.tuning.sequence import Remedy
from gptviz.ui.controls import choice, count, flag, number
from gptviz.ui.jobs import RUNNER, job_actions
from gptviz.ui.page import Action, Context
from gptviz.ui.pages.forgetting.heard import Heard
from gptviz.ui.pages.tuning.labelled import FILE_ACTIONS, Columns, WithLabelled

#: Sentences whose tokens are looked at besides what was typed: nothing of them is learnt from.
SENTENCES = {"en": "After the rain, the children ran down to the river to look for frogs.",
             "zh": "雨停以后，孩子们跑到河边去看青蛙。"}  # fmt: skip
SAID = ("typed", *SENTENCES)


@dataclass(frozen=True)
class View(Columns):
    """The controls. Learning B without a remedy is always part of it: the others are read against that."""

    first: str = choice("reviews_en", FIRSTS)
    then: str = choice("kinds_zh", THENS)
    n_texts: int = count(200, 20, 400, seldom=True)
    epochs: int = count(3, 1, 50, seldom=True)
    rehearsal: bool = flag(True, seldom=True)
    ewc: bool = flag(True, seldom=True)
    lora: bool = flag(True, seldom=True)
    rehearse: float = number(0.25, 0.125, 4.0, seldom=True)  # of A's for each of B's; a step has eight of B's
    strength: float = number(1e4, 0.0, 1e9, seldom=True)  # λ
    rank: int = count(8, 1, 64, seldom=True)
    learning_rate: float = number(0.0, 0.0, 1.0, seldom=True)  # 0: usual
    run_seed: int = count(0, 0, 2**31 - 1, seldom=True)
    said: str = choice("typed", SAID, seldom=True)


@dataclass
class Forgetting(WithLabelled):
    """One visitor's page."""

    KIND: ClassVar[str] = folder.FORGETTING
    WISHED: ClassVar[tuple[str, str]] = ("then", OWN)

    view: View = field(default_factory=View)
    heard: Heard = field(default_factory=Heard)

    def remedies(self) -> tuple[Remedy, ...]:
        """Those that are wished for, in the order in which they run."""
        chosen: dict[Remedy, bool] = {"none": True, "rehearsal": self.view.rehearsal, "ewc": self.view.ewc,
                                      "lora": self.view.lora}  # fmt: skip
        return tuple(name for name, on in chosen.items() if on)

    def ask(self, lm_name: str) -> Ask:
        """The run that is wished for."""
        view = self.view
        changes = {"texts": view.n_texts, "epochs": view.epochs, "remedies": list(self.remedies()),
                   "rehearse": view.rehearse, "ewc": view.strength, "rank": view.rank,
                   "learning_rate": view.learning_rate, "seed": view.run_seed, "model": lm_name,
                   "sentences": [self.text.strip()[:MOST_CHARS], *SENTENCES.values()]}  # fmt: skip
        of_file, given = self.of_job()
        return Ask(view.first, view.then, {}, changes | of_file, kind=folder.FORGETTING, given=given)

    def given(self) -> str:
        """What lies in the file that goes with the job. Raises ConfigError where it cannot be learnt from."""
        if self.wishes_own:
            self.rows()
            return self.own.content if self.own is not None else ""
        if self.view.then == self.view.first:
            raise ConfigError("forgetting.same")
        return ""


def begin(state: Forgetting, lang: str) -> None:
    """A first visit: a sentence of no review."""
    state.text = translate("forgetting.first", lang)


def _start(action: Action, state: Forgetting, context: Context) -> None:
    """Ask for the run; where it cannot be, say why."""
    try:
        state.job = RUNNER.submit(state.owner, state.ask(context.lm.name), state.given()).id
        state.error = None
    except GptvizError as error:
        state.error = error


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, Forgetting, Context], None]] = {
    **job_actions("go_on", "stop", "delete"),
    **FILE_ACTIONS,
    "start": _start,
}
