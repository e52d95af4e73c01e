"""The form of arrays and errors between an engine and those who ask it.

Arrays are a safetensors file: its own header says names, types and shapes, and opening one runs nothing. What is to be
said beside them is JSON, under ``header`` in that file's metadata. An error is its key and its values, so that each end
says it in its reader's language; the sentence in English, or in what the request asked for, goes with them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from gptviz.errors import KINDS, GptvizError, ServiceError
from gptviz.schema import Record, Text, read_data

TYPE = "application/vnd.safetensors"
_HEADER, _MOST_HEADER = "header", 2**24
_MOST_DEPTH, _MOST_SAID = 3, 2_000
Arrays = dict[str, npt.NDArray[Any]]
_TAKEN = ("key", "lang", "self", "status")  # names that a sentence's own values never have
_ERROR = Record({"key": Text(100), "kind": Text(40)}, needed=("key", "kind"))


def pack(header: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Both as one body; from any of our arrays comes the very same one."""
    said = json.dumps(header, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return bytes(save(whole, metadata={_HEADER: said}))


def unpack(body: bytes) -> tuple[dict[str, Any], Arrays]:
    """The inverse. Raises ServiceError where ``body`` is none."""
    try:
        length = int.from_bytes(body[:8], "little")
        if not 2 <= length <= min(_MOST_HEADER, len(body) - 8):
            raise ValueError("no header")
        about = json.loads(body[8 : 8 + length])
        header = json.loads(about["__metadata__"][_HEADER])
        return dict(header), dict(load(body))
    except (ValueError, KeyError, TypeError, RecursionError, SafetensorError) as error:
        raise ServiceError("remote.answer", status=502) from error


def error_json(error: GptvizError, lang: str) -> dict[str, Any]:
    """An error as JSON: the sentence in ``lang``, and what it is made of."""
    return {"message": error.say(lang), **_described(error)}


def error_of(said: Any, status: int) -> GptvizError:
    """The error that was told of, of its class; a ServiceError where it is none that is known."""
    try:
        found = _read(said, 0)
    except ServiceError as error:
        return error
    if isinstance(found, ServiceError):
        found.status = status
    return found


def _described(error: GptvizError) -> dict[str, Any]:
    values = {name: _described(value) if isinstance(value, GptvizError) else _plain(value)
              for name, value in error.values.items()}  # fmt: skip
    return {"key": error.key, "kind": _kind(error), "values": values}


def _kind(error: GptvizError) -> str:
    """Of a class that only one end knows, the one that it is made of."""
    return next(kind.__name__ for kind in type(error).__mro__ if KINDS.get(kind.__name__) is kind)


def _plain(value: Any) -> Any:
    """A value of a sentence as JSON has it: numbers as they are, since they choose between one and many."""
    return value if isinstance(value, (str, bool, int, float)) or value is None else str(value)


def _read(said: Any, depth: int) -> GptvizError:
    if not isinstance(said, dict) or depth > _MOST_DEPTH:
        raise ServiceError("remote.answer", status=502)
    try:
        _ERROR.check(said)
    except GptvizError as error:
        raise ServiceError("remote.answer", status=502) from error
    given = said.get("values")
    values: dict[str, Any] = {}
    for name, value in (given if isinstance(given, dict) else {}).items():
        if str(name) not in _TAKEN:
            values[str(name)] = _read(value, depth + 1) if isinstance(value, dict) else _short(value)
    return KINDS.get(said["kind"], ServiceError)(said["key"], **values)


def _short(value: Any) -> Any:
    return value[:_MOST_SAID] if isinstance(value, str) else _plain(value)


def read(body: bytes) -> Any:
    """JSON in an answer. Raises ServiceError."""
    try:
        return read_data(body, Record({}))
    except GptvizError as error:
        raise ServiceError("remote.answer", status=502) from error
