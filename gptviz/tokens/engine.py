"""Byte-level BPE on texts without added tokens: tiktoken, with what it does not survive kept from it."""

from __future__ import annotations

from collections.abc import Iterator

import tiktoken

from gptviz.errors import PromptError, WeightsError
from gptviz.tokens.bpe import joins
from gptviz.tokens.patterns import matching_all
from gptviz.tokens.vocabulary_files import BytePairs

#: tiktoken's regular expressions panic on one run of a million letters or spaces; a fifth of that is safe.
_LONGEST = 200_000


class Engine:
    """One vocabulary, ready to run. Raises WeightsError where tiktoken cannot make it."""

    def __init__(self, vocabulary: BytePairs) -> None:
        self._ranks, self._missing = vocabulary.ranks, vocabulary.missing
        filled = {bytes([byte]): len(self._ranks) + n for n, byte in enumerate(sorted(self._missing))}
        try:
            self._pattern = matching_all(vocabulary.pattern)
            self._fast = tiktoken.Encoding(  # which panics on a byte that it lacks; no text gets there with one
                "gptviz", pat_str=self._pattern, mergeable_ranks={**self._ranks, **filled}, special_tokens={}
            )
        except ValueError as error:  # the pattern is none, or none that this engine knows
            raise WeightsError("tokenizer.unsupported", file="vocabulary", feature=str(error)) from error

    def ranks(self, text: str) -> list[int]:
        """The ranks of the tokens of ``text``."""
        if self._missing and not self._missing.isdisjoint(text.encode()):
            return [*self._without(text)]
        return [rank for block in self._blocks(text) for rank in self._encoded(block)]

    def pieces(self, text: str) -> list[bytes]:
        """What ``text`` is cut into before merging, as the package ``regex`` finds it."""
        import regex  # type: ignore[import-untyped]  # a requirement of tiktoken

        cut = regex.compile(self._pattern)
        return [m.group().encode("utf-8") for block in self._blocks(text) for m in cut.finditer(block)]

    def held(self, piece: bytes) -> bytes:
        """A piece without the bytes that no token holds."""
        return bytes(byte for byte in piece if byte not in self._missing) if self._missing else piece

    def parts(self, piece: bytes) -> list[bytes]:
        """The tokens of one piece, merged here."""
        stops = {at: at + 1 for at in range(len(piece))}  # of the part that begins there
        for start, middle, stop, _ in joins(piece, self._ranks):
            stops[start] = stop
            del stops[middle]
        return [piece[start:stop] for start, stop in stops.items()]

    def _without(self, text: str) -> Iterator[int]:
        """A text with bytes that no token holds: each piece is merged without them, as in ``tokenizers``."""
        for piece in self.pieces(text):
            for part in self.parts(self.held(piece)):
                yield self._ranks[part]

    def _encoded(self, text: str) -> list[int]:
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
