"""A real Redis for tests, and processes that share rooms by it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

from redis import Redis, RedisError

from benchmarks.serving import free_port
from gptviz.paths import ROOT

WHY_NOT = (
    None if shutil.which("redis-server") else "redis-server is not installed (Debian: apt-get install redis-server)"
)
PATIENCE = 60.0  # seconds
_SERVER = """
import sys, uvicorn
from pathlib import Path
import gptviz
from gptviz.room.routes import Routes
app = Routes(Path(gptviz.__file__).parent / "web", lambda: "edition").app()
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", timeout_graceful_shutdown=1)
"""


class RedisServer:
    """One that keeps its data over a restart, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
                   "--save", "", "--appendonly", "yes", "--appendfsync", "always"]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = monotonic() + PATIENCE
        with Redis.from_url(self.url) as asked:
            while True:
                with contextlib.suppress(RedisError):
                    asked.ping()
                    return
                assert monotonic() < end, "redis-server did not start"
                sleep(0.02)

    def kill(self) -> None:
        """End it without a warning."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def hang(self, *, hung: bool) -> None:
        """Have it answer nothing, though it is there; or have it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if hung else signal.SIGCONT)

    def empty(self) -> None:
        """Forget everything, as one that keeps nothing does when it is started anew."""
        with Redis.from_url(self.url) as asked:
            asked.flushall()


class StudentServer:
    """A process with the students' routes, told of a Redis by its environment."""

    def __init__(self, url: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process = subprocess.Popen([sys.executable, "-c", _SERVER, str(self.port)], cwd=ROOT,
                                         env=os.environ | {"GPTVIZ_REDIS": url})  # fmt: skip

    def ready(self) -> StudentServer:
        """Wait until it listens."""
        end = monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            assert monotonic() < end, "the server did not start"
            assert self._process.poll() is None, "the server has ended"
            sleep(0.05)

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()
