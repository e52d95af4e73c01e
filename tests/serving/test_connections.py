"""Over real sockets: clients that are slow, silent or a thousand; and the same request sent again."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gptviz.language_model import LanguageModel
from gptviz.remote import wire
from gptviz.serving.app import application
from gptviz.serving.keys import Keys
from gptviz.serving.limits import Limits
from gptviz.serving.logs import Log
from gptviz.serving.server import Server, config
from tests.serving.conftest import Asked, Make

pytestmark = pytest.mark.slow


@contextmanager
def listening(lm: LanguageModel, **limits: Any) -> Iterator[int]:
    """The port of a service as ``gptviz serve`` runs it."""
    bounds = Limits(**({"rate": 0.0} | limits))
    server = Server(config(application(lm, limits=bounds, log=Log(io.StringIO())), "127.0.0.1", 0, bounds))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            threading.Event().wait(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(60)
    assert not thread.is_alive()


def request(body: Any, path: str = "/v1/next") -> bytes:
    data = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n%s" % (len(data), data)


async def answered(port: int, said: bytes) -> tuple[int, bytes]:
    """(status, body) of one request on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    answer = await asyncio.wait_for(reader.read(), 120)
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def test_a_thousand_at_once_are_each_answered_or_told_that_it_is_busy(tiny_lm: LanguageModel) -> None:
    async def all_of_them(port: int) -> list[tuple[int, bytes]]:
        return await asyncio.gather(*(answered(port, request({"text": "ab" + "cdef"[n % 4], "top": 1}))
                                      for n in range(1000)))  # fmt: skip

    with listening(tiny_lm, connections=2000) as port:
        found = asyncio.run(all_of_them(port))
        assert asyncio.run(answered(port, request({"text": "abc"})))[0] == 200
    assert {status for status, _ in found} <= {200, 503}
    assert sum(status == 200 for status, _ in found) >= Limits().waiting
    for n, (status, body) in enumerate(found):
        if status == 200:
            assert json.loads(body)["ids"] == tiny_lm.ids("ab" + "cdef"[n % 4])
        else:
            assert json.loads(body)["error"]["key"] == "serve.busy"


def test_those_who_say_nothing_lose_their_places_again(tiny_lm: LanguageModel) -> None:
    """A hundred connections that never end their first line take all places, for as long as a head may take."""

    async def tried(port: int) -> list[int]:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(100)]
        for number, (_, writer) in enumerate(silent):
            writer.write(b"POST /v1/ne" if number % 2 else b"")
        await asyncio.sleep(0)
        full, _ = await answered(port, request({"text": "abc"}))
        ended = await asyncio.wait_for(asyncio.gather(*(reader.read() for reader, _ in silent)), 60)
        assert set(ended) == {b""}
        again, _ = await answered(port, request({"text": "abc"}))
        for _, writer in silent:
            writer.close()
        return [full, again]

    with listening(tiny_lm, connections=100, body_seconds=2.0) as port:
        assert asyncio.run(tried(port)) == [503, 200]


def test_who_reads_slowly_keeps_nobody_waiting(tiny_lm: LanguageModel) -> None:
    """Twenty begin a text and do not read what comes; all others are answered, and they find theirs whole later."""

    async def tried(port: int) -> None:
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        body = {"text": "abc", "max_new_tokens": 20, "seed": 3, "stream": True}
        for _, writer in slow:
            writer.write(request(body, "/v1/generate"))
        for text in ("a", "ab", "abc"):
            assert (await answered(port, request({"text": text})))[0] == 200
        told = await asyncio.gather(*(reader.read() for reader, _ in slow))
        assert all(one.count(b"event: token") == 20 and b"event: done" in one for one in told)
        for _, writer in slow:
            writer.close()

    with listening(tiny_lm) as port:
        asyncio.run(tried(port))


def test_a_request_that_is_sent_again_says_no_more_than_the_first(asked: Asked) -> None:
    for path, body in (("next", {"text": "abc"}), ("score", {"texts": ["abc"]}),
                       ("generate", {"text": "abc", "max_new_tokens": 5, "seed": 3})):  # fmt: skip
        answers = [asked.post(f"/v1/{path}", body).content for _ in range(3)]
        assert len(set(answers)) == 1


def test_anothers_trace_handle_shows_ones_own_numbers_only(serve: Make) -> None:
    """Whoever got hold of one and names it as theirs has nothing of its text in the answer."""
    one = serve(keys=Keys({"ann": "a" * 20, "eve": "e" * 20}))
    ann, eve = ({"authorization": f"Bearer {letter * 20}"} for letter in "ae")
    header, _ = wire.unpack(one.post("/v1/trace", {"text": "secret", "arrays": ["resid"]}, **ann).content)
    body = {"text": "abc", "arrays": ["resid", "logprobs"], "whole": True}
    stolen, arrays = wire.unpack(one.post("/v1/trace", body | {"reuse": header["trace"]}, **eve).content)
    own, expected = wire.unpack(one.post("/v1/trace", body, **eve).content)
    assert stolen["ids"] == own["ids"] == one.lm.ids("abc")
    assert arrays["resid"].tobytes() == expected["resid"].tobytes()
    assert arrays["logprobs"].tobytes() == expected["logprobs"].tobytes()
