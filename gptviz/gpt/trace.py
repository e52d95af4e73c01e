"""One forward pass with everything kept that cannot be had from the rest at once.

``Recorder`` is the cache that listens (``gptviz.gpt.model.KVCache``); ``Trace`` is what it heard, as read-only numpy.
Because attention is causal, nothing that was computed for a prefix changes when text is added after it: given an
earlier trace, only the positions from the first difference on are computed (``start`` says how many were taken over).

Scores and patterns are T² numbers for every head. They are computed from queries and keys when they are looked at, a
head at a time or all together; of the pass itself their ``shades`` are kept, a byte for each.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gptviz.gpt.model import GPT, KVCache, causal_mask
from gptviz.i18n import counted
from gptviz.numbers import bits, logprobs_of

if TYPE_CHECKING:
    from gptviz.tokens.tokenizer import Token, Tokenizer

Array = npt.NDArray[np.float32]
_NOTHING = np.empty(0, dtype=np.float32)
_ROWS = 4  # rows of logits handed on to a trace that continues this one: each is as large as the vocabulary


class Trace:
    """All that a GPT computed while reading ``ids``. T positions, d = head_dim; every array is read-only float32.

    ==========  =======================  ==========================================================
    ids         (T,) tuple of int        the tokens read
    tokens      (T,) tuple of Token      their bytes, text and character spans
    q k v z     (n_layer, n_head, T, d)  queries, keys, values; z = pattern @ v
    scores      (n_layer, n_head, T, T)  q·k/√d before the mask (row = query_pos, column = key_pos); on first use
    pattern     (n_layer, n_head, T, T)  softmax after the mask; 0 above the diagonal; on first use
    shades      (n_layer, n_head, T, T)  the pattern in steps of 1/255, uint8
    resid       (n_layer + 1, T, C)      residual stream before each block and after the last
    logits      (T, vocab_size)          computed on first use; ``logits_at`` gives one row
    logprobs    (T,)                     natural log of each token's probability given those before; nan for the first
    ==========  =======================  ==========================================================
    """

    def __init__(self, store: Store, ids: tuple[int, ...], model: GPT, tokenizer: Tokenizer, *, start: int = 0,
                 earlier: Trace | None = None) -> None:  # fmt: skip
        self.ids = ids
        self.start = start  # positions taken over from an earlier trace
        self.store, self._model, self._tokenizer = store, model, tokenizer  # the store may be shared
        self._hidden = store.hidden[: len(ids)]
        # what the earlier trace has worked out about the common prefix holds here too
        self._known = earlier.__dict__.get("logprobs", _NOTHING)[:start] if earlier else _NOTHING
        rows = list(earlier._rows.items()) if earlier else []
        self._rows: dict[int, Array] = {pos: row for pos, row in rows if start - _ROWS <= pos < start}

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        c = self._model.config
        shape = f"{counted(c.n_layer, 'layer')} x {counted(c.n_head, 'head')}"
        if not self.ids:
            return f"Trace(0 tokens, {shape})"
        total = bits(float(np.nansum(self.logprobs)))
        best = int(self.logits_at(-1).argmax())
        guess = self._tokenizer.token_bytes(best).decode("utf-8", "backslashreplace")
        return (
            f"Trace({counted(len(self.ids), 'token')} {self._tokenizer.decode(self.ids)!r}, {shape}, {total:.1f} bits;"
            f" most likely next: {guess!r})"
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
        pos = range(len(self.ids))[pos]
        if "logits" in self.__dict__:
            return self.logits[pos]  # type: ignore[no-any-return]
        if pos not in self._rows:
            with torch.inference_mode():
                self._rows[pos] = _frozen(self._model.logits(self._hidden[pos]).numpy())
        return self._rows[pos]

    @cached_property
    def logprobs(self) -> Array:
        """(T,) nats; what an earlier trace knew of the common prefix is not computed again."""
        T = len(self.ids)
        out = np.full(T, np.nan, dtype=np.float32)
        out[: len(self._known)] = self._known
        first = max(1, len(self._known))
        if first < T and first - 1 in self._rows:  # typing one more token: its row was already looked at
            out[first] = logprobs_of(self._rows[first - 1][None], self.ids[first : first + 1])[0]
            first += 1
        if first < T:
            out[first:] = logprobs_of(self.logits_between(first - 1, T - 1), self.ids[first:])
        return _frozen(out)

    def logits_between(self, start: int, stop: int) -> Array:
        """(stop - start, vocab_size): the rows of ``logits`` from ``start`` on, computed and not kept."""
        if "logits" in self.__dict__:
            return self.logits[start:stop]
        with torch.inference_mode():
            return self._model.logits(self._hidden[start:stop]).numpy()

    @cached_property
    def q(self) -> Array:
        """(n_layer, n_head, T, head_dim)."""
        return self._shown(self.store.q)

    @cached_property
    def k(self) -> Array:
        """(n_layer, n_head, T, head_dim)."""
        return self._shown(self.store.kv[0])

    @cached_property
    def v(self) -> Array:
        """(n_layer, n_head, T, head_dim)."""
        return self._shown(self.store.kv[1])

    @cached_property
    def z(self) -> Array:
        """(n_layer, n_head, T, head_dim)."""
        return self._shown(self.store.z)

    @cached_property
    def scores(self) -> Array:
        """(n_layer, n_head, T, T), before the mask: of all heads. ``scores_of`` gives one head's."""
        return _frozen(self._scores(slice(None)).numpy())

    @cached_property
    def pattern(self) -> Array:
        """(n_layer, n_head, T, T), after the softmax: of all heads. ``pattern_of`` gives one head's."""
        return _frozen(self._pattern(slice(None)).numpy())

    @cached_property
    def shades(self) -> npt.NDArray[np.uint8]:
        """(n_layer, n_head, T, T), the pattern in steps of 1/255."""
        T = len(self.ids)
        shades: npt.NDArray[np.uint8] = self.store.shades[:, :, :T, :T].numpy()
        shades.flags.writeable = False
        return shades

    def scores_of(self, layer: int, head: int) -> Array:
        """(T, T): one head's scores before the mask."""
        return _frozen(self._scores((layer, head)).numpy())

    def pattern_of(self, layer: int, head: int) -> Array:
        """(T, T): one head's pattern."""
        return _frozen(self._pattern((layer, head)).numpy())

    @torch.inference_mode()
    def _scores(self, heads: slice | tuple[int, int]) -> Tensor:
        """(…, T, T) of the chosen heads, in the very steps of ``CausalSelfAttention.attend``."""
        T, store = len(self.ids), self.store
        q, k = store.q[heads][..., :T, :], store.kv[0][heads][..., :T, :]  # (…, T, head_dim)
        return (q @ k.transpose(-1, -2)).mul_(1.0 / math.sqrt(q.shape[-1]))

    @torch.inference_mode()
    def _pattern(self, heads: slice | tuple[int, int]) -> Tensor:
        """(…, T, T) of the chosen heads."""
        T = len(self.ids)
        return self._scores(heads).masked_fill_(causal_mask(0, T), -math.inf).softmax(-1)

    @cached_property
    def resid(self) -> Array:
        """(n_layer + 1, T, n_embd)."""
        return _frozen(self.store.resid[:, : len(self.ids)].numpy())

    @property
    def nbytes(self) -> int:
        """Memory of the store behind this trace, in bytes; traces of a growing text share one."""
        return self.store.nbytes

    def _shown(self, kept: Tensor) -> Array:
        return _frozen(kept[:, :, : len(self.ids)].numpy())


