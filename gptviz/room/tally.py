"""What a round's answers come to: counts and shares for the projector, pairs for a file, scores.

A word that a student typed is a row only once the teacher has let it; until then it is one of ``waiting``. What
somebody answered to a probe is nobody's business: counts below ``FEW`` are hidden, and with them as many others as it
takes that no hidden count can be worked out from the sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gptviz.room import scoring
from gptviz.room.limits import CHIPS, FEW
from gptviz.room.rounds import Answer, Candidate, Chips, Guess, Pick, Round, Word
from gptviz.room.scoring import Shares


class Row(NamedTuple):
    """One option: how many chose it (chips: how many lie on it; None: too few to be shown) and the class's share.

    ``p`` is the model's probability, of a guess whose answer is known.
    """

    label: str
    votes: int | None
    share: float
    p: float | None
    actual: bool = False


class Tally(NamedTuple):
    """All options; ``others`` is the class's share outside of them, ``waiting`` are answers that nobody may see yet."""

    rows: tuple[Row, ...]
    others: float
    answered: int
    hands: int
    waiting: int


class Scored(NamedTuple):
    """A guess that is over. Bits are of the class as one and of the model, None where single picks were asked for."""

    class_bits: float | None
    model_bits: float
    class_hits: float  # the share of answers that named the token that came
    model_hit: bool
    answers: int


def key(word: str) -> str:
    """By what two typed words are the same."""
    return word.casefold()


def tally(asked: Round, answers: Iterable[Answer], hands: Sequence[int], words: Mapping[str, Candidate | None],
          *, known: bool) -> Tally:  # fmt: skip
    """The tally of a round; ``words`` are those that the teacher has let (key → its token; None: it has none here)."""
    given = list(answers)
    counts = [sum(isinstance(a, Pick) and a.place == place for a in given) for place in range(len(asked.options))]
    counts = [count + raised for count, raised in zip(counts, hands, strict=True)]
    if not isinstance(asked, Guess):
        hidden = few(counts) if asked.kind == "probe" else frozenset()
        n = max(1, sum(counts))
        both = enumerate(zip(asked.options, counts, strict=True))
        rows = (Row(label, None, 0.0, None) if place in hidden else Row(label, count, count / n, None)
                for place, (label, count) in both)  # fmt: skip
        return Tally(tuple(rows), 0.0, len(given), sum(hands), 0)
    if asked.how == "chips":
        spreads = [a.laid for a in given if isinstance(a, Chips)]
        laid = [sum(spread[place] for spread in spreads) for place in range(len(asked.options))]
        labels: list[tuple[str, Candidate | None]] = [(token.label, token) for token in asked.candidates]
        shares = scoring.of_chips(spreads, len(asked.options))
        return Tally(_rows(asked, labels, laid, shares, known=known), shares.others, len(given), 0, 0)
    labels, counts, waiting = _with_words(asked, given, counts, words)
    shares = scoring.of_picks([*counts, *waiting.values()])
    named = Shares(shares.named[: len(counts)], 1.0 - sum(shares.named[: len(counts)]))
    return Tally(_rows(asked, labels, counts, named, known=known), named.others, len(given), sum(hands),
                 sum(waiting.values()))  # fmt: skip


def _with_words(asked: Guess, given: Sequence[Answer], counts: list[int], words: Mapping[str, Candidate | None]
                ) -> tuple[list[tuple[str, Candidate | None]], list[int], Counter[str]]:  # fmt: skip
    """(labels with their tokens, counts, words that wait): a word that is a candidate's token counts for that one."""
    labels: list[tuple[str, Candidate | None]] = [(candidate.label, candidate) for candidate in asked.candidates]
    counts = list(counts)
    place_of = {candidate.id: place for place, candidate in enumerate(asked.candidates)}
    typed = Counter(key(a.text) for a in given if isinstance(a, Word))
    waiting: Counter[str] = Counter()
    for word, count in typed.most_common():
        if word not in words:
            waiting[word] = count
            continue
        token = words[word]
        place = place_of.get(token.id) if token else None
        if place is None:
            labels.append((token.label if token else word, token))
            counts.append(count)
            if token:
                place_of[token.id] = len(counts) - 1
        else:
            counts[place] += count
    return labels, counts, waiting


def _rows(asked: Guess, labels: Sequence[tuple[str, Candidate | None]], counts: Sequence[int], shares: Shares,
          *, known: bool) -> tuple[Row, ...]:  # fmt: skip
    came = asked.actual.token.id
    return tuple(
        Row(label, count, share, token.p if known and token else None, bool(known and token and token.id == came))
        for (label, token), count, share in zip(labels, counts, shares.named, strict=True)
    )


def few(counts: Sequence[int]) -> frozenset[int]:
    """The places of counts that are hidden: those below ``FEW``, and the next smallest until they are ``FEW`` together.

    >>> sorted(few([9, 2, 7, 4])), sorted(few([9, 2, 7, 8])), sorted(few([9, 8, 7, 6])), sorted(few([1, 0, 0, 0]))
    ([1, 3], [1, 2], [], [0, 1, 2, 3])
    """
    hidden = {place for place, count in enumerate(counts) if count < FEW}
    rest = sorted(set(range(len(counts))) - hidden, key=lambda place: counts[place])
    while hidden and rest and sum(counts[place] for place in hidden) < FEW:
        hidden.add(rest.pop(0))
    return frozenset(hidden)


def gain(asked: Guess, answer: Answer) -> float | None:
    """Bits that chips saved against laying none (everything by the unigram); None of an answer without chips.

    Whoever comes late has missed nothing: a round without an answer saves nothing.
    """
    if not isinstance(answer, Chips):
        return None
    return scoring.bits(asked.actual.token.unigram) - scoring.bits(chance(asked, answer))


def chance(asked: Guess, answer: Chips) -> float:
    """The probability that these chips give to the token that came."""
    chips = {candidate.id: count for candidate, count in zip(asked.candidates, answer.laid, strict=True)}
    unigram = {candidate.id: candidate.unigram for candidate in (*asked.candidates, asked.actual.token)}
    return scoring.chance(chips, asked.actual.token.id, unigram)


def hit(asked: Guess, answer: Answer, ids: Mapping[str, int]) -> float:
    """1 where the answer names the token that came (chips: most of them lie on it, alone or with others), else 0.

    ``ids`` are the tokens of typed words, by ``key``.
    """
    came = asked.actual.token.id
    if isinstance(answer, Pick):
        return float(asked.candidates[answer.place].id == came)
    if isinstance(answer, Word):
        return float(ids.get(key(answer.text)) == came)
    best = max(max(answer.laid), CHIPS - sum(answer.laid))
    return float(any(c.id == came and laid == best for c, laid in zip(asked.candidates, answer.laid, strict=True)))


def scored(asked: Guess, answers: Sequence[Answer], hands: Sequence[int], ids: Mapping[str, int]) -> Scored | None:
    """How class and model did; None where nobody answered."""
    raised = [Pick(place) for place, count in enumerate(hands) for _ in range(count)]
    given: list[Answer] = [*answers, *raised]
    if not given:
        return None
    spreads = [answer for answer in answers if isinstance(answer, Chips)]
    class_bits = scoring.bits(scoring.of_class([chance(asked, spread) for spread in spreads])) if spreads else None
    hits = sum(hit(asked, answer, ids) for answer in given) / len(given)
    return Scored(class_bits, scoring.bits(max(asked.actual.token.p, 1e-300)), hits, asked.actual.rank == 1, len(given))
