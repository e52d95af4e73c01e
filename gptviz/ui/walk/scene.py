"""What one picture of a walk is made of: the ids in the picture, their trace, what the reader should know. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gptviz.decoding.path import MOST_TOKENS, PathTree
from gptviz.gpt.trace import Trace
from gptviz.i18n import translate
from gptviz.recipes import Prompt
from gptviz.ui.page import Context, Note, Scene, left_out_note
from gptviz.ui.prompts import how, prompt_ids, quoted, vocabulary, window
from gptviz.ui.walk.actions import ended, strategy
from gptviz.ui.walk.state import ALWAYS, View, Walk


@dataclass(kw_only=True)
class WalkScene(Scene):
    """A walk at one moment."""

    walk: Walk
    context: Context
    tree: PathTree
    n_prompt: int
    left_out: int

    @cached_property
    def trace(self) -> Trace:
        """All that the model computed for ``ids``; only where there are any."""
        return self.context.trace(self.ids)

    @property
    def full(self) -> bool:
        """Whether no further token has room: in the context, or in the tree at the end of its line; or none follows."""
        if self.ended:
            return True
        tree_full = self.tree.full and self.tree.at == self.tree.tip
        return bool(self.ids) and (tree_full or len(self.ids) >= window(self.context.lm))

    @property
    def ended(self) -> bool:
        """Whether the model has ended its turn in a chat."""
        return ended(self.walk, self.context.lm, self.tree)

    @property
    def quoted(self) -> Prompt:
        """What a recipe reads: the text as it was typed, or ids where it was cut or continued."""
        if self.left_out or len(self.ids) > self.n_prompt:
            return list(self.ids)
        return quoted(self.context.lm, self.walk.text, how(self.walk.view))


def common(walk: Walk, context: Context) -> dict[str, Any]:
    """What every scene of a walk begins with, as arguments of ``WalkScene``."""
    tree, limit = walk.tree(vocabulary(context.lm)), window(context.lm)
    prompt, left_out = prompt_ids(context.lm, walk.text, how(walk.view))
    ids = (prompt + tree.ids())[:limit] if prompt else ()
    return {
        "walk": walk, "context": context, "tree": tree, "n_prompt": len(prompt), "left_out": left_out, "ids": ids,
        "ready": bool(ids), "read": bool(ids), "notes": _notes(walk, context, tree, ids, len(prompt), left_out),
    }  # fmt: skip


def _notes(walk: Walk, context: Context, tree: PathTree, ids: tuple[int, ...], n_prompt: int,
           left_out: int) -> list[Note]:  # fmt: skip
    limit, own = window(context.lm), vocabulary(context.lm)
    found = left_out_note(n_prompt, left_out, limit)
    others = (prompt.vocabulary for prompt, other in walk.trees.items() if prompt.text == walk.text and len(other))
    if not len(tree) and any(v != own for v in others):
        found.append(("info", "note.path_from_other_model", {}))
    if ids and len(ids) >= limit:
        found.append(("info", "note.full", {"limit": limit}))
    if tree.full:
        found.append(("warn", "note.tree_full", {"most": f"{MOST_TOKENS:,}"}))
    return found


def filters_elsewhere(view: View, lang: str) -> list[dict[str, str]]:
    """A note that names the filters that are on although the first screen has no slider for them."""
    names = [apply.name for apply in strategy(view).filters if apply.name not in ALWAYS]
    if not names:
        return []
    listed = translate("reading.comma", lang).join(translate(f"panel.distribution.filter.{n}", lang) for n in names)
    return [{"level": "info", "text": translate("note.filters_elsewhere", lang, filters=listed)}]
