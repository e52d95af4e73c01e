"""The surprise page's panels: both texts, their difference, the check, the Python. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from gptviz.i18n import translate
from gptviz.recipes import surprise as recipes
from gptviz.rounding import adding_up, fixed, number, power, scientific
from gptviz.tokens.labels import spoken
from gptviz.ui.pages.surprise.scene import Read
from gptviz.ui.pages.surprise.state import pairs
from gptviz.ui.prompts import chats, how, quoted, starts, window
from gptviz.ui.web.arrays import Blobs
from gptviz.views import surprise as views
from gptviz.views.distribution import token_label

_MOST_DIGITS = 4  # of bits: what does not come out by then is said to be rounded
TOP = 5  # tokens that the model expected, for each place
SIDES = ("a", "b")


class OffersPart(TypedDict):
    """The pairs offered, by name."""

    pairs: list[str]


def offers(scene: Read) -> OffersPart:
    """The pairs offered."""
    return {"pairs": [name for name, _, _ in pairs(scene.context.lang)]}


class Totals(TypedDict):
    """Sums and means over the tokens that have a score; ``digits`` with which the bits are written, see ``digits``."""

    bits: float
    digits: int
    log10: float
    logprob: float  # nats
    loss: float
    mean_bits: float
    perplexity: float
    bits_per_byte: float
    one_in: str


class SurpriseView(TypedDict):
    """One text; its numbers are the arrays ``<side>.scores`` and ``<side>.expected``."""

    labels: list[str]
    token_ids: list[int]
    bytes: list[str]
    pieces: dict[int, tuple[str, int, int]]
    newlines: list[int]
    special: list[int]  # marks, such as those of a chat template
    names: dict[int, str]  # of all tokens that were expected somewhere
    start: str | None
    skipped: int
    n_tokens: int
    n_scored: int
    n_bytes: int
    totals: Totals | None
    reading: str


class SidesPart(TypedDict):
    """The two texts; None where there is none, or the model cannot read it."""

    sides: tuple[SurpriseView | None, SurpriseView | None]
    token: int


def sides(scene: Read) -> SidesPart:
    """Both texts, as far as they are read, and the token looked at."""
    one, other = (view and _side(view, scene) for view in scene.made)
    return {"sides": (one, other), "token": scene.token}


def _side(view: views.SurpriseView, scene: Read) -> SurpriseView:
    ids = {i for word in view.words if word.score for i, _ in word.score.expected}
    return {
        "labels": [word.label for word in view.words],
        "token_ids": [word.id for word in view.words],
        "bytes": [word.bytes for word in view.words],
        "pieces": {
            pos: (word.piece.of, word.piece.index, word.piece.count)
            for pos, word in enumerate(view.words)
            if word.piece
        },
        "newlines": [pos for pos, word in enumerate(view.words) if word.newline],
        "special": [pos for pos, word in enumerate(view.words) if scene.context.lm.tokenizer.is_special(word.id)],
        "names": {i: token_label(scene.context.lm.tokenizer, i) for i in sorted(ids)},
        "start": view.start,
        "skipped": 0 if view.start is not None else min(1, len(view.words)),
        "n_tokens": len(view.words),
        "n_scored": view.n_scored,
        "n_bytes": view.n_bytes,
        "totals": _totals(view, digits(scene.made)) if view.n_scored else None,
        "reading": _reading(view, digits(scene.made), scene.context.lang),
    }


def digits(made: Sequence[views.SurpriseView | None]) -> int:
    """The fewest digits of the texts' bits with which the arithmetic on the page comes out as it is written.

    Bits by tokens and by bytes are the means beside them (two digits), and those of one text less those of the other
    are what the likelier one saves.
    """
    scored = [view for view in made if view is not None and view.n_scored]
    for tried in range(1, _MOST_DIGITS):
        shown = [float(fixed(view.bits, tried)) for view in scored]
        means = all(
            fixed(bits / n) == fixed(exact)
            for bits, view in zip(shown, scored, strict=True)
            for n, exact in ((view.n_scored, view.mean_bits), (view.n_bytes, view.bits_per_byte))
            if n
        )
        apart = abs(scored[0].bits - scored[1].bits) if len(scored) == 2 else 0.0
        if means and (len(scored) < 2 or adding_up([min(v.bits for v in scored), apart],
                                                   max(v.bits for v in scored), tried, tried)):  # fmt: skip
            return tried
    return _MOST_DIGITS


def _totals(view: views.SurpriseView, shown: int) -> Totals:
    return {
        "bits": view.bits,
        "digits": shown,
        "log10": view.log10,
        "logprob": view.logprob,
        "loss": view.loss,
        "mean_bits": view.mean_bits,
        "perplexity": view.perplexity,
        "bits_per_byte": view.bits_per_byte,
        "one_in": one_in(view.log10),
    }


def one_in(log10: float) -> str:
    """The n of "1 in n": grouped digits, or a power of ten."""
    return power(log10)


def _reading(view: views.SurpriseView, shown: int, lang: str) -> str:
    scored = [(word.score.bits, word.label) for word in view.words if word.score]
    if not scored:
        return translate("surprise.reading.nothing", lang)
    bits, label = max(scored)
    return translate(
        "surprise.reading.text", lang, tokens=f"{view.n_scored:,}", n_bytes=f"{view.n_bytes:,}",
        bits=number(view.bits, shown), one_in=one_in(view.log10), mean=number(view.mean_bits),
        perplexity=number(view.perplexity, 1 if view.perplexity < 100 else 0),
        per_byte=number(view.bits_per_byte), label=spoken(label),
        most=number(float(np.float32(bits)), 1),  # as on its chip, to which it goes as float32
    )  # fmt: skip


class Versus(TypedDict):
    """One text against the other; ``winner`` and ``per_byte_reading`` in words."""

    bits: float
    per_byte: float
    winner: str
    reading: str
    per_byte_reading: str


class VersusPart(TypedDict):
    """The two against each other; None where there is only one, or one has no token with a score (yet)."""

    versus: Versus | None


def versus(scene: Read) -> VersusPart:
    """Which of the two the model would rather say."""
    one, other = scene.made
    if one is None or other is None or not (one.n_scored and other.n_scored):
        return {"versus": None}
    return {"versus": _versus(views.versus(one, other), digits(scene.made), scene.context.lang)}


def _versus(found: views.Versus, shown: int, lang: str) -> Versus:
    times = one_in(abs(found.log10_odds)) if abs(found.log10_odds) >= 1 else number(10 ** abs(found.log10_odds), 2)
    values = {"bits": number(abs(found.bits), shown), "times": times, "per_byte": number(abs(found.per_byte), 2)}
    winner = "equal" if abs(found.bits) < 0.005 else "a" if found.bits > 0 else "b"
    per_byte = "equal" if abs(found.per_byte) < 0.0005 else "a" if found.per_byte > 0 else "b"
    return {
        "bits": found.bits,
        "per_byte": found.per_byte,
        "winner": winner,
        "reading": translate(f"surprise.versus.{winner}", lang, **values),
        "per_byte_reading": translate(f"surprise.versus.per_byte_{per_byte}", lang, **values),
    }


class Checked(TypedDict):
    """How far reading one token at a time has come; the reading says how far it differs."""

    done: int
    wanted: int
    reading: str


class CheckPart(TypedDict):
    """Reading at once against reading token by token; None until somebody asks."""

    check: Checked | None


def check(scene: Read) -> CheckPart:
    """The same numbers, at another price."""
    found = scene.state.check
    if found is None:
        return {"check": None}
    done = len(found.one_by_one)
    values = {
        "done": f"{done:,}", "wanted": f"{found.wanted:,}", "difference": scientific(found.difference),
        "at_once": number(1000 * found.seconds_at_once, 0), "one_by_one": number(1000 * found.seconds_one_by_one, 0),
    }  # fmt: skip
    key = "done" if done == found.wanted else "running"
    reading = translate(f"surprise.check.{key}", scene.context.lang, **values)
    return {"check": {"done": done, "wanted": found.wanted, "reading": reading}}


class RecipePart(TypedDict):
    """The Python that makes all of the page's numbers."""

    python: str


