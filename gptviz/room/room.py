"""One room: who is in it, what is asked, who answered what. One lock, all in memory, gone when it ends.

Phones read ``public`` (all of them the same) and ``mine``; the teacher's page reads ``snapshot``. A round is *open*,
then *closed*, then *revealed*. A member is known by a token that only their browser has; of it a digest is kept.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Mapping
from typing import Any

from gptviz.errors import RoomError
from gptviz.room import limits, words
from gptviz.room.records import Joined, Member, Open, Snapshot, Totals, row, said
from gptviz.room.rounds import Candidate, Follow, Guess, Round, Word
from gptviz.room.tally import gain, hit, key, scored

BEST = 3  # names that are shown where the teacher wants any


class Room:
    """A class, from when its teacher opens it until it ends; ``born`` in seconds of whatever clock its keeper has."""

    def __init__(self, code: str, lang: str, born: float) -> None:
        self.code, self.lang, self.born = code, lang, born
        self.id = secrets.token_urlsafe(9)
        self._teacher_token = secrets.token_urlsafe(24)
        self._lock = threading.RLock()
        self._members: dict[bytes, Member] = {}
        self._round: Open | None = None
        self._number = 0
        self._version = 1
        self._names = False
        self._totals = Totals()
        self._pairs: list[dict[str, Any]] = []
        self._ended = False

    @property
    def version(self) -> int:
        """Grows when phones have something new to show; answers that come in are told by ``counts`` alone."""
        return self._version

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self._ended

    @property
    def teacher_token(self) -> str:
        """By which the teacher's browser is known."""
        return self._teacher_token

    def is_teacher(self, token: str) -> bool:
        """Whether that is the teacher's token; takes as long for each."""
        return secrets.compare_digest(token.encode("utf-8", "replace"), self._teacher_token.encode())

    def counts(self) -> tuple[int, int]:
        """How many have answered, and how many are there."""
        with self._lock:
            return len(self._round.answers) if self._round else 0, len(self._members)

    # what students do

    def join(self, lang: str, token: str = "") -> Joined:
        """Come in, or come back with the token of before. Raises RoomError where the room is full or over."""
        with self._lock:
            self._must_go_on()
            known = self._members.get(_digest(token)) if token else None
            if known is not None:
                return Joined(token, known.name)
            if len(self._members) >= limits.MAX_MEMBERS:
                raise RoomError("room.full", most=limits.MAX_MEMBERS)
            fresh = secrets.token_urlsafe(16)
            member = Member(words.name(lang, {other.name for other in self._members.values()}))
            self._members[_digest(fresh)] = member
            return Joined(fresh, member.name)

    def answer(self, token: str, number: Any, told: Mapping[str, Any]) -> None:
        """Take in an answer to round ``number``; a later one takes the place of an earlier, until the round is closed.

        Raises RoomError where it is none, or too late.
        """
        with self._lock:
            self._must_go_on()
            who = self._member(token)
            at = self._round
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
            member, at = self._members[who], self._round
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
            found: dict[str, Any] = {"version": self._version, "members": members, "answered": answered,
                                     "ended": self._ended, "kind": "wait"}  # fmt: skip
            at = self._round
            if at is None or self._ended:
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

    def start(self, asked: Round) -> int:
        """Ask something; what was asked before is over. Gives the round's number."""
        with self._lock:
            self._must_go_on()
            follows = isinstance(asked, Follow) and self._round is not None and isinstance(self._round.asked, Follow)
            if self._number >= limits.MAX_ROUNDS and not follows:
                raise RoomError("room.rounds", most=limits.MAX_ROUNDS)
            if not follows:
                self._number += 1
            self._keep_pair()
            self._round = Open(self._number, asked, [0] * len(asked.options))
            self._version += 1
            return self._number

    def close(self) -> None:
        """No more answers."""
        with self._lock:
            if self._round is not None and self._round.phase == "open":
                self._round.phase = "closed"
                self._version += 1

    def open_again(self) -> None:
        """Answers are taken again; never once it is revealed."""
        with self._lock:
            if self._round is not None and self._round.phase == "closed":
                self._round.phase = "open"
                self._version += 1

    def reveal(self, ids: Mapping[str, int] | None = None) -> None:
        """Show what came and how all did; ``ids`` are the tokens of typed words, by ``tally.key``. Once a round."""
        with self._lock:
            at = self._round
            if at is None or at.phase == "revealed" or isinstance(at.asked, Follow):
                return
            at.phase = "revealed"
            self._version += 1
            if not isinstance(at.asked, Guess):
                return
            at.ids = {word: token.id for word, token in at.let.items() if token} | dict(ids or {})
            at.scored = scored(at.asked, list(at.answers.values()), at.hands, at.ids)
            if at.scored is not None:
                self._totals = self._totals.with_(at.scored)
            for who, answer in at.answers.items():
                if who in self._members:
                    self._members[who].bits += gain(at.asked, answer) or 0.0
                    self._members[who].hits += int(hit(at.asked, answer, at.ids))

    def let(self, word: str, token: Candidate | None) -> None:
        """Show a typed word from now on, as ``token`` where it is one that can come next."""
        with self._lock:
            if self._round is not None and key(word) in self._round.typed():
                self._round.refused.discard(key(word))
                self._round.let[key(word)] = token
                self._version += self._round.phase == "revealed"

    def refuse(self, word: str) -> None:
        """Show a typed word to nobody, and ask no more."""
        with self._lock:
            if self._round is not None and key(word) in self._round.typed():
                self._round.let.pop(key(word), None)
                self._round.refused.add(key(word))
                self._version += self._round.phase == "revealed"

    def raise_hands(self, place: int, count: int) -> None:
        """Note a show of hands for one option, in a class without devices; not for chips."""
        with self._lock:
            at = self._round
            if at is None or at.phase == "revealed" or not 0 <= place < len(at.hands):
                return
            if not (isinstance(at.asked, Guess) and at.asked.how == "chips"):
                at.hands[place] = min(max(count, 0), limits.MAX_HANDS)

    def show_names(self, wanted: bool) -> None:
        """Whether the best three are named after a guess."""
        with self._lock:
            if wanted != self._names:
                self._names, self._version = wanted, self._version + 1

    def remove(self, name: str) -> None:
        """Send whoever is called so out, with their answer."""
        with self._lock:
            for who in [who for who, member in self._members.items() if member.name == name]:
                del self._members[who]
                if self._round is not None:
                    self._round.answers.pop(who, None)
                self._version += 1

    def end(self) -> None:
        """It is over: all that anybody said is forgotten."""
        with self._lock:
            self._ended = True
            self._members.clear()
            self._round = None
            self._pairs.clear()
            self._version += 1

    def pairs(self) -> list[dict[str, Any]]:
        """What the class prefers, one object for each vote that was no tie: TRL's names, and the votes."""
        with self._lock:
            return [*self._pairs, *(self._round.pair() if self._round else ())]

    def names(self) -> list[str]:
        """Who is there."""
        with self._lock:
            return sorted(member.name for member in self._members.values())

    def typed(self) -> list[str]:
        """All words that were typed in this round, for their tokens to be found."""
        with self._lock:
            return sorted(self._round.typed()) if self._round else []

    def snapshot(self, now: float) -> Snapshot:
        """All that the teacher's page shows."""
        with self._lock:
            at = self._round
            queue = at.queue() if at else ()
            return Snapshot(
                self.code, self.id, self._version, len(self._members), self._number, at.asked if at else None,
                at.phase if at else "open", at.tally() if at else None, queue, len(at.refused) if at else 0,
                at.scored if at else None, self._totals, self._best(), self._names, len(self.pairs()),
                max(0.0, self.born + limits.LIFETIME - now),
            )  # fmt: skip

    # inside: the lock is held

    def _must_go_on(self) -> None:
        if self._ended:
            raise RoomError("room.ended")

    def _member(self, token: str) -> bytes:
        who = _digest(token)
        if who not in self._members:
            raise RoomError("room.stranger")
        return who

    def _best(self) -> tuple[tuple[str, float, int], ...]:
        if not self._names:
            return ()
        order = sorted(self._members.values(), key=lambda member: (-member.bits, -member.hits, member.name))
        return tuple(
            (member.name, member.bits, member.hits) for member in order[:BEST] if member.bits > 0 or member.hits
        )

    def _keep_pair(self) -> None:
        self._pairs += self._round.pair() if self._round else []


def _digest(token: str) -> bytes:
    """Of a token: looked up by it, nothing of the token can be told from how long that takes."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
