"""What a lesson is made of. Read from a file by ``reading``; nothing in it is believed before that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from gptviz.lessons.prose import Block

Value = str | int | float | bool
Kind = Literal["value", "place", "head", "token", "number", "guess"]
KINDS: tuple[Kind, ...] = ("value", "place", "head", "token", "number", "guess")


class Ask(NamedTuple):
    """A quantity (see ``quantities``) with what it is asked about."""

    name: str
    about: Mapping[str, Value] = {}


class Claim(NamedTuple):
    """What must be so of the chosen model for a step to be true."""

    said: str
    ask: Ask
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Check:
    """What the learner does. Which fields count is the kind's business, see ``checks``."""

    kind: Kind
    do: str  # what to do, in a sentence
    then: str = ""  # said once it is done; {value} is what was measured
    control: str = ""  # a field of the page's link
    ask: Ask | None = None
    least: float | None = None
    most: float | None = None
    equals: Value | None = None
    has: str = ""  # a piece of a field's text
    score: str = ""  # of a head
    unit: str = ""
    digits: int = 0
    tolerance: float = 0.0
    options: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()  # between the options, rising
    each: str = ""  # the argument of the quantity that each option stands for
    values: tuple[Value, ...] = ()  # what it is for each, where that is not the option itself
    solution: Mapping[str, str] = field(default_factory=dict)  # fields of a link that pass


@dataclass(frozen=True)
class Step:
    """One thing said, one thing done. ``state`` is what a link to ``page`` holds."""

    heading: str
    text: tuple[Block, ...]
    page: str
    state: Mapping[str, str]
    check: Check
    holds: tuple[Claim, ...] = ()
    hide: tuple[str, ...] = ()  # parts of the page that the step does without
    veil: tuple[str, ...] = ()  # parts that are shown once it is passed
    line: int = 0


class Probe(NamedTuple):
    """A question about a misconception, asked before and after; ``right`` counts from 0."""

    question: str
    options: tuple[str, ...]
    right: int
    why: str


class Minute(NamedTuple):
    """A line of the teacher's plan."""

    minutes: int
    what: str


class Teacher(NamedTuple):
    """The teacher's page."""

    plan: tuple[Minute, ...] = ()
    ask: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()


class Item(NamedTuple):
    """A line of the worksheet with one blank, ``____``; what belongs there is measured."""

    text: str
    prompt: str
    ask: Ask
    unit: str
    digits: int
    line: int
    state: Mapping[str, str] = {}


@dataclass(frozen=True, eq=False)  # one that is read again is another: what is worked out of it is kept by it
class Lesson:
    """One lesson in one language."""

    name: str
    title: str
    aim: str
    minutes: int
    steps: tuple[Step, ...]
    probes: tuple[Probe, ...] = ()
    teacher: Teacher | None = None
    worksheet: tuple[Item, ...] = ()
