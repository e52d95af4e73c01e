"""A stranger's normal forms and patterns are tried in a process of their own before they run in this one.

``tokenizers`` runs them in compiled code that nothing here can stop: a pattern may try all ways of cutting a run of
letters, a chain of replacements may double a text at each step, a table of characters may be damaged so that it ends
the process. So what is not known by sight is given some texts elsewhere, with bounds on time and memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

_SECONDS, _BYTES = 1, 2**29
#: Of a thousand characters each, as in ``tokens.patterns``, and one of everything.
_TEXTS = ("a", " ", "1", "\n", "!", "好", "aB", "a ", "'s é①ﬁ 🙂\t", "▁", "\u0301")
_LARGEST = 100  # times: no normal form makes more of a character than 18 of them
_CODE = """
import json, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[1]), int(sys.argv[1]) + 1))
except (ImportError, ValueError, OSError):
    pass
sys.modules["huggingface_hub"] = None
from tokenizers import Tokenizer
asked = json.load(sys.stdin)
tokenizer = Tokenizer.from_str(json.dumps(asked["about"]))
for text in asked["texts"]:
    normal = tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text
    if len(normal) > asked["largest"] * len(text) + 1000:
        sys.exit("a text that grows a hundredfold")
    if tokenizer.pre_tokenizer:
        tokenizer.pre_tokenizer.pre_tokenize_str(normal)
    if tokenizer.decoder:
        tokenizer.decoder.decode(list(text))
print("fine")
"""


def require_bounded(parts: Mapping[str, Any]) -> None:
    """Raise ValueError where normalizer, pre-tokenizer or decoder fail on simple texts, or take too much for them."""
    about: dict[str, Any] = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
                             "post_processor": None,
             **{name: parts.get(name) for name in ("normalizer", "pre_tokenizer", "decoder")},
             "model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}}  # fmt: skip
    asked = {"about": about, "texts": [text * (1000 // len(text)) for text in _TEXTS], "largest": _LARGEST}
    command = [sys.executable, "-I", "-c", _CODE, str(_SECONDS), str(_BYTES)]
    try:
        done = subprocess.run(command, input=json.dumps(asked).encode(), capture_output=True, timeout=_SECONDS + 2,
                              check=False)  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ValueError("steps that take too long on a text of 1000 characters") from error
    if done.stdout.strip() != b"fine":
        last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["too much time or memory"])[-1]
        raise ValueError(f"steps that fail on simple texts: {last[:100]}")
