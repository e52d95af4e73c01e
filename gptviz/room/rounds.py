"""What is asked of a room, as small records: *guess*, *vote*, *probe*, *follow*; and what somebody may answer.

A round says of itself what phones may know while it is open (``asked``) and once it is revealed (``told``): a
probability is nowhere in the first. Its texts are cut to their bounds when it is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

from gptviz.errors import RoomError
from gptviz.room import limits
from gptviz.room.scoring import may_be_spread

How: TypeAlias = Literal["pick", "chips"]
Side: TypeAlias = Literal["a", "b"]
PROBE_OPTIONS = 4
_HALF = re.compile("[\ud800-\udfff]")


class Candidate(NamedTuple):
    """A token that can be guessed, with what the model gives it here, and what the unigram gives it anywhere."""

    id: int
    label: str
    p: float
    unigram: float


class Actual(NamedTuple):
    """The token that came: drawn by the model from its distribution, or the text's true one."""

    token: Candidate
    rank: int  # 1: the model's first choice
    drawn: bool


class Pick(NamedTuple):
    """One of what is offered, by its place."""

    place: int


class Word(NamedTuple):
    """A word of one's own: shown to nobody before the teacher lets it."""

    text: str


class Chips(NamedTuple):
    """Chips on each candidate; those left are on everything else."""

    laid: tuple[int, ...]


Answer: TypeAlias = Pick | Word | Chips


@dataclass(frozen=True)
class Guess:
    """Which token comes next? ``others``: the model's share outside of ``top``, its first choices, likeliest first."""

    prompt: str
    how: How
    candidates: tuple[Candidate, ...]
    top: tuple[Candidate, ...]
    actual: Actual
    vocab_size: int
    entropy: float  # bits, of the model's distribution
    model: str
    ids: tuple[int, ...] = ()  # of the prompt, in the vocabulary of that name
    vocabulary: str = ""
    kind: ClassVar[str] = "guess"

    def __post_init__(self) -> None:
        object.__setattr__(self, "prompt", _sent(self.prompt)[-limits.MAX_PROMPT :])
        object.__setattr__(self, "candidates", self.candidates[: limits.MAX_CANDIDATES])

    @property
    def options(self) -> tuple[str, ...]:
        """What can be picked."""
        return tuple(candidate.label[: limits.MAX_LABEL] for candidate in self.candidates)

    def asked(self) -> dict[str, Any]:
        """What phones may know while it is open."""
        return {"prompt": self.prompt, "how": self.how, "options": self.options, "chips": limits.CHIPS,
                "named": limits.MOST_NAMED}  # fmt: skip

    def told(self) -> dict[str, Any]:
        """What they are told besides, in the end."""
        token, rank, drawn = self.actual
        return {"actual": {"label": token.label, "p": token.p, "rank": rank, "drawn": drawn},
                "model": [candidate.p for candidate in self.candidates]}  # fmt: skip

    def read(self, said: Mapping[str, Any]) -> Answer:
        """The answer in a message. Raises RoomError for what is none."""
        if self.how == "chips":
            return Chips(_chips(said.get("chips"), len(self.candidates)))
        if "word" in said:
            return Word(_word(said["word"]))
        return Pick(_place(said.get("pick"), len(self.candidates)))


@dataclass(frozen=True)
class Vote:
    """Which of two continuations of a prompt is better?"""

    prompt: str
    a: str
    b: str
    model: str
    kind: ClassVar[str] = "vote"

    def __post_init__(self) -> None:
        object.__setattr__(self, "prompt", _sent(self.prompt)[-limits.MAX_PROMPT :])

    @property
    def options(self) -> tuple[str, ...]:
        """The two, as they are shown."""
        return self.a[: limits.MAX_OPTION], self.b[: limits.MAX_OPTION]

    def asked(self) -> dict[str, Any]:
        """What phones may know while it is open."""
        return {"prompt": self.prompt, "options": self.options}

    def told(self) -> dict[str, Any]:
        """Nothing is told besides."""
        return {}

    def read(self, said: Mapping[str, Any]) -> Answer:
        """The answer in a message. Raises RoomError for what is none."""
        return Pick(_place(said.get("pick"), 2))


@dataclass(frozen=True)
class Probe:
    """A quick question with up to four options; ``answer`` is the place of the right one, where there is one."""

    question: str
    choices: tuple[str, ...]
    answer: int | None = None
    kind: ClassVar[str] = "probe"

    def __post_init__(self) -> None:
        object.__setattr__(self, "question", _sent(self.question)[: limits.MAX_PROMPT])
        object.__setattr__(self, "choices", tuple(map(_sent, self.choices[:PROBE_OPTIONS])))

    @property
    def options(self) -> tuple[str, ...]:
        """What can be picked."""
        return tuple(choice[: limits.MAX_OPTION] for choice in self.choices)

    def asked(self) -> dict[str, Any]:
        """What phones may know while it is open."""
        return {"prompt": self.question, "options": self.options}

    def told(self) -> dict[str, Any]:
        """Which one is right."""
        return {"right": self.answer}

    def read(self, said: Mapping[str, Any]) -> Answer:
        """The answer in a message. Raises RoomError for what is none."""
        return Pick(_place(said.get("pick"), len(self.choices)))


@dataclass(frozen=True)
class Follow:
    """The teacher's page as a link to open; nothing is asked."""

    title: str
    link: str
    text: str
    kind: ClassVar[str] = "follow"
    options: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _sent(self.text)[-limits.MAX_PROMPT :])
        if len(self.link) > limits.MAX_LINK or not self.link.startswith("/") or self.link.startswith("//"):
            raise RoomError("room.link")

    def asked(self) -> dict[str, Any]:
        """Where the teacher is."""
        return {"title": self.title[: limits.MAX_LABEL], "link": self.link, "prompt": self.text}

    def told(self) -> dict[str, Any]:
        """Nothing is told besides."""
        return {}

    def read(self, said: Mapping[str, Any]) -> Answer:
        """Raises RoomError: there is nothing to answer."""
        raise RoomError("room.answer")


Round: TypeAlias = Guess | Vote | Probe | Follow


def _sent(text: str) -> str:
    """A text as it can be sent: half a character, which is no UTF-8, is what the model reads in its place."""
    return _HALF.sub("\ufffd", text)


def _place(value: Any, many: int) -> int:
    """To Python True is 1 and 1.0 is; to a browser neither is a place in a list."""
    if type(value) is not int or not 0 <= value < many:
        raise RoomError("room.answer")
    return value


def _chips(value: Any, many: int) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) != many or not all(type(count) is int for count in value):
        raise RoomError("room.answer")
    if not may_be_spread(value):
        raise RoomError("room.chips", chips=limits.CHIPS, named=limits.MOST_NAMED)
    return tuple(value)


def _word(value: Any) -> str:
    """A word as it is kept: no blanks around it, none twice, nothing that cannot be seen."""
    if not isinstance(value, str) or len(value) > 4 * limits.MAX_WORD:
        raise RoomError("room.word", most=limits.MAX_WORD)
    seen = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    if not 0 < len(seen) <= limits.MAX_WORD:
        raise RoomError("room.word", most=limits.MAX_WORD)
    return seen
