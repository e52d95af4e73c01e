"""One text file, most often character by character: the first 90 % to train on, the rest to check on.

This is how tiny Shakespeare is used all over the field, so that losses compare: nanoGPT's published configurations
(https://github.com/karpathy/nanoGPT, ``config/train_shakespeare_char.py`` and its README) are the presets
``shakespeare`` and ``shakespeare-gpu``, and its validation losses are 1.88 and 1.4697 nats per character.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch.nn import functional as F

from gptviz.errors import ConfigError
from gptviz.gpt.model import GPT
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training.data import Mixture, Part, from_ids, mixture, read_text

TRAINING_SHARE = 0.9


def open_file(path: Path, tokenizer: Tokenizer | None = None) -> tuple[Tokenizer, Mixture, Mixture]:
    """(tokenizer, train, valid): the file split in two; the vocabulary is by default that of its characters.

    Raises ConfigError where there is no such file or next to nothing in it.
    """
    text = read_text(path) if path.is_file() else ""
    if len(text) < 2:
        raise ConfigError("train.no_file", file=str(path))
    tokenizer = tokenizer or Tokenizer.characters(text)
    split = int(TRAINING_SHARE * len(text))
    train, valid = (_part(f"{path.stem}.{name}", half, tokenizer) for name, half in
                    (("train", text[:split]), ("valid", text[split:])))  # fmt: skip
    return tokenizer, mixture({train.name: train}), mixture({valid.name: valid})


def _part(name: str, text: str, tokenizer: Tokenizer) -> Part:
    return from_ids(name, tokenizer.encode(text), n_bytes=len(text.encode("utf-8")))


@torch.no_grad()
def whole_loss(model: GPT, data: Mixture, *, rows: int = 64) -> float:
    """Mean loss, nats per token, over all of ``data`` in blocks of ``block_size``: no sampling, so no luck."""
    T, device = model.config.block_size, next(model.parameters()).device
    total, count = 0.0, 0
    model.eval()
    for part in data.parts:
        blocks = (len(part.ids) - 1) // T
        ids = torch.from_numpy(part.ids[: blocks * T + 1].astype("int64")).to(device)
        inputs, targets = ids[:-1].view(blocks, T), ids[1:].view(blocks, T)
        for start in range(0, blocks, rows):
            logits = model.logits(model(inputs[start : start + rows]))  # (rows, T, vocab_size)
            wanted = targets[start : start + rows]
            total += F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction="sum").item()
            count += wanted.numel()
    return total / count
