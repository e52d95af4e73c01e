"""Trainings that are over, without training: a job's folder with moments of random weights, records and an end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import torch

from gptviz.gpt.config import PRESETS, GPTConfig
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import save_model
from gptviz.jobs import folder
from gptviz.jobs.folder import Ask, Job
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training.snapshots import FOLDER, Snapshot, write_index

ALPHABET = "\nabcdefghijklmnopqrstuvwxyzO. "
SHAPE = GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=32, vocab_size=64, n_tokens=len(ALPHABET))


def run_of(token: str, steps: Sequence[int], *, pair: str = "", lost: int = 0, **changes: Any) -> Job:
    """A job of ``token`` with moments at ``steps``; ``lost``: the step at which its numbers ran away; ``changes``:
    fields of its ``TrainConfig``."""
    shape = {name: getattr(SHAPE, name) for name in ("n_layer", "n_head", "n_embd", "block_size", "position")}
    job = folder.create(token, Ask("names", "gpt2-parts", shape, {"steps": 40, **changes}, parts="classic", pair=pair))
    model, moments = job.path / folder.MODEL, []
    for step in steps:
        torch.manual_seed(step)
        save_model(GPT(SHAPE), model / FOLDER / f"step-{step:06d}")
        moments.append(Snapshot(step, 64 * step, None, f"step-{step:06d}"))
    Tokenizer.characters(ALPHABET).save(model)
    taken = range(1, (lost or 41))
    write_index(model, moments, [3.0 - step / 40 for step in taken])
    config = asdict(replace(PRESETS["gpt2-parts"], model=SHAPE, **{"steps": 40, **changes}))
    records: list[dict[str, Any]] = [{"record": "begun", "step": 0, "steps": 40, "config": config},
                                     {"record": "known", "uniform": 3.4, "start": 3.5, "floor": 1.0}]  # fmt: skip
    for step in taken:
        valid = 3.1 - step / 40 if step % 10 == 0 else None
        records.append({"record": "step", "step": step, "loss": 3.0 - step / 40, "learning_rate": 0.01,
                        "grad_norm": 0.5, "tokens": 64 * step, "seconds": 0.1, "valid_loss": valid})  # fmt: skip
    (job.path / folder.RECORDS).write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    if lost:
        job.finish("failed", folder.LOST, {"step": lost, "loss": "nan", "rate": "0.01"})
    else:
        torch.manual_seed(0)
        save_model(GPT(SHAPE), model)
        job.finish("done")
    return job
