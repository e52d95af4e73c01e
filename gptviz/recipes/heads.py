"""What heads look at, runs with something changed, and one run's states put into another."""

from __future__ import annotations

from collections.abc import Sequence

from gptviz.recipes.builder import Prompt, python, quoted


def scores(model: str) -> str:
    """The table of all scores."""
    return python(model, ["gptviz.analysis.head_scores(lm)"])


def ablated(prompt: Prompt, model: str, *, layer: int, head: int, mode: str) -> str:
    """The next token and the loss with one head switched off."""
    return edited(prompt, model, [f"edits.ablate(layer={layer}, head={head}, mode={mode!r})"])


def edited(prompt: Prompt, model: str, changes: Sequence[str]) -> str:
    """The next token and the loss with these changes; each is Python that makes an edit."""
    body = [f"edited = lm.trace({quoted(prompt)}, edits=[{', '.join(changes)}])", "change(trace, edited, lm.tokenizer)"]
    imports = ["from gptviz.views.change import change"] + ["from gptviz import edits"] * bool(changes)
    return python(model, body, imports=imports, trace=prompt)


def patching(clean: Prompt, corrupt: Prompt, model: str) -> str:
    """Both maps of a patching."""
    return python(model, [f"gptviz.analysis.patch(lm, {quoted(clean)}, {quoted(corrupt)})"])


def breaking(prompt: Prompt, model: str, mode: str) -> str:
    """The curve of heads taken away."""
    body = [f"list(breaking.curve(lm, trace.ids, mode={mode!r}))"]
    return python(model, body, imports=["from gptviz.analysis import breaking"], trace=prompt)
