"""What one visitor's training page stands at: the run that is wished for, and the job looked at. Pure: no Streamlit."""

from __future__ import annotations

import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gptviz.errors import ConfigError, GptvizError
from gptviz.gpt.config import OPTIMIZERS, PAIRS, POSITIONS, PRECISIONS, PRESETS, SCHEDULES, GPTConfig, modern
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import OWN, PYTHON, Ask
from gptviz.jobs.texts import Own
from gptviz.training.characters import BYTES_ALONE, LARGEST_LEARNT
from gptviz.training.worlds import WORLDS
from gptviz.ui.controls import MOST, choice, count, flag, number
from gptviz.ui.jobs import RUNNER, WithJobs, job_actions
from gptviz.ui.limits import MAX_NAME, MAX_PIECE
from gptviz.ui.page import Action, Context, index, word
from gptviz.ui.pages.training import twins
from gptviz.ui.pages.training.answer import Answer
from gptviz.ui.pages.training.heard import Heard
from gptviz.ui.pages.training.twins import ALONE, TWINS

#: Presets that the page offers, each with the world that it is for; the last ones are pairs of runs.
OFFERED = {"one-minute": "stories", "five-minutes": "stories", "induction": "repeats", "addition": "addition",
           "modern-against-gpt2": "stories", **dict.fromkeys(twins.PRESETS, "stories")}  # fmt: skip
SOURCES = ("stories", "addition", "brackets", "copying", "names", "repeats", PYTHON, OWN)
EVALUATIONS, MOST_RECORDS = 12, 1000  # of one run: what is written stays small however long it is
#: What is held out is measured on so many batches: each takes about 0.28 of a step's time, so that two of them after
#: twenty steps are below three hundredths of it, and leave something of the twentieth that the whole picture may take.
EVAL_BATCHES, BETWEEN = 2, 20  # batches, and batches that are learnt from in between, at least
BOTH = "both"
PARTS = ("classic", "modern", BOTH)  # what the model is built of; ``both`` is two runs, to compare
VOCABULARIES = ("characters", "bytes", "bpe")
SHAPE = ("n_layer", "n_head", "n_embd", "block_size", "position", "dropout")
CHANGES = ("steps", "batch_size", "accumulate", "learning_rate", "warmup", "schedule", "optimizer", "weight_decay",
           "grad_clip", "precision", "recompute", "patience")  # fmt: skip
PIECE = 4 * MAX_PIECE  # characters of a text's piece in base64, each a byte of the message
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
    parts: str = choice("classic", PARTS, seldom=True)
    twin: str = choice(ALONE, TWINS, seldom=True)  # a second run that differs in this alone
    dropout: float = number(_FIRST.model.dropout, 0.0, 0.9, seldom=True)
    letters: str = choice("characters", VOCABULARIES, seldom=True)  # the vocabulary of a text that is no world
    learnt: int = count(1024, BYTES_ALONE, LARGEST_LEARNT, seldom=True)  # its tokens, where it is learnt
    steps: int = count(_FIRST.steps, 10, 20_000, seldom=True)
    batch_size: int = count(_FIRST.batch_size, 1, 128, seldom=True)
    accumulate: int = count(_FIRST.accumulate, 1, 64, seldom=True)
    learning_rate: float = number(_FIRST.learning_rate, 1e-5, 100.0, seldom=True)
    warmup: int = count(_FIRST.warmup, 0, 2000, seldom=True)
    schedule: str = choice(_FIRST.schedule, SCHEDULES, seldom=True)
    optimizer: str = choice(_FIRST.optimizer, OPTIMIZERS, seldom=True)
    weight_decay: float = number(_FIRST.weight_decay, 0.0, 10.0, seldom=True)
    grad_clip: float = number(_FIRST.grad_clip, 0.01, 1000.0, seldom=True)
    precision: str = choice(_FIRST.precision, PRECISIONS, seldom=True)
    recompute: bool = flag(_FIRST.recompute, seldom=True)
    patience: int = count(_FIRST.patience, 0, 50, seldom=True)
    seconds: int = count(round(_FIRST.seconds or 0), 0, 36_000, seldom=True)  # 0: as long as the steps take
    run_seed: int = count(_FIRST.seed, 0, 2**31 - 1, seldom=True)
    log_x: bool = flag(True, seldom=True)
    log_y: bool = flag(True, seldom=True)
    from_step: int | None = count(None, 0, 20_000, nullable=True)  # what is shown of the loss; None: all
    to_step: int | None = count(None, 0, 20_000, nullable=True)
    layer: int | None = count(None, 0, 100, nullable=True)  # whose attention is shown; None: the best prefix matching's
    head: int | None = count(None, 0, 100, nullable=True)


