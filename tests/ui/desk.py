"""Pages without Streamlit and without a browser: what the browser would say goes in, the picture's header comes out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import gptviz
from gptviz.decoding import Greedy, Sample, Strategy
from gptviz.decoding.path import PathTree
from gptviz.language_model import LanguageModel
from gptviz.ui import links, pages
from gptviz.ui.page import Context, apology, arrive, carry_out, picture
from gptviz.ui.pages.compare import writing
from gptviz.ui.pages.compare.scene import still
from gptviz.ui.pages.compare.state import Compare, View
from gptviz.ui.prompts import vocabulary
from gptviz.ui.walk.state import View as WalkView
from gptviz.ui.walk.state import Walk
from gptviz.ui.web.conversation import Conversation
from gptviz.ui.web.message import Blobs, unpack

#: Whatever is typed is kept as it was typed, and makes a picture.
HOSTILE = ("", " ", "\n\n", "a" * 3000, "🙂𠮷👩‍👩‍👧", "עברית العربية", "e\u0301\u0302", "\x00\x07\x1b",
           "\ud800x\udc00", "<b>x</b><script>",
           "$x^2$ **b** `c` [a](b) :red[x] &amp;", "<|endoftext|>", "\u202eabc", "{name} {0} %s")  # fmt: skip

THREE: tuple[Strategy, ...] = (Greedy(), Sample(temperature=2.0), Sample(top_k=3))


#: Pages that measure the whole model, or write long texts: of the large one that takes half a minute each.
MEASURING = ("deploy", "limits")


def affordable(page: str, lm: LanguageModel) -> LanguageModel:
    """The smaller of the bundled models for these pages: where it does not matter which, and all is waited for."""
    return gptviz.load("small") if page in MEASURING else lm


def context(lm: LanguageModel, lang: str = "en") -> Context:
    """What a page is run with, without a cache."""
    return Context(lm, lang, lm.trace)


def arrived(page: str, lm: LanguageModel, **query: str) -> Any:
    """The state of a visitor who opens the page by that link, in the language that it says, else in English."""
    return arrive(pages.declared(page), query, context(lm, query.get("lang", "en")))


def shown(page: str, state: Conversation, lm: LanguageModel, lang: str = "en") -> tuple[dict[str, Any], Blobs]:
    """Header and arrays of the page's picture, after one run."""
    return unpack(picture(pages.declared(page), state, context(lm, lang)))


def finished(page: str, state: Conversation, lm: LanguageModel, lang: str = "en",
             most: int = 500) -> tuple[dict[str, Any], Blobs]:  # fmt: skip
    """The picture once nothing is left to do, as a browser gets there by asking for more."""
    for _ in range(most):
        header, blobs = shown(page, state, lm, lang)
        if not header["running"]:
            return header, blobs
    raise AssertionError("never finished")


def sorry(page: str, state: Conversation, lm: LanguageModel, error: Exception, lang: str = "en") -> dict[str, Any]:
    """The header of the apology."""
    header, blobs = unpack(apology(pages.declared(page), state, context(lm, lang), error))
    assert blobs == {}
    return header


def link(state: Conversation, lm: LanguageModel, lang: str = "en") -> dict[str, str]:
    """What the page's link says, by name."""
    return dict(parse_qsl(links.encode(state, lm, lang=lang), keep_blank_values=True))


def do(page: str, state: Conversation, lm: LanguageModel, kind: str, lang: str = "en", **values: Any) -> None:
    """Carry out one action, numbered as the browser would."""
    carry_out(pages.declared(page), {"q": state.acked + 1, "kind": kind, **values}, state, context(lm, lang))


def say(page: str, state: Conversation, lm: LanguageModel, *actions: dict[str, Any], text: str | None = None,
        lang: str = "en", **view: Any) -> None:  # fmt: skip
    """Have the page hear what a browser says: a text, controls that changed, actions."""
    queue = [{"q": state.acked + 1 + i, **action} for i, action in enumerate(actions)]
    said = {"n": state.echo + 1, "text": state.text if text is None else text, "view": view, "queue": queue}
    for action in state.receive(said):
        carry_out(pages.declared(page), action, state, context(lm, lang))


class Desk:
    """One comparison of ``strategies``, by default THREE, on a text that any model of characters knows."""

    def __init__(self, lm: LanguageModel, *strategies: Strategy, text: str = "abc", view: View | None = None) -> None:
        self.lm, self.lang = lm, "en"
        self.state = Compare(text=text, view=view or View(n=6))
        self.state.choose(strategies or THREE)

    def do(self, kind: str, **values: Any) -> Desk:
        do("compare", self.state, self.lm, kind, self.lang, **values)
        return self

    def tell(self, text: str | None = None, **view: Any) -> Desk:
        say("compare", self.state, self.lm, text=text, **view)
        return self

    def pull(self) -> Desk:
        """One run of the page that has no time at all: one event."""
        writing.advance(self.state, self.lm, seconds=0.0)
        return self

    def finish(self) -> Desk:
        for _ in range(5000):
            self.pull()
            if not self.state.running:
                return self
        raise AssertionError("it never ends")

    @property
    def header(self) -> dict[str, Any]:
        """The picture of the comparison as it stands."""
        standing = replace(pages.declared("compare"), scene=still)
        header, blobs = unpack(picture(standing, self.state, context(self.lm, self.lang)))
        assert blobs == {}
        return header

    def tokens(self) -> list[tuple[int, ...]]:
        return [slot.column.tokens if slot.column else () for slot in self.state.slots]

    def numbers(self) -> list[int]:
        return [slot.number for slot in self.state.slots]


class Walker:
    """A walk on one of its pages."""

    def __init__(self, lm: LanguageModel, text: str = "The cat sat on the", view: WalkView | None = None,
                 page: str = "next_token") -> None:  # fmt: skip
        self.lm, self.page, self.walk = lm, page, Walk(text=text, view=view or WalkView())

    def do(self, kind: str, **values: Any) -> Walker:
        do(self.page, self.walk, self.lm, kind, **values)
        return self

    def say(self, *actions: dict[str, Any], text: str | None = None, **view: Any) -> dict[str, Any]:
        """Have the page hear what a browser says; gives the header of the picture that follows."""
        say(self.page, self.walk, self.lm, *actions, text=text, **view)
        return self.header

    @property
    def header(self) -> dict[str, Any]:
        """That of the picture as it stands."""
        return shown(self.page, self.walk, self.lm)[0]

    @property
    def tree(self) -> PathTree:
        return self.walk.tree(vocabulary(self.lm))

    @property
    def path(self) -> tuple[int, ...]:
        return self.tree.ids()
