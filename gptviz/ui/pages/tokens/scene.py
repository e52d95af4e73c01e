"""What the Tokens page's panels are made of: the film of the text's end, and the vocabularies. Pure: no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from gptviz.analysis.merging import Film, Keystroke, keystrokes, merges
from gptviz.tokens.pieces import clean
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.ui.page import Context, Note, Scene, left_out_note
from gptviz.ui.pages.tokens import vocabularies
from gptviz.ui.pages.tokens.state import HERE, Tokens
from gptviz.ui.prompts import how, prompt_ids, window

SHOWN = 240  # characters of a text that are filmed: more is no picture
_TO_A_SPACE = 40  # so many fewer, where a word then begins
KEYSTROKES = 10
_BEFORE = 4  # tokens that are shown before the one that the vocabulary is opened at


@dataclass(kw_only=True)
class Tokenized(Scene):
    """The page at one moment."""

    state: Tokens
    context: Context
    shown: str  # the end of the text, which is filmed

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's own."""
        return self.context.lm.tokenizer

    @cached_property
    def film(self) -> Film:
        """How the end of the text becomes tokens."""
        return merges(self.tokenizer, self.shown)

    @cached_property
    def keystrokes(self) -> tuple[Keystroke, ...]:
        """The last characters."""
        return keystrokes(self.tokenizer, self.shown, KEYSTROKES)

    @property
    def opened_at(self) -> int:
        """The id from which the vocabulary is shown: where it was turned to, else a little before that looked at."""
        at = self.state.view.at
        return at if at != HERE else max(0, self.ids[self.pos] - _BEFORE) if self.ids else 0

    @property
    def pos(self) -> int:
        """The position looked at."""
        return len(self.ids) - 1 if self.view.pos is None else self.view.pos

    @cached_property
    def film_pos(self) -> int | None:
        """The position of the film's first token: the film has no start mark, and no template around its text.

        None where the model reads other tokens there: what is left out before the text filmed may have cut a word.
        """
        filmed, ids = self.film.ids, self.ids
        starts = range(len(ids) - len(filmed), -1, -1) if filmed else ()
        return next((at for at in starts if ids[at : at + len(filmed)] == filmed), None)

    @cached_property
    def other(self) -> str:
        """The name of the other model."""
        return vocabularies.chosen(self.context.lm, self.state.view.other)


def scene(state: Tokens, context: Context) -> Tokenized:
    """The page."""
    ids, left_out = prompt_ids(context.lm, state.text, how(state.view))
    shown = the_end(clean(state.text)[0])
    notes = left_out_note(len(ids), left_out, window(context.lm))
    if len(shown) < len(state.text):
        notes.append(_filmed(shown))
    found = Tokenized(state=state, context=context, shown=shown, ids=ids, ready=bool(ids), read=bool(ids), notes=notes)
    pos = state.view.pos
    found.view = replace(state.view, other=found.other, pos=None if pos is None or pos >= len(ids) else pos)
    return found


def the_end(text: str) -> str:
    """As much of a text as is filmed; it begins with a word where one begins soon.

    >>> the_end("a" * 300) == "a" * 240, the_end("b" * 70 + " " + "a" * 230) == " " + "a" * 230
    (True, True)
    """
    if len(text) <= SHOWN:
        return text
    end = text[-SHOWN:]
    space = end.find(" ", 0, _TO_A_SPACE)
    return end[max(0, space) :]


def _filmed(shown: str) -> Note:
    return "info", "tokens.filmed", {"count": len(shown)}
