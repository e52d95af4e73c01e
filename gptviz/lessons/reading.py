"""A lesson's file, read: Markdown with a front matter, and a fenced block of TOML in each section.

A step is a section (``##``) with a block ``step``; two more may be there, ``probe`` and ``worksheet``, and ``teacher``.
All is bounded, every name is known or refused, and what is wrong is a LessonError that says its line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gptviz.errors import FileError, LessonError
from gptviz.lessons import blocks as rules
from gptviz.lessons.lesson import Item, Lesson, Minute, Probe, Step, Teacher
from gptviz.lessons.prose import blocks
from gptviz.schema import Rule

LARGEST = 64 * 1024  # characters of a file
MOST_STEPS, MOST_TEXT = 12, 700
_NAMES = ("title", "aim", "minutes")
_HEADING = re.compile(r"##[ \t]+(\S.*)")
_FENCE = re.compile(r"```[ \t]*(\w*)[ \t]*$")
_TOML_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")


class Section(NamedTuple):
    """A heading, the text below it, and its block: kind, TOML, line on which the TOML begins."""

    heading: str
    line: int
    text: str
    block: tuple[str, str, int] | None


def read(text: str, name: str) -> Lesson:
    """The lesson that a file says. Raises LessonError, with the line."""
    if len(text) > LARGEST:
        raise LessonError("lesson.large", most=f"{LARGEST:,}", size=f"{len(text):,}")
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    front, begin = _front(lines)
    minutes = _minutes(front)
    steps: list[Step] = []
    probes: tuple[Probe, ...] = ()
    worksheet: tuple[Item, ...] = ()
    teacher: Teacher | None = None
    for section in _sections(lines, begin):
        if section.block is None:
            raise at(section.line, "no_block", heading=section.heading)
        kind, toml, line = section.block
        if kind == "step":
            steps.append(_step(section, _toml(toml, line, rules.STEP), line))
        elif kind == "probe":
            probes = tuple(_probe(one, line) for one in _toml(toml, line, rules.PROBE)["probe"])
        elif kind == "worksheet":
            worksheet = tuple(_item(one, toml, line) for one in _toml(toml, line, rules.WORKSHEET)["item"])
        elif kind == "teacher":
            teacher = _teacher(_toml(toml, line, rules.TEACHER), minutes, line)
        else:
            raise at(section.line, "block", kind=kind, known="step, probe, worksheet, teacher")
    if not 1 <= len(steps) <= MOST_STEPS:
        raise at(begin, "steps", count=len(steps), most=MOST_STEPS)
    return Lesson(name, front["title"][0], front["aim"][0], minutes, tuple(steps), probes, teacher, worksheet)


def read_file(path: Path) -> Lesson:
    """The lesson in a file, which it is named after. Raises LessonError, OSError."""
    with path.open("rb") as file:
        data = file.read(4 * LARGEST + 1)
    try:
        return read(data.decode("utf-8"), name_of(path))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise at(line, "encoding") from None


def name_of(path: Path) -> str:
    """``01-next-token.md`` → ``next-token``."""
    return re.sub(r"^\d+-", "", path.stem)[:40]


def at(line: int, key: str, **values: Any) -> LessonError:
    """An error on a line."""
    return LessonError("lesson.at", line=line, reason=LessonError(f"lesson.{key}", **values))


def _front(lines: list[str]) -> tuple[dict[str, tuple[str, int]], int]:
    """(what the front matter says, by name, with its line; the index of the line after it)."""
    if not lines or lines[0].strip() != "---":
        raise at(1, "no_front")
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(lines[1:], 2):
        if line.strip() == "---":
            missing = [name for name in _NAMES if not found.get(name, ("",))[0]]
            if missing:
                raise at(number, "front_lacks", names=", ".join(missing))
            return found, number
        name, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon or name.strip() not in _NAMES:
            raise at(number, "front_name", name=name.strip()[:40], known=", ".join(_NAMES))
        if len(value) > rules.SENTENCE:
            raise at(number, "long", most=rules.SENTENCE)
        found[name.strip()] = value.strip().strip('"'), number
    raise at(1, "no_front")


def _minutes(front: dict[str, tuple[str, int]]) -> int:
    said, line = front["minutes"]
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:4]) <= 90):
        raise at(line, "minutes", value=said[:20])
    return int(said)


def _sections(lines: list[str], begin: int) -> Iterator[Section]:
    """Every ``##`` section; what stands before the first one is for readers of the file alone."""
    heading, at_line, text = "", begin, list[str]()
    block: tuple[str, str, int] | None = None
    number = begin
    while number < len(lines):
        line = lines[number]
        found, fence = _HEADING.match(line), _FENCE.match(line.strip())
        if found:
            if heading:
                yield Section(heading, at_line, "\n".join(text), block)
            heading, at_line, text, block = found[1].strip()[: rules.SENTENCE], number + 1, [], None
        elif fence:
            end = next((i for i in range(number + 1, len(lines)) if lines[i].strip() == "```"), None)
            if end is None:
                raise at(number + 1, "open_block")
            if block is not None:
                raise at(number + 1, "two_blocks", heading=heading)
            block = fence[1], "\n".join(lines[number + 1 : end]), number + 2
            number = end
        else:
            text.append(line)
        number += 1
    if heading:
        yield Section(heading, at_line, "\n".join(text), block)


