"""What the model makes of a plain paragraph: whether it reads, in order, with the right ids and the right layout.

A model that knows nothing has the loss ln V, whatever it reads (a uniform distribution; any other that is not fitted
to the text has more on average, by Jensen's inequality). How far below is that by chance? Where it favours some tokens
for no reason, by a spread σ of its logits, the mean over a text with shares pᵢ is ln V + σ²/2 ± σ √Σpᵢ². For single
letters, Σpᵢ² ≈ 0.065, the largest that may happen once in 10⁵ is 0.6 nats, a seventh of ln V; for larger vocabularies
less. So ``MOST`` leaves chance no room, and a small model of characters some.

Letters alone can make a loss smaller than ln V. Order cannot: what the text costs less than its own tokens shuffled is
what was gained from reading. For bigrams it is much, for a model whose attention looks at the wrong places little.
Measured, as parts of ln V: bundled models 0.25 and 0.39 (gain 0.56 and 0.61), nanoGPT's smallest of Shakespeare's
characters 0.43 (gain 0.88), SmolLM2-135M 0.22 (gain 0.39), the same with the rows of its queries in the wrong order
0.72 (gain 0.05), of its keys 0.64 (gain 0.20), fresh models 1.0 (gain 0.0).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from gptviz.analysis.passport.hard_texts import PARAGRAPHS
from gptviz.analysis.passport.record import Check
from gptviz.errors import PromptError
from gptviz.gpt import soundness
from gptviz.gpt.model import GPT
from gptviz.language_model import LocalModel
from gptviz.numbers import BIT, Doubles
from gptviz.rounding import fixed, number

TOKENS = 64  # of the paragraph, or as many as the context holds
MOST = 0.75  # of ln V: the loss of a model that reads
GAIN = 0.25  # of ln V: what it gains from the order of the tokens, at least
OFTEN = 3  # places of a token from which on it is compared with others
LIKELIER = 10.0  # nats: with two ids exchanged, the paragraph is e^10 times likelier where they are swapped
ERRORS = 3.0  # standard errors from which on a difference of losses is one
_LEAST = 8  # tokens


class Reading(NamedTuple):
    """The model on a paragraph: N tokens that were predicted."""

    lang: str
    ids: tuple[int, ...]  # all that was read, the mark first
    scored: tuple[int, ...]  # (N,) those predicted
    logprobs: soundness.Array  # (N, n_tokens) nats
    n_bytes: int

    @property
    def losses(self) -> Doubles:
        """(N,) nats."""
        return -self.logprobs[np.arange(len(self.scored)), self.scored].astype(np.float64)

    @property
    def bits_per_byte(self) -> float:
        """By which languages and vocabularies can be compared."""
        return float(self.losses.sum()) / BIT / self.n_bytes


def checks(lm: LocalModel) -> Iterator[Check]:
    """Text, ids, rotary."""
    turns = lm.config.rotary_width > 2  # two numbers are a pair either way
    found = readings(lm)
    if not found:
        yield Check("text", None, None, "no_text", {})
        yield Check("ids", None, None, "no_text", {})
        yield Check("rotary", None, None, "no_text" if turns else "no_rotary", {})
        return
    best = min(found, key=lambda one: one.bits_per_byte)
    text = _text(lm, best)
    yield text
    yield _ids(lm, found) if text.ok else Check("ids", None, None, "unclear", {})
    yield _rotary(lm.model, best, reads=bool(text.ok)) if turns else Check("rotary", None, None, "no_rotary", {})


def readings(lm: LocalModel) -> list[Reading]:
    """The paragraphs that the vocabulary has tokens for; the next only where the one before costs above ln V / 2.

    The best is the one of the fewest bits a byte, not a token: a vocabulary that knows a language only by its bytes is
    often right about the next one.
    """
    found: list[Reading] = []
    for lang, text in PARAGRAPHS.items():
        one = _read(lm, lang, text)
        if one is not None:
            found.append(one)
            if one.losses.mean() <= 0.5 * math.log(lm.model.n_tokens):
                break
    return found


def _read(lm: LocalModel, lang: str, text: str) -> Reading | None:
    tokenizer = lm.tokenizer
    start = () if tokenizer.start is None else (tokenizer.start,)
    try:
        ids = tokenizer.encode(text, start=False)
    except PromptError:
        return None
    if any(change.kind in ("unknown", "dropped") for change in tokenizer.changes(text)):
        return None
    ids = [*start, *ids][: min(TOKENS + len(start), lm.config.block_size + 1)]
    if len(ids) < _LEAST or not all(0 <= token < lm.model.n_tokens for token in ids):
        return None
    scored = tuple(ids[1:])
    return Reading(lang, tuple(ids), scored, soundness.logprobs(lm.model, ids[:-1]),
                   max(1, len(tokenizer.decode_bytes(scored))))  # fmt: skip


def _text(lm: LocalModel, found: Reading) -> Check:
    """Measured is the loss, nats a token."""
    uniform = math.log(lm.model.n_tokens)
    loss = float(found.losses.mean())
    shuffled = np.random.Generator(np.random.PCG64(0)).permutation(found.scored).tolist()
    rows = soundness.logprobs(lm.model, [found.ids[0], *shuffled[:-1]])
    mixed = -float(rows[np.arange(len(shuffled)), shuffled].astype(np.float64).mean())
    values = {"loss": fixed(loss), "uniform": fixed(uniform), "shuffled": fixed(mixed), "most": fixed(MOST * uniform),
              "gain": fixed(GAIN * uniform), "count": len(found.scored)}  # fmt: skip
    if not loss <= MOST * uniform:
        return Check("text", False, loss, "not_text", values)
    ordered = mixed - loss >= GAIN * uniform
    return Check("text", ordered, loss, "text" if ordered else "unordered", values)


def _ids(lm: LocalModel, found: Sequence[Reading]) -> Check:
    """No two frequent tokens would fit better with each other's ids; measured is by how much the nearest two would.

    In nats a place: of the places where one of them stands, the mean of ln p(other) − ln p(own). Where that is above 0
    the paragraph is read again with the two exchanged, and is likelier so if the model knows them by the other ids.
    """
    pairs = [(better, a, b, one) for one in found for better, a, b in _nearest(one)]
    if not pairs:
        return Check("ids", None, None, "unclear", {})
    count = len({token for _, a, b, _ in pairs for token in (a, b)})
    better, a, b, one = max(pairs, key=lambda pair: pair[0])
    gain = _exchanged(lm.model, one, a, b) if better > 0 else -math.inf
    names = [ascii(lm.tokenizer.token_bytes(token).decode("utf-8", "backslashreplace")) for token in (a, b)]
    values = {"a": names[0], "b": names[1], "better": number(better), "count": count}
    if gain > LIKELIER:
        return Check("ids", False, better, "swapped", values | {"gain": fixed(gain, 0)})
    return Check("ids", True, better, "ids", values)


def _nearest(one: Reading) -> Iterator[tuple[float, int, int]]:
    """(nats a place, a, b) for each two tokens of a paragraph that stand there often."""
    places = np.asarray(one.scored)
    often = [token for token, count in Counter(one.scored).items() if count >= OFTEN]
    for a, b in combinations(often, 2):
        at_a, at_b = one.logprobs[places == a], one.logprobs[places == b]
        better = np.concatenate((at_a[:, b] - at_a[:, a], at_b[:, a] - at_b[:, b])).astype(np.float64).mean()
        yield float(better), a, b


def _exchanged(model: GPT, one: Reading, a: int, b: int) -> float:
    """Nats that the whole paragraph costs less with ``a`` and ``b`` in each other's place."""
    ids = [{a: b, b: a}.get(token, token) for token in one.ids]
    rows = soundness.logprobs(model, ids[:-1])
    return float(rows[np.arange(len(ids) - 1), ids[1:]].astype(np.float64).sum() + one.losses.sum())


def _rotary(model: GPT, found: Reading, *, reads: bool) -> Check:
    """Turning pairs of the other kind must cost; measured is how much, nats a token."""
    rows = soundness.logprobs(soundness.other_layout(model), found.ids[:-1])
    other = -rows[np.arange(len(found.scored)), found.scored].astype(np.float64)
    costs = other - found.losses
    mean, error = float(costs.mean()), float(costs.std(ddof=1)) / math.sqrt(len(costs))
    values = {"loss": fixed(float(found.losses.mean())), "other": fixed(float(other.mean()))}
    if mean < -ERRORS * error:
        return Check("rotary", False, mean, "not_rotary", values)
    if reads and mean > ERRORS * error:
        return Check("rotary", True, mean, "rotary", values)
    return Check("rotary", None, mean, "unclear", values)
