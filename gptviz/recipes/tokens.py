"""How a text becomes tokens: the film, one more letter, what it costs, and looking through a vocabulary."""

from __future__ import annotations

from gptviz.recipes.builder import python, quoted


def film(text: str, model: str) -> str:
    """The parts of a text after each merge."""
    body = [f"film = merges(lm.tokenizer, {quoted(text)})",
            "[[film.data[start:stop] for start, stop in film.parts(step)] for step in range(len(film.joins) + 1)]",
            ]  # fmt: skip
    return python(model, body, imports=["from gptviz.analysis import merges"])


def keystrokes(text: str, model: str, *, count: int) -> str:
    """What each of the last characters changes."""
    body = [f"keystrokes(lm.tokenizer, {quoted(text)}, {count})"]
    return python(model, body, imports=["from gptviz.analysis.merging import keystrokes"])


def costs(text: str, model: str, other: str) -> str:
    """One text in several vocabularies; ``other`` is a model's name, or empty."""
    rows = ["cost(lm.tokenizer, text)"]
    if other:
        rows.append(f"cost(gptviz.load({other!r}).tokenizer, text)")
    rows += ["cost_in_bytes(text)", "cost_in_characters(text)"]
    body = [f"text = {quoted(text)}", f"[{', '.join(rows)}]"]
    imports = ["from gptviz.analysis.merging import cost, cost_in_bytes, cost_in_characters"]
    return python(model, body, imports=imports)


def search(query: str, model: str, *, most: int) -> str:
    """The tokens that hold a text."""
    body = [f"find_tokens(all_bytes(lm.tokenizer), {quoted(query)}, most={most})"]
    return python(model, body, imports=["from gptviz.analysis.vocabulary import all_bytes, find_tokens"])
