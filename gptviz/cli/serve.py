"""``gptviz serve``: a model as a service over HTTP."""

from __future__ import annotations

import argparse
import os
import re
from typing import Any

from gptviz.cli import options
from gptviz.errors import ConfigError
from gptviz.gpt.config import WEIGHTS

PORT = 8600
_DESCRIBE = """\
Serve one model to programs: next tokens, texts that go on (streamed), scores, traces, all over HTTP. It listens on
this machine alone unless told otherwise, and elsewhere only with keys: GPTVIZ_KEYS names a file with a line for each,
"NAME KEY", and whoever asks sends "Authorization: Bearer KEY". / says in words what can be asked, /openapi.json for
programs, /metrics is for Prometheus. Lines of JSON on standard error say what was answered, never what was typed."""
_EXAMPLES = """\
examples:
  gptviz serve
  gptviz serve --model gpt2 --port 8601
  curl -s localhost:8600/v1/next -H 'Content-Type: application/json' -d '{"text": "The cat sat on the", "top": 5}'
  GPTVIZ_KEYS=keys.txt gptviz serve --host 0.0.0.0
  gptviz serve --ray --replicas 1-4               # as many processes as the queue asks for
  gptviz app --models http://localhost:8600       # the app, with the model computing there
  python -c "import gptviz; print(gptviz.load('http://localhost:8600').trace('The cat sat on the'))\""""


def add_to(commands: Any) -> None:
    """Add the command to the parser's ``commands``."""
    serve = commands.add_parser("serve", help="a model as a service over HTTP", description=_DESCRIBE,
                                epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    serve.add_argument("--host", default="localhost", help="the address to listen at (default: localhost); 0.0.0.0 is "
                       "every one of this machine's")  # fmt: skip
    serve.add_argument("--port", type=int, default=PORT, help=f"default: {PORT}; 0 takes a free one")
    options.add_model(serve)
    serve.add_argument("--weights", choices=WEIGHTS, default="auto", help="how the model is held in memory")
    serve.add_argument("--open", action="store_true", help="listen elsewhere without keys: whoever finds it may use it")
    serve.add_argument("--rate", type=_number(0.0), default=None, metavar="N",
                       help="requests a second of one key, and of one address (default: 200; 0: any)")  # fmt: skip
    serve.add_argument("--batch", type=_number(1), default=None, metavar="N",
                       help="requests computed together where many wait (default: 32)")  # fmt: skip
    serve.add_argument("--ray", action="store_true", help="compute in replicas, by Ray Serve (which the "
                       "extra [ray] brings); RAY_ADDRESS names a cluster, else one is begun here")  # fmt: skip
    serve.add_argument("--replicas", default=None, metavar="N or N-M", help="with --ray: how many, or from how few to "
                       "how many, as the queue asks for (default: one a core)")  # fmt: skip
    serve.set_defaults(run=run)


def _number(low: float) -> Any:
    def read(text: str) -> float:
        number = type(low)(text)
        if not low <= number <= 1e6:
            raise ValueError(text)
        return number

    read.__name__ = "number"  # which a mistake is said with
    return read


def _scale(said: str | None) -> Any:
    """So many replicas, or from so few to so many. Raises ConfigError."""
    from gptviz.serving.replicas import Scale

    if said is None:
        return Scale(1, max(1, os.cpu_count() or 1))
    found = re.fullmatch(r"([1-9]\d{0,2})(?:-([1-9]\d{0,2}))?", said, re.ASCII)
    least, most = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if least > most:
        raise ConfigError("serve.replicas", said=said)
    return Scale(least, most)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped; what is wrong with keys and address is said before the model is loaded."""
    from gptviz.remote.addresses import alone
    from gptviz.serving.keys import ENVIRONMENT, read_keys

    keys, own = read_keys(), alone(args.host)
    if not own and not keys and not args.open:
        raise ConfigError("serve.open", address=args.host, variable=ENVIRONMENT)
    from dataclasses import replace

    from gptviz.catalogue import DEFAULT, load
    from gptviz.serving import server
    from gptviz.serving.app import application, before
    from gptviz.serving.limits import Limits

    said = {"rate": args.rate, "batch": args.batch}
    limits = replace(Limits(), **{name: value for name, value in said.items() if value is not None})
    asked = _replicas(args, limits) if args.ray else None
    if asked is not None:
        try:
            server.run(before(asked, keys=keys, limits=limits, own_hosts=own), args.host, args.port, limits)
        finally:
            asked.stop()
        return 0
    lm = load(args.model or DEFAULT, weights=args.weights)
    lm.trace([0]).logits_at(-1)  # the first pass sets up torch's kernels: not on a request
    server.run(application(lm, keys=keys, limits=limits, own_hosts=own), args.host, args.port, limits)
    return 0


def _replicas(args: argparse.Namespace, limits: Any) -> Any:
    """Those that are asked for, begun. Raises ConfigError where Ray is not there."""
    from gptviz.catalogue import DEFAULT
    from gptviz.serving.replicas import Replicas

    found = Replicas(args.model or DEFAULT, args.weights, limits, _scale(args.replicas))
    try:
        found.start()
    except BaseException:
        found.stop()
        raise
    return found
