"""A vocabulary of single characters, as the smallest models have it."""

from __future__ import annotations

from collections.abc import Iterator

from gptviz.errors import PromptError
from gptviz.tokens.bpe import Merge
from gptviz.tokens.reading import Placed
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tokens.vocabulary_files import Characters


class CharacterTokenizer(Tokenizer):
    """A token for each character; there are no merges."""

    kind = "characters"

    def __init__(self, vocabulary: Characters, *, vocab_size: int | None = None) -> None:
        self._vocabulary = vocabulary
        self._id_of = {character: place for place, character in enumerate(vocabulary.characters)}
        self._ranks, self._special, self._template = {}, frozenset(), ()
        self.end_of_text, self.ends, self.begin_of_text = None, frozenset(), None
        self._keep({place: character.encode("utf-8") for character, place in self._id_of.items()}, vocab_size)

    def _read(self, text: str, end_marks: bool) -> list[int]:
        """The id of each character; there are no marks. Raises PromptError at the first that the vocabulary lacks."""
        unknown = next((character for character in text if character not in self._id_of), None)
        if unknown is not None:
            raise PromptError("tokenizer.character", character=unknown, code=f"U+{ord(unknown):04X}")
        return [self._id_of[character] for character in text]

    def encode_plain(self, text: str) -> list[int]:
        """As ``encode``."""
        return self.encode(text)

    def placed(self, text: str) -> list[Placed]:
        """Each character."""
        return [Placed(n, self.token_bytes(n), place, place + 1) for place, n in enumerate(self.encode(text))]

    def pieces(self, text: str) -> list[bytes]:
        """Each character."""
        return [*map(self.token_bytes, self.encode(text))]

    def cut(self, text: str) -> Iterator[tuple[bytes, bool]]:
        """Each character; none is added."""
        return ((piece, False) for piece in self.pieces(text))

    def merges(self, text: str) -> Iterator[Merge]:
        """None."""
        return iter(())
