"""``gptviz app``: start the web app."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from typing import Any

from gptviz.paths import ROOT


def add_to(commands: Any) -> None:
    """Add the command to the parser's ``commands``."""
    app = commands.add_parser("app", help="start the web app")
    app.add_argument("--port", type=int, default=8501)
    app.add_argument("--address", default="localhost", help="0.0.0.0 serves the whole local network")
    app.add_argument("--models", default="", help=f"model folders, separated by {os.pathsep!r} (also: GPTVIZ_MODELS)")
    app.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Start Streamlit on app.py; the folders go by environment, which the app reads."""
    environment = dict(os.environ)
    if args.models:
        environment["GPTVIZ_MODELS"] = args.models
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    command += ["--server.port", str(args.port), "--server.address", args.address]
    try:
        return subprocess.call(command, env=environment, cwd=ROOT)
    except KeyboardInterrupt:
        return 0
