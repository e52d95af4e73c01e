"""One distribution at every temperature: bars, curves, what top-p keeps, the die."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from gptviz.recipes.builder import Prompt, python


def sweep(figure: Literal["bars", "curve", "entropy"], prompt: Prompt, model: str, *, temperature: float) -> str:
    """One figure of the distribution at all temperatures, of which one is pointed out."""
    body = ["view = softmax.sweep(trace.logits_at(-1), lm.tokenizer)", f"draw.{figure}(view, {_at(temperature)})"]
    return _softmax(prompt, model, body)


def nucleus(prompt: Prompt, model: str, *, temperature: float, share: float) -> str:
    """How many tokens top-p keeps after each token of the text."""
    kept = f"softmax.nucleus(trace.logits, labels(trace), {_at(temperature)})"
    return _softmax(prompt, model, [f"draw.nucleus({kept}, share={share!r})"], views="labels, softmax")


def die(prompt: Prompt, model: str, *, temperature: float, seed: int, n: int) -> str:
    """``n`` rolls of the die whose faces are the vocabulary, and how their shares come nearer to the probabilities."""
    body = [
        "logits = trace.logits_at(-1)",
        "shown = [row.id for row in softmax.sweep(logits, lm.tokenizer).rows]",
        f"die = rolls.Rolls(softmax.at_temperature(logits, {temperature!r}), seed={seed}, shown=shown)",
        f"die.roll({n})",
        "draw.distances(die.view())",
    ]
    return _softmax(prompt, model, body, more=["from gptviz.analysis import rolls"])


def _softmax(prompt: Prompt, model: str, body: Sequence[str], views: str = "softmax",
             more: Sequence[str] = ()) -> str:  # fmt: skip
    imports = [*more, "from gptviz.figures import softmax as draw", f"from gptviz.views import {views}"]
    return python(model, body, imports=imports, trace=prompt)


def _at(temperature: float) -> str:
    return f"temperature={temperature!r}"
