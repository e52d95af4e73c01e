"""What one visitor's tuning page stands at: the run that is wished for, and the job looked at. Pure: no Streamlit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from gptviz.errors import ConfigError, GptvizError
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Ask
from gptviz.tuning import sets
from gptviz.tuning.classifier import POOLINGS
from gptviz.tuning.method import Method
from gptviz.tuning.methods import METHODS, method
from gptviz.ui.controls import choice, count, number
from gptviz.ui.jobs import RUNNER, WithJobs, job_actions
from gptviz.ui.page import Action, Context, word
from gptviz.ui.pages.tuning.heard import Heard
from gptviz.ui.pages.tuning.own import Own, Upload

#: Methods in the order in which they are offered: from all numbers to the fewest.
OFFERED = ("full", "lora", "adalora", "adapter", "prefix", "prompt", "bitfit", "head")
#: Those whose model answers by itself: what instructions need.
ANSWERING = tuple(name for name in OFFERED if METHODS[name].merges and name != "head")
#: Which control is a setting of which methods, and what it is called there.
SETTINGS = {"rank": ("lora", "adalora"), "length": ("prefix", "prompt"), "width": ("adapter",),
            "last_layers": ("full",)}  # fmt: skip
#: Whose ΔW is shown: the matrices of a block, in the order of ``gptviz.tuning.method.MATRICES``.
MATRICES = ("qkv", "out", "up", "down")
DOWNLOADS = ("model", "adapter", "learnt")


@dataclass(frozen=True)
class View:
    """The controls: task, method, how it is tuned; and which matrix's ΔW is shown."""

    task: str = choice(sets.SENTIMENT, sets.TASKS)
    method: str = choice("lora", OFFERED)
    epochs: int = count(4, 1, 50, seldom=True)
    batch_size: int = count(16, 1, 128, seldom=True)
    learning_rate: float = number(0.0, 0.0, 10.0, seldom=True)  # 0: the method's own
    rank: int = count(8, 1, 64, seldom=True)
    length: int = count(10, 1, 100, seldom=True)
    width: int = count(16, 1, 256, seldom=True)
    last_layers: int = count(0, 0, 48, seldom=True)  # 0: all
    pooling: str = choice("last", POOLINGS, seldom=True)
    run_seed: int = count(0, 0, 2**31 - 1, seldom=True)
    at_layer: int = count(0, 0, 200, seldom=True)
    at_matrix: str = choice("qkv", MATRICES, seldom=True)


@dataclass
class Asked:
    """The same prompt answered before and after, once somebody asked for it."""

    of: tuple[str, str] = ("", "")  # job, prompt
    before: str = ""
    after: str = ""


@dataclass
class Tuning(WithJobs):
    """One visitor's page."""

    KIND: ClassVar[str] = folder.TUNING

    view: View = field(default_factory=View)
    heard: Heard = field(default_factory=Heard)
    own: Own | None = None  # the file that is learnt from in place of the set that ships
    upload: Upload = field(default_factory=Upload)
    wants_answer: bool = False
    replied: Asked = field(default_factory=Asked)
    saving: tuple[str, str] = ("", "")  # the job of which something is to be saved, and what
    met: tuple[str, str] = ("", "")  # the model last seen, and whose jobs were known then

    def meet(self, lm_name: str) -> None:
        """Whoever comes with a model that came of a tuning of theirs looks at that one."""
        if self.met != (lm_name, self.owner):
            self.met = (lm_name, self.owner)
            self.job = next((job.id for job in self.jobs() if job.model_name == lm_name), self.job)

    def settings(self) -> dict[str, Any]:
        """What was chosen of the method itself."""
        found = {name: getattr(self.view, name) for name, methods in SETTINGS.items() if self.view.method in methods}
        if self.view.method == "adalora":
            found["first_rank"] = 2 * found["rank"]
        if not found.get("last_layers", 1):
            del found["last_layers"]
        return found

    def method(self) -> Method:
        """The method with its settings. Raises ConfigError."""
        return method(self.view.method, **self.settings())

    def ask(self, lm_name: str, lang: str) -> Ask:
        """The run that is wished for."""
        view, own = self.view, self.file()
        changes = {"epochs": view.epochs, "batch_size": view.batch_size, "learning_rate": view.learning_rate,
                   "pooling": view.pooling, "seed": view.run_seed, "settings": self.settings(), "model": lm_name,
                   "lang": lang}  # fmt: skip
        if own is not None:
            changes |= {"file": own.name, "columns": own.asked_columns}
        given = "" if own is None else sets.KINDS[own.task].file.replace(".csv", _ending(own.name))
        return Ask(view.task, view.method, {}, changes, kind=folder.TUNING, given=given)

    def file(self) -> Own | None:
        """The visitor's own file, where it is for the task at hand."""
        return self.own if self.own is not None and self.own.task == self.view.task else None


def _ending(name: str) -> str:
    """How the copy of a file ends, so that it is read as it was."""
    return ".jsonl" if name.lower().endswith((".json", ".jsonl", ".ndjson")) else ".csv"


def begin(state: Tuning, lang: str) -> None:
    """A first visit: a review that no list of good and bad words gets right."""
    state.text = translate("tuning.first", lang)


def _start(action: Action, state: Tuning, context: Context) -> None:
    """Ask for the run; where it cannot be, say why."""
    own = state.file()
    try:
        if own is not None and own.problem is not None:
            raise own.problem
        if state.view.task == sets.INSTRUCTIONS and state.view.method not in ANSWERING:
            raise ConfigError("tune.no_model", method=state.view.method)
        ask = state.ask(context.lm.name, context.lang)
        state.job = RUNNER.submit(state.owner, ask, "" if own is None else own.content).id
        state.error = None
    except GptvizError as error:
        state.error = error


def _open(action: Action, state: Tuning, context: Context) -> None:
    """A piece of a file; once it is whole, it is read for the task at hand."""
    found = state.upload.take(action)
    if found is not None:
        state.own = Own(*found, state.view.task)
        state.own.look()


def _column(action: Action, state: Tuning, context: Context) -> None:
    """Another column is what the task needs."""
    own = state.file()
    if own is not None:
        own.pick(action)


def _forget(action: Action, state: Tuning, context: Context) -> None:
    """Back to the set that ships."""
    state.own = None


def _answer(action: Action, state: Tuning, context: Context) -> None:
    state.wants_answer = True


def _save(action: Action, state: Tuning, context: Context) -> None:
    job, what = state.looked_at(), word(action, "what")
    if job is not None and what in DOWNLOADS:
        state.pressed, state.saving = f"save {what} {job.id}", (job.id, what)


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, Tuning, Context], None]] = {
    **job_actions("go_on", "stop", "delete"),
    "start": _start,
    "open": _open,
    "column": _column,
    "forget": _forget,
    "answer": _answer,
    "save": _save,
}