class Store:
    """Room for what is kept, with space to grow, so that a trace that continues another writes only what is new.

    Traces of one text as it grows share one store: each reads only its own first T positions, and ``claim`` lets at
    most one of them write the next ones.
    """

    def __init__(self, model: GPT, capacity: int) -> None:
        c = model.config
        self.filled, self.capacity = 0, capacity
        self._lock = threading.Lock()
        self.kv = torch.empty(2, c.n_layer, c.n_head, capacity, c.head_dim)
        self.q, self.z = (torch.empty(c.n_layer, c.n_head, capacity, c.head_dim) for _ in range(2))
        self.shades = torch.zeros(c.n_layer, c.n_head, capacity, capacity, dtype=torch.uint8)  # 0: masked
        self.resid = torch.empty(c.n_layer + 1, capacity, c.n_embd)
        self.hidden = torch.empty(capacity, c.n_embd)

    def claim(self, start: int, T: int) -> bool:
        """Whether positions ``start`` … ``T - 1`` are the caller's to write."""
        with self._lock:
            free = self.filled == start and self.capacity >= T
            self.filled = T if free else self.filled
            return free

    def copied(self, model: GPT, start: int, T: int) -> Store:
        """A store of its own with the first ``start`` positions of this one."""
        new = Store(model, _roomy(T))
        new.filled = T
        new.kv[:, :, :, :start] = self.kv[:, :, :, :start]
        for name in ("q", "z"):
            getattr(new, name)[:, :, :start] = getattr(self, name)[:, :, :start]
        new.shades[:, :, :start, :start] = self.shades[:, :, :start, :start]
        new.resid[:, :start] = self.resid[:, :start]
        new.hidden[:start] = self.hidden[:start]
        return new

    @property
    def nbytes(self) -> int:
        """Memory, in bytes."""
        kept = (self.kv, self.q, self.z, self.shades, self.resid, self.hidden)
        return sum(tensor.nbytes for tensor in kept)


