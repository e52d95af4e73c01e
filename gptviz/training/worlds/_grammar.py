"""Probabilistic grammars whose entropy can be computed exactly: how many choices a text takes, and what each is worth.

A rule is a template: ``{x}`` is expanded anew wherever it stands; a symbol of ``once`` is drawn when it is first said
and says the same from then on, so that who a story is about stays so. Its forms are separated by ``|``: ``{hero}`` is
the first, ``{hero.1}`` the second.

The entropy of a document (nats) is the expected number of times that each choice is made, times its own entropy
(Grenander 1976; Booth & Thompson 1973 for the expected numbers). That is the entropy of the *text* only where no text
can come about in two ways; ``log_probability`` sums over all ways, so that a test can see whether one has two.
"""

from __future__ import annotations

import math
import re
from bisect import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Choices = Sequence[tuple[str, float]]  # templates, or forms, each with its weight
_PLACE = re.compile(r"\{(\w+)(?:\.(\d+))?\}")
_ROUNDS = 200  # of the iteration for how likely it is that something is said: far beyond convergence for any of ours


class _Ref(NamedTuple):
    """A place in a template that something else fills."""

    symbol: str
    form: int


_Parts = tuple[str | _Ref, ...]
_Bound = tuple[tuple[str, int], ...]  # which value each symbol of ``once`` that was said has


class _Rule(NamedTuple):
    """A symbol's templates, or the forms of one's values."""

    probs: tuple[float, ...]
    said: tuple[_Parts, ...]  # of a symbol of ``once``: the forms of each value
    ladder: tuple[float, ...]  # cumulative probabilities

    @property
    def entropy(self) -> float:
        """Of the choice, nats."""
        return -sum(p * math.log(p) for p in self.probs)


class Grammar:
    """A grammar as a world: documents by ``sample``, the exact entropy, and the probability of any text.

    >>> coin = Grammar("coin", {"start": [("{side}\\n", 1)], "side": [("h", 1), ("t", 1)]})
    >>> round(coin.nats, 4), coin.characters, coin.alphabet
    (0.6931, 2.0, '\\nht')
    """

    def __init__(self, name: str, rules: Mapping[str, Choices], once: Mapping[str, Choices] | None = None, *,
                 root: str = "start") -> None:  # fmt: skip
        self.name, self.root = name, root
        self._rules = {symbol: _rule(choices, _parts) for symbol, choices in rules.items()}
        self._once = {symbol: _rule(choices, _forms) for symbol, choices in (once or {}).items()}
        known = self._rules.keys() | self._once.keys()
        unknown = {ref.symbol for ref in self._refs()} - known
        if unknown or self._rules.keys() & self._once.keys():
            raise ValueError(f"Symbols without a rule, or with two: {sorted(unknown)}")

    # ------------------------------------------------------------------------------------------- what is known of it

    @cached_property
    def alphabet(self) -> str:
        """Every character that can be said, sorted."""
        rules = [*self._rules.values(), *self._once.values()]
        literals = (part for rule in rules for said in rule.said for part in said if isinstance(part, str))
        return "".join(sorted(set("".join(literals))))

    @cached_property
    def nats(self) -> float:
        """The entropy of one document."""
        free = sum(self._expected[symbol] * rule.entropy for symbol, rule in self._rules.items())
        return free + sum(self._said(symbol) * rule.entropy for symbol, rule in self._once.items())

    @cached_property
    def characters(self) -> float:
        """How many characters a document has, on average."""
        total = 0.0
        for symbol, rule in self._rules.items():
            for p, said in zip(rule.probs, rule.said, strict=True):
                total += self._expected[symbol] * p * sum(map(self._length, said))
        return total

    def _length(self, part: str | _Ref) -> float:
        """Of a literal, or on average of a form; of what is expanded further, nothing yet."""
        if isinstance(part, str):
            return len(part)
        rule = self._once.get(part.symbol)
        if rule is None:
            return 0.0
        return sum(p * len(str(forms[part.form])) for p, forms in zip(rule.probs, rule.said, strict=True))

    @cached_property
    def _expected(self) -> dict[str, float]:
        """How often each symbol is expanded in a document: n = root + Mᵀ n, M[a][b] how many b one a brings."""
        names = list(self._rules)
        place = {name: i for i, name in enumerate(names)}
        brings: npt.NDArray[np.float64] = np.zeros((len(names), len(names)))
        for name, rule in self._rules.items():
            for p, said in zip(rule.probs, rule.said, strict=True):
                for part in said:
                    if isinstance(part, _Ref) and part.symbol in place:
                        brings[place[name], place[part.symbol]] += p
        if max(abs(np.linalg.eigvals(brings))) >= 1:
            raise ValueError("A document of this grammar has no expected length.")
        start = np.eye(len(names))[place[self.root]]
        return dict(zip(names, np.linalg.solve(np.eye(len(names)) - brings.T, start).tolist(), strict=True))

    def _said(self, symbol: str) -> float:
        """How likely it is that a symbol of ``once`` is said in a document at all."""
        unsaid = dict.fromkeys(self._rules, 0.0)
        for _ in range(_ROUNDS):
            unsaid = {name: sum(p * math.prod(self._unsaid(part, symbol, unsaid) for part in said)
                                for p, said in zip(rule.probs, rule.said, strict=True))
                      for name, rule in self._rules.items()}  # fmt: skip
        return 1.0 - unsaid[self.root]

    @staticmethod
    def _unsaid(part: str | _Ref, symbol: str, unsaid: Mapping[str, float]) -> float:
        if isinstance(part, str):
            return 1.0
        return 0.0 if part.symbol == symbol else unsaid.get(part.symbol, 1.0)

    def _refs(self) -> Iterator[_Ref]:
        for rule in self._rules.values():
            for said in rule.said:
                yield from (part for part in said if isinstance(part, _Ref))

    # ------------------------------------------------------------------------------------------------ texts, and back

    def sample(self, rng: np.random.Generator) -> str:
        """One document."""
        out: list[str] = []
        bound: dict[str, int] = {}
        todo: list[str | _Ref] = [_Ref(self.root, 0)]
        while todo:
            part = todo.pop()
            if isinstance(part, str):
                out.append(part)
            elif part.symbol in self._once:
                rule = self._once[part.symbol]
                if part.symbol not in bound:
                    bound[part.symbol] = _drawn(rule, rng)
                out.append(str(rule.said[bound[part.symbol]][part.form]))
            else:
                rule = self._rules[part.symbol]
                todo += reversed(rule.said[_drawn(rule, rng)])
        return "".join(out)

    def log_probability(self, document: str) -> float:
        """ln of how likely this document is, over all the ways in which it can come about; -inf where it cannot."""
        reader = _Reader(self._rules, self._once, document)
        ways = [p for (end, _), p in reader.ends(self.root, 0, ()).items() if end == len(document)]
        return float(np.logaddexp.reduce(ways)) if ways else -math.inf


