"""One head's steps, the sum behind a number, and what it moves."""

from __future__ import annotations

from gptviz.recipes.builder import Prompt, arguments, python

_ANALYSIS = ["from gptviz import analysis"]


def steps(prompt: Prompt, model: str, *, layer: int, head: int, query: int) -> str:
    """All vectors of one head at one query; the last line is what it adds to the stream."""
    return python(model, [f"found = analysis.attend(trace, {layer}, {head}, {query})",
                          "print(found.pattern)", "found.own"], imports=_ANALYSIS, trace=prompt)  # fmt: skip


def written_out(prompt: Prompt, model: str, *, layer: int, head: int, query: int, step: str, index: int,
                key: int | None) -> str:  # fmt: skip
    """The sum behind one number."""
    where = arguments({"step": step, "index": index, "key": key})
    return python(model, [f"analysis.written_out(trace, {layer}, {head}, {query}, {where})"], imports=_ANALYSIS,
                  trace=prompt)  # fmt: skip


def maps(prompt: Prompt, model: str, *, layer: int, head: int, rolled: bool) -> str:
    """What each query gets of each key; or the rollout up to a layer."""
    line = f"analysis.rollout(trace)[{layer}]" if rolled else f"analysis.value_weighted(trace)[{layer}, {head}]"
    return python(model, [line], imports=_ANALYSIS, trace=prompt)


def worksheet(prompt: Prompt, model: str, *, layer: int, head: int, query: int, key: int) -> str:
    """The exercise, with its results."""
    return python(model, [f"found = analysis.attend(trace, {layer}, {head}, {query})",
                          f"worksheet(found, labels(trace), {key})"],
                  imports=[*_ANALYSIS, "from gptviz.views import labels",
                           "from gptviz.views.worksheet import worksheet"],
                  trace=prompt)  # fmt: skip
