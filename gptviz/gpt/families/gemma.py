"""Gemma (Gemma Team 2024), the first edition: a Llama with GELU, norms stored as w - 1, and embeddings scaled up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor

from gptviz.gpt.families._llama_like import LlamaLike, biases_of
from gptviz.gpt.family import refuse
from gptviz.gpt.fields import activation
from gptviz.schema import Flag, Rule, Text


class Gemma(LlamaLike):
    """Its first files say ``gelu`` and mean the tanh form, which transformers computes for them too."""

    model_type: ClassVar[str] = "gemma"
    title: ClassVar[str] = "Gemma"
    rules: ClassVar[Mapping[str, Rule]] = {
        "attention_bias": Flag(),
        "hidden_activation": Text(100),
        "use_bidirectional_attention": Flag(),
    }
    tied: ClassVar[bool] = True
    head: ClassVar[int | None] = 256

    def parts(self, said: Mapping[str, Any], folder: str) -> dict[str, Any]:
        refuse(said, folder, {"use_bidirectional_attention": not said.get("use_bidirectional_attention", False)})
        field = "hidden_activation" if "hidden_activation" in said else "hidden_act"
        named = activation(said, folder, field, "gelu_new")
        return {
            "activation": "gelu_new" if named == "gelu" else named,
            "biases": biases_of(said),
            "embedding_scale": math.sqrt(said["hidden_size"]),
        }

    @staticmethod
    def norm_change(weight: Tensor) -> Tensor:
        return weight.float() + 1.0
