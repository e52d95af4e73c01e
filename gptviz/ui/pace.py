"""How the server keeps pace with a class, where Streamlit, Python and the C library are made for one visitor alone."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from typing import Any

from streamlit import config

#: Seconds that a thread may keep the interpreter while others want it; Python's own 5 ms are meant for threads that
#: compute. A picture lets go of it some two hundred times, at each operation of torch, and would wait as long each time
#: for the thread that talks to the browsers. Where others use the machine too, 18 to 29 pictures a second for thirty
#: visitors became 37 to 43; on a quiet one no difference could be measured.
SWITCH = 0.0005
_M_ARENA_MAX = -8  # its number in glibc's malloc.h


def keep_pace() -> None:
    """All of it, before the server starts."""
    theme_once()
    few_arenas()
    sys.setswitchinterval(SWITCH)


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
