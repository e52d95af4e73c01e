"""The lessons, and of one its questions, its plan and its worksheet."""

from __future__ import annotations

from gptviz.recipes.builder import python

_SHELF = "from gptviz.lessons import shelf"


def listed(lang: str) -> str:
    """All lessons in their order."""
    return "\n".join([
        _SHELF,
        "for name in shelf.names():",
        f"    lesson = shelf.lesson(name, {lang!r})",
        "    print(lesson.title, lesson.aim, lesson.minutes, len(lesson.steps))",
    ])  # fmt: skip


def probes(name: str | None, lang: str) -> str:
    """The questions for before and after; ``name`` is None for a file of one's own."""
    return "\n".join([*_lesson(name, lang), "one.probes"])


def teacher(name: str | None, lang: str) -> str:
    """The teacher's page."""
    return "\n".join([*_lesson(name, lang), "one.teacher"])


def worksheet(name: str | None, lang: str, model: str) -> str:
    """The worksheet's lines, each with what belongs into its blank by this model."""
    imports = ["from gptviz.ui.lessons.desk import solved", "from gptviz.ui.page import Context"]
    body = [*_lesson(name, lang), f"at = Context(lm, {lang!r}, lm.trace)",
            "[(item.text, solved(item, at)) for item in one.worksheet]"]  # fmt: skip
    return python(model, body, imports=imports)


def _lesson(name: str | None, lang: str) -> list[str]:
    if name is None:
        return ["from pathlib import Path", "from gptviz.lessons.reading import read_file",
                "one = read_file(Path('lesson.md'))"]  # fmt: skip
    return [_SHELF, f"one = shelf.lesson({name!r}, {lang!r})"]
