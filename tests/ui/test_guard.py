"""What stands before the server: headers on everything, shut doors, sockets counted; and where it says that it is."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnected
from streamlit import config, net_util
from streamlit.file_util import get_static_dir
from streamlit.web.server.starlette import starlette_server

from gptviz.i18n import translate
from gptviz.ui import guard, serve, turned_away
from gptviz.ui.beside import Beside
from gptviz.ui.guard import FRAMES, METRICS, Guard, policy
from gptviz.ui.limits import MAX_MESSAGE_MB, VISITORS

DOCUMENT = Path(get_static_dir()) / "index.html"


class Behind:
    """A server that answers everything, and says how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.go_on = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        if scope["type"] == "websocket":
            await self.go_on.wait()
            return
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"Content-Type", b"text/html"), (b"X-Content-Type-Options", b"other")]})  # fmt: skip
        await send({"type": "http.response.body", "body": b"ok"})


def ask(path: str, host: str = "127.0.0.1:8501") -> tuple[int, dict[str, str]]:
    """Status and headers of the answer; of each name there is one."""
    sent: list[Any] = []

    async def talk() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "path": path, "headers": [(b"host", host.encode("latin-1"))]}
        await Guard(Behind(), DOCUMENT)(scope, _nothing, send)

    asyncio.run(talk())
    names = [name.decode().lower() for name, _ in sent[0]["headers"]]
    assert len(set(names)) == len(names)
    return sent[0]["status"], {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}


async def _nothing() -> Any:
    raise AssertionError("nobody reads")


async def _unsent(message: Any) -> None:
    raise AssertionError("nobody sends")


@pytest.mark.parametrize("path", ["/", "/compare", "/static/js/index.js", "/_stcore/health", "/_stcore/metrics"])
def test_headers_are_on_all_that_is_sent(path: str) -> None:
    _, headers = ask(path)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert "geolocation=()" in headers["permissions-policy"]


def test_the_policy_lets_no_script_in_but_the_servers_own() -> None:
    said = dict(part.partition(" ")[::2] for part in policy(DOCUMENT.read_bytes(), "class:8501").split("; "))
    assert said["default-src"] == said["base-uri"] == said["form-action"] == "'none'"
    own, *hashes = said["script-src"].split()
    assert own == "'self'"
    assert hashes
    page = DOCUMENT.read_bytes()
    for written in hashes:
        digest = base64.b64decode(written.removeprefix("'sha256-").removesuffix("'"))
        assert any(hashlib.sha256(code).digest() == digest for code in guard._INLINE.findall(page))
    assert said["connect-src"] == "'self' ws://class:8501 wss://class:8501"
    assert not any(word in policy(b"") for word in ("unsafe-eval", "http:", "*"))


@pytest.mark.parametrize("host", ["x; script-src *", "a b", "é", "", "x" * 300, "a'b", "a\r\nSet-Cookie: x"])
def test_a_forged_host_gets_into_no_header(host: str) -> None:
    _, headers = ask("/", host=host)
    assert "connect-src 'self';" in headers["content-security-policy"] + ";"
    assert policy(b"", host) == policy(b"")


@pytest.mark.parametrize("path", [
    "/_stcore/metrics", "/below/_stcore/metrics", "//_stcore//metrics", "/_stcore/metrics/", "/_stcore/upload_file/s/f",
    "/_stcore/agent/interact", "/_stcore/agent/openapi.json", "/_stcore/script-health-check",
])  # fmt: skip
def test_doors_that_nobody_needs_are_shut(path: str) -> None:
    assert ask(path)[0] == 404


def test_metrics_are_told_where_the_operator_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(METRICS, "1")
    assert ask("/_stcore/metrics")[0] == 200
    assert ask("/_stcore/upload_file/s/f")[0] == 404


def test_the_operator_may_allow_frames_of_named_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FRAMES, "https://school.example javascript:x 'unsafe' https://*.edu.example ;")
    _, headers = ask("/")
    ancestors = headers["content-security-policy"].partition("frame-ancestors ")[2]
    assert ancestors == "'self' https://school.example https://*.edu.example"
    assert "x-frame-options" not in headers  # which knows no list


@pytest.mark.parametrize("waiting", [1, 2])
def test_sockets_beyond_twice_the_visitors_and_a_queue_are_not_heard(
    waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VISITORS, "2")
    monkeypatch.setattr(guard, "_WAITING", waiting)
    sent: list[Any] = []

    async def talk() -> int:
        async def send(message: Any) -> None:
            sent.append(message)

        behind = Behind()
        door = Guard(behind, DOCUMENT)
        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": []}
        heard = [asyncio.create_task(door(scope, _nothing, send)) for _ in range(6)]
        await asyncio.sleep(0)
        behind.go_on.set()
        await asyncio.gather(*heard)
        late = asyncio.create_task(door(scope, _nothing, send))  # the others have left
        await late
        return behind.asked

    assert asyncio.run(talk()) == 4 + 1
    assert sent == [{"type": "websocket.close", "code": 1013}] * 2


def test_a_small_server_hears_a_hundred_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VISITORS, "1")
    door = Guard(Behind(), DOCUMENT)
    door._sockets = 100
    assert not door._is_full
    door._sockets += 1
    assert door._is_full


