"""One text file, most often character by character: the first 90 % to train on, the rest to check on.

This is how tiny Shakespeare is used all over the field, so that losses compare: nanoGPT's published configurations
(https://github.com/karpathy/nanoGPT, ``config/train_shakespeare_char.py`` and its README) are the presets
``shakespeare`` and ``shakespeare-gpu``, and its validation losses are 1.88 and 1.4697 nats per character.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from gptviz.errors import ConfigError
from gptviz.gpt.model import GPT
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tokens.vocabulary_files import has_ours
from gptviz.training.data import Mixture, Part, from_ids, mixture, read_text
from gptviz.training.vocabulary import train_vocabulary
from gptviz.training.worlds import World, text

TRAINING_SHARE = 0.9
BYTES_ALONE, LARGEST_LEARNT = 257, 32_768  # tokens of a vocabulary that is learnt from a text
WORLD_CHARACTERS, HELD_OUT_CHARACTERS = 1_000_000, 100_000  # of a generated world; a minute reads about the first
HELD_OUT_SEED = 2**40  # no run's own


def open_file(path: Path, tokenizer: Tokenizer | None = None, *, encoding: str | None = None
              ) -> tuple[Tokenizer, Mixture, Mixture]:  # fmt: skip
    """(tokenizer, train, valid): the file split in two; the vocabulary is by default that of its characters.

    Raises ConfigError where there is no such file or next to nothing in it.
    """
    said = _said(path, encoding, tokenizer)
    return _halves(path, said, tokenizer or Tokenizer.characters(said))


def open_learning(path: Path, vocab_size: int, folder: Path, *, encoding: str | None = None
                  ) -> tuple[Tokenizer, Mixture, Mixture]:  # fmt: skip
    """The same with a vocabulary of byte-level BPE that is learnt from the half to train on, and kept in ``folder``.

    Of ``vocab_size`` tokens 256 are the single bytes and the last is the end of a text, so that 257 is one of bytes
    alone; a text in which less repeats itself has fewer. A run that goes on finds its vocabulary there. Raises
    ConfigError for a size that cannot be, too, and ImportError without the library ``tokenizers``.
    """
    said = _said(path, encoding)
    if not BYTES_ALONE <= vocab_size <= LARGEST_LEARNT:
        raise ConfigError("config.range", name="vocabulary", value=vocab_size, low=BYTES_ALONE, high=LARGEST_LEARNT)
    if not has_ours(folder):
        tokens = [bytes([byte]) for byte in range(256)]
        if vocab_size > BYTES_ALONE:
            half = said[: int(TRAINING_SHARE * len(said))]
            tokens = train_vocabulary(half.splitlines(keepends=True), vocab_size - 1)
        Tokenizer.from_tokens(tokens).save(folder)
    return _halves(path, said, Tokenizer.load(folder))


def _said(path: Path, encoding: str | None, tokenizer: Tokenizer | None = None) -> str:
    """The text of a file from which something can be learnt."""
    said = read_text(path, encoding) if path.is_file() else ""
    if len(said) < 2:
        raise ConfigError("train.no_file", file=str(path))
    if tokenizer is None and len(set(said)) < 2:
        raise ConfigError("train.one_character", file=str(path), character=repr(said[0]))
    return said


def _halves(path: Path, said: str, tokenizer: Tokenizer) -> tuple[Tokenizer, Mixture, Mixture]:
    split = int(TRAINING_SHARE * len(said))
    train, valid = (_part(f"{path.stem}.{name}", half, tokenizer) for name, half in
                    (("train", said[:split]), ("valid", said[split:])))  # fmt: skip
    return tokenizer, mixture({train.name: train}), mixture({valid.name: valid})


def open_world(world: World, seed: int) -> tuple[Tokenizer, Mixture, Mixture]:
    """(tokenizer, train, valid): text of a generated world, one token for each character that it can say.

    The text to train on depends on ``seed``, the held-out one does not, so that losses of different runs compare.
    """
    tokenizer = Tokenizer.characters(world.alphabet)
    train, valid = (_of_documents(f"{world.name}.{name}", text(world, begin, length), tokenizer) for name, begin, length
                    in (("train", seed, WORLD_CHARACTERS), ("valid", HELD_OUT_SEED, HELD_OUT_CHARACTERS)))  # fmt: skip
    return tokenizer, mixture({train.name: train}), mixture({valid.name: valid})


def _of_documents(name: str, said: str, tokenizer: Tokenizer) -> Part:
    """A part whose documents are its lines."""
    ids = np.asarray(tokenizer.encode(said), dtype=np.uint32)
    ends = np.flatnonzero(ids == tokenizer.encode("\n")[0])
    starts = np.concatenate(([0], ends[:-1] + 1)).astype(np.int64)
    return Part(name, ids, starts, starts, len(said.encode("utf-8")))


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