class Recorder(KVCache):
    """A cache that writes what passes through it into a store, from position ``start`` on."""

    def __init__(self, store: Store, start: int, T: int) -> None:
        self.store, self.length, self.start, self.T = store, start, start, T
        self._layer = self._block = 0  # whose attention, and whose residual stream, comes next

    def reserve(self, T: int) -> None:
        """Nothing to do: the store has room."""

    def extend(self, layer: int, kv: Tensor) -> Tensor:
        """Keep the new keys and values (2, n_head, T_new, head_dim); hand back all, (…, T, head_dim)."""
        kept = self.store.kv[:, layer, :, : self.T]
        kept[:, :, self.start :] = kv
        return kept

    def keep(self, q: Tensor, scores: Tensor, pattern: Tensor, z: Tensor) -> None:
        """One layer's attention; the batch is of one, so B·n_head is n_head."""
        store, layer, new, T = self.store, self._layer, slice(self.start, self.T), self.T
        store.q[layer, :, new], store.z[layer, :, new] = q, z
        store.shades[layer, :, new, :T] = pattern.mul(255.0).add_(0.5)  # then cut: rounds to the nearest step
        self._layer += 1

    def keep_resid(self, x: Tensor) -> None:
        """The residual stream (T_new, C)."""
        self.store.resid[self._block, self.start : self.T] = x
        self._block += 1

    def finish(self, hidden: Tensor) -> None:
        """``hidden`` (T_new, C) is the normalised last residual stream."""
        self.store.hidden[self.start : self.T] = hidden


def _roomy(T: int) -> int:
    """Room for ``T`` positions and some more, in steps of 64."""
    return 64 * -(-(T + 16) // 64)


def trace(model: GPT, tokenizer: Tokenizer, ids: Sequence[int], *, reuse: Trace | None = None) -> Trace:
    """Read ``ids`` and keep everything, taking over from ``reuse`` what a common prefix shares.

    The caller has checked the ids (``LanguageModel.trace`` does). A ``reuse`` of another model is not used.
    """
    ids = tuple(ids)
    if reuse is not None and reuse._model is not model:
        reuse = None
    T, start = len(ids), _common_prefix(ids, reuse.ids) if reuse is not None else 0
    if reuse is not None and start == T:  # nothing new; where the end was deleted, fewer positions are shown
        return reuse if len(reuse.ids) == T else Trace(reuse.store, ids, model, tokenizer, start=T, earlier=reuse)
    with torch.inference_mode():
        if reuse is None or not start:
            store = Store(model, _roomy(T))
            store.filled = T
        else:
            store = reuse.store if reuse.store.claim(start, T) else reuse.store.copied(model, start, T)
        recorder = Recorder(store, start, T)
        hidden = model(torch.tensor([ids[start:]]), recorder)[0]  # (T - start, C)
        recorder.finish(hidden)
    return Trace(store, ids, model, tokenizer, start=start, earlier=reuse)


def _common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    for n, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return n
    return min(len(a), len(b))


def _frozen(array: npt.NDArray[np.float32]) -> Array:
    array.flags.writeable = False
    return array
