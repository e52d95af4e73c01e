"""How alike two positions are to a model: learned rows, sine waves, turns; the model's own, or by formula.

Learned positions (Radford et al. 2018) are rows of a matrix like any other. Sine waves (Vaswani et al. 2017, section
3.5) are rows that a formula gives. With rotary positions (Su et al. 2021, section 3.2) there are no rows: queries and
keys are turned, pair by pair, by an angle that grows with the position, so that only the distance counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from gptviz.errors import ConfigError
from gptviz.gpt.positions import USUAL, frequencies, sinusoids
from gptviz.language_model import Array, LanguageModel

Scheme: TypeAlias = Literal["learned", "sinusoidal", "rotary"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
_TINY = 1e-12


class PositionSimilarity(NamedTuple):
    """Positions compared, two by two."""

    scheme: Scheme
    own: bool  # these are the model's own numbers; else what the formula gives at its width
    positions: tuple[int, ...]
    values: Array  # (n, n) from −1 to 1


def own_scheme(lm: LanguageModel) -> Scheme:
    """How the model is told where a token stands."""
    return next(scheme for scheme in SCHEMES if scheme == lm.config.position)


def position_rows(lm: LanguageModel, positions: Sequence[int], scheme: Scheme | None = None) -> Array:
    """(n, C): what is added to a token's row at each of ``positions``: learned rows, or sine waves.

    Raises ConfigError for ``learned`` where the model has learned none, and for ``rotary``, which adds nothing.
    """
    scheme = scheme or own_scheme(lm)
    if scheme == "sinusoidal":
        every: Array = sinusoids(0, max(positions, default=0) + 1, lm.config.n_embd).numpy()
        return every[list(positions)]
    if scheme == "rotary" or lm.config.position != scheme:
        raise ConfigError("config.no_positions", scheme=scheme, position=lm.config.position)
    return lm.rows("positions", positions)


def turns(lm: LanguageModel) -> npt.NDArray[np.float64]:
    """(width / 2,) radians that each pair of a query's or key's numbers turns from one position to the next.

    The model's own where it is rotary, with its base and its scaling; else θ_i = 10000^(−2i/d) for heads of its width.
    """
    width = lm.config.rotary_width or lm.config.head_dim // 2 * 2
    rotary = lm.config.rotary if lm.config.rotary_width else USUAL
    return frequencies(width, rotary).numpy().astype(np.float64)


def position_similarity(lm: LanguageModel, scheme: Scheme | None = None, *, positions: Sequence[int] | None = None
                        ) -> PositionSimilarity:  # fmt: skip
    """How alike ``positions`` are, by default all in the context, at most 64 of them, evenly.

    For ``learned`` and ``sinusoidal`` it is the cosine of two rows. For ``rotary`` it is the product of one unit vector
    turned to either position, where each pair of its numbers is equally long: the mean over the pairs of
    cos((m − n)·θ_i). ``scheme`` is by default the model's own; another is what the formula gives. Raises ConfigError
    for ``learned`` where the model has learned none: no formula gives them.

    >>> from gptviz import load
    >>> position_similarity(load(), "rotary", positions=[0, 5]).values.diagonal().tolist()
    [1.0, 1.0]
    """
    scheme, own = scheme or own_scheme(lm), own_scheme(lm)
    size = lm.config.block_size
    shown = tuple(range(0, size, -(-size // 64))) if positions is None else tuple(positions)
    if scheme == "rotary":
        apart = np.subtract.outer(np.array(shown, dtype=np.float64), shown)  # (n, n)
        values = np.mean([np.cos(apart * angle) for angle in turns(lm)], axis=0)
    else:
        rows = position_rows(lm, shown, scheme).astype(np.float64)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _TINY)
        values = rows @ rows.T
    return PositionSimilarity(scheme, scheme == own, shown, values.astype(np.float32))
