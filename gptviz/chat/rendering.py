"""Messages → text, by the template that a model brings, in a process with bounds (``gptviz.chat.sandbox``)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from gptviz.errors import PromptError

#: Of a template, and of all that one may write: characters. The longest in use have 20,000.
LONGEST_TEMPLATE, LONGEST_TEXT = 200_000, 1_000_000
_WORK, _SECONDS, _MEMORY = 0.7, 2, 200 * 2**20  # seconds of work, and until it is done where others work too
_PROGRAM = Path(__file__).with_name("sandbox.py")


def rendered(template: str, values: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """``template`` filled in with each of ``values``, which are what JSON can say.

    Raises PromptError with a sentence of its own where the template is too long, fails, takes more than a second,
    writes more than a million characters, or wants more than 200 MB.
    """
    if len(template) > LONGEST_TEMPLATE:
        raise PromptError("chat.template_long", limit=f"{LONGEST_TEMPLATE:,}")
    return _rendered(template, json.dumps(list(values), sort_keys=False))


@lru_cache(maxsize=8)
def _rendered(template: str, values: str) -> tuple[str, ...]:
    """A process takes a tenth of a second, so that what was asked is kept (but not failures)."""
    asked = {"template": template, "values": json.loads(values), "path": sys.path, "seconds": _WORK,
             "memory": _MEMORY, "longest": LONGEST_TEXT}  # fmt: skip
    try:
        done = subprocess.run([sys.executable, "-I", "-S", str(_PROGRAM)], input=json.dumps(asked).encode(),
                              capture_output=True, timeout=_SECONDS, check=False)  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise PromptError("chat.slow") from error
    try:
        answer = json.loads(done.stdout)
    except ValueError:  # ended by the system: by the time, or by what it wanted of memory
        raise PromptError("chat.slow" if done.returncode == -27 else "chat.large") from None  # by SIGPROF
    if "texts" in answer:
        return tuple(answer["texts"])
    raise PromptError(f"chat.{answer['error']}", reason=str(answer.get("reason", "")))
