"""A GPT-2 in plain float64 numpy that hands every named place to a function: what taps and edits are compared with."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from gptviz.gpt.model import GPT
from tests.test_numpy_recompute import Doubles, Weights, linear, norm, softmax

#: (tap, layer, what came) → what goes on.
Change: TypeAlias = Callable[[str, int, Doubles], Doubles]


def weights_of(model: GPT) -> Weights:
    """By GPT-2's names."""
    return {name.removeprefix("transformer."): value.double().numpy() for name, value in model.state_dict().items()}


def everything(model: GPT, ids: Sequence[int], change: Change = lambda name, layer, x: x) -> dict[str, Doubles]:
    """Every tap as a whole, by name, each layer's as it went on. Learned positions only."""
    w, c = weights_of(model), model.config
    seen: dict[str, list[Doubles]] = {}

    def tap(name: str, layer: int, x: Doubles) -> Doubles:
        x = change(name, layer, x)
        seen.setdefault(name, []).append(x)
        return x

    T = len(ids)
    future = np.triu(np.ones((T, T), dtype=bool), 1) & c.causal
    x = w["wte.weight"][list(ids)] + w["wpe.weight"][:T]  # (T, C)
    for layer in range(c.n_layer):
        name = f"h.{layer}."
        x = tap("resid", layer, x)
        qkv = linear(w, name + "attn.c_attn", norm(w, name + "ln_1", x, c.eps))  # (T, 3C)
        heads = (part.reshape(T, c.n_head, -1).transpose(1, 0, 2) for part in np.split(qkv, 3, axis=1))
        q, k, v = (tap(place, layer, part) for place, part in zip("qkv", heads, strict=True))
        scores = tap("scores", layer, q @ k.transpose(0, 2, 1) / math.sqrt(c.head_dim))  # (n_head, T, T)
        pattern = tap("pattern", layer, softmax(np.where(future, -np.inf, scores)))
        z = tap("z", layer, pattern @ v)  # (n_head, T, d)
        out = tap("attn_out", layer, linear(w, name + "attn.c_proj", z.transpose(1, 0, 2).reshape(T, -1)))
        x = tap("resid_mid", layer, x + out)
        inner = linear(w, name + "mlp.c_fc", norm(w, name + "ln_2", x, c.eps))
        hidden = 0.5 * inner * (1 + np.tanh(math.sqrt(2 / math.pi) * (inner + 0.044715 * inner**3)))
        hidden = tap("mlp_hidden", layer, hidden)  # (T, 4C)
        x = x + tap("mlp_out", layer, linear(w, name + "mlp.c_proj", hidden))
    x = tap("resid", c.n_layer, x)
    last = tap("hidden", 0, norm(w, "ln_f", x, c.eps))
    found = {name: np.stack(layers) for name, layers in seen.items()} | {"hidden": last}
    return found | {"logits": last @ w["lm_head.weight"].T}


def close(ours: npt.ArrayLike, plain: Doubles, what: str) -> None:
    """Within 1e-4 of the numbers' scale."""
    finite = np.isfinite(plain)
    scale = max(1.0, float(np.abs(plain[finite]).max(initial=0.0)))
    np.testing.assert_allclose(ours, plain, atol=1e-4 * scale, rtol=0, err_msg=what)
