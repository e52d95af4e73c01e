"""A tokenizer that the library ``tokenizers`` runs: SentencePiece's kinds, WordPiece, all but byte-level BPE.

The library is asked for one thing, ids and where in the text they are from; what a token is, its bytes and its place,
is worked out here, so that everything above sees a ``Tokenizer`` like any other.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, TypeAlias

from gptviz.errors import PromptError, WeightsError
from gptviz.tokens.added import AddedToken
from gptviz.tokens.bpe import Merge
from gptviz.tokens.library_files import Library, write_library
from gptviz.tokens.pieces import clean
from gptviz.tokens.reading import Placed
from gptviz.tokens.tokenizer import Tokenizer

#: Which added tokens a text may become: all, all but those that end texts, none.
Mode: TypeAlias = Literal["all", "text", "plain"]


class LibraryTokenizer(Tokenizer):
    """Any other kind of vocabulary. Never changed once made: one instance serves many threads."""

    kind = "pieces"
    rewrites = True

    def __init__(self, vocabulary: Library, *, vocab_size: int | None = None) -> None:
        """Raises WeightsError where the library is not installed, or cannot make a tokenizer of it."""
        self._library = vocabulary
        self._ranks, self._ids = {}, None
        self._special, self._template = vocabulary.special, vocabulary.template
        self.end_of_text, self.begin_of_text = vocabulary.end_of_text, vocabulary.begin
        self.ends = frozenset(vocabulary.ends)
        self._unknown = frozenset(() if vocabulary.unknown is None else (vocabulary.unknown,))
        self._added_ids = frozenset(token.id for token in vocabulary.added)
        self._keep(vocabulary.table, vocab_size)
        self._made: dict[Mode, Any] = {}
        self._making = threading.Lock()
        made = self._runner("text")
        for token in vocabulary.added:
            if made.token_to_id(token.content) != token.id:
                raise WeightsError("tokenizer.damaged", file="tokenizer.json",
                                   reason=f"{token.content[:60]!r} has not the id {token.id}")  # fmt: skip

    @property
    def added(self) -> tuple[AddedToken, ...]:
        return self._library.added

    def save(self, folder: Path | str) -> None:
        """Write it as ``tokenizer.json`` with its settings, from which ``load`` makes an equal tokenizer."""
        write_library(self._library, Path(folder))

    def shortened(self, vocab_size: int) -> Tokenizer:
        """Only byte-level BPE can be shortened: WeightsError."""
        raise WeightsError("tokenizer.unsupported", file="vocabulary", feature=f"vocab_size = {vocab_size}")

    def encode_plain(self, text: str) -> list[int]:
        return [token.id for token in self._place(clean(text)[0], "plain")]

    def placed(self, text: str) -> list[Placed]:
        return self._place(clean(text)[0], "text")

    def pieces(self, text: str) -> list[bytes]:
        """The words that ``text`` is cut into before the model cuts them into tokens."""
        encoding = self._encoding(clean(text)[0], "text")
        words = zip(encoding.word_ids, encoding.ids, strict=True)
        return [b"".join(self.token_bytes(number) for _, number in run) for _, run in groupby(words, lambda w: w[0])]

    def cut(self, text: str) -> Iterator[tuple[bytes, bool]]:
        """The ``pieces``; one that is an added token alone is said to be one."""
        added = {token.content.encode("utf-8", "replace") for token in self.added}
        return ((piece, piece in added) for piece in self.pieces(text))

    def merges(self, text: str) -> Iterator[Merge]:
        """None: of these kinds only some merge, and not by rank alone."""
        return iter(())

    def _read(self, text: str, end_marks: bool) -> list[int]:
        return [token.id for token in self._place(text, "all" if end_marks else "text")]

    def _place(self, text: str, mode: Mode) -> list[Placed]:
        encoding = self._encoding(text, mode)
        never = {"all": frozenset(), "text": self.ends, "plain": self._added_ids}[mode]
        found: list[Placed] = []
        for number, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
            if number in never and number not in self._unknown:
                found += self._spelt(self._table[number].decode("utf-8", "replace"), start, end)
            else:
                found.append(Placed(number, self.token_bytes(number), start, end))
        return found

    def _spelt(self, name: str, start: int, end: int) -> Iterator[Placed]:
        """The characters of a mark's name one by one: some models find the name whole where it may only be text."""
        model = self._runner("text")
        for character in name:
            number = model.token_to_id(character)
            spelt = [f"<0x{byte:02X}>" for byte in character.encode()]
            numbers = [number] if number is not None else [model.token_to_id(one) for one in spelt]
            for one in numbers if None not in numbers else sorted(self._unknown):
                yield Placed(one, self.token_bytes(one), start, end)

    def _encoding(self, text: str, mode: Mode) -> Any:
        try:
            return self._runner(mode).encode(text, add_special_tokens=False)
        except BaseException as error:
            if not (isinstance(error, Exception) or type(error).__name__ == "PanicException"):
                raise
            raise PromptError("tokenizer.failed", reason=str(error)[:200]) from None

    def _runner(self, mode: Mode) -> Any:
        """The library's tokenizer for one way of reading; most texts need only one.

        What it calls special is what it can be told to leave alone: here, the added tokens that a text may not become.
        """
        with self._making:
            if mode not in self._made:
                never = {"all": frozenset[int](), "text": self.ends, "plain": self._added_ids}[mode]
                self._made[mode] = _made(self._library, never)
            return self._made[mode]


def _made(vocabulary: Library, never: frozenset[int]) -> Any:
    try:
        from tokenizers import Tokenizer as Runner
    except ModuleNotFoundError as error:
        raise WeightsError("tokenizer.library") from error
    added = [{**token, "special": token["id"] in never} for token in vocabulary.about["added_tokens"]]
    try:
        made = Runner.from_str(json.dumps({**vocabulary.about, "added_tokens": added}))
    except BaseException as error:
        if not (isinstance(error, Exception) or type(error).__name__ == "PanicException"):
            raise
        raise WeightsError("tokenizer.damaged", file="tokenizer.json", reason=str(error)[:200]) from None
    made.encode_special_tokens = True
    return made
