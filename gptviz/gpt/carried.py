"""A trace of a pass that was done elsewhere: its arrays have been carried here, what needs the weights is asked for.

Scores and patterns follow from queries and keys, here as there. What is read from the residual stream by the model's
matrices does not: logits, what attention and MLP add, and one layer's attention written out come from the ``Source``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gptviz.errors import ServiceError
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.derived import POINTWISE, Reading
from gptviz.gpt.inner import Inner
from gptviz.gpt.layers import by_columns
from gptviz.gpt.model import GPT, Block
from gptviz.gpt.store import Store, roomy
from gptviz.gpt.taps import TAPS
from gptviz.gpt.trace import Trace
from gptviz.tokens.tokenizer import Tokenizer

Array = npt.NDArray[np.float32]
#: What is carried of each pass.
KEPT = tuple(name for name, tap in TAPS.items() if tap.kept)
CARRIED = (*KEPT, "shades", "logprobs", "last_logits")
_FOLLOW = ("scores", "pattern")  # from what is carried


class Source(Protocol):
    """Where the rest of one trace is asked for."""

    def logits(self, start: int, stop: int) -> Array:
        """(stop - start, vocab_size)."""

    def tap(self, name: str, layer: int, rows: tuple[int, int] | None = None) -> Array:
        """(T, …) one layer of a tap that is not carried; of some positions only, with ``rows`` (from, to)."""

    def attention(self, layer: int) -> Mapping[str, Array]:
        """The weights that ``Inner.weights`` names. Raises ServiceError where they are not to be had."""


def skeleton(config: GPTConfig) -> GPT:
    """A model of this shape without any weights: what a trace asks its model for beside them."""
    with torch.device("meta"):
        return GPT(config).eval()


@dataclass(frozen=True)
class CarriedReading(Reading):
    """The first ``T`` positions of a store that was carried here."""

    source: Source

    def all(self, name: str) -> Tensor:
        if TAPS[name].kept or name in _FOLLOW:
            return super().all(name)
        return torch.stack([self.layer(name, layer) for layer in range(self.model.config.n_layer)])

    def layer(self, name: str, layer: int) -> Tensor:
        if TAPS[name].kept or name in _FOLLOW:
            return super().layer(name, layer)
        return torch.from_numpy(self.source.tap(name, layer).copy())

    def rows(self, name: str, layer: int, at: slice) -> Tensor:
        if name not in POINTWISE or TAPS[name].kept:
            return super().rows(name, layer, at)
        start, stop, _ = at.indices(self.T)
        return torch.from_numpy(self.source.tap(name, layer, (start, stop)).copy())


class CarriedTrace(Trace):
    """A trace like any other, but for what cannot be had without the weights: that is a ServiceError."""

    def __init__(self, store: Store, ids: tuple[int, ...], model: GPT, tokenizer: Tokenizer, source: Source, *,
                 start: int = 0, earlier: Trace | None = None) -> None:  # fmt: skip
        super().__init__(store, ids, model, tokenizer, start=start, earlier=earlier)
        self.source = source
        self._reading = CarriedReading(model, store, len(ids), source)

    @property
    def logits(self) -> Array:
        """(T, vocab_size) float32."""
        if "all_logits" not in self.__dict__:
            self.__dict__["all_logits"] = _frozen(self.source.logits(0, len(self.ids)))
        found: Array = self.__dict__["all_logits"]
        return found

    def logits_at(self, pos: int) -> Array:
        pos = range(len(self.ids))[pos]
        if pos not in self._rows:
            self._rows[pos] = self.logits_between(pos, pos + 1)[0]
        return self._rows[pos]

    def logits_between(self, start: int, stop: int) -> Array:
        if "all_logits" in self.__dict__:
            return self.logits[start:stop]
        return _frozen(self.source.logits(start, stop))

    def inner(self, layer: int) -> Inner:
        layer = range(self.config.n_layer)[layer]
        with torch.device("meta"):
            block = Block(self.config, layer)
        weights = {name: torch.from_numpy(weight.copy()) for name, weight in self.source.attention(layer).items()}
        wanted = {name for name in block.state_dict() if name.startswith(("ln_1.", "attn."))}
        if wanted != weights.keys() or any(weights[name].shape != block.state_dict()[name].shape for name in wanted):
            raise ServiceError("remote.answer", status=502)
        laid = {name: by_columns(weight) if weight.ndim == 2 else weight for name, weight in weights.items()}
        block.load_state_dict(laid, strict=False, assign=True)
        return Inner(block.requires_grad_(False), self.config)

    def unembed(self, states: npt.ArrayLike) -> Array:
        _stay()

    def read_out(self, vectors: npt.ArrayLike) -> Array:
        _stay()

    def parts(self, pos: int) -> NoReturn:
        _stay()

    def direction(self, token: int) -> NoReturn:
        _stay()

    def final_scale(self, state: npt.ArrayLike) -> NoReturn:
        _stay()

    def neuron_rows(self, layer: int, neurons: Sequence[int]) -> Array:
        _stay()

    def embedding(self, pos: int) -> NoReturn:
        _stay()


def carried(model: GPT, tokenizer: Tokenizer, ids: tuple[int, ...], start: int, arrays: Mapping[str, npt.NDArray[Any]],
            source: Source, reuse: Trace | None) -> CarriedTrace:  # fmt: skip
    """The trace of ``ids`` whose positions from ``start`` on are in ``arrays``, those before in ``reuse``.

    Raises ServiceError where the arrays are not what was asked for: nothing that a stranger sent is believed.
    """
    T = len(ids)
    _check(model.config, T, start, arrays)
    if reuse is None or not start:
        store = Store(model, roomy(T))
        store.filled = T
    elif start == T:
        store = reuse.store
    else:
        store = reuse.store if reuse.store.claim(start, T) else reuse.store.copied(model, start, T)
    for name in KEPT if start < T else ():
        store.kept[name].narrow(-2, start, T - start).copy_(torch.from_numpy(arrays[name].copy()))
    if start < T:
        store.shades[:, :, start:T, :T] = torch.from_numpy(arrays["shades"].copy())
    trace = CarriedTrace(store, ids, model, tokenizer, source, start=start, earlier=reuse)
    trace.__dict__["logprobs"] = _frozen(arrays["logprobs"])
    trace._rows[T - 1] = _frozen(arrays["last_logits"])
    return trace


def _check(config: GPTConfig, T: int, start: int, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    sizes: dict[str, tuple[int, ...]] = {"logprobs": (T,), "last_logits": (config.vocab_size,)}
    for name in KEPT:
        size = TAPS[name].size(config, T)
        sizes[name] = (*size[:-2], T - start, size[-1])
    pattern = TAPS["pattern"].size(config, T)
    sizes["shades"] = (*pattern[:-2], T - start, T)
    for name, size in sizes.items():
        kind = np.uint8 if name == "shades" else np.float32
        if name not in arrays or arrays[name].shape != size or arrays[name].dtype != kind:
            raise ServiceError("remote.answer", status=502)


def _stay() -> NoReturn:
    raise ServiceError("remote.weights", status=404)


def _frozen(array: npt.NDArray[Any]) -> Array:
    found: Array = np.asarray(array)
    found.flags.writeable = False
    return found
