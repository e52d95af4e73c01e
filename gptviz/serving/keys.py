"""Who may ask: keys in a file, one a line, as ``NAME KEY`` or the key alone; ``#`` begins a remark."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

from gptviz.errors import ConfigError

ENVIRONMENT = "GPTVIZ_KEYS"
SHORTEST, _LONGEST_FILE = 16, 2**20


class Keys:
    """The keys that are taken. Kept and compared as digests, every one of them each time: time tells nothing."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        """``keys``: by name."""
        self._digests = {name: sha256(key.encode()).digest() for name, key in keys.items()}

    def __len__(self) -> int:
        return len(self._digests)

    def owner(self, key: str) -> str | None:
        """The name of whoever's key this is; None where it is nobody's."""
        digest, found = sha256(key.encode("utf-8", "replace")).digest(), None
        for name, known in self._digests.items():
            if compare_digest(digest, known):
                found = name
        return found


def read_keys(environment: Mapping[str, str] = os.environ) -> Keys:
    """Those of the file that ``GPTVIZ_KEYS`` names; none where it names none. Raises ConfigError."""
    file = environment.get(ENVIRONMENT, "")
    if not file:
        return Keys({})
    try:
        with Path(file).open("rb") as opened:
            text = opened.read(_LONGEST_FILE).decode("utf-8")
    except (OSError, ValueError) as error:
        raise ConfigError("serve.keys_file", file=file, reason=type(error).__name__) from error
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        name, key = words if len(words) == 2 else (f"key {number}", words[0])
        if len(words) > 2 or len(key) < SHORTEST or not key.isascii() or name in found:
            raise ConfigError("serve.keys_line", file=file, line=number, shortest=SHORTEST)
        found[name] = key
    if not found:
        raise ConfigError("serve.keys_none", file=file)
    return Keys(found)
