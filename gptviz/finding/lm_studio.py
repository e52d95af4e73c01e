"""LM Studio's models: ``models/<publisher>/<model>/`` with GGUF files, or a folder as transformers writes it.

https://lmstudio.ai/docs/app/basics/import-model says how its folder is laid out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gptviz.finding.source import Environment, Finds, Looking, Source, home, wanted
from gptviz.gpt.gguf_file import SUFFIX
from gptviz.gpt.weights import CONFIG

_PREFIX = "lmstudio/"
_POINTER = ".lmstudio-home-pointer"  # a file that says where its folder is, if not in the home
_LONGEST_PATH = 4_096


def folders(environment: Environment) -> list[Path]:
    """Where its models lie, in its present editions and in those before."""
    user = home(environment)
    own = user / ".lmstudio"
    try:
        with (user / _POINTER).open(encoding="utf-8") as file:
            own = Path(file.read(_LONGEST_PATH).strip() or own)
    except (OSError, ValueError):
        pass
    return [own / "models", user / ".cache" / "lm-studio" / "models"]


def find(environment: Environment) -> Finds:
    """Its models by publisher and name; a file of several, with its own name too."""
    looking = Looking()
    return looking.finds(pair for folder in folders(environment) for pair in _models(looking, folder))


def _models(looking: Looking, top: Path) -> Iterator[tuple[str, Path]]:
    for publisher in looking.folders(top):
        for model in looking.folders(publisher):
            name = f"{_PREFIX}{publisher.name}/{model.name}"
            files = list(looking.files(model))
            if CONFIG in {file.name for file in files} and any(file.suffix == ".safetensors" for file in files):
                yield name, model
            weights = [file for file in files if file.suffix == SUFFIX and wanted(file)]
            for file in weights:
                yield f"{name}/{file.name}", file


SOURCE = Source("LM Studio", find)
