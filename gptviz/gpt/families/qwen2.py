"""Qwen 2 and 2.5 (Yang et al. 2024): a Llama with biases on queries, keys and values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from gptviz.gpt.families._llama_like import WINDOW_RULES, LlamaLike, windows_by_layer
from gptviz.schema import Rule


class Qwen2(LlamaLike):
    """A window in some layers, where the file switches it on."""

    model_type: ClassVar[str] = "qwen2"
    title: ClassVar[str] = "Qwen 2"
    gguf: ClassVar[str | None] = "qwen2"
    rules: ClassVar[Mapping[str, Rule]] = WINDOW_RULES

    def parts(self, said: Mapping[str, Any], folder: str) -> dict[str, Any]:
        return {"biases": ("qkv",), "windows": windows_by_layer(said, folder)}
