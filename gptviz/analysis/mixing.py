"""What attention moves between positions: weights with the size of what they weigh, and weights through all layers.

A pattern says how much of a key's value a query takes, not how large that is: many heads look at the first token, whose
value there is small. Both measures here look at attention alone; neither says why a token was predicted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from gptviz.gpt.trace import Trace

Floats = npt.NDArray[np.float32]


def value_weighted(trace: Trace) -> Floats:
    """(n_layer, n_head, T, T): how much each query gets of each key, ‖pattern[query, key] · v[key] W_O‖.

    The length of the vector that this head adds to the query's stream for this key, 0 above the diagonal: Kobayashi et
    al. 2020, "Attention is Not Only a Weight", equation 4, with the output matrix, without biases. The lengths of a row
    add up to more than the length of their sum, for they point in different directions.
    """
    return np.stack([value_weighted_of(trace, layer) for layer in range(trace.config.n_layer)])


def value_weighted_of(trace: Trace, layer: int) -> Floats:
    """(n_head, T, T): the same of one layer."""
    found: Floats = np.abs(trace.layer("pattern", layer)) * value_sizes(trace, layer)[:, None, :]
    return found


def value_sizes(trace: Trace, layer: int) -> Floats:
    """(n_head, T): ‖v W_O‖ of each key, by the matrix of each head; where heads share values, their matrices differ."""
    output = trace.inner(layer).output()  # (n_head, d, C)
    values = trace.layer("v", layer)  # (n_kv_head, T, d)
    shared = np.repeat(values, len(output) // len(values), axis=0)  # (n_head, T, d)
    sizes: Floats = np.linalg.norm(shared @ output, axis=-1)
    return sizes


def rollout(trace: Trace, *, layers: int | None = None) -> Floats:
    """(n_layer, T, T): of each position after each layer, the shares of the tokens that attention mixed into it.

    Of the first ``layers`` only, where that is said.

    Attention rollout, Abnar & Zuidema 2020, section 3: the product over the layers of (A + I) / 2, A the mean pattern
    of a layer's heads, I for the residual stream, each row divided by its sum; rows sum to 1. It ignores what values
    and the output matrix make of what is moved, that the stream is not half and half, and the MLPs: no more than a
    picture of where something could have come from. ``value_weighted`` says what was moved.
    """
    T = len(trace)
    kept, found = np.eye(T), []
    for layer in range(trace.config.n_layer if layers is None else layers):
        mean = trace.layer("pattern", layer).mean(axis=0, dtype=np.float64)  # (T, T)
        step = (mean + np.eye(T)) / 2
        kept = step / step.sum(axis=-1, keepdims=True) @ kept
        found.append(kept.astype(np.float32))
    return np.stack(found)
