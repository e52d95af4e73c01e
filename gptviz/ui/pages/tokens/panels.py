"""The Tokens page's panels: presets, the film, other vocabularies, one more letter, the whole vocabulary. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from gptviz.analysis.merging import Cost, cost, cost_in_bytes, cost_in_characters
from gptviz.analysis.vocabulary import Found, find_tokens
from gptviz.errors import GptvizError
from gptviz.i18n import translate
from gptviz.recipes import tokens as recipes
from gptviz.rounding import number
from gptviz.tokens.labels import hex_bytes, label, spoken
from gptviz.tokens.scripts import script_of
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.ui.pages.tokens import vocabularies
from gptviz.ui.pages.tokens.scene import KEYSTROKES, Tokenized
from gptviz.ui.pages.tokens.state import PRESETS
from gptviz.ui.web.arrays import Blobs
from gptviz.views import merging as views

MOST_FOUND = 60
MOST_CHIPS = 60


class PresetsPart(TypedDict):
    """The presets, by name."""

    presets: list[str]


def presets(scene: Tokenized) -> PresetsPart:
    """What can be tried."""
    return {"presets": list(PRESETS)}


class PieceOfText(TypedDict):
    """Bytes ``start:stop``, cut off before anything is merged."""

    start: int
    stop: int
    label: str
    added: bool


class FilmSaid(TypedDict):
    """The film; its numbers are the arrays ``first`` and ``joins``."""

    kind: str
    n_bytes: int
    pieces: list[PieceOfText]
    first_labels: list[str]
    join_labels: list[str]
    token_ids: list[int]
    first_pos: int | None  # the position of the first of them, where the model reads these tokens
    reading: str
    python: str


class FilmPart(TypedDict):
    """How the end of the text becomes tokens."""

    film: FilmSaid | None


def film(scene: Tokenized) -> FilmPart:
    """Bytes, merges by rank, tokens."""
    view, lang = views.film(scene.film), scene.context.lang
    last = view.join_labels[-1:]
    values = {"n_bytes": f"{view.n_bytes:,}", "pieces": f"{len(view.pieces):,}", "merges": f"{len(view.joins):,}",
              "tokens": f"{len(view.tokens):,}"}  # fmt: skip
    said = [translate(f"tokens.reading.{view.kind}", lang, **values)]
    if last:
        one = {"label": spoken(view.join_labels[0]), "rank": f"{int(view.joins[0, 3]):,}"}
        said.append(translate("tokens.reading.first", lang, **one))
    return {"film": {
        "kind": view.kind, "n_bytes": view.n_bytes,
        "pieces": [{"start": p.start, "stop": p.stop, "label": p.label, "added": p.added} for p in view.pieces],
        "first_labels": list(view.first_labels), "join_labels": list(view.join_labels),
        "token_ids": list(view.tokens), "first_pos": scene.film_pos, "reading": " ".join(said),
        "python": recipes.film(scene.shown, scene.context.lm.name),
    }}  # fmt: skip


def film_arrays(scene: Tokenized) -> Blobs:
    """``first`` (n, 2): start, stop of each part before any merge; ``joins`` (m, 5): start, middle, stop, rank, id."""
    view = views.film(scene.film)
    return {"first": view.first, "joins": view.joins}


class VocabularyRow(TypedDict):
    """The text in one vocabulary; None where it cannot read the text."""

    name: str  # own | other | bytes | characters
    title: str
    vocab_size: int
    tokens: int | None
    per_character: float | None
    per_token: float | None
    chips: list[str]
    more: int


class LanguageRow(TypedDict):
    """One sentence in one language; ``tokens`` in the model's vocabulary, in the other, in bytes, in characters."""

    language: str
    code: str
    text: str
    tokens: list[int | None]
    times: float | None  # as many as in English, in the model's vocabulary
    times_other: float | None


class Costs(TypedDict):
    """The same text, and the same sentence, in several vocabularies."""

    rows: list[VocabularyRow]
    languages: list[LanguageRow]
    offered: list[str]
    reading: str
    python: str


class CostsPart(TypedDict):
    """What it takes."""

    costs: Costs


def costs(scene: Tokenized) -> CostsPart:
    """The model's vocabulary, another's, bytes, characters."""
    lm, lang, text = scene.context.lm, scene.context.lang, scene.state.text
    other = vocabularies.vocabulary(scene.other) if scene.other else None
    rows = [_row("own", scene.context.title or lm.name, scene.tokenizer, scene)]
    if other is not None:
        rows.append(_row("other", scene.other, other, scene))
    data = scene.shown.encode("utf-8", "replace")
    for name, found, parts in (
        ("bytes", cost_in_bytes(text), [f"{byte:02X}" for byte in data[:MOST_CHIPS]]),
        ("characters", cost_in_characters(text), [label(one.encode()) for one in scene.shown[:MOST_CHIPS]]),
    ):  # fmt: skip
        rows.append(_told(name, translate(f"tokens.in_{name}", lang), found.vocab_size, found, parts))
    best = min((row for row in rows[:2] if row["tokens"]), key=lambda row: row["tokens"] or 0, default=None)
    own = rows[0]
    reading = translate("tokens.reading.unread", lang)
    if text and own["tokens"] is not None and best is not None:
        reading = translate(
            "tokens.reading.costs", lang, tokens=f"{own['tokens']:,}", n_bytes=f"{rows[-2]['tokens']:,}",
            characters=f"{rows[-1]['tokens']:,}", per_character=number(own["per_character"] or 0.0, 2),
            fewest=best["title"],
        )  # fmt: skip
    return {"costs": {
        "rows": rows, "languages": _languages(scene.tokenizer, other), "offered": vocabularies.offered(lm),
        "reading": reading, "python": recipes.costs(text, lm.name, scene.other if other is not None else ""),
    }}  # fmt: skip


