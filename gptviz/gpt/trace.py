"""One forward pass with everything kept that cannot be had from the rest at once.

``Recorder`` is the cache that listens (``gptviz.gpt.store``); ``Trace`` is what it heard, as read-only numpy. Because
attention is causal, nothing that was computed for a prefix changes when text is added after it: given an earlier trace,
only the positions from the first difference on are computed (``start`` says how many were taken over). In a model that
is not causal every number depends on the whole text, and nothing is taken over.

What is kept grows with T · C · layers. Scores and patterns are T² numbers for every head: they are computed from
queries and keys when they are looked at, a head at a time or all together; of the pass itself their ``shades`` are
kept, a byte for each. What attention and MLP add, and the neurons between, are computed when they are looked at too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

import numpy as np
import numpy.typing as npt
import torch

from gptviz.gpt import parts as stream
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.derived import Reading
from gptviz.gpt.editing import Edit, Editor, row_by_row
from gptviz.gpt.inner import Inner
from gptviz.gpt.model import GPT
from gptviz.gpt.store import Recorder, Store, roomy
from gptviz.gpt.taps import TAPS
from gptviz.i18n import counted
from gptviz.numbers import bits, logprobs_of

if TYPE_CHECKING:
    from gptviz.tokens.tokenizer import Token, Tokenizer

Array = npt.NDArray[np.float32]
_NOTHING = np.empty(0, dtype=np.float32)
_ROWS = 4  # rows of logits handed on to a trace that continues this one: each is as large as the vocabulary


class Seen:
    """An attribute of a trace: a tap, made when it is first looked at, then kept.

    Not functools' ``cached_property``, which in Python 3.11 has one lock for all traces of all visitors.
    """

    def __set_name__(self, owner: type[Trace], name: str) -> None:
        self.name = name
        self.__doc__ = f"{TAPS[name].shape}: {TAPS[name].meaning}."

    @overload
    def __get__(self, trace: None, owner: type[Trace]) -> Seen: ...

    @overload
    def __get__(self, trace: Trace, owner: type[Trace]) -> Array: ...

    def __get__(self, trace: Trace | None, owner: type[Trace]) -> Seen | Array:
        if trace is None:
            return self
        array = _frozen(trace._reading.all(self.name).numpy())
        trace.__dict__[self.name] = array  # where it is found before this is asked
        return array


class Trace:
    """All that a GPT computed while reading ``ids``. T positions, C = n_embd; every array is read-only float32.

    The taps (``gptviz.gpt.taps``), in the order of the pass; what is not kept is worked out on first use:

    ==========  =================================  ================================================================
    resid       (n_layer + 1, T, C)                the residual stream before each block and after the last
    q           (n_layer, n_head, T, head_dim)     queries
    k           (n_layer, n_kv_head, T, head_dim)  keys
    v           (n_layer, n_kv_head, T, head_dim)  values
    scores      (n_layer, n_head, T, T)            q·k/√d before the mask
    pattern     (n_layer, n_head, T, T)            softmax after the mask; 0 above the diagonal
    z           (n_layer, n_head, T, head_dim)     the values weighted by the pattern: pattern @ v
    attn_out    (n_layer, T, C)                    what attention adds to the residual stream
    resid_mid   (n_layer, T, C)                    the residual stream between attention and MLP
    mlp_hidden  (n_layer, T, mlp_width)            the MLP's neurons as its last matrix reads them
    mlp_out     (n_layer, T, C)                    what the MLP adds to the residual stream
    hidden      (T, C)                             the last residual stream, normalised: what logits are read from
    logits      (T, vocab_size)                    of the token after each position; ``logits_at`` gives one row
    ==========  =================================  ================================================================

    ``mlp_hidden`` is what the activation leaves; in a gated MLP the product of that and the other half, which is what
    goes into the matrix that writes. Beside them:

    ==========  ==============================  ================================================================
    ids         (T,) tuple of int               the tokens read
    tokens      (T,) tuple of Token             their bytes, text and character spans
    shades      (n_layer, n_head, T, T)         the pattern in steps of 1/255, uint8
    logprobs    (T,)                            ln p of each token given those before it; nan for the first
    ==========  ==============================  ================================================================
    """

    resid, q, k, v, z, hidden = Seen(), Seen(), Seen(), Seen(), Seen(), Seen()
    scores, pattern = Seen(), Seen()  # of all heads; ``scores_of`` and ``pattern_of`` give one head's
    attn_out, resid_mid, mlp_hidden, mlp_out = Seen(), Seen(), Seen(), Seen()  # ``layer`` gives one layer's

    def __init__(self, store: Store, ids: tuple[int, ...], model: GPT, tokenizer: Tokenizer, *, start: int = 0,
                 earlier: Trace | None = None, edits: tuple[Edit, ...] = ()) -> None:  # fmt: skip
        self.ids = ids
        self.start = start  # positions taken over from an earlier trace
        self.edits: tuple[Edit, ...] = edits  # what was changed on the way
        self.store, self._model, self._tokenizer = store, model, tokenizer  # the store may be shared
        self._reading = Reading(model, store, len(ids))
        self._hidden = store.kept["hidden"][: len(ids)]
        self._parts: tuple[int, stream.Parts] | None = None
        # what the earlier trace has worked out about the common prefix holds here too
        self._known = earlier.__dict__.get("logprobs", _NOTHING)[:start] if earlier else _NOTHING
        self._begun: Sequence[Token] = earlier.__dict__.get("tokens", ())[:start] if earlier else ()
        rows = list(earlier._rows.items()) if earlier else []
        self._rows: dict[int, Array] = {pos: row for pos, row in rows if start - _ROWS <= pos < start}

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        c = self._model.config
        shape = f"{counted(c.n_layer, 'layer')} x {counted(c.n_head, 'head')}"
        if self.edits:
            shape += f", {counted(len(self.edits), 'edit')}"
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
        return tuple(self._tokenizer.go_on(self._begun, self.ids))

    @property
    def special(self) -> tuple[bool, ...]:
        """(T,): which of the tokens are marks, such as the one that a text is read after, and no pieces of a text."""
        return tuple(map(self._tokenizer.is_special, self.ids))

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
    def shades(self) -> npt.NDArray[np.uint8]:
        """(n_layer, n_head, T, T), the pattern in steps of 1/255."""
        T = len(self.ids)
        shades: npt.NDArray[np.uint8] = self.store.shades[:, :, :T, :T].numpy()
        shades.flags.writeable = False
        return shades

    def layer(self, name: str, layer: int) -> Array:
        """One layer of a tap, such as ``layer("mlp_hidden", 3)``, without the others: (T, …) or (n_head, T, …)."""
        return _frozen(self._reading.layer(name, layer).numpy())

    def rows(self, name: str, layer: int, start: int, stop: int) -> Array:
        """(stop - start, …): the same at some positions only, of a tap that each position has for itself.

        Those are ``resid`` and all that attention and MLP add. Raises ValueError for the others.
        """
        return _frozen(self._reading.rows(name, layer, slice(start, stop)).numpy())

    def unembed(self, states: npt.ArrayLike) -> Array:
        """(…, C) states of the residual stream → (…, vocab_size): what the model would say if that were the last one.

        Each state is normalised by its own statistics, as the last one is, and read by the output matrix: the logit
        lens (nostalgebraist 2020).
        """
        return _frozen(stream.unembedded(self._model, np.asarray(states, dtype=np.float32)))

    def read_out(self, vectors: npt.ArrayLike) -> Array:
        """(…, C) → (…, vocab_size): what each vector, added to the last stream, adds to the logits, scale held at 1."""
        return _frozen(stream.read_out(self._model, np.asarray(vectors, dtype=np.float32)))

    def parts(self, pos: int) -> stream.Parts:
        """All that was written into the residual stream at a position, part by part; the newest is kept."""
        pos = range(len(self.ids))[pos]
        if self._parts is None or self._parts[0] != pos:
            self._parts = pos, stream.written(self._reading, pos, self.ids)
        return self._parts[1]

    def direction(self, token: int) -> stream.Direction:
        """How the logit of ``token`` is read from the last residual stream."""
        return stream.direction(self._model, token)

    def final_scale(self, state: npt.ArrayLike) -> tuple[float, float]:
        """(what the final norm takes off a state (C,), what it multiplies the rest with)."""
        return stream.mean_and_scale(self._model, np.asarray(state, dtype=np.float64))

    def neuron_rows(self, layer: int, neurons: Sequence[int]) -> Array:
        """(n, C): what each of these neurons of an MLP writes into the residual stream where it stands at 1."""
        return _frozen(stream.neuron_rows(self._reading.block(layer), neurons).numpy())

    def inner(self, layer: int) -> Inner:
        """The weights of a layer's attention, and what lies between its taps. Raises IndexError."""
        return Inner(self._reading.block(range(self._model.config.n_layer)[layer]), self._model.config)

    @property
    def config(self) -> GPTConfig:
        """The shape of the model that read this."""
        return self._model.config

    def embedding(self, pos: int) -> tuple[Array, Array | None]:
        """(C,) the token's row as it enters the stream at ``pos``, and (C,) its position's; None where it has none."""
        token, position = self._model.embedded(self.ids[pos], pos)
        return _frozen(token.numpy()), None if position is None else _frozen(position.numpy())

    def scores_of(self, layer: int, head: int) -> Array:
        """(T, T): one head's scores before the mask."""
        return _frozen(self._reading.head("scores", layer, head).numpy())

    def pattern_of(self, layer: int, head: int) -> Array:
        """(T, T): one head's pattern."""
        return _frozen(self._reading.head("pattern", layer, head).numpy())

    @property
    def windows(self) -> tuple[int, ...]:
        """Of each layer, how many positions a query sees, itself and those before; 0: all; none where all do."""
        return self._model.config.windows

    @property
    def nbytes(self) -> int:
        """Memory of the store behind this trace, in bytes; traces of a growing text share one."""
        return self.store.nbytes


