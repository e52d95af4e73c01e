"""A service of the tiny model, asked without a network."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from starlette.testclient import TestClient

from gptviz.language_model import LanguageModel
from gptviz.serving.app import application
from gptviz.serving.keys import Keys
from gptviz.serving.limits import Limits
from gptviz.serving.logs import Log


class Asked:
    """One service, and what it wrote into its log."""

    def __init__(self, lm: LanguageModel, client: TestClient, log: io.StringIO) -> None:
        self.lm, self.client, self._log = lm, client, log

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """The answer, with its status."""
        return self.client.post(path, json=body, headers=headers)

    def said(self, path: str, body: Any, **headers: str) -> Any:
        """The JSON of an answer that must be a good one."""
        answer = self.post(path, body, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, body: Any, status: int = 400, **headers: str) -> tuple[str, str]:
        """(key, sentence) of an error."""
        answer = self.post(path, body, **headers)
        assert answer.status_code == status, answer.text
        error = answer.json()["error"]
        return error["key"], error["message"]

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._log.getvalue().splitlines()]


Make = Callable[..., Asked]


@pytest.fixture(scope="module")
def serve(tiny_lm: LanguageModel) -> Iterator[Make]:
    """Makes services: of the tiny model, without limits of rate, unless said otherwise."""
    with ExitStack() as stack:

        def make(
            lm: LanguageModel = tiny_lm, keys: Keys | None = None, own_hosts: bool = False, **limits: Any
        ) -> Asked:
            log = io.StringIO()
            app = application(
                lm, keys=keys, limits=Limits(**({"rate": 0.0} | limits)), log=Log(log), own_hosts=own_hosts
            )
            client = stack.enter_context(TestClient(app, raise_server_exceptions=False))
            return Asked(lm, client, log)

        yield make


@pytest.fixture(scope="module")
def asked(serve: Make) -> Asked:
    """One of them."""
    return serve()
