"""Vocabularies on disk: ours, and Hugging Face's GPT-2 layouts, read without their libraries.

Ours is two files: ``vocab.tiktoken`` (one line per token, ``base64(bytes) rank``) and ``vocabulary.json``, which keeps
what the ranks do not say: the pattern that cuts text into pieces, and the special tokens. A vocabulary of characters
is the second file alone. Hugging Face's is ``tokenizer.json``, or ``vocab.json`` with ``merges.txt``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gptviz.errors import WeightsError
from gptviz.tokens.bpe import END_OF_TEXT, GPT2_PATTERN, PATTERN, byte_alphabet, first_irreproducible

RANKS, OURS = "vocab.tiktoken", "vocabulary.json"
FAST, SLOW, MERGES = "tokenizer.json", "vocab.json", "merges.txt"


@dataclass(frozen=True)
class BytePairs:
    """A byte-level BPE vocabulary; all 256 single bytes are in ``ranks``."""

    ranks: Mapping[bytes, int]  # tokens that texts are made of, by priority of their merge, from 0 without gaps
    pattern: str = PATTERN
    ids: Sequence[int] | None = None  # the id of each rank; None: the rank is the id
    special: Mapping[int, bytes] = field(default_factory=dict)  # ids that no text is encoded to
    end_of_text: int | None = None

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


def read_vocabulary(folder: Path) -> BytePairs | Characters:
    """The vocabulary in a model folder, ours before Hugging Face's.

    Raises WeightsError where there is none, a file is damaged, or it is of a kind other than byte-level BPE.
    """
    if (folder / OURS).is_file() or (folder / RANKS).is_file():
        return read_ours(folder)
    return read_huggingface(folder)


def read_ours(folder: Path) -> BytePairs | Characters:
    """``vocabulary.json`` with ``vocab.tiktoken``."""
    path = folder / OURS
    about = _json(path)
    try:
        if about["kind"] == "characters":
            return Characters(_unique(about["characters"]))
        if about["kind"] != "bpe":
            raise ValueError(f"kind {about['kind']!r}")
        special = {int(n): str(text).encode("utf-8", "surrogateescape") for text, n in about["special"].items()}
        pattern, ids, end = about["pattern"], about.get("ids"), about.get("end_of_text")
        if not isinstance(pattern, str):
            raise TypeError("pattern must be a text")
        ids, end = None if ids is None else [int(n) for n in ids], None if end is None else int(end)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(path, error) from error
    ranks = read_ranks(folder / RANKS)
    if ids is not None and len(ids) != len(ranks):
        raise _damaged(path, ValueError(f"{len(ids)} ids, {len(ranks)} ranks"))
    return BytePairs(ranks, pattern, ids, special, end)


def read_ranks(path: Path) -> dict[bytes, int]:
    """A ``.tiktoken`` file: each token's rank, from 0 without gaps; all 256 single bytes must be there."""
    text = _text(path)
    try:
        lines = [line.split() for line in text.splitlines() if line]
        ranks = {base64.b64decode(token, validate=True): int(rank) for token, rank in lines}
    except ValueError as error:
        raise _damaged(path, error) from error
    if sorted(ranks.values()) != list(range(len(lines))):
        raise _damaged(path, ValueError("a token or a rank is missing or there twice"))
    _require_bytes(path, (bytes([b]) in ranks for b in range(256)))
    return ranks


def write_vocabulary(vocabulary: BytePairs | Characters, folder: Path) -> None:
    """Write our layout into ``folder``, from which ``read_vocabulary`` makes an equal one."""
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
        by_rank = sorted(vocabulary.ranks, key=vocabulary.ranks.__getitem__)
        write_tiktoken(by_rank, folder / RANKS)
    (folder / OURS).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def write_tiktoken(tokens: Iterable[bytes], path: Path) -> None:
    """Write ``tokens`` as a ``.tiktoken`` file; a token's rank is its place."""
    lines = (f"{base64.b64encode(token).decode('ascii')} {rank}\n" for rank, token in enumerate(tokens))
    path.write_text("".join(lines), encoding="ascii")


def read_huggingface(folder: Path) -> BytePairs:
    """``tokenizer.json``, else ``vocab.json`` with ``merges.txt``: a byte-level BPE, as GPT-2's.

    Only what is needed to encode and decode plain text is taken over: added tokens keep their ids, but a user who
    types their names types text.
    """
    config = _json(folder / "tokenizer_config.json") if (folder / "tokenizer_config.json").is_file() else {}
    if (folder / FAST).is_file():
        return _read_fast(folder / FAST, _end_of_text(config))
    if not (folder / SLOW).is_file():
        raise WeightsError("tokenizer.missing", folder=str(folder))
    if config.get("add_prefix_space"):
        raise _unsupported(folder / "tokenizer_config.json", "add_prefix_space")
    lines = [line for line in _text(folder / MERGES).replace("\r\n", "\n").split("\n") if line]
    merges = lines[1:] if lines and lines[0].startswith("#version") else lines
    added = _json(folder / "added_tokens.json") if (folder / "added_tokens.json").is_file() else {}
    return _convert(folder / SLOW, _json(folder / SLOW), merges, added, GPT2_PATTERN, _end_of_text(config))


def _read_fast(path: Path, end: str) -> BytePairs:
    about = _json(path)
    try:
        _require_plain(path, about)
        model = about["model"]
        added = {token["content"]: token["id"] for token in about.get("added_tokens") or ()}
        found = _convert(path, model["vocab"], model["merges"], added, _pattern(path, about), end)
    except (KeyError, TypeError, AttributeError) as error:
        raise _damaged(path, error) from error
    if model.get("ignore_merges") and len(found.special) > len(added):
        raise _unsupported(path, "ignore_merges")  # tokens that no merge makes would be found whole
    return found


