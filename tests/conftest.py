"""Shared fixtures: small random models, the bundled one, and a guard that lets no test reach the network."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import hypothesis
import pytest
import torch

import gptviz
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.room import ROOMS
from gptviz.tokens.tokenizer import Tokenizer

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
# How long an example takes is the machine's affair, which may be busy with something else.
unhurried = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("whole", unhurried)
hypothesis.settings.register_profile("quick", unhurried, max_examples=20)  # `make quick`; else a hundred
hypothesis.settings.register_profile("same", unhurried, derandomize=True)  # no chance: what fails, fails by the change
hypothesis.settings.load_profile("whole")  # where none is asked for
if "PYTEST_XDIST_WORKER" in os.environ:  # one process for each core: two threads each would wait for one another
    os.environ["OMP_NUM_THREADS"] = "1"  # in the processes that tests start
    torch.set_num_threads(1)
PROMPTS = ("The cat sat on the", "我今天很", "def add(a, b):\n    return")


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may need the network: a connection to anywhere but this machine fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(autouse=True)
def no_room_stays_open() -> Iterator[None]:
    """A server has only so many rooms, and tests share one."""
    yield
    ROOMS.end_all()


@pytest.fixture(autouse=True, scope="session")
def kept_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is kept on disk from one start to the next is kept in a folder of this run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GPTVIZ_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("GPTVIZ_JOBS", str(tmp_path_factory.mktemp("jobs")))
        patch.setenv("GPTVIZ_JOBS_EACH", "100000")
        yield


class Idle:
    """A training's process that does nothing until it is told to end."""

    def __init__(self, said: list[str]) -> None:
        self.said, self._ended = said, Event()

    def wait(self) -> int:
        """As it ends where it was told to: it would go on."""
        self._ended.wait()
        return 3

    def terminate(self) -> None:
        """The end."""
        self._ended.set()


@pytest.fixture(autouse=True)
def nothing_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buttons of pages start no process here, and nothing waits that another test wished for.

    Whoever means it makes a runner of their own.
    """
    from gptviz.ui.jobs import RUNNER

    monkeypatch.setattr(RUNNER, "start", Idle)
    monkeypatch.setattr(RUNNER, "_queue", deque())


@pytest.fixture(autouse=True)
def no_loop_of_a_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Playwright's loop counts as running in this thread between its tests too: asyncio.run would refuse there."""
    if request.node.get_closest_marker("browser"):
        yield
        return
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture(scope="session")
def lm() -> LanguageModel:
    """The bundled model."""
    return gptviz.load()


@pytest.fixture(scope="session")
def tiny_config() -> GPTConfig:
    """Two layers of two heads, sixteen wide."""
    return GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=32, vocab_size=64)


@pytest.fixture(scope="session")
def tiny_model(tiny_config: GPTConfig) -> GPT:
    """Random weights, larger than at the start of training, so that attention is far from uniform."""
    return random_model(tiny_config)


def random_model(config: GPTConfig, seed: int = 0, scale: float = 0.3) -> GPT:
    """A GPT whose every parameter is random, biases too."""
    generator = torch.Generator().manual_seed(seed)
    model = GPT(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            centre = 1.0 if "ln_" in name and name.endswith("weight") else 0.0
            parameter.copy_(centre + scale * torch.randn(parameter.shape, generator=generator))
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="session")
def tiny_lm(tiny_model: GPT) -> LanguageModel:
    """The tiny model with a vocabulary of 64 characters."""
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ."
    return LocalModel(tiny_model, Tokenizer.characters(alphabet), name="tiny")


@pytest.fixture
def threads() -> Iterator[None]:
    """Leaves torch's number of threads as it was."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
