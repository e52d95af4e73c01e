"""One forward pass with everything kept.

``Recorder`` is the cache that listens (see ``gptviz.model.KVCache``); ``Trace`` is what it heard, as read-only numpy.
Because attention is causal, nothing that was computed for a prefix changes when text is added after it: given an
earlier trace, only the positions from the first difference on are computed (``start`` says how many were taken over).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gptviz.model import GPT, KVCache

if TYPE_CHECKING:
    from gptviz.tokenizer import Token, Tokenizer

Array = npt.NDArray[np.float32]
_PER_POSITION = ("q", "k", "v", "z")


class Trace:
    """All that a GPT computed while reading ``ids``. T positions, d = head_dim; every array is read-only float32.

    ==========  =======================  ==========================================================
    ids         (T,) tuple of int        the tokens read
    tokens      (T,) tuple of Token      their bytes, text and character spans
    q k v z     (n_layer, n_head, T, d)  queries, keys, values; z = pattern @ v
    scores      (n_layer, n_head, T, T)  q·k/√d before the mask (row = query_pos, column = key_pos)
    pattern     (n_layer, n_head, T, T)  softmax after the mask; 0 above the diagonal
    resid       (n_layer + 1, T, C)      residual stream before each block and after the last
    logits      (T, vocab_size)          computed on first use; ``logits_at`` gives one row
    logprobs    (T,)                     natural log of each token's probability given those before; nan for the first
    ==========  =======================  ==========================================================
    """

    def __init__(self, recorder: Recorder, ids: tuple[int, ...], logprobs: Array, hidden: Tensor, *, model: GPT,
                 tokenizer: Tokenizer, start: int) -> None:  # fmt: skip
        self.ids = ids
        self.start = start  # positions taken over from an earlier trace
        self._recorder, self._hidden, self._model, self._tokenizer = recorder, hidden, model, tokenizer
        self.logprobs = _frozen(logprobs)

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        c = self._model.config
        if not self.ids:
            return f"Trace(0 tokens, {c.n_layer} layers x {c.n_head} heads)"
        bits = max(0.0, -float(np.nansum(self.logprobs)) / np.log(2))
        best = int(self.logits_at(-1).argmax())
        guess = self._tokenizer.token_bytes(best).decode("utf-8", "backslashreplace")
        return (
            f"Trace({len(self.ids)} tokens {self._tokenizer.decode(self.ids)!r}, {c.n_layer} layers x {c.n_head} heads, "
            f"{bits:.1f} bits; most likely next: {guess!r})"
        )

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens with their bytes and the characters they cover."""
        return tuple(self._tokenizer.tokens(self.ids))

    @cached_property
    def logits(self) -> Array:
        """(T, vocab_size) float32."""
        with torch.inference_mode():
            return _frozen(self._model.logits(self._hidden).numpy())

    def logits_at(self, pos: int) -> Array:
        """(vocab_size,): the logits for the token after position ``pos``, without computing the other rows."""
        if "logits" in self.__dict__:
            return self.logits[pos]  # type: ignore[no-any-return]
        rows = self.__dict__.setdefault("_rows", {})
        pos = range(len(self.ids))[pos]
        if pos not in rows:
            with torch.inference_mode():
                rows[pos] = _frozen(self._model.logits(self._hidden[pos]).numpy())
        return rows[pos]  # type: ignore[no-any-return]

    q: Array
    k: Array
    v: Array
    z: Array
    scores: Array
    pattern: Array
    resid: Array

    def __getattr__(self, name: str) -> Any:
        if name in Recorder.NAMES:  # made on first use: a page seldom needs all of them
            array = _frozen(getattr(self._recorder, name).numpy())
            self.__dict__[name] = array
            return array
        raise AttributeError(name)

    @property
    def nbytes(self) -> int:
        """Memory held by the tensors kept, in bytes."""
        return sum(getattr(self._recorder, name).nbytes for name in Recorder.NAMES) + self._hidden.nbytes


