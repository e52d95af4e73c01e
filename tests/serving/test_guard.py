"""Who may ask the service, how much, how slowly; and that nobody's text is anybody else's."""

from __future__ import annotations

import asyncio
import io
import json
import random
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.decoding import Sample
from gptviz.errors import ConfigError, ServiceError
from gptviz.language_model import LanguageModel
from gptviz.serving.app import application
from gptviz.serving.engine import Engine
from gptviz.serving.guard import language
from gptviz.serving.keys import Keys, read_keys
from gptviz.serving.limits import Limits, Rates
from gptviz.serving.logs import Log
from gptviz.serving.metrics import Metrics
from tests.serving.conftest import Asked, Make

PATIENCE = 60.0  # seconds: other tests run beside this one

pytestmark = pytest.mark.slow

ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ."
KEY, OTHER = "k" * 20, "o" * 24
NEXT = {"text": "abc"}


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def test_keys_are_asked_for_and_forged_ones_are_none(serve: Make) -> None:
    one = serve(keys=Keys({"ann": KEY, "bob": OTHER}))
    assert one.refused("/v1/next", NEXT, 401)[0] == "serve.key"
    for forged in ("", "k" * 19, "k" * 21, "K" * 20, "ann", "é" * 20, "k" * 100_000):
        header = f"Bearer {forged}".encode("utf-8", "replace")
        answer = one.client.post("/v1/next", json=NEXT, headers=[(b"authorization", header)])  # type: ignore[arg-type]
        assert answer.status_code == 401
    for header in (KEY, f"Basic {KEY}", f"Bearer{KEY}"):
        assert one.post("/v1/next", NEXT, authorization=header).status_code == 401
    assert one.said("/v1/next", NEXT, **bearer(KEY))["model"] == "tiny"
    assert one.said("/v1/next", NEXT, authorization=f"bearer  {OTHER} ")["model"] == "tiny"
    assert [line["key"] for line in one.log if line.get("kind") == "next"][-2:] == ["ann", "bob"]
    assert KEY not in json.dumps(one.log)
    assert one.client.get("/healthz").status_code == 200
    assert one.client.get("/metrics").status_code == 401


def test_a_file_of_keys(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"# the class\nann {KEY}  # first row\n\n{OTHER}\n")
    keys = read_keys({"GPTVIZ_KEYS": str(file)})
    assert (keys.owner(KEY), keys.owner(OTHER), keys.owner("ann")) == ("ann", "key 4", None)
    assert len(read_keys({})) == 0
    for text, key in (("ann short\n", "serve.keys_line"), (f"a b {KEY}", "serve.keys_line"),
                      ("# none", "serve.keys_none"),
                      (f"a {KEY}\na {OTHER}", "serve.keys_line")):  # fmt: skip
        file.write_text(text)
        with pytest.raises(ConfigError) as raised:
            read_keys({"GPTVIZ_KEYS": str(file)})
        assert raised.value.key == key
        assert KEY not in str(raised.value)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_keys({"GPTVIZ_KEYS": str(tmp_path / "none")})


def test_each_caller_has_so_many_a_second(serve: Make) -> None:
    now = 0.0
    rates = Rates(2.0, 2.0, lambda: now)
    assert [rates.take("a") for _ in range(5)] == [0, 0, 0, 0, 0.5]
    assert rates.take("b") == 0
    now = 0.5
    assert (rates.take("a"), rates.take("a")) == (0, 0.5)
    one = serve(rate=0.001, burst=2000.0)
    assert [one.post("/v1/next", NEXT).status_code for _ in range(3)] == [200, 200, 429]
    answer = one.client.get("/healthz")
    assert int(answer.headers["retry-after"]) >= 1


def test_a_key_that_is_guessed_at_uses_up_the_guessers_rate(serve: Make) -> None:
    one = serve(keys=Keys({"ann": KEY}), rate=0.001, burst=3000.0)
    found = [one.post("/v1/next", NEXT, **bearer("x" * 20)).status_code for _ in range(5)]
    assert found == [401, 401, 401, 429, 429]


def test_elsewhere_nobody_may_speak_in_its_name(serve: Make) -> None:
    """A page whose name was made to lead to this machine is no page of it."""
    one = serve(own_hosts=True)
    for host, status in (("localhost:8600", 200), ("127.0.0.1", 200), ("[::1]:80", 200), ("evil.example", 421),
                         ("localhost.evil.example", 421), ("127.0.0.1.evil", 421)):  # fmt: skip
        assert one.client.get("/healthz", headers={"host": host}).status_code == status
    answer = one.client.post("/v1/next", content=b"{}", headers={"content-type": "text/plain", "host": "localhost"})
    assert answer.status_code == 415  # which a page elsewhere can send without asking


