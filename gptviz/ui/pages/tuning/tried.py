"""What a finished tuning says of the text in the box, and of a prompt before and after. Pure: no Streamlit.

Two tuned models are kept at a time, for all visitors; a state holds what they said, never one of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, cast

import numpy as np

from gptviz import catalogue
from gptviz.errors import GptvizError
from gptviz.jobs.folder import MODEL, Job
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.numbers import descending, softmax
from gptviz.tuning import sets
from gptviz.tuning.batches import encode
from gptviz.tuning.classifier import Classifier
from gptviz.tuning.sampling import likeliest
from gptviz.tuning.saved import open_tuned
from gptviz.tuning.tagger import Tagger, pieces, words_of
from gptviz.ui.kept import remembered

MOST_WORDS, MOST_TOKENS = 200, 256


class Tried(NamedTuple):
    """What it says: a probability for each label, the likeliest first; or each word with its tag."""

    labels: list[tuple[str, float]]
    words: list[tuple[str, str]]


def tried(lm: LanguageModel, job: Job, text: str) -> Tried:
    """Of ``text``. Raises GptvizError where the job was learnt on another model, or holds nothing to be opened."""
    return tried_by(opened(lm, str(job.path)), lm, text)


def tried_by(learner: Classifier | Tagger, lm: LanguageModel, text: str) -> Tried:
    """What was opened says of ``text``."""
    most = min(MOST_TOKENS, learner.trunk.most)
    if isinstance(learner, Tagger):
        words = words_of(text)[:MOST_WORDS]
        tags = learner.find([pieces(lm.tokenizer, words, most)])[0] if words else []
        return Tried([], list(zip(words, tags, strict=True)))
    rows = encode(lm.tokenizer, [text], most)
    probs = softmax(learner.logits(rows).astype(np.float64))[0]
    order = descending(probs)
    return Tried([(learner.labels[i], float(probs[i])) for i in order], [])


@remembered(maxsize=2)
def opened(lm: LanguageModel, folder: str) -> Classifier | Tagger:
    """The head with its trunk, which is a copy of the model's numbers with what was learnt. Raises GptvizError."""
    return cast("Classifier | Tagger", open_tuned(Path(folder), cast("LocalModel", lm)))


def answered(lm: LanguageModel, job: Job, prompt: str) -> tuple[str, str]:
    """What the model that was tuned, and what it has become, answer. Raises GptvizError."""
    base = _base(lm, job)
    return likeliest(base, prompt), likeliest(tuned(lm, str(job.path / MODEL)), prompt, like=base)


def _base(lm: LanguageModel, job: Job) -> LocalModel:
    if not isinstance(lm, LocalModel):
        raise GptvizError("remote.weights")
    return lm


@remembered(maxsize=2)
def tuned(lm: LanguageModel, folder: str) -> LocalModel:
    """The model that came of it. Raises GptvizError."""
    return catalogue.load_folder(Path(folder), name="tuned")


def is_its(lm: LanguageModel, job: Job, base: str) -> bool:
    """Whether this is the model that was tuned, of the fingerprint ``base``, or what a head's trunk has become."""
    return lm.fingerprint == base or (lm.name == job.model_name and not answers(job.ask.source))


def answers(task: str) -> bool:
    """Whether the task's model answers, and has no head."""
    return task == sets.INSTRUCTIONS
