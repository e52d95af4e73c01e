"""Vocabularies that the library ``tokenizers`` runs: all kinds of ``tokenizer.json``, and BERT's ``vocab.txt``.

Read by an allow-list (``tokens.library_rules``) and tried where they hold patterns (``tokens.trial``). What is kept is
a ``tokenizer.json`` again, as the class of transformers that a folder names would have built it, with the bytes of
every token: the library only cuts texts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gptviz.errors import FileError
from gptviz.schema import Either, Entries, Record, Text
from gptviz.tokens import library_classes, library_rules
from gptviz.tokens.added import AddedToken
from gptviz.tokens.huggingface import FAST, SETTINGS, added_tokens, no_vocabulary, read_settings
from gptviz.tokens.marks import GENERATION, Marks, name_of, read_marks
from gptviz.tokens.patterns import require_harmless
from gptviz.tokens.sentencepiece import is_model, read_model
from gptviz.tokens.token_bytes import bytes_of_tokens
from gptviz.tokens.trial import require_bounded
from gptviz.tokens.vocabulary_files import (
    ADDED,
    LONGEST_NAME,
    MOST_IDS,
    damaged,
    load_json,
    load_text,
    unsupported,
)

WORDS, PIECES = "vocab.txt", ("tokenizer.model", "spiece.model")
_FILE = Record({
    "model": Record({"type": Either(Text(LONGEST_NAME), None)}),
    "added_tokens": Either(Entries(ADDED, MOST_IDS), None),
}, needed=("model",))  # fmt: skip
_PLACES = ("normalizer", "pre_tokenizer", "post_processor", "decoder")
_KNOWN = {"version", "truncation", "padding", "added_tokens", "model", *_PLACES}


@dataclass(frozen=True)
class Library:
    """A vocabulary for the library ``tokenizers``."""

    about: Mapping[str, Any]  # a whole tokenizer.json, without what comes after the model
    table: Mapping[int, bytes]  # what each id stands for
    added: tuple[AddedToken, ...] = ()
    special: frozenset[int] = frozenset()  # ids that are no piece of a text
    unknown: int | None = None  # the id of all that the vocabulary does not know
    end_of_text: int | None = None
    ends: tuple[int, ...] = ()
    begin: int | None = None
    template: tuple[int, ...] = ()  # ids that every text is given at its start


def read_library(folder: Path, *, rows: int | None = None) -> Library:
    """The vocabulary of a folder: ``tokenizer.json``, else BERT's ``vocab.txt``, else SentencePiece's own file.

    ``rows`` is how many ids the model has a row for.

    Raises WeightsError where files are missing or damaged, or ask for what is not known here.
    """
    settings = read_settings(folder, refused=("split_special_tokens",))
    path = folder / FAST
    if path.is_file():
        about = _read_fast(path)
    elif (folder / WORDS).is_file():
        path, about = folder / WORDS, _words(folder)
    elif (pieces := next((folder / name for name in PIECES if is_model(folder / name)), None)) is not None:
        path, about = pieces, read_model(pieces)
    else:
        raise no_vocabulary(folder)
    about = library_classes.as_class(folder, path, about, settings)
    return made(path, about, folder, settings, rows=rows)


def made(path: Path, about: dict[str, Any], folder: Path, settings: Mapping[str, Any], *, rows: int | None = None
         ) -> Library:  # fmt: skip
    """The vocabulary of one ``tokenizer.json``, with what stands beside it in ``folder``."""
    parts = {place: library_rules.steps(path, place, about.get(place)) for place in _PLACES}
    library_rules.require_no_growth(path, parts["normalizer"])
    _require_bounded(path, about)
    names = library_rules.names_of(path, about["model"])
    listed = [AddedToken(**token) for token in about.get("added_tokens") or ()]
    added = added_tokens(path, names, listed, folder, settings, rows)
    known = {**names, **{token.content: token.id for token in added}}
    marks = _marks(folder, settings, known)
    template = _template(path, parts["post_processor"], known)
    if path.name in PIECES and settings.get("add_bos_token") and marks.begin is not None:
        template = (marks.begin,)
    contents = {token.id: token.content for token in added}
    table = bytes_of_tokens(names, parts["decoder"], parts["pre_tokenizer"], contents)
    unknown = _unknown(about["model"], known)
    special = {token.id for token in added if token.special} | {*marks.ends, *template}
    special |= set() if unknown is None else {unknown}
    rest = {name: about.get(name) for name in ("normalizer", "pre_tokenizer", "decoder", "model")}
    whole = {"version": "1.0", "truncation": None, "padding": None, "post_processor": None, **rest,
             "added_tokens": [asdict(token) for token in sorted(added, key=lambda token: token.id)]}  # fmt: skip
    begin = template[0] if template else marks.begin if marks.begin in special else None
    return Library(whole, table, added, frozenset(special), unknown, marks.end, marks.ends, begin, template)


def write_library(vocabulary: Library, folder: Path) -> None:
    """Write it as ``tokenizer.json`` with what stands beside it, from which ``read_library`` makes an equal one."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {number: name for name, number in library_rules.names_of(folder, vocabulary.about["model"]).items()}
    names |= {token.id: token.content for token in vocabulary.added}
    single: list[dict[str, Any]] = [{"SpecialToken": {"id": names[n], "type_id": 0}} for n in vocabulary.template]
    marks = {names[n]: {"id": names[n], "ids": [n], "tokens": [names[n]]} for n in vocabulary.template}
    text = {"Sequence": {"id": "A", "type_id": 0}}
    post = {"type": "TemplateProcessing", "single": [*single, text], "pair": [text, text], "special_tokens": marks}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast"}
    settings |= {} if vocabulary.end_of_text is None else {"eos_token": names[vocabulary.end_of_text]}
    settings |= {} if vocabulary.begin is None else {"bos_token": names[vocabulary.begin]}
    for name, about in ((FAST, {**vocabulary.about, "post_processor": post}), (SETTINGS, settings),
                        (GENERATION, {"eos_token_id": list(vocabulary.ends)})):  # fmt: skip
        (folder / name).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")


