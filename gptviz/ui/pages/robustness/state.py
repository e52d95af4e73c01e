"""What one visitor's robustness page stands at: the attack on the text, its changed copies, the trial that is wished
for, and the one looked at. Pure: no Streamlit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from gptviz.errors import GptvizError
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Ask
from gptviz.jobs.robustness import WAYS
from gptviz.tuning import sets
from gptviz.tuning.adversarial import EPSILON
from gptviz.tuning.robustness import PLAIN
from gptviz.ui.controls import count, flag, number
from gptviz.ui.jobs import RUNNER, WithJobs, job_actions
from gptviz.ui.page import Action, Context, word
from gptviz.ui.pages.robustness.heard import Heard

TRIAL = "trial"  # what all jobs of this page do
CHOSEN = WAYS[1:]  # ways that are switched on and off; the plain one is what they stand beside


@dataclass(frozen=True)
class View:
    """The controls: which ways are tried, and how."""

    fgm: bool = flag(True, seldom=True)
    pgd: bool = flag(True, seldom=True)
    replace: bool = flag(True, seldom=True)
    delete: bool = flag(True, seldom=True)
    swap: bool = flag(True, seldom=True)
    epsilon: float = number(EPSILON, 0.001, 1.0, seldom=True)
    epochs: int = count(3, 1, 20, seldom=True)
    copies: int = count(1, 1, 4, seldom=True)
    attacked: int = count(20, 0, 60, seldom=True)
    flips: int = count(2, 1, 8, seldom=True)
    run_seed: int = count(0, 0, 2**31 - 1, seldom=True)


class Exchange(NamedTuple):
    """One word exchanged for another, and where that leads."""

    place: int  # which token
    pieces: list[tuple[str, str]]  # the text, with what each piece of it is: ``gptviz.ui.pages.robustness.attacking``
    promised: float  # nats, by the gradient
    gained: float  # nats
    found: str  # what it is taken for now
    prob: float  # of the label it had
    text: str


@dataclass
class Attack:
    """One text attacked, exchange by exchange."""

    of: tuple[str, str, str] = ("", "", "")  # text, classifier, the model's fingerprint
    going: bool = False
    label: str = ""  # what the text was taken for
    prob: float = 0.0
    steps: list[Exchange] = field(default_factory=list)
    end: str = ""  # why it is over: found, none, most

    @property
    def text(self) -> str:
        """As it is now."""
        return self.steps[-1].text if self.steps else self.of[0]


@dataclass
class Robustness(WithJobs):
    """One visitor's page."""

    KIND: ClassVar[str] = folder.ROBUSTNESS

    view: View = field(default_factory=View)
    heard: Heard = field(default_factory=Heard)
    under: str = ""  # which classifier is attacked; empty: the first that there is
    attack: Attack = field(default_factory=Attack)
    wants_attack: bool = False
    draws: int = 0  # how often other changed copies were asked for
    said: tuple[str, int, str] = ("", -1, "")  # text, draw, and what the model says it is in other words
    wants_words: bool = False

    def follow(self) -> None:
        """Another text: what was found of the old one says nothing of it."""
        self.attack, self.draws = Attack(), 0

    def ways(self) -> tuple[str, ...]:
        """Those that are chosen."""
        return (PLAIN, *(way for way in CHOSEN if getattr(self.view, way)))

    def ask(self, lm_name: str, lang: str) -> Ask:
        """The trial that is wished for."""
        view = self.view
        changes = {name: getattr(view, name) for name in ("epsilon", "epochs", "copies", "attacked", "flips")}
        changes |= {"ways": list(self.ways()), "seed": view.run_seed, "model": lm_name, "lang": lang}
        return Ask(sets.SENTIMENT, TRIAL, {}, changes, kind=folder.ROBUSTNESS)


def begin(state: Robustness, lang: str) -> None:
    """A first visit: a review in plain words."""
    state.text = translate("robustness.first", lang)


def _start(action: Action, state: Robustness, context: Context) -> None:
    """Ask for the trial; where it cannot be, say why."""
    try:
        state.job = RUNNER.submit(state.owner, state.ask(context.lm.name, context.lang)).id
        state.error = None
    except GptvizError as error:
        state.error = error


def _under(action: Action, state: Robustness, context: Context) -> None:
    """Another classifier is attacked; one that is not this visitor's is none (``targets.targets``)."""
    name = word(action, "name")
    if name:
        state.under, state.attack = name, Attack()


def _attack(action: Action, state: Robustness, context: Context) -> None:
    state.wants_attack = True


def _again(action: Action, state: Robustness, context: Context) -> None:
    """Other copies."""
    state.draws = (state.draws + 1) % 1000


def _say(action: Action, state: Robustness, context: Context) -> None:
    """The model is asked for the text in other words."""
    state.wants_words = True


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, Robustness, Context], None]] = {
    **job_actions("go_on", "stop", "delete"),
    "start": _start,
    "under": _under,
    "attack": _attack,
    "again": _again,
    "say": _say,
}
