"""Python that rebuilds a picture in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gptviz.decoding import Sample

_FIGURES = {
    "chips": ("tokens.chips", "views.chips(trace{arguments})", ("n_prompt",)),
    "attention": ("attention.heatmap", "views.attention(trace{arguments})", ("layer", "head", "stage")),
    "mask": ("attention.mask", "views.mask(trace{arguments})", ()),
    "mosaic": ("mosaic.grid", "views.mosaic(trace{arguments})", ()),
}
_CELL = ("layer", "head", "query_pos", "key_pos")


def python_call(kind: str, prompt: str | Sequence[int], model: str, **params: Any) -> str:
    """Python that rebuilds a picture in a notebook; its last line is the figure (for ``cell``, the numbers).

    ``kind`` is chips, attention, mask, cell, mosaic, distribution or cumulative; ``params`` are the arguments of its
    view, and for a distribution ``pos``, the fields of ``Sample``, and ``seed`` and ``step`` of the draw (without a
    seed: ``actual_id`` where a token follows). What was typed is quoted by ``repr``. Raises KeyError for another kind.
    """
    text = repr(prompt if isinstance(prompt, str) else [int(i) for i in prompt])
    head = ["import gptviz", f"lm = gptviz.load({str(model)!r})", f"trace = lm.trace({text})"]
    if kind == "cell":
        return _lines(head, ["from gptviz import views"], [f"views.cell(trace{_arguments(params, _CELL)})"])
    if kind in ("distribution", "cumulative"):
        return _distribution(kind, head, params)
    figure, view, names = _FIGURES[kind]
    drawn = f"figures.{figure}({view.format(arguments=_arguments(params, names))})"
    return _lines(head, ["from gptviz import figures, views"], [drawn])


def _distribution(kind: str, head: list[str], params: dict[str, Any]) -> str:
    pos = int(params["pos"])
    chosen = Sample.from_settings(params).to_dict(brief=True)
    body = [
        f"sample = gptviz.Sample({_arguments(chosen, list(chosen)[1:]).removeprefix(', ')})",
        f"logits = trace.logits_at({pos})",
        f"stages = decoding.stages(logits, sample, trace.ids[:{pos + 1}])",
    ]
    extra = ""
    if params.get("seed") is not None:
        body.append(f"u = decoding.uniform_at({int(params['seed'])}, {int(params.get('step', 0))})")
        extra = ", u=u, draw=decoding.draw(stages[-1].probs, u)"
    elif params.get("actual_id") is not None:
        extra = f", actual_id=trace.ids[{pos + 1}]"
    body.append(f"view = views.distribution(logits, stages, lm.tokenizer, pos={pos}{extra})")
    body.append(f"figures.distribution.{'bars' if kind == 'distribution' else 'cumulative'}(view)")
    return _lines(head, ["from gptviz import decoding, figures, views"], body)


def _arguments(params: dict[str, Any], names: Sequence[str]) -> str:
    return "".join(f", {name}={params[name]!r}" for name in names if params.get(name) is not None)


def _lines(head: list[str], imports: list[str], body: list[str]) -> str:
    return "\n".join([head[0], *imports, *head[1:], *body])
