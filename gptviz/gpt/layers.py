"""The matrices and norms that a GPT is made of, each made for reading one position at a time too.

Sources: Ba et al. 2016 (LayerNorm), Zhang & Sennrich 2019 (RMSNorm).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptviz.gpt.config import GPTConfig

#: Numbers in a matrix from which a product with few positions is shared out: smaller ones lie in a core's own cache.
SHARED = 2**17
#: As many positions are few: with more, the libraries' own product of two matrices is as fast.
FEW = 4


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
    """x W + b, with W (in, out) as in GPT-2; what was read from files lies in memory ``by_columns``."""

    bias: nn.Parameter | None

    def __init__(self, n_in: int, n_out: int, *, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_in, n_out))
        self.bias = nn.Parameter(torch.empty(n_out)) if bias else None
        self.n_in, self.n_out, self.shared = n_in, n_out, n_in * n_out >= SHARED

    def forward(self, x: Tensor) -> Tensor:
        if self.shared and x.shape[0] <= FEW and x.is_cpu and self.weight.stride(0) == 1:
            product = few_rows(x, self.weight.t())
            return product if self.bias is None else product + self.bias
        if self.bias is None:
            return torch.mm(x, self.weight)
        return torch.addmm(self.bias, x, self.weight)  # (N, n_in) → (N, n_out)


def by_columns(weight: Tensor) -> Tensor:
    """The same matrix (in, out), its columns one after another in memory, as ``few_rows`` and most files have them."""
    return weight.t().contiguous().t()


def few_rows(x: Tensor, weight: Tensor) -> Tensor:
    """x Wᵀ for few rows: (N, n_in), W (n_out, n_in) → (N, n_out).

    What takes the time is reading W once. As a batch of its parts it is read by all threads, and even by one alone at
    the memory's pace; the usual product for so few rows runs at a half to a third of it (measured with MKL).
    """
    parts = max(2, torch.get_num_threads())
    rest = len(weight) % parts
    even = weight[: len(weight) - rest] if rest else weight
    columns = x.t().expand(parts, -1, -1)  # (parts, n_in, N)
    product = torch.bmm(even.view(parts, -1, weight.shape[1]), columns)  # (parts, n_out / parts, N)
    flat = product.view(1, -1) if len(x) == 1 else product.flatten(0, 1).t().contiguous()
    return torch.cat((flat, F.linear(x, weight[-rest:])), dim=-1) if rest else flat


class Embedding(Plain):
    """A learnt vector for each id; read the other way round (``project``), a logit for each id."""

    def __init__(self, n_ids: int, n_embd: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_ids, n_embd))

    def forward(self, ids: Tensor) -> Tensor:
        return F.embedding(ids, self.weight)  # (B, T) → (B, T, C)

    def project(self, hidden: Tensor) -> Tensor:
        """(…, C) → (…, n_ids)."""
        rows = hidden.numel() // hidden.shape[-1]
        if 0 < rows <= FEW and hidden.is_cpu and self.weight.numel() >= SHARED and self.weight.is_contiguous():
            return few_rows(hidden.reshape(rows, -1), self.weight).view(*hidden.shape[:-1], -1)
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
