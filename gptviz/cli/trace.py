"""``gptviz trace``: what the model computes for a text."""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np

from gptviz.cli import options, outputs, texts
from gptviz.decoding.parameters import TOP
from gptviz.numbers import bits, softmax, top_ids
from gptviz.rounding import fixed, percent

_EXAMPLES = """\
examples:
  gptviz trace "The cat sat on the"
  gptviz trace --file poem.txt --json poem.json
  cat sentences.txt | gptviz trace - --lines --json -       # a line of JSON for each line of text"""


def add_to(commands: Any) -> None:
    """Add the command to the parser's ``commands``."""
    trace = commands.add_parser("trace", help="what the model computes for a text", epilog=_EXAMPLES,
                                formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    texts.add_to(trace, "the text")
    options.add_model(trace)
    options.add_start(trace)
    trace.add_argument("--json", nargs="?", const=outputs.STANDARD, metavar="FILE",
                       help="everything as one JSON object for each text, there; without a file, or as -, to "
                       "standard output")  # fmt: skip
    options.add_number(trace, "--top", TOP, "next tokens to list")
    trace.set_defaults(run=run)


def load(name: str | None) -> Any:
    """The model called ``name``, or the default."""
    from gptviz.catalogue import DEFAULT
    from gptviz.catalogue import load as load_model

    return load_model(name or DEFAULT)


def run(args: argparse.Namespace) -> int:
    """Print the tokens with their surprisals and the likeliest next ones, or all as JSON."""
    files, given = outputs.wanted(args), texts.given(args)
    lm = load(args.model)
    written = []
    for number, (text, _) in enumerate(given):
        trace = lm.trace(options.read_text(lm, text, args.start))
        if files:
            written.append(json.dumps(trace_json(trace, lm, top=args.top), ensure_ascii=False))
        if outputs.free(files):
            print("\n" * bool(number) + as_text(trace, lm, args.top))
    for file in files.values():
        outputs.write(file, "\n".join(written) + "\n")
    return 0


def as_text(trace: Any, lm: Any, top: int) -> str:
    """A line for each token, then for each of the likeliest next ones."""
    lines = []
    for token, logprob in zip(trace.tokens, trace.logprobs, strict=True):
        cost = "-" if np.isnan(logprob) else fixed(bits(float(logprob)))
        lines.append(f"{token.id:>7}  {cost:>6} bits  {token.bytes.decode('utf-8', 'backslashreplace')!r}")
    lines.append("next:")
    lines += [
        f"{entry['id']:>7}  {percent(entry['prob'], 2):>6}      {entry['text']!r}" for entry in _top(trace, lm, top)
    ]
    return "\n".join(lines)


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
