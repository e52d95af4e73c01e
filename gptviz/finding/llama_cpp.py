"""What llama.cpp downloaded: GGUF files side by side in one folder.

https://github.com/ggml-org/llama.cpp/blob/master/common/common.cpp (``fs_get_cache_directory``) says where.
"""

from __future__ import annotations

import sys
from pathlib import Path

from gptviz.finding.source import Environment, Finds, Looking, Source, cache, given, home, wanted
from gptviz.gpt.gguf_file import SUFFIX

_PREFIX = "llama.cpp/"


def folder(environment: Environment) -> Path:
    """Where it keeps them."""
    said = given(environment, "LLAMA_CACHE")
    if said is not None:
        return said
    if sys.platform == "darwin":
        return home(environment) / "Library" / "Caches" / "llama.cpp"
    if sys.platform == "win32":
        return (given(environment, "LOCALAPPDATA") or home(environment) / "AppData" / "Local") / "llama.cpp"
    return cache(environment) / "llama.cpp"


def find(environment: Environment) -> Finds:
    """Its files by name."""
    looking = Looking()
    files = looking.files(folder(environment))
    return looking.finds((f"{_PREFIX}{file.name}", file) for file in files if file.suffix == SUFFIX and wanted(file))


SOURCE = Source("llama.cpp", find)
