"""``gptviz trace``: what the model computes for a text."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import numpy as np

from gptviz.numbers import bits, softmax, top_ids


def add_to(commands: Any) -> None:
    """Add the command to the parser's ``commands``."""
    trace = commands.add_parser("trace", help="what the model computes for a text")
    trace.add_argument("text")
    trace.add_argument("--model", default=None, help="a name, a folder, or a Hugging Face id of a GPT-2")
    trace.add_argument("--json", action="store_true", help="everything as one JSON object")
    trace.add_argument("--top", type=int, default=5, help="next tokens to list")
    trace.set_defaults(run=run)


def load(name: str | None) -> Any:
    """The model called ``name``, or the default."""
    from gptviz.catalogue import DEFAULT
    from gptviz.catalogue import load as load_model

    return load_model(name or DEFAULT)


def run(args: argparse.Namespace) -> int:
    """Print the tokens with their surprisals and the likeliest next ones, or all as JSON."""
    lm = load(args.model)
    trace = lm.trace(args.text)
    if args.json:
        json.dump(trace_json(trace, lm, top=args.top), sys.stdout, ensure_ascii=False)
        print()
        return 0
    for token, logprob in zip(trace.tokens, trace.logprobs, strict=True):
        cost = "     -" if np.isnan(logprob) else f"{bits(logprob):6.2f}"
        print(f"{token.id:>7}  {cost} bits  {token.bytes.decode('utf-8', 'backslashreplace')!r}")
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
            "surprisal": None if np.isnan(logprob) else round(bits(float(logprob)), 4),
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
    probs = softmax(trace.logits_at(-1).astype(np.float64))
    return [
        {
            "id": i,
            "prob": float(probs[i]),
            "text": lm.tokenizer.token_bytes(i).decode("utf-8", "backslashreplace"),
        }
        for i in top_ids(probs, count).tolist()
    ]
