"""Weights on disk: safetensors only, checked key by key.

A model folder is laid out as by Hugging Face transformers (``config.json``, ``model.safetensors`` or shards with an
index), so that each side can read the other's; what stands in it is its family's business (``gptviz.gpt.families``).
Pickles (``pytorch_model.bin``) are refused: loading one runs whatever code it holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from gptviz.errors import FileError, GptvizError, WeightsError
from gptviz.gpt import int8
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.families import family_of, written_as
from gptviz.gpt.family import Family
from gptviz.gpt.layers import by_columns
from gptviz.gpt.layout import AbsentError, is_matrix
from gptviz.gpt.model import GPT
from gptviz.gpt.weight_files import INDEX, SINGLE, read_headers, read_tensors, weight_files
from gptviz.schema import Anything, Record, read_json, shown

__all__ = ["CONFIG", "INDEX", "SINGLE", "load_model", "read_config", "save_model"]

CONFIG = "config.json"
_HEADER_BYTES = 256  # more than one tensor's name, type, shape and place take in a file's header
#: What training and fine-tuning put around a model, or on it: how names begin, and what stands where the head should.
_WRAPPED = ("_orig_mod.", "module.", "model._orig_mod.")
_OTHER_HEADS = ("score.", "classifier.", "multiple_choice_head.", "qa_outputs.", "v_head.")


def load_model(folder: Path) -> GPT:
    """The GPT in ``folder``, float32, in eval mode.

    The files' headers are read first: what config.json asks for must be there, name for name and shape for shape,
    before any of it is built. Raises WeightsError, naming what is wrong: no such folder, no or damaged files, a pickle,
    an unknown family, a key missing or left over, a wrong shape, a number that is not finite.
    """
    family, config = read_family(folder)
    files = [folder / name for name in weight_files(folder)]
    stored = read_headers(files)
    require_backed(stored, config, folder)
    require_same(in_our_names(family, stored, config, folder), shapes(config), folder)
    named = in_our_names(family, read_tensors(files), config, folder)
    config = family.settled(config, named)
    return built(config, named)


def in_our_names(family: Family, stored: dict[str, Tensor], config: GPTConfig, folder: Path) -> dict[str, Tensor]:
    """The stored tensors under our names; one that is missing is named as it would be stored."""
    try:
        return family.ours(stored, config)
    except AbsentError as error:
        raise WeightsError("weights.missing", folder=str(folder), names=error.args[0]) from error


def built(config: GPTConfig, named: dict[str, Tensor]) -> GPT:
    """The model of these tensors, which are handed over one by one."""
    state = _finite(named, shapes(config))
    with torch.device("meta"):  # no memory and no random numbers: each tensor is put in its place
        model = GPT(config)
    model.load_state_dict(state, assign=True)
    if config.tied:
        model.lm_head.weight = model.transformer["wte"].weight  # type: ignore[assignment]
    return model.eval().requires_grad_(False)


def read_config(folder: Path) -> GPTConfig:
    """What ``config.json`` says, read as the family that it names writes it."""
    return read_family(folder)[1]


def read_family(folder: Path) -> tuple[Family, GPTConfig]:
    """The same, with the family."""
    path = folder / CONFIG
    if not folder.is_dir():
        raise WeightsError("weights.no_folder", folder=str(folder))
    if not path.is_file():
        raise WeightsError("weights.no_config", folder=str(folder))
    try:
        raw = read_json(path, Record({"model_type": Anything()}))
        if "model_type" not in raw:
            raise WeightsError("weights.no_model_type", folder=str(folder))
        family = family_of(_short(raw["model_type"]), str(folder))
        if raw.get(int8.FIELD) == int8.MARK:
            del raw[int8.FIELD]
        return family, family.read(raw, str(folder))
    except FileError as error:
        raise _in_config(folder, error) from error
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, GptvizError):
            raise
        raise WeightsError("weights.bad_config", folder=str(folder), reason=str(error)[:200]) from error


def _short(kind: object) -> object:
    """A text as long as a name; other values as they are said."""
    return kind[:60] if isinstance(kind, str) else kind if kind is None or isinstance(kind, int) else str(kind)[:60]


def _in_config(folder: Path, error: FileError) -> WeightsError:
    mark = error.key == "file.mark"
    return error if mark else WeightsError("weights.bad_config", folder=str(folder), reason=error)


def require_backed(stored: Mapping[str, Tensor], config: GPTConfig, folder: Path) -> None:
    """Raise WeightsError where the configuration asks for far more than there is, before its layers are built.

    What is nearly right gets a better sentence from ``require_same``, which names what is missing.
    """
    there = sum(tensor.numel() for tensor in stored.values())
    wrapped = next((prefix for prefix in _WRAPPED for name in stored if name.startswith(prefix)), None)
    if wrapped:
        raise WeightsError("weights.wrapped", folder=str(folder), prefix=wrapped)
    other = [name for name in sorted(stored) if name.removeprefix("transformer.").startswith(_OTHER_HEADS)]
    if other:
        raise WeightsError("weights.other_head", folder=str(folder), names=", ".join(map(shown, other[:3])))
    head = 0 if config.tied else config.vocab_size * config.n_embd  # may be missing, and then it is named
    if config.n_layer > len(stored) or config.n_parameters - head > 2 * there + 10**6:
        raise WeightsError("weights.too_few", folder=str(folder), asked=f"{config.n_parameters:,}", there=f"{there:,}")


def shapes(config: GPTConfig) -> dict[str, torch.Size]:
    """What a model of this shape consists of."""
    with torch.device("meta"):
        return {name: parameter.shape for name, parameter in GPT(config).state_dict().items()}


def require_same(tensors: Mapping[str, Tensor], wanted: Mapping[str, torch.Size], folder: Path) -> None:
    """Raise WeightsError, naming them, where tensors are missing, left over or misshapen."""
    missing, extra = sorted(wanted.keys() - tensors.keys()), sorted(tensors.keys() - wanted.keys())
    if missing or extra:
        named = ", ".join(name[:100] for name in (missing or extra)[:4])
        raise WeightsError("weights.missing" if missing else "weights.extra", folder=str(folder), names=named)
    for name, shape in wanted.items():
        if tensors[name].shape != shape:
            raise WeightsError("weights.shape", name=name, found=tuple(tensors[name].shape), wanted=tuple(shape))


def _finite(tensors: dict[str, Tensor], wanted: Iterable[str]) -> dict[str, Tensor]:
    """Every wanted tensor in float32, taken out of ``tensors``; the first that holds what is no number is named."""
    state: dict[str, Tensor] = {}
    for name in wanted:
        tensor = tensors.pop(name).float()
        state[name] = by_columns(tensor) if is_matrix(name, tensor) else tensor.contiguous()
        if not torch.isfinite(state[name].sum()):  # one pass: a NaN or infinity anywhere reaches the sum
            raise WeightsError("weights.not_finite", name=name)
    return state


def save_model(model: GPT, folder: Path, *, dtype: torch.dtype = torch.float16, shard_bytes: int = 16 * 2**20) -> None:
    """Write ``model`` as transformers would: ``config.json`` and safetensors shards of at most ``shard_bytes``.

    A single tensor larger than that gets a shard of its own. ``torch.int8`` writes what ``gptviz.gpt.int8`` says, which
    only this project opens. Raises WeightsError for a model whose weights were rounded when it was loaded.
    """
    if model.rounded_to:
        raise WeightsError("weights.narrow", weights=model.rounded_to)
    folder.mkdir(parents=True, exist_ok=True)
    family = written_as(model.config)
    tensors = family.theirs(model.state_dict(), model.config)
    if dtype == torch.int8:
        tensors = int8.packed(tensors)
    else:
        tensors = {name: value.detach().to("cpu", dtype).contiguous() for name, value in tensors.items()}
    shards = _sharded(tensors, shard_bytes)
    for old in [*folder.glob("model*.safetensors"), folder / INDEX]:
        old.unlink(missing_ok=True)
    if len(shards) == 1:
        save_file(shards[0], folder / SINGLE, metadata={"format": "pt"})
    else:
        _write_shards(shards, folder)
    raw = family.raw(model.config) | {"dtype": str(dtype).removeprefix("torch.")}
    if dtype == torch.int8:  # transformers must not take it for what it knows
        raw |= {"dtype": "float32", "architectures": ["gptviz"], int8.FIELD: int8.MARK}
    (folder / CONFIG).write_text(json.dumps(raw, indent=2) + "\n", encoding="utf-8")


def _sharded(tensors: dict[str, Tensor], shard_bytes: int) -> list[dict[str, Tensor]]:
    """The tensors in their order, in as many files as they need."""
    shards: list[dict[str, Tensor]] = [{}]
    size = 0
    for name, tensor in tensors.items():
        here = tensor.nbytes + _HEADER_BYTES
        if shards[-1] and size + here > shard_bytes:
            shards.append({})
            size = 0
        shards[-1][name] = tensor
        size += here
    return shards


def _write_shards(shards: list[dict[str, Tensor]], folder: Path) -> None:
    weight_map: dict[str, str] = {}
    for n, shard in enumerate(shards, start=1):
        file = f"model-{n:05d}-of-{len(shards):05d}.safetensors"
        save_file(shard, folder / file, metadata={"format": "pt"})
        weight_map |= dict.fromkeys(shard, file)
    total = sum(tensor.nbytes for shard in shards for tensor in shard.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / INDEX).write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")
