"""``python -m gptviz`` is the command line, installed or not; so is the command ``gptviz``.

Before the libraries are there, which takes a second, Ctrl-C just ends it: half an import is nobody's news.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

INTERRUPTED = 130  # as a shell says it: 128 and the number of the signal


def run() -> int:
    """Import what is needed, then do what the command line says."""
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # else somebody has other wishes
    if ours:
        signal.signal(signal.SIGINT, lambda *_: _end())
    from gptviz.cli import main

    if ours:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return main()


def _end() -> NoReturn:
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    sys.exit(run())
