"""Vocabularies on disk, in our layout (Hugging Face's are read in ``tokens.huggingface``).

Two files: ``vocab.tiktoken`` (one line per token, ``base64(bytes) rank``) and ``vocabulary.json``, which keeps what the
ranks do not say: the pattern that cuts text into pieces, the special and the added tokens. A vocabulary of characters
is the second file alone.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gptviz.errors import FileError, WeightsError
from gptviz.schema import LARGE, Either, Entries, Flag, Record, Rule, Text, Whole, read_json, read_text
from gptviz.tokens import patterns
from gptviz.tokens.added import AddedToken
from gptviz.tokens.bpe import END_OF_TEXT, PATTERN

RANKS, OURS = "vocab.tiktoken", "vocabulary.json"
#: Beyond what any vocabulary has: ids, and characters of a token's name or of a pattern.
MOST_IDS, LONGEST_NAME, LONGEST_PATTERN = 2**20, 2**16, 2000
ID, NAME = Whole(0, MOST_IDS - 1), Text(LONGEST_NAME, least=1)
VOCAB = Entries(ID, MOST_IDS, keys=NAME)
FLAGS: dict[str, Rule] = dict.fromkeys(("special", "single_word", "lstrip", "rstrip", "normalized"), Flag())
ADDED = Record({"content": NAME, "id": ID, **FLAGS}, needed=("content", "id"), closed=True)
_OURS: dict[str, Rule] = {
    "bpe": Record({
        "pattern": Text(LONGEST_PATTERN, least=1), "ids": Either(Entries(ID, MOST_IDS), None),
        "special": Entries(ID, MOST_IDS, keys=NAME), "end_of_text": Either(ID, None), "begin": Either(ID, None),
        "missing": Entries(Whole(0, 255), 256),
        "ends": Entries(ID, 100), "template": Entries(ID, 100), "added": Entries(ADDED, MOST_IDS),
    }, needed=("pattern", "special")),
    "characters": Record({"characters": Text(MOST_IDS, least=1)}, needed=("characters",)),
}  # fmt: skip


@dataclass(frozen=True)
class BytePairs:
    """A byte-level BPE vocabulary. Most have all 256 single bytes; what else a text holds is left out of it."""

    ranks: Mapping[bytes, int]  # tokens that texts are made of, by priority of their merge, from 0 without gaps
    pattern: str = PATTERN
    ids: Sequence[int] | None = None  # the id of each rank; None: the rank is the id
    special: Mapping[int, bytes] = field(default_factory=dict)  # ids that no merge makes
    end_of_text: int | None = None
    added: tuple[AddedToken, ...] = ()  # texts that are one token each, before any merge
    ends: tuple[int, ...] = ()  # further ids that end a text, besides ``end_of_text``
    begin: int | None = None  # what stands before a text; None: ``end_of_text``, as for GPT-2
    template: tuple[int, ...] = ()  # ids that every text is given at its start

    @property
    def missing(self) -> frozenset[int]:
        """The bytes that no token begins with, so that none holds them."""
        return frozenset(byte for byte in range(256) if bytes([byte]) not in self.ranks)

    @classmethod
    def from_tokens(cls, tokens: Sequence[bytes], *, pattern: str = PATTERN) -> BytePairs:
        """Tokens in order of rank, and after them ``<|endoftext|>``."""
        end = len(tokens)
        special = {end: END_OF_TEXT.encode()}
        return cls({token: rank for rank, token in enumerate(tokens)}, pattern, None, special, end)


@dataclass(frozen=True)
class Characters:
    """A vocabulary of whole characters: the id of each is its place."""

    characters: str


def has_ours(folder: Path) -> bool:
    """Whether there is a vocabulary in our layout, or half of one."""
    return (folder / OURS).is_file() or (folder / RANKS).is_file()


def read_ours(folder: Path) -> BytePairs | Characters:
    """``vocabulary.json`` with ``vocab.tiktoken``. Raises WeightsError where one is missing or damaged."""
    path = folder / OURS
    about = load_json(path, Record({"kind": Text(20)}, needed=("kind",)), surrogates=True)
    kind = about["kind"]
    try:
        if kind not in _OURS:
            raise ValueError(f"kind {kind!r}")
        _OURS[kind].check(about)
        if kind == "characters":
            return Characters(_unique(about["characters"]))
        special = {n: text.encode("utf-8", "surrogateescape") for text, n in about["special"].items()}
        about["pattern"].encode("utf-8")
        added = tuple(AddedToken(**token) for token in about.get("added", ()))
        [token.content.encode("utf-8") for token in added]
    except ValueError as error:
        raise damaged(path, error) from error
    require_harmless(path, about["pattern"])
    ranks, ids = read_ranks(folder / RANKS, missing=about.get("missing", ())), about.get("ids")
    if ids is not None and len(ids) != len(ranks):
        raise damaged(path, ValueError(f"{len(ids)} ids, {len(ranks)} ranks"))
    return BytePairs(ranks, about["pattern"], ids, special, about.get("end_of_text"), added,
                     tuple(about.get("ends", ())), about.get("begin"), tuple(about.get("template", ())))  # fmt: skip


def read_ranks(path: Path, *, missing: Iterable[int] = ()) -> dict[bytes, int]:
    """A ``.tiktoken`` file: each token's rank, from 0 without gaps; all 256 single bytes but ``missing`` are there."""
    text = load_text(path)
    try:
        lines = [line.split() for line in text.splitlines() if line]
        ranks = {base64.b64decode(token, validate=True): int(rank) for token, rank in lines}
    except ValueError as error:
        raise damaged(path, error) from error
    if len(lines) > MOST_IDS or sorted(ranks.values()) != list(range(len(lines))):
        raise damaged(path, ValueError("a token or a rank is missing or there twice"))
    require_bytes(path, (bytes([b]) in ranks for b in set(range(256)) - {*missing}))
    return ranks


