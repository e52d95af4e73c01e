"""Attention of one layer in plain float64 numpy, of any family: what the steps of a head are compared with."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT

Doubles = npt.NDArray[np.float64]


def attention(
    model: GPT, layer: int, x: npt.ArrayLike, hidden: npt.NDArray[np.bool_] | None = None
) -> dict[str, Doubles]:
    """All steps from the stream ``x`` (T, C), by their names in ``analysis.terms.STEPS``, of all heads and positions.

    ``hidden`` (T, T) says where queries may not look, in the place of the model's own mask. Weights are read from the
    state dict, by GPT-2's names. No part of the model is called.
    """
    c = model.config
    w = {name: value.double().numpy() for name, value in model.state_dict().items()}
    at = f"transformer.h.{layer}."
    x = np.asarray(x, dtype=np.float64)
    T, d, H, K = len(x), c.head_dim, c.n_head, c.kv_heads
    norm = normalised(x, w[at + "ln_1.weight"], w.get(at + "ln_1.bias"), c.eps)
    made = norm @ w[at + "attn.c_attn.weight"] + w.get(at + "attn.c_attn.bias", 0.0)
    heads = made.reshape(T, H + 2 * K, d).transpose(1, 0, 2)  # (heads, T, d)
    plain = {"q": heads[:H], "k": heads[H : H + K]}
    found = {"x": x, "norm": norm, "v": heads[H + K :]}
    for part, vectors in plain.items():
        found[part + "_plain"] = vectors
        if c.qk_norm:
            vectors = found[part + "_unit"] = normalised(vectors, w[at + f"attn.ln_{part}.weight"], None, c.eps)
        found[part] = np.stack([[turned(row, pos, c) for pos, row in enumerate(head)] for head in vectors])
    group = H // K
    k, v = np.repeat(found["k"], group, axis=0), np.repeat(found["v"], group, axis=0)  # (H, T, d)
    found["raw"] = found["q"] @ k.transpose(0, 2, 1)
    found["scores"] = found["raw"] / math.sqrt(d)
    window = c.windows[layer] if c.windows else 0
    own = np.array([[key > query or bool(window and key <= query - window) for key in range(T)]
                       for query in range(T)])  # fmt: skip
    found["masked"] = np.where(own if hidden is None else hidden, -np.inf, found["scores"])
    e = np.exp(found["masked"] - found["masked"].max(-1, keepdims=True))
    found["pattern"] = e / e.sum(-1, keepdims=True)
    found["weighted"] = found["pattern"][..., None] * v[:, None]  # (H, query, key, d)
    found["z"] = found["weighted"].sum(2)
    found["concat"] = found["z"].transpose(1, 0, 2).reshape(T, H * d)
    rows = w[at + "attn.c_proj.weight"].reshape(H, d, -1)
    found["own"] = found["z"] @ rows  # (H, T, C)
    found["out"] = found["own"].sum(0) + w.get(at + "attn.c_proj.bias", 0.0)
    found["mid"] = x + found["out"]
    found["moved"] = found["pattern"] * np.sqrt(((v @ rows) ** 2).sum(-1))[:, None, :]  # (H, query, key)
    return found


def normalised(x: Doubles, weight: Doubles, bias: Doubles | None, eps: float) -> Doubles:
    """LayerNorm, or without a bias RMSNorm."""
    centred = x if bias is None else x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + eps) * weight + (0.0 if bias is None else bias)


def turned(x: Doubles, pos: int, c: GPTConfig) -> Doubles:
    """A query or key (d,) at ``pos``, pair by pair as complex numbers times e^{i angle}; no scaled context."""
    if c.position != "rotary":
        return x
    width, made = c.rotary_width, x.copy()
    for plane in range(width // 2):
        one, other = (plane, plane + width // 2) if c.rotary.halves else (2 * plane, 2 * plane + 1)
        turn = (x[one] + 1j * x[other]) * np.exp(1j * pos * c.rotary.base ** (-2 * plane / width))
        made[one], made[other] = turn.real, turn.imag
    return made


def forward(model: GPT, ids: tuple[int, ...], hidden: npt.NDArray[np.bool_]) -> Doubles:
    """(T, V) logits with queries kept from the keys that ``hidden`` (T, T) says, in every layer."""
    c = model.config
    w = {name: value.double().numpy() for name, value in model.state_dict().items()}
    x = w["transformer.wte.weight"][list(ids)] * c.embedding_scale
    if c.position == "learned":
        x = x + w["transformer.wpe.weight"][: len(ids)]
    for layer in range(c.n_layer):
        at = f"transformer.h.{layer}."
        mid = attention(model, layer, x, hidden)["mid"]
        read = normalised(x if c.parallel else mid, w[at + "ln_2.weight"], w.get(at + "ln_2.bias"), c.eps)
        inner = read @ w[at + "mlp.c_fc.weight"] + w.get(at + "mlp.c_fc.bias", 0.0)
        gate, up = np.split(inner, 2, axis=-1) if c.gated else (inner, 1.0)
        assert c.activation == "gelu_new"
        gelu = 0.5 * gate * (1 + np.tanh(math.sqrt(2 / math.pi) * (gate + 0.044715 * gate**3)))
        x = mid + gelu * up @ w[at + "mlp.c_proj.weight"] + w.get(at + "mlp.c_proj.bias", 0.0)
    last = normalised(x, w["transformer.ln_f.weight"], w.get("transformer.ln_f.bias"), c.eps)
    return (last @ w["lm_head.weight"].T)[:, : model.n_tokens]  # type: ignore[no-any-return]
