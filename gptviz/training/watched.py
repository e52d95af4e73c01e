"""What whoever watches a training may do to it: nothing that the training would notice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from gptviz.gpt.model import GPT
from gptviz.gpt.weights import save_model


@contextmanager
def undisturbed(model: GPT) -> Iterator[None]:
    """For a block that uses the model: chance and mode are afterwards as they were before."""
    state, training = torch.get_rng_state(), model.training
    try:
        yield
    finally:
        model.train(training)
        torch.set_rng_state(state)


def save_exactly(model: GPT, folder: Path) -> None:
    """The weights as they are, in float32."""
    save_model(model, folder, dtype=torch.float32)


def use_threads(count: int) -> None:
    """Compute on so many threads."""
    torch.set_num_threads(max(1, count))
