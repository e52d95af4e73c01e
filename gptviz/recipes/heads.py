"""What heads look at, runs with something changed, and one run's states put into another."""

from __future__ import annotations

from collections.abc import Sequence

from gptviz.recipes.builder import Prompt, python, quoted


def scores(model: str, score: str) -> str:
    """The table of all scores, and one of them as a figure."""
    body = ["found = analysis.head_scores(lm)  # a DataFrame", "print(found)",
            f"figures.heads.grid([HeadScores(*row) for row in found.itertuples(index=False)], {score!r})"]  # fmt: skip
    imports = ["from gptviz import analysis, figures", "from gptviz.analysis.heads import HeadScores"]
    return python(model, body, imports=imports)


def ablated(prompt: Prompt, model: str, *, layer: int, head: int, mode: str) -> str:
    """The next token and the loss with one head switched off."""
    return edited(prompt, model, [f"edits.ablate(layer={layer}, head={head}, mode={mode!r})"])


def edited(prompt: Prompt, model: str, changes: Sequence[str]) -> str:
    """The next token and the loss with these changes; each is Python that makes an edit."""
    body = [f"edited = lm.trace({quoted(prompt)}, edits=[{', '.join(changes)}])", "change(trace, edited, lm.tokenizer)"]
    imports = ["from gptviz.views.change import change"] + ["from gptviz import edits"] * bool(changes)
    return python(model, body, imports=imports, trace=prompt)


def patching(clean: Prompt, corrupt: Prompt, model: str) -> str:
    """Both maps of a patching, as a figure."""
    body = [f"found = analysis.patch(lm, {quoted(clean)}, {quoted(corrupt)})",
            "figures.patching.maps(found, lm.tokenizer)"]  # fmt: skip
    return python(model, body, imports=["from gptviz import analysis, figures"])


def breaking(prompt: Prompt, model: str, mode: str) -> str:
    """The curve of heads taken away."""
    body = [f"list(breaking.curve(lm, trace.ids, mode={mode!r}))"]
    return python(model, body, imports=["from gptviz.analysis import breaking"], trace=prompt)
