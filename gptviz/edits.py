"""Changes to one run of the model: what breaks when a part of it is switched off?

>>> import gptviz
>>> lm = gptviz.load()
>>> lm.trace("The cat sat on the", edits=[gptviz.edits.ablate(layer=2, head=3)]).z[2, 3].max()
np.float32(0.0)

An edit is a pair: where, and a function from the array that came there to the one that goes on. Where is a tap
(``gptviz.gpt.taps``), in every layer, or a tap and a layer: ``("resid_mid", double)``, ``(("mlp_out", 3), double)``.
The model is left as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gptviz.errors import EditError
from gptviz.gpt.editing import Array, Edit

MODES = ("zero", "mean")

__all__ = ["MODES", "Ablation", "Edit", "ablate"]


@dataclass(frozen=True)
class Ablation:
    """Takes from a head what it has to say: its ``z``, (n_head, T, head_dim)."""

    head: int
    mode: str = "zero"

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise EditError("edit.mode", value=self.mode, choices=", ".join(MODES))

    def __call__(self, z: Array) -> Array:
        n_head, T, _ = z.shape
        if not 0 <= self.head < n_head:
            raise EditError("edit.head", head=self.head, last=n_head - 1)
        counts = np.arange(1, T + 1)[:, None]
        z[self.head] = 0.0 if self.mode == "zero" else z[self.head].cumsum(0, dtype=np.float64) / counts
        return z


def ablate(*, layer: int, head: int, mode: str = "zero") -> Edit:
    """Switch a head off: what it writes into the residual stream no longer depends on what it attends to.

    ``zero``: its z is 0, so that it writes nothing (but for the bias that all heads share). ``mean``: at each position
    it is the mean of its z over the text up to there, that position included: what it says on average goes on, what it
    says of this place does not (mean ablation as in Wang et al. 2022, section 2, there over other texts). Up to there,
    so that no position hears of a later one, and a longer text changes nothing in a shorter one.

    Raises EditError where there is no such mode; ``trace`` does where there is no such layer or head.
    """
    return Edit(("z", layer), Ablation(head, mode))
