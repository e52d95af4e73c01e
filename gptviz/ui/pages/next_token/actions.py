"""What the buttons do: each action changes the path, the prompt, or the seed. Pure: no Streamlit here."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gptviz.decoding import Sample, Stage, draw, stages, uniform_at
from gptviz.decoding.path import PathTree
from gptviz.errors import GptvizError
from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.next_token.state import Screen, View

#: The picture's reader: ids → their trace (cached).
Tracer = Callable[[tuple[int, ...]], Trace]

MAX_TOKENS = 256  # read at a time: beyond it the pictures of all heads are larger than a screen


def window(lm: LanguageModel) -> int:
    """How many tokens are read at a time: the model's context, or less so that pictures stay pictures."""
    return min(lm.config.block_size, MAX_TOKENS)


def prompt_ids(lm: LanguageModel, text: str) -> tuple[tuple[int, ...], int]:
    """(ids that are read, how many tokens were left out before them); none where the model cannot read the text."""
    try:
        ids = lm.tokenizer.encode(text)
    except GptvizError:
        return (), 0
    left_out = max(0, len(ids) - window(lm))
    return tuple(ids[left_out:]), left_out


def unreadable(lm: LanguageModel, text: str) -> GptvizError | None:
    """Why the model cannot read ``text``, if so: a model of single characters knows only those it was trained on."""
    try:
        lm.tokenizer.encode(text)
    except GptvizError as error:
        return error
    return None


def strategy(view: View) -> Sample:
    """The sampling that the sliders say; what is off is left out."""
    return Sample(
        temperature=view.temperature,
        top_k=view.top_k or None,
        top_p=view.top_p if view.top_p < 1 else None,
        min_p=view.min_p or None,
        typical_p=view.typical_p if view.typical_p < 1 else None,
        repetition_penalty=view.repetition_penalty,
        eta_cutoff=view.eta_cutoff or None,
        no_repeat_ngram_size=view.no_repeat_ngram_size or None,
    )


def next_token(logits: np.ndarray, view: View, ids: tuple[int, ...], step: int) -> tuple[tuple[Stage, ...], float, int]:
    """(the stages of the choice, the uniform number of this step, the token it falls on)."""
    chain = stages(logits, strategy(view), ids)
    u = uniform_at(view.seed, step)
    return chain, u, draw(chain[-1].probs, u)


def carry_out(action: dict[str, Any], screen: Screen, lm: LanguageModel, vocabulary: str, tracer: Tracer) -> None:
    """Do one action; one that makes no sense (any more) changes nothing."""
    screen.done(action)
    perform = ACTIONS.get(str(action.get("kind")))
    if perform is None:
        return
    before = screen.text
    perform(action, screen, lm, screen.tree(vocabulary), tracer)
    if screen.text == before:
        screen.follow()


def _room(screen: Screen, lm: LanguageModel, tree: PathTree) -> tuple[int, ...] | None:
    """The ids in the picture if one more fits, else None."""
    prompt, _ = prompt_ids(lm, screen.text)
    ids = prompt + tree.ids()
    return ids if prompt and len(ids) < window(lm) else None


def _step(action: dict[str, Any], screen: Screen, lm: LanguageModel, tree: PathTree, tracer: Tracer) -> None:
    ids = _room(screen, lm, tree)
    if ids is not None:
        _, _, token = next_token(tracer(ids).logits_at(-1), screen.view, ids, tree.depth)
        tree.add(token, "greedy" if screen.view.temperature == 0 else "drawn")


def _back(action: dict[str, Any], screen: Screen, lm: LanguageModel, tree: PathTree, tracer: Tracer) -> None:
    tree.back()


def _forward(action: dict[str, Any], screen: Screen, lm: LanguageModel, tree: PathTree, tracer: Tracer) -> None:
    tree.forward()


def _choose(action: dict[str, Any], screen: Screen, lm: LanguageModel, tree: PathTree, tracer: Tracer) -> None:
    token, pos = action.get("id"), action.get("pos")
    ids = _room(screen, lm, tree)
    if ids is None or not isinstance(token, int) or isinstance(token, bool) or not 0 <= token < lm.config.vocab_size:
        return
    if pos is None or pos == len(ids) - 1:  # else the bar was clicked in a picture that has passed
        tree.add(token, "chosen")


def _jump(action: dict[str, Any], screen: Screen, lm: LanguageModel, tree: PathTree, tracer: Tracer) -> None:
    node = action.get("node")
    if isinstance(node, int):
        tree.jump(node)


def _at(action: dict[str, Any], screen: Screen, lm: LanguageModel, tree: PathTree, tracer: Tracer) -> None:
    index = action.get("index")
    if isinstance(index, int):
        tree.go(index)


def _reroll(action: dict[str, Any], screen: Screen, lm: LanguageModel, tree: PathTree, tracer: Tracer) -> None:
    screen.view = replace(screen.view, seed=secrets.randbelow(10_000))


def _earlier(action: dict[str, Any], screen: Screen, lm: LanguageModel, tree: PathTree, tracer: Tracer) -> None:
    vocabulary = next(v for (v, text), t in screen.trees.items() if t is tree)
    earlier = screen.earlier(vocabulary)
    index = action.get("index")
    if isinstance(index, int) and 0 <= index < len(earlier):
        screen.set_text(earlier[index][0])


def _into_prompt(action: dict[str, Any], screen: Screen, lm: LanguageModel, tree: PathTree, tracer: Tracer) -> None:
    added = lm.tokenizer.decode(tree.ids())
    if added:
        screen.set_text(screen.text + added)


ACTIONS = {
    "step": _step,
    "back": _back,
    "forward": _forward,
    "choose": _choose,
    "jump": _jump,
    "at": _at,
    "reroll": _reroll,
    "earlier": _earlier,
    "into_prompt": _into_prompt,
}