def trace(model: GPT, tokenizer: Tokenizer, ids: Sequence[int], *, reuse: Trace | None = None,
          edits: tuple[Edit, ...] = ()) -> Trace:  # fmt: skip
    """Read ``ids`` and keep everything, taking over from ``reuse`` what a common prefix shares.

    The caller has checked the ids and the edits (``LanguageModel.trace`` does). A ``reuse`` of another model, or of a
    run with other edits, is not used; one with edits that are not ``row_by_row``, or of a model that is not causal,
    only for the same ids, because what some positions become may depend on those after them.
    """
    ids = tuple(ids)
    if reuse is not None and (reuse._model is not model or not _same(reuse.edits, edits)):
        reuse = None
    if reuse is not None and not model.config.causal and reuse.ids != ids:
        reuse = None
    if edits:
        return reuse if reuse is not None and reuse.ids == ids else _edited(model, tokenizer, ids, edits, reuse)
    T, start = len(ids), _common_prefix(ids, reuse.ids) if reuse is not None else 0
    if reuse is not None and start == T:  # nothing new; where the end was deleted, fewer positions are shown
        return reuse if len(reuse.ids) == T else Trace(reuse.store, ids, model, tokenizer, start=T, earlier=reuse)
    with torch.inference_mode():
        if reuse is None or not start:
            store = Store(model, roomy(T))
            store.filled = T
        else:
            store = reuse.store if reuse.store.claim(start, T) else reuse.store.copied(model, start, T)
        model(torch.tensor([ids[start:]]), Recorder(store, start, T))
    return Trace(store, ids, model, tokenizer, start=start, earlier=reuse)


