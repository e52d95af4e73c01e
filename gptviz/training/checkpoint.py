"""Stopping and going on: everything a run needs, as safetensors and JSON (never a pickle).

Random state is not among it: batches and dropout are functions of (seed, step), see ``data`` and ``trainer``.
"""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from gptviz.errors import WeightsError
from gptviz.gpt.config import GPTConfig, TrainConfig
from gptviz.training.trainer import SoFar, Trainer

_STATE, _META = "state.safetensors", "run.json"
PACKAGES = ("torch", "numpy", "tiktoken", "safetensors")  # whose versions a run's figures may depend on


def save(trainer: Trainer, folder: Path) -> None:
    """Write the run's state to ``folder``, each file in one move, so that a kill leaves the old state or the new."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"model.{name}": value for name, value in trainer.model.named_parameters()}
    meta: dict[str, Any] = {"config": asdict(trainer.config), "scaler": trainer.scaler.state_dict(),
                            "versions": versions(), "device": device_name(trainer.device),
                            "so_far": asdict(trainer.so_far) | {"seconds": trainer.elapsed}}  # fmt: skip
    names = {id(parameter): name for name, parameter in trainer.model.named_parameters()}
    for optimizer in trainer.optimizers:
        for parameter, state in optimizer.state.items():
            tensors |= {f"optimizer.{names[id(parameter)]}.{key}": value for key, value in state.items()}
    stored = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    # the step lies beside the tensors it belongs to, so that the two cannot disagree after a kill
    _replace(folder / _STATE, lambda path: save_file(stored, path, metadata={"step": str(trainer.step)}))
    _replace(folder / _META, lambda path: path.write_text(json.dumps(meta, indent=1), encoding="utf-8"))


def restore(trainer: Trainer, folder: Path) -> None:
    """Put a saved state back into a trainer of the same configuration.

    Raises WeightsError where the folder holds none, or one of another configuration.
    """
    if not (folder / _STATE).is_file() or not (folder / _META).is_file():
        raise WeightsError("weights.no_checkpoint", folder=str(folder))
    if read_config(folder) != trainer.config:
        raise WeightsError("weights.other_config", folder=str(folder))
    tensors = load_file(folder / _STATE)
    owner = {id(p): o for o in trainer.optimizers for group in o.param_groups for p in group["params"]}
    with torch.no_grad():
        for name, parameter in trainer.model.named_parameters():
            parameter.copy_(tensors[f"model.{name}"])
            owner[id(parameter)].state[parameter] = _optimizer_state(tensors, name, parameter)
    meta = json.loads((folder / _META).read_text(encoding="utf-8"))
    if meta["scaler"]:
        trainer.scaler.load_state_dict(meta["scaler"])
    trainer.step = saved_step(folder)
    trainer.so_far = SoFar(**meta.get("so_far", {}))


def read_config(folder: Path) -> TrainConfig:
    """The configuration of a saved run."""
    fields = dict(json.loads((folder / _META).read_text(encoding="utf-8"))["config"])
    fields["model"] = GPTConfig.from_json(fields["model"])
    fields["betas"] = tuple(fields["betas"])
    return TrainConfig(**fields)


def read_versions(folder: Path) -> dict[str, str]:
    """The versions that a saved run was made with; of runs saved before they were noted, those that run now."""
    found: dict[str, str] = json.loads((folder / _META).read_text(encoding="utf-8")).get("versions") or versions()
    return found


def versions() -> dict[str, str]:
    """Those of Python and of what computes here."""
    found = {name: version(name) for name in PACKAGES}
    return found | {"torch": str(torch.__version__), "Python": platform.python_version()}  # which says its build too


def device_name(device: str) -> str:
    """A GPU by its name, anything else as torch calls it."""
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device


def _optimizer_state(tensors: dict[str, Tensor], name: str, parameter: Tensor) -> dict[str, Tensor]:
    """What the optimiser remembers of a parameter, where the parameter is: a fused step reads the count there too."""
    prefix = f"optimizer.{name}."
    return {key[len(prefix) :]: value.to(parameter.device) for key, value in tensors.items() if key.startswith(prefix)}


def saved_step(folder: Path) -> int:
    """How many steps the run whose state lies in ``folder`` has taken; 0 where there is none."""
    if not (folder / _STATE).is_file() or not (folder / _META).is_file():
        return 0
    with safe_open(folder / _STATE, framework="pt") as file:
        return int(file.metadata()["step"])


def _replace(path: Path, write: Any) -> None:
    partial = path.with_suffix(".partial")
    write(partial)
    os.replace(partial, path)
