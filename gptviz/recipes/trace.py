"""Pictures of one trace, as on the first screen: chips, attention, mask, cell, mosaic, the next token."""

from __future__ import annotations

from typing import Any

from gptviz.decoding import Sample
from gptviz.recipes.builder import Prompt, arguments, call, python

_FIGURES = {
    "chips": ("tokens.chips", "chips", ("n_prompt",)),
    "attention": ("attention.heatmap", "attention", ("layer", "head", "stage")),
    "mask": ("attention.mask", "mask", ()),
    "mosaic": ("mosaic.grid", "mosaic", ()),
}
_CELL = ("layer", "head", "query_pos", "key_pos")


def python_call(kind: str, prompt: Prompt, model: str, **params: Any) -> str:
    """Python that rebuilds a picture in a notebook; its last line is the figure (for ``cell``, the numbers).

    ``kind`` is chips, attention, mask, cell, mosaic, distribution or cumulative; ``params`` are the arguments of its
    view, and for a distribution ``pos``, the settings of ``Sample`` (see ``Sample.from_settings``), and ``seed`` and
    ``step`` of the draw (without a seed: ``actual_id`` where a token follows). What was typed is quoted by ``repr``.
    Raises KeyError for another kind.
    """
    if kind == "cell":
        imports, lines = "views", [f"views.cell({_after_trace(params, _CELL)})"]
    elif kind in ("distribution", "cumulative"):
        figure = "bars" if kind == "distribution" else "cumulative"
        imports, lines = "decoding, figures, views", _distribution(figure, params)
    else:
        name, view, names = _FIGURES[kind]
        imports, lines = "figures, views", [f"figures.{name}(views.{view}({_after_trace(params, names)}))"]
    return python(model, lines, imports=[f"from gptviz import {imports}"], trace=prompt)


def _distribution(figure: str, params: dict[str, Any]) -> list[str]:
    pos = int(params["pos"])
    lines = [
        f"sample = {call(Sample.from_settings(params))}",
        f"logits = trace.logits_at({pos})",
        f"stages = decoding.stages(logits, sample, trace.ids[:{pos + 1}])",
    ]
    extra = ""
    if params.get("seed") is not None:
        lines.append(f"u = decoding.uniform_at({int(params['seed'])}, {int(params.get('step', 0))})")
        extra = ", u=u, draw=decoding.draw(stages[-1].probs, u)"
    elif params.get("actual_id") is not None:
        extra = f", actual_id=trace.ids[{pos + 1}]"
    lines.append(f"view = views.distribution(logits, stages, lm.tokenizer, pos={pos}{extra})")
    return [*lines, f"figures.distribution.{figure}(view)"]


def _after_trace(params: dict[str, Any], names: tuple[str, ...]) -> str:
    return ", ".join(filter(None, ["trace", arguments(params, names)]))
