"""Fill in one template: a program of its own, so that it can be stopped whatever it does.

A template is a program by a stranger. Jinja's sandbox keeps it from files and from Python's insides, but not from
loops without an end, from ``'a' * 10**9``, or from lists that hold each other a billion times. So it runs here, in a
process with bounds on time and memory (``gptviz.chat.rendering`` starts it), and says on standard output, as JSON, what
came of it. The environment is that of transformers (``utils/chat_template_utils.py``): its globals and extensions.

Nothing of gptviz is imported: the program starts in the time that jinja2 needs.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any


def bound(seconds: float, memory: int) -> None:
    """Seconds of work and bytes of memory that the system allows from now on, where it can; then the process ends."""
    try:
        import resource
        import signal
    except ImportError:  # Windows: the time is still watched from outside
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    signal.setitimer(signal.ITIMER_PROF, seconds)


def environment() -> Any:
    """Jinja's sandbox as transformers sets it up."""
    from jinja2 import nodes
    from jinja2.exceptions import SecurityError, TemplateError
    from jinja2.ext import Extension, loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from jinja2.utils import Namespace

    class Generation(Extension):
        """``{% generation %}``, which marks what an assistant says, and changes nothing."""

        tags = {"generation"}  # noqa: RUF012  # as jinja2 wants it

        def parse(self, parser: Any) -> Any:
            line = next(parser.stream).lineno
            body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
            return nodes.CallBlock(self.call_method("_said"), [], [], body).set_lineno(line)

        def _said(self, caller: Any) -> Any:
            return caller()

    class PlainNamespace(Namespace):
        """A namespace without names that begin with an underscore."""

        def __init__(*args: Any, **kwargs: Any) -> None:
            self, *rest = args
            attributes = dict(*rest, **kwargs)
            [PlainNamespace._check(name) for name in attributes]
            Namespace.__init__(self, attributes)

        def __setitem__(self, name: str, value: Any) -> None:
            PlainNamespace._check(name)
            Namespace.__setitem__(self, name, value)

        @staticmethod
        def _check(name: Any) -> None:
            if isinstance(name, str) and name.startswith("_"):
                raise SecurityError(f"a namespace may not have the name {name!r}")

    def raise_exception(message: str) -> None:
        raise TemplateError(message)

    def tojson(x: Any, ensure_ascii: bool = False, indent: int | None = None, separators: Any = None,
               sort_keys: bool = False) -> str:  # fmt: skip
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    made = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    made.globals["dict"] = lambda *pairs, **entries: dict(*pairs, **entries)
    made.globals["namespace"] = PlainNamespace
    return made


def filled(asked: dict[str, Any]) -> list[str]:
    """The template filled in with each of ``values``, each at most ``longest`` characters long."""
    template = environment().from_string(asked["template"])
    found: list[str] = []
    for values in asked["values"]:
        parts: list[str] = []
        length = 0
        for part in template.generate(**values):
            length += len(part)
            if length > asked["longest"]:
                raise OverflowError
            parts.append(part)
        found.append("".join(parts))
    return found


def main() -> None:
    """One question on standard input, one answer on standard output."""
    asked = json.load(sys.stdin)
    sys.path[:] = asked["path"]
    bound(asked["seconds"], asked["memory"])
    answer: dict[str, Any]
    try:
        answer = {"texts": filled(asked)}
    except (MemoryError, OverflowError):
        answer = {"error": "large"}
    except RecursionError:
        answer = {"error": "reason", "reason": "it calls itself without an end"}
    except ModuleNotFoundError:
        answer = {"error": "library"}
    except Exception as error:  # whatever a template does, its author is told
        answer = {"error": "reason", "reason": f"{error}"[:300] or type(error).__name__}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
