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
    """What each query gets of each key; or the rollout up to a layer; as a figure."""
    values = f"analysis.rollout(trace)[{layer}]" if rolled else f"analysis.value_weighted(trace)[{layer}, {head}]"
    drawn = (
        f"rollout(values, views.labels(trace), layer={layer})"
        if rolled
        else (f"value_weighted(values, views.labels(trace), layer={layer}, head={head})")
    )
    return python(model, [f"values = {values}", f"figures.mixing.{drawn}"],
                  imports=["from gptviz import analysis, figures, views"], trace=prompt)  # fmt: skip


def worksheet(prompt: Prompt, model: str, *, layer: int, head: int, query: int, key: int) -> str:
    """The exercise, with its results."""
    return python(model, [f"found = analysis.attend(trace, {layer}, {head}, {query})",
                          f"worksheet(found, labels(trace), {key})"],
                  imports=[*_ANALYSIS, "from gptviz.views import labels",
                           "from gptviz.views.worksheet import worksheet"],
                  trace=prompt)  # fmt: skip