def write_vocabulary(vocabulary: BytePairs | Characters, folder: Path) -> None:
    """Write our layout into ``folder``, from which ``read_ours`` makes an equal one."""
    folder.mkdir(parents=True, exist_ok=True)
    about: dict[str, Any]
    if isinstance(vocabulary, Characters):
        about = {"kind": "characters", "characters": vocabulary.characters}
    else:
        special = {text.decode("utf-8", "surrogateescape"): n for n, text in vocabulary.special.items()}
        about = {
            "kind": "bpe",
            "pattern": vocabulary.pattern,
            "special": special,
            "end_of_text": vocabulary.end_of_text,
        }
        about |= {"ids": list(vocabulary.ids)} if vocabulary.ids is not None else {}
        about |= {"begin": vocabulary.begin} if vocabulary.begin is not None else {}
        lists = {"added": [asdict(token) for token in vocabulary.added], "ends": list(vocabulary.ends)}
        lists["template"] = list(vocabulary.template)
        lists["missing"] = sorted(vocabulary.missing)
        about |= {name: entries for name, entries in lists.items() if entries}
        by_rank = sorted(vocabulary.ranks, key=vocabulary.ranks.__getitem__)
        write_tiktoken(by_rank, folder / RANKS)
    (folder / OURS).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def write_tiktoken(tokens: Iterable[bytes], path: Path) -> None:
    """Write ``tokens`` as a ``.tiktoken`` file; a token's rank is its place."""
    lines = (f"{base64.b64encode(token).decode('ascii')} {rank}\n" for rank, token in enumerate(tokens))
    path.write_text("".join(lines), encoding="ascii")


def load_json(path: Path, rule: Rule, *, surrogates: bool = False) -> Any:
    """A file of a vocabulary, checked; WeightsError names the file and what is wrong with it."""
    _require_file(path)
    try:
        return read_json(path, rule, limit=LARGE, surrogates=surrogates)
    except FileError as error:
        raise damaged(path, error) from error


def load_text(path: Path) -> str:
    """A file of a vocabulary that is no JSON."""
    _require_file(path)
    try:
        return read_text(path, limit=LARGE)
    except FileError as error:
        raise damaged(path, error) from error


def require_bytes(path: Path, present: Iterable[bool]) -> None:
    """Raise WeightsError where not all of 256 are true: tiktoken would panic on the first text that holds one."""
    missing = [b for b, there in enumerate(present) if not there]
    if missing:
        raise WeightsError("tokenizer.bytes", file=path.name, count=len(missing))


def require_harmless(path: Path, pattern: str) -> None:
    """Raise WeightsError for a pattern that is none, or that would take seconds to cut a text."""
    try:
        patterns.require_harmless(pattern)
    except ValueError as error:
        raise unsupported(path, str(error)) from error


def unsupported(path: Path, feature: str) -> WeightsError:
    """The sentence for what is understood to be there, and not run here."""
    return WeightsError("tokenizer.unsupported", file=path.name, feature=feature)


def damaged(path: Path, error: Exception) -> WeightsError:
    """The sentence for a file that cannot be what it was; what has a sentence of its own keeps it."""
    if isinstance(error, WeightsError) and (not isinstance(error, FileError) or error.key == "file.mark"):
        return error
    reason = error if isinstance(error, FileError) else f"{type(error).__name__}: {str(error)[:200]}"
    return WeightsError("tokenizer.damaged", file=path.name, reason=reason)


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise WeightsError("tokenizer.no_file", file=path.name, folder=str(path.parent))


def _unique(characters: str) -> str:
    if len(set(characters)) != len(characters):
        raise ValueError("characters must be a text without repeats")
    characters.encode("utf-8")
    return characters
