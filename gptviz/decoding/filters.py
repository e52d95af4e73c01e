"""The filters between a model's logits and the draw, each a pure step: (logits, ids so far) -> logits.

A filter sets the logits of tokens it cuts to -inf, or changes logits without cutting. Each does what the logits
processor of that name in Hugging Face transformers does, in float32 and in the same order of operations, so ties and
boundaries come out alike. ``logits`` are (V,) float32; what comes in is never written to; at least one token is kept.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from gptviz.decoding.checks import number, whole
from gptviz.numbers import ascending, entropy_nats, log_softmax, softmax

Array = npt.NDArray[np.float32]
_LARGEST = np.finfo(np.float32).max


class Filter(ABC):
    """One step of the chain; ``name`` is that of the parameter which sets it."""

    name: ClassVar[str]

    @abstractmethod
    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        """New logits (V,), -inf where cut. ``previous_ids``: the prompt and what was generated so far."""


@dataclass(frozen=True)
class RepetitionPenalty(Filter):
    """Tokens already there: logit / penalty where positive, logit * penalty where negative.

    Keskar et al. 2019, section 4.1, with the sign dealt with as transformers does. Above 1 they become less likely,
    below 1 more. However often a token occurs, it is changed once.
    """

    penalty: float
    name: ClassVar[str] = "repetition_penalty"

    def __post_init__(self) -> None:
        _set(self, "penalty", number(self.name, self.penalty, low=0, above=True))

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        seen = np.unique(np.asarray(previous_ids, dtype=np.int64))
        seen = seen[seen < len(logits)]
        out = logits.copy()
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            score = out[seen]
            changed = np.where(score < 0, score * self.penalty, score / self.penalty)
        # An extreme penalty leaves float32's range; the nearest number in it keeps the softmax defined.
        out[seen] = np.clip(np.where(np.isnan(changed), 0, changed), -_LARGEST, _LARGEST)
        return out


@dataclass(frozen=True)
class NoRepeatNGram(Filter):
    """Tokens that would make ``n`` tokens in a row which are already there (Paulus et al. 2018, section 2.5).

    The prompt counts. With n = 1 no token comes twice. Where nothing else is left, nothing is cut: a model that must
    go on may repeat itself.
    """

    n: int
    name: ClassVar[str] = "no_repeat_ngram_size"

    def __post_init__(self) -> None:
        _set(self, "n", whole(self.name, self.n, low=1))

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        ids = np.asarray(previous_ids, dtype=np.int64)
        if len(ids) < self.n:
            return logits
        windows = np.lib.stride_tricks.sliding_window_view(ids, self.n)  # (T - n + 1, n)
        repeats = (windows[:, :-1] == ids[len(ids) - self.n + 1 :]).all(axis=1)
        banned = windows[repeats, -1]
        kept = np.ones(len(logits), dtype=bool)
        kept[banned[banned < len(logits)]] = False
        return _keep(logits, kept) if (logits[kept] > -np.inf).any() else logits


@dataclass(frozen=True)
class Temperature(Filter):
    """logits / temperature: below 1 sharper, above 1 flatter; 0 is the limit, where only the largest logit is left."""

    temperature: float
    name: ClassVar[str] = "temperature"

    def __post_init__(self) -> None:
        _set(self, "temperature", number(self.name, self.temperature, low=0))

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            scaled = logits / self.temperature if self.temperature else logits
        # So cold that the division leaves float32's range: that is the limit too.
        limit = self.temperature == 0 or not np.isfinite(scaled.max())
        return only(logits, int(logits.argmax())) if limit else scaled


@dataclass(frozen=True)
class TopK(Filter):
    """The ``k`` largest logits (Fan et al. 2018, section 5.4), and all that are equal to the smallest of them."""

    k: int
    name: ClassVar[str] = "top_k"

    def __post_init__(self) -> None:
        _set(self, "k", whole(self.name, self.k, low=1))

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        smallest = len(logits) - min(self.k, len(logits))
        return _keep(logits, logits >= np.partition(logits, smallest)[smallest])


@dataclass(frozen=True)
class TopP(Filter):
    """The likeliest tokens until they have probability ``p`` together (nucleus sampling; Holtzman et al. 2020, 3.1).

    Computed from the other end, as transformers does: from the least likely up, tokens are cut while their sum is at
    most 1 - p; the likeliest is always kept. Of equal tokens at the boundary the lower ids are cut first (in
    transformers that holds up to 16 tokens; beyond, its sort leaves open which).
    """

    p: float
    name: ClassVar[str] = "top_p"

    def __post_init__(self) -> None:
        _set(self, "p", number(self.name, self.p, low=0, high=1))

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        left = _left(logits)
        order = ascending(logits[left])
        mass = _running_sum(softmax(logits[left])[order])
        cut = mass <= np.float32(1 - self.p)
        cut[-1] = False
        kept = np.zeros(len(logits), dtype=bool)
        kept[left[order[~cut]]] = True
        return _keep(logits, kept)


@dataclass(frozen=True)
class MinP(Filter):
    """Tokens at least ``p`` times as likely as the likeliest (Nguyen et al. 2024, section 3)."""

    p: float
    name: ClassVar[str] = "min_p"

    def __post_init__(self) -> None:
        _set(self, "p", number(self.name, self.p, low=0, high=1))

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        probs = softmax(logits)
        return _keep(logits, probs >= np.float32(self.p) * probs.max())


@dataclass(frozen=True)
class Typical(Filter):
    """The tokens whose surprisal is nearest to the entropy, until they have probability ``p`` together.

    Locally typical sampling (Meister et al. 2023, equation 9). All tokens as near as the last one needed are kept.
    """

    p: float
    name: ClassVar[str] = "typical_p"

    def __post_init__(self) -> None:
        _set(self, "p", number(self.name, self.p, low=0, high=1, above=True))

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        left = _left(logits)
        logprobs = log_softmax(logits[left])
        entropy = entropy_nats(logprobs)
        distance = np.abs(-logprobs - entropy)  # (n,)
        order = ascending(distance)
        mass = _running_sum(softmax(logits[left])[order])
        last = min(int((mass < np.float32(self.p)).sum()), len(order) - 1)
        kept = np.zeros(len(logits), dtype=bool)
        kept[left[distance <= distance[order[last]]]] = True
        return _keep(logits, kept)


@dataclass(frozen=True)
class Eta(Filter):
    """Tokens at least as likely as eta = min(epsilon, sqrt(epsilon) * e**-entropy), entropy in nats.

    Eta sampling (Hewitt et al. 2022, section 3.3, with alpha = sqrt(epsilon)): where the model is unsure, less likely
    tokens pass too. The likeliest is always kept, with all that are equal to it.
    """

    epsilon: float
    name: ClassVar[str] = "eta_cutoff"

    def __post_init__(self) -> None:
        _set(self, "epsilon", number(self.name, self.epsilon, low=0, high=1, above=True, below=True))

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        logprobs = log_softmax(logits[_left(logits)])
        entropy = entropy_nats(logprobs)
        epsilon = np.float32(self.epsilon)
        eta = min(epsilon, np.sqrt(epsilon) * np.exp(-entropy))
        return _keep(logits, (softmax(logits) >= eta) | (logits >= logits.max()))


@dataclass(frozen=True)
class Best(Filter):
    """Only the largest logit; of equal ones the lowest id."""

    name: ClassVar[str] = "greedy"

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        return only(logits, int(logits.argmax()))


def only(logits: Array, token: int) -> Array:
    """All cut but one."""
    out = np.full_like(logits, -np.inf)
    out[token] = logits[token]
    return out


def _keep(logits: Array, kept: npt.NDArray[np.bool_]) -> Array:
    return np.where(kept, logits, np.float32(-np.inf))


def _left(logits: Array) -> npt.NDArray[np.int64]:
    """Ids that no earlier filter has cut: the others hold no probability, and need no sorting."""
    return np.flatnonzero(logits > -np.inf)


def _running_sum(probs: Array) -> Array:
    return np.cumsum(probs, dtype=np.float64).astype(np.float32)  # as torch adds up float32 on the CPU


def _set(instance: object, name: str, value: float) -> None:
    object.__setattr__(instance, name, value)  # a frozen dataclass, while it is being made
