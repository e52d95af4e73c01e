"""The maps of a vocabulary as they are sent: made once for a model, a little at a time, for all visitors. Pure.

At most ``MOST_POINTS`` tokens are drawn, evenly over the ids; all are computed, and those looked at are always there.
The map of near tokens has fewer: see ``gptviz.analysis.tsne``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from weakref import proxy

import numpy as np
import numpy.typing as npt

from gptviz.analysis.embeddings import VocabularyMap, lengths, mapping
from gptviz.analysis.tsne import COUNT, NeighbourMap, laying_out
from gptviz.errors import GptvizError
from gptviz.jobs import Slice, Task
from gptviz.language_model import Array, LanguageModel, Matrix
from gptviz.tokens.labels import label
from gptviz.tokens.scripts import SCRIPTS, script_of
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.ui.kept import Kept
from gptviz.ui.pages.embeddings.state import COMPONENTS
from gptviz.ui.web.arrays import Blobs

MOST_POINTS = 20_000
SLICE = 0.1  # seconds of work in one run


@dataclass
class Atlas:
    """One matrix of one model."""

    task: Task[float | VocabularyMap]
    norms: Array  # (V,) lengths of the rows
    done: float = 0.0  # share of the work
    map: VocabularyMap | None = None
    laying: Task[NeighbourMap | None] | None = None
    near: NeighbourMap | None = None
    error: GptvizError | None = None
    sent: dict[tuple[int, int], Array] = field(default_factory=dict)  # by axes: the places of the points drawn

    def advance(self, time: Slice) -> bool:
        """Go on for so long; returns whether something is left."""
        if self.map is None:
            for record in self.task.go_on(time):
                if isinstance(record, VocabularyMap):
                    self.map = record
                else:
                    self.done = record
        return self.map is None

    def lay_out(self, lm: LanguageModel, matrix: Matrix, time: Slice) -> bool:
        """Go on with the map of near tokens; returns whether something is left."""
        if self.near is not None or self.error is not None:
            return False
        if self.laying is None:
            self.laying = Task(laying_out(proxy(lm), matrix=matrix))
        try:
            for found in self.laying.go_on(time):
                self.near = found
        except GptvizError as error:
            self.error = error
        return self.near is None and self.error is None

    @cached_property
    def drawn(self) -> npt.NDArray[np.int64]:
        """The ids of the points."""
        return evenly(len(self.norms), MOST_POINTS)

    def places(self, x: int, y: int) -> Array:
        """(n, 2): where the points lie along two components."""
        assert self.map is not None
        if (x, y) not in self.sent:
            self.sent[x, y] = np.ascontiguousarray(self.map.places[self.drawn][:, [x, y]])
        return self.sent[x, y]


@dataclass
class Legend:
    """What each point of a vocabulary is called, and written in: as bytes, which are sent once."""

    names: npt.NDArray[np.uint8]  # the labels, one a line, in UTF-8
    scripts: npt.NDArray[np.uint8]  # (n,) places in ``SCRIPTS``


def evenly(count: int, most: int) -> npt.NDArray[np.int64]:
    """All numbers below ``count``, or ``most`` of them at equal distances, the first and the last among them.

    >>> evenly(3, 9).tolist(), evenly(9, 3).tolist()
    ([0, 1, 2], [0, 4, 8])
    """
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).round().astype(np.int64)


def _atlases(lm: LanguageModel) -> dict[str, Atlas]:
    """Of the token embedding, and of the output matrix where it is another; they do not keep the model alive."""
    weak = proxy(lm)
    matrices: list[Matrix] = ["tokens"] if lm.config.tied else ["tokens", "output"]
    return {
        name: Atlas(Task(mapping(weak, components=COMPONENTS, matrix=name)), lengths(lm, name)) for name in matrices
    }


def _legend(lm: LanguageModel) -> Legend:
    return _named(lm, evenly(lm.n_tokens, MOST_POINTS).tolist())


def _near_legend(lm: LanguageModel) -> Legend:
    return _named(lm, range(min(COUNT, lm.n_tokens)))


def _named(lm: LanguageModel, drawn: Sequence[int]) -> Legend:
    tokenizer = lm.tokenizer
    names = "\n".join(label(tokenizer.token_bytes(number)) for number in drawn)
    kinds = [SCRIPTS.index(script_in(tokenizer, number)) for number in drawn]
    return Legend(np.frombuffer(names.encode("utf-8", "replace"), dtype=np.uint8), np.array(kinds, dtype=np.uint8))


def script_in(tokenizer: Tokenizer, token: int) -> str:
    """What a token is written in; ``mark`` where it is no piece of a text."""
    return "mark" if tokenizer.is_special(token) else script_of(tokenizer.token_bytes(token))


ATLASES: Kept[LanguageModel, dict[str, Atlas]] = Kept(_atlases)
LEGENDS: Kept[LanguageModel, Legend] = Kept(_legend)
NEAR_LEGENDS: Kept[LanguageModel, Legend] = Kept(_near_legend)


def near_arrays_of(near: NeighbourMap, legend: Legend) -> Blobs:
    """The same of the map of near tokens, whose ids are the first ones."""
    return {"map.places": near.places, "map.scripts": legend.scripts, "map.names": legend.names}


def arrays_of(atlas: Atlas, legend: Legend, x: int, y: int) -> Blobs:
    """``map.places`` (n, 2), ``map.scripts`` (n,), ``map.names``: labels, one a line; ``map.ids`` of those drawn."""
    found: Blobs = {"map.places": atlas.places(x, y), "map.scripts": legend.scripts, "map.names": legend.names}
    if len(atlas.drawn) < len(atlas.norms):
        found["map.ids"] = atlas.drawn.astype(np.float32)  # exact: below 2^24
    return found
