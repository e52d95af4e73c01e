"""How the server keeps pace with a class, where Streamlit, Python and the C library are made for one visitor alone."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from streamlit import config
from streamlit.components.v2.bidi_component import main as bidi_component
from streamlit.runtime import app_session
from streamlit.runtime.media_file_manager import MediaFileManager

#: Seconds that a thread may keep the interpreter while others want it; Python's own 5 ms are meant for threads that
#: compute. A picture lets go of it some two hundred times, at each operation of torch, and would wait as long each time
#: for the thread that talks to the browsers. Where others use the machine too, 18 to 29 pictures a second for thirty
#: visitors became 37 to 43; on a quiet one no difference could be measured.
SWITCH = 0.0005
LOOK = 1.0  # seconds
_M_ARENA_MAX = -8  # its number in glibc's malloc.h


def keep_pace() -> None:
    """All of it, before the server starts."""
    told_once()
    look_around_seldom()
    values_as_they_are()
    few_arenas()
    sys.setswitchinterval(SWITCH)


def told_once() -> None:
    """Have the theme and the options that a browser is told of be made once, until the configuration is read anew.

    Streamlit writes all of them into the first message of every run, option by option: with thirty visitors a sixth of
    the time in which the server could talk to them.
    """
    kept: dict[tuple[str, str], Any] = {}
    module: Any = app_session

    def once(name: str) -> Callable[..., None]:
        populate = getattr(module, name)

        def told(message: Any, section: str = "") -> None:
            made = kept.get((name, section))
            if made is None:
                made = kept[name, section] = type(message)()
                populate(made, *([section] if section else []))
            if made.ByteSize():  # a part that nothing is said of stays away
                message.MergeFrom(made)

        return told

    module._populate_theme_msg = once("_populate_theme_msg")
    module._populate_config_msg = once("_populate_config_msg")
    module.AppSession._compute_skills_nudge_state = lambda session: (False, "")  # nor is a class to install anything
    config.on_config_parsed(kept.clear, force_connect=True)


def look_around_seldom() -> None:
    """Have files that nobody needs any more be looked for once in ``LOOK`` seconds at most, and not after every run:
    whoever looks goes past all visitors."""
    manager: Any = MediaFileManager
    remove = manager.remove_orphaned_files
    looked: WeakKeyDictionary[MediaFileManager, float] = WeakKeyDictionary()

    @wraps(remove)
    def remove_orphaned_files(self: MediaFileManager) -> None:
        now = monotonic()
        if now - looked.get(self, -LOOK) >= LOOK:
            looked[self] = now
            remove(self)

    manager.remove_orphaned_files = remove_orphaned_files


def values_as_they_are() -> None:
    """Have what a browser said be handed on as it came.

    Streamlit makes a class of its own for each look at it, through which a script could answer it in its name.
    """
    module: Any = bidi_component
    module.make_bidi_component_presenter = lambda *args, **options: lambda value, state: value


def few_arenas() -> None:
    """Have all threads share two pools of memory, where the C library is glibc: by itself it has eight for each core.

    Each visitor's runs are threads of their own, and what lies free in the pool of one is not there for another, nor
    given back: after a class of thirty with 600 characters each had left, 310 MB stayed, and with two pools 90.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