@dataclass
class Training(WithJobs):
    """One visitor's page."""

    view: View = field(default_factory=View)
    heard: Heard = field(default_factory=Heard)
    mate_heard: Heard = field(default_factory=Heard)  # of the other run of a pair
    answer: Answer = field(default_factory=Answer)
    saving: str = ""  # the job whose model is sent to be saved

    @property
    def own(self) -> Own | None:
        """The text of this visitor that lies ready."""
        return folder.own_text(self.owner).own if self.owner else None

    def asks(self) -> list[Ask]:
        """The run that is wished for, or the two."""
        if self.view.parts != BOTH:
            ask = self.ask(self.view.parts, self.view.position)
            return [ask] if self.view.twin == ALONE else [ask, twins.beside(ask, self.view.twin)]
        pair = [PRESETS[name].model for name in PAIRS["modern-against-gpt2"]]
        return [self.ask("modern" if is_modern(model) else "classic", model.position) for model in pair]

    def ask(self, parts: str, position: str) -> Ask:
        """One run, of these parts and positions."""
        view, own = self.view, self.own if self.view.source == OWN else None
        every = {"eval_every": max(-(-BETWEEN // view.accumulate), view.steps // EVALUATIONS),
                 "log_every": -(-view.steps // MOST_RECORDS), "eval_batches": EVAL_BATCHES}  # fmt: skip
        changes = {name: getattr(view, name) for name in CHANGES} | every | {"seed": view.run_seed}
        changes |= {"warmup": min(view.warmup, view.steps - 1), "seconds": float(view.seconds) or None}
        shape = {name: getattr(view, name) for name in SHAPE} | {"position": position}
        return Ask(view.source, self._preset(parts), shape, changes, parts=parts, learn=self.learn,
                   text=own.name if own else "")  # fmt: skip

    def _preset(self, parts: str) -> str:
        """One that the trainer knows: of a pair the run of these parts."""
        name = self.view.preset
        pair = (twins.PRESETS[name].base,) if name in twins.PRESETS else PAIRS.get(name, (name,))
        return next((name for name in pair if is_modern(PRESETS[name].model) == (parts == "modern")), pair[0])

    @property
    def learn(self) -> int | None:
        """Tokens of a vocabulary that is learnt from the text; None where it is the text's characters."""
        if self.view.source in WORLDS or self.view.letters == "characters":
            return None
        return BYTES_ALONE if self.view.letters == "bytes" else self.view.learnt


def begin(state: Training, lang: str) -> None:
    """A first visit: what the model is asked while it learns."""
    state.text = translate("training.first", lang)


def is_modern(shape: GPTConfig) -> bool:
    """Whether it is built of today's parts."""
    return modern(shape) == shape


def settings_of(name: str) -> dict[str, Any]:
    """The controls as a preset has them."""
    pair = twins.PRESETS.get(name)
    config = PRESETS[PAIRS[name][0] if name in PAIRS else pair.base if pair else name]
    found = {part: getattr(config.model, part) for part in SHAPE} | {part: getattr(config, part) for part in CHANGES}
    parts = BOTH if name in PAIRS else "modern" if is_modern(config.model) else "classic"
    found |= {"source": OFFERED[name], "preset": name, "parts": parts, "seconds": round(config.seconds or 0)}
    return found | {"twin": pair.twin if pair else ALONE, **(pair.changes if pair else {})}


def _preset(action: Action, state: Training, context: Context) -> None:
    name = word(action, "name")
    if name in OFFERED:
        state.adopt(settings_of(name))
        state.rev += 1


def _start(action: Action, state: Training, context: Context) -> None:
    """Ask for the run; where it cannot be, say why."""
    try:
        for n, ask in enumerate(twins.paired(state.asks())):
            job = RUNNER.submit(state.owner, ask)
            state.job = state.job if n else job.id  # the first is looked at: it is the one that runs
        if state.view.from_step is not None or state.view.to_step is not None:
            state.adopt({"from_step": None, "to_step": None})  # of the run before
            state.rev += 1
        state.error = None
    except GptvizError as error:
        state.error = error


def _text(action: Action, state: Training, context: Context) -> None:
    """A piece of a text of one's own; with the last it is read."""
    data, name = action.get("data"), action.get("name")
    at, whole = index(action, "at", MOST), index(action, "whole", MOST)
    if not isinstance(data, str) or not isinstance(name, str) or at is None or whole is None or not state.owner:
        return
    if len(data) > PIECE or len(name) > MAX_NAME:
        return
    try:
        piece = binascii.a2b_base64(data, strict_mode=True)
    except ValueError:  # binascii.Error is one, and so is what is no ASCII
        return
    try:
        last = action.get("last") is True
        folder.own_text(state.owner).add(piece, at, last=last, name=name, whole=whole)
        state.error = None
        if last:
            state.adopt({"source": OWN})
            state.rev += 1
    except GptvizError as error:
        state.error = error
    except OSError as error:
        state.error = ConfigError("train.not_written", reason=error.strerror or str(error))


def _save(action: Action, state: Training, context: Context) -> None:
    job = state.looked_at()
    if job is not None:
        state.pressed = f"save {job.id}"
        state.saving = job.id if job.has_model else ""


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, Training, Context], None]] = {
    **job_actions("pause", "go_on", "stop", "delete"),
    "preset": _preset,
    "start": _start,
    "text": _text,
    "save": _save,
}
