"""Weights on disk: safetensors only, checked key by key.

A model folder is laid out as by Hugging Face transformers (``config.json``, ``model.safetensors`` or shards with an
index), so that each side can read the other's; what stands in it is its family's business (``gptviz.gpt.families``).
Pickles (``pytorch_model.bin``) are refused: loading one runs whatever code it holds.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from gptviz.errors import GptvizError, WeightsError
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.families import family_of, written_as
from gptviz.gpt.family import Family
from gptviz.gpt.model import GPT

CONFIG, SINGLE, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
_HEADER_BYTES = 256  # more than one tensor's name, type, shape and place take in a file's header


def load_model(folder: Path) -> GPT:
    """The GPT in ``folder``, float32, in eval mode.

    Raises WeightsError, naming what is wrong: no such folder, no or damaged files, a pickle, an unknown family,
    a key missing or left over, a wrong shape, a number that is not finite.
    """
    family, config = _read_family(folder)
    tensors = family.ours(_read_tensors(folder), config)
    with torch.device("meta"):  # no memory and no random numbers for what is read next
        model = GPT(config)
    wanted = {name: parameter.shape for name, parameter in model.state_dict().items()}
    state = _checked(tensors, wanted, folder)
    # the head's matrix (vocab_size, C) is laid out by columns: one position's logits, memory-bound, come a third faster
    head = "transformer.wte.weight" if config.tied else "lm_head.weight"
    state[head] = state[head].t().contiguous().t()
    model.load_state_dict(state, assign=True)
    if config.tied:
        model.lm_head.weight = model.transformer["wte"].weight  # type: ignore[assignment]
    return model.eval().requires_grad_(False)


def read_config(folder: Path) -> GPTConfig:
    """What ``config.json`` says, read as the family that it names writes it."""
    return _read_family(folder)[1]


def _read_family(folder: Path) -> tuple[Family, GPTConfig]:
    path = folder / CONFIG
    if not folder.is_dir():
        raise WeightsError("weights.no_folder", folder=str(folder))
    if not path.is_file():
        raise WeightsError("weights.no_config", folder=str(folder))
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        family = family_of(raw.get("model_type", "?"), str(folder))
        return family, family.read(raw, str(folder))
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, GptvizError):
            raise
        raise WeightsError("weights.bad_config", folder=str(folder), reason=str(error)) from error


def _read_tensors(folder: Path) -> dict[str, Tensor]:
    """All tensors of the folder, shards put together."""
    if (folder / INDEX).is_file():
        try:
            names = sorted(set(json.loads((folder / INDEX).read_text(encoding="utf-8"))["weight_map"].values()))
        except (ValueError, KeyError, AttributeError) as error:
            raise WeightsError("weights.damaged", file=INDEX, reason=str(error)) from error
    elif (folder / SINGLE).is_file():
        names = [SINGLE]
    else:
        pickled = any(folder.glob("*.bin")) or any(folder.glob("*.pt*"))
        raise WeightsError("weights.pickle" if pickled else "weights.no_file", folder=str(folder))
    tensors: dict[str, Tensor] = {}
    for name in names:
        path = folder / str(name)
        if path.parent.resolve() != folder.resolve() or not path.is_file():
            raise WeightsError("weights.no_shard", file=str(name), folder=str(folder))
        try:
            tensors |= load_file(path)
        except (SafetensorError, OSError, ValueError) as error:
            raise WeightsError("weights.damaged", file=str(name), reason=str(error)) from error
    return tensors


def _checked(tensors: dict[str, Tensor], wanted: dict[str, torch.Size], folder: Path) -> dict[str, Tensor]:
    """Every wanted tensor in float32; anything missing, left over, misshapen or not finite is named."""
    missing, extra = sorted(wanted.keys() - tensors.keys()), sorted(tensors.keys() - wanted.keys())
    if missing or extra:
        named = ", ".join((missing or extra)[:4])
        raise WeightsError("weights.missing" if missing else "weights.extra", folder=str(folder), names=named)
    state: dict[str, Tensor] = {}
    for name, shape in wanted.items():
        tensor = tensors[name]
        if tensor.shape != shape:
            raise WeightsError("weights.shape", name=name, found=tuple(tensor.shape), wanted=tuple(shape))
        state[name] = tensor.float().contiguous()
        if not torch.isfinite(state[name].sum()):  # one pass: a NaN or infinity anywhere reaches the sum
            raise WeightsError("weights.not_finite", name=name)
    return state


def save_model(model: GPT, folder: Path, *, dtype: torch.dtype = torch.float16, shard_bytes: int = 16 * 2**20) -> None:
    """Write ``model`` as transformers would: ``config.json`` and safetensors shards of at most ``shard_bytes``.

    A single tensor larger than that gets a shard of its own. Raises WeightsError for a model whose weights were rounded
    when it was loaded.
    """
    if model.rounded_to:
        raise WeightsError("weights.narrow", weights=model.rounded_to)
    folder.mkdir(parents=True, exist_ok=True)
    family = written_as(model.config)
    tensors = family.theirs(model.state_dict(), model.config)
    tensors = {name: value.detach().to("cpu", dtype).contiguous() for name, value in tensors.items()}
    shards = _sharded(tensors, shard_bytes)
    for old in [*folder.glob("model*.safetensors"), folder / INDEX]:
        old.unlink(missing_ok=True)
    if len(shards) == 1:
        save_file(shards[0], folder / SINGLE, metadata={"format": "pt"})
    else:
        _write_shards(shards, folder)
    raw = family.raw(model.config) | {"dtype": str(dtype).removeprefix("torch.")}
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