class _Reader:
    """Reads one document: from each place, where a symbol can end, and ln of how likely that is (inside algorithm)."""

    def __init__(self, rules: Mapping[str, _Rule], once: Mapping[str, _Rule], text: str) -> None:
        self._rules, self._once, self._text = rules, once, text
        self._known: dict[tuple[str, int, _Bound], dict[tuple[int, _Bound], float]] = {}

    def ends(self, symbol: str, at: int, bound: _Bound) -> dict[tuple[int, _Bound], float]:
        """(end, what is bound by then) of each way to read ``symbol`` from ``at`` on, with its log-probability."""
        key = (symbol, at, bound)
        if key not in self._known:
            rule = self._rules[symbol]
            found: dict[tuple[int, _Bound], float] = {}
            for p, said in zip(rule.probs, rule.said, strict=True):
                for place, q in self._sequence(said, at, bound).items():
                    _add(found, place, math.log(p) + q)
            self._known[key] = found
        return self._known[key]

    def _sequence(self, said: _Parts, at: int, bound: _Bound) -> dict[tuple[int, _Bound], float]:
        places = {(at, bound): 0.0}
        for part in said:
            following: dict[tuple[int, _Bound], float] = {}
            for (here, known), p in places.items():
                for place, q in self._part(part, here, known):
                    _add(following, place, p + q)
            places = following
        return places

    def _part(self, part: str | _Ref, at: int, bound: _Bound) -> Iterator[tuple[tuple[int, _Bound], float]]:
        if isinstance(part, str):
            if self._text.startswith(part, at):
                yield (at + len(part), bound), 0.0
        elif part.symbol in self._once:
            rule, drawn = self._once[part.symbol], dict(bound)
            values = [drawn[part.symbol]] if part.symbol in drawn else range(len(rule.probs))
            for value in values:
                word = str(rule.said[value][part.form])
                if self._text.startswith(word, at):
                    p = 0.0 if part.symbol in drawn else math.log(rule.probs[value])
                    yield (at + len(word), tuple(sorted((drawn | {part.symbol: value}).items()))), p
        else:
            yield from self.ends(part.symbol, at, bound).items()


def _add(places: dict[tuple[int, _Bound], float], place: tuple[int, _Bound], logprob: float) -> None:
    """One more way to get there: in logarithms, for a long text is less likely than floats can say."""
    places[place] = float(np.logaddexp(places[place], logprob)) if place in places else logprob


def _rule(choices: Choices, parts: Callable[[str], _Parts]) -> _Rule:
    total = sum(weight for _, weight in choices)
    probs = tuple(weight / total for _, weight in choices)
    return _Rule(probs, tuple(parts(said) for said, _ in choices), tuple(accumulate(probs)))


def _parts(template: str) -> _Parts:
    """``"a {b.1}"`` as a literal and a reference."""
    found: list[str | _Ref] = []
    end = 0
    for match in _PLACE.finditer(template):
        found += [template[end : match.start()], _Ref(match[1], int(match[2] or 0))]
        end = match.end()
    return tuple(part for part in (*found, template[end:]) if part != "")


def _forms(said: str) -> _Parts:
    return tuple(said.split("|"))


def _drawn(rule: _Rule, rng: np.random.Generator) -> int:
    return min(bisect(rule.ladder, rng.random()), len(rule.probs) - 1)