@pytest.mark.parametrize(("path", "served"), [
    ("/", 503), ("/compare", 503), ("/class/", 503), ("/class/compare", 503), ("/compare/x", 200), ("/room", 200),
    ("/room/", 200), ("/_stcore/health", 200), ("/static/js/index.js", 200), ("/_stcore/upload_file", 404),
])  # fmt: skip
@pytest.mark.parametrize(("query", "spoken", "lang"), [
    ("p=x", "", "en"), ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("lang=en", "zh", "en"), ("lang=%3Cb%3E", "xx", "en"),
])  # fmt: skip
def test_where_even_the_queue_is_full_a_page_says_so_and_asks_for_the_same_address_again(
    path: str, served: int, query: str, spoken: str, lang: str
) -> None:
    """Its socket would be refused, and Streamlit's own page stays empty then; all else is answered as ever."""
    sent: list[Any] = []

    async def talk() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        door = Guard(Behind(), DOCUMENT, ("", "compare"), "/class")
        door._sockets = 10**6
        headers = [(b"host", b"x"), (b"accept-language", spoken.encode())]
        scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": headers}
        await door(scope, _nothing, send)

    asyncio.run(talk())
    assert sent[0]["status"] == served
    headers = dict(sent[0]["headers"])
    assert b"content-security-policy" in headers
    if served == 503:
        assert headers[b"refresh"] == headers[b"retry-after"] == str(turned_away.AGAIN).encode()
        assert sent[1]["body"] == turned_away.page(lang)
        assert translate("queue.full", lang, seconds=turned_away.AGAIN) in sent[1]["body"].decode()


@pytest.mark.parametrize("said", [WebSocketDisconnected("gone"), RuntimeError("a fault"), TypeError("text")])
def test_who_left_while_they_were_answered_is_no_fault_and_all_else_is(said: Exception) -> None:
    """A socket that breaks in the middle of an answer raised through to the server's log."""

    async def talk() -> None:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            raise said

        await Guard(app, DOCUMENT)({"type": "websocket", "path": "/", "headers": []}, _nothing, _unsent)

    with nullcontext() if isinstance(said, WebSocketDisconnected) else pytest.raises(type(said)):
        asyncio.run(talk())


def test_the_server_is_started_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    behind = Behind()
    monkeypatch.setattr(starlette_server, "create_starlette_app", lambda *_: behind)
    serve.stand_guard()
    door = starlette_server.create_starlette_app(None)
    assert isinstance(door, Guard)
    assert isinstance(door._app, Beside)  # the students' routes, of one server with Streamlit
    assert door._app._app is behind


def test_a_socket_reads_no_longer_frames_than_a_browser_of_ours_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starlette_server, "_get_uvicorn_config_kwargs", starlette_server._get_uvicorn_config_kwargs)
    serve.read_short_messages()
    found = starlette_server._get_uvicorn_config_kwargs()
    assert found["ws_max_size"] == MAX_MESSAGE_MB * 10**6
    assert "ws_ping_interval" in found


def test_a_server_that_stops_does_not_wait_for_phones_that_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starlette_server, "_get_uvicorn_config_kwargs", starlette_server._get_uvicorn_config_kwargs)
    serve.read_short_messages()
    serve.end_soon()
    found = starlette_server._get_uvicorn_config_kwargs()
    assert (found["timeout_graceful_shutdown"], found["ws_max_size"]) == (serve.LAST, MAX_MESSAGE_MB * 10**6)


def test_nobody_is_asked_for_the_outer_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also not when a page of another origin opens a socket: the server would stand still until the network answers."""
    from streamlit.web.server.server_util import is_url_from_allowed_origins

    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda *_, **__: pytest.fail("asks the network"))
    serve.ask_nobody()
    assert not is_url_from_allowed_origins("https://elsewhere.example")


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_a_class_is_told_where_to_go(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net_util, "get_internal_ip", lambda: "192.0.2.7")
    own, others = serve.addresses(address)
    port = config.get_option("browser.serverPort")
    assert own.endswith(f"http://localhost:{port}")
    assert others.endswith(f"http://192.0.2.7:{port}")
    monkeypatch.setattr(net_util, "get_internal_ip", lambda: None)
    assert "no network" in serve.addresses(address)[1]


def test_who_is_alone_is_told_of_this_machine_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(serve.addresses("localhost")) == 1
    assert "http://localhost:" in serve.addresses("localhost")[0]
    assert "192.168.7.7" in serve.addresses("192.168.7.7")[0]
    monkeypatch.setattr(net_util, "get_internal_ip", lambda: None)
    serve.say_where()
    assert "gptviz is here" in capsys.readouterr().out


@pytest.mark.parametrize(("options", "environment", "listens"), [
    ((), "", ["--server.address", "localhost"]),
    (("--server.address", "0.0.0.0"), "", ["--server.address", "0.0.0.0"]),
    (("--server.address=0.0.0.0",), "", ["--server.address=0.0.0.0"]),
    ((), "0.0.0.0", []),
])  # fmt: skip
def test_it_listens_on_this_machine_alone_unless_told_otherwise(
    options: tuple[str, ...], environment: str, listens: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", environment)
    for name in ("stand_guard", "send_at_once", "read_short_messages", "end_soon", "ask_nobody"):
        monkeypatch.setattr(serve, name, lambda: None)
    monkeypatch.setattr(serve.bootstrap, "_print_url", serve.bootstrap._print_url)
    monkeypatch.setattr(serve.PagesManager, "uses_pages_directory", None)
    monkeypatch.setattr(serve.cli, "main", lambda said, **_: asked.append(said[2:]))
    serve.main(options)
    assert asked == [listens]
    assert serve.bootstrap._print_url is serve.say_where
