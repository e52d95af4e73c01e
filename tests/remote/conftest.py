"""Engines on this machine, in threads of this process, and what they are asked."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
import uvicorn

from gptviz.language_model import LanguageModel
from gptviz.serving.app import application
from gptviz.serving.keys import Keys
from gptviz.serving.limits import Limits
from gptviz.serving.logs import Log


class Running:
    """An engine that listens; ``stop`` and ``start`` again at the same port."""

    def __init__(self, lm: LanguageModel, **options: Any) -> None:
        self._lm, self._options, self.port, self.log = lm, options, 0, io.StringIO()
        self.start()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        app = application(self._lm, log=Log(self.log), **self._options)
        config = uvicorn.Config(app, host="localhost", port=self.port, log_level="critical", ws="none")  # type: ignore[arg-type]
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            threading.Event().wait(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(60)
        assert not self._thread.is_alive()


Run = Callable[..., Running]


@pytest.fixture(scope="session")
def run_engine() -> Iterator[Run]:
    """Starts engines, and stops them at the end. One thread for each product: an engine's own thread has as many as
    there were when it began, and sums in another order differ in their last digit."""
    running: list[Running] = []
    before = torch.get_num_threads()
    torch.set_num_threads(1)

    def start(lm: LanguageModel, keys: Keys | None = None, **limits: Any) -> Running:
        running.append(Running(lm, keys=keys, limits=Limits(**({"rate": 0.0} | limits))))
        return running[-1]

    yield start
    for one in running:
        one.stop()
    torch.set_num_threads(before)
