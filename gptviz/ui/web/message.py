"""The message that carries one picture to the browser. Pure: no Streamlit here.

Layout: length of the header (uint32, little-endian) · the header as UTF-8 JSON · zeros up to a multiple of 4 · the
arrays, as the header's ``blobs`` say; a long one is compressed (see ``deflated``). The header holds ``lang``, the
interface ``strings`` of the page with their name ``strings_id`` (the name alone where the browser has them), whose
arrays some are differences to (``arrays_base``), and whatever the page's scripts want.
"""

from __future__ import annotations

import json
import zlib
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np

from gptviz.glossary import entries
from gptviz.i18n import strings
from gptviz.ui.web.arrays import TYPES, Blobs, Held, difference

WORTH_DEFLATING = 8_192  # bytes; below that the packets are as many
#: Groups of interface strings that every page's scripts need.
SHARED = ("menu.", "prompt.", "page.", "glossary.")


class Interface(NamedTuple):
    """Strings of the interface, encoded: JSON, and a name that changes with any of them."""

    name: str
    json: str


@lru_cache(maxsize=64)
def interface(lang: str, groups: tuple[str, ...]) -> Interface:
    """The strings of the shared and the given groups, encoded once, with the glossary's terms.

    What Python says itself stays here.
    """
    every = strings("en") | strings(lang)
    needed = {key: text for key, text in every.items() if key.startswith(SHARED + groups)} | entries(lang)
    encoded = json.dumps(needed, ensure_ascii=False, separators=(",", ":"))
    return Interface(sha256(encoded.encode("utf-8", "backslashreplace")).hexdigest()[:10], encoded)


def pack(header: dict[str, Any], blobs: Blobs, groups: tuple[str, ...] = (), held: Held | None = None) -> bytes:
    """Header and arrays as one message, with the strings of ``groups`` (prefixes of keys, such as ``"panel."``).

    The header's ``has_strings`` stays here: the name of the strings that the browser says it has, which are not sent.
    ``held`` are arrays that it has; of those only the differences are sent.
    """
    described, parts = _described(blobs, held.arrays if held else {})
    # a lone surrogate in the text would not go into UTF-8; as an escape it travels and arrives as it was typed
    told = interface(header["lang"], groups)
    sent = {name: value for name, value in header.items() if name != "has_strings"}
    sent |= {"strings_id": told.name, "blobs": described, "arrays_base": held.name if held else ""}
    text = json.dumps(sent, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if header.get("has_strings") != told.name:
        text = f'{{"strings":{told.json},{text[1:]}'
    encoded = text.encode("utf-8", "backslashreplace")  # U+D800 becomes \\ud800, which JSON reads back as it was
    return deflated(len(encoded).to_bytes(4, "little") + encoded + bytes(-len(encoded) % 4) + b"".join(parts))


def _described(blobs: Blobs, held: Blobs) -> tuple[dict[str, Any], list[bytes]]:
    """What the header says of each array, and their bytes, each padded to a multiple of 4."""
    described: dict[str, Any] = {}
    parts: list[bytes] = []
    offset = 0
    for name, array in blobs.items():
        change = difference(array, held.get(name))
        data = np.ascontiguousarray(array).tobytes() if change is None else change
        described[name] = {"dtype": TYPES[array.dtype], "shape": array.shape, "offset": offset, "length": len(data),
                           "base": None if change is None else held[name].shape}  # fmt: skip
        parts.append(data + bytes(-len(data) % 4))
        offset += len(parts[-1])
    return described, parts


def deflated(message: bytes) -> bytes:
    """The message, smaller where that is worth the time: four zero bytes, which no header's length is, then DEFLATE.

    A picture of 32 tokens goes from 70 kB to 28 in a millisecond: half a matrix is masked, and most of a pattern is 0.
    """
    if len(message) < WORTH_DEFLATING:
        return message
    squeeze = zlib.compressobj(level=1, wbits=-zlib.MAX_WBITS)
    return bytes(4) + squeeze.compress(message) + squeeze.flush()


def unpack(message: bytes, held: Blobs | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inverse of ``pack``: what the browser does, for tests and tools. KeyError where ``held`` lacks a base."""
    header, area = read_header(message)
    types = {short: dtype for dtype, short in TYPES.items()}
    arrays: dict[str, Any] = {}
    for name, blob in header["blobs"].items():
        dtype, shape = types[blob["dtype"]], blob["shape"]
        array = np.frombuffer(area, dtype, int(np.prod(shape)), blob["offset"]).reshape(shape)
        if blob["base"] is not None:
            array = np.frombuffer(difference(array, (held or {})[name]) or b"", dtype).reshape(shape)
        arrays[name] = array
    return header, arrays


def read_header(message: bytes) -> tuple[dict[str, Any], bytes]:
    """The header of a message, and the bytes of its arrays as they travel."""
    if message[:4] == bytes(4):
        message = zlib.decompress(message[4:], wbits=-zlib.MAX_WBITS)
    length = int.from_bytes(message[:4], "little")
    return json.loads(message[4 : 4 + length]), message[4 + length + (-length % 4) :]


def as_json(view: Any, *without: str) -> dict[str, Any]:
    """A NamedTuple and those inside it as JSON objects, without the fields named."""
    fields = view._asdict()
    return {name: _plain(value) for name, value in fields.items() if name not in without}


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return as_json(value)
    if isinstance(value, tuple) and value and hasattr(value[0], "_asdict"):
        return [as_json(item) for item in value]
    return value  # JSON writes tuples as lists