def _edited(model: GPT, tokenizer: Tokenizer, ids: tuple[int, ...], edits: tuple[Edit, ...],
            reuse: Trace | None) -> Trace:  # fmt: skip
    """A run with a store that nobody else gets; of ``reuse``, a run with the same edits, the common beginning is copied
    where they allow it, but for the last position."""
    T, start = len(ids), 0
    if reuse is not None and row_by_row(edits):
        start = min(_common_prefix(ids, reuse.ids), T - 1)
    with torch.inference_mode():
        store = reuse.store.copied(model, start, T) if reuse is not None and start else Store(model, T)
        store.filled = T
        earlier = reuse.store if reuse is not None and start else None
        model(torch.tensor([ids[start:]]), Editor(store, T, edits, model.config, start=start, earlier=earlier))
    return Trace(store, ids, model, tokenizer, edits=edits)


def _same(ours: tuple[Edit, ...], theirs: tuple[Edit, ...]) -> bool:
    """Whether the same is changed; functions that cannot be compared are not the same."""
    try:
        return bool(ours == theirs)
    except ValueError:  # of arrays in them
        return False


def _common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    for n, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return n
    return min(len(a), len(b))


def _frozen(array: npt.NDArray[np.float32]) -> Array:
    array.flags.writeable = False
    return array
