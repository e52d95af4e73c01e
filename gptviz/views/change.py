"""One text read twice, as the model is and with something changed: the next token and the loss, before and after."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from gptviz.numbers import BIT, softmax, top_ids
from gptviz.views.distribution import token_label
from gptviz.views.sources import TokenizerLike

TOP = 6


class Read(Protocol):
    """What is needed of a trace."""

    @property
    def logprobs(self) -> npt.NDArray[np.float32]: ...
    def logits_at(self, pos: int) -> npt.NDArray[np.float32]: ...


class ChangeRow(NamedTuple):
    """A token that may come next: its probability before and after."""

    id: int
    label: str
    before: float
    after: float


class ChangeView(NamedTuple):
    """``rows`` by falling probability before; the loss in bits per token, nan where no token has a score."""

    rows: tuple[ChangeRow, ...]
    others: int  # tokens without a row
    others_before: float
    others_after: float
    bits_before: float
    bits_after: float
    kl: float  # bits: the relative entropy of after from before, at the last position

    @property
    def first(self) -> ChangeRow:
        """The likeliest token before."""
        return self.rows[0]

    @property
    def winner(self) -> ChangeRow:
        """The likeliest token after."""
        return max(self.rows, key=lambda row: row.after)


def change(before: Read, after: Read, tokenizer: TokenizerLike, *, top: int = TOP) -> ChangeView:
    """Two runs of one text; the likeliest tokens of each are among the rows."""
    p, q = (softmax(run.logits_at(-1).astype(np.float64)) for run in (before, after))
    ids = list(dict.fromkeys([*top_ids(p, top).tolist(), *top_ids(q, max(1, top // 2)).tolist()]))
    ids.sort(key=lambda i: (-p[i], i))
    rows = tuple(ChangeRow(i, token_label(tokenizer, i), float(p[i]), float(q[i])) for i in ids)
    left = np.ones(len(p), dtype=bool)
    left[ids] = False
    some = p > 0
    with np.errstate(divide="ignore"):
        kl = float((p[some] * (np.log(p[some]) - np.log(q[some]))).sum() / BIT)
    return ChangeView(rows, int((p > 0).sum()) - len(ids), float(p[left].sum()), float(q[left].sum()),
                      bits_per_token(before), bits_per_token(after), max(0.0, kl))  # fmt: skip


def bits_per_token(run: Read) -> float:
    """The loss of a text: the mean over all tokens but the first; nan where there are none."""
    scores = np.asarray(run.logprobs[1:], dtype=np.float64)
    return float(-scores.mean() / BIT) if len(scores) else float("nan")
