"""A visitor's file of texts and labels in place of a set that ships, with the columns that are which, for pages that
learn from one beside what they are for: Forgetting does. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypedDict

from gptviz.errors import ConfigError
from gptviz.tuning import sets
from gptviz.tuning.examples import Example
from gptviz.ui.controls import text
from gptviz.ui.jobs import WithJobs
from gptviz.ui.page import Action, Context
from gptviz.ui.pages.tuning.own import MOST_NAME, Own, RoleView, Upload, reopened

ROLES = sets.KINDS[sets.SENTIMENT].columns


@dataclass(frozen=True)
class Columns:
    """Controls of a page's view: which columns of the file are meant, so that a link says it; empty: the usual ones."""

    text_column: str = text("", MOST_NAME, seldom=True)
    label_column: str = text("", MOST_NAME, seldom=True)


class FileView(TypedDict):
    """The file and its columns."""

    file: str  # the name of the visitor's own; empty: none was opened
    columns: list[str]
    roles: list[RoleView]


@dataclass
class WithLabelled(WithJobs):
    """A page that may learn from such a file. Its view has the controls of ``Columns``."""

    #: The control that says whether the file is wished for, and what it says then.
    WISHED: ClassVar[tuple[str, str]] = ("", "")

    own: Own | None = None
    upload: Upload = field(default_factory=Upload)

    @property
    def wishes_own(self) -> bool:
        """Whether the visitor's file is to be learnt from."""
        name, value = self.WISHED
        return bool(getattr(self.view, name) == value)

    def rows(self) -> list[Example]:
        """The texts of the file. Raises ConfigError where there is none, or one that cannot be learnt from."""
        if self.own is None:
            raise ConfigError("tune.no_file")
        if self.own.problem is not None:
            raise self.own.problem
        return [row for row in self.own.data if isinstance(row, Example)]

    def of_job(self) -> tuple[dict[str, Any], str]:
        """What a job is told of the file, and what its copy of it is called; nothing where it is not wished for."""
        if not self.wishes_own or self.own is None:
            return {}, ""
        return {"file": self.own.name, "columns": self.own.asked_columns}, self.own.copy_name

    def sync(self) -> None:
        """After a reload the file is that of the job looked at; the columns are those that the link says."""
        if not self.wishes_own:
            return
        self.own = self.own or reopened(self.looked_at(), sets.SENTIMENT)
        if self.own is None:
            return
        wanted = {role: name for role in ROLES if (name := self.wanted(role)) in self.own.columns}
        if any(self.own.chosen.get(role) != name for role, name in wanted.items()):
            self.own.chosen |= wanted
            self.own.look()

    def wanted(self, role: str) -> str:
        """The column that the link says."""
        return str(getattr(self.view, f"{role}_column"))

    def file_view(self) -> FileView:
        """What a page shows of it."""
        own = self.own
        if own is None:
            return {"file": "", "columns": [], "roles": []}
        return {"file": own.name, "columns": own.shown_columns, "roles": own.roles}


def _open(action: Action, state: WithLabelled, context: Context) -> None:
    """A piece of a file; once it is whole, it is learnt from, by the columns chosen before where it has them."""
    found = state.upload.take(action)
    if found is None:
        return
    state.own = own = Own(*found, sets.SENTIMENT)
    own.chosen = {role: state.wanted(role) for role in ROLES}
    own.look()
    name, value = state.WISHED
    lacking = {f"{role}_column": "" for role in ROLES if state.wanted(role) not in own.columns}
    state.adopt({name: value, **lacking})
    state.rev += 1


def _column(action: Action, state: WithLabelled, context: Context) -> None:
    """Another column of the file is the text, or the label."""
    role = state.own.pick(action) if state.own is not None else ""
    if state.own is not None and role:
        name = state.own.chosen[role]
        state.adopt({f"{role}_column": name if len(name) <= MOST_NAME else ""})
        state.rev += 1


#: What the browser asks of the file.
FILE_ACTIONS: dict[str, Callable[[Action, Any, Context], None]] = {"open": _open, "column": _column}
