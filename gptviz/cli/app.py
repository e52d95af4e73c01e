"""``gptviz app``: start the web app."""

from __future__ import annotations

import argparse
import os
from typing import Any

from gptviz.gpt.config import WEIGHTS
from gptviz.paths import ENVIRONMENT, WEIGHTS_ENVIRONMENT


def add_to(commands: Any) -> None:
    """Add the command to the parser's ``commands``."""
    app = commands.add_parser("app", help="start the web app")
    app.add_argument("--port", type=int, default=8501)
    app.add_argument("--address", default="localhost", help="0.0.0.0 serves the whole local network")
    app.add_argument("--models", default="", help=f"model folders and engines (http://host:port, see "
                     f"gptviz serve), separated by {os.pathsep!r} (also: GPTVIZ_MODELS)")  # fmt: skip
    app.add_argument("--weights", choices=WEIGHTS, help=f"how models are held in memory (also: {WEIGHTS_ENVIRONMENT})")
    app.add_argument("--find-models", action="store_true", help="list what Hugging Face's cache, Ollama, LM "
                     "Studio and llama.cpp keep on this machine, too (not where others are served)")  # fmt: skip
    app.add_argument("--public", action="store_true", help="the bounds of a server on the open web: visitors open no "
                     "folders and download nothing, who is one too many waits in a queue, and trainings, draws and "
                     "texts are shorter (also: GPTVIZ_PUBLIC=1)")  # fmt: skip
    app.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Start Streamlit on app.py, in this process, which has torch already, and in the folder that the user is in.

    What is asked for goes by environment, which the app reads.
    """
    from gptviz.ui import others, public, serve  # brings streamlit along

    if args.models:
        os.environ[ENVIRONMENT] = args.models
    if args.weights:
        os.environ[WEIGHTS_ENVIRONMENT] = args.weights
    find = [others.FIND] if args.find_models else []
    find += [public.OPTION] if args.public else []
    serve.main(["--server.port", str(args.port), "--server.address", args.address, *find])
    return 0
