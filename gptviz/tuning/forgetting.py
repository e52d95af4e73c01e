"""What a model that learns a task forgets of the language: bits per byte on held-out text, before and after.

*Forgetting* is after less before, each language apart (the past best less now, as Chaudhry et al. 2018 measure it; here
in bits, so that more of it is worse). The text is ours (``assets/tuning/<language>/held_out.txt``), written for this
and learnt by no model that comes with the project, or that of a folder, as ``gptviz eval`` reads one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch.nn import functional as F

from gptviz.errors import ConfigError
from gptviz.evaluation.held_out import Part, part_files, read_part, windows
from gptviz.language_model import LocalModel
from gptviz.numbers import BIT
from gptviz.paths import ASSETS
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tuning.batches import padded
from gptviz.tuning.trunk import Trunk

TEXTS = ASSETS / "tuning"
MOST_BYTES = 60_000  # of each part that are read: a few seconds for a small model
_TOKENS = 2048  # of one pass: each has a row of logits


class Forgotten(NamedTuple):
    """One part (a language) of the held-out text: what it costs, bits per byte."""

    part: str
    before: float
    after: float

    @property
    def more(self) -> float:
        """Bits per byte that it costs more than before: what was forgotten. Below 0 something was learnt."""
        return self.after - self.before


def held_out_text(tokenizer: Tokenizer, folder: Path | None = None) -> list[Part]:
    """Our own texts, a part for each language, or those of a folder: ``<part>.valid.txt``. Raises ConfigError."""
    if folder is not None:
        found = [read_part(name, path, tokenizer, limit_bytes=MOST_BYTES)
                 for name, path in part_files(folder, "valid").items()]  # fmt: skip
        return [part for part in found if part.n_bytes]
    found = []
    for path in sorted(TEXTS.glob("*/held_out.txt")):
        part = Part(path.parent.name, [], [])
        for text in path.read_text(encoding="utf-8").strip().split("\n\n"):
            part.documents.append(torch.tensor(tokenizer.encode(text, add_special_tokens=False)).numpy())
            part.n_bytes.append(len(text.encode()))
        found.append(part)
    return found


@torch.no_grad()
def bits_per_byte(trunk: Trunk, tokenizer: Tokenizer, part: Part) -> float:
    """What the text costs the trunk, with all that was learnt beside it, virtual tokens too.

    As ``gptviz.evaluation.score_part`` counts it: after the mark that texts begin with, in windows of which all tokens
    have at least half a window before them. Raises ConfigError where nothing can be scored.
    """
    trunk.eval()
    begin = tokenizer.begin_of_text
    rows = [document.tolist() if begin is None else [begin, *document.tolist()] for document in part.documents]
    n_bytes = sum(part.n_bytes)
    if begin is None:
        n_bytes -= sum(len(tokenizer.token_bytes(row[0])) for row in rows)
    cut = sorted(windows([*map(len, rows)], trunk.most), key=lambda window: window.stop - window.start)
    if not cut or not n_bytes:
        raise ConfigError("eval.empty", name=part.name)
    bits, taken = 0.0, list[tuple[list[int], int]]()
    for window in cut:
        row = rows[window.row][window.start : window.stop]
        if taken and (len(taken) + 1) * len(row) > _TOKENS:
            bits, taken = bits + _bits(trunk, taken), []
        taken.append((row, window.skip))
    return (bits + _bits(trunk, taken)) / n_bytes


@torch.no_grad()
def token_bits(trunk: Trunk, tokenizer: Tokenizer, text: str) -> tuple[list[int], list[float | None]]:
    """The ids of a text, as far as the trunk reads it, and what each costs, bits; None: the first, before which nothing
    stands."""
    trunk.eval()
    begin = tokenizer.begin_of_text
    row = [*([] if begin is None else [begin]), *tokenizer.encode(text, add_special_tokens=False)][: trunk.most]
    if len(row) < 2:  # nothing, or one token that nothing stands before
        return ([], []) if begin is not None or not row else (row, [None])
    logits = trunk.model.logits(trunk(torch.tensor([row[:-1]]))[0])
    bits = (F.cross_entropy(logits.double(), torch.tensor(row[1:]), reduction="none") / BIT).tolist()
    return (row, [None, *bits]) if begin is None else (row[1:], bits)


def _bits(trunk: Trunk, taken: Sequence[tuple[list[int], int]]) -> float:
    """Of rows of ids, each from so many on."""
    batch = padded([row for row, _ in taken])
    places = torch.arange(1, batch.ids.shape[1])
    skips = torch.tensor([skip for _, skip in taken])
    there = (places >= skips[:, None]) & (places < batch.lengths[:, None])  # (B, T - 1)
    logits = trunk.model.logits(trunk(batch.ids[:, :-1])[there])
    return float(F.cross_entropy(logits.double(), batch.ids[:, 1:][there], reduction="sum")) / BIT


class Memory:
    """What a model knows of held-out text before it learns something else."""

    def __init__(self, lm: LocalModel, parts: Iterable[Part] | None = None) -> None:
        self.tokenizer = lm.tokenizer
        self.parts = list(held_out_text(lm.tokenizer) if parts is None else parts)
        trunk = Trunk.of(lm)
        self.before = [bits_per_byte(trunk, self.tokenizer, part) for part in self.parts]

    def forgotten(self, trunk: Trunk) -> list[Forgotten]:
        """Of each part, by the model as it is now."""
        now = [bits_per_byte(trunk, self.tokenizer, part) for part in self.parts]
        return [Forgotten(part.name, before, after) for part, before, after
                in zip(self.parts, self.before, now, strict=True)]  # fmt: skip
