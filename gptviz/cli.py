"""The command line: ``gptviz app | trace | generate | train``."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from gptviz.errors import GptvizError
from gptviz.paths import ROOT


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; errors meant for the user become one line on stderr and exit code 2."""
    args = _parser().parse_args(argv)
    try:
        return int(args.run(args))
    except GptvizError as error:
        print(f"gptviz: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `gptviz trace … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gptviz", description="See how a GPT chooses the next token.")
    commands = parser.add_subparsers(required=True, metavar="app | trace | generate | train")

    app = commands.add_parser("app", help="start the web app")
    app.add_argument("--port", type=int, default=8501)
    app.add_argument("--address", default="localhost", help="0.0.0.0 serves the whole local network")
    app.add_argument("--models", default="", help=f"model folders, separated by {os.pathsep!r} (also: GPTVIZ_MODELS)")
    app.set_defaults(run=_app)

    trace = commands.add_parser("trace", help="what the model computes for a text")
    trace.add_argument("text")
    trace.add_argument("--model", default=None, help="a name, a folder, or a Hugging Face id of a GPT-2")
    trace.add_argument("--json", action="store_true", help="everything as one JSON object")
    trace.add_argument("--top", type=int, default=5, help="next tokens to list")
    trace.set_defaults(run=_trace)

    generate = commands.add_parser("generate", help="continue a text")
    generate.add_argument("text")
    generate.add_argument("--model", default=None)
    generate.add_argument("--tokens", type=int, default=40)
    generate.add_argument("--seed", type=int, default=0)
    generate.add_argument("--temperature", type=float, default=0.8)
    generate.add_argument("--top-k", type=int, default=None)
    generate.add_argument("--top-p", type=float, default=0.95)
    generate.set_defaults(run=_generate)

    from gptviz.training import command

    command.add_to(commands)
    return parser


def _load(name: str | None) -> Any:
    from gptviz.models import DEFAULT, load

    return load(name or DEFAULT)


def _app(args: argparse.Namespace) -> int:
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


def _trace(args: argparse.Namespace) -> int:
    lm = _load(args.model)
    trace = lm.trace(args.text)
    if args.json:
        json.dump(trace_json(trace, lm, top=args.top), sys.stdout, ensure_ascii=False)
        print()
        return 0
    for token, logprob in zip(trace.tokens, trace.logprobs, strict=True):
        bits = "     -" if np.isnan(logprob) else f"{-logprob / np.log(2):6.2f}"
        print(f"{token.id:>7}  {bits} bits  {token.bytes.decode('utf-8', 'backslashreplace')!r}")
    print("next:")
    for entry in _top(trace, lm, args.top):
        print(f"{entry['id']:>7}  {entry['prob']:6.2%}      {entry['text']!r}")
    return 0


def trace_json(trace: Any, lm: Any, *, top: int = 5) -> dict[str, Any]:
    """A trace as plain JSON: tokens with surprisal (bits), patterns (n_layer, n_head, T, T), the top next tokens."""
    tokens = [
        {
            "id": token.id,
            "text": token.text,
            "bytes": token.bytes.hex(" "),
            "surprisal": None if np.isnan(logprob) else round(float(-logprob / np.log(2)), 4),
        }
        for token, logprob in zip(trace.tokens, trace.logprobs, strict=True)
    ]
    return {
        "model": lm.name,
        "ids": list(trace.ids),
        "tokens": tokens,
        "pattern": np.round(trace.pattern, 5).tolist(),
        "scores": np.round(trace.scores, 5).tolist(),
        "next": _top(trace, lm, top),
    }


def _top(trace: Any, lm: Any, count: int) -> list[dict[str, Any]]:
    logits = trace.logits_at(-1).astype(np.float64)
    probs = np.exp(logits - logits.max())
    probs /= probs.sum()
    best = np.argsort(-probs, kind="stable")[: max(0, count)]
    return [
        {
            "id": int(i),
            "prob": float(probs[i]),
            "text": lm.tokenizer.token_bytes(int(i)).decode("utf-8", "backslashreplace"),
        }
        for i in best
    ]


def _generate(args: argparse.Namespace) -> int:
    from gptviz.decoding import Sample

    lm = _load(args.model)
    strategy = Sample(temperature=args.temperature, top_k=args.top_k, top_p=args.top_p)
    text = ""
    print(args.text, end="", flush=True)
    for step in lm.generate(args.text, strategy, max_new_tokens=args.tokens, seed=args.seed):
        whole = step.text if not step.text.endswith("�") else text  # half a character waits for its other half
        print(whole[len(text) :], end="", flush=True)
        text = whole
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
