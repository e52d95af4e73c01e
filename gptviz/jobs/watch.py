"""What is to be looked at while a model learns, written beside the trainer's records within a share of its time.

All that is done for the picture is measured and paid from one ``Budget``: evaluations, the step that is looked at from
inside, and what is here. The first and the last look at a run are never left out, so that one of a few seconds has
something to show; all others wait until they are within the share.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from gptviz.decoding.chance import draw, uniforms
from gptviz.errors import PromptError
from gptviz.jobs import seen
from gptviz.jobs.budget import Budget
from gptviz.jobs.folder import MODEL, NOW, Job
from gptviz.language_model import LocalModel
from gptviz.numbers import softmax
from gptviz.tokens.labels import legible
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training.lines import as_line
from gptviz.training.looking import Look
from gptviz.training.moments import Moments
from gptviz.training.run import Record
from gptviz.training.trainer import Trainer, TrainRecord
from gptviz.training.watched import save_exactly, undisturbed
from gptviz.training.worlds import World

SHARE = 0.042  # of the time that may go into the picture: with what cannot be foretold it stays below a twentieth
SHOWN_EVERY = 3.0  # seconds between two states that can be asked, and two looks inside
LOOKS = 60  # in all the time before now, about: what a long run writes stays small
SAMPLE_CHARACTERS, FIRST_SAMPLE = 240, 32  # what knows nothing yet has little to say
NEXT = ("evaluation", "sample")  # what the next evaluation will want: looks in between leave it enough
LONGER = 1.4  # than a world's documents are on average: whoever has not ended one by then has not learnt to
_FEW = 4_000_000  # pairs of tokens that can be counted in a table


class Watch:
    """Is shown the trainer after each record."""

    def __init__(self, job: Job, file: TextIO, world: World | None, clock: Callable[[], float] = time.perf_counter
                 ) -> None:  # fmt: skip
        self._job, self._file, self._world, self._clock = job, file, world, clock
        self._shown = self._looked = 0.0  # when the state was saved, and the inside looked at
        self._budget: Budget | None = None
        self._moments = Moments(job.path / MODEL)
        self._ids: list[int] = []  # of the fixed text
        self._armed = 0  # the step after which the next one was to be looked at

    def write(self, said: Mapping[str, Any]) -> None:
        """One line more."""
        self._file.write(json.dumps(said) + "\n")
        self._file.flush()

    def say(self, record: Record) -> None:
        """One of the trainer's records; of a model that takes hundreds of steps a second that is what costs most."""
        with self._budget.spending() if self._budget else nullcontext():
            self._file.write(as_line(record) + "\n")
            self._file.flush()

    def __call__(self, trainer: Trainer, tokenizer: Tokenizer, record: TrainRecord) -> None:
        """At an evaluation a sample; every few seconds the heads and the model, so long as it costs next to nothing."""
        first, evaluated = self._budget is None, record.valid_loss is not None
        budget = self._budget = self._budget or Budget(SHARE, self._clock)
        with budget.spending():
            if first:
                self._moments.begin(trainer)
                tokenizer.save(self._job.path / MODEL)  # by which its moments are read, whatever becomes of it
                self.write({"record": "levels", **levels(trainer)})
            self._moments.take(trainer, record)
            self._tell_look(trainer)
        if evaluated:
            budget.pay(trainer.measuring, "evaluation")
        now, always = budget.elapsed, first or trainer.finished
        ready = now - self._shown >= SHOWN_EVERY
        wanted = {
            "sample": evaluated,
            "inside": evaluated or now - self._looked >= max(SHOWN_EVERY, now / LOOKS),
            "state": ready or evaluated,
        }
        pieces = [piece for piece, is_wanted in wanted.items() if always or is_wanted]
        if not pieces:
            return
        before, done = budget.spent, share_done(trainer)
        with undisturbed(trainer.model):  # a run that is watched is the run that is not
            lm = LocalModel(trainer.model, tokenizer)
            for piece in pieces:
                if always or budget.allows(piece, done, NEXT if piece == "inside" and not evaluated else ()):
                    with budget.spending("" if first else piece):  # the first time is dearer than any other
                        self._do(piece, trainer, lm, record.step, first=first)
        if budget.spent > before:
            self.write({"record": "watched", "step": record.step, "seconds": round(budget.spent, 3),
                        "of": round(budget.elapsed, 3)})  # fmt: skip

    def _do(self, piece: str, trainer: Trainer, lm: LocalModel, step: int, *, first: bool) -> None:
        assert self._budget is not None
        if piece == "state":
            save_now(self._job, lm, step)
            self._shown = self._budget.elapsed
        elif piece == "sample":
            most = FIRST_SAMPLE if first else SAMPLE_CHARACTERS
            self.write({"record": "sample", "step": step, **sample(lm, self._world, most)})
        else:
            self._look_inside(trainer, lm, step, first=first)

    def _look_inside(self, trainer: Trainer, lm: LocalModel, step: int, *, first: bool) -> None:
        """Scores of heads, their patterns, positions where they are learnt; the next step is looked at as well."""
        if first:
            self._ids = seen.fixed([begin(lm.tokenizer), *_beginning(trainer)], lm)
        self.write({"record": "heads", "step": step, "scores": seen.scores(lm)})
        self.write({"record": "attention", "step": step, **seen.attention(lm, self._ids)})
        if first or lm.config.position == "learned":
            self.write({"record": "positions", "step": step, **seen.positions(lm)})
        self._looked, self._armed, trainer.look = self._budget.elapsed if self._budget else 0.0, step, Look()

    def _tell_look(self, trainer: Trainer) -> None:
        """What a step did that was looked at since the last record."""
        look = trainer.look
        if look is not None and look.found is not None and self._budget is not None:
            trainer.look = None
            self._budget.pay(look.seconds, "step")
            self.write({"record": "look", "step": self._armed + 1, **look.found._asdict()})


