"""A visitor's own text to learn from: it comes in pieces, is read once it is whole, and lies in its owner's folder.

``<jobs>/<owner>/text/`` holds ``part`` while pieces come, then ``text.txt`` in UTF-8 and ``said.json``, how it was
read. There is one for each owner; a job that learns from it has a copy of its own.
"""

from __future__ import annotations

import codecs
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from gptviz import texts
from gptviz.errors import ConfigError
from gptviz.jobs.settings import settings

FOLDER, PART, TEXT, SAID = "text", "part", "text.txt", "said.json"
TOGETHER = 50  # times what one text may have: all texts of this server
#: Bytes that no text has: NUL to BS, SO to SUB, FS to US. Tabs, line and page ends and ESC are in some.
_CONTROL = bytes([*range(9), *range(14, 27), *range(28, 32)])
_BINARY = 0.001  # share of them from which a file is no text


@dataclass(frozen=True)
class Own:
    """A text that lies ready, and how it was read."""

    name: str  # of its file; empty where it was pasted
    characters: int
    different: int  # characters
    n_bytes: int  # that were read
    left_out: int  # bytes after them
    encoding: str


class Place:
    """Where the text of one owner lies; ``owner`` is the folder of the owner's jobs."""

    def __init__(self, owner: Path) -> None:
        self.folder = owner / FOLDER

    @property
    def text(self) -> Path:
        """The file of the text."""
        return self.folder / TEXT

    @property
    def own(self) -> Own | None:
        """What lies ready."""
        try:
            return Own(**json.loads((self.folder / SAID).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def add(self, piece: bytes, at: int, *, last: bool, name: str = "", whole: int = 0) -> None:
        """The bytes from ``at`` on of a file of ``whole`` bytes; with the last of them it is read.

        Raises ConfigError where a piece does not follow the one before, where there is more than there may be, and for
        what is no text to learn from; what lay ready before stays.
        """
        most, part = settings().text_bytes, self.folder / PART
        if at == 0:
            self._begin(part)
        there = part.stat().st_size if part.is_file() else -1
        if there != at:
            raise ConfigError("jobs.text_broken")
        if at + len(piece) > most:
            part.unlink()
            raise ConfigError("jobs.text_large", most=most // 10**6)
        with part.open("ab") as file:
            file.write(piece)
        if last:
            data = part.read_bytes()
            part.unlink()
            self._keep(data, "".join(c for c in name if c.isprintable()), max(0, whole - len(data)))

    def _begin(self, part: Path) -> None:
        taken = sum(path.stat().st_size for path in _files(self.folder.parents[1]))
        if taken > TOGETHER * settings().text_bytes:
            raise ConfigError("jobs.text_full")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.write_bytes(b"")

    def _keep(self, data: bytes, name: str, left_out: int) -> None:
        text, encoding = read(data, name, whole=not left_out)
        own = Own(name, len(text), len(set(text)), len(data), left_out, encoding)
        for file, said in ((TEXT, text), (SAID, json.dumps(asdict(own)))):
            partial = self.folder / f"{file}.partial"
            partial.write_text(said, encoding="utf-8")
            os.replace(partial, self.folder / file)


def read(data: bytes, name: str, *, whole: bool = True) -> tuple[str, str]:
    """(text, encoding) of a file's bytes, or of its beginning: UTF-8, else what it looks like.

    Raises ConfigError for what is no text, and for one of which nothing can be learnt.
    """
    encoding = _encoding(data, name, whole)
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data, whole)
    except UnicodeDecodeError as error:
        raise ConfigError("text.not_encoding", encoding=encoding, file=name, offset=error.start,
                          byte=f"{data[error.start]:02X}") from error  # fmt: skip
    text = texts.decode(text.encode("utf-8"), name)  # line ends as everywhere
    if _controls(text.encode("utf-8")) > _BINARY:
        raise ConfigError("jobs.text_binary", file=name)
    if len(text) < 2:
        raise ConfigError("jobs.text_empty")
    if len(set(text)) < 2:
        raise ConfigError("train.one_character", file=name, character=repr(text[0]))
    return text, encoding


def _encoding(data: bytes, name: str, whole: bool) -> str:
    """By its name in Python. Raises ConfigError where it looks like none."""
    found = texts.looks_like(data)
    if found is not None and found.startswith("utf-16"):  # of ASCII that is UTF-8 as well, every other letter NUL
        return found
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, whole)
    except UnicodeDecodeError as error:
        if found is None or _controls(data) > _BINARY:
            raise ConfigError("jobs.text_binary", file=name) from error
        return found
    return "utf-8"


def _controls(data: bytes) -> float:
    """The share of bytes that no text has."""
    return (len(data) - len(data.translate(None, _CONTROL))) / max(1, len(data))


def sweep(root: Path, oldest: float) -> None:
    """Away with texts that nobody has touched since ``oldest`` (seconds since 1970)."""
    for folder in {path.parent for path in _files(root)}:
        if max(path.stat().st_mtime for path in folder.iterdir()) < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def touch(own: Path) -> None:
    """A text that is used is as good as new."""
    os.utime(own, (time.time(), time.time()))


def _files(root: Path) -> Iterator[Path]:
    """Texts and parts of texts of all owners."""
    for kind in (PART, TEXT):
        yield from root.glob(f"*/{FOLDER}/{kind}")
