"""What every program that keeps models has in common: folders that are read within bounds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

MOST = 100  # models of one program that are listed
MOST_LOOKED_AT = 5_000  # entries of folders that are looked at for one program
LONGEST = 150  # characters of a name

Environment = Mapping[str, str]


class Finds(NamedTuple):
    """What one program has."""

    models: dict[str, Path]  # by name: a folder of a model, or a GGUF file
    left_out: int = 0  # how many more there are, or may be: beyond what is listed, or under names that cannot be shown
    unread: bool = False  # whether a folder of it cannot be read


class Source(NamedTuple):
    """One program."""

    title: str  # its own name, the same in every language
    find: Callable[[Environment], Finds]


class Looking:
    """Reading folders for one program: never more than ``MOST_LOOKED_AT`` entries, and nothing raised."""

    def __init__(self) -> None:
        self.unread = self.stopped = False
        self._left = MOST_LOOKED_AT

    def inside(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        """What is in a folder, by name, hidden things excepted; nothing where it is not there."""
        entries: list[os.DirEntry[str]] = []
        try:
            with os.scandir(folder) as found:
                for entry in found:
                    if self._left <= 0:
                        self.stopped = True
                        break
                    self._left -= 1
                    if not entry.name.startswith("."):
                        entries.append(entry)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return
        except OSError:
            self.unread = True
            return
        yield from sorted(entries, key=lambda entry: entry.name)

    def folders(self, folder: Path) -> Iterator[Path]:
        """The folders in a folder."""
        yield from (folder / entry.name for entry in self.inside(folder) if _is(entry.is_dir))

    def files(self, folder: Path) -> Iterator[Path]:
        """The files in a folder."""
        yield from (folder / entry.name for entry in self.inside(folder) if _is(entry.is_file))

    def finds(self, models: Iterable[tuple[str, Path]]) -> Finds:
        """All that were found, as far as they are listed; the first of a name is that."""
        listed: dict[str, Path] = {}
        left_out = 0
        for name, path in models:
            if not _can_be_shown(name):
                left_out += 1
            elif len(listed) < MOST:
                listed.setdefault(name, path)
            else:
                left_out += name not in listed
        return Finds(listed, left_out + self.stopped, self.unread)


def home(environment: Environment) -> Path:
    """The user's folder: what the environment says, else what the system knows; where neither does, nowhere."""
    said = environment.get("HOME") or environment.get("USERPROFILE")
    try:
        return Path(said) if said else Path.home()
    except RuntimeError:
        return Path("/nonexistent")


def cache(environment: Environment) -> Path:
    """Where programs keep what they can fetch again, on systems that follow freedesktop.org."""
    return given(environment, "XDG_CACHE_HOME") or home(environment) / ".cache"


def given(environment: Environment, name: str) -> Path | None:
    """A folder that the environment names, if it does; ``~`` is the home."""
    said = environment.get(name, "").strip()
    if not said or "\0" in said:
        return None
    return home(environment) / said[2:] if said.startswith("~/") else Path(said)


def wanted(file: Path) -> bool:
    """Whether a GGUF file is a model: no part of one but the first, and not what shows pictures to one."""
    stem = file.stem.lower()
    part, _, count = stem.rpartition("-of-")
    return not (count.isdigit() and part[-5:].isdigit() and int(part[-5:]) != 1) and "mmproj" not in stem


def _can_be_shown(name: str) -> bool:
    return 0 < len(name) <= LONGEST and name.isprintable()


def _is(asked: Callable[[], bool]) -> bool:
    try:
        return asked()
    except OSError:  # links in a circle
        return False