def share_done(trainer: Trainer) -> float:
    """How much of the run is over, by its steps or by its time."""
    config = trainer.config
    by_time = trainer.elapsed / config.seconds if config.seconds else 0.0
    return min(1.0, max(trainer.step / config.steps, by_time))


def _beginning(trainer: Trainer) -> npt.NDArray[np.integer]:
    """The first tokens of the text that is held out; of the training text where nothing is."""
    held = trainer.valid or trainer.train
    ids: npt.NDArray[np.integer] = held.parts[0].ids[: seen.TOKENS]  # type: ignore[attr-defined]
    return ids


def sample(lm: LocalModel, world: World | None, most: int) -> dict[str, Any]:
    """A document as the model would write it, and whether it is one of the world's.

    As ``lm.generate`` has it, without a record of each token: that is a quarter of the time.
    """
    newline = begin(lm.tokenizer)
    most = min(most, round(LONGER * world.characters) if world else most)
    most = min(most, lm.config.block_size - 1 if world else lm.config.block_size // 2)
    ids: list[int] = []
    reader, chances = lm.prefill([newline]), uniforms(0)
    for _ in range(most):
        token = draw(softmax(reader.logits[0, : lm.n_tokens]), next(chances))
        if world and token == newline:
            text = lm.tokenizer.decode(ids)
            return {"text": text, "valid": world.log_probability(text + "\n") > -math.inf}
        ids.append(token)
        reader.append([token])
    text = legible(b"".join(map(lm.tokenizer.token_bytes, ids)))
    return {"text": text, "valid": None}  # of half a document it cannot be told


def begin(tokenizer: Tokenizer) -> int:
    """The token that a sample begins with: a line end, or the first there is where the text has none."""
    try:
        return tokenizer.encode("\n")[0]
    except PromptError:
        return 0


def levels(trainer: Trainer) -> dict[str, float]:
    """What a model pays that knows nothing, single characters, or pairs of them: entropies of the text, in nats."""
    ids, n = np.asarray(trainer.train.parts[0].ids), trainer.model.n_tokens  # type: ignore[attr-defined]
    pairs = ids[:-1].astype(np.int64) * n + ids[1:]
    counts = np.bincount(pairs) if n * n <= _FEW else np.unique(pairs, return_counts=True)[1]
    single = _nats(np.bincount(ids, minlength=n))
    return {"uniform": math.log(n), "unigram": single, "bigram": _nats(counts) - single}


def _nats(counts: npt.NDArray[np.int64]) -> float:
    p = counts[counts > 0] / counts.sum()
    return float(-(p * np.log(p)).sum())


def save_now(job: Job, lm: LocalModel, step: int) -> None:
    """The model as it is, in a folder of its own that is there as a whole or not at all; the last two are kept."""
    root = job.path / NOW
    partial = root / ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    save_exactly(lm.model, partial)
    lm.tokenizer.save(partial)
    target = root / f"{step:08d}"
    shutil.rmtree(target, ignore_errors=True)
    os.replace(partial, target)
    for old in sorted(path for path in root.iterdir() if path != partial)[:-2]:
        shutil.rmtree(old, ignore_errors=True)
