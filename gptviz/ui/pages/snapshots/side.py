"""One run at one moment, with the text as that run's model reads it: the page shows one such side, or two. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gptviz.errors import GptvizError
from gptviz.gpt.trace import Trace
from gptviz.language_model import LocalModel
from gptviz.training.snapshots import Snapshot, Snapshots
from gptviz.ui.pages.snapshots import opened
from gptviz.ui.pages.snapshots.opened import Run
from gptviz.ui.pages.snapshots.told import Told, told
from gptviz.ui.pages.training.answer import known
from gptviz.views.distribution import token_label

MOST = 28  # tokens of the text, the last ones


@dataclass(kw_only=True)
class Side:
    """A run, its moment ``at``, and the tokens of the text: ``beyond`` before them are left out, as are the characters
    (``unknown`` of them) that its vocabulary lacks."""

    run: Run
    at: int
    ids: tuple[int, ...]
    beyond: int
    unknown: int
    layer: int | None  # as wished
    wished_head: int | None

    @property
    def kept(self) -> Snapshots:
        """All moments of the run."""
        return opened.kept(self.run.path)

    @property
    def moment(self) -> Snapshot:
        """The one looked at."""
        return self.kept.moments[self.at]

    @property
    def told(self) -> Told:
        """What the run says of itself."""
        return told(self.run)

    @cached_property
    def lm(self) -> LocalModel:
        """The model as it was."""
        return opened.model(self.run.path, self.at)

    @cached_property
    def trace(self) -> Trace:
        """Of the text, by that model."""
        return self.lm.trace(list(self.ids))

    @cached_property
    def heads(self) -> tuple[tuple[float, ...], ...]:
        """Prefix matching of each, at this moment."""
        return opened.heads(self.run.path, self.at)

    @cached_property
    def head(self) -> tuple[int, int]:
        """(layer, head) looked at: as wished, else the one that is an induction head in the end."""
        c = self.lm.config
        if self.layer is not None and self.wished_head is not None:
            return min(self.layer, c.n_layer - 1), min(self.wished_head, c.n_head - 1)
        scores = np.asarray(opened.heads(self.run.path, len(self.kept.moments) - 1))
        layer, head = divmod(int(scores.argmax()), c.n_head) if scores.size else (0, 0)
        return layer, head

    def label(self, token: int) -> str:
        """A token as it is shown."""
        return token_label(self.lm.tokenizer, token)


def side(run: Run, at: int, text: str, layer: int | None, head: int | None) -> Side:
    """The run at its moment ``at``, reading as much of the text as it can. Raises WeightsError."""
    lm = opened.model(run.path, len(opened.kept(run.path).moments) - 1)
    read = known(lm, text)
    try:
        ids = lm.tokenizer.encode(read) if read else []
    except GptvizError:
        ids = []
    beyond = max(0, len(ids) - min(MOST, lm.config.block_size))
    return Side(run=run, at=at, ids=tuple(ids[beyond:]), beyond=beyond, unknown=len(text) - len(read), layer=layer,
                wished_head=head)  # fmt: skip
