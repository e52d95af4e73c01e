"""What a world is: documents drawn by a rule whose entropy is known, so that nobody can do better than a known loss."""

from __future__ import annotations

from typing import Protocol

import numpy as np


class World(Protocol):
    """A source of documents, each ended by a newline, that follow one another without a trace of those before.

    So a text's entropy *rate* is that of one document over its mean length, and no model's mean loss on windows of
    such a text, wherever they begin, is below it (Cover & Thomas 2006, theorem 4.2.1): it may lie above it, for a
    window that begins in the middle has not seen how its document began.
    """

    name: str

    @property
    def alphabet(self) -> str:
        """Every character that can occur, sorted: the vocabulary, one token each."""

    @property
    def nats(self) -> float:
        """The entropy of one document, in nats."""

    @property
    def characters(self) -> float:
        """A document's mean length, the newline included."""

    def sample(self, rng: np.random.Generator) -> str:
        """One document."""

    def log_probability(self, document: str) -> float:
        """ln of the probability of exactly this document, newline included; -inf where it cannot be."""


def entropy(world: World) -> float:
    """The loss that no model goes below: nats per character of the endless text."""
    return world.nats / world.characters


def text(world: World, seed: int, characters: int) -> str:
    """So many documents that they have at least so many characters; the same for the same seed."""
    rng = np.random.default_rng(seed)
    documents, length = [], 0
    while length < characters:
        documents.append(world.sample(rng))
        length += len(documents[-1])
    return "".join(documents)