class Client:
    """One request by hand, which says what it likes of its body."""

    def __init__(self, asked: Asked, headers: dict[bytes, bytes], path: str = "/v1/next") -> None:
        self.app, self.pulled, self.sent = asked.client.app, 0, list[Any]()
        every = {b"host": b"localhost", b"content-type": b"application/json"} | headers
        self.scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
                      "headers": list(every.items()), "client": ("127.0.0.1", 1), "http_version": "1.1",
                      "scheme": "http", "root_path": "", "asgi": {"version": "3.0"}}  # fmt: skip

    def run(self, parts: Callable[[int], bytes], pause: float = 0.0) -> tuple[int, str]:
        """(status, key of the error); ``parts`` makes the body without end."""

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(pause)
            self.pulled += 1
            return {"type": "http.request", "body": parts(self.pulled), "more_body": True}

        async def send(message: dict[str, Any]) -> None:
            self.sent.append(message)

        asyncio.run(self.app(self.scope, receive, send))  # type: ignore[arg-type]
        body = b"".join(message.get("body", b"") for message in self.sent)
        return self.sent[0]["status"], json.loads(body)["error"]["key"]


def test_a_huge_body_is_refused_before_it_is_read(asked: Asked) -> None:
    client = Client(asked, {b"content-length": b"9000000000"})
    assert client.run(lambda n: b" " * 1000) == (413, "serve.body_size")
    assert client.pulled == 0
    client = Client(asked, {})  # one that does not say how long it is
    assert client.run(lambda n: b" " * 2**16) == (413, "serve.body_size")
    assert client.pulled == 17  # a megabyte, and the piece too many
    client = Client(asked, {b"content-length": b"9" * 5000})
    assert client.run(lambda n: b" ") == (413, "serve.body_size")


def test_a_slow_body_is_not_waited_for(serve: Make) -> None:
    client = Client(serve(body_seconds=0.2), {})
    assert client.run(lambda n: b" ", pause=0.05) == (408, "serve.body_slow")
    assert client.pulled < 10


@pytest.mark.parametrize("path", [
    "/../etc/passwd", "/v1/../../etc/passwd", "/v1/%2e%2e/%2e%2e/etc/passwd", "//v1/next", "/v1/next/", "/v1/next%00",
    "/static/app.py", "/docs", "/v1/" + "x" * 5000,
])  # fmt: skip
def test_no_other_path_leads_anywhere(asked: Asked, path: str) -> None:
    for method in ("GET", "POST"):
        answer = asked.client.request(method, path, json={} if method == "POST" else None, follow_redirects=False)
        assert answer.status_code == 404
        assert answer.json()["error"]["key"] == "serve.no_path"
        assert "passwd" not in answer.text


def test_no_answer_names_a_path_of_this_machine(asked: Asked, serve: Make, lm: LanguageModel) -> None:
    for one in (asked, serve(lm)):
        for path in ("/healthz", "/v1/models", "/v1/card", "/openapi.json", "/", "/metrics"):
            text = one.client.get(path).text
            assert str(Path.home()) not in text, path
            assert str(Path(__file__).parents[2]) not in text, path


def test_what_fails_inside_says_nothing_of_the_text(serve: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    one = serve()

    def broken(*args: Any, **options: Any) -> Any:
        raise RuntimeError("a sentence with secretword in it")

    monkeypatch.setattr(type(one.lm), "next_logits", broken)
    assert one.refused("/v1/next", {"text": "secretword"}, 500)[0] == "serve.failed"
    monkeypatch.undo()
    one.said("/v1/next", {"text": "secretword"})
    one.refused("/v1/next", {"secretword": 1})
    assert "secretword" not in json.dumps(one.log)
    failed = next(line for line in one.log if line["event"] == "failed")
    assert failed["error"] == "RuntimeError"
    assert any("service.py" in place for place in failed["at"])


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=4)
def test_nobodys_text_is_in_anybody_elses_answer(asked: Asked, seed: int) -> None:
    """200 requests of twenty visitors, who type alike and at the same time."""
    chance = random.Random(seed)
    visitors = ["ab" + "".join(chance.choice(ALPHABET) for _ in range(12)) for _ in range(20)]

    def visit(text: str) -> None:
        for length in range(5, 15):
            typed = text[:length]
            kind = "next" if length % 3 else "score" if length % 2 else "encode"
            body: dict[str, Any] = {"texts": [typed]} if kind == "score" else {"text": typed}
            said = asked.said(f"/v1/{kind}", body)
            found = said["texts"][0] if kind == "score" else said
            assert found["ids"] == asked.lm.ids(typed)
            if kind == "next":
                told = asked.lm.score([[*found["ids"], found["tokens"][0]["id"]]])[0][0, -1]
                assert found["tokens"][0]["logprob"] == pytest.approx(float(told), abs=1e-5)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(visit, visitors))


class Slow:
    """Work that goes on until it is ended."""

    def __init__(self) -> None:
        self.steps, self.closed = 0, threading.Event()

    def work(self) -> Any:
        try:
            while True:
                self.steps += 1
                threading.Event().wait(0.001)
                yield self.steps
        finally:
            self.closed.set()


def engine(**limits: Any) -> Engine:
    return Engine({"double": lambda items: [2 * item for item in items]}, Limits(**limits), Metrics())


