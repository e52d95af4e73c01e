"""Text ↔ token ids: byte-level BPE run by tiktoken, and a vocabulary of single characters.

Bytes are the truth of a token, text is a view of it (see ``tokens.pieces``); vocabularies are read and written in
``tokens.vocabulary_files``; the readable twin of the fast encoder is ``tokens.bpe``, shown by ``Tokenizer.merges``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tiktoken

from gptviz.errors import PromptError, WeightsError
from gptviz.tokens.bpe import END_OF_TEXT, GPT2_PATTERN, PATTERN, Merge, byte_alphabet, merge_next, merged, single_bytes
from gptviz.tokens.pieces import Group, Token, clean, groups, locate
from gptviz.tokens.vocabulary_files import (
    RANKS,
    BytePairs,
    Characters,
    read_huggingface,
    read_ours,
    read_ranks,
    read_vocabulary,
    write_vocabulary,
)

__all__ = ["END_OF_TEXT", "GPT2_PATTERN", "PATTERN", "BytePairs", "Characters", "Group", "Merge", "Token", "Tokenizer",
           "byte_alphabet", "clean", "groups"]  # fmt: skip

#: tiktoken's regular expressions panic on one run of a million letters or spaces; a fifth of that is safe.
_LONGEST = 200_000


class Tokenizer:
    """Turns text into ids and back. Never changed once made: one instance serves many threads."""

    vocab_size: int  # number of ids, special ones and those without a token included
    end_of_text: int | None

    def __init__(self, vocabulary: BytePairs, *, vocab_size: int | None = None) -> None:
        """``vocab_size`` may exceed the vocabulary: some models are padded. Raises WeightsError if it cannot be run."""
        self._vocabulary: BytePairs | Characters = vocabulary
        self._ranks, self._ids = vocabulary.ranks, vocabulary.ids
        self._special = frozenset(vocabulary.special)
        self.end_of_text = vocabulary.end_of_text
        ids = vocabulary.ids or range(len(vocabulary.ranks))
        table = {ids[rank]: token for token, rank in vocabulary.ranks.items()}
        if len(table) < len(vocabulary.ranks) or self._special & table.keys():
            raise WeightsError("tokenizer.damaged", file="vocabulary", reason="one id for two tokens")
        self._keep(table | dict(vocabulary.special), vocab_size)
        try:
            self._pattern = _matching_all(vocabulary.pattern)
            self._fast = tiktoken.Encoding(
                "gptviz", pat_str=self._pattern, mergeable_ranks=dict(vocabulary.ranks), special_tokens={}
            )
        except ValueError as error:  # the pattern is none, or none that this engine knows
            raise WeightsError("tokenizer.unsupported", file="vocabulary", feature=str(error)) from error

    @classmethod
    def load(cls, folder: Path | str) -> Tokenizer:
        """The tokenizer of a model folder: ours, or Hugging Face's byte-level BPE.

        Raises WeightsError where files are missing, damaged, or of another kind.
        """
        vocabulary = read_vocabulary(Path(folder))
        return cls._of(vocabulary, vocab_size=_rows(Path(folder) / "config.json"))

    @classmethod
    def from_tiktoken(cls, path: Path | str, *, pattern: str | None = None) -> Tokenizer:
        """A ``.tiktoken`` file; the pattern and the special tokens are read from ``vocabulary.json`` beside it.

        With ``pattern``, the file is enough: ``<|endoftext|>`` comes after its last rank.
        """
        path = Path(path)
        if pattern is None:
            return cls._of(read_ours(path if path.is_dir() else path.parent))
        ranks = read_ranks(path / RANKS if path.is_dir() else path)
        return cls.from_tokens(sorted(ranks, key=ranks.__getitem__), pattern=pattern)

    @classmethod
    def from_huggingface(cls, folder: Path | str) -> Tokenizer:
        """``tokenizer.json``, or ``vocab.json`` with ``merges.txt``, in ``folder``."""
        return cls._of(read_huggingface(Path(folder)))

    @classmethod
    def from_tokens(cls, tokens: Sequence[bytes], *, pattern: str = PATTERN) -> Tokenizer:
        """Tokens in order of rank (as ``training.vocabulary`` learns them), and ``<|endoftext|>`` after them."""
        return cls(BytePairs.from_tokens(tokens, pattern=pattern))

    @classmethod
    def characters(cls, text: str) -> Tokenizer:
        """One token for each character of ``text``, by code point. Text with others is a PromptError.

        >>> Tokenizer.characters("hello").encode("hole")
        [1, 3, 2, 0]
        """
        return _CharacterTokenizer(Characters("".join(sorted(set(clean(text)[0])))))

    def shortened(self, vocab_size: int) -> Tokenizer:
        """The tokenizer of the first ``vocab_size - 1`` tokens, and the end of text: merges after those are not made.

        The tokens of a byte-level BPE stand in the order in which they were learnt, so that its beginning is what
        learning would have stopped at. Raises WeightsError for a vocabulary of characters, or too small a size.
        """
        if not isinstance(self._vocabulary, BytePairs) or self._vocabulary.ids or not vocab_size >= 257:
            raise WeightsError("tokenizer.unsupported", file="vocabulary", feature=f"vocab_size = {vocab_size}")
        ranks = self._ranks
        tokens = sorted(ranks, key=ranks.__getitem__)[: vocab_size - 1]
        return Tokenizer.from_tokens(tokens, pattern=self._vocabulary.pattern)

    @staticmethod
    def _of(vocabulary: BytePairs | Characters, *, vocab_size: int | None = None) -> Tokenizer:
        if isinstance(vocabulary, Characters):
            return _CharacterTokenizer(vocabulary, vocab_size=vocab_size)
        return Tokenizer(vocabulary, vocab_size=vocab_size)

    def save(self, folder: Path | str) -> None:
        """Write the vocabulary in our layout, from which ``load`` makes an equal tokenizer."""
        write_vocabulary(self._vocabulary, Path(folder))

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that tell this vocabulary from others: SHA-256 over its tokens in order of id."""
        tokens = (self.token_bytes(token) + b"\xff" for token in range(self.vocab_size))  # no byte of UTF-8
        return hashlib.sha256(b"".join(tokens)).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.vocab_size:,} ids)"

    def encode(self, text: str) -> list[int]:
        """Token ids of ``text``; the name of a special token is plain text, a lone surrogate is read as U+FFFD.

        ``decode(encode(text)) == text`` for every text without lone surrogates (see ``clean`` to count them).
        """
        ranks = [rank for block in self._blocks(clean(text)[0]) for rank in self._encode_block(block)]
        return ranks if self._ids is None else [self._ids[rank] for rank in ranks]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ``ids``; U+FFFD stands for what is not UTF-8 as a whole, such as half a character."""
        return self.decode_bytes(ids).decode("utf-8", "replace")

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """The bytes of ``ids``, exactly. Raises PromptError for an id outside the vocabulary."""
        return b"".join(map(self.token_bytes, ids))

    def token_bytes(self, token_id: int) -> bytes:
        """The bytes of one token; none for an id that only fills a padded vocabulary."""
        if not 0 <= token_id < self.vocab_size:
            raise PromptError("prompt.bad_id", id=token_id, vocab_size=self.vocab_size)
        return self._table.get(token_id, b"")

    def tokens(self, text: str | Iterable[int]) -> list[Token]:
        """Tokens of a text, or of ids, with their bytes, their text where they have one, and their place."""
        ids = self.encode(text) if isinstance(text, str) else [int(number) for number in text]
        return locate(ids, [*map(self.token_bytes, ids)])

    def is_special(self, token_id: int) -> bool:
        """Whether no text is encoded to this id: it marks something, as ``<|endoftext|>`` does, or fills a gap."""
        return token_id in self._special or token_id not in self._table

    def pieces(self, text: str) -> list[bytes]:
        """The pieces that ``text`` is cut into before merging; no token reaches across two of them.

        They are found by the package ``regex``, whose Unicode may be newer than tiktoken's. Where that makes a
        difference (characters of the last year), the tokens themselves are given as the pieces.
        """
        import regex  # type: ignore[import-untyped]  # a requirement of tiktoken

        cleaned = clean(text)[0]
        cut = regex.compile(self._pattern)
        found = [m.group().encode("utf-8") for block in self._blocks(cleaned) for m in cut.finditer(block)]
        tokens = [*map(self.token_bytes, self.encode(cleaned))]
        return found if [part for piece in found for part in self._parts(piece)] == tokens else tokens

    def merges(self, text: str) -> Iterator[Merge]:
        """Every merge that makes the tokens of ``text``, piece by piece, in the order of BPE.

        The parts after a piece's last merge (its single bytes, if it has none) are its tokens.
        """
        for number, piece in enumerate(self.pieces(text)):
            before = single_bytes(piece)
            for at, after in merged(piece, self._ranks):
                rank = self._ranks[after[at]]
                yield Merge(number, before, after, at, rank, rank if self._ids is None else self._ids[rank])
                before = after

    def _keep(self, table: Mapping[int, bytes], vocab_size: int | None) -> None:
        self._table = table
        self.vocab_size = max(max(table, default=-1) + 1, vocab_size or 0)

    def _parts(self, piece: bytes) -> list[bytes]:
        parts = list(single_bytes(piece))
        while merge_next(parts, self._ranks) is not None:
            pass
        return parts

    def _encode_block(self, text: str) -> list[int]:
        try:
            return self._fast.encode_ordinary(text)
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # Rust's; not an Exception, so nobody above would catch it
                raise
            raise PromptError("tokenizer.failed", reason=str(error)) from None

    def _blocks(self, text: str) -> Iterator[str]:
        """``text`` in blocks short enough for tiktoken, cut where pieces end; only longer pieces are cut themselves."""
        start = 0
        while len(text) - start > _LONGEST:
            import regex

            last = start
            for match in regex.finditer(self._pattern, text, pos=start, endpos=start + _LONGEST):
                last = match.start()  # the last piece may go on behind the block
            stop = last if last > start else start + _LONGEST
            yield text[start:stop]
            start = stop
        yield text[start:]


class _CharacterTokenizer(Tokenizer):
    """A token for each character; there are no merges."""

    def __init__(self, vocabulary: Characters, *, vocab_size: int | None = None) -> None:
        self._vocabulary = vocabulary
        self._id_of = {character: place for place, character in enumerate(vocabulary.characters)}
        self._ranks, self._special, self.end_of_text = {}, frozenset(), None
        self._keep({place: character.encode("utf-8") for character, place in self._id_of.items()}, vocab_size)

    def encode(self, text: str) -> list[int]:
        """The id of each character. Raises PromptError at the first that the vocabulary lacks."""
        cleaned = clean(text)[0]
        unknown = next((character for character in cleaned if character not in self._id_of), None)
        if unknown is not None:
            raise PromptError("tokenizer.character", character=unknown, code=f"U+{ord(unknown):04X}")
        return [self._id_of[character] for character in cleaned]

    def pieces(self, text: str) -> list[bytes]:
        """Each character."""
        return [*map(self.token_bytes, self.encode(text))]

    def merges(self, text: str) -> Iterator[Merge]:
        """None."""
        return iter(())


def _matching_all(pattern: str) -> str:
    """A pattern that matches every character: what no branch matches becomes a piece instead of being dropped."""
    if pattern in (PATTERN, GPT2_PATTERN):
        return pattern
    import regex

    try:
        if regex.match(pattern, ""):
            raise ValueError("a pattern that matches nothing at all")  # tiktoken panics on empty pieces
    except regex.error as error:
        raise ValueError(f"pattern {pattern!r}: {error}") from error
    return rf"{pattern}|(?:(?!{pattern})[\s\S])+"


def _rows(config: Path) -> int | None:
    """``vocab_size`` in a model's configuration, where it can be read; the model's loader says what is wrong there."""
    try:
        about: Any = json.loads(config.read_text(encoding="utf-8"))
        return int(about["vocab_size"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
