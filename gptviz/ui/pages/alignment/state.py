"""What one visitor's alignment page stands at: two answers to choose from, the choices so far, the run that is wished
for, and the job looked at. Pure: no Streamlit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from gptviz.errors import ConfigError, GptvizError
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.aligned import FEWEST, WAYS
from gptviz.jobs.folder import Ask
from gptviz.tuning import sets
from gptviz.tuning.pairs import Pair
from gptviz.tuning.rules import RULES
from gptviz.ui.controls import choice, count, number
from gptviz.ui.jobs import RUNNER, WithJobs, job_actions
from gptviz.ui.page import Action, Context, index, word
from gptviz.ui.pages.alignment.heard import Heard
from gptviz.ui.pages.tuning.own import Own, Upload
from gptviz.ui.pages.tuning.state import DOWNLOADS

#: Where the pairs are from: the set that ships, the visitor's own choices, a file (a room's votes), or a stated rule.
SOURCES = ("ours", "mine", "file", *RULES)
MOST_CHOICES = 200


@dataclass(frozen=True)
class View:
    """The controls."""

    source: str = choice("ours", SOURCES)
    by: str = choice("dpo", WAYS)
    epochs: int = count(4, 1, 50, seldom=True)
    steps: int = count(20, 1, 500, seldom=True)
    beta: float = number(0.1, 0.001, 100.0, seldom=True)
    kl: float = number(0.05, 0.0, 10.0, seldom=True)
    learning_rate: float = number(0.0, 0.0, 1.0, seldom=True)  # 0: usual
    rank: int = count(8, 1, 64, seldom=True)
    run_seed: int = count(0, 0, 2**31 - 1, seldom=True)


@dataclass
class Choice:
    """Two answers to one question, drawn with two seeds."""

    prompt: str = ""
    number: int = 0  # how many were offered before
    answers: tuple[str, str] = ("", "")
    model: str = ""  # the fingerprint of the one that answered


@dataclass
class Alignment(WithJobs):
    """One visitor's page."""

    KIND: ClassVar[str] = folder.ALIGNMENT

    view: View = field(default_factory=View)
    heard: Heard = field(default_factory=Heard)
    offered: Choice = field(default_factory=Choice)
    wants: bool = False  # two new answers are to be drawn
    mine: list[Pair] = field(default_factory=list)  # the visitor's own choices
    own: Own | None = None
    upload: Upload = field(default_factory=Upload)
    saving: tuple[str, str] = ("", "")

    def ask(self, lm_name: str, lang: str) -> Ask:
        """The run that is wished for."""
        view = self.view
        changes = {name: getattr(view, name) for name in ("epochs", "steps", "beta", "kl", "learning_rate", "rank")}
        changes |= {"seed": view.run_seed, "model": lm_name, "lang": lang}
        if view.source == "file" and self.own is not None:
            changes["file"] = self.own.name
        file = "" if self.own is None else self.own.copy_name
        given = {"mine": "given.jsonl", "file": file}.get(view.source, "")
        return Ask(view.source, view.by, {}, changes, kind=folder.ALIGNMENT, given=given)

    def given(self) -> str:
        """What lies in the file that goes with the job. Raises ConfigError where there is too little in it."""
        if self.view.source == "mine":
            if len(self.mine) < FEWEST:
                raise ConfigError("tune.few_pairs", count=len(self.mine), fewest=FEWEST)
            return "".join(json.dumps(pair._asdict(), ensure_ascii=False) + "\n" for pair in self.mine)
        if self.view.source == "file":
            if self.own is None:
                raise ConfigError("tune.no_pairs_file")
            if self.own.problem is not None:
                raise self.own.problem
            return self.own.content
        return ""


def begin(state: Alignment, lang: str) -> None:
    """A first visit: a question."""
    state.text = translate("alignment.first", lang)


def _draw(action: Action, state: Alignment, context: Context) -> None:
    """Two answers to the text are wanted."""
    state.wants = True


def _choose(action: Action, state: Alignment, context: Context) -> None:
    """The first or the second answer is the better one; then two others follow."""
    side, (one, other) = index(action, "index", 2), state.offered.answers
    if side is None or one == other or len(state.mine) >= MOST_CHOICES:
        return
    better, worse = (one, other) if side == 0 else (other, one)
    state.mine = [*state.mine, Pair(state.offered.prompt, better, worse)]
    state.offered.number += 1
    state.wants = True


def _undo(action: Action, state: Alignment, context: Context) -> None:
    state.mine = state.mine[:-1]


def _open(action: Action, state: Alignment, context: Context) -> None:
    """A piece of a file of pairs; once it is whole, it is what is learnt from."""
    found = state.upload.take(action)
    if found is not None:
        state.own = Own(*found, sets.PAIRS)
        state.own.look()
        state.adopt({"source": "file"})
        state.rev += 1


def _start(action: Action, state: Alignment, context: Context) -> None:
    """Ask for the run; where it cannot be, say why."""
    try:
        state.job = RUNNER.submit(state.owner, state.ask(context.lm.name, context.lang), state.given()).id
        state.error = None
    except GptvizError as error:
        state.error = error


def _save(action: Action, state: Alignment, context: Context) -> None:
    job, what = state.looked_at(), word(action, "what")
    if job is not None and what in DOWNLOADS:
        state.pressed, state.saving = f"save {what} {job.id}", (job.id, what)


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, Alignment, Context], None]] = {
    **job_actions("go_on", "stop", "delete"),
    "draw": _draw,
    "choose": _choose,
    "undo": _undo,
    "open": _open,
    "start": _start,
    "save": _save,
}