def test_long_work_stops_when_nobody_waits_and_lets_others_by() -> None:
    running, slow, heard = engine(), Slow(), list[int]()
    job = running.alone("slow", slow.work(), heard.append)
    assert running.together("double", 21).result(PATIENCE) == 42
    job.cancel()
    assert slow.closed.wait(PATIENCE)
    assert heard == sorted(heard)
    running.close()


def test_work_beyond_its_time_and_beyond_the_queue_is_refused() -> None:
    running, slow = engine(seconds=0.1, waiting=2), Slow()
    job = running.alone("slow", slow.work())
    with pytest.raises(ServiceError) as raised:
        job.result(PATIENCE)
    assert (raised.value.key, raised.value.status) == ("serve.slow", 504)
    assert slow.closed.is_set()
    running.close()
    held, begun = threading.Event(), threading.Event()

    def hold(items: Any) -> Any:
        begun.set()
        held.wait(PATIENCE)
        return items

    running = Engine({"hold": hold}, Limits(waiting=2), Metrics())
    jobs = [running.together("hold", 0)]
    begun.wait(PATIENCE)
    jobs += [running.together("hold", number) for number in (1, 2)]
    with pytest.raises(ServiceError) as raised:
        running.together("hold", 3)
    assert (raised.value.key, raised.value.status) == ("serve.busy", 503)
    held.set()
    assert [job.result(PATIENCE) for job in jobs] == [0, 1, 2]
    running.close()


def test_those_who_wait_are_taken_together_up_to_so_many() -> None:
    held, begun, taken = threading.Event(), threading.Event(), list[int]()

    def note(items: Any) -> Any:
        begun.set()
        held.wait(PATIENCE)
        taken.append(len(items))
        return items

    running = Engine({"note": note}, Limits(batch=4), Metrics())
    jobs = [running.together("note", 0)]
    begun.wait(PATIENCE)
    jobs += [running.together("note", number) for number in range(1, 7)]
    held.set()
    assert [job.result(PATIENCE) for job in jobs] == list(range(7))
    assert taken == [1, 4, 2]
    running.close()


def test_an_end_ends_all_and_says_so() -> None:
    running, slow, begun = engine(), Slow(), threading.Event()
    job = running.alone("slow", slow.work(), lambda step: begun.set())
    assert begun.wait(PATIENCE)
    running.close()
    assert slow.closed.is_set()
    with pytest.raises(ServiceError, match="about to end"):
        job.result(PATIENCE)
    with pytest.raises(ServiceError, match="about to end"):
        running.together("double", 1)


def test_the_event_loop_computes_nothing(tiny_lm: LanguageModel, serve: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[str] = set()
    encode = type(tiny_lm.tokenizer).encode

    def noted(*args: Any, **options: Any) -> Any:
        seen.add(threading.current_thread().name)
        return encode(*args, **options)

    monkeypatch.setattr(type(tiny_lm.tokenizer), "encode", noted)
    one = serve()
    bodies: dict[str, Any] = {"next": {}, "trace": {}, "encode": {}, "generate": {"max_new_tokens": 2},
                              "compare": {"strategies": {"a": "greedy"}, "max_new_tokens": 2}}  # fmt: skip
    for path, body in bodies.items():
        assert one.post(f"/v1/{path}", NEXT | body).status_code == 200
    one.said("/v1/score", {"texts": ["ab"]})
    assert seen == {"engine-0"}


@pytest.mark.parametrize(("header", "lang"), [
    ("", "en"), ("zh", "zh"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("de-DE, zh;q=0.2", "zh"), ("en-GB,zh", "en"),
    ("zh;q=0, en", "en"), ("*", "en"), ("zh;q=nan", "en"), ("../../etc", "en"), ("zh" * 400, "en"),
])  # fmt: skip
def test_the_language_that_is_asked_for(header: str, lang: str) -> None:
    assert language(header) == lang


def test_a_client_that_goes_away_ends_its_text(tiny_lm: LanguageModel) -> None:
    """Over a real socket: after a few events the connection is closed, and the engine is free again."""
    written = threading.Event()
    closed = threading.Event()

    class Endless(type(tiny_lm)):  # type: ignore[misc]
        def generate(self, *args: Any, **options: Any) -> Any:
            try:
                while True:
                    step = next(iter(super().generate([1, 2], Sample(), max_new_tokens=1)))
                    yield step
                    written.set()
            finally:
                closed.set()

    lm = Endless(tiny_lm.model, tiny_lm.tokenizer, name="endless")  # type: ignore[attr-defined]
    config = uvicorn.Config(application(lm, log=Log(io.StringIO())), port=0, log_level="critical", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            threading.Event().wait(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        body = json.dumps({"ids": [1, 2], "stream": True}).encode()
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"POST /v1/generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                               b"Content-Length: %d\r\n\r\n%s" % (len(body), body))  # fmt: skip
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
            assert written.wait(PATIENCE)
        assert closed.wait(PATIENCE)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
    assert not thread.is_alive()
