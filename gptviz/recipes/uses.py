"""A prompt that is gone on with."""

from __future__ import annotations

from gptviz.decoding import Strategy
from gptviz.recipes.builder import Prompt, call, python, quoted


def written(prompt: Prompt, model: str, *, way: Strategy, length: int, seed: int) -> str:
    """The continuation, a token at a time."""
    body = [f"for step in lm.generate({quoted(prompt)}, {call(way)}, max_new_tokens={length}, seed={seed}):",
            "    print(step.piece.decode('utf-8', 'replace'), end='')"]  # fmt: skip
    return python(model, body)
