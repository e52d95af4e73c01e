"""The model in a GGUF file, tensor by tensor in float32."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from gptviz.errors import FileError, WeightsError
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.families import FAMILIES
from gptviz.gpt.family import Family
from gptviz.gpt.gguf_fields import architecture
from gptviz.gpt.gguf_file import GGUFFile
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import built, in_our_names, require_backed, require_same, shapes


def load_gguf(file: GGUFFile) -> GPT:
    """The GPT in ``file``, float32, in eval mode.

    As with a folder, what the header asks for must be there, name for name and shape for shape, before a number is
    read. Raises WeightsError, naming what is wrong.
    """
    family, config = read_gguf_family(file)
    stored, folder = file.shapes(), file.path
    require_backed(stored, config, folder)
    require_same(_ours(family, stored, config, folder), shapes(config), folder)
    named = _ours(family, {name: file.read(name) for name in file.tensors}, config, folder)
    return built(family.settled(config, named), named)


def read_gguf_config(file: GGUFFile) -> GPTConfig:
    """What the header says of the model's shape, as its family reads it."""
    return read_gguf_family(file)[1]


def read_gguf_family(file: GGUFFile) -> tuple[Family, GPTConfig]:
    """The same, with the family."""
    family = _family(file)
    try:
        return family, family.read_gguf(file)
    except FileError as error:
        raise WeightsError("weights.damaged", file=file.path.name, reason=error) from error


_READ = ("rope_freqs.weight",)  # part of the configuration: see ``gguf_fields``


def _ours(family: Family, stored: dict[str, Tensor], config: GPTConfig, path: Path) -> dict[str, Tensor]:
    for name in _READ:
        stored.pop(name, None)
    return in_our_names(family, family.renamed(stored, config), config, path)  # handed on, so that none is held twice


def _family(file: GGUFFile) -> Family:
    try:
        kind = architecture(file)
    except FileError as error:
        raise WeightsError("weights.damaged", file=file.path.name, reason=error) from error
    by_name = {family.gguf: family for family in FAMILIES.values() if family.gguf is not None}
    if kind not in by_name:
        raise WeightsError(
            "weights.gguf_architecture", file=file.path.name, kind=kind, known=", ".join(sorted(by_name))
        )
    return by_name[kind]
