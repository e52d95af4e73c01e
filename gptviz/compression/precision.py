"""What each form of the weights costs: bytes, time, and how far what the model says moves, beside float32.

Logits are compared at every position of the held-out passages, over all tokens. Times are of this machine, now: the
form and float32 take turns, and of each the shortest counts, which other programs disturbed the least. The interval of
a difference in perplexity is of the passages: they are drawn anew, with those that float32 read, and the middle 95 % of
what comes out is told (the paired percentile bootstrap, Efron & Tibshirani 1993, chapter 13).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from time import perf_counter
from typing import NamedTuple, TypeAlias

import numpy as np
import torch

from gptviz.compression.forms import FORMS, file_bytes, held, nbytes
from gptviz.compression.passes import logits, nats_of
from gptviz.compression.texts import Passage, passages
from gptviz.errors import WeightsError
from gptviz.language_model import LocalModel
from gptviz.numbers import BIT, perplexity, probs_of

PASSES, TOKENS = 5, 24  # of each that are timed
LENGTH = 64  # tokens of a pass that is timed, or as many as the context holds
_RESAMPLES, _LEVEL = 2000, 0.95


class Held(NamedTuple):
    """A form, and how much it takes; ``memory`` is 0 where this processor cannot multiply by it."""

    form: str
    memory: int  # bytes
    file: int  # bytes


class Read(NamedTuple):
    """One passage, read by the form and by float32."""

    form: str
    n_bytes: int
    n_tokens: int  # scored
    nats: float
    wide_nats: float
    largest: float  # |logit difference|
    total: float  # of all differences
    n_logits: int
    same: int  # positions of which the likeliest token is the same
    n_pos: int


class Timed(NamedTuple):
    """One turn of each: a whole pass over ``LENGTH`` tokens, or one more token with the cache of those before it."""

    form: str
    kind: str  # pass | token
    seconds: float
    wide_seconds: float


Record: TypeAlias = "Held | Read | Timed"


def wanted(lm: LocalModel) -> int:
    """How many records ``measure`` yields, about."""
    return len(FORMS) * (1 + len(passages(lm)) + PASSES + TOKENS)


def measure(lm: LocalModel) -> Iterator[Record]:
    """All records, form by form. Raises ConfigError where the model cannot read the passages."""
    texts, wide = passages(lm), held(lm, "float32")
    for form in FORMS:
        try:
            other = wide if form == "float32" else held(lm, form)
        except WeightsError:  # no arithmetic for it here
            yield Held(form, 0, file_bytes(wide.model, form))
            continue
        yield Held(form, nbytes(other.model), file_bytes(wide.model, form))
        for passage in texts:
            yield _read(form, other, wide, passage)
        ids = (list(texts[0].ids) * LENGTH)[: min(LENGTH, lm.config.block_size)]
        yield from _passes(form, other, wide, ids)
        yield from _tokens(form, other, wide, ids)


@torch.inference_mode()
def _read(form: str, lm: LocalModel, wide: LocalModel, passage: Passage) -> Read:
    before = logits(wide.model, passage.ids)
    after = before if lm is wide else logits(lm.model, passage.ids)
    apart = (after - before).abs()
    same = int((after.argmax(-1) == before.argmax(-1)).sum())
    return Read(form, passage.n_bytes, len(passage.ids) - 1, float(nats_of(after, passage)),
                float(nats_of(before, passage)), float(apart.max()), float(apart.sum(dtype=torch.float64)),
                apart.numel(), same, len(before))  # fmt: skip


@torch.inference_mode()
def _passes(form: str, lm: LocalModel, wide: LocalModel, ids: list[int]) -> Iterator[Timed]:
    """A warm one first, which is not told."""
    for n in range(PASSES + 1):
        seconds = []
        for model in (wide.model, lm.model):
            begun = perf_counter()
            logits(model, tuple(ids))
            seconds.append(perf_counter() - begun)
        if n:
            yield Timed(form, "pass", seconds[1] if lm is not wide else seconds[0], seconds[0])


def _tokens(form: str, lm: LocalModel, wide: LocalModel, ids: list[int]) -> Iterator[Timed]:
    """Greedy decoding, each with what itself has read; one that warms up is not told."""
    first = max(1, min(LENGTH // 4, len(ids) - TOKENS - 1))
    readers = [wide.prefill(ids[:first]), lm.prefill(ids[:first])]
    for n in range(min(TOKENS + 1, len(ids) - first)):
        seconds = []
        for reader in readers:
            begun = perf_counter()
            reader.append([int(reader.logits[0].argmax())])
            seconds.append(perf_counter() - begun)
        if n:
            yield Timed(form, "token", seconds[1] if lm is not wide else seconds[0], seconds[0])


class Cost(NamedTuple):
    """What a form costs; None where nothing of that kind has been measured (yet)."""

    form: str
    memory: int
    file: int
    tokens_per_second: float | None = None
    token_ratio: float | None = None  # over float32's in the same turns
    pass_seconds: float | None = None
    pass_ratio: float | None = None  # float32's time over this one: above 1 is faster
    largest: float | None = None  # |logit difference|
    mean: float | None = None
    agreement: float | None = None
    bits_per_byte: float | None = None
    perplexity: float | None = None  # of a token
    added: float | None = None  # to float32's perplexity
    low: float | None = None  # 95 % interval of that
    high: float | None = None


def costs(records: Iterable[Record]) -> list[Cost]:
    """Each form of which something is known, in order."""
    found = list(records)
    return [_cost(one, found) for one in found if isinstance(one, Held)]


def _cost(form: Held, records: Sequence[Record]) -> Cost:
    reads = [one for one in records if isinstance(one, Read) and one.form == form.form]
    made = Cost(*form)
    for kind in ("token", "pass"):
        times = [one for one in records if isinstance(one, Timed) and (one.form, one.kind) == (form.form, kind)]
        if not times:
            continue
        ours, wide = min(one.seconds for one in times), min(one.wide_seconds for one in times)
        ratio = wide / ours
        if form.form == "float32":  # which took its turn beside every other form
            ours = min(one.wide_seconds for one in records if isinstance(one, Timed) and one.kind == kind)
        made = (made._replace(tokens_per_second=1 / ours, token_ratio=ratio) if kind == "token"
                else made._replace(pass_seconds=ours, pass_ratio=ratio))  # fmt: skip
    if not reads:
        return made
    low, high = interval(reads)
    nats, tokens = sum(one.nats for one in reads), sum(one.n_tokens for one in reads)
    of_form = perplexity(-nats / tokens)
    return made._replace(
        largest=max(one.largest for one in reads),
        mean=sum(one.total for one in reads) / sum(one.n_logits for one in reads),
        agreement=sum(one.same for one in reads) / sum(one.n_pos for one in reads),
        bits_per_byte=nats / BIT / sum(one.n_bytes for one in reads),
        perplexity=of_form, low=low, high=high,
        added=of_form - perplexity(-sum(one.wide_nats for one in reads) / tokens),
    )  # fmt: skip


def interval(reads: Sequence[Read], seed: int = 0) -> tuple[float, float]:
    """The middle 95 % of the difference in perplexity, passages drawn anew with both readings of each."""
    return _interval(tuple((one.nats, one.wide_nats, one.n_tokens) for one in reads), seed)


@lru_cache(maxsize=64)  # a page asks at every key
def _interval(reads: tuple[tuple[float, float, int], ...], seed: int) -> tuple[float, float]:
    rows = np.array(reads)
    drawn = np.random.default_rng(seed).integers(0, len(rows), (_RESAMPLES, len(rows)))
    ours, wide, tokens = rows[drawn].sum(1).T  # (3, resamples)
    added = 1 / probs_of(-ours / tokens) - 1 / probs_of(-wide / tokens)  # perplexities
    low, high = np.quantile(added, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return float(low), float(high)
