"""The step machine's picture: the pipeline of the step at hand, the tree, and two branches side by side. Pure."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlencode

from gptviz import views
from gptviz.decoding import Sample
from gptviz.decoding.path import ROOT, PathTree
from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel
from gptviz.readings import number, reading
from gptviz.ui.pages.next_token import picture
from gptviz.ui.pages.next_token.actions import Tracer, next_token, prompt_ids, strategy, window
from gptviz.ui.pages.next_token.picture import Scene
from gptviz.ui.pages.next_token.state import Screen
from gptviz.ui.pages.steps.state import Steps, leaves_in_order
from gptviz.ui.prompts import vocabulary
from gptviz.ui.web.frame import python_lines, sorry_note
from gptviz.ui.web.message import as_json, pack

STRINGS = ("path.", "empty.", "steps.", "panel.distribution.filter.", "panel.sliders.", "strategy.parameter",
           "panel.attention.layer", "panel.attention.head")  # fmt: skip
#: What each filter is set to when it is switched on, and the value with which it is off; in the order of the chain.
FILTERS = {
    "repetition_penalty": (1.2, 1.0),
    "no_repeat_ngram_size": (3, 0),
    "temperature": (0.8, 1.0),
    "top_k": (50, 0),
    "top_p": (0.9, 1.0),
    "min_p": (0.1, 0.0),
    "typical_p": (0.9, 1.0),
    "eta_cutoff": (0.002, 0.0),
}
_AT_ONCE = 4  # branches read anew per picture; the rest in those that follow


def build(steps: Steps, screen: Screen, lm: LanguageModel, tracer: Tracer, *, lang: str,
          projector: bool = False) -> bytes:  # fmt: skip
    """The message that shows the step; also notes in ``screen.shown`` the view that it shows."""
    tree = screen.tree(vocabulary(lm))
    prompt, left_out = prompt_ids(lm, screen.text)
    ids = (prompt + tree.ids())[: window(lm)] if prompt else ()
    scene = Scene(screen, lm, tree, lang, ids, len(prompt), left_out)
    header = _frame(scene, steps, projector)
    if ids:
        pair = steps.pair(tree)
        unread = _read_branches(scene, steps, tracer, pair)
        header["running"] = unread
        header["pair"] = _pair(scene, steps, tracer, pair) if pair else None
        header["pipeline"] = _pipeline(scene, tracer(ids))
        header["tree"] = _tree(scene, steps)
        header["view"] |= {"pos": len(ids) - 1}
    screen.shown = header["view"]
    return pack(header, {}, STRINGS)


def sorry(screen: Screen, lm: LanguageModel, error: Exception, *, lang: str) -> bytes:
    """The message that keeps the text on the screen where ``build`` failed, and says so."""
    header = _frame(Scene(screen, lm, PathTree(), lang, (), 0, 0), Steps(), projector=False)
    header["notes"] = [sorry_note(error, lang)]
    return pack(header, {}, STRINGS)


def _frame(scene: Scene, steps: Steps, projector: bool) -> dict[str, Any]:
    """All of the header that needs no trace."""
    shape = scene.lm.config
    view = scene.screen.view.clamped(n_layer=shape.n_layer, n_head=shape.n_head, T=max(1, len(scene.ids)))
    header = picture.frame(scene, projector)
    return header | {
        "link": header["link"] + _link(scene.tree, steps),
        "view": asdict(replace(view, pos=None, key=None)),
        "filters": _filters(),
        "shape": {"n_layer": shape.n_layer, "n_head": shape.n_head},
        "running": False,
        "pipeline": None,
        "tree": None,
        "pair": None,
    }


def _filters() -> list[dict[str, Any]]:
    """What the controls need to know of each filter: the slider's ends and step, and what is off and on."""
    parameters = {parameter.name: parameter for parameter in Sample.parameters}
    return [
        {"name": name, "low": min(parameters[name].shown[0], off), "high": parameters[name].shown[1], "off": off,
         "step": parameters[name].step, "on": on}
        for name, (on, off) in FILTERS.items()
    ]  # fmt: skip


def _link(tree: PathTree, steps: Steps) -> str:
    """The part of the link that is this page's own."""
    order = leaves_in_order(tree)
    own = {name: order.index(node) for name, node in (("a", steps.a), ("b", steps.b)) if node in order}
    if steps.step is not None:
        own["cmp"] = steps.step
    return "&" + urlencode(own) if own else ""


