"""The models that other programs keep on this machine: Hugging Face's cache, Ollama, LM Studio, llama.cpp.

Looked for only where that was asked for (``ENVIRONMENT``), within bounds, by name and place alone: what a model is, is
read from its header by who wants to know (``gptviz.gpt.summary``). Each is called by the name that its program has for
it; the path stays in here. A folder of a program that is not to be read is named, and stops nothing.

A program is a file with a function of the environment: ``SOURCES``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from gptviz.finding import huggingface, llama_cpp, lm_studio, ollama
from gptviz.finding.source import MOST as MOST
from gptviz.finding.source import Finds as Finds
from gptviz.finding.source import Source

ENVIRONMENT = "GPTVIZ_FIND_MODELS"  # 1: models of other programs are looked for

#: In the order of the menu.
SOURCES: tuple[Source, ...] = (huggingface.SOURCE, ollama.SOURCE, lm_studio.SOURCE, llama_cpp.SOURCE)


def asked(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether models of other programs are wanted."""
    return environment.get(ENVIRONMENT, "").strip() == "1"


def find(environment: Mapping[str, str] = os.environ) -> dict[str, Finds]:
    """What each program has, by the program's name; those that have nothing, and nothing to say, are left out."""
    found = {source.title: source.find(environment) for source in SOURCES}
    return {title: finds for title, finds in found.items() if finds.models or finds.left_out or finds.unread}
