"""How many examples a task needs: accuracy against their number, from a model that has read much and from a blank one.

*From scratch* is the same shape with random numbers, all of which are learnt: what the tuned one has before it is what
reading has taught it (Howard & Ruder 2018, figure 3, draw the same two curves).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple, TypeAlias

import torch

from gptviz.errors import ConfigError
from gptviz.gpt.model import GPT
from gptviz.language_model import LocalModel
from gptviz.tuning.baseline import bag_of_words
from gptviz.tuning.examples import Example
from gptviz.tuning.methods.full import Full
from gptviz.tuning.patterns import drawn
from gptviz.tuning.scores import Scores, scores
from gptviz.tuning.tasks import Classification
from gptviz.tuning.tuner import TuneConfig

Way: TypeAlias = Literal["tuned", "scratch", "words"]
_SMALL = 64  # examples below which none is held out, and all epochs are taken
_STEPS = 60  # at least, so that eight examples are seen often enough


class Point(NamedTuple):
    """So many examples, learnt in one way (``words``: the bag of words), measured on the same texts."""

    examples: int
    way: Way
    scores: Scores
    seconds: float


def blank(lm: LocalModel, *, seed: int = 0) -> LocalModel:
    """The same shape and vocabulary with random numbers, as training begins (GPT-2's start)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = GPT(lm.config).requires_grad_(False)
    return LocalModel(model, lm.tokenizer, name=lm.name, chat_template=lm.chat_template)


def check_counts(counts: Sequence[int], there: int, file: str = "") -> None:
    """Raise ConfigError where there are not so many examples, or too few to have two labels."""
    for count in counts:
        if not 2 <= count <= there:
            raise ConfigError("tune.curve", count=count, there=there, file=file)


def learning_curve(lm: LocalModel, train: Sequence[Example], test: Sequence[Example], counts: Sequence[int],
                   config: TuneConfig | None = None) -> Iterator[Point]:  # fmt: skip
    """Three points for each of ``counts``: the fewer examples are the first of the more, of each label alike.

    ``config`` says how it is tuned, and all but the method of what starts from scratch. Raises ConfigError.
    """
    config = config or TuneConfig()
    check_counts(counts, len(train))
    order = drawn(train, len(train), seed=config.seed)
    labels = sorted({example.label for example in [*train, *test]})
    for count in sorted(set(counts)):
        part = _of_two_labels(order, count)
        for way in ("tuned", "scratch", "words"):
            began = time.perf_counter()
            found = _found(lm, way, part, test, config)
            said = scores([example.label for example in test], found, labels)
            yield Point(count, way, said, time.perf_counter() - began)


def _of_two_labels(order: Sequence[Example], count: int) -> list[Example]:
    """The first so many; where they have one label, the last of them makes room for the next of another."""
    part = list(order[:count])
    if len({example.label for example in part}) < 2:
        part[-1] = next(example for example in order if example.label != part[0].label)
    return part


def _found(lm: LocalModel, way: Way, part: Sequence[Example], test: Sequence[Example], config: TuneConfig) -> list[str]:
    """The labels of ``test``."""
    if way == "words":
        return bag_of_words(part, test)
    task = Classification(
        lm if way == "tuned" else blank(lm, seed=config.seed), part, _settings(config, way, len(part))
    )
    task.learn()
    return task.find([example.text for example in test])


def _settings(config: TuneConfig, way: Way, count: int) -> TuneConfig:
    epochs = max(config.epochs, -(-_STEPS * config.batch_size // count))
    changes: dict[str, object] = {"epochs": min(epochs, 1000)}
    if count < _SMALL:
        changes |= {"valid_share": 0.0, "patience": 0}
    if way == "scratch":
        changes |= {"method": Full(), "learning_rate": None}
    return replace(config, **changes)  # type: ignore[arg-type]
