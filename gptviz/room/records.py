"""What is kept of a room and told of it, as small records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from gptviz.room.limits import MAX_LABEL
from gptviz.room.rounds import Answer, Candidate, Chips, Pick, Round, Vote, Word
from gptviz.room.tally import Row, Scored, Tally, key, tally

Phase: TypeAlias = Literal["open", "closed", "revealed"]


@dataclass
class Member:
    """One student: what they are called, and how they have done."""

    name: str
    bits: float = 0.0  # saved, see ``tally.gain``
    hits: int = 0


class Joined(NamedTuple):
    """What a student's browser keeps."""

    token: str
    name: str


class Totals(NamedTuple):
    """Sums over all guesses; those in bits over the rounds with chips."""

    rounds: int = 0
    class_hits: float = 0.0
    model_hits: int = 0
    chip_rounds: int = 0
    class_bits: float = 0.0
    model_bits: float = 0.0

    def with_(self, new: Scored) -> Totals:
        """With one round more."""
        found = self._replace(rounds=self.rounds + 1, class_hits=self.class_hits + new.class_hits,
                              model_hits=self.model_hits + new.model_hit)  # fmt: skip
        if new.class_bits is None:
            return found
        return found._replace(chip_rounds=self.chip_rounds + 1, class_bits=self.class_bits + new.class_bits,
                              model_bits=self.model_bits + new.model_bits)  # fmt: skip


class Waiting(NamedTuple):
    """A typed word that the teacher has not let yet, and how many typed it."""

    word: str
    times: int


class Snapshot(NamedTuple):
    """All that the teacher's page shows, at one moment."""

    code: str
    id: str
    version: int
    members: int
    number: int
    asked: Round | None
    phase: Phase
    tally: Tally | None
    queue: tuple[Waiting, ...]
    refused: int
    scored: Scored | None
    totals: Totals
    best: tuple[tuple[str, float, int], ...]  # name, bits, hits; empty unless names are wanted
    names: bool
    pairs: int
    seconds_left: float


@dataclass
class Open:
    """The round at hand."""

    number: int
    asked: Round
    hands: list[int]
    phase: Phase = "open"
    answers: dict[bytes, Answer] = field(default_factory=dict)
    let: dict[str, Candidate | None] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    ids: dict[str, int] = field(default_factory=dict)  # tokens of typed words, once it is revealed
    scored: Scored | None = None

    def tally(self) -> Tally:
        """How it goes; the model's side once it is revealed."""
        return tally(self.asked, self.answers.values(), self.hands, self.let, known=self.phase == "revealed")

    def typed(self) -> set[str]:
        """All words that were typed, by ``tally.key``."""
        return {key(answer.text) for answer in self.answers.values() if isinstance(answer, Word)}

    def queue(self) -> tuple[Waiting, ...]:
        """The words that nobody has let or refused, in the order in which they came."""
        words = (key(answer.text) for answer in self.answers.values() if isinstance(answer, Word))
        counts = Counter(word for word in words if word not in self.let and word not in self.refused)
        return tuple(Waiting(word, count) for word, count in counts.items())

    def pair(self) -> list[dict[str, Any]]:
        """What the class prefers, of a vote that is over: one object, none of a tie."""
        if not isinstance(self.asked, Vote) or self.phase == "open":
            return []
        votes = [
            sum(isinstance(answer, Pick) and answer.place == side for answer in self.answers.values()) + raised
            for side, raised in enumerate(self.hands)
        ]
        if votes[0] == votes[1]:
            return []
        sides = sorted(zip((self.asked.a, self.asked.b), votes, strict=True), key=lambda side: -side[1])
        (chosen, most), (rejected, least) = sides
        return [{"prompt": self.asked.prompt, "chosen": chosen, "rejected": rejected, "chosen_votes": most,
                 "rejected_votes": least, "model": self.asked.model}]  # fmt: skip


@dataclass
class State:
    """All that there is of a room. ``teacher`` and the keys of ``members`` are digests of their tokens."""

    code: str
    lang: str
    born: float
    id: str
    teacher: bytes
    members: dict[bytes, Member] = field(default_factory=dict)
    round: Open | None = None
    number: int = 0  # rounds so far
    version: int = 1
    names: bool = False
    totals: Totals = field(default_factory=Totals)
    pairs: list[dict[str, Any]] = field(default_factory=list)
    ended: bool = False


def said(answer: Answer | None) -> dict[str, Any] | None:
    """An answer as the phone sent it."""
    if isinstance(answer, Pick):
        return {"pick": answer.place}
    if isinstance(answer, Word):
        return {"word": answer.text}
    return {"chips": list(answer.laid)} if isinstance(answer, Chips) else None


def row(shown: Row) -> dict[str, Any]:
    """A row of the tally as phones are told it."""
    return {"label": shown.label[:MAX_LABEL], "votes": shown.votes, "share": shown.share, "p": shown.p,
            "actual": shown.actual}  # fmt: skip
