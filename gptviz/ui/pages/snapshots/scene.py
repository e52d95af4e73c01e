"""What the page of snapshots is made of: a run, one of its moments, a text read by the model as it was. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gptviz.errors import GptvizError
from gptviz.gpt.trace import Trace
from gptviz.language_model import LocalModel
from gptviz.training.snapshots import Snapshots
from gptviz.ui.page import Context, Note, Scene
from gptviz.ui.pages.snapshots import opened
from gptviz.ui.pages.snapshots.opened import Run
from gptviz.ui.pages.snapshots.state import SnapshotsPage, View
from gptviz.ui.pages.training.answer import known
from gptviz.views.distribution import token_label

MOST = 28  # tokens of the text, the last ones


@dataclass(kw_only=True)
class Moment(Scene):
    """The page at one moment."""

    state: SnapshotsPage
    context: Context
    runs: list[Run]
    run: Run
    at: int
    view: View

    @property
    def kept(self) -> Snapshots:
        """All moments of the run."""
        return opened.kept(self.run.path)

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
        if self.view.layer is not None and self.view.head is not None:
            return min(self.view.layer, c.n_layer - 1), min(self.view.head, c.n_head - 1)
        scores = np.asarray(opened.heads(self.run.path, len(self.kept.moments) - 1))
        layer, head = divmod(int(scores.argmax()), c.n_head) if scores.size else (0, 0)
        return layer, head

    def label(self, token: int) -> str:
        """A token as it is shown."""
        return token_label(self.lm.tokenizer, token)


def scene(state: SnapshotsPage, context: Context) -> Moment:
    """Open the run that is wished for, where it is this visitor's, at its moment."""
    runs = opened.runs(state.owner)
    run = next((one for one in runs if one.name == state.view.run), runs[0])
    last = len(opened.kept(run.path).moments) - 1
    at = min(state.view.at, last)
    lm = opened.model(run.path, last)
    text = known(lm, state.text)
    try:
        ids = lm.tokenizer.encode(text) if text else []
    except GptvizError:
        ids = []
    beyond = max(0, len(ids) - MOST)
    notes: list[Note] = [("info", "snapshots.left_out", {"most": MOST, "left_out": beyond})] if beyond else []
    if text != state.text:
        notes.append(("info", "snapshots.unknown", {"count": len(state.text) - len(text)}))
    read = tuple(ids[beyond:])
    return Moment(state=state, context=context, runs=runs, run=run, at=at, ids=read, notes=notes,
                  running=bool(read) and _waits(state, run, at, read),
                  view=replace(state.view, at=at, run=run.name if state.owner else state.view.run))  # fmt: skip


def _waits(state: SnapshotsPage, run: Run, at: int, ids: tuple[int, ...]) -> bool:
    """Whether the sample is still to be written: who drags the slider or types does not wait for one at each place."""
    key = run.path, at, ids
    if state.sampled == key:
        opened.sample(*key)
    state.sampled = key
    return opened.known_sample(*key) is None
