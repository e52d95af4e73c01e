"""Starts the server: ``python -m gptviz.ui.serve --server.port 8501`` takes what ``streamlit run`` takes.

And ``--find-models``: the menu lists models that other programs keep on this machine; never where others are served.
``--public``: the bounds of a server on the open web (``public``).
It is ``streamlit run app.py`` but for what follows. It listens on this machine alone unless told otherwise, and says
at which address a class finds it. Before it stands the ``guard``, and it reads no message longer than ours are. It asks
no other machine for its own address. Until it has run once, Streamlit takes the folder ``pages/`` for the list of
pages, and whoever opens a link to one of them first is told that there is no such page; here it knows at once that
app.py will say which pages there are. What it sends goes out at once (``send_at_once``), it keeps pace with a class
(``pace``), and a page that was left is heard no more (``leaving``). It may be started from any folder: Streamlit looks
for its ``.streamlit/config.toml`` beside app.py too.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

from streamlit import config, net_util
from streamlit.file_util import get_static_dir
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web import bootstrap, cli
from streamlit.web.server import server_util
from streamlit.web.server.starlette import starlette_server

from gptviz.errors import ConfigError
from gptviz.paths import ROOT
from gptviz.room.rooms import rooms_here
from gptviz.room.routes import Routes
from gptviz.ui import public
from gptviz.ui.beside import Beside
from gptviz.ui.guard import Guard
from gptviz.ui.layout import PAGES
from gptviz.ui.leaving import leave_for_good
from gptviz.ui.limits import MAX_MESSAGE_MB
from gptviz.ui.others import without_find
from gptviz.ui.pace import keep_pace
from gptviz.ui.web.component import WEB, edition

ADDRESS, HOME = "--server.address", "localhost"
LAST = 1  # second
EVERYWHERE = ("", "0.0.0.0", "::")
_NO_NETWORK = "This machine is on no network, so nobody else can reach it."


def main(options: Sequence[str] | None = None) -> None:
    """Serve until stopped, with the options of ``streamlit run``: those given, else the command line's.

    Raises ConfigError for ``--find-models`` where others are served too, for a GPTVIZ_REDIS that is no address, and
    for what ``--public`` does not allow.
    """
    rooms_here()
    PagesManager.uses_pages_directory = False
    send_at_once()
    keep_pace()
    leave_for_good()
    stand_guard()
    read_short_messages()
    end_soon()
    ask_nobody()
    bootstrap._print_url = say_where
    asked = list(sys.argv[1:] if options is None else options)
    said = _address(asked)
    asked = without_find(public.switch_on(asked, os.environ), HOME if said is None else said)
    if said is None:
        asked += [ADDRESS, HOME]
    cli.main(["run", str(ROOT / "app.py"), *asked], prog_name="streamlit")


def _address(asked: Sequence[str]) -> str | None:
    """Where it is to listen, as the last option says, else the environment; None where neither does."""
    said = os.environ.get("STREAMLIT_SERVER_ADDRESS") or None
    for option, after in pairwise([*asked, ""]):
        name, _, value = option.partition("=")
        if name == ADDRESS:
            said = value or after
    return said


def send_at_once() -> None:
    """Have the server's connections send each piece without waiting for word of the piece before (TCP_NODELAY).

    asyncio asks that of every TCP connection, but knows one by its protocol number, which Streamlit's socket lacks.
    Each answer then waits up to 40 ms for the browser's acknowledgement, and a page fetches some thirty small files.
    """
    bind = starlette_server._bind_socket

    def bound(*args: Any, **options: Any) -> socket.socket:
        listening = bind(*args, **options)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the connections made by it inherit this
        return listening

    starlette_server._bind_socket = bound


def stand_guard() -> None:
    """Put the guard before whatever is served: by Streamlit, and beside it to the students of a room."""
    server: Any = starlette_server
    create = server.create_starlette_app

    def guarded(*args: Any, **options: Any) -> Guard:
        room, base = Routes(WEB, edition).app(), str(config.get_option("server.baseUrlPath") or "")
        beside = Beside(create(*args, **options), room, base)
        return Guard(beside, Path(get_static_dir()) / "index.html", ("", *PAGES.values()), base)

    server.create_starlette_app = guarded


def read_short_messages() -> None:
    """Have a socket close at the first frame that says it is longer than ours are, and not once all of it is there.

    Streamlit has one setting for what is sent and what is read; ``server.maxWidgetStateSize`` bounds what is left.
    """
    usual = starlette_server._get_uvicorn_config_kwargs

    def shorter() -> dict[str, Any]:
        return usual() | {"ws_max_size": MAX_MESSAGE_MB * 10**6}

    starlette_server._get_uvicorn_config_kwargs = shorter


def end_soon() -> None:
    """Have a server that is told to stop wait no longer than ``LAST`` for its answers: phones in a room listen on."""
    usual = starlette_server._get_uvicorn_config_kwargs

    def sooner() -> dict[str, Any]:
        return usual() | {"timeout_graceful_shutdown": LAST}

    starlette_server._get_uvicorn_config_kwargs = sooner


def ask_nobody() -> None:
    """Do not ask the network for this machine's outer address.

    Streamlit does at the start, and again, while all others wait, for each socket that a foreign page opens.
    """
    net_util.get_external_ip = lambda: None


def say_where(is_running_hello: bool = False) -> None:
    """Print where the app is found: on this machine, and by others where it listens to them."""
    said = addresses(str(config.get_option("server.address") or "")), public.lines(os.environ)
    sys.stdout.write("\n".join((*chain(*said), "")))
    sys.stdout.flush()


def addresses(address: str) -> list[str]:
    """The lines that say so, for a server that listens at ``address``."""
    if address not in EVERYWHERE:
        return [f"gptviz is here: {server_util.get_url(server_util.get_display_address(address))}"]
    found = net_util.get_internal_ip()
    others = f"For everybody on the same network: {server_util.get_url(found)}" if found else _NO_NETWORK
    return [f"gptviz is here: {server_util.get_url('localhost')}", others]


if __name__ == "__main__":
    try:
        main()
    except ConfigError as error:
        sys.exit(f"gptviz: {error}")
