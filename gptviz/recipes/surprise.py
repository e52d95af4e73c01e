"""How surprising a text is, token by token; and against another."""

from __future__ import annotations

from gptviz.recipes.builder import Prompt, python, quoted


def chain(text: Prompt, model: str, *, other: Prompt = "", window: int, start: bool = True) -> str:
    """The chain rule as a figure: bits of each token, end to end; with ``other``, two texts and which is likelier."""
    how = f"window={window}, start={start}"
    body = [f"one = surprise.read(lm, {quoted(text)}, {how})"]
    if other:
        body += [f"other = surprise.read(lm, {quoted(other)}, {how})",
                 "print(surprise.versus(one, other))", "draw.chain(one, other)"]  # fmt: skip
    else:
        body += ["print(one.bits, one.bits_per_byte, one.perplexity)", "draw.chain(one)"]
    return python(model, body, imports=["from gptviz.figures import surprise as draw",
                                        "from gptviz.views import surprise"])  # fmt: skip
