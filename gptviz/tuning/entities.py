"""Entities of a tagged sentence, and how well they are found: whole, and of the right kind, or not at all.

The rules are those of the CoNLL shared tasks' script (Tjong Kim Sang & De Meulder 2003), which seqeval follows: an I-
that goes on with nothing, or with another kind, begins an entity.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Entity(NamedTuple):
    """Words from ``start`` to ``end``, that not included."""

    kind: str
    start: int
    end: int


class KindScore(NamedTuple):
    """Of one kind, or of all: of those found, the part that is there (precision); of those there, the part found."""

    kind: str
    precision: float
    recall: float
    f1: float
    support: int


class EntityScores(NamedTuple):
    """``all``: every entity alike; ``macro_f1``: the mean over kinds."""

    all: KindScore
    macro_f1: float
    kinds: tuple[KindScore, ...]
    accuracy: float  # of the words' tags


def entities(tags: Sequence[str]) -> list[Entity]:
    """The entities of one sentence, in order.

    >>> entities(["B-PER", "I-PER", "O", "I-LOC", "B-LOC"])
    [Entity(kind='PER', start=0, end=2), Entity(kind='LOC', start=3, end=4), Entity(kind='LOC', start=4, end=5)]
    """
    found: list[Entity] = []
    for i, tag in enumerate(tags):
        if tag == "O":
            continue
        kind = tag[2:]
        if tag.startswith("I-") and found and found[-1].end == i and found[-1].kind == kind:
            found[-1] = found[-1]._replace(end=i + 1)
        else:
            found.append(Entity(kind, i, i + 1))
    return found


def entity_scores(truth: Sequence[Sequence[str]], found: Sequence[Sequence[str]]) -> EntityScores:
    """Compare the tags of sentences with those found, word for word as many."""
    there = {(i, entity) for i, tags in enumerate(truth) for entity in entities(tags)}
    said = {(i, entity) for i, tags in enumerate(found) for entity in entities(tags)}
    names = sorted({entity.kind for _, entity in there | said})
    kinds = tuple(_score(name, {x for x in there if x[1].kind == name}, {x for x in said if x[1].kind == name})
                  for name in names)  # fmt: skip
    right = [a == b for one, other in zip(truth, found, strict=True) for a, b in zip(one, other, strict=True)]
    macro = float(np.mean([kind.f1 for kind in kinds])) if kinds else 0.0
    return EntityScores(_score("", there, said), macro, kinds, float(np.mean(right)) if right else 0.0)


def _score(kind: str, there: set[tuple[int, Entity]], said: set[tuple[int, Entity]]) -> KindScore:
    right = len(there & said)
    precision, recall = right / len(said) if said else 0.0, right / len(there) if there else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return KindScore(kind, precision, recall, f1, len(there))
