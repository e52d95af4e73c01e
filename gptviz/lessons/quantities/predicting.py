"""What comes next, and how the text is cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from gptviz.decoding.strategies.greedy import Greedy
from gptviz.lessons.moment import Moment
from gptviz.lessons.quantities.registry import ids_of, logits, quantity, read, token_of
from gptviz.numbers import entropy_bits, rank_of, softmax, top_ids

MOST_NEW = 64  # tokens that a quantity may have written


@quantity
def p_first(moment: Moment) -> float:
    """Probability of the likeliest next token, by the model alone."""
    return p_place(moment, 1)


@quantity
def p_place(moment: Moment, place: int) -> float:
    """Probability of the next token in that place: 1 is the likeliest."""
    probs = softmax(logits(moment))
    return float(probs[top_ids(probs, place)[place - 1]])


@quantity
def p_tail(moment: Moment, after: int) -> float:
    """What all tokens together have that come after the first so many."""
    probs = softmax(logits(moment))
    return float(1.0 - probs[top_ids(probs, after)].sum())


@quantity
def p_token(moment: Moment, token: str) -> float:
    """Probability that this token comes next."""
    return float(softmax(logits(moment))[token_of(moment, token)])


@quantity
def rank_token(moment: Moment, token: str) -> float:
    """The place of this token among all that may come next; 1 is the likeliest."""
    return rank_of(logits(moment), token_of(moment, token))


@quantity
def p_word(moment: Moment, word: str) -> float:
    """Probability that the text goes on with this word: the product over its tokens."""
    ids, total = ids_of(moment), 1.0
    for one in moment.lm.tokenizer.encode(word, add_special_tokens=False):
        total *= float(softmax(logits(moment, ids))[one])
        ids = (*ids, one)
    return total


@quantity
def p_first_after(moment: Moment, text: str) -> float:
    """Probability of the likeliest next token after another text."""
    return float(softmax(logits(moment, read(moment, text))).max())


@quantity
def p_token_after(moment: Moment, text: str, token: str) -> float:
    """Probability of a token after another text."""
    return float(softmax(logits(moment, read(moment, text)))[token_of(moment, token)])


@quantity
def entropy(moment: Moment) -> float:
    """Entropy of the next token, in bits."""
    return entropy_bits(softmax(logits(moment)))


@quantity
def choices(moment: Moment) -> float:
    """2 to the entropy: how many equally likely tokens would be as uncertain."""
    return float(2.0 ** entropy(moment))


@quantity
def p_first_at(moment: Moment, temperature: float) -> float:
    """Probability of the likeliest next token at a temperature above 0, before any filter."""
    return float(softmax(logits(moment) / max(float(temperature), 1e-6)).max())


@quantity
def kept_by_top_p(moment: Moment, share: float) -> float:
    """How many next tokens top-p keeps, at temperature 1: the fewest that together have that share."""
    probs = np.sort(softmax(logits(moment)))[::-1]
    return float(np.count_nonzero(np.cumsum(probs) - probs < share))


@quantity
def at_zero(moment: Moment) -> float:
    """1 where the temperature of the page is 0, so that nothing is drawn by chance; else 0."""
    return float(moment.field("t") == 0)


@quantity
def n_tokens(moment: Moment) -> float:
    """Tokens of the typed text."""
    return moment.n_prompt


@quantity
def n_new(moment: Moment) -> float:
    """Tokens that have been added to the typed text."""
    return len(moment.ids) - moment.n_prompt


@quantity
def tokens_of(moment: Moment, text: str) -> float:
    """Tokens of another text."""
    return len(moment.lm.tokenizer.encode(text, add_special_tokens=False))


@quantity
def chars_per_token(moment: Moment) -> float:
    """Characters of the typed text by its tokens."""
    return len(moment.text) / max(1, moment.n_prompt)


@quantity
def n_vocab(moment: Moment) -> float:
    """Tokens in the vocabulary."""
    return moment.lm.n_tokens


@quantity
def split_words(moment: Moment) -> float:
    """How many tokens the longest of the typed words is cut into, words being what stands between spaces."""
    words = moment.text.split()
    return max((tokens_of(moment, " " + word) for word in words), default=0)


@quantity
def repeated(moment: Moment, n: int) -> float:
    """Which share of the pairs of tokens that greedy decoding writes next has come before among them."""
    steps = moment.lm.generate(ids_of(moment), Greedy(), max_new_tokens=min(n, MOST_NEW))
    written = [int(step.token) for step in steps]
    pairs = list(pairwise(written))
    return 1.0 - len(set(pairs)) / len(pairs) if pairs else 0.0


@quantity
def strategies(moment: Moment) -> float:
    """How many strategies are compared on the page."""
    said = str(moment.field("s") or "")
    return len([part for part in said.split(",") if part])
