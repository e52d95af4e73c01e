"""The surprise page's picture: one message for all its panels. Pure: no Streamlit here."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np

from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.readings import number
from gptviz.tokens.labels import spoken
from gptviz.ui.pages.next_token.actions import Tracer, window
from gptviz.ui.pages.surprise.state import AUTO, Check, Surprise, pairs
from gptviz.ui.web.frame import Note, frame, sorry_note, text_notes
from gptviz.ui.web.message import Blobs, pack
from gptviz.views import surprise as views
from gptviz.views.distribution import token_label

STRINGS = ("surprise.", "empty.", "path.share")
TOP = 5  # tokens that the model expected, for each place
SIDES = ("a", "b")
_POWER = 6  # from 10^6 on a number is written as a power


def build(state: Surprise, lm: LanguageModel, tracer: Tracer, *, lang: str, projector: bool = False) -> bytes:
    """The message that shows ``state``, after going on with what is under way."""
    running = state.advance(lm, tracer)
    made = [None if reading is None else reading.view() for reading in state.readings]
    blobs: Blobs = {}
    sides = []
    for name, view in zip(SIDES, made, strict=True):
        if view is not None:
            blobs |= _blobs(name, view)
        sides.append(None if view is None else _side(view, lm, lang))
    shown, looked = _looked_at(state, made)
    one, other = made
    header = frame(
        state, lang=lang, projector=projector, view=asdict(shown), running=running,
        ids=state.readings[0].ids if state.readings[0] else (),
        notes=_notes(state, lm, lang, made), link=state.link(lang=lang, model=lm.name),
    )  # fmt: skip
    parts = {
        "pairs": [name for name, _, _ in pairs(lang)],
        "sides": sides,
        "token": looked,
        "versus": None if one is None or other is None else _versus(views.versus(one, other), lang),
        "check": _check(state.check, lang) if state.check else None,
        "python": _python(state, lm),
        "limit": window(lm),
    }
    return pack(header | parts, blobs, STRINGS)


def sorry(state: Surprise, lm: LanguageModel, error: Exception, *, lang: str) -> bytes:
    """The message that keeps the texts on the screen where ``build`` failed, and says so."""
    header = frame(state, lang=lang, projector=False, view=asdict(state.view), notes=[sorry_note(error, lang)])
    return pack(header | {"pairs": [], "sides": [None, None], "token": AUTO, "versus": None, "check": None,
                          "python": "", "limit": window(lm)}, {}, STRINGS)  # fmt: skip


def _looked_at(state: Surprise, made: list[views.SurpriseView | None]) -> tuple[Any, int]:
    """(the controls as shown, the token looked at: by itself where the texts part, else what surprised most)."""
    side = state.view.side if made[state.view.side] is not None else 0
    view = made[side]
    if view is None or not view.n_scored:
        return replace(state.view, side=side, token=AUTO), AUTO
    wanted = state.view.token
    parted = _parted(made)
    if not 0 <= wanted < len(view.words) and parted is not None and view.words[parted].score:
        return replace(state.view, side=side, token=AUTO), parted
    if not 0 <= wanted < len(view.words):
        bits = [-1.0 if word.score is None else word.score.bits for word in view.words]
        return replace(state.view, side=side, token=AUTO), int(np.argmax(bits))
    return replace(state.view, side=side), wanted


def _parted(made: list[views.SurpriseView | None]) -> int | None:
    """The first token of A that B does not have in its place; None where there is none, or no B."""
    one, other = made
    if one is None or other is None:
        return None
    both = enumerate(zip(one.words, other.words, strict=False))
    return next((pos for pos, (a, b) in both if a.id != b.id), None)


def _side(view: views.SurpriseView, lm: LanguageModel, lang: str) -> dict[str, Any]:
    ids = {i for word in view.words if word.score for i, _ in word.score.expected}
    return {
        "labels": [word.label for word in view.words],
        "token_ids": [word.id for word in view.words],
        "bytes": [word.bytes for word in view.words],
        "pieces": {pos: list(word.piece) for pos, word in enumerate(view.words) if word.piece},
        "newlines": [pos for pos, word in enumerate(view.words) if word.newline],
        "names": {i: token_label(lm.tokenizer, i) for i in sorted(ids)},
        "start": view.start,
        "skipped": 0 if view.start is not None else min(1, len(view.words)),
        "n_tokens": len(view.words),
        "n_scored": view.n_scored,
        "n_bytes": view.n_bytes,
        "totals": _totals(view) if view.n_scored else None,
        "reading": _reading(view, lang),
    }


def _totals(view: views.SurpriseView) -> dict[str, Any]:
    names = ("bits", "log10", "logprob", "loss", "mean_bits", "perplexity", "bits_per_byte")
    return {name: getattr(view, name) for name in names} | {"one_in": one_in(view.log10)}


def one_in(log10: float) -> str:
    """The n of "1 in n": grouped digits, or a power of ten."""
    return f"{10**log10:,.0f}" if log10 < _POWER else f"10^{log10:.1f}"


def _reading(view: views.SurpriseView, lang: str) -> str:
    scored = [(word.score.bits, word.label) for word in view.words if word.score]
    if not scored:
        return translate("surprise.reading.nothing", lang)
    bits, label = max(scored)
    return translate(
        "surprise.reading.text", lang, tokens=f"{view.n_scored:,}", n_bytes=f"{view.n_bytes:,}",
        bits=number(view.bits, 1), one_in=one_in(view.log10), mean=number(view.mean_bits, 2),
        perplexity=number(view.perplexity, 1), per_byte=number(view.bits_per_byte, 2), label=spoken(label),
        most=number(bits, 1),
    )  # fmt: skip


def _versus(found: views.Versus, lang: str) -> dict[str, Any]:
    times = one_in(abs(found.log10_odds)) if abs(found.log10_odds) >= 1 else f"{10 ** abs(found.log10_odds):.2f}"
    values = {"bits": number(abs(found.bits), 1), "times": times, "per_byte": number(abs(found.per_byte), 2)}
    key = "equal" if abs(found.bits) < 0.005 else "a" if found.bits > 0 else "b"
    per_byte = "equal" if abs(found.per_byte) < 0.0005 else "a" if found.per_byte > 0 else "b"
    return found._asdict() | {
        "winner": key,
        "times": times,
        "reading": translate(f"surprise.versus.{key}", lang, **values),
        "per_byte_reading": translate(f"surprise.versus.per_byte_{per_byte}", lang, **values),
    }


def _check(check: Check, lang: str) -> dict[str, Any]:
    done = len(check.one_by_one)
    values = {
        "done": f"{done:,}", "wanted": f"{check.wanted:,}", "difference": f"{check.difference:.1e}",
        "at_once": f"{1000 * check.seconds_at_once:,.0f}", "one_by_one": f"{1000 * check.seconds_one_by_one:,.0f}",
    }  # fmt: skip
    key = "done" if done == check.wanted else "running"
    return {"done": done, "wanted": check.wanted, "difference": check.difference,
            "reading": translate(f"surprise.check.{key}", lang, **values)}  # fmt: skip


def _notes(
    state: Surprise, lm: LanguageModel, lang: str, made: list[views.SurpriseView | None]
) -> list[dict[str, str]]:
    more: list[Note] = [("info", key, values) for key, values in state.notes]
    longest = max((view for view in made if view), key=lambda view: view.windows, default=None)
    if longest is not None and longest.windows > 1:
        rest = longest.window - longest.stride
        values = {"window": longest.window, "stride": longest.stride, "rest": rest}
        more.append(("info", "surprise.windows", values))
    if made[0] is not None and made[0].start is None:
        more.append(("info", "surprise.no_start", {}))
    said = text_notes(state, lm, lang, *more, read=made[0] is not None)
    if state.view.other and made[1] is None:
        other = replace(state, text=state.view.other, cut=False)
        said += text_notes(other, lm, lang, read=False)
    return said


def _blobs(name: str, view: views.SurpriseView) -> Blobs:
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


def _python(state: Surprise, lm: LanguageModel) -> str:
    limit = window(lm)
    lines = [
        "import gptviz",
        "from gptviz.figures import surprise as draw",
        "from gptviz.views import surprise",
        f"lm = gptviz.load({lm.name!r})",
        f"one = surprise.read(lm, {state.text!r}, window={limit})",
    ]
    if state.view.other:
        lines += [f"other = surprise.read(lm, {state.view.other!r}, window={limit})",
                  "print(surprise.versus(one, other))", "draw.chain(one, other)"]  # fmt: skip
    else:
        lines += ["print(one.bits, one.bits_per_byte, one.perplexity)", "draw.chain(one)"]
    return "\n".join(lines)
