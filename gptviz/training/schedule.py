"""The learning rate of each step."""

from __future__ import annotations

import math

from gptviz.config import TrainConfig


def learning_rate(step: int, config: TrainConfig) -> float:
    """Linear warm-up, then half a cosine down to ``min_learning_rate`` (Loshchilov & Hutter 2017, equation 5)."""
    if step < config.warmup:
        return config.learning_rate * (step + 1) / (config.warmup + 1)
    done = min(1.0, (step - config.warmup) / max(1, config.steps - config.warmup))
    span = config.learning_rate - config.min_learning_rate
    return config.min_learning_rate + span * 0.5 * (1.0 + math.cos(math.pi * done))
