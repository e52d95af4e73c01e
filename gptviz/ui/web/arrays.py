"""The arrays of pictures on their way to the browser: what it holds already is not sent again.

A model that reads from left to right says of the earlier tokens what it said before, so that after a key nearly all of
a matrix is as it was. An array therefore travels as its difference to the one of the same name in a picture that the
browser says it holds: XOR of the bytes, both laid with their first corner on each other, which is exact for any
numbers and nearly all zeros, as DEFLATE likes it (a key at 230 tokens: 160 kB → 5). ``web/wire/arrays.js`` is the
other side.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Blobs = dict[str, npt.NDArray[Any]]
KEPT = 3  # pictures of a visitor: the browser may not have seen the newest yet
TYPES: dict[np.dtype[Any], str] = {np.dtype(np.float32): "f32", np.dtype(np.uint16): "u16", np.dtype(np.uint8): "u8"}


class Held(NamedTuple):
    """Arrays that the browser has, under the name that it says."""

    name: str
    arrays: Blobs


class SentArrays:
    """The arrays of the last pictures of one visitor, by name."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[str, Blobs] = OrderedDict()

    def keep(self, blobs: Blobs) -> str:
        """Keep the arrays of a picture; gives their name, which is made of what is in them."""
        if not blobs:
            return ""
        name = name_of(blobs)
        self._pictures[name] = blobs
        self._pictures.move_to_end(name)
        while len(self._pictures) > KEPT:
            self._pictures.popitem(last=False)
        return name

    def held(self, name: str) -> Held | None:
        """The arrays that the browser says it holds; None where they are not kept here."""
        return Held(name, self._pictures[name]) if name in self._pictures else None


def name_of(blobs: Blobs) -> str:
    """A name that changes with any number, shape or name of the arrays."""
    digest = blake2b(digest_size=8)
    for name, array in blobs.items():
        digest.update(f"{name} {array.dtype} {array.shape};".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def difference(array: npt.NDArray[Any], base: npt.NDArray[Any] | None) -> bytes | None:
    """The bytes of ``array`` XOR those of ``base``; None where there is no base of as many axes and the same type.

    ``base`` is cut, or continued with zeros, to the shape of ``array``. The same function gives ``array`` back.
    """
    if base is None or base.dtype != array.dtype or base.ndim != array.ndim:
        return None
    laid = np.zeros_like(array, order="C")
    common = tuple(slice(0, min(pair)) for pair in zip(array.shape, base.shape, strict=True))
    laid[common] = base[common]
    return (_bytes(array) ^ _bytes(laid)).tobytes()


def _bytes(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)
