"""The step machine's panels: the pipeline of the step at hand, the tree, and two branches side by side. Pure."""

from __future__ import annotations

from typing import Annotated, TypedDict

from gptviz import views
from gptviz.decoding.parameter import Slider
from gptviz.decoding.parameters import sampling_parameters
from gptviz.readings import reading
from gptviz.recipes import decoding as recipes
from gptviz.rounding import number
from gptviz.ui.message_types import JSON, Of, Told
from gptviz.ui.pages.steps.scene import Steps
from gptviz.ui.walk.actions import next_token, strategy
from gptviz.ui.web.message import as_json
from gptviz.views.pipeline import PipelineRow


class Shape(TypedDict):
    """How many layers and heads can be looked at."""

    n_layer: int
    n_head: int


class ControlsPart(TypedDict):
    """What the controls are made of."""

    filters: list[Slider]
    shape: Shape


def controls(scene: Steps) -> ControlsPart:
    """The filters in the order of the chain, and the model's heads."""
    filters = [p.slider(switch=True) for p in sampling_parameters()]
    shape = scene.context.lm.config
    return {"filters": filters, "shape": {"n_layer": shape.n_layer, "n_head": shape.n_head}}


class AtStep(Told):
    """Which step it is, and the tokens that are shown."""

    step: int
    rows: list[Annotated[JSON, Of(PipelineRow, without=("bytes",))]]


class PipelinePart(TypedDict):
    """Every stage of one choice."""

    pipeline: Annotated[JSON, Of(views.PipelineView, without=("vocab_size", "rows"), more=AtStep)] | None


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
    python = recipes.pipeline(scene.quoted, lm.name, sample, seed=walk.view.seed, step=tree.depth)
    rows = [as_json(row, "bytes") for row in view.rows]
    said = {"step": tree.depth, "rows": rows, "reading": reading(view, scene.context.lang), "python": python}
    return {"pipeline": as_json(view, "vocab_size", "rows") | said}


class TreePart(TypedDict):
    """The path with all its branches."""

    tree: Annotated[JSON, Of(views.TreeView, without=("tip",), more=Told)] | None


def tree(scene: Steps) -> TreePart:
    """The tree, each branch with its log-probability where it has been read."""
    lm = scene.context.lm
    known = {node: nats for node, nats in scene.walk.pair.logprobs.items() if nats == nats}
    view = views.tree(scene.tree, lm.tokenizer, known)
    branches = [list(ids) for _, ids in scene.tree.leaves()]
    python = recipes.branches(scene.ids[: scene.n_prompt], lm.name, branches)
    return {"tree": as_json(view, "tip") | {"reading": reading(view, scene.context.lang), "python": python}}


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
    python = recipes.pair(a.ids, b.ids, lm.name, n_prompt=scene.n_prompt, step=view.step, layer=view.layer,
                          head=view.head)  # fmt: skip
    power = abs(view.ratio)
    times = f"10^{number(power, 1)}" if power >= 4 else number(10**power, 1 if power < 2 else 0)
    own = {"node_a": scene.leaves[0], "node_b": scene.leaves[1], "times": times}
    return {"pair": as_json(view) | own | {"reading": reading(view, scene.context.lang), "python": python}}
