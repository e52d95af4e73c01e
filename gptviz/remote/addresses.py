"""Addresses of servers: which are reached from their own machine only, and which names are those of engines."""

from __future__ import annotations

import re
from ipaddress import ip_address

_URL = re.compile(r"https?://([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?/?")


def alone(address: str) -> bool:
    """Whether a server at ``address`` is reached from its own machine only."""
    if address == "localhost":
        return True
    try:
        return ip_address(address.strip("[]")).is_loopback
    except ValueError:  # a name, or none: whoever knows it
        return False


def is_url(name: str) -> bool:
    """Whether a model's name is the address of an engine: ``http://host:port``, no path, no password."""
    return _URL.fullmatch(name) is not None


def split(given: str, separator: str) -> list[str]:
    """The parts of a list of folders and addresses, in which a colon may both part and belong to an address.

    >>> split("/models:http://localhost:8600:runs", ":")
    ['/models', 'http://localhost:8600', 'runs']
    """
    held: list[str] = []

    def hold(found: re.Match[str]) -> str:
        held.append(found[0].rstrip("/"))
        return f"\0{len(held) - 1}\0"

    parts = re.sub(rf"(?<![^{re.escape(separator)}]){_URL.pattern}(?![^{re.escape(separator)}])", hold, given)
    named = (re.fullmatch("\0([0-9]+)\0", part) or part for part in parts.split(separator))
    return [part if isinstance(part, str) else held[int(part[1])] for part in named if part]
