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
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import torch
from safetensors import SafetensorError

from gptviz.errors import ConfigError, TrainingError
from gptviz.gpt.config import PRESETS, TrainConfig, padded
from gptviz.gpt.families import written_as
from gptviz.gpt.weights import load_model, save_model
from gptviz.gpt.weights import read_config as read_model_config
from gptviz.paths import MODELS
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training import characters, checkpoint
from gptviz.training.best import Best
from gptviz.training.data import Mixture, mixture, prepare_all, read_shares
from gptviz.training.device import usable
from gptviz.training.snapshots import Writer
from gptviz.training.trainer import Trainer, TrainRecord
from gptviz.training.worlds import WORLDS, entropy

KEEP = ("last", "best")
#: Seconds between saved states at least: a GPU takes hundreds of steps while one is written.
SAVE_SECONDS = 30.0
#: A run whose loss is so many times that of knowing nothing (ln V) does not come back: its rate is too high.
LOST = 10.0


@dataclass(frozen=True)
class Plan:
    """One run: what is read, what is trained, and what is kept of it."""

    data: Path | None  # a text file, or a folder of <part>.{train,valid}.txt[.xz]; None where there is a world
    out: Path  # the model lies in its folder ``model``; a run found there is continued
    preset: str = "tiny"
    changes: Mapping[str, Any] = field(default_factory=dict)  # fields of TrainConfig in place of the preset's
    shape: Mapping[str, Any] = field(default_factory=dict)  # fields of GPTConfig in place of those of its model
    world: str = ""  # a generated world to learn from instead of text: one of WORLDS, by characters
    weights: Path | None = None  # JSON {"part": share}; parts left out are not read
    later_weights: Path | None = None
    vocabulary: Path = MODELS / "bilingual"  # folder with the tokenizer
    characters: bool = False  # one token for each character of the text file instead
    tokens: int | None = None  # only so many of the vocabulary, the first ones
    mask: str | None = None  # the text of a token that hides others, which are to be guessed; None: the next token is
    init: Path | None = None  # a model folder to start from; its shape replaces the preset's
    keep: str = "last"  # the weights that are written: the last, or those of the lowest held-out loss
    snapshots: int = 0  # steps at which the weights are kept as well, about
    snapshots_from: int = 1  # the first of them after 0
    cache: Path | None = None  # folder for tokenised text, which runs on one corpus may share
    device: str | None = None
    compiled: bool | None = None  # by default where that is fast
    minutes: float | None = None  # stop cleanly after so long
    save_every: int = 200  # steps between saved states, and ``save_seconds`` at least
    save_seconds: float | None = None  # by default ``SAVE_SECONDS``

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise ConfigError("config.preset", name=self.preset, choices=", ".join(PRESETS))
        if self.world and self.world not in WORLDS:
            raise ConfigError("train.world", name=self.world[:60], choices=", ".join(WORLDS))
        if bool(self.world) == (self.data is not None):
            raise ConfigError("train.text_or_world")
        if self.keep not in KEEP:
            raise ConfigError("config.choice", name="keep", value=self.keep, choices=", ".join(KEEP))

    def configure(self, vocab_size: int, mask_token: int | None = None) -> TrainConfig:
        """The preset with the changes and the tokenizer's vocabulary; with ``mask_token`` the model sees both ways."""
        preset, changes = PRESETS[self.preset], dict(self.changes)
        if "learning_rate" in changes and "min_learning_rate" not in changes:
            changes["min_learning_rate"] = min(preset.min_learning_rate, changes["learning_rate"])
        if "steps" in changes and "warmup" not in changes:
            changes["warmup"] = min(preset.warmup, max(0, changes["steps"] // 10))
        if self.snapshots:  # whose index holds the loss of each step
            changes["log_every"] = 1
        changes["mask_token"] = mask_token
        shape = padded(replace(preset.model, **self.shape), vocab_size)
        if self.init is not None:  # positions that were learnt already are not started anew, unless that is asked for
            changes = {"sinusoids": 0.0} | changes
            shape = replace(read_model_config(self.init), dropout=preset.model.dropout)
        return replace(preset, model=replace(shape, causal=mask_token is None), **changes)

    def mask_token(self, tokenizer: Tokenizer) -> int | None:
        """The token that hides others, where that is asked for. Raises ConfigError where it is no single token."""
        if self.mask is None:
            return None
        ids = tokenizer.encode_plain(self.mask)
        if len(ids) != 1:
            raise ConfigError("train.mask", mask=self.mask, tokens=len(ids))
        return ids[0]

    def open_text(self) -> tuple[Tokenizer, Mixture, Mixture | None]:
        """The tokenizer and the text to train and to check on; ConfigError where there is none."""
        if self.data is None:
            return characters.open_world(WORLDS[self.world], self.changes.get("seed", PRESETS[self.preset].seed))
        if self.characters:
            return characters.open_file(self.data)
        tokenizer = Tokenizer.load(self.vocabulary)
        if self.tokens is not None:
            tokenizer = tokenizer.shortened(self.tokens)
        if self.data.is_file():
            return characters.open_file(self.data, tokenizer)
        cache = (self.cache or self.out / "tokens") / tokenizer.fingerprint
        weights, later = (read_shares(path) for path in (self.weights, self.later_weights))
        train = open_parts(self.data, "train", tokenizer, cache, weights, later)
        valid = open_parts(self.data, "valid", tokenizer, cache, weights)  # the same all through, to be compared
        if train is None:
            raise ConfigError("train.no_text", folder=str(self.data))
        return tokenizer, train, valid


@dataclass(frozen=True)
class Begun:
    """The text is read and the model made, or a run that was stopped has been found."""

    step: int  # steps taken before
    steps: int  # that it will have taken at its end
    n_parameters: int
    device: str
    config: TrainConfig


@dataclass(frozen=True)
class NotCompiled:
    """Steps were to be compiled and could not be; they are taken as they are."""

    reason: str


@dataclass(frozen=True)
class Saved:
    """The run's state is on disk up to ``step``; after the last one, so is the model."""

    step: int
    finished: bool  # all steps are taken


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


Record: TypeAlias = Begun | Known | NotCompiled | TrainRecord | Saved | Outcome


#: Is shown the trainer after each record, with the tokenizer: for pictures of a model that is learning.
Watch: TypeAlias = Callable[[Trainer, Tokenizer, TrainRecord], None]


def train(plan: Plan, watch: Watch | None = None) -> Generator[Record, None, None]:
    """Train, or continue a run, until it is done or the time is up, yielding what happens.

    Closing the generator, or an exception on the way (Ctrl-C too), saves the state and the model as they stand; the
    same plan goes on from there. Raises ConfigError, WeightsError and OSError before the first record where it cannot
    begin; TrainingError where the numbers have run away: then what was saved before stays as it is.
    """
    began = time.monotonic()
    device = usable(plan.device)  # before texts are read, which may take minutes
    tokenizer, text, valid = plan.open_text()
    wanted = plan.configure(tokenizer.vocab_size, plan.mask_token(tokenizer))
    written_as(wanted.model)  # what could not be kept at the end is said at once
    trainer = Trainer(wanted, text, valid, device=device, compiled=plan.compiled)
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
        if known is not None:
            yield known
        listeners = [one.heard for one in (keep, best) if one]
        if watch is not None:
            listeners.append(lambda record: watch(trainer, tokenizer, record))
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
    yield Saved(trainer.step, trainer.step >= config.steps)
    if known is not None:
        yield Outcome(trainer.step, trainer.evaluate(), known.floor, known.start, time.monotonic() - began)


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
    return Known(math.log(trainer.model.n_tokens), trainer.evaluate(), entropy(WORLDS[plan.world]))


def open_parts(folder: Path, split: str, tokenizer: Tokenizer, cache: Path, weights: dict[str, float] | None,
               later: dict[str, float] | None = None) -> Mixture | None:  # fmt: skip
    """All parts of one split, tokenised where they are not yet; None where there are none."""
    files = sorted([*folder.glob(f"*.{split}.txt"), *folder.glob(f"*.{split}.txt.xz")])
    names = {path.name.split(f".{split}.")[0]: path for path in files}
    read = {name for shares in (weights, later) for name, share in (shares or {}).items() if share > 0}
    chosen = {name: path for name, path in names.items() if weights is None or name in read}
    parts = prepare_all(chosen.values(), tokenizer, cache)
    return mixture(dict(zip(chosen, parts, strict=True)), weights, later) if parts else None


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
    sound = math.isfinite(record.loss) and math.isfinite(record.grad_norm)
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
