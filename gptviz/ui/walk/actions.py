"""What the buttons of a walk do: each action changes the path, the prompt, the seed, or what is compared. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import numpy as np

from gptviz.decoding import Sample, Stage, draw, stages, uniform_at
from gptviz.decoding.path import PathTree
from gptviz.language_model import LanguageModel
from gptviz.ui.controls import whole
from gptviz.ui.page import Action, Context, index
from gptviz.ui.prompts import chats, how, prompt_ids, vocabulary, window
from gptviz.ui.walk.state import View, Walk

_MOST = 2**31


def strategy(view: View) -> Sample:
    """The sampling that the sliders say; what is off is left out."""
    return _sampling(tuple(getattr(view, parameter.name) for parameter in Sample.parameters))


@lru_cache(maxsize=256)
def _sampling(settings: tuple[float, ...]) -> Sample:
    names = (parameter.name for parameter in Sample.parameters)
    return Sample.from_settings(dict(zip(names, settings, strict=True)))


def next_token(logits: np.ndarray, view: View, ids: tuple[int, ...], step: int) -> tuple[tuple[Stage, ...], float, int]:
    """(the stages of the choice, the uniform number of this step, the token it falls on)."""
    chain = stages(logits, strategy(view), ids)
    u = uniform_at(view.seed, step)
    return chain, u, draw(chain[-1].probs, u)


def _on_path(perform: Callable[[Action, Walk, Context, PathTree], None]) -> Callable[[Action, Walk, Context], None]:
    """An action on the path: afterwards the last position is looked at, in a text that is still the same."""

    def carry_out(action: Action, walk: Walk, context: Context) -> None:
        before = walk.text
        perform(action, walk, context, walk.tree(vocabulary(context.lm)))
        if walk.text == before:
            walk.follow()

    return carry_out


def _room(walk: Walk, context: Context, tree: PathTree) -> tuple[int, ...] | None:
    """The ids in the picture if one more fits, else None; nothing follows the end of the model's turn."""
    prompt, _ = prompt_ids(context.lm, walk.text, how(walk.view))
    if ended(walk, context.lm, tree):
        return None
    ids = prompt + tree.ids()
    return ids if prompt and len(ids) < window(context.lm) else None


def ended(walk: Walk, lm: LanguageModel, tree: PathTree) -> bool:
    """Whether the model has ended its turn in a chat; a text may go on after a mark that ends documents."""
    ids = tree.ids()
    return bool(ids) and chats(lm, how(walk.view)) and ids[-1] in lm.tokenizer.ends


@_on_path
def _step(action: Action, walk: Walk, context: Context, tree: PathTree) -> None:
    ids = _room(walk, context, tree)
    if ids is not None:
        _, _, token = next_token(context.trace(ids).logits_at(-1), walk.view, ids, tree.depth)
        tree.add(token, "greedy" if walk.view.temperature == 0 else "drawn")


@_on_path
def _back(action: Action, walk: Walk, context: Context, tree: PathTree) -> None:
    tree.back()


@_on_path
def _forward(action: Action, walk: Walk, context: Context, tree: PathTree) -> None:
    tree.forward()


@_on_path
def _choose(action: Action, walk: Walk, context: Context, tree: PathTree) -> None:
    token = index(action, "id", context.lm.config.vocab_size)
    ids = _room(walk, context, tree)
    if ids is None or token is None:
        return
    # else the bar was clicked in a picture that has passed
    if action.get("pos") is None or index(action, "pos", len(ids)) == len(ids) - 1:
        tree.add(token, "chosen")


@_on_path
def _jump(action: Action, walk: Walk, context: Context, tree: PathTree) -> None:
    node = index(action, "node", len(tree.nodes))
    if node is not None:
        tree.jump(node)


@_on_path
def _at(action: Action, walk: Walk, context: Context, tree: PathTree) -> None:
    place = index(action, "index", _MOST)
    if place is not None:
        tree.go(place)


@_on_path
def _reroll(action: Action, walk: Walk, context: Context, tree: PathTree) -> None:
    walk.view = replace(walk.view, seed=secrets.randbelow(10_000))


@_on_path
def _earlier(action: Action, walk: Walk, context: Context, tree: PathTree) -> None:
    earlier = walk.earlier(vocabulary(context.lm))
    place = index(action, "index", len(earlier))
    if place is not None:
        walk.set_text(earlier[place][0])


@_on_path
def _into_prompt(action: Action, walk: Walk, context: Context, tree: PathTree) -> None:
    """The text with what has been generated becomes the prompt; the path starts anew.

    Not in a chat: the model's reply is no part of the message.
    """
    if chats(context.lm, how(walk.view)):
        return
    added = context.lm.tokenizer.decode(tree.ids())
    if added:
        walk.set_text(walk.text + added)


def _pair(action: Action, walk: Walk, context: Context) -> None:
    """Compare other branches."""
    tree = walk.tree(vocabulary(context.lm))
    settle(walk, context)
    walk.pair.choose(tree, *(index(action, name, len(tree.nodes)) for name in ("a", "b")))


def _look(action: Action, walk: Walk, context: Context) -> None:
    """Compare them at another step."""
    settle(walk, context)
    walk.pair.step = whole(action.get("step"), 0, _MOST)


def _exact(action: Action, walk: Walk, context: Context) -> None:
    """Send every number of this text's matrix as it is, and not only as it is looked at."""
    walk.exact = True


def settle(walk: Walk, context: Context) -> None:
    """What is compared is about this prompt and this model, or forgotten."""
    walk.pair.settle(context.lm.name, context.lm.fingerprint, walk.text, walk.system)


ACTIONS: dict[str, Callable[[Action, Walk, Context], None]] = {
    "step": _step,
    "back": _back,
    "forward": _forward,
    "choose": _choose,
    "jump": _jump,
    "at": _at,
    "reroll": _reroll,
    "earlier": _earlier,
    "into_prompt": _into_prompt,
    "pair": _pair,
    "look": _look,
    "exact": _exact,
}