class Recorder(KVCache):
    """A cache that keeps what passes through it; its first ``start`` positions are copied from an earlier one."""

    NAMES = ("q", "k", "v", "z", "scores", "pattern", "resid")

    def __init__(self, model: GPT, T: int, earlier: Recorder | None, start: int) -> None:
        c = model.config
        heads = (c.n_layer, c.n_head, T)
        self.length, self.T = start, T
        self.q, self.k, self.v, self.z = (torch.empty(*heads, c.head_dim) for _ in _PER_POSITION)
        self.scores, self.pattern = torch.empty(*heads, T), torch.empty(*heads, T)
        self.resid = torch.empty(c.n_layer + 1, T, c.n_embd)
        if earlier is not None and start:
            for name in _PER_POSITION:
                getattr(self, name)[:, :, :start] = getattr(earlier, name)[:, :, :start]
            self.scores[:, :, :start, :start] = earlier.scores[:, :, :start, :start]
            self.pattern[:, :, :start, :start] = earlier.pattern[:, :, :start, :start]
            self.resid[:, :start] = earlier.resid[:, :start]
        self.pattern[:, :, :start, start:] = 0.0  # earlier queries may not look at later keys

    def reserve(self, T: int) -> None:
        """All room was made at the start."""

    def extend(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Keep the new keys and values; hand back all, (1, n_head, T, head_dim)."""
        self.k[layer, :, self.length :] = k[0]
        self.v[layer, :, self.length :] = v[0]
        return self.k[layer, None], self.v[layer, None]

    def keep(self, name: str, layer: int, value: Tensor) -> None:
        """Copy what the model shows; the batch is of one."""
        if name == "resid":
            self.resid[layer, self.length :] = value[0]
        else:
            getattr(self, name)[layer, :, self.length :] = value[0]

    def complete_scores(self, start: int, scale: float) -> None:
        """Scores of earlier queries on the new keys: the mask hides them, but before the mask they are there."""
        if 0 < start < self.T:
            torch.matmul(self.q[:, :, :start], self.k[:, :, start:].transpose(-2, -1) * scale,
                         out=self.scores[:, :, :start, start:])  # fmt: skip


def trace(model: GPT, tokenizer: Tokenizer, ids: Sequence[int], *, reuse: Trace | None = None) -> Trace:
    """Read ``ids`` and keep everything, taking over from ``reuse`` what a common prefix shares.

    The caller has checked the ids (``LanguageModel.trace`` does). ``reuse`` must come from the same model.
    """
    ids = tuple(ids)
    T = len(ids)
    if reuse is not None and reuse._model is not model:
        reuse = None
    start = _common_prefix(ids, reuse.ids) if reuse is not None else 0
    if reuse is not None and start == T == len(reuse.ids):
        return reuse
    recorder = Recorder(model, T, reuse._recorder if reuse else None, start)
    with torch.inference_mode():
        hidden = torch.empty(T, model.config.n_embd)
        if reuse is not None:
            hidden[:start] = reuse._hidden[:start]
        if start < T:  # else only the end was deleted: the arrays are cut, nothing is computed
            hidden[start:] = model(torch.tensor([ids[start:]]), recorder)[0]
            recorder.complete_scores(start, model.config.head_dim**-0.5)
        logprobs = np.full(T, np.nan, dtype=np.float32)
        logprobs[:start] = reuse.logprobs[:start] if reuse is not None else np.nan
        first = max(1, start)
        if first < T:
            logprobs[first:] = _logprobs(model, hidden[first - 1 : T - 1], ids[first:])
    return Trace(recorder, ids, logprobs, hidden, model=model, tokenizer=tokenizer, start=start)


def _logprobs(model: GPT, hidden: Tensor, ids: tuple[int, ...]) -> Array:
    """(n,) log-probability of ``ids[i]`` after ``hidden[i]``, nats."""
    logits = model.logits(hidden)  # (n, vocab_size)
    chosen = logits.gather(1, torch.tensor(ids)[:, None])[:, 0]
    return (chosen - logits.logsumexp(-1)).numpy()  # type: ignore[no-any-return]


def _common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    for n, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return n
    return min(len(a), len(b))


def _frozen(array: npt.NDArray[np.float32]) -> Array:
    array.flags.writeable = False
    return array
