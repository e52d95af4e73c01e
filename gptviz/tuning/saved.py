"""What was learnt, in a folder: all that a task needs beside its model, and the model where it became part of it.

``tuning.json`` says what and how, ``learnt.safetensors`` holds the numbers that were learnt, the head's too. ``model``
is the changed model (where the method merges, and the model's kind can be written): it opens on every page. Where a
head was learnt, that is the tuned trunk under the base's unembedding (``headless``), and a ``tuning.json`` beside it
says so (``gptviz.tuning.story``).
``adapter`` is LoRA's matrices in the form in which peft saves and opens them. A model that learnt to answer has a chat
template with it: it answers "as a chat".
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from gptviz.errors import GptvizError, WeightsError
from gptviz.gpt.layout import HEAD
from gptviz.gpt.weights import built, save_model
from gptviz.language_model import LocalModel
from gptviz.tokens.huggingface import CHAT
from gptviz.tuning.classifier import Classifier
from gptviz.tuning.method import freeze, matrices
from gptviz.tuning.methods import method
from gptviz.tuning.methods.lora import LoRA, LowRank
from gptviz.tuning.pairs import TEMPLATE
from gptviz.tuning.ppo import PPO
from gptviz.tuning.saved_names import ADAPTER, LEARNT, MODEL, SAID
from gptviz.tuning.tagger import Tagger
from gptviz.tuning.trunk import Trunk
from gptviz.tuning.tuner import Tuning

_MOST_BYTES = 1_000_000  # of tuning.json


def save(run: Tuning | PPO, lm: LocalModel, folder: Path, *, model: bool = True, **said: Any) -> None:
    """Write what has been learnt from ``lm``; ``said`` goes into ``tuning.json`` beside it (numbers, names).

    It is made beside what an earlier run has left and takes its place when it is whole: who stops it in between loses
    nothing, and nothing of two runs stands side by side. Without ``model`` the changed model as a whole is not
    written, even where the method merges.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".part-", dir=folder) as made:
        _write(run, lm, Path(made), said, model=model)
        for name in (SAID, LEARNT, MODEL, ADAPTER):  # without tuning.json the folder holds no task
            _remove(folder / name)
        for name in (LEARNT, MODEL, ADAPTER, SAID):
            if (Path(made) / name).exists():
                (Path(made) / name).rename(folder / name)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write(run: Tuning | PPO, lm: LocalModel, folder: Path, said: dict[str, Any], *, model: bool) -> None:
    learner, chosen = run.learner, run.config.method
    learnt = {name: p.detach().contiguous() for name, p in learner.named_parameters() if p.requires_grad}
    save_file(learnt, folder / LEARNT)
    what = {"base": lm.name, "fingerprint": lm.fingerprint, "method": chosen.name, "settings": asdict(chosen),
            "most_tokens": run.most, **_head(learner), **said}  # fmt: skip
    if isinstance(chosen, LoRA):
        _save_adapter(run.trunk, chosen, lm.name, folder / ADAPTER)
    if model and chosen.merges:
        what |= _save_merged(run, lm, folder / MODEL)
    _write_json(folder / SAID, what)


def _write_json(path: Path, said: dict[str, Any]) -> None:
    path.write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _head(learner: nn.Module) -> dict[str, Any]:
    """What a head says; nothing of a model that answers."""
    if isinstance(learner, Classifier):
        return {"labels": list(learner.labels), "pooling": learner.pooling}
    return {"tags": list(learner.tags)} if isinstance(learner, Tagger) else {}


def merged(run: Tuning | PPO, lm: LocalModel) -> LocalModel:
    """The model with what was learnt as part of it, without its head. Raises ConfigError where that cannot be."""
    trunk = run.trunk.copy()
    run.config.method.merge(trunk)
    template = TEMPLATE if lm.chat_template is None and run.learner is run.trunk else lm.chat_template
    return LocalModel(trunk.model.requires_grad_(False), lm.tokenizer, name=lm.name, chat_template=template)


def headless(run: Tuning | PPO, lm: LocalModel) -> LocalModel:
    """``merged``, read through the base's unembedding: what a trunk that was tuned under a head says of next tokens.

    They differ where the token embedding is the unembedding too and was learnt: under a head it learns from texts as
    they go in, never from what is said, so that as an unembedding it is nothing that anybody has learnt. The two are
    apart from then on. Raises ConfigError where that cannot be.
    """
    whole = merged(run, lm)
    if run.learner is run.trunk or torch.equal(whole.model.lm_head.weight, lm.model.lm_head.weight.float()):
        return whole
    state = {name: weight.clone() for name, weight in whole.model.state_dict().items()}
    state[HEAD] = lm.model.lm_head.weight.detach().float().clone()
    model = built(replace(whole.config, tied=False), state)
    return LocalModel(model, lm.tokenizer, name=lm.name, chat_template=whole.chat_template)


