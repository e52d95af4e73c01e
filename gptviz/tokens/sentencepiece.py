"""``tokenizer.model``: SentencePiece's own file, as a ``tokenizer.json`` (Kudo and Richardson 2018).

The file is a message of Protocol Buffers; of its fields some ten are read here (``sentencepiece_model.proto``): pieces
with their scores and kinds, which of the two algorithms, what is done to a text before. What comes out is what
transformers makes of such a file: for BPE Llama's tokenizer, for Unigram one with the file's table of characters.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gptviz.errors import FileError
from gptviz.schema import LARGE
from gptviz.tokens.library_classes import spaces
from gptviz.tokens.vocabulary_files import MOST_IDS, damaged, unsupported

_PIECES, _TRAINER, _NORMALIZER = 1, 2, 3  # fields of ModelProto
_PIECE, _SCORE, _TYPE = 1, 2, 3  # … of SentencePiece
_ALGORITHM, _BYTE_FALLBACK, _UNK_ID = 3, 35, 40  # … of TrainerSpec
_CHARSMAP, _DUMMY_PREFIX, _EXTRA_SPACES = 2, 3, 4  # … of NormalizerSpec
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6
_UNIGRAM, _BPE = 1, 2
_LONGEST = 1000  # bytes of a piece; the longest in use have some hundred
_LONGEST_JOINED, _MOST_CUTS = 256, 5_000_000  # characters; places where pieces may be cut: twice those of the largest


class Piece(NamedTuple):
    """One token of the file; its place is its id."""

    text: str
    score: float
    type: int


def is_model(path: Path) -> bool:
    """Whether a file begins as SentencePiece's do, with a piece; Llama 3's of the same name is a list in text."""
    try:
        with path.open("rb") as file:
            return file.read(1) == bytes([_PIECES << 3 | 2])
    except OSError:
        return False


def read_model(path: Path) -> dict[str, Any]:
    """The file as a ``tokenizer.json``. Raises WeightsError where it is damaged, or of another algorithm."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGE + 1)
        if len(data) > LARGE:
            raise FileError("file.large", limit=LARGE // 2**20)
        pieces, trainer, normalizer = _parts(data)
    except OSError as error:
        raise damaged(path, FileError("file.unreadable", reason=error.strerror or type(error).__name__)) from error
    except (ValueError, TypeError, struct.error) as error:  # also where a field holds what another kind of field does
        raise damaged(path, error) from error
    if not pieces or len({piece.text for piece in pieces}) < len(pieces):
        raise damaged(path, ValueError("no pieces, or one that is there twice"))
    algorithm = trainer.get(_ALGORITHM, _UNIGRAM)
    if algorithm == _BPE:
        try:
            return _bpe(pieces, normalizer)
        except ValueError as error:
            raise damaged(path, error) from error
    if algorithm == _UNIGRAM:
        return _unigram(pieces, trainer, normalizer)
    raise unsupported(path, f"SentencePiece model_type {algorithm}")


def _bpe(pieces: list[Piece], normalizer: dict[int, Any]) -> dict[str, Any]:
    vocab = {piece.text: number for number, piece in enumerate(pieces)}
    pairs = [(vocab[name], at, len(name) - at, name) for name, at in joined(vocab)]
    merges = [(name[:at], name[at:]) for *_, at, _, name in sorted(pairs)]  # in the order in which they were learnt
    return {"model": {"type": "BPE", "vocab": vocab, "merges": merges, "fuse_unk": True, "byte_fallback": True,
                      "unk_token": None}, "added_tokens": _added(pieces),
            **spaces("first" if normalizer.get(_DUMMY_PREFIX, 1) else "never")}  # fmt: skip


def joined(pieces: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Each piece that others make together, with where it is cut; of a piece there may be several cuts.

    Raises ValueError where looking would take longer than for any vocabulary in use: pieces as long as books.
    """
    if max(map(len, pieces), default=0) > _LONGEST_JOINED or sum(map(len, pieces)) > _MOST_CUTS:
        raise ValueError("pieces that are longer, or more, than any in use")
    for name in pieces:
        yield from ((name, at) for at in range(1, len(name)) if name[:at] in pieces and name[at:] in pieces)


def _unigram(pieces: list[Piece], trainer: dict[int, Any], normalizer: dict[int, Any]) -> dict[str, Any]:
    table = normalizer.get(_CHARSMAP, b"")
    steps: list[dict[str, Any]] = []
    if table:
        steps.append({"type": "Precompiled", "precompiled_charsmap": base64.b64encode(table).decode()})
    if normalizer.get(_EXTRA_SPACES, 1):
        steps += [{"type": "Strip", "strip_left": False, "strip_right": True},
                  {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}]  # fmt: skip
    space = {"type": "Metaspace", "replacement": "▁", "split": True,
             "prepend_scheme": "always" if normalizer.get(_DUMMY_PREFIX, 1) else "never"}  # fmt: skip
    model = {"type": "Unigram", "vocab": [[piece.text, piece.score] for piece in pieces],
             "unk_id": trainer.get(_UNK_ID, 0), "byte_fallback": bool(trainer.get(_BYTE_FALLBACK, 0))}  # fmt: skip
    falls = [{"type": "ByteFallback"}] if model["byte_fallback"] else []
    return {"model": model, "normalizer": {"type": "Sequence", "normalizers": steps}, "pre_tokenizer": space,
            "decoder": {"type": "Sequence", "decoders": [space, *falls]}, "added_tokens": _added(pieces)}  # fmt: skip


def _added(pieces: list[Piece]) -> list[dict[str, Any]]:
    """Marks and what its maker wanted kept whole."""
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return [{"content": piece.text, "id": number, "special": piece.type != USER_DEFINED, **flags}
            for number, piece in enumerate(pieces) if piece.type in (UNKNOWN, CONTROL, USER_DEFINED)]  # fmt: skip


def _parts(data: bytes) -> tuple[list[Piece], dict[int, Any], dict[int, Any]]:
    pieces: list[Piece] = []
    inner: dict[int, dict[int, Any]] = {_TRAINER: {}, _NORMALIZER: {}}
    for number, value in _fields(data):
        if number == _PIECES and isinstance(value, bytes):
            about = dict(_fields(value))
            text, score = about.get(_PIECE, b""), about.get(_SCORE, b"\0\0\0\0")
            if len(text) > _LONGEST or len(pieces) >= MOST_IDS:
                raise ValueError("more or longer pieces than any in use")
            number_of = struct.unpack("<f", score)[0]
            if not abs(number_of) < 1e30:
                raise ValueError(f"a score of {number_of}")
            pieces.append(Piece(text.decode("utf-8"), number_of, int(about.get(_TYPE, NORMAL))))
        elif number in inner and isinstance(value, bytes):
            inner[number] = dict(_fields(value))
    if not isinstance(inner[_NORMALIZER].get(_CHARSMAP, b""), bytes):
        raise TypeError("a table of characters that is none")
    return pieces, inner[_TRAINER], inner[_NORMALIZER]


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Each field of one message: its number, and a whole number, bytes, or the bytes of a float."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        value: int | bytes
        if kind == 0:
            value, at = _varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            value, at = data[at : at + size], at + size
        elif kind == 2:
            size, at = _varint(data, at)
            value, at = data[at : at + size], at + size
        else:
            raise ValueError(f"a field of kind {kind}")
        if at > len(data):
            raise ValueError("cut off")
        yield key >> 3, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A whole number of one to ten bytes, seven bits in each, and where it ends."""
    found = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("cut off")
        found |= (data[at] & 127) << shift
        at += 1
        if data[at - 1] < 128:
            return found, at
    raise ValueError("a number of more than ten bytes")
