"""Weights on disk: safetensors only, checked key by key.

A model folder is laid out as Hugging Face transformers lays out GPT-2 (``config.json``, ``model.safetensors`` or shards
with an index), so that each side can read the other's. Pickles (``pytorch_model.bin``) are refused: loading one runs
whatever code it holds.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from gptviz.errors import GptvizError, WeightsError
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT

CONFIG, SINGLE, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
_HEADER_BYTES = 256  # more than one tensor's name, type, shape and place take in a file's header
_MASKS = (".attn.bias", ".attn.masked_bias")  # old files carry the causal mask; ours is computed
_GELU_TANH = ("gelu_new", "gelu_pytorch_tanh")


def load_model(folder: Path) -> GPT:
    """The GPT in ``folder``, float32, in eval mode.

    Raises WeightsError, naming what is wrong: no such folder, no or damaged files, a pickle, another architecture,
    a key missing or left over, a wrong shape, a number that is not finite.
    """
    config = read_config(folder)
    tensors = {_plain(name): tensor for name, tensor in _read_tensors(folder).items()}
    tensors = {name: tensor for name, tensor in tensors.items() if not name.endswith(_MASKS)}
    with torch.device("meta"):  # no memory and no random numbers for what is read next
        model = GPT(config)
    wanted = {name: parameter.shape for name, parameter in model.state_dict().items()}
    state = _checked(tensors, wanted, config, folder)
    # the head's matrix (vocab_size, C) is laid out by columns: one position's logits, memory-bound, come a third faster
    head = "transformer.wte.weight" if config.tied else "lm_head.weight"
    state[head] = state[head].t().contiguous().t()
    model.load_state_dict(state, assign=True)
    if config.tied:
        model.lm_head.weight = model.transformer["wte"].weight  # type: ignore[assignment]
    return model.eval().requires_grad_(False)


def read_config(folder: Path) -> GPTConfig:
    """``config.json`` of transformers' GPT-2, or ours (the same with ``position``)."""
    path = folder / CONFIG
    if not folder.is_dir():
        raise WeightsError("weights.no_folder", folder=str(folder))
    if not path.is_file():
        raise WeightsError("weights.no_config", folder=str(folder))
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return _config(raw, folder)
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, GptvizError):
            raise
        raise WeightsError("weights.bad_config", folder=str(folder), reason=str(error)) from error


def _config(raw: dict[str, Any], folder: Path) -> GPTConfig:
    kind = raw.get("model_type", "?")
    if kind != "gpt2":
        raise WeightsError("weights.architecture", folder=str(folder), kind=kind)
    inner = raw.get("n_inner") or 4 * raw["n_embd"]
    unusual = {
        "activation_function": raw.get("activation_function", "gelu_new") in _GELU_TANH,
        "n_inner": inner == 4 * raw["n_embd"],
        "scale_attn_weights": raw.get("scale_attn_weights", True) is True,
        "scale_attn_by_inverse_layer_idx": not raw.get("scale_attn_by_inverse_layer_idx", False),
        "add_cross_attention": not raw.get("add_cross_attention", False),
    }
    for name, usual in unusual.items():
        if not usual:
            raise WeightsError("weights.variant", folder=str(folder), name=name, value=raw.get(name))
    return GPTConfig(
        n_layer=raw["n_layer"],
        n_head=raw["n_head"],
        n_embd=raw["n_embd"],
        block_size=raw.get("n_positions", raw.get("n_ctx", 1024)),
        vocab_size=raw["vocab_size"],
        position=raw.get("position", "learned"),
        tied=raw.get("tie_word_embeddings", True),
        eps=raw.get("layer_norm_epsilon", 1e-5),
    )


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


def _plain(name: str) -> str:
    """Our name of a stored tensor: the prefix ``transformer.`` is there in some files and not in others."""
    return name if name.startswith(("transformer.", "lm_head.")) else f"transformer.{name}"


def _checked(tensors: dict[str, Tensor], wanted: dict[str, torch.Size], config: GPTConfig, folder: Path
             ) -> dict[str, Tensor]:  # fmt: skip
    """Every wanted tensor in our layout and float32; anything missing, left over, misshapen or not finite is named."""
    if config.tied:  # the head may or may not be stored; it is the embedding either way
        tensors = {"lm_head.weight": tensors.get("transformer.wte.weight", torch.empty(0)), **tensors}
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
    tensors = {
        name: value.detach().to("cpu", dtype).contiguous()
        for name, value in model.state_dict().items()
        if not (model.config.tied and name == "lm_head.weight")
    }
    shards = _sharded(tensors, shard_bytes)
    for old in [*folder.glob("model*.safetensors"), folder / INDEX]:
        old.unlink(missing_ok=True)
    if len(shards) == 1:
        save_file(shards[0], folder / SINGLE, metadata={"format": "pt"})
    else:
        _write_shards(shards, folder)
    (folder / CONFIG).write_text(json.dumps(_raw_config(model.config, dtype), indent=2) + "\n", encoding="utf-8")


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


def _raw_config(config: GPTConfig, dtype: torch.dtype) -> dict[str, Any]:
    raw: dict[str, Any] = {
        "model_type": "gpt2",
        "architectures": ["GPT2LMHeadModel"],
        "n_layer": config.n_layer,
        "n_head": config.n_head,
        "n_embd": config.n_embd,
        "n_positions": config.block_size,
        "vocab_size": config.vocab_size,
        "activation_function": "gelu_new",
        "layer_norm_epsilon": config.eps,
        "tie_word_embeddings": config.tied,
        "dtype": str(dtype).removeprefix("torch."),
    }
    # transformers knows only learned positions; with others it must not believe that it can run this
    return raw if config.position == "learned" else raw | {"position": config.position, "architectures": ["gptviz"]}
