"""The matrices and norms that a GPT is made of, each made for reading one position at a time too.

Sources: Ba et al. 2016 (LayerNorm), Zhang & Sennrich 2019 (RMSNorm).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptviz.gpt.config import GPTConfig

#: Numbers in a matrix from which threads share the product with one position: smaller ones lie in a core's own cache.
SHARED = 2**17


class Plain(nn.Module):
    """A module without hooks, whose parts are plain attributes: calling it is calling ``forward``.

    What torch does in between (hooks, look-ups by name) costs, for one position of a small model, as much as the matrix
    products themselves; listening is the cache's business here.
    """

    if TYPE_CHECKING:

        def __call__(self, *args: Any) -> Tensor: ...

    def __init_subclass__(cls) -> None:
        cls.__call__ = cls.forward  # type: ignore[method-assign]

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if isinstance(value, nn.Module | nn.Parameter):
            self.__dict__[name] = value  # found at once, before torch's own look-up


class Conv1D(Plain):
    """x W + b, with W stored (in, out) as GPT-2 stores it; for one row at a time this layout is also the faster one."""

    bias: nn.Parameter | None

    def __init__(self, n_in: int, n_out: int, *, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_in, n_out))
        self.bias = nn.Parameter(torch.empty(n_out)) if bias else None
        self.n_in, self.n_out, self.shared = n_in, n_out, n_in * n_out >= SHARED

    def forward(self, x: Tensor) -> Tensor:
        if self.shared and x.shape[0] == 1 and x.is_cpu:
            threads = torch.get_num_threads()
            if threads > 1 and self.n_out % threads == 0:
                return self.one_row(x, threads)
        if self.bias is None:
            return torch.mm(x, self.weight)
        return torch.addmm(self.bias, x, self.weight)  # (N, n_in) → (N, n_out)

    def one_row(self, x: Tensor, parts: int) -> Tensor:
        """The same for one position, its columns in equal ``parts``: a vector times a matrix is otherwise read by one
        thread alone (in MKL on some processors), and the memory could serve them all."""
        rows = x.expand(parts, 1, self.n_in)
        columns = self.weight.view(self.n_in, parts, -1).transpose(0, 1)  # (parts, n_in, n_out / parts)
        if self.bias is None:
            return torch.bmm(rows, columns).view(1, self.n_out)
        return torch.baddbmm(self.bias.view(parts, 1, -1), rows, columns).view(1, self.n_out)


class Embedding(Plain):
    """A learnt vector for each id; read the other way round (``project``), a logit for each id."""

    def __init__(self, n_ids: int, n_embd: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_ids, n_embd))

    def forward(self, ids: Tensor) -> Tensor:
        return F.embedding(ids, self.weight)  # (B, T) → (B, T, C)

    def project(self, hidden: Tensor) -> Tensor:
        """(…, C) → (…, n_ids)."""
        return F.linear(hidden, self.weight)


class LayerNorm(Plain):
    """Each position's numbers shifted to mean 0 and scaled to variance 1, then by learnt vectors (Ba et al. 2016)."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))
        self.shape, self.eps = (width,), eps

    def forward(self, x: Tensor) -> Tensor:
        return torch.layer_norm(x, self.shape, self.weight, self.bias, self.eps)


class RMSNorm(Plain):
    """Each position's numbers scaled to a mean square of 1, then by a learnt vector (Zhang & Sennrich 2019)."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.shape, self.eps = (width,), eps

    def forward(self, x: Tensor) -> Tensor:
        return torch.rms_norm(x, self.shape, self.weight, self.eps)


def norm_of(config: GPTConfig) -> LayerNorm | RMSNorm:
    """The norm of the residual stream."""
    return (LayerNorm if config.norm == "layernorm" else RMSNorm)(config.n_embd, config.eps)
