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
_NOTHING = np.empty(0, dtype=np.float32)


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

    def __init__(self, recorder: Recorder, ids: tuple[int, ...], hidden: Tensor, *, model: GPT, tokenizer: Tokenizer,
                 start: int = 0, earlier: Trace | None = None) -> None:  # fmt: skip
        self.ids = ids
        self.start = start  # positions taken over from an earlier trace
        self._recorder, self._hidden, self._model, self._tokenizer = recorder, hidden, model, tokenizer
        # what the earlier trace has worked out about the common prefix holds here too
        self._known = earlier.__dict__.get("logprobs", _NOTHING)[:start] if earlier else _NOTHING
        self._rows: dict[int, Array] = {pos: earlier._rows[pos] for pos in earlier._rows if pos < start} if earlier else {}

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
            out[first] = _logprob(self._rows[first - 1][None], self.ids[first : first + 1])[0]
            first += 1
        if first < T:
            out[first:] = _logprob(self._logits_between(first - 1, T - 1), self.ids[first:])
        return _frozen(out)

    def _logits_between(self, start: int, stop: int) -> Array:
        if "logits" in self.__dict__:
            return self.logits[start:stop]  # type: ignore[no-any-return]
        with torch.inference_mode():
            return self._model.logits(self._hidden[start:stop]).numpy()  # type: ignore[no-any-return]

    q: Array
    k: Array
    v: Array
    z: Array
    scores: Array
    pattern: Array
    resid: Array

    def __getattr__(self, name: str) -> Any:
        if name in Recorder.NAMES:  # made on first use: a page seldom needs all of them
            array = _frozen(self._recorder.__dict__[name].numpy())
            self.__dict__[name] = array
            return array
        raise AttributeError(name)

    @property
    def nbytes(self) -> int:
        """Memory held by the tensors kept, in bytes."""
        return sum(getattr(self._recorder, name).nbytes for name in Recorder.NAMES) + self._hidden.nbytes


class Recorder(KVCache):
    """A cache that keeps what passes through it; its first ``start`` positions are those of an earlier one."""

    NAMES = ("q", "k", "v", "z", "scores", "pattern", "resid")

    def __init__(self, model: GPT, earlier: Recorder | None, start: int) -> None:
        self.length, self._earlier, self._model = start, earlier if start else None, model
        self._kept: dict[str, list[Tensor]] = {name: [] for name in ("q", "kv", "z", "scores", "pattern", "resid")}

    def reserve(self, T: int) -> None:
        """Nothing to do: what is kept is joined at the end, once for all layers."""

    def extend(self, layer: int, kv: Tensor) -> Tensor:
        """Keep the new keys and values (2, n_head, T_new, head_dim); hand back all, (…, T, head_dim)."""
        if self._earlier is not None:
            kv = torch.cat((self._earlier.kv[:, layer, :, : self.length], kv), dim=2)
        self._kept["kv"].append(kv)
        return kv

    def keep(self, name: str, layer: int, value: Tensor) -> None:
        """Keep what the model shows; the batch is of one, so B·n_head is n_head."""
        self._kept[name].append(value)

    def join(self, start: int) -> None:
        """Make one tensor of each name: all layers, the earlier positions before the new ones."""
        new = {name: torch.stack(values) for name, values in self._kept.items() if name != "kv"}  # (n_layer, …)
        self.kv = torch.stack(self._kept["kv"], dim=1)  # (2, n_layer, n_head, T, head_dim)
        self.k, self.v = self.kv.unbind(0)
        self._kept.clear()
        old, self._earlier = self._earlier, None
        if old is None:
            self.q, self.z, self.scores, self.pattern, self.resid = (
                new[name] for name in ("q", "z", "scores", "pattern", "resid")
            )
            return
        self.q, self.z = (torch.cat((getattr(old, name)[:, :, :start], new[name]), dim=2) for name in ("q", "z"))
        self.resid = torch.cat((old.resid[:, :start], new["resid"]), dim=1)
        # earlier queries on the new keys: the mask hides them, but before the mask they have scores
        scale = self._model.config.head_dim**-0.5
        across = (self.q[:, :, :start] @ self.k[:, :, start:].transpose(-2, -1)) * scale  # (n_layer, n_head, start, T_new)
        self.scores = _bordered(old.scores[:, :, :start, :start], across, new["scores"])
        self.pattern = _bordered(old.pattern[:, :, :start, :start], torch.zeros_like(across), new["pattern"])

    def cut(self, T: int) -> Recorder:
        """The same recording without what comes after position ``T - 1``."""
        other = Recorder(self._model, None, T)
        other.q, other.z, other.kv = self.q[:, :, :T], self.z[:, :, :T], self.kv[:, :, :, :T]
        other.k, other.v = other.kv.unbind(0)
        other.scores, other.pattern = (x[:, :, :T, :T] for x in (self.scores, self.pattern))
        other.resid = self.resid[:, :T]
        return other

    q: Tensor
    k: Tensor
    v: Tensor
    z: Tensor
    kv: Tensor
    scores: Tensor
    pattern: Tensor
    resid: Tensor


def _bordered(corner: Tensor, right: Tensor, below: Tensor) -> Tensor:
    """[[corner, right], [below]]: (…, n, n), (…, n, m), (…, m, n + m) → (…, n + m, n + m)."""
    return torch.cat((torch.cat((corner, right), dim=-1), below), dim=-2)


def trace(model: GPT, tokenizer: Tokenizer, ids: Sequence[int], *, reuse: Trace | None = None) -> Trace:
    """Read ``ids`` and keep everything, taking over from ``reuse`` what a common prefix shares.

    The caller has checked the ids (``LanguageModel.trace`` does). A ``reuse`` of another model is not used.
    """
    ids = tuple(ids)
    if reuse is not None and reuse._model is not model:
        reuse = None
    start = _common_prefix(ids, reuse.ids) if reuse is not None else 0
    if reuse is not None and start == len(ids) == len(reuse.ids):
        return reuse
    with torch.inference_mode():
        if reuse is not None and start == len(ids):  # only the end was deleted: cut, compute nothing
            recorder, hidden = reuse._recorder.cut(start), reuse._hidden[:start]
        else:
            recorder = Recorder(model, reuse._recorder if reuse else None, start)
            hidden = model(torch.tensor([ids[start:]]), recorder)[0]  # (T - start, C)
            recorder.join(start)
            if reuse is not None and start:
                hidden = torch.cat((reuse._hidden[:start], hidden))
    return Trace(recorder, ids, hidden, model=model, tokenizer=tokenizer, start=start, earlier=reuse)


def _logprob(logits: Array, ids: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """(n,) log-probability of ``ids[i]`` under ``logits[i]`` (n, vocab_size), nats."""
    largest = logits.max(-1, keepdims=True)
    mass = np.exp(logits - largest).sum(-1, dtype=np.float64)
    chosen = logits[range(len(ids)), ids].astype(np.float64)
    return chosen - largest[:, 0] - np.log(mass)  # type: ignore[no-any-return]


def _common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    for n, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return n
    return min(len(a), len(b))


def _frozen(array: npt.NDArray[np.float32]) -> Array:
    array.flags.writeable = False
    return array
