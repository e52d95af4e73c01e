"""A whole training run as a generator of small records: text is read, a model trained and measured, and what is asked
for kept. Whoever listens decides what is shown (``gptviz train`` prints it).

>>> for record in train(Plan(Path("text.txt"), Path("out"), characters=True)):  # doctest: +SKIP
...     print(record)
Begun(step=0, steps=200, ...)
TrainRecord(step=1, loss=4.19, ...)
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import torch
from safetensors import SafetensorError

from gptviz.errors import ConfigError, TrainingError
from gptviz.gpt.config import TrainConfig
from gptviz.gpt.families import written_as
from gptviz.gpt.weights import load_model, save_model
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training import checkpoint
from gptviz.training.best import Best
from gptviz.training.device import usable, within_memory
from gptviz.training.plan import Plan as Plan
from gptviz.training.plan import open_parts as open_parts
from gptviz.training.snapshots import Writer
from gptviz.training.trainer import Early, Trainer, TrainRecord
from gptviz.training.vocabulary import learnt_merges
from gptviz.training.worlds import WORLDS, entropy

#: Seconds between saved states at least: a GPU takes hundreds of steps while one is written.
SAVE_SECONDS = 30.0
MERGES_SAID = 200  # of a vocabulary that was learnt, the first ones
#: A run whose loss is so many times that of knowing nothing (ln V) does not come back: its rate is too high.
LOST = 10.0


@dataclass(frozen=True)
class Begun:
    """The text is read and the model made, or a run that was stopped has been found."""

    step: int  # steps taken before
    steps: int  # that it will have taken at its end
    n_parameters: int
    device: str
    config: TrainConfig


@dataclass(frozen=True)
class Learnt:
    """The vocabulary that was learnt from the text, before the first step."""

    tokens: int  # ids, the 256 single bytes and the end mark included
    merges: tuple[tuple[str, str], ...]  # the first of them, in order: which two tokens become one


@dataclass(frozen=True)
class NotCompiled:
    """Steps were to be compiled and could not be; they are taken as they are."""

    reason: str


@dataclass(frozen=True)
class Saved:
    """The run's state is on disk up to ``step``; after the last one, so is the model."""

    step: int
    finished: bool  # there is nothing left to do
    early: Early = ""  # what has ended it before its last step, if anything


@dataclass(frozen=True)
class Known:
    """What can be said of a run on a world before its first step; all in nats per token."""

    uniform: float  # ln V: the loss of whoever knows nothing
    start: float  # held out, before the first step
    floor: float  # the world's entropy: no model does better


@dataclass(frozen=True)
class Outcome:
    """What a run on a world came to; losses in nats per token, held out."""

    step: int
    loss: float
    floor: float
    start: float
    seconds: float  # since this run began or went on, text and evaluations included
    early: Early = ""  # what has ended it before its last step, if anything


Record: TypeAlias = Begun | Learnt | Known | NotCompiled | TrainRecord | Saved | Outcome


#: Is shown the trainer after each record, with the tokenizer: for pictures of a model that is learning.
Watch: TypeAlias = Callable[[Trainer, Tokenizer, TrainRecord], None]


def train(plan: Plan, watch: Watch | None = None) -> Generator[Record, None, None]:
    """Train, or continue a run, until it is done or the time is up, yielding what happens.

    Closing the generator, or an exception on the way (Ctrl-C too), saves the state and the model as they stand; the
    same plan goes on from there. Raises ConfigError, WeightsError and OSError before the first record where it cannot
    begin; TrainingError where the numbers have run away, or need more memory than there is: then what was saved before
    stays as it is.
    """
    began = time.monotonic()
    device = usable(plan.device)  # before texts are read, which may take minutes
    tokenizer, text, valid = plan.open_text()
    wanted = plan.configure(tokenizer.vocab_size, plan.mask_token(tokenizer))
    written_as(wanted.model)  # what could not be kept at the end is said at once
    with within_memory(device):
        trainer = Trainer(wanted, text, valid, device=device, compiled=plan.compiled)
    trainer.begin_at(began)
    state, model = plan.out / "state", plan.out / "model"
    best = _best_of(plan, trainer, state)
    _begin_with(plan, trainer)
    known = _known(plan, trainer)
    if (state / "run.json").is_file():
        checkpoint.restore(trainer, state)
    keep = Writer(trainer, model, plan.snapshots, plan.snapshots_from) if plan.snapshots else None
    config = trainer.config
    state.mkdir(parents=True, exist_ok=True)  # where that cannot be, it is said now and not after the run
    lost = False
    try:
        yield Begun(trainer.step, config.steps, config.model.n_parameters, trainer.device, config)
        if plan.learn is not None:
            yield Learnt(tokenizer.vocab_size, tuple(learnt_merges(tokenizer, MERGES_SAID)))
        if known is not None:
            yield known
        listeners = [one.heard for one in (keep, best) if one]
        if watch is not None:
            listeners.append(lambda record: watch(trainer, tokenizer, record))
        with within_memory(device):
            yield from _follow(trainer, plan, keep, listeners)
    except TrainingError:
        lost = True
        raise
    finally:
        if not lost:
            with written():
                _save(trainer, state, keep)
                tokenizer.save(model)
                if best is None or best.step is None:
                    save_model(trainer.model, model, dtype=torch.float16)
    early = trainer.so_far.early
    yield Saved(trainer.step, trainer.finished, early)
    if known is not None:
        yield Outcome(trainer.step, trainer.measured(), known.floor, known.start, time.monotonic() - began, early)


