"""The step machine's panels: the pipeline of the step at hand, the tree, and two branches side by side. Pure."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from gptviz import views
from gptviz.decoding import Sample
from gptviz.readings import number, reading
from gptviz.recipes import python_lines
from gptviz.ui.message_types import Of
from gptviz.ui.pages.steps.scene import Steps
from gptviz.ui.walk.actions import next_token, strategy
from gptviz.ui.walk.scene import Told
from gptviz.ui.web.message import as_json

JSON = dict[str, Any]
#: What each filter is set to when it is switched on, and the value with which it is off; in the order of the chain.
FILTERS: dict[str, tuple[float, float]] = {
    "repetition_penalty": (1.2, 1.0),
    "no_repeat_ngram_size": (3, 0),
    "temperature": (0.8, 1.0),
    "top_k": (50, 0),
    "top_p": (0.9, 1.0),
    "min_p": (0.1, 0.0),
    "typical_p": (0.9, 1.0),
    "eta_cutoff": (0.002, 0.0),
}


class FilterControl(TypedDict):
    """What a control needs to know of a filter: the slider's ends and step, and what is off and on."""

    name: str
    low: float
    high: float
    off: float
    step: float
    on: float


class Shape(TypedDict):
    """How many layers and heads can be looked at."""

    n_layer: int
    n_head: int


class ControlsPart(TypedDict):
    """What the controls are made of."""

    filters: list[FilterControl]
    shape: Shape


def controls(scene: Steps) -> ControlsPart:
    """The filters in the order of the chain, and the model's heads."""
    parameters = {parameter.name: parameter for parameter in Sample.parameters}
    filters: list[FilterControl] = [
        {"name": name, "low": min(parameters[name].shown[0], off), "high": parameters[name].shown[1], "off": off,
         "step": parameters[name].step, "on": on}
        for name, (on, off) in FILTERS.items()
    ]  # fmt: skip
    shape = scene.context.lm.config
    return {"filters": filters, "shape": {"n_layer": shape.n_layer, "n_head": shape.n_head}}


class AtStep(Told):
    """Which step it is."""

    step: int


class PipelinePart(TypedDict):
    """Every stage of one choice."""

    pipeline: Annotated[JSON, Of(views.PipelineView, more=AtStep)] | None


def pipeline(scene: Steps) -> PipelinePart:
    """Every stage of the choice that follows the text in the picture."""
    walk, tree, lm = scene.walk, scene.tree, scene.context.lm
    logits = scene.trace.logits_at(-1)
    chain, u, drawn = next_token(logits, walk.view, scene.ids, tree.depth)
    ahead = [tree.nodes[node].token for node in tree.line() if tree.nodes[node].parent == tree.at]
    sample = strategy(walk.view)
    settings = {name: value for name, value in sample.to_dict().items() if isinstance(value, int | float)}
    view = views.pipeline(logits, chain, lm.tokenizer, pos=len(scene.ids) - 1, u=u, draw=drawn,
                          taken=ahead[0] if ahead else None, settings=settings)  # fmt: skip
    arguments = ", ".join(f"{name}={value!r}" for name, value in sample.to_dict(brief=True).items() if name != "name")
    python = python_lines(
        scene.quoted,
        lm.name,
        f"sample = gptviz.Sample({arguments})",
        "logits = trace.logits_at(-1)",
        "stages = decoding.stages(logits, sample, trace.ids)",
        f"u = decoding.uniform_at({walk.view.seed}, {tree.depth})",
        "drawn = decoding.draw(stages[-1].probs, u)",
        "settings = {name: value for name, value in sample.to_dict(brief=True).items() if name != 'name'}",
        "view = views.pipeline(logits, stages, lm.tokenizer, pos=len(trace) - 1, u=u, draw=drawn, settings=settings)",
        "figures.pipeline.columns(view)",
        imports=["from gptviz import decoding, figures, views"],
    )
    said = {"step": tree.depth, "reading": reading(view, scene.context.lang), "python": python}
    return {"pipeline": as_json(view) | said}


class TreePart(TypedDict):
    """The path with all its branches."""

    tree: Annotated[JSON, Of(views.TreeView, more=Told)] | None


def tree(scene: Steps) -> TreePart:
    """The tree, each branch with its log-probability where it has been read."""
    lm = scene.context.lm
    known = {node: nats for node, nats in scene.walk.pair.logprobs.items() if nats == nats}
    view = views.tree(scene.tree, lm.tokenizer, known)
    branches = [list(ids) for _, ids in scene.tree.leaves()]
    python = [
        "import gptviz",
        f"lm = gptviz.load({lm.name!r})",
        f"prompt = {list(scene.ids[: scene.n_prompt])}",
        f"branches = {branches}",
        "[float(lm.trace([*prompt, *ids]).logprobs[len(prompt) :].sum()) for ids in branches]",
    ]
    return {"tree": as_json(view) | {"reading": reading(view, scene.context.lang), "python": "\n".join(python)}}


class Ends(Told):
    """The two leaves compared, and how many times as likely the likelier one is."""

    node_a: int
    node_b: int
    times: str


class PairPart(TypedDict):
    """Two branches; None where there are not two."""

    pair: Annotated[JSON, Of(views.PairView, more=Ends)] | None


def pair(scene: Steps) -> PairPart:
    """Branches A and B at the step chosen."""
    if scene.leaves is None:
        return {"pair": None}
    lm, wanted = scene.context.lm, scene.walk.pair.step
    a, b = (scene.context.trace(scene.upto(node)) for node in scene.leaves)
    look = scene.look(len(a))
    longest = min(len(a), len(b)) - scene.n_prompt
    step = None if wanted is None else min(wanted, longest)
    view = views.pair(a, b, scene.n_prompt, lm.tokenizer, step=step, layer=look.layer, head=look.head)
    python = [
        "import gptviz",
        "from gptviz import views",
        f"lm = gptviz.load({lm.name!r})",
        f"a = lm.trace({list(a.ids)})",
        f"b = lm.trace({list(b.ids)})",
        f"views.pair(a, b, {scene.n_prompt}, lm.tokenizer, step={view.step}, layer={view.layer}, head={view.head})",
    ]
    power = abs(view.ratio)
    times = f"10^{power:.1f}" if power >= 4 else number(10**power, 1 if power < 2 else 0)
    own = {"node_a": scene.leaves[0], "node_b": scene.leaves[1], "times": times}
    return {"pair": as_json(view) | own | {"reading": reading(view, scene.context.lang), "python": "\n".join(python)}}
