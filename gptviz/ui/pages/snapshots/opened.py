"""Models as they were: a run's moments, opened for whoever looks, a few of them held for all visitors. Pure."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gptviz.decoding import Sample
from gptviz.errors import GptvizError
from gptviz.evaluation.induction import head_scores, sequences
from gptviz.jobs import folder
from gptviz.jobs.folder import Job
from gptviz.language_model import LocalModel
from gptviz.paths import MODELS
from gptviz.tokens.labels import legible
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training import snapshots
from gptviz.training.snapshots import Snapshots
from gptviz.ui.learner import SMALL

HELD = 24  # models in memory, of at most three million parameters each
WRITTEN = 32  # tokens of a sample
LENGTH, SEQUENCES = 24, 2  # of the test for heads
_MOST = 512  # samples that are kept


class Run(NamedTuple):
    """A model folder with snapshots."""

    name: str  # in menus and links: "small", or a job's model
    path: Path
    source: str  # what a job learnt from; empty for the bundled one
    pair: str = ""  # what a job has in common with the other of a pair

    @property
    def job(self) -> Job | None:
        """The job that it came of; None for the bundled one."""
        return Job(self.path.parent) if self.name != SMALL else None


def runs(owner: str) -> list[Run]:
    """The bundled one, then those of this visitor that have been kept, with those whose numbers ran away."""
    found = [Run(SMALL, MODELS / SMALL, "")]
    for job in folder.jobs_of(owner, folder.TRAINING):
        path = job.path / folder.MODEL
        if (job.has_model or job.lost) and (path / snapshots.FOLDER / snapshots.INDEX).is_file():
            ask = job.ask
            found.append(Run(job.model_name, path, ask.source, ask.pair))
    return found


@lru_cache(maxsize=16)
def kept(path: Path) -> Snapshots:
    """The moments of a run. Raises WeightsError."""
    return snapshots.read(path)


@lru_cache(maxsize=8)
def _tokenizer(path: Path) -> Tokenizer:
    return Tokenizer.load(path)


@lru_cache(maxsize=HELD)
def model(path: Path, at: int) -> LocalModel:
    """The model as it was at that moment. Raises WeightsError."""
    found = kept(path)
    return LocalModel(found.model(found.moments[at]), _tokenizer(path))


@lru_cache(maxsize=256)
def heads(path: Path, at: int) -> tuple[tuple[float, ...], ...]:
    """(n_layer, n_head): prefix matching of each head, as ``gptviz.evaluation.induction`` defines it."""
    lm = model(path, at)
    try:
        rows = sequences(lm, count=SEQUENCES, length=LENGTH)
    except GptvizError:  # a vocabulary of fewer tokens
        return ()
    half = rows.shape[1] // 2
    found = np.mean([head_scores(lm.trace(row.tolist()).pattern, half)[0] for row in rows], axis=0)
    return tuple(tuple(float(score) for score in layer) for layer in found)


def known_sample(path: Path, at: int, ids: tuple[int, ...]) -> str | None:
    """How that model goes on, where somebody has asked before."""
    return _SAMPLES.get((path, at, ids))


def sample(path: Path, at: int, ids: tuple[int, ...]) -> str:
    """How the model of that moment goes on, with the same draws for all."""
    found = known_sample(path, at, ids)
    if found is None:
        lm = model(path, at)
        room = lm.config.block_size - len(ids)
        steps = lm.generate(list(ids), Sample(temperature=0.8), max_new_tokens=min(WRITTEN, max(1, room)), seed=7)
        found = legible(b"".join(lm.tokenizer.token_bytes(step.token) for step in steps))
        while len(_SAMPLES) >= _MOST:
            _SAMPLES.pop(next(iter(_SAMPLES)), None)
        _SAMPLES[path, at, ids] = found
    return found


_SAMPLES: dict[tuple[Path, int, tuple[int, ...]], str] = {}
