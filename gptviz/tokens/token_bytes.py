"""The bytes that each token of a library's vocabulary stands for, from its name and from what the decoder does.

A name is not a text: ``▁the`` is " the", ``<0xE4>`` a byte, ``##ing`` goes on the word before, ``Ġthe`` is written in
GPT-2's alphabet of bytes. Each token has its bytes here whatever stands beside it, so that the text of a list of ids is
theirs put together, as everywhere in this house. Two decoders look at neighbours, and differ by that: those that take
one space off a text's start leave it here, and where words are kept without spaces (WordPiece) one is put before each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gptviz.tokens.bpe import byte_alphabet

_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_IDEOGRAPHS = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
               (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))  # fmt: skip


def bytes_of_tokens(names: Mapping[str, int], decoder: Sequence[Mapping[str, Any]],
                    before: Sequence[Mapping[str, Any]], added: Mapping[int, str]) -> dict[int, bytes]:  # fmt: skip
    """Each id's bytes; ``decoder`` and ``before`` are the steps after and before the model, ``added`` plain texts."""
    written = _writer(decoder, before)
    table = {number: written(name) for name, number in names.items() if number not in added}
    return table | {number: content.encode("utf-8", "replace") for number, content in added.items()}


def _writer(decoder: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]) -> Callable[[str], bytes]:
    """What one decoder after the other makes of a name; where there is none, the opposite of what stands before."""
    kinds = [step["type"] for step in decoder]
    earlier = {step["type"] for step in before}
    if "ByteLevel" in kinds or (not kinds and "ByteLevel" in earlier):
        return _from_alphabet
    changes: list[Callable[[str], str]] = []
    for step in decoder or [step for step in before if step["type"] == "Metaspace"]:
        kind = step["type"]
        if kind == "Metaspace":
            changes.append(_replacing(step.get("replacement", "▁"), " "))
        elif kind == "Replace" and "String" in step["pattern"]:
            changes.append(_replacing(step["pattern"]["String"], step["content"]))
        elif kind == "BPEDecoder":
            changes.append(_replacing(step.get("suffix", "</w>"), " "))
        elif kind == "WordPiece":
            changes.append(_word(step.get("prefix", "##")))
    if not changes and not decoder:
        changes.append(_word(None))  # names of words: their spaces were taken away
    single = "ByteFallback" in kinds

    def written(name: str) -> bytes:
        byte = _BYTE.fullmatch(name) if single else None
        if byte:
            return bytes([int(byte[1], 16)])
        for change in changes:
            name = change(name)
        return name.encode("utf-8", "replace")

    return written


def _replacing(old: str, new: str) -> Callable[[str], str]:
    return lambda name: name.replace(old, new)


def _word(prefix: str | None) -> Callable[[str], str]:
    """A word with the space before it, the rest of one (``##ing``) without; ideographs and marks have none."""

    def written(name: str) -> str:
        if prefix and name.startswith(prefix) and name != prefix:
            return name[len(prefix) :]
        return f" {name}" if name and name[0].isalnum() and not _ideograph(name[0]) else name

    return written


def _ideograph(character: str) -> bool:
    """What BERT cuts apart as Chinese (its ``_is_chinese_char``)."""
    return any(low <= ord(character) <= high for low, high in _IDEOGRAPHS)


_TO_BYTE = {char: byte for byte, char in byte_alphabet().items()}


def _from_alphabet(name: str) -> bytes:
    if all(char in _TO_BYTE for char in name):
        return bytes(_TO_BYTE[char] for char in name)
    return name.encode("utf-8", "replace")
