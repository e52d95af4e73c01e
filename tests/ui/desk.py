"""A comparison and the means to talk to it, as the page does."""

from __future__ import annotations

from typing import Any

from gptviz.decoding import Greedy, Sample, Strategy
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.compare import actions, message, writing
from gptviz.ui.pages.compare.state import Compare, View
from gptviz.ui.web.message import unpack

THREE: tuple[Strategy, ...] = (Greedy(), Sample(temperature=2.0), Sample(top_k=3))


class Desk:
    """One comparison of ``strategies``, by default THREE, on a text that any model of characters knows."""

    def __init__(self, lm: LanguageModel, *strategies: Strategy, text: str = "abc", view: View | None = None) -> None:
        self.lm, self.count, self.lang = lm, 0, "en"
        self.state = Compare(text=text, view=view or View(n=6))
        self.state.choose(strategies or THREE)

    def do(self, kind: str, **values: Any) -> Desk:
        self.count += 1
        actions.carry_out({"q": self.count, "kind": kind, **values}, self.state, self.lm, self.lang)
        return self

    def tell(self, text: str | None = None, **view: Any) -> Desk:
        sent = {"n": self.state.echo + 1, "text": self.state.text if text is None else text, "view": view, "queue": []}
        assert self.state.receive(sent) == []
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
        header, blobs = unpack(message.build(self.state, self.lm, lang=self.lang))
        assert blobs == {}
        return header

    def tokens(self) -> list[tuple[int, ...]]:
        return [slot.column.tokens if slot.column else () for slot in self.state.slots]

    def numbers(self) -> list[int]:
        return [slot.number for slot in self.state.slots]
