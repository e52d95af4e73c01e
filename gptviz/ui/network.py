"""Under which address others on the same network find this server."""

from __future__ import annotations

from functools import cache

from streamlit import config, net_util
from streamlit.web.server import server_util

_EVERYWHERE = ("0.0.0.0", "::")


@cache
def outer() -> str:
    """The address for others; empty where the server listens to this machine alone, or is on no network."""
    found = net_util.get_internal_ip() if config.get_option("server.address") in _EVERYWHERE else None
    return server_util.get_url(found) if found else ""
