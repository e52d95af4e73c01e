"""Llama (Touvron et al. 2023), and who stores models in its way: SmolLM, TinyLlama, Llama 3.x with its long context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from gptviz.gpt.families._llama_like import LlamaLike, biases_of
from gptviz.schema import Flag, Rule


class Llama(LlamaLike):
    """Biases only where the file says so, in attention, in the MLP, or both."""

    model_type: ClassVar[str] = "llama"
    rules: ClassVar[Mapping[str, Rule]] = {"attention_bias": Flag(), "mlp_bias": Flag()}

    def parts(self, said: Mapping[str, Any], folder: str) -> dict[str, Any]:
        return {"biases": biases_of(said)}