def _toml(text: str, line: int, rule: Rule) -> dict[str, Any]:
    """What a block says, once it keeps its rule."""
    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        told = _TOML_AT.search(str(error))
        own = int(told[1]) - 1 if told and told[1] else text.count("\n") if told else 0
        raise at(line + own, "toml", reason=_TOML_AT.sub("", str(error))[:200]) from None
    return kept(lambda: rule.check(said), text, line, said)


def kept(check: Callable[[], None], text: str, line: int, said: dict[str, Any]) -> dict[str, Any]:
    """``said``, where it keeps the rule; else the error at the line that names the place."""
    try:
        check()
    except FileError as error:
        where = re.split(r"[.\[]", str(error.values.get("where", "")))
        names = [part.strip("]'\"") for part in reversed(where)]
        name = next((part for part in names if part.isidentifier()), "")
        raise LessonError("lesson.at", line=line + _line_of(name, text), reason=error) from None
    return said


def _line_of(name: str, text: str) -> int:
    """On which line of a block a name is set; 0 where on none."""
    found = re.compile(rf"\s*(?:\[+)?(?:\w+\.)*{re.escape(name)}\b") if name else None
    return next((i for i, one in enumerate(text.split("\n")) if found and found.match(one)), 0)


def _step(section: Section, said: dict[str, Any], line: int) -> Step:
    if len(section.text.strip()) > MOST_TEXT:
        raise at(section.line, "long", most=MOST_TEXT)
    toml = section.block[1] if section.block else ""
    check = rules.check(said["check"], lambda name: line + _line_of(name, toml))
    holds = tuple(rules.claim(one, line) for one in said.get("holds", ()))
    state = rules.fields(said.get("state", {}))
    return Step(section.heading, blocks(section.text), said["page"], state, check, holds, tuple(said.get("hide", ())),
                tuple(said.get("veil", ())), line)  # fmt: skip


def _probe(said: dict[str, Any], line: int) -> Probe:
    if not said["right"] <= len(said["options"]):
        raise at(line, "right", right=said["right"], count=len(said["options"]))
    return Probe(said["question"], tuple(said["options"]), said["right"] - 1, said["why"])


def _item(said: dict[str, Any], toml: str, line: int) -> Item:
    own = line + next((i for i, one in enumerate(toml.split("\n")) if said["text"][:20] in one), 0)
    if said["text"].count("____") != 1:
        raise at(own, "blank")
    asked = rules.ask(said["quantity"], said.get("about", {}), own)
    return Item(said["text"], said.get("prompt", ""), asked, said.get("unit", ""), said.get("digits", 0), own,
                rules.fields(said.get("state", {})))  # fmt: skip


def _teacher(said: dict[str, Any], minutes: int, line: int) -> Teacher:
    plan = tuple(Minute(one["minutes"], one["what"]) for one in said["plan"])
    if sum(one.minutes for one in plan) != minutes:
        raise at(line, "plan", sum=sum(one.minutes for one in plan), minutes=minutes)
    return Teacher(plan, *(tuple(said[name]) for name in ("ask", "wrong", "standards")))
