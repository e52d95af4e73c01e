"""The same random GPT-2 in transformers and in gptviz."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch

from gptviz.gpt.model import GPT
from gptviz.gpt.weights import load_model


def random_gpt2(folder: Path, *, seed: int = 0, scale: float = 1.0, save: bool = True, **changes: Any) -> Any:
    """A random GPT-2 of transformers, all parameters moved off their start, written to ``folder``."""
    from transformers import GPT2Config, GPT2LMHeadModel

    settings = {"n_layer": 3, "n_head": 4, "n_embd": 32, "n_positions": 40, "vocab_size": 97} | changes
    settings |= {"bos_token_id": 0, "eos_token_id": settings["vocab_size"] - 1}
    torch.manual_seed(seed)
    theirs = GPT2LMHeadModel(GPT2Config(attn_implementation="eager", **settings)).eval()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.add_(0.1 * scale * torch.randn_like(parameter))
    theirs.tie_weights()
    if save:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what transformers says of its own files is its business
            theirs.save_pretrained(folder)
    return theirs


def pair(folder: Path, **changes: Any) -> tuple[Any, GPT]:
    """(theirs, ours) with equal weights."""
    return random_gpt2(folder, **changes), load_model(folder)
