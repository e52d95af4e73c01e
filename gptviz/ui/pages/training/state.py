"""What one visitor's training page stands at: the run that is wished for, and the job looked at. Pure: no Streamlit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gptviz.errors import GptvizError
from gptviz.gpt.config import OPTIMIZERS, POSITIONS, PRESETS, TrainConfig
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Ask, Job
from gptviz.ui.controls import choice, count, flag, number
from gptviz.ui.jobs import RUNNER
from gptviz.ui.page import Action, Context, index, word
from gptviz.ui.pages.training.answer import Answer
from gptviz.ui.pages.training.heard import Heard
from gptviz.ui.web.conversation import Conversation

#: Presets that the page offers, each with the world that it is for.
OFFERED = {"one-minute": "stories", "five-minutes": "stories", "induction": "repeats", "addition": "addition"}
SOURCES = ("stories", "addition", "brackets", "copying", "names", "repeats", "python")
EVALUATIONS, MOST_RECORDS = 15, 1500  # of one run: what is written stays small however long it is
SHAPE = ("n_layer", "n_head", "n_embd", "block_size", "position")
CHANGES = ("steps", "batch_size", "learning_rate", "warmup", "optimizer", "grad_clip")
_FIRST = PRESETS["one-minute"]


@dataclass(frozen=True)
class View:
    """The controls: what is learnt from, the shape, how it is trained; and how the loss is drawn."""

    source: str = choice("stories", SOURCES)
    preset: str = choice("one-minute", tuple(OFFERED), seldom=True)
    n_layer: int = count(_FIRST.model.n_layer, 1, 12, seldom=True)
    n_head: int = count(_FIRST.model.n_head, 1, 16, seldom=True)
    n_embd: int = count(_FIRST.model.n_embd, 8, 768, seldom=True)
    block_size: int = count(_FIRST.model.block_size, 16, 512, seldom=True)
    position: str = choice(_FIRST.model.position, POSITIONS, seldom=True)
    steps: int = count(_FIRST.steps, 10, 20_000, seldom=True)
    batch_size: int = count(_FIRST.batch_size, 1, 128, seldom=True)
    learning_rate: float = number(_FIRST.learning_rate, 1e-5, 100.0, seldom=True)
    warmup: int = count(_FIRST.warmup, 0, 2000, seldom=True)
    optimizer: str = choice(_FIRST.optimizer, OPTIMIZERS, seldom=True)
    grad_clip: float = number(_FIRST.grad_clip, 0.01, 1000.0, seldom=True)
    run_seed: int = count(_FIRST.seed, 0, 2**31 - 1, seldom=True)
    log_x: bool = flag(True, seldom=True)
    log_y: bool = flag(True, seldom=True)


@dataclass
class Training(Conversation):
    """One visitor's page."""

    view: View = field(default_factory=View)
    owner: str = ""  # the token that this browser keeps
    job: str = ""  # the one looked at; empty: the newest
    heard: Heard = field(default_factory=Heard)
    answer: Answer = field(default_factory=Answer)
    error: GptvizError | None = None  # why the last press of a button did nothing
    pressed: str = ""  # the last button of a job, and which job
    saving: str = ""  # the job whose model is sent to be saved

    def looked_at(self) -> Job | None:
        """The job of this visitor that the page shows."""
        mine = folder.jobs_of(self.owner, folder.TRAINING)
        return next((job for job in mine if job.id == self.job), mine[0] if mine else None)

    def ask(self) -> Ask:
        """The run that is wished for."""
        view = self.view
        every = {"eval_every": max(1, view.steps // EVALUATIONS), "log_every": max(1, view.steps // MOST_RECORDS)}
        changes = {name: getattr(view, name) for name in CHANGES} | every | {"seed": view.run_seed}
        changes["warmup"] = min(view.warmup, view.steps - 1)
        return Ask(view.source, view.preset, {name: getattr(view, name) for name in SHAPE}, changes)


def begin(state: Training, lang: str) -> None:
    """A first visit: what the model is asked while it learns."""
    state.text = translate("training.first", lang)


def settings_of(name: str) -> dict[str, Any]:
    """The controls as a preset has them."""
    config: TrainConfig = PRESETS[name]
    found = {part: getattr(config.model, part) for part in SHAPE} | {part: getattr(config, part) for part in CHANGES}
    return found | {"source": OFFERED[name], "preset": name}


def _own(action: Action, state: Training, context: Context) -> None:
    """The browser says by what its trainings are told from others'."""
    token = action.get("token")
    if folder.is_token(token):
        state.owner = str(token)


def _preset(action: Action, state: Training, context: Context) -> None:
    name = word(action, "name")
    if name in OFFERED:
        state.adopt(settings_of(name))
        state.rev += 1


def _start(action: Action, state: Training, context: Context) -> None:
    """Ask for the run; where it cannot be, say why."""
    try:
        state.job = RUNNER.submit(state.owner, state.ask()).id
        state.error = None
    except GptvizError as error:
        state.error = error


def _with_job(kind: str, do: Callable[[Job], None]) -> Callable[[Action, Training, Context], None]:
    def perform(action: Action, state: Training, context: Context) -> None:
        job = state.looked_at()
        if job is not None:
            state.error, state.pressed = None, f"{kind} {job.id}"
            do(job)

    return perform


def _look(action: Action, state: Training, context: Context) -> None:
    mine = folder.jobs_of(state.owner, folder.TRAINING)
    at = index(action, "index", len(mine))
    if at is not None:
        state.job, state.pressed = mine[at].id, f"look {at}"


def _save(action: Action, state: Training, context: Context) -> None:
    job = state.looked_at()
    if job is not None:
        state.pressed = f"save {job.id}"
        state.saving = job.id if job.has_model else ""


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, Training, Context], None]] = {
    "owner": _own,
    "preset": _preset,
    "start": _start,
    "pause": _with_job("pause", RUNNER.pause),
    "go_on": _with_job("go_on", RUNNER.go_on),
    "stop": _with_job("stop", RUNNER.stop),
    "delete": _with_job("delete", RUNNER.delete),
    "look": _look,
    "save": _save,
}
