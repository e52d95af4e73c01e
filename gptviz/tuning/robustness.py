"""What makes a classifier harder to mislead: adversarial training and augmentation beside tuning as it is.

Measured on the same texts: all of them, each kind apart (our set marks negation, irony and mixed reviews), with rows
moved against it (FGM's step, which is the cheapest attack), and by words exchanged until it is wrong (``attack``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from gptviz.errors import ConfigError
from gptviz.language_model import LocalModel
from gptviz.tuning.adversarial import ADVERSARIES, EPSILON, FGM, adversary, unit
from gptviz.tuning.attack import attack
from gptviz.tuning.augmentation import WAYS, augment
from gptviz.tuning.batches import batches_by_length, encode, padded
from gptviz.tuning.examples import Example
from gptviz.tuning.scores import wilson
from gptviz.tuning.tasks import Classification
from gptviz.tuning.tuner import TuneConfig

PLAIN = "plain"
CHOICES = (PLAIN, *ADVERSARIES, *WAYS)
DOING = LEARNING, MEASURING, EXCHANGING = ("learning", "measuring", "exchanging")
_TOKENS = 2048  # of one batch whose gradient is taken


class Share(NamedTuple):
    """So many of so many texts are right."""

    accuracy: float
    low: float
    high: float
    texts: int


class Robustness(NamedTuple):
    """One way of learning, measured."""

    way: str
    learnt: int  # texts that were learnt from, changed ones too
    all: Share
    kinds: dict[str, Share]
    moved: Share  # with rows moved by FGM's step
    flipped: float | None  # of texts that it has right, the part that exchanged words mislead; None: none was tried
    seconds: float
    tried: int = 0  # texts on which words were exchanged


class Moment(NamedTuple):
    """How far one way has come: for who looks on, and may break off after any of them."""

    way: str
    doing: str  # one of ``DOING``
    done: int
    of: int


@dataclass(frozen=True)
class Trial:
    """How it is tried: ε of the training and of the attack, copies, and on how many texts words are exchanged."""

    ways: tuple[str, ...] = CHOICES
    epsilon: float = EPSILON
    copies: int = 1
    attacked: int = 20
    flips: int = 5

    def __post_init__(self) -> None:
        for way in self.ways:
            if way not in CHOICES:
                raise ConfigError("config.choice", name="ways", value=way, choices=", ".join(CHOICES))
        FGM(self.epsilon)

    def run(self, lm: LocalModel, train: Sequence[Example], test: Sequence[Example], config: TuneConfig | None = None,
            *, kinds: Sequence[str] = ()) -> Iterator[Robustness]:  # fmt: skip
        """Each way; ``kinds`` says of each text of ``test`` what it is."""
        yield from (found for found in self.follow(lm, train, test, config, kinds=kinds)
                    if isinstance(found, Robustness))  # fmt: skip

    def follow(self, lm: LocalModel, train: Sequence[Example], test: Sequence[Example],
               config: TuneConfig | None = None, *, kinds: Sequence[str] = (),
               learnt: Callable[[str, Classification], None] | None = None
               ) -> Generator[Moment | Robustness, None, None]:  # fmt: skip
        """``run``, and on the way how far it has come. ``learnt`` is told of each way's classifier."""
        if not test:
            raise ConfigError("tune.nothing", file="")
        config = config or TuneConfig()
        for way in self.ways:
            began = time.perf_counter()
            yield Moment(way, LEARNING, 0, 1)
            task = task_of(lm, train, config, way, epsilon=self.epsilon, copies=self.copies)
            for record in task.run():
                yield Moment(way, LEARNING, record.step, record.steps)
            if learnt is not None:
                learnt(way, task)
            yield Moment(way, MEASURING, 0, 1)
            right = _right(task, test)
            by_kind = {kind: share(right[[other == kind for other in kinds]]) for kind in dict.fromkeys(kinds)}
            moved = share(under_attack(task, test, self.epsilon))
            attacked = [x for x, good in zip(test, right, strict=True) if good][: self.attacked]
            misled = []
            for done, example in enumerate(attacked):
                yield Moment(way, EXCHANGING, done, len(attacked))
                misled.append(self._misled(task, example))
            yield Robustness(way, len(task.split.train), share(right), by_kind, moved,
                             float(np.mean(misled)) if misled else None, time.perf_counter() - began,
                             len(misled))  # fmt: skip

    def _misled(self, task: Classification, example: Example) -> bool:
        """Whether exchanged words make it wrong."""
        found = list(attack(task.classifier, task.tokenizer, example.text, example.label, flips=self.flips,
                            most=task.most))  # fmt: skip
        return bool(found) and found[-1].found != example.label


def task_of(lm: LocalModel, train: Sequence[Example], config: TuneConfig, way: str, *, epsilon: float = EPSILON,
            copies: int = 1) -> Classification:  # fmt: skip
    """What learns in that way. Texts that are held out are those of the plain way, and none of them is changed."""
    if way in ADVERSARIES:
        return Classification(lm, train, config, adversary=adversary(way, epsilon=epsilon))
    task = Classification(lm, train, config)
    if way != PLAIN:
        more = augment(lm, task.split.train, way, copies=copies, seed=config.seed)  # type: ignore[arg-type]
        task.take(more)
    return task


def share(right: npt.NDArray[np.bool_]) -> Share:
    """Of booleans (n,)."""
    accuracy = float(np.mean(right)) if len(right) else 0.0
    return Share(accuracy, *wilson(accuracy, len(right)), len(right))


def under_attack(task: Classification, test: Sequence[Example], epsilon: float) -> npt.NDArray[np.bool_]:
    """(n,) whether each text is still right where its rows are moved by FGM's step."""
    classifier, step = task.classifier.eval(), FGM(epsilon)
    radius = epsilon * unit(task.trunk)
    rows = encode(task.tokenizer, [example.text for example in test], task.most)
    targets = torch.tensor([classifier.labels.index(example.label) for example in test])
    right = np.zeros(len(test), dtype=bool)
    for places in batches_by_length(rows, _TOKENS):
        batch = padded([rows[i] for i in places])
        wanted = targets[list(places)]

        def losses(moved: Tensor, lengths: Tensor = batch.lengths, wanted: Tensor = wanted) -> Tensor:
            return F.cross_entropy(classifier.of_rows(moved, lengths), wanted, reduction="none")

        with torch.no_grad():
            given = task.trunk.tokens(batch.ids)
            logits = classifier.of_rows(given + step.step(losses, given, radius), batch.lengths)
            right[places] = (logits.argmax(-1) == wanted).numpy()
    return right


def _right(task: Classification, test: Sequence[Example]) -> npt.NDArray[np.bool_]:
    found = task.find([example.text for example in test])
    return np.array([label == example.label for label, example in zip(found, test, strict=True)])
