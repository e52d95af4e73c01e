"""The residual stream: its norms, the logit lens, two tokens through the layers, neurons, the ledger of a logit."""

from __future__ import annotations

from collections.abc import Sequence

from gptviz.recipes.builder import Prompt, python

_ANALYSIS = "from gptviz import analysis"


def norms(prompt: Prompt, model: str) -> str:
    """Sizes of the stream and of what each block adds."""
    body = [
        "np.linalg.norm(trace.resid, axis=-1).round(1)  # before each block, and after the last",
        "np.linalg.norm(trace.attn_out, axis=-1).round(1)",
        "np.linalg.norm(trace.mlp_out, axis=-1).round(1)",
    ]
    return python(model, body, imports=["import numpy as np"], trace=prompt)


def lens(prompt: Prompt, model: str) -> str:
    """The first choice after each block at every position, as a figure."""
    body = [
        "lens = analysis.logit_lens(trace)  # (layers + 1, T, vocabulary)",
        "figures.stream.lens(stream.lens(trace, lm.tokenizer))",
    ]
    imports = ["from gptviz import analysis, figures", "from gptviz.views import stream"]
    return python(model, body, imports=imports, trace=prompt)


def followed(prompt: Prompt, model: str, *, pos: int, tokens: Sequence[int]) -> str:
    """Tokens through the layers at one position."""
    body = [
        f"logits = analysis.logit_lens(trace, {pos})",
        f"[(x.token, x.ranks, np.exp(x.logprobs)) for x in (followed(logits, i) for i in {list(tokens)!r})]",
    ]
    imports = [_ANALYSIS, "from gptviz.analysis.lens import followed", "import numpy as np"]
    return python(model, body, imports=imports, trace=prompt)


def ledger(prompt: Prompt, model: str, *, pos: int, token: int, less: int | None, level: str) -> str:
    """A logit line by line, or the difference of two."""

    def of(i: int) -> str:
        return f"analysis.ledger(trace, {i}, {pos}, level={level!r})"

    def label(i: int) -> str:
        return f"token_label(lm.tokenizer, {i})"

    body = [
        f"ledger = {of(token)}" + ("" if less is None else f" - {of(less)}"),
        "print(ledger.total, ledger.logit, ledger.error)",
        f"figures.stream.ledger(ledger, {label(token)}" + ("" if less is None else f", rival={label(less)}") + ")",
    ]
    imports = ["from gptviz import analysis, figures", "from gptviz.views.distribution import token_label"]
    return python(model, body, imports=imports, trace=prompt)


def neurons(prompt: Prompt, model: str, *, layer: int, pos: int) -> str:
    """The most active neurons of a layer at a position."""
    body = [f"stream.neurons(trace, {layer}, {pos}, lm.tokenizer).neurons"]
    return python(model, body, imports=["from gptviz.views import stream"], trace=prompt)
