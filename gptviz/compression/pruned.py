"""A model without some of its heads or layers.

A **head** that is left out stays in its place and is empty: its rows of the output matrix and its queries are 0, and
its keys and values too, once no other head reads them. All shapes remain, so that whatever opens the model opens this
one; it is no smaller and no faster, and says exactly what the model says when ``gptviz.edits.ablate`` switches these
heads off. A **layer** that is left out is gone: ``n_layer`` is smaller, and so are the file and the time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import torch

from gptviz.compression.forms import widened
from gptviz.errors import ConfigError
from gptviz.gpt.attention import CausalSelfAttention
from gptviz.gpt.layout import HEAD, WTE
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import built
from gptviz.language_model import LocalModel


def pruned(lm: LocalModel, *, heads: Collection[tuple[int, int]] = (), layers: Collection[int] = ()) -> LocalModel:
    """A float32 copy of ``lm`` without these ``(layer, head)`` and these layers, both counted as in ``lm``.

    Raises ConfigError where there is no such part, or no layer would be left.
    """
    c = lm.config
    for layer, head in heads:
        if not (0 <= layer < c.n_layer and 0 <= head < c.n_head):
            raise ConfigError("compress.no_part", part=f"{layer}.{head}", model=lm.name)
    for layer in layers:
        if not 0 <= layer < c.n_layer:
            raise ConfigError("compress.no_part", part=layer, model=lm.name)
    if len(set(layers)) >= c.n_layer:
        raise ConfigError("compress.no_layer", model=lm.name)
    model = widened(lm.model)
    with torch.no_grad():
        for layer, block in enumerate(model.blocks):
            gone = {head for of, head in heads if of == layer}
            if gone:
                _empty(block.attn, gone)
    kept = [layer for layer in range(c.n_layer) if layer not in layers]
    shorter = model if len(kept) == c.n_layer else _only(model, kept)
    return LocalModel(shorter, lm.tokenizer, name=lm.name, chat_template=lm.chat_template)


def _empty(attn: CausalSelfAttention, gone: Collection[int]) -> None:
    """Set to 0 what these heads read and write."""
    d, H, K = attn.head_dim, attn.n_head, attn.n_kv_head
    unread = [k for k in range(K) if all(k * attn.group + i in gone for i in range(attn.group))]
    columns = [*gone, *(H + k for k in unread), *(H + K + k for k in unread)]  # queries, then keys, then values
    for head in gone:
        attn.c_proj.weight[head * d : (head + 1) * d] = 0
    for column in columns:
        attn.c_attn.weight[:, column * d : (column + 1) * d] = 0
        if attn.c_attn.bias is not None:
            attn.c_attn.bias[column * d : (column + 1) * d] = 0


def _only(model: GPT, kept: list[int]) -> GPT:
    """The model of these layers alone, in their order."""
    state = {}
    for name, value in model.state_dict().items():
        begin, _, rest = name.partition("transformer.h.")
        layer, _, inner = rest.partition(".")
        if begin or not rest:
            state[name] = value
        elif int(layer) in kept:
            state[f"transformer.h.{kept.index(int(layer))}.{inner}"] = value
    if model.config.tied:
        state[HEAD] = state[WTE]
    windows = tuple(model.config.windows[layer] for layer in kept) if model.config.windows else ()
    shorter = built(replace(model.config, n_layer=len(kept), windows=windows), state)
    shorter.n_tokens = model.n_tokens
    return shorter
