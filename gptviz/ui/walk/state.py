"""What one visitor's walk stands at: the prompt, the path from it, and how the next token is chosen. Pure.

Next token and Step by step show the same walk: what was stepped on one is there on the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, make_dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from gptviz.decoding.parameter import Parameter
from gptviz.decoding.parameters import SEED, USUAL, sampling_parameters
from gptviz.decoding.path import PathTree
from gptviz.language_model import LanguageModel
from gptviz.ui.controls import choice, count, setting
from gptviz.ui.prompts import (
    chat_control,
    how,
    pos_control,
    prompt_ids,
    start_control,
    system_control,
    vocabulary,
    window,
)
from gptviz.ui.walk import link
from gptviz.ui.walk.pair import Pair
from gptviz.ui.web.conversation import Conversation
from gptviz.views import STAGES

_MAX_TREES = 50
_MOST = 100_000  # tokens of a text
_SHARED = ("temperature", "top_p")
ALWAYS = ("temperature", "top_k", "top_p")  # the first page has a slider for each


def _filter(p: Parameter) -> Any:
    """The control of a filter; a link names it where it is on, those with a slider on the first page always."""
    return setting(p, default=USUAL.get(p.name), shared=p.name in _SHARED, seldom=p.name not in ALWAYS)


if TYPE_CHECKING:

    @dataclass(frozen=True)
    class Sampling:
        """The settings of sampling, of which the walk itself speaks of one only."""

        temperature: float = USUAL["temperature"]

else:
    #: A control for each filter, in the order of the chain.
    Sampling = make_dataclass("Sampling", [(p.name, float, _filter(p)) for p in sampling_parameters()], frozen=True)


@dataclass(frozen=True)
class View(Sampling):
    """What is looked at, and how the next token is chosen: a number for each filter, the idle one where it is off.

    ``pos`` None is the last position, ``key`` None its strongest; ``temperature`` 0 is the greedy limit.
    """

    pos: int | None = pos_control()
    layer: int = count(0, 0, 1000, shared=True)
    head: int = count(1, 0, 1000, shared=True)  # with the default layer, the bundled model's for the token before
    stage: str = choice("pattern", STAGES)
    key: int | None = count(None, 0, _MOST, nullable=True)
    seed: int = setting(SEED, default=7, slider=True, shared=True)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()

    def clamped(self, *, n_layer: int, n_head: int, T: int) -> View:
        """The view as it can be shown: layer, head and positions that exist; a key may lie after the position."""
        pos = None if self.pos is None or self.pos >= T else self.pos
        key = None if self.key is None or self.key >= T else self.key
        return replace(self, layer=min(self.layer, n_layer - 1), head=min(self.head, n_head - 1), pos=pos, key=key)


class Prompted(NamedTuple):
    """What a path follows."""

    vocabulary: str
    text: str
    system: (
        str | None
    )  # the system line where the text is a message in a chat: the answer to it is no text that goes on


@dataclass
class Walk(Conversation):
    """One visitor's walk."""

    view: View = field(default_factory=View)
    trees: dict[Prompted, PathTree] = field(default_factory=dict)
    pair: Pair = field(default_factory=Pair)
    exact: bool = False  # the numbers of this text's matrix are wanted as they are

    @property
    def system(self) -> str | None:
        """The system line where the text is read as a message."""
        return self.view.system if self.view.chat else None

    def tree(self, vocabulary: str) -> PathTree:
        """The path of the present prompt; a prompt typed again finds its old one."""
        key = Prompted(vocabulary, self.text, self.system)
        tree = self.trees.pop(key, None) or PathTree()
        self.trees[key] = tree  # newest last
        empty = [k for k, t in self.trees.items() if not len(t) and k != key]
        for old in empty or list(self.trees)[: max(0, len(self.trees) - _MAX_TREES)]:
            del self.trees[old]
        return tree

    def earlier(self, vocabulary: str) -> list[tuple[str, int]]:
        """(prompt, tokens kept) of other prompts with a path, newest first."""
        others = [
            (prompt.text, len(tree))
            for prompt, tree in self.trees.items()
            if (prompt.vocabulary, prompt.system) == (vocabulary, self.system) and prompt.text != self.text
        ]
        return [(text, count) for text, count in reversed(others) if count]

    def follow(self) -> None:
        """Look at the last position and its strongest key again."""
        self.exact = False
        self.view = replace(self.view, pos=None, key=None)

    def adopt(self, changes: dict[str, Any]) -> None:
        """Another position is looked at with its own strongest key."""
        if "pos" in changes and "key" not in changes:
            changes = changes | {"key": None}
        if changes.keys() & {
            "start",
            "chat",
            "system",
        }:  # all positions move by one, and every probability after the mark is another
            changes = {"pos": None, "key": None} | changes
            self.pair.logprobs = {}
        super().adopt(changes)

    def to_query(self, lm: LanguageModel) -> dict[str, str]:
        """The path with all its branches, and which two of them are compared."""
        tree = self.tree(vocabulary(lm))
        return link.written(tree) | self.pair.to_query(tree)

    def take_query(self, query: Mapping[str, str], lm: LanguageModel) -> list[str]:
        """Lay the path that a link tells, as far as this model has its tokens and room for them."""
        ids, _ = prompt_ids(lm, self.text, how(self.view))
        tree = self.tree(vocabulary(lm))
        bad = link.lay(tree, query, vocab_size=lm.config.vocab_size, room=max(0, window(lm) - len(ids)))
        self.pair = Pair.from_query(query, tree)
        return bad
