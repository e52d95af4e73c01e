"""Learning on: task A, then task B on the same model. What B takes from A and from the language, and what helps.

Both tasks are labels of texts, each with a head of its own; A's stays as it was when B is learnt, so that whatever A
loses, the trunk has lost. Remedies: *rehearsal* (some of A's examples go on being read; Robins 1995), *EWC* (numbers
that A needs are held where they are; Kirkpatrick et al. 2017), *LoRA* (B is learnt in few new numbers beside them).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from gptviz.errors import ConfigError, PromptError
from gptviz.language_model import LocalModel
from gptviz.tuning.batches import encode, padded
from gptviz.tuning.classifier import Classifier
from gptviz.tuning.examples import Example
from gptviz.tuning.forgetting import Forgotten, Memory
from gptviz.tuning.method import Method, require
from gptviz.tuning.methods.full import Full
from gptviz.tuning.methods.lora import LoRA
from gptviz.tuning.saved import merged
from gptviz.tuning.scores import wilson
from gptviz.tuning.tasks import Classification
from gptviz.tuning.trunk import Trunk
from gptviz.tuning.tuner import TuneConfig, TuneRecord

Remedy: TypeAlias = Literal["none", "rehearsal", "ewc", "lora"]
REMEDIES: tuple[Remedy, ...] = ("none", "rehearsal", "ewc", "lora")


class Fisher(NamedTuple):
    """How much A's answers hang on each number of the trunk, by name, and where those numbers stood."""

    weight: dict[str, Tensor]
    mean: dict[str, Tensor]

    def penalty(self, classifier: Classifier) -> Tensor:
        """½ Σ F (θ − θ*)², of all numbers that are learnt (Kirkpatrick et al. 2017, equation 3, for λ = 1)."""
        named = dict(classifier.trunk.named_parameters())
        parts = [(self.weight[name] * (named[name] - self.mean[name]) ** 2).sum()
                 for name in self.weight if name in named and named[name].requires_grad]  # fmt: skip
        return torch.stack(parts).sum() / 2 if parts else torch.zeros(())


def fisher(classifier: Classifier, rows: Sequence[Sequence[int]], *, seed: int = 0) -> Fisher:
    """The diagonal of the Fisher information at A's numbers: the mean over texts of (∂ ln p(y) / ∂θ)², with y **drawn**
    from what the classifier says itself (not the text's label, which would give the empirical Fisher, another thing:
    Kunstner et al. 2019). One text at a time: the mean of squares is not the square of the mean."""
    generator = torch.Generator().manual_seed(seed)
    named = {name: p for name, p in classifier.trunk.named_parameters() if p.ndim}
    frozen = {name: p.requires_grad for name, p in named.items()}
    for parameter in named.values():
        parameter.requires_grad_(True)
    sums = {name: torch.zeros_like(p) for name, p in named.items()}
    classifier.eval()
    for row in rows:
        logprobs = F.log_softmax(classifier(padded([row])), dim=-1)[0]
        drawn = int(torch.multinomial(logprobs.detach().exp(), 1, generator=generator))
        found = torch.autograd.grad(logprobs[drawn], list(named.values()), allow_unused=True)
        for name, gradient in zip(named, found, strict=True):
            if gradient is not None:
                sums[name] += gradient**2
    for name, parameter in named.items():
        parameter.requires_grad_(frozen[name])
    weight = {name: total / max(1, len(rows)) for name, total in sums.items()}
    return Fisher(weight, {name: p.detach().clone() for name, p in named.items()})


@dataclass(frozen=True)
class SequenceConfig:
    """How A and B are learnt (by all numbers, where nothing else is said), and how strong the remedies are."""

    first: TuneConfig = field(default_factory=lambda: TuneConfig(method=Full()))
    then: TuneConfig = field(default_factory=lambda: TuneConfig(method=Full()))
    remedies: tuple[Remedy, ...] = REMEDIES
    rehearse: float = 0.25  # of A's examples for each of B's
    ewc: float = 1e4  # λ
    fisher_texts: int = 200  # of A's that the Fisher information is taken from
    lora: Method = field(default_factory=LoRA)

    def __post_init__(self) -> None:
        require("rehearse", self.rehearse, 0, 16)
        require("ewc", self.ewc, 0, 1e12)
        require("fisher_texts", self.fisher_texts, 1, 100_000)
        for remedy in self.remedies:
            if remedy not in REMEDIES:
                raise ConfigError("config.choice", name="remedies", value=remedy, choices=", ".join(REMEDIES))
        if not self.first.method.merges:
            raise ConfigError("tune.no_merge", method=self.first.method.name)


