"""Qwen 3 (Yang et al. 2025): a Llama whose queries and keys are normalised, head by head, before they are turned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from gptviz.gpt.families._llama_like import WINDOW_RULES, LlamaLike, biases_of, windows_by_layer
from gptviz.schema import Flag, Rule


class Qwen3(LlamaLike):
    """Heads of a width of their own: 128, where the file does not say."""

    model_type: ClassVar[str] = "qwen3"
    title: ClassVar[str] = "Qwen 3"
    gguf: ClassVar[str | None] = "qwen3"
    rules: ClassVar[Mapping[str, Rule]] = {**WINDOW_RULES, "attention_bias": Flag()}
    head: ClassVar[int | None] = 128

    def parts(self, said: Mapping[str, Any], folder: str) -> dict[str, Any]:
        return {"qk_norm": True, "biases": biases_of(said), "windows": windows_by_layer(said, folder)}
