"""A visitor's own file: what it holds as far as it was read, its columns, and which row cannot be used. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from gptviz.errors import ConfigError, GptvizError
from gptviz.jobs.folder import Job
from gptviz.tuning import sets
from gptviz.tuning.examples import is_json, labels_of, names_of, tags_of
from gptviz.ui.limits import MAX_FILE, MAX_PIECE
from gptviz.ui.page import index, word
from gptviz.ui.pages.tuning.facts import Facts, facts_of

MOST_COLUMNS = 40
MOST_NAME = 80  # characters of a column's name that are shown, and that a link says


class RoleView(TypedDict):
    """What the task needs of a row, and the column that has it."""

    role: str
    column: int


@dataclass
class Own:
    """One file. ``problem``: why it cannot be learnt from."""

    name: str
    content: str
    task: str
    columns: list[str] = field(default_factory=list)  # that its first row has
    chosen: dict[str, str] = field(default_factory=dict)  # what the task needs → the column
    data: sets.Data = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    problem: GptvizError | None = None

    @property
    def copy_name(self) -> str:
        """What the copy that goes with a job is called, so that it is read as the file was."""
        return "given.jsonl" if is_json(self.name) else "given.csv"

    @property
    def roles(self) -> list[RoleView]:
        """What the task needs, each with its column."""
        return [{"role": role, "column": self.columns.index(column)}
                for role, column in self.chosen.items() if column in self.columns]  # fmt: skip

    @property
    def shown_columns(self) -> list[str]:
        """Their names, each cut where it is longer than anybody reads."""
        return [name if len(name) <= MOST_NAME else name[: MOST_NAME - 1] + "…" for name in self.columns]

    @property
    def asked_columns(self) -> list[str]:
        """Those of a job that learns from it, in the task's order."""
        return [self.chosen.get(role, role) for role in sets.KINDS[self.task].columns]

    def pick(self, action: Mapping[str, Any]) -> str:
        """Another column is what the task needs: which role has one now; empty where there is no such."""
        role, at = word(action, "role"), index(action, "index", len(self.columns))
        if role not in self.chosen or at is None:
            return ""
        self.chosen[role] = self.columns[at]
        self.look()
        return role

    def look(self) -> None:
        """Read it for the task, with the columns that are chosen; those that it lacks are the usual ones."""
        self.data, self.facts, self.problem = [], Facts(), None
        try:
            needed = sets.KINDS[self.task].columns
            if needed and not self.columns:
                self.columns = names_of(self.content, self.name, json_rows=is_json(self.name))[:MOST_COLUMNS]
            if needed and not self.columns:
                raise ConfigError("tune.nothing", file=self.name)
            for at, role in enumerate(needed):
                usual = role if role in self.columns else self.columns[min(at, len(self.columns) - 1)]
                if self.chosen.get(role) not in self.columns:
                    self.chosen[role] = usual
            data = sets.parsed(self.task, self.content, self.name, [self.chosen[role] for role in needed])
            if self.task == sets.SENTIMENT:
                labels_of(data, self.name)  # type: ignore[arg-type]
            elif self.task == sets.ENTITIES:
                tags_of(data, self.name)  # type: ignore[arg-type]
            self.data, self.facts = data, facts_of(data)
        except GptvizError as error:
            self.problem = error


def reopened(job: Job | None, task: str) -> Own | None:
    """The file that a job was started with, read as that job reads it; None where it had none."""
    if job is None or not job.ask.given:
        return None
    try:
        content = (job.path / job.ask.given).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    changes = job.ask.changes
    own = Own(str(changes.get("file") or job.ask.given), content, task)
    own.chosen = dict(zip(sets.KINDS[task].columns, changes.get("columns") or (), strict=False))
    own.look()
    return own


@dataclass
class Upload:
    """A file on its way here, in pieces."""

    pieces: list[str] = field(default_factory=list)

    def take(self, action: Mapping[str, Any]) -> tuple[str, str] | None:
        """One piece more; name and content once it is whole. A piece out of its place begins nothing."""
        piece, at, last, name = action.get("text"), action.get("at"), action.get("last"), word(action, "name")
        if not isinstance(piece, str) or not name or type(at) is not int or type(last) is not bool:
            return None
        units = sum(len(part.encode("utf-16-le", "surrogatepass")) // 2 for part in self.pieces)  # as a browser counts
        if at not in (0, units) or len(piece) > MAX_PIECE or at + len(piece) > MAX_FILE:
            return None
        self.pieces = [*(self.pieces if at else []), piece]
        if not last:
            return None
        whole, self.pieces = "".join(self.pieces), []
        return _clean(name), _clean(whole).removeprefix("\ufeff")


def _clean(text: str) -> str:
    """Halves of a pair that a piece was cut in are joined; what is still no text is replaced."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
