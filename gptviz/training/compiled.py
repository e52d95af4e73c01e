"""A step's loss, compiled by torch where that works.

Compiling fuses what lies between the matrix products into few kernels (Ansel et al. 2024, PyTorch 2): on a large GPU
a step of a small model takes about half of the time. It needs a compiler that not every machine has.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

import torch
from torch import Tensor


class Compiled:
    """A function of a batch, compiled at its first call; where that fails, the function as it is."""

    def __init__(self, plain: Callable[[Tensor], Tensor], parameters: Iterable[Tensor]) -> None:
        self.plain, self.parameters = plain, list(parameters)
        self.failure: str | None = None  # why it is not compiled
        self._call: Callable[[Tensor], Tensor] | None = None

    def __call__(self, batch: Tensor) -> Tensor:
        """The loss of ``batch``, a scalar."""
        if self._call is None:
            self._call = self._tried(batch)
        return self._call(batch)

    def _tried(self, batch: Tensor) -> Callable[[Tensor], Tensor]:
        """What to call from now on. The derivative is compiled when it is first taken, so that is tried too; no
        random number is used up by the trial, after which a run that goes on and a whole one are the same."""
        try:
            call: Callable[[Tensor], Tensor] = torch.compile(self.plain, dynamic=False)
            devices = [] if batch.is_cpu else [batch.device]
            with torch.random.fork_rng(devices=devices), warnings.catch_warnings():
                warnings.filterwarnings("ignore", "TensorFloat32")  # it has fewer digits: not unasked
                torch.autograd.grad(call(batch), self.parameters)
        except torch.OutOfMemoryError:  # nothing to do with the compiler
            raise
        except Exception as error:  # a missing compiler shows itself in many ways
            self.failure = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"
            return self.plain
        return call
