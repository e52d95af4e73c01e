"""A GGUF file: one file that holds a model's shape, its tensors in few bits, and its tokenizer.

The header is read here, within bounds, because anybody may have written it: a length in it is believed only where the
file is that long. Tensors stay in the file (it is mapped into memory) until one is asked for; then the package ``gguf``
turns its blocks into float32. The format is that of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, editions
2 and 3, little-endian. What the fields mean is the families' business (``gptviz.gpt.family``).
"""

from __future__ import annotations

import math
import mmap
import struct
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from gptviz.errors import FileError, WeightsError
from gptviz.schema import shown

SUFFIX, MAGIC = ".gguf", b"GGUF"
VERSIONS = (2, 3)
MOST_FIELDS, MOST_TENSORS, MOST_ENTRIES = 5_000, 20_000, 2**21  # entries of all lists together
SHORT_LIST = 1_000  # entries that are read of a list where long ones are passed over
LONGEST_NAME, LONGEST_TEXT, LONGEST_HEADER = 1_000, 2**20, 2**26  # bytes
MOST_NUMBERS = 2**40  # in one tensor
_ALIGNMENT = "general.alignment"
_CHUNK = 2**22  # numbers that are widened at a time
#: How a number is written, by its type in the file, for ``struct`` and numpy.
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _LIST = 8, 9
NOT_WEIGHTS = (9, 15, 24, 25, 26, 27, 28, 41)  # what only products use, whole numbers, float64, what gguf cannot read


class Place(NamedTuple):
    """Where one tensor lies in the file."""

    shape: tuple[int, ...]  # as torch has it: rows first
    kind: int  # of its blocks, as ggml numbers them
    start: int  # bytes from the beginning of the file
    size: int  # bytes


class Format(Protocol):
    """What is needed of the package ``gguf``."""

    def dequantize(self, data: Any, qtype: Any) -> Any: ...

    GGMLQuantizationType: Any
    GGML_QUANT_SIZES: Any  # by type: numbers in a block, and its bytes