def _row(name: str, title: str, tokenizer: Tokenizer, scene: Tokenized) -> VocabularyRow:
    try:
        ids = tokenizer.encode(scene.shown, start=False)
    except GptvizError:
        ids = []
    found = cost(tokenizer, scene.state.text)
    return _told(name, title, tokenizer.vocab_size, found, [label(tokenizer.token_bytes(i)) for i in ids[:MOST_CHIPS]])


def _told(name: str, title: str, vocab_size: int, found: Cost | None, chips: Sequence[str]) -> VocabularyRow:
    some = found is not None and found.tokens > 0
    return {
        "name": name, "title": title, "vocab_size": vocab_size,
        "tokens": None if found is None else found.tokens,
        "per_character": found.per_character if found is not None and some else None,
        "per_token": found.characters / found.tokens if found is not None and some else None,
        "chips": list(chips), "more": max(0, (found.tokens if found else 0) - len(chips)),
    }  # fmt: skip


def _languages(own: Tokenizer, other: Tokenizer | None) -> list[LanguageRow]:
    ours = vocabularies.COSTS.of(own)
    theirs = vocabularies.COSTS.of(other) if other is not None else (None,) * len(ours)
    found: list[LanguageRow] = []
    for sentence, mine, other_one in zip(vocabularies.sentences(), ours, theirs, strict=True):
        plain = (cost_in_bytes(sentence.text), cost_in_characters(sentence.text))
        found.append({
            "language": sentence.language, "code": sentence.code, "text": sentence.text,
            "tokens": [one and one.tokens for one in (mine, other_one, *plain)],
            "times": _times(mine, ours[0]), "times_other": _times(other_one, theirs[0]),
        })  # fmt: skip
    return found


def _times(found: Cost | None, english: Cost | None) -> float | None:
    return found.tokens / english.tokens if found is not None and english is not None else None


class KeystrokeSaid(TypedDict):
    """One character typed: tokens that went, and those in their stead."""

    character: str
    kept: int
    lost: list[str]
    made: list[str]
    change: str  # added | grew | resplit


class Letters(TypedDict):
    """The last characters, one after the other."""

    rows: list[KeystrokeSaid]
    reading: str
    python: str


class LettersPart(TypedDict):
    """What one more letter changes."""

    letters: Letters


def letters(scene: Tokenized) -> LettersPart:
    """The last characters typed again."""
    rows, lang = views.keystroke_rows(scene.keystrokes, scene.tokenizer), scene.context.lang
    last = rows[-1]
    counts = {name: str(sum(row.change == name for row in rows)) for name in ("grew", "resplit")}
    said = [
        translate("tokens.reading.letters", lang, count=str(len(rows)), **counts),
        translate(f"tokens.reading.{last.change}", lang, label=last.character, lost=" ".join(last.lost),
                  made=" ".join(last.made)),
    ]  # fmt: skip
    return {"letters": {
        "rows": [{"character": row.character, "kept": row.kept, "lost": list(row.lost), "made": list(row.made),
                  "change": row.change} for row in rows],
        "reading": " ".join(said),
        "python": recipes.keystrokes(scene.shown, scene.context.lm.name, count=KEYSTROKES),
    }}  # fmt: skip


class Entry(TypedDict):
    """One token of the vocabulary."""

    id: int
    label: str
    bytes: str
    script: str
    here: bool  # the text has it
    pos: int | None  # where it stands there, last; the one looked at before others


class Browser(TypedDict):
    """Some tokens of the vocabulary: those that match, or those from an id on."""

    rows: list[Entry]
    vocab_size: int
    reading: str
    python: str


class BrowserPart(TypedDict):
    """Looking through the vocabulary."""

    browser: Browser


def browser(scene: Tokenized) -> BrowserPart:
    """Tokens that are looked for, or those from an id on."""
    lm, lang, view = scene.context.lm, scene.context.lang, scene.state.view
    everything = vocabularies.ALL_BYTES.of(scene.tokenizer)
    if view.find:
        found = find_tokens(everything, view.find, most=MOST_FOUND)
    else:
        first = min(scene.opened_at, len(everything) - 1)
        found = Found(tuple(range(first, min(first + MOST_FOUND, len(everything)))), len(everything))
    here = {token: pos for pos, token in enumerate(scene.ids)} | (
        {scene.ids[scene.pos]: scene.pos} if scene.ids else {}
    )
    rows: list[Entry] = [
        {"id": i, "label": label(everything[i]), "bytes": hex_bytes(everything[i]),
         "script": "mark" if scene.tokenizer.is_special(i) else script_of(everything[i]), "here": i in here,
         "pos": here.get(i)}
        for i in found.ids
    ]  # fmt: skip
    ends = [f"{number:,}" for number in (*found.ids[:1], *found.ids[-1:])] or ["–", "–"]
    values = {"count": f"{found.total:,}", "size": f"{len(everything):,}", "query": view.find,
              "first": ends[0], "last": ends[1]}  # fmt: skip
    reading = translate("tokens.reading.found" if view.find else "tokens.reading.browse", lang, **values)
    return {"browser": {
        "rows": rows, "vocab_size": len(everything), "reading": reading,
        "python": recipes.search(view.find, lm.name, most=MOST_FOUND),
    }}  # fmt: skip
