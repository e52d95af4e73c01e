"""A head that says what a text is: one linear layer over the trunk's last residual stream."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from gptviz.errors import ConfigError
from gptviz.tuning.batches import MOST_TOKENS, Batch, batches_by_length, padded
from gptviz.tuning.trunk import Trunk

POOLINGS = ("last", "mean")


class Classifier(nn.Module):
    """Trunk, pooling, head: a logit for each label. The head starts at 0, so that the first loss is ln n_labels."""

    def __init__(self, trunk: Trunk, labels: Sequence[str], *, pooling: str = "last") -> None:
        super().__init__()
        if pooling not in POOLINGS:
            raise ConfigError("config.choice", name="pooling", value=pooling, choices=", ".join(POOLINGS))
        self.trunk, self.labels, self.pooling = trunk, tuple(labels), pooling
        self.head = nn.Linear(trunk.model.config.n_embd, len(labels))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, batch: Batch) -> Tensor:
        """(B, n_labels) logits."""
        return self.head(self.pooled(self.trunk(batch.ids), batch.lengths))  # type: ignore[no-any-return]

    def of_rows(self, rows: Tensor, lengths: Tensor) -> Tensor:
        """(B, n_labels) logits of texts given as a row for each token (``Trunk.tokens``), changed or not."""
        return self.head(self.pooled(self.trunk.read(rows), lengths))  # type: ignore[no-any-return]

    def pooled(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, C) → (B, C): the last token's, which has read all, or the mean over the text's tokens."""
        if self.pooling == "last":
            return hidden[torch.arange(len(hidden)), lengths - 1]
        there = torch.arange(hidden.shape[1]) < lengths[:, None]  # (B, T)
        return (hidden * there[..., None]).sum(1) / lengths[:, None]

    @torch.no_grad()
    def logits(self, rows: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        """Of any number of texts, as ids (at most ``trunk.most`` each): (N, n_labels)."""
        self.eval()
        found = np.zeros((len(rows), len(self.labels)), dtype=np.float32)
        for places in batches_by_length(rows, MOST_TOKENS):
            found[places] = self(padded([rows[i] for i in places])).numpy()
        return found
