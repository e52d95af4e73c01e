"""Where a run computes: a device by its name, tried before anything is read or made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gptviz import memory
from gptviz.errors import ConfigError, TrainingError

_KINDS = ("cpu", "cuda", "mps")


def usable(name: str | None) -> str:
    """``name``, where this machine can compute there; None is a GPU where there is one, else the CPU.

    Raises ConfigError where torch knows no device of that name (``nonsense``), or there is none (``cuda`` without a
    GPU, ``cuda:9`` with fewer).
    """
    if name is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError("train.unknown_device", name=repr(name)[:60], known=", ".join(_KINDS)) from error
    try:
        torch.zeros(1, device=device).add(1).item()  # meta has shapes and no numbers
    except (RuntimeError, AssertionError, NotImplementedError) as error:  # each build and device has its own
        raise ConfigError("train.no_device", name=name, there=", ".join(available())) from error
    return name


@contextmanager
def within_memory(device: str) -> Iterator[None]:
    """For what may need more memory than there is: TrainingError where it does."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if memory.lacking(error):
            raise TrainingError("train.memory", device=device) from error
        raise


def available() -> list[str]:
    """The devices of this machine, as ``--device`` takes them."""
    found = ["cpu", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))]
    return [*found, "mps"] if torch.backends.mps.is_available() else found
