"""Ollama's models: a manifest for each name, and files called by their hash.

``manifests/<host>/<namespace>/<model>/<tag>`` (newer editions have a second folder beside it) is JSON in the form of
container images (https://github.com/ollama/ollama/blob/main/docs/faq.md says where it lies,
https://github.com/opencontainers/image-spec what a manifest is); the layer of the weights is a GGUF file in ``blobs/``.
A manifest is somebody's file: what it names is believed only where it is a hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gptviz.errors import FileError
from gptviz.finding.source import Environment, Finds, Looking, Source, given, home
from gptviz.schema import Entries, Record, Text, read_json

_PREFIX = "ollama/"
_HOSTS, _NAMESPACE = ("registry.ollama.ai", "ollama.com"), "library"  # what its users leave out of a name
_MODEL, _ADAPTER = "application/vnd.ollama.image.model", ".adapter"
_HASH = re.compile(r"sha256[:-]([0-9a-f]{64})")
_LARGEST = 2**16  # bytes of a manifest; they have a thousand
_LAYER = Record({"mediaType": Text(200), "digest": Text(200)}, needed=("mediaType", "digest"))
_RULE = Record({"layers": Entries(_LAYER, 1000)}, needed=("layers",))


def folders(environment: Environment) -> list[Path]:
    """Where its models lie: where the environment says, else where it keeps them for a user, or as a service."""
    said = given(environment, "OLLAMA_MODELS")
    if said is not None:
        return [said]
    return [home(environment) / ".ollama" / "models", Path("/usr/share/ollama/.ollama/models")]


def find(environment: Environment) -> Finds:
    """Its models by the names that ``ollama list`` has, such as ``ollama/llama3.2:1b``."""
    looking = Looking()
    return looking.finds(pair for folder in folders(environment) for pair in _models(looking, folder))


def _models(looking: Looking, top: Path) -> Iterator[tuple[str, Path]]:
    level = [folder for folder in looking.folders(top) if folder.name.startswith("manifest")]
    for _ in ("host", "namespace", "model"):
        level = [folder for above in level for folder in looking.folders(above)]
    for model in level:
        for manifest in looking.files(model):
            weights = _weights(manifest, top / "blobs")
            if weights is not None:
                yield _name(*manifest.parts[-4:]), weights


def _name(host: str, namespace: str, model: str, tag: str) -> str:
    if host not in _HOSTS:
        return f"{_PREFIX}{host}/{namespace}/{model}:{tag}"
    return f"{_PREFIX}{model}:{tag}" if namespace == _NAMESPACE else f"{_PREFIX}{namespace}/{model}:{tag}"


def _weights(manifest: Path, blobs: Path) -> Path | None:
    """The one file of weights that a manifest names and that is there.

    None where an adapter changes them, which is not computed here: the numbers would be another model's.
    """
    try:
        said: dict[str, Any] = read_json(manifest, _RULE, limit=_LARGEST)
    except FileError:
        return None
    kinds = [layer["mediaType"] for layer in said["layers"]]
    digests = [_HASH.fullmatch(layer["digest"]) for layer in said["layers"] if layer["mediaType"] == _MODEL]
    if any(_ADAPTER in kind for kind in kinds) or len(digests) != 1 or digests[0] is None:
        return None
    file = blobs / f"sha256-{digests[0][1]}"
    try:
        return file if file.is_file() else None
    except OSError:
        return None


SOURCE = Source("Ollama", find)