def open_tuned(folder: Path, lm: LocalModel) -> Classifier | Tagger | Trunk:
    """What ``save`` wrote, on the model that it was learnt on, or on the one that became of it (``model``).

    Raises WeightsError where the folder holds no such thing, or it was learnt on another model.
    """
    said = _said(folder)
    is_base = said.get("fingerprint") == lm.fingerprint
    became = not is_base and said.get("model") == lm.fingerprint  # both, where nothing has moved
    if not is_base and not became:
        raise WeightsError("tune.other_model", folder=str(folder), base=str(said.get("base", ""))[:200])
    try:
        settings = {name: tuple(x) if isinstance(x, list) else x for name, x in said["settings"].items()}
        trunk = Trunk.of(lm)
        if became:  # all but the head is part of it already
            freeze(trunk)
        else:
            method(said["method"], **settings).prepare(trunk)
        learner: Classifier | Tagger | Trunk
        if "labels" in said:
            learner = Classifier(trunk, said["labels"], pooling=said["pooling"])
        elif "tags" in said:
            learner = Tagger(trunk, said["tags"])
        else:
            learner = trunk
        learnt = load_file(folder / LEARNT)
        _put(learner, {name: x for name, x in learnt.items() if not became or name.startswith("head.")})
    except GptvizError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError, OSError, SafetensorError) as error:
        raise WeightsError("tune.damaged", folder=str(folder), reason=str(error)[:200]) from error
    return learner.eval()


def classifies(folder: Path, lm: LocalModel) -> bool:
    """Whether a classifier lies there that opens on this model; nothing is opened to find out."""
    try:
        said = _said(folder)
    except WeightsError:
        return False
    return "labels" in said and lm.fingerprint in (said.get("fingerprint"), said.get("model"))


@torch.no_grad()
def _put(learner: nn.Module, learnt: dict[str, Tensor]) -> None:
    """Each learnt number in its place. Raises ValueError where names or shapes differ."""
    there = {name: p for name, p in learner.named_parameters() if p.requires_grad}
    if there.keys() != learnt.keys():
        raise ValueError(f"{sorted(there.keys() ^ learnt.keys())[:3]}")
    for name, value in learnt.items():
        if there[name].shape != value.shape or not torch.isfinite(value).all():
            raise ValueError(name)
        there[name].copy_(value)


def _said(folder: Path) -> dict[str, Any]:
    try:
        if (folder / SAID).stat().st_size > _MOST_BYTES:
            raise ValueError("too long")
        said = json.loads((folder / SAID).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise WeightsError("tune.damaged", folder=str(folder), reason=str(error)[:200]) from error
    if not isinstance(said, dict):
        raise WeightsError("tune.damaged", folder=str(folder), reason=SAID)
    return said


def _save_merged(run: Tuning | PPO, lm: LocalModel, folder: Path) -> dict[str, Any]:
    """Write the model; by which fingerprint it is known, where it was."""
    head = _head(run.learner)
    try:
        whole = headless(run, lm)
        save_model(whole.model, folder, dtype=torch.float32)
    except WeightsError:  # of a kind that can be read and not written: what was learnt is there all the same
        return {}
    lm.tokenizer.save(folder)
    if whole.chat_template is not None:
        (folder / CHAT).write_text(whole.chat_template, encoding="utf-8")
    if head:
        _write_json(folder / SAID, {"base": lm.name, "method": run.config.method.name, **head})
    return {"model": whole.fingerprint}


def _save_adapter(trunk: Trunk, chosen: LoRA, base: str, folder: Path) -> None:
    """As peft 0.21 has it: A and B of each matrix by its name in transformers, and a configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors: dict[str, Tensor] = {}
    for layer in range(trunk.model.config.n_layer):
        for target in chosen.targets:
            beside = _at(trunk, layer, target)
            place = f"base_model.model.transformer.h.{layer}.{target}"
            tensors[f"{place}.lora_A.weight"] = beside.A.detach().contiguous()
            tensors[f"{place}.lora_B.weight"] = beside.B.detach().contiguous()
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    config = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": base, "r": chosen.rank,
              "lora_alpha": chosen.alpha, "lora_dropout": 0.0, "bias": "none", "fan_in_fan_out": True,
              "inference_mode": True, "target_modules": list(chosen.targets)}  # fmt: skip
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _at(trunk: Trunk, layer: int, target: str) -> LowRank:
    found = [part for _, _, part in matrices(trunk.model, (target,))]
    return cast("LowRank", found[layer])