def _require_plain(path: Path, about: Mapping[str, Any]) -> None:
    """Byte-level BPE and nothing before, beside or after it that changes the ids of a text."""
    model = about["model"]
    if model.get("type", "BPE") != "BPE" or "merges" not in model:
        raise _unsupported(path, f"model {model.get('type')}")
    if about.get("normalizer"):
        raise _unsupported(path, f"normalizer {about['normalizer'].get('type')}")
    for option in ("byte_fallback", "dropout", "continuing_subword_prefix", "end_of_word_suffix"):
        if model.get(option):
            raise _unsupported(path, option)


def _pattern(path: Path, about: dict[str, Any]) -> str:
    """What cuts text into pieces: ByteLevel's own pattern (GPT-2's), or a Split before a ByteLevel without one."""
    outer = about.get("pre_tokenizer") or {}
    steps = outer.get("pretokenizers", []) if outer.get("type") == "Sequence" else [outer]
    kinds = [step.get("type") for step in steps]
    if not kinds or kinds[-1] != "ByteLevel" or kinds not in (["ByteLevel"], ["Split", "ByteLevel"]):
        raise _unsupported(path, "pre_tokenizer " + " + ".join(map(str, kinds)))
    if steps[-1].get("add_prefix_space"):
        raise _unsupported(path, "add_prefix_space")
    split = len(steps) == 2
    if steps[-1].get("use_regex", True) == split:
        raise _unsupported(path, f"ByteLevel use_regex {not split}")
    if not split:
        return GPT2_PATTERN
    pattern = steps[0].get("pattern", {}).get("Regex")
    if not pattern or steps[0].get("behavior") != "Isolated" or steps[0].get("invert"):
        raise _unsupported(path, "this kind of Split")
    return str(pattern)


def _convert(path: Path, vocab: Mapping[str, int], merges: Iterable[str | Sequence[str]], added: Mapping[str, int],
             pattern: str, end: str) -> BytePairs:  # fmt: skip
    """Names and pairs → ranks. Ranks follow the list of merges; ids stay those of the vocabulary, in whatever order."""
    alphabet = byte_alphabet()
    to_byte = {char: byte for byte, char in alphabet.items()}
    _require_bytes(path, (char in vocab for char in alphabet.values()))
    try:
        pairs = [_pair(merge) for merge in merges]
        singles = sorted(alphabet.values(), key=vocab.__getitem__)  # GPT-2's order, so that its ranks are its ids
        names = list(dict.fromkeys([*singles, *(left + right for left, right in pairs)]))
        ids = [int(vocab[name]) for name in names]
        in_bytes = {name: bytes(to_byte[char] for char in name) for name in {*names, *(n for p in pairs for n in p)}}
        made = set(names)
        special = {int(n): _name_bytes(name, to_byte) for name, n in vocab.items() if name not in made}
        special |= {int(n): name.encode("utf-8") for name, n in added.items() if name not in made}
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise _damaged(path, error) from error
    ranks = {in_bytes[name]: rank for rank, name in enumerate(names)}
    unlike = first_irreproducible(((in_bytes[a], in_bytes[b]) for a, b in pairs), ranks)
    if unlike is not None:
        raise WeightsError("tokenizer.merges", file=path.name, token=unlike.decode("utf-8", "backslashreplace"))
    known = {**vocab, **added}
    return BytePairs(ranks, pattern, None if ids == list(range(len(ids))) else ids, special, known.get(end))


def _pair(merge: str | Sequence[str]) -> tuple[str, str]:
    """``"a b"`` or ``["a", "b"]``, as older and newer files write a merge."""
    left, right = merge.split(" ") if isinstance(merge, str) else merge
    return left, right


def _name_bytes(name: str, to_byte: Mapping[str, int]) -> bytes:
    """The bytes of a token that no merge makes; special ones are plain text and outside the byte alphabet."""
    return bytes(to_byte[c] for c in name) if all(c in to_byte for c in name) else name.encode("utf-8")


def _end_of_text(config: Mapping[str, Any]) -> str:
    named = config.get("eos_token")
    return str(named.get("content") if isinstance(named, dict) else named or END_OF_TEXT)


def _unique(characters: Any) -> str:
    if not isinstance(characters, str) or not characters or len(set(characters)) != len(characters):
        raise ValueError("characters must be a text without repeats")
    return characters


def _require_bytes(path: Path, present: Iterable[bool]) -> None:
    missing = [b for b, there in enumerate(present) if not there]
    if missing:  # tiktoken would panic on the first text that holds one
        raise WeightsError("tokenizer.bytes", file=path.name, count=len(missing))


def _text(path: Path) -> str:
    if not path.is_file():
        raise WeightsError("tokenizer.no_file", file=path.name, folder=str(path.parent))
    try:
        return path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError) as error:
        raise _damaged(path, error) from error


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise _damaged(path, error) from error
    if not isinstance(found, dict):
        raise _damaged(path, ValueError("not a JSON object"))
    return found


def _damaged(path: Path, error: Exception) -> WeightsError:
    return WeightsError("tokenizer.damaged", file=path.name, reason=f"{type(error).__name__}: {error}")


def _unsupported(path: Path, feature: str) -> WeightsError:
    return WeightsError("tokenizer.unsupported", file=path.name, feature=feature)
