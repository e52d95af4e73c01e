"""How the server keeps pace with a class, where Streamlit, Python and the C library are made for one visitor alone."""

from __future__ import annotations

import asyncio
import ctypes
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from streamlit import config
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import ScriptRunner, ScriptRunnerEvent

#: Seconds that a thread may keep the interpreter while others want it; Python's own 5 ms are meant for threads that
#: compute. A picture lets go of it some two hundred times, at each operation of torch, and would wait as long each time
#: for the thread that talks to the browsers. Where others use the machine too, 18 to 29 pictures a second for thirty
#: visitors became 37 to 43; on a quiet one no difference could be measured.
SWITCH = 0.0005
_M_ARENA_MAX = -8  # its number in glibc's malloc.h


def keep_pace() -> None:
    """All of it, before the server starts."""
    theme_once()
    wake_once()
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


def wake_once() -> None:
    """Have a run of a fragment wake the thread that talks to the browsers once, when all that it says is there.

    Streamlit wakes it at each message: that the run begins, the picture, that it has ended, that nothing follows. Each
    time it takes the interpreter from the run that it interrupts, and writes twice to a pipe that wakes it.
    What a run of the whole page says still goes out piece by piece.
    """
    AppSession._on_scriptrunner_event = _heard  # type: ignore[method-assign]
    Runtime._enqueued_some_message = _something_to_send  # type: ignore[method-assign]


_HELD = (ScriptRunnerEvent.ENQUEUE_FORWARD_MSG, ScriptRunnerEvent.FRAGMENT_STOPPED_WITH_SUCCESS)


def _heard(session: AppSession, sender: ScriptRunner | None, event: ScriptRunnerEvent, *args: Any, **more: Any) -> None:
    """In the place of Streamlit's: note what a run says, in order, and have it handled with what comes next, or now."""
    kept: deque[Callable[[], None]] = session.__dict__.setdefault("gptviz_held", deque())
    begins = event is ScriptRunnerEvent.SCRIPT_STARTED
    if begins:  # the last run of this thread may have left something: then both go now
        session.__dict__["gptviz_holds"] = bool(more.get("fragment_ids_this_run"))
    wait = session.__dict__.get("gptviz_holds", False) and (event in _HELD or (begins and not kept))
    kept.append(partial(session._handle_scriptrunner_event_on_event_loop, sender, event, *args, **more))
    if not wait:
        session._call_soon_on_event_loop(partial(_handle, kept))


def _handle(kept: deque[Callable[[], None]]) -> None:
    while kept:
        kept.popleft()()


def _something_to_send(runtime: Runtime) -> None:
    """In the place of Streamlit's: where it is the talking thread itself that says so, it need not be woken."""
    told = runtime._get_async_objs()
    try:
        here = asyncio.get_running_loop() is told.eventloop
    except RuntimeError:  # no loop runs in this thread
        here = False
    if here:
        told.need_send_data.set()
    else:
        told.eventloop.call_soon_threadsafe(told.need_send_data.set)


def few_arenas() -> None:
    """Have all threads share two pools of memory, where the C library is glibc: by itself it has eight for each core.

    Each visitor's runs are threads of their own, and what lies free in the pool of one is not there for another, nor
    given back: after a class of thirty with 600 characters each had left, 310 MB stayed, and with two pools 90.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
