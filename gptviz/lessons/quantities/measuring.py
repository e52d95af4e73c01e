"""How surprised the model is, and what it is."""

from __future__ import annotations

import math

import numpy as np

from gptviz.analysis.surprisal import Score, scores
from gptviz.errors import LessonError
from gptviz.lessons.moment import Moment
from gptviz.lessons.quantities.registry import quantity
from gptviz.numbers import perplexity


@quantity
def bits_of(moment: Moment, at: int) -> float:
    """Surprisal of one token of the text in bits, counted from the first that has one."""
    return _scores(moment)[at].bits


@quantity
def bits_total(moment: Moment) -> float:
    """Surprisal of the whole text, in bits."""
    return sum(one.bits for one in _scores(moment))


@quantity
def bits_mean(moment: Moment) -> float:
    """Surprisal by token, in bits."""
    found = _scores(moment)
    return sum(one.bits for one in found) / len(found)


@quantity
def perplexity_of(moment: Moment) -> float:
    """Perplexity of the text."""
    found = _scores(moment)
    return perplexity(sum(one.logprob for one in found) / len(found))


@quantity
def most_surprising(moment: Moment) -> float:
    """Which token of the text surprised most, counted from 0."""
    found = _scores(moment)
    skipped = moment.n_prompt - len(found)
    return int(np.argmax([one.bits for one in found])) + skipped


@quantity
def bits_of_text(moment: Moment, text: str) -> float:
    """Surprisal of another text, in bits."""
    ids = tuple(moment.lm.tokenizer.encode(text, add_special_tokens=False))
    return sum(one.bits for one in scores(moment.lm, ids, start=_starts(moment)))


@quantity
def bits_longer(moment: Moment) -> float:
    """How many bits more the typed text has than text B of the page."""
    return bits_total(moment) - bits_of_text(moment, str(moment.field("b") or ""))


def _starts(moment: Moment) -> bool:
    """Whether texts are read after the start mark: as the page says, else as the model's tokenizer has it."""
    said = moment.field("start")
    return said == "on" or (said != "off" and moment.lm.tokenizer.starts)


def _scores(moment: Moment) -> list[Score]:
    ids = moment.lm.tokenizer.encode(moment.text, add_special_tokens=False)[: moment.lm.config.block_size - 1]
    found = list(scores(moment.lm, ids, start=_starts(moment)))
    if not found:
        raise LessonError("lesson.no_text")
    return found


@quantity
def n_layer(moment: Moment) -> float:
    """Layers of the model."""
    return moment.lm.config.n_layer


@quantity
def n_head(moment: Moment) -> float:
    """Heads in each layer."""
    return moment.lm.config.n_head


@quantity
def n_heads(moment: Moment) -> float:
    """Heads of the model, in all layers together."""
    return moment.lm.config.n_layer * moment.lm.config.n_head


@quantity
def n_embd(moment: Moment) -> float:
    """Width of the residual stream."""
    return moment.lm.config.n_embd


@quantity
def block_size(moment: Moment) -> float:
    """Tokens that the model reads at most."""
    return moment.lm.config.block_size


@quantity
def millions(moment: Moment) -> float:
    """Parameters of the model, in millions."""
    return moment.lm.config.n_parameters / 1e6


@quantity
def has_chat(moment: Moment) -> float:
    """1 where the model has a chat template, as those have that were tuned to answer; else 0."""
    return float(moment.lm.chat_template is not None)


@quantity
def loss_of_guessing(moment: Moment) -> float:
    """Bits by token of whoever finds all tokens equally likely: the logarithm of the vocabulary."""
    return math.log2(moment.lm.n_tokens)
