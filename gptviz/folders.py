"""Model folders below the folders that somebody names, each under a name of its own.

``gptviz train`` writes ``OUT/model``, trainers write ``OUT`` and ``OUT/checkpoint-500``: a folder of such runs is
searched below, within bounds, and a model is called by its path there. Nothing is left out without a word: what was
not searched, and what is no model although it was given as one, has a name too, and opening it says what is wrong.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from gptviz.gpt.gguf_file import SUFFIX
from gptviz.gpt.weights import CONFIG

DEPTH, MOST_FOLDERS, MOST_MODELS = 4, 2000, 300  # below one given folder


class Found(NamedTuple):
    """What a search came to."""

    models: dict[str, Path]  # by name, in the order of the folders given, and by path in each
    unsearched: dict[str, Path]  # where the search stopped: too deep, too many, or not to be read
    stamps: dict[str, int]  # of each folder looked into, when it last changed


def search(given: Sequence[Path], *, taken: Sequence[str] = ()) -> Found:
    """All models in ``given`` and below; names in ``taken`` are never used.

    A model that is given itself is called by its folder's name, one found below by its path from there. Where two
    would have one name, those found later are called by more of their path.
    """
    found = Found({}, {}, {})
    for folder in given:
        here = _Search(folder, found.stamps)
        models = list(here.models())
        for path in models:
            found.models[_name(path, folder, {*taken, *found.models})] = path
        if not models and not here.left:
            found.models[_name(folder, folder, {*taken, *found.models})] = folder  # opening it says what is wrong
        for path in here.left:
            found.unsearched[_name(path, folder, {*taken, *found.models, *found.unsearched})] = path
    return found


def unchanged(found: Found) -> bool:
    """Whether no folder that was looked into has changed since, so that a search would find the same."""
    return all(_stamp(folder) == stamp for folder, stamp in found.stamps.items())


class _Search:
    """One given folder, level by level."""

    def __init__(self, folder: Path, stamps: dict[str, int]) -> None:
        self.left: list[Path] = []
        self._folder, self._stamps, self._seen = folder, stamps, 0

    def models(self) -> Iterator[Path]:
        level, count, real = [self._folder], 0, set[str]()
        for depth in range(DEPTH + 1):
            below: list[Path] = []
            for folder in level:
                target = os.path.realpath(folder)
                if target in real:
                    continue  # a link to what has been searched
                real.add(target)
                if self._seen >= MOST_FOLDERS or count >= MOST_MODELS:
                    self.left.append(folder)
                    continue
                children, files = self._children(folder)
                if len(files) > MOST_MODELS - count:
                    self.left.append(folder)
                here = [folder, *files] if _is_file(folder / CONFIG) else files
                for model in here[: MOST_MODELS - count]:
                    count += 1
                    yield model
                below += children
            level = below
            if depth == DEPTH:
                self.left += [folder for folder in level if _is_file(folder / CONFIG)]

    def _children(self, folder: Path) -> tuple[list[Path], list[Path]]:
        """The folders in a folder, and the GGUF files."""
        self._seen += 1
        self._stamps[str(folder)] = _stamp(str(folder))
        try:
            with os.scandir(folder) as entries:
                seen = sorted((e.name, e.is_dir()) for e in entries if not e.name.startswith("."))
        except (OSError, ValueError):
            if os.path.isdir(folder):  # there, and not to be looked into
                self.left.append(folder)
            return [], []
        files = [folder / name for name, is_folder in seen if not is_folder and name.endswith(SUFFIX)]
        return [folder / name for name, is_folder in seen if is_folder], files


def _name(path: Path, given: Path, taken: set[str]) -> str:
    """The path below the given folder, with more of the path before it while another has that name."""
    inside = path.relative_to(given).parts
    before = given.absolute().parts
    parts = inside or before[-1:]
    rest = list(before if inside else before[:-1])
    while "/".join(parts) in taken and rest:
        parts = (rest.pop().strip("/"), *parts)
    return "/".join(parts)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _stamp(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except (OSError, ValueError):
        return -1
