"""One room: who is in it, what is asked, who answered what. One lock, all in memory, gone when it ends.

Phones read ``public`` (all of them the same) and ``mine``; the teacher's page reads ``snapshot``. A round is *open*,
then *closed*, then *revealed*. Members, and the teacher, are known by a token that only their browser has; of it a
digest is kept. Whatever changes a room is one of its methods that ``changes``; where more than one process holds the
room (``gptviz.room.shared``), that is where they agree.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from gptviz.errors import RoomError
from gptviz.room import limits, words
from gptviz.room.keys import digest
from gptviz.room.records import Joined, Member, Open, Phase, Snapshot, State, row, said
from gptviz.room.rounds import Candidate, Follow, Guess, Round, Word
from gptviz.room.tally import gain, hit, key, scored

BEST = 3  # names that are shown where the teacher wants any

_P = ParamSpec("_P")
_R = TypeVar("_R")


def changes(method: Callable[Concatenate[Room, _P], _R]) -> Callable[Concatenate[Room, _P], _R]:
    """Of a method that changes a room: it is carried out as a whole or, raising RoomError, not at all."""

    @wraps(method)
    def carried_out(room: Room, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        return room._change(lambda: method(room, *args, **kwargs))

    return carried_out


class Room:
    """A class, from when its teacher opens it until it ends. ``token`` is the teacher's, where it is known."""

    def __init__(self, state: State, token: str = "") -> None:
        self._lock = threading.RLock()
        self._state, self._teacher_token = state, token
        self.code, self.lang, self.born, self.id = state.code, state.lang, state.born, state.id

    @property
    def version(self) -> int:
        """Grows when phones have something new to show; answers that come in are told by ``counts`` alone."""
        return self._state.version

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self._state.ended

    @property
    def lost(self) -> bool:
        """Whether those who share it cannot agree at present; one that a single process holds never is."""
        return False

    @property
    def teacher_token(self) -> str:
        """By which the teacher's browser is known; empty in a process that did not open the room."""
        return self._teacher_token

    def is_teacher(self, token: str) -> bool:
        """Whether that is the teacher's token; takes as long for each."""
        return secrets.compare_digest(digest(token), self._state.teacher)

    def _change(self, make: Callable[[], _R]) -> _R:
        with self._lock:
            return make()

    def counts(self) -> tuple[int, int]:
        """How many have answered, and how many are there."""
        with self._lock:
            at = self._state.round
            return len(at.answers) if at else 0, len(self._state.members)

    # what students do

    @changes
    def join(self, lang: str, token: str = "") -> Joined:
        """Come in, or come back with the token of before. Raises RoomError where the room is full or over."""
        self._must_go_on()
        members = self._state.members
        known = members.get(digest(token)) if token else None
        if known is not None:
            return Joined(token, known.name)
        if len(members) >= limits.MAX_MEMBERS:
            raise RoomError("room.full", most=limits.MAX_MEMBERS)
        fresh = secrets.token_urlsafe(16)
        member = Member(words.name(lang, {other.name for other in members.values()}))
        members[digest(fresh)] = member
        return Joined(fresh, member.name)

    @changes
    def answer(self, token: str, number: Any, told: Mapping[str, Any]) -> None:
        """Take in an answer to round ``number``; a later one takes the place of an earlier, until the round is closed.

        Raises RoomError where it is none, or too late.
        """
        self._must_go_on()
        who = self._member(token)
        at = self._state.round
        if at is None or type(number) is not int or number != at.number or at.phase != "open":
            raise RoomError("room.late")
        found = at.asked.read(told)
        if isinstance(found, Word):
            typed = {key(answer.text) for answer in at.answers.values() if isinstance(answer, Word)}
            if key(found.text) not in typed and len(typed) >= limits.MAX_WORDS:
                raise RoomError("room.words")
        at.answers[who] = found

    def mine(self, token: str) -> dict[str, Any]:
        """What one student's phone shows beside what all show: their answer, and how they did."""
        with self._lock:
            self._must_go_on()
            who = self._member(token)
            member, at = self._state.members[who], self._state.round
            answer = at.answers.get(who) if at else None
            found: dict[str, Any] = {"name": member.name, "number": at.number if at else 0, "answer": said(answer),
                                     "bits": member.bits, "hits": member.hits, "gain": None, "hit": None}  # fmt: skip
            if at and answer is not None and at.phase == "revealed" and isinstance(at.asked, Guess):
                found["gain"], found["hit"] = gain(at.asked, answer), bool(hit(at.asked, answer, at.ids))
            return found

    def public(self) -> dict[str, Any]:
        """What every phone may know. No count of a probe below five, no word that the teacher has not let."""
        with self._lock:
            answered, members = self.counts()
            found: dict[str, Any] = {"version": self._state.version, "members": members, "answered": answered,
                                     "ended": self._state.ended, "kind": "wait"}  # fmt: skip
            at = self._state.round
            if at is None or self._state.ended:
                return found
            found |= {"kind": at.asked.kind, "number": at.number, "phase": at.phase} | at.asked.asked()
            if at.phase == "revealed":
                result = at.tally()
                found |= at.asked.told()
                found["rows"] = [row(each) for each in result.rows]
                found["others"] = result.others
                found["best"] = [name for name, _, _ in self._best()] if at.asked.kind == "guess" else []
            return found

    # what the teacher does

    @changes
    def start(self, asked: Round) -> int:
        """Ask something; what was asked before is over. Gives the round's number."""
        self._must_go_on()
        state = self._state
        follows = isinstance(asked, Follow) and state.round is not None and isinstance(state.round.asked, Follow)
        if state.number >= limits.MAX_ROUNDS and not follows:
            raise RoomError("room.rounds", most=limits.MAX_ROUNDS)
        state.number += not follows
        state.pairs += state.round.pair() if state.round else []
        state.round = Open(state.number, asked, [0] * len(asked.options))
        state.version += 1
        return state.number

    @changes
    def close(self) -> None:
        """No more answers."""
        self._turn("open", "closed")

    @changes
    def open_again(self) -> None:
        """Answers are taken again; never once it is revealed."""
        self._turn("closed", "open")

    @changes
    def reveal(self, ids: Mapping[str, int] | None = None) -> None:
        """Show what came and how all did; ``ids`` are the tokens of typed words, by ``tally.key``. Once a round."""
        at = self._state.round
        if at is None or at.phase == "revealed" or isinstance(at.asked, Follow):
            return
        at.phase = "revealed"
        self._state.version += 1
        if not isinstance(at.asked, Guess):
            return
        at.ids = {word: token.id for word, token in at.let.items() if token} | dict(ids or {})
        at.scored = scored(at.asked, list(at.answers.values()), at.hands, at.ids)
        if at.scored is not None:
            self._state.totals = self._state.totals.with_(at.scored)
        for who, answer in at.answers.items():
            if who in self._state.members:
                self._state.members[who].bits += gain(at.asked, answer) or 0.0
                self._state.members[who].hits += int(hit(at.asked, answer, at.ids))

    @changes
    def let(self, word: str, token: Candidate | None) -> None:
        """Show a typed word from now on, as ``token`` where it is one that can come next."""
        at = self._state.round
        if at is not None and key(word) in at.typed():
            at.refused.discard(key(word))
            at.let[key(word)] = token
            self._state.version += at.phase == "revealed"

    @changes
    def refuse(self, word: str) -> None:
        """Show a typed word to nobody, and ask no more."""
        at = self._state.round
        if at is not None and key(word) in at.typed():
            at.let.pop(key(word), None)
            at.refused.add(key(word))
            self._state.version += at.phase == "revealed"

    @changes
    def raise_hands(self, place: int, count: int) -> None:
        """Note a show of hands for one option, in a class without devices; not for chips."""
        at = self._state.round
        if at is None or at.phase == "revealed" or not 0 <= place < len(at.hands):
            return
        if not (isinstance(at.asked, Guess) and at.asked.how == "chips"):
            at.hands[place] = min(max(count, 0), limits.MAX_HANDS)

    @changes
    def show_names(self, wanted: bool) -> None:
        """Whether the best three are named after a guess."""
        if wanted != self._state.names:
            self._state.names, self._state.version = wanted, self._state.version + 1

    @changes
    def remove(self, name: str) -> None:
        """Send whoever is called so out, with their answer."""
        for who in [who for who, member in self._state.members.items() if member.name == name]:
            del self._state.members[who]
            if self._state.round is not None:
                self._state.round.answers.pop(who, None)
            self._state.version += 1

    @changes
    def end(self) -> None:
        """It is over: all that anybody said is forgotten."""
        self._forget()

    def pairs(self) -> list[dict[str, Any]]:
        """What the class prefers, one object for each vote that was no tie: TRL's names, and the votes."""
        with self._lock:
            return [*self._state.pairs, *(self._state.round.pair() if self._state.round else ())]

    def names(self) -> list[str]:
        """Who is there."""
        with self._lock:
            return sorted(member.name for member in self._state.members.values())

    def typed(self) -> list[str]:
        """All words that were typed in this round, for their tokens to be found."""
        with self._lock:
            return sorted(self._state.round.typed()) if self._state.round else []

    def snapshot(self, now: float) -> Snapshot:
        """All that the teacher's page shows."""
        with self._lock:
            state, at = self._state, self._state.round
            queue = at.queue() if at else ()
            return Snapshot(
                state.code, state.id, state.version, len(state.members), state.number, at.asked if at else None,
                at.phase if at else "open", at.tally() if at else None, queue, len(at.refused) if at else 0,
                at.scored if at else None, state.totals, self._best(), state.names, len(self.pairs()),
                max(0.0, state.born + limits.LIFETIME - now),
            )  # fmt: skip

    # inside: the lock is held

    def _must_go_on(self) -> None:
        if self._state.ended:
            raise RoomError("room.ended")

    def _member(self, token: str) -> bytes:
        who = digest(token)
        if who not in self._state.members:
            raise RoomError("room.stranger")
        return who

    def _best(self) -> tuple[tuple[str, float, int], ...]:
        if not self._state.names:
            return ()
        order = sorted(self._state.members.values(), key=lambda member: (-member.bits, -member.hits, member.name))
        return tuple(
            (member.name, member.bits, member.hits) for member in order[:BEST] if member.bits > 0 or member.hits
        )

    def _turn(self, before: Phase, after: Phase) -> None:
        at = self._state.round
        if at is not None and at.phase == before:
            at.phase = after
            self._state.version += 1

    def _forget(self) -> None:
        state = self._state
        state.ended, state.round = True, None
        state.members.clear()
        state.pairs.clear()
        state.version += 1
