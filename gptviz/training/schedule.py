"""The learning rate of each step."""

from __future__ import annotations

import math

from gptviz.gpt.config import TrainConfig


def learning_rate(step: int, config: TrainConfig, elapsed: float = 0.0) -> float:
    """Linear warm-up, then the peak all along (``constant``), or down to ``min_learning_rate``: half a cosine
    (Loshchilov & Hutter 2017, equation 5), or straight (to zero, which is best where the length of the run is known:
    Bergsma et al. 2025, arXiv 2502.15938).

    A run that has ``seconds`` is as far as its steps or as its time, whichever says more, so that it ends at the lowest
    rate on a slow machine too. ``elapsed`` (seconds) counts only where steps are behind: one that keeps the pace has
    the same rates whenever it is run.
    """
    if step < config.warmup:
        return config.learning_rate * (step + 1) / (config.warmup + 1)
    done = min(1.0, (step - config.warmup) / max(1, config.steps - config.warmup))
    if config.seconds is not None:
        done = max(done, min(1.0, elapsed / config.seconds))
    if config.schedule == "constant":
        return config.learning_rate
    left = 1.0 - done if config.schedule == "linear" else 0.5 * (1.0 + math.cos(math.pi * done))
    return config.min_learning_rate + (config.learning_rate - config.min_learning_rate) * left
