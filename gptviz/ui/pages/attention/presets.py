"""The presets of the attention page: a text, and which head makes its point there, found by measuring, in any model."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.gpt.trace import Trace
from gptviz.views.sources import Floats


class Preset(NamedTuple):
    """``text`` is read; ``score`` says of a trace how well each head makes the point: (n_layer, n_head)."""

    text: str
    score: Callable[[Trace], Floats]


def telling(trace: Trace) -> Floats:
    """(n_layer, n_head): how near the last token's largest weight is to 0.55, where that is not on the first token.

    Such a head is worth following by hand: it chooses, and does not choose one alone.
    """
    row = trace.shades[:, :, -1].astype(np.float64)  # (n_layer, n_head, T)
    found: Floats = (row.argmax(-1) > 0) * (255 - np.abs(row.max(-1) - 0.55 * 255))
    return found


def previous(trace: Trace) -> Floats:
    """(n_layer, n_head): mean weight on the token before."""
    return _mean(trace, np.arange(1, len(trace)), -1)


def first(trace: Trace) -> Floats:
    """(n_layer, n_head): mean weight on the first token, from the third on."""
    return trace.shades[:, :, 2:, 0].mean(-1)  # type: ignore[no-any-return]


def repeated(trace: Trace) -> Floats:
    """(n_layer, n_head): mean weight of tokens that came before on what followed them then (Olsson et al. 2022)."""
    pairs = [(pos, before + 1) for pos in range(len(trace)) for before in range(pos) if trace.ids[before] ==
             trace.ids[pos] and before + 1 < pos]  # fmt: skip
    if not pairs:
        return np.zeros(trace.shades.shape[:2])
    queries, keys = np.array(pairs).T
    return trace.shades[:, :, queries, keys].mean(-1)  # type: ignore[no-any-return]


def _mean(trace: Trace, queries: npt.NDArray[np.int64], offset: int) -> Floats:
    if not len(queries):
        return np.zeros(trace.shades.shape[:2])
    return trace.shades[:, :, queries, queries + offset].mean(-1)  # type: ignore[no-any-return]


#: By name, in the order of the buttons; the words are ``attend.preset.<name>`` and ``attend.preset_hint.<name>``.
PRESETS: dict[str, Preset] = {
    "textbook_en": Preset("The cat sat on", telling),
    "textbook_zh": Preset("他爱机器学习", telling),
    "previous": Preset("She opened the door and walked into the room", previous),
    "first": Preset("The old man went to the market to buy some bread", first),
    "repeated": Preset("The cat sat on the mat. The cat sat on the", repeated),
}


def head_of(preset: Preset, trace: Trace) -> tuple[int, int]:
    """(layer, head) that makes the point best; the first among equals."""
    found = preset.score(trace)
    layer, head = np.unravel_index(int(np.argmax(found)), found.shape)
    return int(layer), int(head)
