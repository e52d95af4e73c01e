"""A text under another mask, and the numbers against a claim."""

from __future__ import annotations

from gptviz.recipes.builder import Prompt, python, quoted


def under(prompt: Prompt, model: str, *, kind: str, prefix: int) -> str:
    """A run under a mask, and what it says of the text."""
    how = f", prefix={prefix}" if kind == "prefix" else ""
    body = [f"ids = tuple(lm.ids({quoted(prompt)}))", f"analysis.under_mask(lm, ids, {kind!r}{how})"]
    return python(model, body, imports=["from gptviz import analysis"])


def filled(sentence: str, word: int | None) -> str:
    """A blank, as two small models fill it; they come with the project, whatever model is open."""
    hidden = "" if word is None else f", {word}"
    body = [f"found = analysis.fill({quoted(sentence)}{hidden})", "found.masked.probs, found.causal.probs"]
    return "\n".join(["from gptviz import analysis", *body])


def evidence(prompt: Prompt, model: str, *, claim: str, said: list[str]) -> str:
    """The numbers against a claim."""
    more = "".join(f", {word!r}" for word in said)
    body = [f"ids = tuple(lm.ids({quoted(prompt)}))", f"claims.{claim}(lm, ids{more})"]
    return python(model, body, imports=["from gptviz.analysis import claims"])