@contextmanager
def written() -> Iterator[None]:
    """For what writes files: TrainingError where there is no room for them, or no leave."""
    try:
        yield
    except SafetensorError as error:  # which says what the system said, as a sentence
        raise TrainingError("train.not_written", reason=str(error)[:200]) from error
    except OSError as error:
        raise TrainingError("train.not_written", reason=error.strerror or str(error)[:200]) from error


def _known(plan: Plan, trainer: Trainer) -> Known | None:
    """Of a world: its floor, and the loss to begin with, the same for a run that goes on."""
    if not plan.world:
        return None
    return Known(math.log(trainer.model.n_tokens), trainer.measured(), entropy(WORLDS[plan.world]))


def _best_of(plan: Plan, trainer: Trainer, state: Path) -> Best | None:
    """What keeps the best weights, where that is asked for; ConfigError where it cannot be done."""
    if plan.keep != "best":
        return None
    if trainer.valid is None:
        raise ConfigError("train.best_of_nothing", folder=str(plan.data))
    if plan.snapshots:  # the last snapshot is the finished model, and lies nowhere else
        raise ConfigError("train.best_and_snapshots")
    return Best(trainer, plan.out / "model", state)


def _begin_with(plan: Plan, trainer: Trainer) -> None:
    """The weights that the run is to begin with, where some are named."""
    if plan.init is not None:
        trainer.model.load_state_dict(load_model(plan.init).state_dict())
        if trainer.config.sinusoids:  # asked for
            trainer.model.start_positions(trainer.config.sinusoids)


def _follow(trainer: Trainer, plan: Plan, keep: Writer | None,
            listeners: Sequence[Callable[[TrainRecord], None]]) -> Iterator[Record]:  # fmt: skip
    """Run the trainer with a log, a saved state now and then, and those who listen to its records."""
    saved, saved_step = time.monotonic(), trainer.step
    between = SAVE_SECONDS if plan.save_seconds is None else plan.save_seconds
    deadline = saved + 60 * plan.minutes if plan.minutes else float("inf")
    plan.out.mkdir(parents=True, exist_ok=True)
    log = plan.out / "log.jsonl"
    _forget_after(trainer.step, log)
    with written(), log.open("a", encoding="utf-8") as file:
        for n, record in enumerate(trainer.run()):
            _check(record, trainer)
            if n == 0 and trainer.not_compiled:
                yield NotCompiled(trainer.not_compiled)
            file.write(json.dumps(asdict(record)) + "\n")
            file.flush()
            for heard in listeners:
                heard(record)
            yield record
            if record.step - saved_step >= plan.save_every and time.monotonic() - saved >= between:
                _save(trainer, plan.out / "state", keep)
                saved, saved_step = time.monotonic(), record.step
                yield Saved(trainer.step, finished=False)
            if time.monotonic() > deadline:
                break


def _check(record: TrainRecord, trainer: Trainer) -> None:
    """Raise TrainingError where the numbers have run away: nothing that follows would mean anything."""
    sound = math.isfinite(record.loss) and (math.isfinite(record.grad_norm) or trainer.scaler.is_enabled())
    if not sound or record.loss > LOST * math.log(max(2, trainer.model.n_tokens)):
        raise TrainingError(
            "train.lost", step=record.step, loss=f"{record.loss:.3g}", rate=f"{record.learning_rate:.3g}"
        )


def _forget_after(step: int, log: Path) -> None:
    """Take out of a log the steps that were lost when a run was killed: they are about to be taken again."""
    if log.is_file():
        lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]
        if len(kept) < len(lines):
            log.write_text("".join(kept), encoding="utf-8")


def _save(trainer: Trainer, state: Path, keep: Writer | None) -> None:
    """The run's state, and the losses that belong to it."""
    if keep:
        keep.note()
    checkpoint.save(trainer, state)
