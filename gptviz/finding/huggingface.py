"""Hugging Face's cache: ``models--owner--name/snapshots/<revision>/`` with links to what was downloaded.

https://huggingface.co/docs/huggingface_hub/guides/manage-cache says how it is laid out, and which variables move it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gptviz.finding.source import Environment, Finds, Looking, Source, cache, given, wanted
from gptviz.gpt.gguf_file import SUFFIX
from gptviz.gpt.weights import CONFIG

_MARK, _BETWEEN = "models--", "--"
_WEIGHTS = (".safetensors", ".bin")  # a pickle is told apart by who opens it, in a sentence
_LONGEST_REVISION = 100  # characters


def folder(environment: Environment) -> Path:
    """Where the cache lies."""
    return (
        given(environment, "HF_HUB_CACHE")
        or given(environment, "HUGGINGFACE_HUB_CACHE")
        or (given(environment, "HF_HOME") or cache(environment) / "huggingface") / "hub"
    )


def find(environment: Environment) -> Finds:
    """Models with a configuration and weights, called by their id; GGUF files below it."""
    looking = Looking()
    return looking.finds(_models(looking, folder(environment)))


def _models(looking: Looking, top: Path) -> Iterator[tuple[str, Path]]:
    for repository in looking.folders(top):
        if not repository.name.startswith(_MARK):
            continue
        name = repository.name.removeprefix(_MARK).replace(_BETWEEN, "/", 1)
        snapshot = _newest(looking, repository)
        if snapshot is None:
            continue
        files = list(looking.files(snapshot))
        if CONFIG in {file.name for file in files} and any(file.name.endswith(_WEIGHTS) for file in files):
            yield name, snapshot
        for file in files:
            if file.suffix == SUFFIX and wanted(file):
                yield f"{name}/{file.name}", file


def _newest(looking: Looking, repository: Path) -> Path | None:
    """The snapshot that ``main`` stands for; where nothing says which, the last one that was made."""
    snapshots = list(looking.folders(repository / "snapshots"))
    try:
        with (repository / "refs" / "main").open(encoding="utf-8") as file:
            revision = file.read(_LONGEST_REVISION).strip()
    except (OSError, ValueError):
        revision = ""
    named = [snapshot for snapshot in snapshots if snapshot.name == revision]
    return named[0] if named else max(snapshots, key=_changed, default=None)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


SOURCE = Source("Hugging Face", find)
