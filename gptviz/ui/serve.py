"""Starts the server: ``python -m gptviz.ui.serve --server.port 8501`` takes what ``streamlit run`` takes.

It is ``streamlit run app.py`` but for what follows. It listens on this machine alone unless told otherwise. Until it
has run once, Streamlit takes the folder ``pages/`` for the list of pages, and whoever opens a link to one of them first
is told that there is no such page; here it knows at once that app.py will say which pages there are. What it sends goes
out at once (``send_at_once``), what each answer says of the theme is worked out once (``theme_once``), and threads hand
the interpreter on sooner (``SWITCH``) and share their memory (``few_arenas``). It may be started from any folder:
Streamlit looks for its ``.streamlit/config.toml`` beside app.py too.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from streamlit import config
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web import cli
from streamlit.web.server.starlette import starlette_server

from gptviz.paths import ROOT

ADDRESS = "--server.address"
#: Seconds that a thread may keep the interpreter while others want it; Python's own 5 ms are meant for threads that
#: compute. A picture lets go of it some two hundred times, at each operation of torch, and would wait as long each time
#: for the thread that talks to the browsers: 18 to 29 pictures a second for thirty visitors became 37 to 43.
SWITCH = 0.0005
_M_ARENA_MAX = -8  # its number in glibc's malloc.h


def main(options: Sequence[str] | None = None) -> None:
    """Serve until stopped, with the options of ``streamlit run``: those given, else the command line's."""
    PagesManager.uses_pages_directory = False
    send_at_once()
    theme_once()
    few_arenas()
    sys.setswitchinterval(SWITCH)
    asked = list(sys.argv[1:] if options is None else options)
    if not (any(one.partition("=")[0] == ADDRESS for one in asked) or os.environ.get("STREAMLIT_SERVER_ADDRESS")):
        asked += [ADDRESS, "localhost"]
    cli.main(["run", str(ROOT / "app.py"), *asked], prog_name="streamlit")


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


def theme_once() -> None:
    """Have the options of the theme be read once, until the configuration is read anew.

    Streamlit writes the whole theme into the first message of every run, by going through all options for each of its
    sections: with thirty visitors a sixth of the time in which the server could talk to them.
    """
    read = config.get_options_for_section
    kept: dict[str, dict[str, Any]] = {}

    def options_of(section: str) -> dict[str, Any]:
        found = kept.get(section)
        if found is None:
            found = kept[section] = read(section)
        return dict(found)

    config.get_options_for_section = options_of
    config.on_config_parsed(kept.clear, force_connect=True)


def few_arenas() -> None:
    """Have all threads share two pools of memory, where the C library is glibc: by itself it has eight for each core.

    Each visitor's runs are threads of their own, and what lies free in the pool of one is not there for another, nor
    given back: after a class of thirty with 600 characters each had left, 310 MB stayed, and with two pools 90.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


if __name__ == "__main__":
    main()