def _pipeline(scene: Scene, trace: Trace) -> dict[str, Any]:
    """Every stage of the choice that follows the text in the picture."""
    screen, tree = scene.screen, scene.tree
    logits = trace.logits_at(-1)
    chain, u, drawn = next_token(logits, screen.view, scene.ids, tree.depth)
    ahead = [tree.nodes[node].token for node in tree.line() if tree.nodes[node].parent == tree.at]
    sample = strategy(screen.view)
    settings = {name: value for name, value in sample.to_dict().items() if isinstance(value, int | float)}
    taken = ahead[0] if ahead else None
    view = views.pipeline(logits, chain, scene.lm.tokenizer, pos=len(scene.ids) - 1, u=u, draw=drawn, taken=taken,
                          settings=settings)  # fmt: skip
    arguments = ", ".join(f"{name}={value!r}" for name, value in sample.to_dict(brief=True).items() if name != "name")
    python = python_lines(
        _prompt(scene),
        scene.lm.name,
        f"sample = gptviz.Sample({arguments})",
        "logits = trace.logits_at(-1)",
        "stages = decoding.stages(logits, sample, trace.ids)",
        f"u = decoding.uniform_at({screen.view.seed}, {tree.depth})",
        "drawn = decoding.draw(stages[-1].probs, u)",
        "settings = {name: value for name, value in sample.to_dict(brief=True).items() if name != 'name'}",
        "view = views.pipeline(logits, stages, lm.tokenizer, pos=len(trace) - 1, u=u, draw=drawn, settings=settings)",
        "figures.pipeline.columns(view)",
        imports=["from gptviz import decoding, figures, views"],
    )
    return as_json(view) | {"step": tree.depth, "reading": reading(view, scene.lang), "python": python}


def _prompt(scene: Scene) -> str | list[int]:
    """What the picture is of: the text as it was typed, or ids where it was cut or continued."""
    typed = not scene.left_out and len(scene.ids) == scene.n_prompt
    return scene.screen.text if typed else list(scene.ids)


def _whole(scene: Scene, node: int) -> tuple[int, ...]:
    """Prompt and branch up to ``node``, as many as are read at a time."""
    found: list[int] = []
    while node != ROOT:
        found.append(scene.tree.nodes[node].token)
        node = scene.tree.nodes[node].parent
    return (scene.ids[: scene.n_prompt] + tuple(reversed(found)))[: window(scene.lm)]


def _read_branches(scene: Scene, steps: Steps, tracer: Tracer, pair: tuple[int, int] | None) -> bool:
    """Note the log-probabilities of all branches; True where some are left for the next picture."""
    tree = scene.tree
    wanted = [tree.at, *(pair or ()), *(node for node, _ in reversed(tree.leaves()))]
    unread = [n for n in dict.fromkeys(wanted) if n != ROOT and n not in steps.logprobs]
    for node in unread[:_AT_ONCE]:
        nats = tracer(_whole(scene, node)).logprobs[scene.n_prompt :].tolist()
        way = [node]
        while tree.nodes[way[-1]].parent != ROOT:
            way.append(tree.nodes[way[-1]].parent)
        # a path longer than this model's context ends early: the rest is not known
        steps.logprobs |= dict(zip(reversed(way), nats, strict=False))
        steps.logprobs.setdefault(node, float("nan"))
    return len(unread) > _AT_ONCE


def _tree(scene: Scene, steps: Steps) -> dict[str, Any]:
    """The tree, each branch with its log-probability where it has been read."""
    known = {node: nats for node, nats in steps.logprobs.items() if nats == nats}
    view = views.tree(scene.tree, scene.lm.tokenizer, known)
    branches = [list(ids) for _, ids in scene.tree.leaves()]
    python = [
        "import gptviz",
        f"lm = gptviz.load({scene.lm.name!r})",
        f"prompt = {list(scene.ids[: scene.n_prompt])}",
        f"branches = {branches}",
        "[float(lm.trace([*prompt, *ids]).logprobs[len(prompt) :].sum()) for ids in branches]",
    ]
    return as_json(view) | {"reading": reading(view, scene.lang), "python": "\n".join(python)}


def _pair(scene: Scene, steps: Steps, tracer: Tracer, pair: tuple[int, int]) -> dict[str, Any]:
    """Branches A and B at the step chosen."""
    a, b = (tracer(_whole(scene, node)) for node in pair)
    shape = scene.lm.config
    look = scene.screen.view.clamped(n_layer=shape.n_layer, n_head=shape.n_head, T=len(a))
    head = {"layer": look.layer, "head": look.head}
    longest = min(len(a), len(b)) - scene.n_prompt
    step = None if steps.step is None else min(steps.step, longest)
    view = views.pair(a, b, scene.n_prompt, scene.lm.tokenizer, step=step, **head)
    python = [
        "import gptviz",
        "from gptviz import views",
        f"lm = gptviz.load({scene.lm.name!r})",
        f"a = lm.trace({list(a.ids)})",
        f"b = lm.trace({list(b.ids)})",
        f"views.pair(a, b, {scene.n_prompt}, lm.tokenizer, step={view.step}, layer={view.layer}, head={view.head})",
    ]
    power = abs(view.ratio)
    ratio = f"10^{power:.1f}" if power >= 4 else number(10**power, 1 if power < 2 else 0)
    own = {"node_a": pair[0], "node_b": pair[1], "times": ratio}
    return as_json(view) | own | {"reading": reading(view, scene.lang), "python": "\n".join(python)}