class GGUFFile:
    """A file whose header was found good: its fields as plain values, and its tensors on demand.

    Without ``lists`` long ones, such as a vocabulary, are passed over: the rest says what kind of model it is, in a
    fraction of the time. Raises WeightsError for what is no GGUF file, is damaged, was cut off, or holds blocks of an
    unknown type; and where the package that reads them is not installed.
    """

    def __init__(self, path: Path, *, lists: bool = True) -> None:
        self.path, self._format = path, _package(path)
        try:
            with path.open("rb") as file:
                if file.read(4) != MAGIC:  # of an empty file, which cannot be mapped, too
                    raise FileError("file.gguf_magic")
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            header = _Header(self._bytes, lists=lists)
            self.fields: dict[str, Any] = header.fields()
            self.tensors: dict[str, Place] = header.places(self.fields.get(_ALIGNMENT, 32), self._format)
        except FileError as error:
            raise WeightsError("weights.damaged", file=path.name, reason=error) from error
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise WeightsError("weights.unreadable", folder=str(path)[:200], reason=reason) from error

    def shapes(self) -> dict[str, Tensor]:
        """Every tensor by name, with its shape and without numbers."""
        return {name: torch.empty(place.shape, device="meta") for name, place in self.tensors.items()}

    def read(self, name: str) -> Tensor:
        """One tensor in float32; a piece at a time, for on the way some kinds take many times their room."""
        shape, kind, start, size = self.tensors[name]
        rows = math.prod(shape[:-1])
        data = np.frombuffer(self._bytes, np.uint8, size, start).reshape(rows, -1)
        out = np.empty((rows, shape[-1]), dtype=np.float32)
        step = max(1, _CHUNK // shape[-1])
        for row in range(0, rows, step):
            with np.errstate(all="ignore"):  # what is no number is found, and named, when all are there
                piece = np.ascontiguousarray(data[row : row + step])
                out[row : row + step] = self._format.dequantize(piece, self._format.GGMLQuantizationType(kind))
        return torch.from_numpy(out.reshape(shape))


def _package(path: Path) -> Format:
    try:
        import gguf
    except ImportError as error:  # pragma: no cover - depends on the machine
        raise WeightsError("weights.no_gguf", file=path.name) from error
    found: Format = gguf
    return found


class _Header:
    """Reads from the beginning on; whatever is not there, or too much to be true, is a FileError."""

    def __init__(self, data: mmap.mmap, *, lists: bool = True) -> None:
        self._data, self._at, self._entries, self._size = data, 4, 0, len(data)
        self._longest = MOST_ENTRIES if lists else SHORT_LIST
        version = self._number("I", "version")
        if version not in VERSIONS:
            raise FileError("file.gguf_version", found=version, known=" / ".join(map(str, VERSIONS)))
        self._tensors = self._count("Q", MOST_TENSORS, "tensor_count")
        self._fields = self._count("Q", MOST_FIELDS, "kv_count")

    def fields(self) -> dict[str, Any]:
        """All fields by name: numbers, texts, truth values, and lists of them."""
        found: dict[str, Any] = {}
        for _ in range(self._fields):
            name = self._text(LONGEST_NAME, "kv")
            if name in found:
                raise FileError("file.gguf_twice", name=shown(name))
            found[name] = self._value(self._number("I", name), name)
        return found

    def places(self, alignment: Any, package: Format) -> dict[str, Place]:
        """Where each tensor lies: wholly in the file, all together no more than there is."""
        if type(alignment) is not int or not 0 < alignment <= 2**20 or alignment & (alignment - 1):
            raise FileError("file.gguf_alignment", value=shown(alignment))
        listed = [self._listed(package) for _ in range(self._tensors)]
        start = -(-self._at // alignment) * alignment
        found: dict[str, Place] = {}
        for name, place in listed:
            here = place._replace(start=start + place.start)
            if name in found:
                raise FileError("file.gguf_twice", name=shown(name))
            if here.start + here.size > self._size:
                raise FileError("file.ends", where=shown(name))
            found[name] = here
        if sum(place.size for place in found.values()) > self._size:
            raise FileError("file.gguf_overlap")
        return found

    def _listed(self, package: Format) -> tuple[str, Place]:
        name = self._text(LONGEST_NAME, "tensor")
        axes = self._count("I", 4, name)
        sizes = [self._count("Q", MOST_NUMBERS, name) for _ in range(axes)]
        kind, start = self._number("I", name), self._number("Q", name)
        numbers = math.prod(sizes)
        known = {int(known): size for known, size in package.GGML_QUANT_SIZES.items()}
        if kind not in known or kind in NOT_WEIGHTS:
            raise FileError("file.gguf_kind", name=shown(name), kind=kind)
        block, width = known[kind]
        if not axes or not 0 < numbers <= MOST_NUMBERS or sizes[0] % block:
            raise FileError("file.gguf_shape", name=shown(name), shape=shown(str(sizes)))
        return name, Place(tuple(reversed(sizes)), kind, start, numbers // block * width)

    def _value(self, kind: int, name: str) -> Any:
        if kind in _NUMBERS:
            return self._number(_NUMBERS[kind], name)
        if kind == _TEXT:
            return self._text(LONGEST_TEXT, name)
        if kind != _LIST:
            raise FileError("file.gguf_field", name=shown(name), kind=kind)
        kind, count = self._number("I", name), self._count("Q", MOST_ENTRIES, name)
        self._entries += count
        if self._entries > MOST_ENTRIES:
            raise FileError("file.gguf_many", name=shown(name), most=MOST_ENTRIES)
        if kind in _NUMBERS:
            form = np.dtype(_NUMBERS[kind]).newbyteorder("<")
            if count > self._longest:
                self._skip(count * form.itemsize, name)
                return []
            return np.frombuffer(self._taken(count * form.itemsize, name), form).tolist()
        if kind != _TEXT:
            raise FileError("file.gguf_field", name=shown(name), kind=kind)
        return self._texts(count, name) if count <= self._longest else self._passed_over(count, name)

    def _texts(self, count: int, where: str) -> list[str]:
        """Many short texts, in one loop: a vocabulary has a hundred thousand."""
        data, at, end, found = self._data, self._at, min(self._size, LONGEST_HEADER), list[str]()
        length_at = struct.Struct("<Q").unpack_from
        for _ in range(count):
            start = at + 8
            at = start + (length_at(data, at)[0] if start <= end else end)
            if at > end:
                raise FileError("file.ends", where=shown(where))
            try:
                found.append(data[start:at].decode("utf-8"))
            except UnicodeDecodeError as error:
                raise FileError("file.encoding", at=start + error.start) from error
        self._at = at
        return found

    def _passed_over(self, count: int, where: str) -> list[str]:
        """As ``_texts`` goes through them, without a look at what they say; gives none."""
        data, at, end = self._data, self._at, min(self._size, LONGEST_HEADER)
        length_at = struct.Struct("<Q").unpack_from
        for _ in range(count):
            if at + 8 > end:
                raise FileError("file.ends", where=shown(where))
            at += 8 + length_at(data, at)[0]
        self._at = at
        self._skip(0, where)
        return []

    def _text(self, most: int, where: str) -> str:
        try:
            return self._taken(self._count("Q", most, where), where).decode("utf-8")
        except UnicodeDecodeError as error:
            raise FileError("file.encoding", at=self._at - len(error.object) + error.start) from error

    def _count(self, form: str, most: int, where: str) -> int:
        count: int = self._number(form, where)
        if count > most:
            raise FileError("file.gguf_many", name=shown(where), most=most)
        return count

    def _number(self, form: str, where: str) -> Any:
        value = struct.unpack(f"<{form}", self._taken(struct.calcsize(f"<{form}"), where))[0]
        return float(str(np.float32(value))) if form == "f" else value  # 1e-05 was meant, not 9.999999747378752e-06

    def _taken(self, size: int, where: str) -> bytes:
        start = self._at
        self._skip(size, where)
        return self._data[start : self._at]

    def _skip(self, size: int, where: str) -> None:
        self._at += size
        if self._at > min(self._size, LONGEST_HEADER):
            raise FileError("file.ends", where=shown(where))
