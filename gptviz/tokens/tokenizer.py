"""Text ↔ token ids: byte-level BPE run by tiktoken, and a vocabulary of single characters.

Bytes are the truth of a token, text is a view of it (see ``tokens.pieces``); vocabularies are read and written in
``tokens.vocabulary_files``, others' are read in ``tokens.huggingface``; the readable twin of the fast encoder is
``tokens.bpe``, shown by ``Tokenizer.merges``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from gptviz.errors import FileError, PromptError, WeightsError
from gptviz.schema import Record, Whole, read_json
from gptviz.tokens.added import AddedToken, AddedTokens
from gptviz.tokens.bpe import END_OF_TEXT, GPT2_PATTERN, PATTERN, Merge, byte_alphabet, merged, single_bytes
from gptviz.tokens.engine import Engine
from gptviz.tokens.huggingface import (
    ADDED_LATER,
    CHAT,
    FAST,
    MERGES,
    NAMED,
    OTHER_KINDS,
    SETTINGS,
    SLOW,
    read_huggingface,
)
from gptviz.tokens.marks import CONFIG, GENERATION
from gptviz.tokens.pieces import Group, Token, clean, go_on, groups, locate
from gptviz.tokens.reading import Change, Placed, changes
from gptviz.tokens.vocabulary_files import (
    MOST_IDS,
    OURS,
    RANKS,
    BytePairs,
    Characters,
    has_ours,
    read_ours,
    read_ranks,
    write_vocabulary,
)

__all__ = ["END_OF_TEXT", "GPT2_PATTERN", "PATTERN", "BytePairs", "Characters", "Group", "Merge", "Token", "Tokenizer",
           "byte_alphabet", "clean", "groups"]  # fmt: skip

#: All files that a vocabulary may be read from, or that say more about it; the last ones are only looked for.
FILES = (OURS, RANKS, FAST, SLOW, MERGES, SETTINGS, NAMED, ADDED_LATER, CHAT, GENERATION, CONFIG, *OTHER_KINDS)


#: What tiktoken cannot run, by the sentence that says so.
_FOR_THE_LIBRARY = {"tokenizer.unsupported", "tokenizer.bytes", "tokenizer.merges", "tokenizer.other_kind"}


#: Byte-level BPE, whose merges can be followed; one token for each character; pieces that a library finds otherwise.
Kind: TypeAlias = Literal["merges", "characters", "pieces"]


class Tokenizer:
    """Turns text into ids and back. Never changed once made: one instance serves many threads."""

    vocab_size: int  # number of ids, special ones and those without a token included
    end_of_text: int | None  # what is written where a text ends
    ends: frozenset[int]  # all ids that end a text, that one too
    begin_of_text: int | None  # what stands before a text; for GPT-2 the same mark as at its end
    _unknown: frozenset[int] = frozenset()  # ids that stand for what the vocabulary does not know
    _missing: frozenset[int] = frozenset()  # bytes that no token holds
    kind: Kind = "merges"  # how it finds its tokens
    rewrites: bool = False  # whether a text may be read as another than was typed

    def __init__(self, vocabulary: BytePairs, *, vocab_size: int | None = None) -> None:
        """``vocab_size`` may exceed the vocabulary: some models are padded. Raises WeightsError if it cannot be run."""
        self._vocabulary: BytePairs | Characters = vocabulary
        self._ranks, self._ids = vocabulary.ranks, vocabulary.ids
        self.end_of_text, self._template = vocabulary.end_of_text, vocabulary.template
        self.ends = frozenset(vocabulary.ends if self.end_of_text is None else (self.end_of_text, *vocabulary.ends))
        self.begin_of_text = self.end_of_text if vocabulary.begin is None else vocabulary.begin
        found = {token.id for token in vocabulary.added if not token.special}
        self._special = frozenset(vocabulary.special) - (found - self.ends)
        self._all_added = AddedTokens(vocabulary.added)
        self._added = AddedTokens(token for token in vocabulary.added if token.id not in self.ends)
        ids = vocabulary.ids or range(len(vocabulary.ranks))
        table = {ids[rank]: token for token, rank in vocabulary.ranks.items()}
        if len(table) < len(vocabulary.ranks) or vocabulary.special.keys() & table.keys():
            raise WeightsError("tokenizer.damaged", file="vocabulary", reason="one id for two tokens")
        self._keep(table | dict(vocabulary.special), vocab_size)
        self._missing = vocabulary.missing
        self.rewrites = bool(self._missing) or any(token.lstrip or token.rstrip for token in vocabulary.added)
        self._engine = Engine(vocabulary)

    @classmethod
    def load(cls, folder: Path | str) -> Tokenizer:
        """The tokenizer of a model folder: ours, or any of Hugging Face's kinds.

        Byte-level BPE runs in tiktoken; what that cannot run, in the library ``tokenizers`` where it is installed.
        Raises WeightsError where files are missing or damaged, or ask for what neither is known to do.
        """
        folder = Path(folder)
        rows = _rows(folder / CONFIG)
        if has_ours(folder):
            return cls._of(read_ours(folder), vocab_size=rows)
        try:
            return cls._of(read_huggingface(folder, rows=rows), vocab_size=rows)
        except WeightsError as error:
            from gptviz.tokens.library_files import PIECES, WORDS, read_library

            there = any((folder / name).is_file() for name in (FAST, WORDS, *PIECES))
            if error.key not in _FOR_THE_LIBRARY or not there:
                raise
        from gptviz.tokens.library import LibraryTokenizer

        return LibraryTokenizer(read_library(folder, rows=rows), vocab_size=rows)

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
        """Byte-level BPE, run by tiktoken: ``tokenizer.json``, or ``vocab.json`` with ``merges.txt``, in ``folder``."""
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
        return cls.of_characters(Characters("".join(sorted(set(clean(text)[0])))))

    @staticmethod
    def of_characters(vocabulary: Characters) -> Tokenizer:
        """One token for each character of a vocabulary, in its order."""
        return Tokenizer._of(vocabulary)

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
            from gptviz.tokens.characters import CharacterTokenizer

            return CharacterTokenizer(vocabulary, vocab_size=vocab_size)
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

    @property
    def start(self) -> int | None:
        """The token that a text is read after: the begin mark, else what ends the text before; None without either."""
        return self.end_of_text if self.begin_of_text is None else self.begin_of_text

    @property
    def starts(self) -> bool:
        """Whether a text's ids begin with ``start`` where nothing else is said: as the model's template has it."""
        return self.start is not None and self._template[:1] == (self.start,)

    def template(self) -> tuple[int, ...]:
        """The ids that ``encode`` puts before each text unless it is told not to: a mark, or none."""
        return self._template

    def encode(self, text: str, *, add_special_tokens: bool = True, end_marks: bool = False,
               start: bool | None = None) -> list[int]:  # fmt: skip
        """Token ids of ``text``; a lone surrogate is read as U+FFFD.

        As transformers' ``tokenizer(text)``: added tokens (``<|user|>``) are found in the text, and where the model's
        template begins each text with a mark, the ids begin with it unless ``add_special_tokens`` is false. Of that
        there is one exception: the name of a mark that ends texts (``<|endoftext|>``) is plain text here, as no text
        can hold its own end; with ``end_marks`` it is the mark. ``start`` says for this text whether the start mark
        stands first, whatever the template has; a model without such a mark reads no text after one.

        ``decode(encode(text)) == text`` for every text without lone surrogates (see ``clean`` to count them), unless
        there is such a mark at its start, or an added token takes the white space beside it.
        """
        ids = self._before(add_special_tokens if start is None else start, start is True)
        return ids + self._read(clean(text)[0], end_marks)

    def encode_plain(self, text: str) -> list[int]:
        """Token ids of ``text`` as text and nothing else: no added token is found in it, nothing stands before it."""
        return self._ids_between(clean(text)[0])

    def placed(self, text: str) -> list[Placed]:
        """The tokens of ``text``, with the characters of what was typed that each was made of; nothing before them.

        In ``tokens`` a place is one in the text that the tokens make together, which need not be what was typed.
        """
        found: list[Placed] = []
        typed, at = clean(text)[0], 0
        for part in self._added.cut(typed):
            if isinstance(part, str):
                start = typed.index(part, at)
                found += (token._replace(start=token.start + start, end=token.end + start) for token in self._set(part))
                at = start + len(part)
            else:
                start = typed.index(part.content, at)
                at = start + len(part.content)
                found.append(Placed(part.id, self.token_bytes(part.id), start, at))
        return found

    def _set(self, text: str) -> Iterator[Placed]:
        """The tokens of a text without added ones, each with the characters that its bytes are from."""
        of = [place for place, c in enumerate(text) for byte in c.encode() if byte not in self._missing]
        at = 0
        for number in self._ids_between(text):
            data = self.token_bytes(number)
            if data:
                yield Placed(number, data, of[at], of[at + len(data) - 1] + 1)
            at += len(data)

    def changes(self, text: str) -> tuple[Change, ...]:
        """Where what is read differs from ``text``, which some tokenizers rewrite: see ``tokens.reading``.

        With none, ``decode(encode(text, add_special_tokens=False)) == text``. A lone surrogate is counted by ``clean``.
        """
        if not self.rewrites:
            return ()
        typed = clean(text)[0]
        data = self.decode_bytes(self.encode(text, add_special_tokens=False))
        if data == typed.encode("utf-8"):
            return ()
        read = data.decode("utf-8", "replace")
        return changes(typed, self.placed(text), self._unknown) or (Change("altered", typed, read, 0, len(typed)),)

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

    def go_on(self, before: Sequence[Token], ids: Sequence[int]) -> list[Token]:
        """``tokens`` of ids that begin with those of ``before``, of which most is taken over."""
        return go_on(before, [int(number) for number in ids], [*map(self.token_bytes, ids)])

    @property
    def added(self) -> tuple[AddedToken, ...]:
        """The texts that are one token each, wherever they stand."""
        return self._vocabulary.added if isinstance(self._vocabulary, BytePairs) else ()

    def is_special(self, token_id: int) -> bool:
        """Whether this id is no piece of a text: it marks something, as ``<|endoftext|>`` does, or fills a gap."""
        return token_id in self._special or token_id not in self._table

    def pieces(self, text: str) -> list[bytes]:
        """The pieces that ``text`` is cut into before merging; no token reaches across two. An added token is one.

        They are found by the package ``regex``, whose Unicode may be newer than tiktoken's. Where that makes a
        difference (characters of the last year), the tokens themselves are given as the pieces.
        """
        return [piece for piece, _ in self.cut(text)]

    @property
    def ranks(self) -> Mapping[bytes, int]:
        """Each token's rank, by which neighbours are merged; none where that is not how tokens are found."""
        return self._ranks

    def id_of(self, rank: int) -> int:
        """The id of the token of that rank."""
        return rank if self._ids is None else self._ids[rank]

    def merges(self, text: str) -> Iterator[Merge]:
        """Every merge that makes the tokens of ``text``, piece by piece, in the order of BPE; added tokens have none.

        The parts after a piece's last merge (its single bytes, if it has none) are its tokens.
        """
        for number, (piece, is_added) in enumerate(self.cut(text)):
            before = single_bytes(piece)
            for at, after in () if is_added else merged(piece, self._ranks):
                rank = self._ranks[after[at]]
                yield Merge(number, before, after, at, rank, self.id_of(rank))
                before = after

    def cut(self, text: str) -> Iterator[tuple[bytes, bool]]:
        """The ``pieces`` of ``text``, each with whether it is an added token, which nothing is merged in."""
        for part in self._added.cut(clean(text)[0]):
            if not isinstance(part, str):
                yield self.token_bytes(part.id), True
                continue
            found = [piece for one in self._engine.pieces(part) if (piece := self._engine.held(one))]
            tokens = [*map(self.token_bytes, self._ids_between(part))]
            agree = [one for piece in found for one in self._engine.parts(piece)] == tokens
            yield from ((piece, False) for piece in (found if agree else tokens))

    def _before(self, wanted: bool, mark: bool) -> list[int]:
        """What stands before a text: the template's marks, without one and with ``mark`` the start mark."""
        if not wanted:
            return []
        return [self.start] if mark and not self._template and self.start is not None else list(self._template)

    def _read(self, text: str, end_marks: bool) -> list[int]:
        """The ids of whole characters, without what stands before them."""
        ids: list[int] = []
        for part in (self._all_added if end_marks else self._added).cut(text):
            ids += self._ids_between(part) if isinstance(part, str) else (part.id,)
        return ids

    def _ids_between(self, text: str) -> list[int]:
        """The ids of a text in which there is no added token."""
        ranks = self._engine.ranks(text)
        return ranks if self._ids is None else [self._ids[rank] for rank in ranks]

    def _keep(self, table: Mapping[int, bytes], vocab_size: int | None) -> None:
        self._table = table
        self.vocab_size = max(max(table, default=-1) + 1, vocab_size or 0)


def _rows(config: Path) -> int | None:
    """``vocab_size`` in a model's configuration, where it can be read; the model's loader says what is wrong there."""
    try:
        rule = Record({"vocab_size": Whole(1, MOST_IDS)}, needed=("vocab_size",))
        return int(read_json(config, rule)["vocab_size"])
    except FileError:
        return None
