"""The model that is tuned, read in batches: a copy in float32, with virtual tokens before a text where it has some."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor, nn

from gptviz.errors import ConfigError
from gptviz.gpt.model import GPT
from gptviz.language_model import LocalModel


class Trunk(nn.Module):
    """A copy of a model: what is learnt here changes nothing there."""

    def __init__(self, model: GPT) -> None:
        super().__init__()
        self.model = model
        self.virtual: nn.Parameter | None = None  # (n_virtual, C): rows that stand before each text

    @classmethod
    def of(cls, lm: LocalModel) -> Trunk:
        """A copy of ``lm``'s model, whose numbers are float32 and can be learnt.

        Raises ConfigError for a model that reads both ways: in a batch it would read what fills up the shorter texts.
        """
        if not lm.config.causal:
            raise ConfigError("tune.both_ways")
        wide = GPT.__new__(GPT)
        with torch.device("meta"):
            GPT.__init__(wide, lm.config)
        state = {name: weight.detach().float().clone() for name, weight in lm.model.state_dict().items()}
        wide.load_state_dict(state, assign=True)
        if lm.config.tied:
            wide.lm_head.weight = wide.transformer["wte"].weight  # type: ignore[assignment]
        wide.n_tokens = lm.model.n_tokens
        for parameter in wide.parameters():
            parameter.requires_grad_(True)
        return cls(wide)

    def copy(self) -> Trunk:
        """Another with the same numbers."""
        return deepcopy(self)

    @property
    def n_virtual(self) -> int:
        """How many virtual tokens stand before a text."""
        return 0 if self.virtual is None else len(self.virtual)

    @property
    def most(self) -> int:
        """How many tokens of a text are read."""
        return self.model.config.block_size - self.n_virtual

    def forward(self, ids: Tensor) -> Tensor:
        """``ids`` (B, T), T ≤ ``most`` → the normalised last residual stream (B, T, C), of the text alone."""
        return self.model(ids) if self.virtual is None else self.read(self.tokens(ids))

    def tokens(self, ids: Tensor) -> Tensor:
        """(B, T) → (B, T, C): what stands for each token, its position not yet in it."""
        rows: Tensor = self.model.transformer["wte"](ids)
        scale = self.model.config.embedding_scale
        return rows if scale == 1.0 else rows * scale

    def read(self, rows: Tensor) -> Tensor:
        """As ``forward``, of a row for each token (B, T, C), whatever it holds.

        Virtual tokens take the first positions, as in Lester et al. 2021, where they are part of the input.
        """
        model, B, m = self.model, len(rows), self.n_virtual
        if self.virtual is not None:
            rows = torch.cat((self.virtual.expand(B, -1, -1), rows), dim=1)
        T = rows.shape[1]
        x = model.placed(rows, 0).flatten(0, 1)
        rotation, masks = model.rotation(0, T, x), model.masks(0, T, None, x.device)
        for layer, block in enumerate(model.blocks):
            x = block(x, B, None, masks[layer], rotation)
        out: Tensor = model.transformer["ln_f"](x)
        return out.view(B, T, -1)[:, m:]
