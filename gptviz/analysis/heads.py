"""What each head looks at, in seven numbers, measured on real text and on random tokens that are repeated.

All are means over query positions of a part of the attention weights, from 0 to 1. On *real text* (``head_texts``),
over the positions from ``FROM`` on, where what they tell apart are different places:

- ``previous``: the weight on the position just before;
- ``first``: the weight on the first position (the attention sink of Xiao et al. 2023: where heads look that have
  nothing to do);
- ``current``: the weight on the position itself;
- ``local``: the weight on the last ``NEAR`` positions, its own among them;
- ``diffuse``: the entropy of the weights, as a part of that of equal weights: 1 looks at all alike.

On *random tokens said twice* (drawn without repetition from the middle half of the vocabulary, in the order of its ids,
which in vocabularies made by merging is about that of frequency: neither the commonest nor the rarest), over the
second time:

- ``duplicate``: the weight on the first occurrence of the same token;
- ``induction``: the weight on the token *after* that (prefix matching, Olsson et al. 2022, "In-context learning and
  induction heads"): what came after it last time.

A score says where a head looks, not what it does with what it finds there: that is what ablation is for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.analysis import kept
from gptviz.analysis.head_texts import TEXTS
from gptviz.errors import ConfigError, GptvizError
from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel

if TYPE_CHECKING:
    import pandas

Array = npt.NDArray[np.float64]
SCORES = ("previous", "first", "current", "duplicate", "induction", "local", "diffuse")
_REPEATED = ("duplicate", "induction")
_REAL = tuple(name for name in SCORES if name not in _REPEATED)
#: A head has a label from this score on; it may have several, or none.
THRESHOLDS: Mapping[str, float] = {"previous": 0.4, "first": 0.5, "current": 0.4, "duplicate": 0.3, "induction": 0.3,
                                   "local": 0.8, "diffuse": 0.8}  # fmt: skip
FROM, NEAR = 8, 4
LENGTH, SEQUENCES = 40, 6  # tokens that are said twice, and how often others are drawn
MOST_TEXT = 96  # tokens of a text that are read


def head_name(layer: int, head: int) -> str:
    """A head as the mosaic names its row and column, L4H5: 4.5 would read as a decimal number."""
    return f"L{layer}H{head}"


class HeadScores(NamedTuple):
    """One head; None where a score could not be measured (no text that the model can read, too short a context)."""

    layer: int
    head: int
    previous: float | None
    first: float | None
    current: float | None
    duplicate: float | None
    induction: float | None
    local: float | None
    diffuse: float | None

    @property
    def labels(self) -> tuple[str, ...]:
        """The scores that reach their threshold."""
        return tuple(name for name in SCORES if (getattr(self, name) or 0.0) >= THRESHOLDS[name])


class Measured(NamedTuple):
    """How far the measurement has come; ``heads`` are there with the last one."""

    done: int
    wanted: int
    heads: tuple[HeadScores, ...] = ()


def measure(lm: LanguageModel, *, seed: int = 0) -> Iterator[Measured]:
    """The scores of every head, one read text after another. Raises ConfigError where the context is too short."""
    texts, repeated = real_texts(lm), repeated_tokens(lm, seed=seed)
    if not texts and not repeated:
        raise ConfigError("heads.context", limit=lm.config.block_size)
    wanted, done = len(texts) + len(repeated), 0
    sums: dict[str, list[Array]] = {name: [] for name in SCORES}
    for ids in texts:
        for name, found in of_real_text(lm.trace(ids)).items():
            sums[name].append(found)
        done += 1
        yield Measured(done, wanted)
    for ids, half in repeated:
        for name, found in of_repeated(lm.trace(ids), half).items():
            sums[name].append(found)
        done += 1
        if done < wanted:
            yield Measured(done, wanted)
    means = {name: np.mean(found, axis=0) for name, found in sums.items() if found}
    c = lm.config
    heads = tuple(
        HeadScores(layer, head, **{n: float(means[n][layer, head]) if n in means else None for n in SCORES})
        for layer in range(c.n_layer)
        for head in range(c.n_head)
    )
    yield Measured(wanted, wanted, heads)


def scored(lm: LanguageModel) -> Iterator[Measured]:
    """The same, from the disk where this model has been measured before (``gptviz.analysis.kept``)."""
    found = kept.read(lm.fingerprint, lm.config.n_layer, lm.config.n_head, SCORES)
    if found is not None:
        heads = tuple(HeadScores(*divmod(i, lm.config.n_head), *row) for i, row in enumerate(found))
        yield Measured(1, 1, heads)
        return
    for measured in measure(lm):
        if measured.heads:
            kept.write(lm.fingerprint, SCORES, [list(head[2:]) for head in measured.heads])
        yield measured


def head_scores(lm: LanguageModel) -> pandas.DataFrame:
    """A table with a row for each head and the columns ``layer head`` and ``SCORES``; see the module for what they are.

    Kept on disk by the model's fingerprint. Needs pandas, which Streamlit brings. Raises ConfigError where the model's
    context is too short to measure anything.

    >>> gptviz.analysis.head_scores(lm).query("induction > 0.3")  # doctest: +SKIP
    """
    import pandas  # 65 MB: only who asks for a table has it

    heads = [heads for *_, heads in scored(lm)][-1]
    return pandas.DataFrame(heads, columns=list(HeadScores._fields))


def real_texts(lm: LanguageModel) -> list[list[int]]:
    """The texts as this model reads them, cut to what fits; those that it cannot read, or that are too short, not."""
    found = []
    for text in TEXTS:
        try:
            ids = lm.tokenizer.encode(text)[: min(MOST_TEXT, lm.config.block_size)]
        except GptvizError:  # a vocabulary of other characters
            continue
        if len(ids) >= 2 * FROM:
            found.append(ids)
    return found


def repeated_tokens(lm: LanguageModel, *, seed: int = 0) -> list[tuple[list[int], int]]:
    """(ids, tokens in one half): random ones said twice, after the mark that texts start with, where there is one."""
    tokenizer = lm.tokenizer
    begin = [] if tokenizer.start is None else [tokenizer.start]
    ordinary = [i for i in range(tokenizer.vocab_size) if tokenizer.token_bytes(i) and not tokenizer.is_special(i)]
    quarter = len(ordinary) // 4
    middle = ordinary[quarter : len(ordinary) - quarter]
    half = min(LENGTH, (lm.config.block_size - len(begin)) // 2, len(middle))
    if half < 4:
        return []
    rng = np.random.default_rng(seed)
    drawn = [rng.choice(middle, size=half, replace=False).tolist() for _ in range(SEQUENCES)]
    return [([*begin, *once, *once], half) for once in drawn]


def of_real_text(trace: Trace) -> dict[str, Array]:
    """(n_layer, n_head) of each score that is measured on real text; the trace has at least ``2 * FROM`` tokens."""
    t = np.arange(FROM, len(trace))
    made: dict[str, list[Array]] = {name: [] for name in _REAL}
    for layer, window in zip(range(len(trace.q)), trace.windows or [0] * len(trace.q), strict=True):
        rows = trace.layer("pattern", layer)[:, FROM:].astype(np.float64)  # (n_head, queries, T)
        seen = np.minimum(t + 1, window) if window else t + 1
        entropy = -(rows * np.log(np.maximum(rows, 1e-300))).sum(-1)  # nats
        near = sum(rows[:, t - FROM, t - back] for back in range(NEAR))
        with np.errstate(divide="ignore", invalid="ignore"):  # a window of one leaves no choice
            spread = np.where(seen > 1, entropy / np.log(seen), 0.0)
        found = {"previous": rows[:, t - FROM, t - 1], "first": rows[..., 0], "current": rows[:, t - FROM, t],
                 "local": near, "diffuse": spread}  # fmt: skip
        for name, values in found.items():
            made[name].append(np.asarray(values).mean(-1))
    return {name: np.clip(np.stack(layers), 0.0, 1.0) for name, layers in made.items()}


def of_repeated(trace: Trace, half: int) -> dict[str, Array]:
    """(n_layer, n_head) of the scores measured on a text whose last ``half`` tokens repeat those before them."""
    t = np.arange(len(trace) - half, len(trace))
    rows = [trace.layer("pattern", layer).astype(np.float64) for layer in range(len(trace.q))]
    return {name: np.clip(np.stack([row[:, t, t - half + after].mean(-1) for row in rows]), 0.0, 1.0)
            for after, name in enumerate(_REPEATED)}  # fmt: skip
