"""What one visitor's page of the stream stands at, and what its buttons do. Pure: no Streamlit here.

The lens reads many states through the whole vocabulary: of a large one that takes longer than a run of the script, so
``advance`` does as much as fits, the position looked at first. What stands for a prefix is kept, as nothing that
follows changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.analysis.lens import Tops, logit_lens, ranks_of, tops
from gptviz.gpt.trace import Array, Trace
from gptviz.jobs import Slice, Task
from gptviz.language_model import LanguageModel
from gptviz.ui.controls import choice, count, flag, text
from gptviz.ui.page import Action, Context, word
from gptviz.ui.pages.stream.presets import PRESETS
from gptviz.ui.prompts import chat_control, pos_control, start_control, system_control
from gptviz.ui.web.conversation import Conversation
from gptviz.views.stream import NormsView, norms

COLUMNS = 14  # positions of the lens at a time
SLICE = 0.08  # seconds of work in one run
_MOST = 100_000  # tokens of a text
_SELDOM = {"seldom": True}
SIZES = ("resid", "attn", "mlp")


@dataclass(frozen=True)
class View:
    """The controls. ``pos`` None is the last position; a token is said as text, or as # and its id; "" is the model's.

    ``layer`` is the block looked at, ``embed``: in the lens, what stands before the first one. ``first`` is the
    leftmost column of the lens where there are more than fit.
    """

    pos: int | None = pos_control()
    layer: int = count(0, 0, 1000, shared=True)
    head: int = count(1, 0, 1000, shared=True)
    embed: bool = flag(False, **_SELDOM)
    neuron: int | None = count(None, 0, 2**20, nullable=True)
    token: str = text("", 64, **_SELDOM)
    rival: str = text("", 64, **_SELDOM)
    against: bool = flag(False, **_SELDOM)
    detail: str = choice("blocks", ("blocks", "heads"), **_SELDOM)
    sizes: str = choice("resid", SIZES, **_SELDOM)
    grid: str = choice("top", ("top", "rank"), **_SELDOM)
    first: int | None = count(None, 0, _MOST, nullable=True)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()

    def clamped(self, *, n_layer: int, n_head: int, width: int, T: int) -> View:
        """The view as it can be shown: a block, a head, a neuron and a position that exist."""
        pos = None if self.pos is None or self.pos >= T else self.pos
        neuron = None if self.neuron is None or self.neuron >= width else self.neuron
        return replace(self, layer=min(self.layer, n_layer - 1), head=min(self.head, n_head - 1), pos=pos,
                       neuron=neuron)  # fmt: skip

    def left(self, pos: int, T: int) -> int:
        """The leftmost column of the lens: as wished where ``pos`` is then to be seen, else the last or around it."""
        most = max(0, T - COLUMNS)
        if self.first is not None and self.first <= pos < self.first + COLUMNS:
            return min(self.first, most)
        return most if pos >= most else max(0, min(most, pos - COLUMNS // 2))


class Column(NamedTuple):
    """The lens at one position."""

    tops: Tops
    ranked: tuple[int, npt.NDArray[np.int64]] | None  # a token, and its rank after each block


@dataclass
class Kept:
    """What was worked out of the stream of ``ids``: sizes and columns of the lens, by position."""

    lm: LanguageModel
    ids: tuple[int, ...]
    columns: dict[int, Column] = field(default_factory=dict)
    sizes: NormsView | None = None

    def moved_to(self, lm: LanguageModel, ids: tuple[int, ...]) -> Kept:
        """The same for another text; what stands for the prefix that they share is taken over."""
        if lm is not self.lm:
            return Kept(lm, ids)
        pairs = enumerate(zip(self.ids, ids, strict=False))
        same = next((i for i, (a, b) in pairs if a != b), min(len(self.ids), len(ids)))
        sizes = None if self.sizes is None else NormsView(*(part[:, :same] for part in self.sizes))
        return Kept(lm, ids, {pos: column for pos, column in self.columns.items() if pos < same}, sizes)

    def norms(self, trace: Trace) -> NormsView:
        """Of all positions; those of the prefix are not worked out again."""
        done = 0 if self.sizes is None else self.sizes.resid.shape[1]
        if self.sizes is None or done < len(trace):
            new = norms(trace, start=done)
            old = self.sizes
            self.sizes = new if old is None else NormsView(*(np.hstack(pair) for pair in zip(old, new, strict=True)))
        return self.sizes

    def has(self, pos: int, ranked: int | None) -> bool:
        """Whether the column is there, with the ranks of that token."""
        column = self.columns.get(pos)
        return column is not None and (ranked is None or (column.ranked or (None,))[0] == ranked)

    def put(self, pos: int, logits: Array, ranked: int | None) -> None:
        """Keep what is shown of the lens at a position, (S, V)."""
        ranks = None if ranked is None else (ranked, ranks_of(logits, ranked))
        self.columns[pos] = Column(tops(logits), ranks)

    def work(self, trace: Trace, wanted: range, ranked: int | None) -> Iterator[int]:
        """Go on with the wanted columns, the last first."""
        for pos in reversed(wanted):
            if not self.has(pos, ranked):
                self.put(pos, logit_lens(trace, pos), ranked)
                yield pos


@dataclass
class StreamPage(Conversation):
    """One visitor's page of the stream."""

    view: View = field(default_factory=View)
    kept: Kept | None = None

    def follow(self) -> None:
        """Another text: the last position, the most active neuron."""
        self.view = replace(self.view, pos=None, first=None, neuron=None)

    def adopt(self, changes: dict[str, object]) -> None:
        if "layer" in changes and "neuron" not in changes:
            changes = {**changes, "neuron": None}  # another layer has other neurons
        super().adopt(changes)

    def keep(self, lm: LanguageModel, ids: tuple[int, ...]) -> Kept:
        """What is known of ``ids``."""
        if self.kept is None or self.kept.lm is not lm or self.kept.ids != ids:
            self.kept = (self.kept or Kept(lm, ())).moved_to(lm, ids)
        return self.kept

    def advance(self, trace: Trace, wanted: range, ranked: int | None, *, seconds: float = SLICE,
                pressed: Callable[[], bool] = lambda: False) -> bool:  # fmt: skip
        """Go on with the lens for about so long; returns whether columns are missing."""
        assert self.kept is not None
        task = Task(self.kept.work(trace, wanted, ranked))
        if not all(self.kept.has(pos, ranked) for pos in wanted):
            for _ in task.go_on(Slice(seconds, pressed=pressed)):
                pass
        return not all(self.kept.has(pos, ranked) for pos in wanted)


def begin(page: StreamPage, lang: str) -> None:
    """A first visit sees the first preset."""
    _set(page, "fact", lang)


def _set(page: StreamPage, name: str, lang: str) -> None:
    prompt, settings = PRESETS[name].of(lang)
    page.set_text(prompt)
    page.view = replace(View(start=page.view.start, chat=page.view.chat, system=page.view.system), **settings)


def _preset(action: Action, page: StreamPage, context: Context) -> None:
    name = word(action, "name")
    if name in PRESETS:
        _set(page, name, context.lang)


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, StreamPage, Context], None]] = {"preset": _preset}
