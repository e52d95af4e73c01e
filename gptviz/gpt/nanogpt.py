"""nanoGPT's checkpoint (``ckpt.pt``) as a model of ours: a pickle, read by torch's restricted loader.

With ``weights_only`` torch makes tensors, numbers, texts and lists of what it reads and runs nothing; a file that asks
for more is refused. nanoGPT (Karpathy 2022, ``model.py``) is GPT-2 with the exact GELU and, where it was told so,
without biases; its matrices are (out, in).
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gptviz.errors import FileError, WeightsError
from gptviz.gpt.config import LARGEST, GPTConfig
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import save_model
from gptviz.schema import Flag, Record, Whole, shown

_SIZES = ("n_layer", "n_head", "n_embd", "block_size", "vocab_size")
_ARGUMENTS = Record({**{name: Whole(1, LARGEST[name]) for name in _SIZES}, "bias": Flag()}, needed=_SIZES)
_COMPILED = "_orig_mod."  # what torch.compile puts before each name
_TURNED = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")


def load_checkpoint(path: Path) -> GPT:
    """The model in nanoGPT's ``ckpt.pt``, in float32 and eval mode.

    Raises WeightsError where there is no such file, it is no checkpoint of nanoGPT's, or it asks for more than data.
    """
    if not path.is_file():
        raise WeightsError("weights.no_checkpoint_file", file=str(path))
    try:
        found = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError as error:
        raise WeightsError("weights.unsafe", file=path.name, reason=str(error)[:200]) from error
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise WeightsError(
            "weights.damaged", file=path.name, reason=(str(error).splitlines() or [""])[0][:200]
        ) from error
    arguments, stored = _parts(path, found)
    config = GPTConfig(**{name: arguments[name] for name in _SIZES}, activation="gelu")
    _require_backed(path, config, stored)
    with torch.device("meta"):
        model = GPT(config)
    model.load_state_dict(_ours(path, model, stored), assign=True)
    model.lm_head.weight = model.transformer["wte"].weight  # type: ignore[assignment]
    return model.eval().requires_grad_(False)


def _parts(path: Path, found: Any) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """``model_args`` and ``model``, checked."""
    try:
        arguments, model = found["model_args"], found["model"]
        _ARGUMENTS.check(arguments, "model_args")
        stored = {str(name).removeprefix(_COMPILED): tensor for name, tensor in model.items()}
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise WeightsError("weights.no_nanogpt", file=path.name) from error
    except FileError as error:
        raise WeightsError("weights.damaged", file=path.name, reason=error) from error
    if not all(isinstance(tensor, Tensor) and tensor.is_floating_point() for tensor in stored.values()):
        raise WeightsError("weights.no_nanogpt", file=path.name)
    return arguments, stored


def _require_backed(path: Path, config: GPTConfig, stored: Mapping[str, Tensor]) -> None:
    there = sum(tensor.numel() for tensor in stored.values())
    if config.n_layer > len(stored) or config.n_parameters > 2 * there + 10**6:
        asked = f"{config.n_parameters:,}"
        raise WeightsError("weights.too_few", folder=path.name, asked=asked, there=f"{there:,}")


def _ours(path: Path, model: GPT, stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Every tensor of ours: turned where nanoGPT has it the other way round; a bias that it does not have is zero."""
    state: dict[str, Tensor] = {}
    left = {name for name in stored if not name.endswith(".attn.bias")}  # the causal mask of old torch
    for name, wanted in model.state_dict().items():
        left.discard(name)
        tensor = stored.get(name)
        if tensor is None and name.endswith(".bias"):
            tensor = torch.zeros(wanted.shape)
        if tensor is None:
            raise WeightsError("weights.missing", folder=path.name, names=name)
        tensor = tensor.t() if name.endswith(_TURNED) and tensor.ndim == 2 else tensor
        if tensor.shape != wanted.shape:
            raise WeightsError("weights.shape", name=name, found=tuple(tensor.shape), wanted=tuple(wanted.shape))
        state[name] = tensor.float().contiguous().clone()
        if not torch.isfinite(state[name].sum()):
            raise WeightsError("weights.not_finite", name=name)
    if left:
        raise WeightsError("weights.extra", folder=path.name, names=", ".join(map(shown, sorted(left)[:4])))
    if not torch.equal(state["lm_head.weight"], state["transformer.wte.weight"]):
        raise WeightsError("weights.extra", folder=path.name, names="lm_head.weight")
    return state


def save(model: GPT, folder: Path) -> None:
    """Write the model as a folder that the app opens, in float32: nothing of the checkpoint is rounded away."""
    save_model(model, folder, dtype=torch.float32)
