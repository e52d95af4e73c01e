"""The texts that models were trained on, as tokens, for whoever asks where something comes from. Pure."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz import catalogue
from gptviz.jobs import folder
from gptviz.jobs.child import plan_of
from gptviz.jobs.folder import Job
from gptviz.language_model import LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training import characters
from gptviz.training.worlds import WORLDS

WORLD = "stories"  # counted while nothing has been trained
MOST = 4_000_000  # tokens that are counted, the first ones


class Text(NamedTuple):
    """A training text; ``ids`` (N,)."""

    tokenizer: Tokenizer
    ids: npt.NDArray[Any]


@lru_cache(maxsize=2)
def of_job(path: Path) -> Text:
    """What a job learnt from. Raises ConfigError where it is gone."""
    tokenizer, train, _ = plan_of(Job(path)).open_text()
    return Text(tokenizer, np.concatenate([np.asarray(part.ids) for part in train.parts])[:MOST])


@lru_cache(maxsize=1)
def of_world() -> Text:
    """The generated stories, while there is no model that has read them."""
    tokenizer, train, _ = characters.open_world(WORLDS[WORLD], 0)
    return Text(tokenizer, np.asarray(train.parts[0].ids))


@lru_cache(maxsize=2)
def model(path: Path) -> LocalModel:
    """The model that came of a job."""
    return catalogue.load_folder(path / folder.MODEL, weights="float32")
