"""The panel of the page of masks in which a blank is filled. Pure."""

from __future__ import annotations

from typing import TypedDict

from gptviz.analysis.filling import Filled, Guess, pair
from gptviz.errors import GptvizError
from gptviz.i18n import translate
from gptviz.recipes import masks as recipes
from gptviz.rounding import number, percent
from gptviz.ui.message_types import Told
from gptviz.ui.pages.masks.presets import presets
from gptviz.ui.pages.masks.scene import Masked

TOP = 8  # bars
_REST = 60  # characters of what the twin has not read that are quoted


class Word(TypedDict):
    """One bar; ``true``: it is what stood there."""

    label: str
    p: float
    true: bool


class Guessed(TypedDict):
    """What one model says of the blank; ``rest``: all other words together, and how many they are."""

    model: str
    words: list[Word]
    rest: float
    others: int
    entropy: float  # bits
    bits: float | None  # of what stood there
    rank: int | None


class Filling(Told):
    """A sentence with its blank; ``problem`` says why it cannot be filled, and then there are no guesses."""

    problem: str
    words: list[str]
    at: int
    typed: bool
    guesses: list[Guessed]


class Offered(TypedDict):
    """A sentence to try, and which of its words is hidden."""

    sentence: str
    word: int


class FillPart(TypedDict):
    """The blank, and sentences to try."""

    filling: Filling
    offered: list[Offered]


def filling(scene: Masked) -> FillPart:
    """The blank, filled from both sides and from one."""
    lang, (sentence, word) = scene.context.lang, scene.state.blank(scene.context.lang)
    found = scene.state.filled(lang)
    offered: list[Offered] = [{"sentence": text, "word": hidden} for text, hidden in presets(lang)]
    if isinstance(found, GptvizError):
        return {"filling": _problem(found.say(lang)), "offered": offered}
    python = recipes.filled(sentence, None if found.true is None else word)
    both = (("masked", found.masked), ("causal", found.causal))
    shown: Filling = {"problem": "", "words": [_word(i) for i in found.ids], "at": found.at,
                      "typed": found.true is None, "guesses": [_guess(*one, found.true) for one in both],
                      "reading": _reading(found, lang), "python": python}  # fmt: skip
    return {"filling": shown, "offered": offered}


def _problem(said: str) -> Filling:
    return {"problem": said, "words": [], "at": 0, "typed": False, "guesses": [], "reading": said, "python": ""}


def _word(token: int) -> str:
    """A word without the space before it; the mark that ends a sentence as it is called."""
    tokenizer = pair().masked.tokenizer
    return tokenizer.token_bytes(token).decode("utf-8", "backslashreplace").strip()


def _guess(model: str, found: Guess, true: int | None) -> Guessed:
    """The likeliest words; the true one takes the last place where it is not among them."""
    chosen = list(found.top[:TOP])
    if true is not None and true not in chosen:
        chosen = [*chosen[: TOP - 1], true]
    words: list[Word] = [{"label": _word(i), "p": float(found.probs[i]), "true": i == true} for i in chosen]
    return {"model": model, "words": words, "rest": max(0.0, 1.0 - sum(word["p"] for word in words)),
            "others": int((found.probs > 0).sum()) - len(chosen), "entropy": found.entropy, "bits": found.bits,
            "rank": found.rank}  # fmt: skip


def _reading(found: Filled, lang: str) -> str:
    """One sentence: what the one knows that the other has not read."""
    tokenizer = pair().masked.tokenizer
    rest = tokenizer.decode(found.ids[found.at + 1 :]).strip(" .。")
    kind = "true" if found.true is not None else "typed"
    if not rest:
        kind = "end"
    first, twin = (_word(guess.top[0]) for guess in (found.masked, found.causal))
    return translate(
        f"masks.fill_reading.{kind}", lang, rest=rest[:_REST], first=first, twin=twin,
        p=percent(float(found.masked.probs.max())), q=percent(float(found.causal.probs.max())),
        word="" if found.true is None else _word(found.true), bits=number(found.masked.bits),
        other=number(found.causal.bits),
    )  # fmt: skip
