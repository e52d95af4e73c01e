"""Which files hold a model's weights, and what their headers say before a number is read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from gptviz.errors import FileError, GptvizError, WeightsError
from gptviz.gpt import int8
from gptviz.gpt.layout import NO_WEIGHT
from gptviz.schema import LARGE, Entries, Record, Text, read_json, shown

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
_FILE_NAME = re.compile(r"[\w.-]{1,200}")  # of a shard: in the folder itself
_INDEX_RULE = Record({"weight_map": Entries(Text(200), 100_000, keys=Text(1000))}, needed=("weight_map",))
_NUMBERS = ("F64", "F32", "F16", "BF16")  # as safetensors names them; others are packed in ways of their own


def weight_files(folder: Path, *, there: bool = True) -> list[str]:
    """The safetensors files of a model: those that its index names, else the one. Raises WeightsError for none.

    With ``there`` false those named may be missing, as while they are being fetched.
    """
    if (folder / INDEX).is_file():
        try:
            names = sorted(set(read_json(folder / INDEX, _INDEX_RULE, limit=LARGE)["weight_map"].values()))
        except FileError as error:
            raise _damaged(INDEX, error) from error
        for name in names:
            inside = _FILE_NAME.fullmatch(name) and not name.startswith(".")
            if not inside or (there and not (folder / name).is_file()):
                raise WeightsError("weights.no_shard", file=shown(name), folder=str(folder))
        return names
    if (folder / SINGLE).is_file():
        return [SINGLE]
    raise no_weights(str(folder), sorted(path.name for path in folder.iterdir()))


def no_weights(folder: str, names: Iterable[str]) -> WeightsError:
    """The sentence for a folder, or a repository, whose files are ``names`` and that holds no weights to be read."""
    names = [name for name in names if not name.startswith(".")]
    others = [name for name in names if name.endswith((".safetensors", ".gguf")) and "/" not in name]
    if others:
        return WeightsError("weights.other_name", folder=folder, names=", ".join(others[:3]))
    pickled = any(name.endswith((".bin", ".pt", ".pth", ".ckpt")) for name in names)
    return WeightsError("weights.pickle" if pickled else "weights.no_file", folder=folder)


def read_headers(files: Iterable[Path]) -> dict[str, Tensor]:
    """All tensors by name, with their shapes and without numbers: what the files say at their beginning."""
    found: dict[str, Tensor] = {}
    for path in files:
        try:
            with safe_open(path, framework="pt") as file:
                for name in file.keys():  # noqa: SIM118 - it is no dictionary
                    part = file.get_slice(name)
                    halved = part.get_dtype() == "I8" and name.endswith(int8.INT8)
                    if not (halved or part.get_dtype() in _NUMBERS or NO_WEIGHT.fullmatch(name)):
                        raise WeightsError("weights.dtype", name=shown(name), dtype=part.get_dtype())
                    found[name] = torch.empty(part.get_shape(), device="meta")
        except (SafetensorError, OSError, ValueError, RuntimeError, OverflowError, TypeError) as error:
            if isinstance(error, GptvizError):
                raise
            raise _damaged(path.name, error) from error
    return int8.opened(found)


def read_tensors(files: Iterable[Path]) -> dict[str, Tensor]:
    """All tensors, shards put together, and what is stored in int8 made float32."""
    tensors: dict[str, Tensor] = {}
    for path in files:
        try:
            tensors |= load_file(path)
        except (SafetensorError, OSError, ValueError, RuntimeError) as error:
            raise _damaged(path.name, error) from error
    return int8.opened(tensors)


def _damaged(name: str, error: Exception) -> WeightsError:
    if isinstance(error, FileError) and error.key == "file.mark":
        return error
    return WeightsError(
        "weights.damaged", file=name, reason=error if isinstance(error, FileError) else str(error)[:200]
    )