class Onward(Classification):
    """Task B on a model that has learnt A, with a remedy."""

    def __init__(self, lm: LocalModel, examples: Sequence[Example], config: TuneConfig, first: Classification, *,
                 rehearse: float = 0.0) -> None:  # fmt: skip
        """``lm`` is the model as ``first`` left it. With ``rehearse``, each batch has so many of A's for one of B's."""
        super().__init__(lm, examples, config)
        self.first, self.rehearse = first, rehearse
        self.known: Fisher | None = None  # how much A needs each number, where it is held
        self.ewc = 0.0  # λ
        self.earlier = first_head(first, self)
        self._drawn = np.random.default_rng([config.seed, 1])

    def loss(self, places: Sequence[int]) -> Tensor:
        loss = super().loss(places)
        count = round(self.rehearse * len(places))
        if count:
            again = self._drawn.integers(len(self.first.rows[0]), size=count)
            logits = self.earlier(padded([self.first.rows[0][i] for i in again]))
            loss = loss + self.rehearse * F.cross_entropy(logits, torch.from_numpy(self.first.targets[0][again]))
        if self.ewc and self.known is not None:
            loss = loss + self.ewc * self.known.penalty(self.classifier)
        return loss


def first_head(first: Classification, then: Classification) -> Classifier:
    """A's head, as A left it, over the trunk that B changes."""
    found = Classifier(then.trunk, first.classifier.labels, pooling=first.classifier.pooling)
    found.head.load_state_dict(first.classifier.head.state_dict())
    found.head.requires_grad_(False)
    return found


class Stage(NamedTuple):
    """What is known after A (``remedy`` None), or after B with a remedy: accuracies on what is measured on."""

    remedy: Remedy | None
    first: float  # accuracy on A
    first_interval: tuple[float, float]
    then: float | None  # on B
    then_interval: tuple[float, float] | None
    lost: float  # A's accuracy after A less now
    language: tuple[Forgotten, ...]  # since before A
    trainable: int
    seconds: float


class Step(NamedTuple):
    """One step of one of the runs."""

    task: Literal["first", "then"]
    remedy: Remedy | None
    record: TuneRecord


def learn_on(lm: LocalModel, first: Sequence[Example], then: Sequence[Example], config: SequenceConfig | None = None, *,
             tests: tuple[Sequence[Example], Sequence[Example]] | None = None,
             look: Callable[[Trunk], None] = lambda trunk: None) -> Iterator[Step | Stage]:  # fmt: skip
    """A, then B once with each remedy, all from the same A: a ``Step`` for each step, a ``Stage`` after each run.

    ``tests`` are what is measured on; else what was held out. ``look`` is shown the model as it is at the beginning and
    before each ``Stage``. Raises ConfigError, PromptError for a model that fills blanks (it has no bits per byte).
    """
    config = config or SequenceConfig()
    if not lm.config.causal:
        raise PromptError("prompt.fills_blanks")
    memory, began = Memory(lm), time.perf_counter()
    a = Classification(lm, first, config.first)
    look(Trunk.of(lm))
    for record in a.run():
        yield Step("first", None, record)
    on = (tests[0] if tests else a.split.valid) or a.split.train
    right = _right(a.classifier, a, on)
    look(a.trunk)
    yield Stage(None, right, wilson(right, len(on)), None, None, 0.0, tuple(memory.forgotten(a.trunk)), a.trainable,
                time.perf_counter() - began)  # fmt: skip
    after = merged(a, lm)
    for remedy in config.remedies:
        began = time.perf_counter()
        b = _then(after, a, then, config, remedy)
        for record in b.run():
            yield Step("then", remedy, record)
        other = (tests[1] if tests else b.split.valid) or b.split.train
        left, learnt = _right(b.earlier, b, on), _right(b.classifier, b, other)
        look(b.trunk)
        yield Stage(remedy, left, wilson(left, len(on)), learnt, wilson(learnt, len(other)), right - left,
                    tuple(memory.forgotten(b.trunk)), b.trainable, time.perf_counter() - began)  # fmt: skip


def _then(after: LocalModel, a: Classification, then: Sequence[Example], config: SequenceConfig, remedy: Remedy
          ) -> Onward:  # fmt: skip
    settings = config.then
    if remedy == "lora":
        settings = replace(settings, method=config.lora, learning_rate=None)
    b = Onward(after, then, settings, a, rehearse=config.rehearse if remedy == "rehearsal" else 0.0)
    if remedy == "ewc" and config.ewc:  # before anything is learnt: the trunk is still as A left it
        b.ewc, b.known = config.ewc, fisher(b.earlier, a.rows[0][: config.fisher_texts], seed=settings.seed)
    return b


def _right(classifier: Classifier, task: Classification, test: Sequence[Example]) -> float:
    """Accuracy."""
    logits = classifier.logits(encode(task.tokenizer, [example.text for example in test], task.most))
    found = [classifier.labels[i] for i in logits.argmax(1)]
    return float(np.mean([label == example.label for label, example in zip(found, test, strict=True)]))