def recipe(scene: Read) -> RecipePart:
    """Reading one text, or two against each other."""
    text, other, lm = scene.state.text, scene.state.view.other, scene.context.lm
    read = how(scene.state.view)
    if chats(lm, read):
        both = quoted(lm, text, read), quoted(lm, other, read) if other else ""
        return {"python": recipes.chain(both[0], lm.name, other=both[1], window=window(lm), start=False)}
    start = starts(lm, read.start)
    return {"python": recipes.chain(text, lm.name, other=other, window=window(lm), start=start)}


def arrays(scene: Read) -> Blobs:
    """Of each text: (T, 5) probability, bits, nats, rank, entropy; (T, 2 TOP) the tokens expected."""
    found: Blobs = {}
    for name, view in zip(SIDES, scene.made, strict=True):
        if view is not None:
            found |= _arrays(name, view)
    return found


def _arrays(name: str, view: views.SurpriseView) -> Blobs:
    """One row for each token; NaN (and rank 0) where it has no score."""
    n = len(view.words)
    table = np.full((n, 5), np.nan, dtype=np.float32)  # p, bits, nats, rank, entropy
    best = np.zeros((n, 2 * TOP), dtype=np.float32)  # ids, then probabilities
    for pos, word in enumerate(view.words):
        score = word.score
        if score is not None:
            table[pos] = score.prob, score.bits, -score.logprob, score.rank, score.entropy
            found = score.expected[:TOP]
            best[pos, : len(found)] = [i for i, _ in found]
            best[pos, TOP : TOP + len(found)] = [p for _, p in found]
    return {f"{name}.scores": table, f"{name}.expected": best}
