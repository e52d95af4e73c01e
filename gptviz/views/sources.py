"""What a view reads, by shape alone: a trace, the stages of a draw and a tokenizer, wherever they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from gptviz.tokens.pieces import Token

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]


class TraceLike(Protocol):
    """See ``gptviz.gpt.trace.Trace``; H = n_head, d = head_dim."""

    @property
    def tokens(self) -> Sequence[Token]: ...
    @property
    def logprobs(self) -> Floats: ...  # (T,) nats

    @property
    def q(self) -> npt.NDArray[np.float32]: ...  # (n_layer, H, T, d)
    @property
    def k(self) -> npt.NDArray[np.float32]: ...  # (n_layer, H or a divisor of it, T, d)
    @property
    def shades(self) -> npt.NDArray[np.uint8]: ...  # (n_layer, H, T, T), the pattern in steps of 1/255
    @property
    def windows(self) -> Sequence[int]: ...  # of each layer: how many positions a query sees, 0: all; none: all in all
    def scores_of(self, layer: int, head: int, /) -> npt.NDArray[np.float32]: ...  # (T, T)
    def pattern_of(self, layer: int, head: int, /) -> npt.NDArray[np.float32]: ...  # (T, T)


class StageLike(Protocol):
    """See ``gptviz.decoding.Stage``: a filter's name, what is still in play after it, and with which probability."""

    @property
    def name(self) -> str: ...
    @property
    def kept(self) -> Bools: ...  # (V,)
    @property
    def probs(self) -> Floats: ...  # (V,)


class TokenizerLike(Protocol):
    """See ``gptviz.tokens.tokenizer.Tokenizer``."""

    @property
    def vocab_size(self) -> int: ...
    def token_bytes(self, token: int, /) -> bytes: ...