def _read_fast(path: Path) -> dict[str, Any]:
    about: dict[str, Any] = load_json(path, _FILE)
    for name in about.keys() - _KNOWN:
        raise unsupported(path, name[:100])
    model = about["model"]
    kind = model.get("type") or _kind(model)
    if kind not in library_rules.MODELS:
        raise unsupported(path, f"model {kind[:100]}")
    for name, value in model.items():
        try:
            Record(library_rules.MODELS[kind].rules, closed=True).check({name: value})
        except FileError as error:
            late = name in ("vocab", "merges")
            raise (damaged(path, error) if late else unsupported(path, f"model {name}"[:200])) from error
    try:
        library_rules.MODELS[kind].check(model, "model")
    except FileError as error:
        raise damaged(path, error) from error
    return {**about, "model": {**model, "type": kind}}


def _kind(model: Mapping[str, Any]) -> str:
    """Older files leave the kind out."""
    return "BPE" if "merges" in model else "Unigram" if isinstance(model.get("vocab"), list) else "WordPiece"


def _words(folder: Path) -> dict[str, Any]:
    """BERT's ``vocab.txt``: a token a line, the line its id; of one that is there twice the last."""
    lines = load_text(folder / WORDS).replace("\r\n", "\n").split("\n")
    lines = lines[:-1] if lines and not lines[-1] else lines
    if "[UNK]" not in lines or len(lines) > MOST_IDS:
        raise no_vocabulary(folder)
    vocab = {line: number for number, line in enumerate(lines)}
    model = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
             "max_input_chars_per_word": 100, "vocab": vocab}  # fmt: skip
    return {"model": model, "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True}}


def _require_bounded(path: Path, about: Mapping[str, Any]) -> None:
    """Patterns and tables of others, tried before they are used."""
    patterns = [p for p in library_rules.patterns_of(about) if p not in library_classes.PATTERNS]
    try:
        for pattern in patterns:
            require_harmless(pattern)
        if patterns or "precompiled_charsmap" in json.dumps(about.get("normalizer")):
            require_bounded(about)
    except ValueError as error:
        raise unsupported(path, str(error)) from error


def _marks(folder: Path, settings: Mapping[str, Any], known: Mapping[str, int]) -> Marks:
    """Where nothing names a mark, the usual ones: <s> and </s>, or BERT's [CLS] and [SEP]."""
    found = read_marks(folder, settings, known)
    begin, end = (next((known[name] for name in names if name in known), None) for names in (
        (name_of(settings.get("cls_token")), "[CLS]", "<s>"), (name_of(settings.get("sep_token")), "[SEP]"),
    ))  # fmt: skip
    ends = found.ends or (() if end is None else (end,))
    return Marks(ends, begin if found.begin is None and not settings.get("bos_token") else found.begin)


def _template(path: Path, post: Sequence[Mapping[str, Any]], known: Mapping[str, int]) -> tuple[int, ...]:
    """The ids that stand before a text. What is put after it is left out: no text could go on behind its own end.

    ``add_bos_token`` in the settings says nothing here: transformers does not read it beside a ``tokenizer.json``.
    """
    before: list[int] = []
    for step in post:
        if step["type"] in ("BertProcessing", "RobertaProcessing"):
            before += [number for number in step["cls"] if isinstance(number, int)][:1]
        elif step["type"] == "TemplateProcessing":
            before += _before(path, step)
    if any(number not in known.values() for number in before):
        raise damaged(path, ValueError(f"post_processor: ids {before[:5]}"))
    return tuple(before)


def _before(path: Path, step: Mapping[str, Any]) -> list[int]:
    ids: list[int] = []
    for piece in step.get("single", []):
        if piece.keys() == {"Sequence"} and piece["Sequence"] == {"id": "A", "type_id": 0}:
            return ids
        name = piece.get("SpecialToken", {})
        known = isinstance(name, dict) and isinstance(name.get("id"), str)
        if not known or name["id"] not in step.get("special_tokens", {}):
            break
        ids += step["special_tokens"][name["id"]]["ids"]
    raise unsupported(path, "post_processor TemplateProcessing: what is not before the text alone")


def _unknown(model: Mapping[str, Any], known: Mapping[str, int]) -> int | None:
    if model["type"] == "Unigram":
        number = model.get("unk_id")
        return number if isinstance(number, int) and number < len(model["vocab"]) else None
    return known.get(str(model.get("unk_token") or ""))
