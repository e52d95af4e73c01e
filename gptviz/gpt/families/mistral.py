"""Mistral (Jiang et al. 2023): a Llama whose queries see a window of the text, in every layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from gptviz.gpt.config import LARGEST
from gptviz.gpt.families._llama_like import LlamaLike, windows_of
from gptviz.schema import Rule, Whole


class Mistral(LlamaLike):
    """No biases; a window where the file names one that is shorter than the context."""

    model_type: ClassVar[str] = "mistral"
    title: ClassVar[str] = "Mistral"
    rules: ClassVar[Mapping[str, Rule]] = {"sliding_window": Whole(1, LARGEST["block_size"])}

    def parts(self, said: Mapping[str, Any], folder: str) -> dict[str, Any]:
        return {"windows": windows_of(said, dict.fromkeys(range(said["num_hidden_layers"]), True))}
