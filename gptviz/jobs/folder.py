"""A job as a folder: what was asked for, what it says, what came of it. Nothing of a job is anywhere else.

``<jobs>/<owner>/<job>/`` holds ``ask.json``, ``records.jsonl`` (a line a record, only ever appended to), ``end.json``
once it is over, and the run itself (of a training ``state``, ``model``, ``now``: see ``gptviz.jobs.child``; of a tuning
what ``gptviz.tuning.saved`` writes, and ``summary.json``: see ``gptviz.jobs.tuned``). The owner is a token that the
visitor's browser made and keeps; the folder is called by its digest, so that nobody learns it from the disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from gptviz.errors import ConfigError
from gptviz.jobs import texts
from gptviz.jobs.settings import settings
from gptviz.jobs.texts import TEXT, Place, touch

ASK, RECORDS, END, MODEL, NOW = "ask.json", "records.jsonl", "end.json", "model", "now"
OWN, PYTHON = "own", "python"  # sources that are no worlds
SUMMARY = "summary.json"  # a few numbers of a job that is over, to be put beside others'
KINDS = ("training", "tuning", "alignment", "prompting", "robustness", "forgetting")
TRAINING, TUNING, ALIGNMENT, PROMPTING, ROBUSTNESS, FORGETTING = KINDS
LOST = "train.lost"  # why a training ended whose numbers ran away
PREFIX = "trained/"  # how the names of trained models begin, before their job's
LARGEST_READ = 2_000_000  # bytes of records that are read at a time
_TOKEN = re.compile(r"[0-9a-f]{32,64}")
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Ask:
    """What somebody wants done, a job of one of ``KINDS``.

    Of a training ``source`` is a world's name, ``python`` for Python's own standard library, or ``own`` for a text of
    theirs (``gptviz.jobs.texts``); of a tuning it is the task, and ``preset`` the method. ``changes``: what else was
    chosen. ``given``: the file that came with it, if any.
    """

    source: str
    preset: str
    shape: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    parts: str = ""  # what the model is built of: one of ``gptviz.gpt.config.PARTS``
    learn: int | None = None  # tokens of a vocabulary that is learnt from the text; None: its characters
    text: str = ""  # what the text is called, where it is their own
    made: float = 0.0  # when, seconds since 1970
    kind: str = TRAINING
    given: str = ""
    pair: str = ""  # what it has in common with another that was started with it, to be compared; empty: none was


def is_token(said: object) -> bool:
    """Whether this is a token such as browsers make: 128 bits or more, in hexadecimal."""
    return isinstance(said, str) and _TOKEN.fullmatch(said) is not None


def owner_of(token: str) -> str:
    """What an owner is called on disk."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Job:
    """One job of one owner."""

    path: Path

    @property
    def id(self) -> str:
        """Its name among all jobs of this server."""
        return self.path.name

    @property
    def model_name(self) -> str:
        """What its model is called in its owner's menu, and in links, which help nobody else."""
        return PREFIX + self.id

    @property
    def ask(self) -> Ask:
        """What was asked for."""
        return Ask(**json.loads((self.path / ASK).read_text(encoding="utf-8")))

    @property
    def end(self) -> dict[str, Any] | None:
        """How it ended: ``how`` is done, stopped or failed, with ``key`` and ``values`` of the reason; else None."""
        try:
            found: dict[str, Any] = json.loads((self.path / END).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found

    @property
    def has_model(self) -> bool:
        """Whether something came of it: it is over, and its model is there."""
        return self.end is not None and (self.path / MODEL / "config.json").is_file()

    @property
    def lost(self) -> bool:
        """Whether its numbers ran away: of such a training the moments before that are kept."""
        end = self.end
        return end is not None and end["how"] == "failed" and end["key"] == LOST

    def finish(self, how: str, key: str = "", values: Mapping[str, Any] | None = None) -> None:
        """Write how it ended, in one move; of a job that its owner has just deleted there is nothing to say."""
        said = {"how": how, "key": key, "values": dict(values or {}), "at": time.time()}
        partial = self.path / (END + ".partial")
        with suppress(FileNotFoundError):
            partial.write_text(json.dumps(said, default=str), encoding="utf-8")
            os.replace(partial, self.path / END)

    def records(self, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
        """The records after the first ``offset`` bytes, and where they end: whole lines, two megabytes at most."""
        try:
            with (self.path / RECORDS).open("rb") as file:
                file.seek(offset)
                data = file.read(LARGEST_READ)
        except OSError:
            return [], offset
        whole = data[: data.rfind(b"\n") + 1]
        return [json.loads(line) for line in whole.splitlines()], offset + len(whole)

    @property
    def written(self) -> int:
        """Bytes of records so far."""
        try:
            return (self.path / RECORDS).stat().st_size
        except OSError:
            return 0

    @property
    def newest(self) -> Path | None:
        """Where the model lies as it was last seen: of a job that is over the finished one."""
        if self.has_model:
            return self.path / MODEL
        try:
            return max(path for path in (self.path / NOW).iterdir() if path.name.isdigit())
        except (OSError, ValueError):
            return None

    @property
    def summary(self) -> dict[str, Any] | None:
        """What it came to, in a few numbers; None where it has not said so."""
        try:
            found: dict[str, Any] = json.loads((self.path / SUMMARY).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found

    def archive(self, names: Sequence[str] = (MODEL,)) -> bytes:
        """These folders' and files' contents as a zip; the model's folder is one that transformers opens once it is
        unpacked. FileNotFoundError where one is missing."""
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            for name in names:
                place = self.path / name
                for path in [place] if place.is_file() else sorted(path for path in place.iterdir() if path.is_file()):
                    file.write(path, f"gptviz-{self.id}/{path.name}")
        return out.getvalue()


def own_text(token: str) -> Place:
    """Where the text of an owner lies."""
    return Place(settings().folder / owner_of(token))


def create(token: str, ask: Ask, given: str = "") -> Job:
    """A new job's folder, which its owner alone may look into; ``given`` is what the file holds that came with it.

    Raises ConfigError where its text is not there.
    """
    path = settings().folder / owner_of(token) / secrets.token_hex(8)
    if ask.source == OWN and own_text(token).own is None:
        raise ConfigError("jobs.no_text")
    path.mkdir(parents=True, mode=0o700)
    os.chmod(settings().folder, 0o700)
    if ask.source == OWN:
        shutil.copyfile(own_text(token).text, path / TEXT)
        touch(own_text(token).text)
    if ask.given:
        (path / ask.given).write_text(given, encoding="utf-8")
    (path / ASK).write_text(json.dumps(asdict(ask) | {"made": time.time()}), encoding="utf-8")
    return Job(path)


def jobs_of(token: str | None, kind: str | None = None) -> list[Job]:
    """An owner's jobs (of one kind, or all), the newest first; none for who has no token."""
    if not is_token(token):
        return []
    found = [(job.ask, job) for job in _jobs(settings().folder / owner_of(str(token)))]
    found = [(ask, job) for ask, job in found if kind is None or ask.kind == kind]
    return [job for _, job in sorted(found, key=lambda one: one[0].made, reverse=True)]


def place(name: str) -> Path | None:
    """The folder of the model called ``name``, whoever's it is: who may open it is not asked here."""
    wanted = name.removeprefix(PREFIX)
    if not name.startswith(PREFIX) or not _ID.fullmatch(wanted):
        return None
    return next((job.path / MODEL for job in every() if job.id == wanted and job.has_model), None)


def every() -> Iterator[Job]:
    """All jobs of this server."""
    root = settings().folder
    if root.is_dir():
        for owner in root.iterdir():
            yield from _jobs(owner)


def sweep(now: float | None = None) -> int:
    """Delete what ended too long ago, or was left for so long; gives how many jobs these were."""
    oldest = (time.time() if now is None else now) - 3600 * settings().hours
    gone = 0
    texts.sweep(settings().folder, oldest)
    for job in list(every()):
        end = job.end
        last = end["at"] if end else max(p.stat().st_mtime for p in (job.path / ASK, job.path / RECORDS) if p.exists())
        if last < oldest:
            shutil.rmtree(job.path, ignore_errors=True)
            gone += 1
    return gone


def remove(job: Job) -> None:
    """Away with a job that does not run."""
    shutil.rmtree(job.path, ignore_errors=True)


def _jobs(owner: Path) -> Iterator[Job]:
    if owner.is_dir():
        yield from (Job(path) for path in owner.iterdir() if _ID.fullmatch(path.name) and (path / ASK).is_file())
