"""A room's state as JSON, for a store that several processes share; read back, it is the same state.

Lists where there are many of a kind, so that 300 members and their answers are written and read in a few milliseconds.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from gptviz.room.records import Member, Open, State, Totals
from gptviz.room.rounds import Actual, Answer, Candidate, Chips, Follow, Guess, Pick, Probe, Round, Vote, Word
from gptviz.room.tally import Scored

_KINDS: dict[str, type[Answer]] = {"pick": Pick, "word": Word, "chips": Chips}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def write(state: State) -> str:
    """The state as JSON of ASCII characters: half a character travels as its number."""
    told = {
        "code": state.code, "lang": state.lang, "born": state.born, "id": state.id, "teacher": state.teacher.hex(),
        "members": [[who.hex(), member.name, member.bits, member.hits] for who, member in state.members.items()],
        "round": _open(state.round) if state.round else None, "number": state.number, "version": state.version,
        "names": state.names, "totals": state.totals, "pairs": state.pairs, "ended": state.ended,
    }  # fmt: skip
    return json.dumps(told, allow_nan=False, separators=(",", ":"))


def read(text: str) -> State:
    """The state again. Raises ValueError, KeyError, TypeError or AttributeError for what ``write`` has not written."""
    told = json.loads(text)
    return State(**told | {
        "teacher": bytes.fromhex(told["teacher"]),
        "members": {bytes.fromhex(who): Member(*member) for who, *member in told["members"]},
        "round": _opened(told["round"]) if told["round"] else None, "totals": Totals(*told["totals"]),
    })  # fmt: skip


def _open(at: Open) -> dict[str, Any]:
    return {
        "number": at.number, "kind": at.asked.kind, "asked": asdict(at.asked), "hands": at.hands, "phase": at.phase,
        "answers": [[who.hex(), _NAMES[type(answer)], answer[0]] for who, answer in at.answers.items()],
        "let": at.let, "refused": sorted(at.refused), "ids": at.ids, "scored": at.scored,
    }  # fmt: skip


def _opened(told: dict[str, Any]) -> Open:
    return Open(
        told["number"], _asked(told["kind"], told["asked"]), told["hands"], told["phase"],
        {bytes.fromhex(who): _answer(kind, said) for who, kind, said in told["answers"]},
        {word: Candidate(*token) if token else None for word, token in told["let"].items()}, set(told["refused"]),
        told["ids"], Scored(*told["scored"]) if told["scored"] else None,
    )  # fmt: skip


def _answer(kind: str, said: Any) -> Answer:
    return Chips(tuple(said)) if kind == "chips" else _KINDS[kind](said)


def _asked(kind: str, told: dict[str, Any]) -> Round:
    if kind == "guess":
        token, rank, drawn = told["actual"]
        many = {name: tuple(Candidate(*one) for one in told[name]) for name in ("candidates", "top")}
        return Guess(**told | many | {"actual": Actual(Candidate(*token), rank, drawn), "ids": tuple(told["ids"])})
    if kind == "probe":
        return Probe(**told | {"choices": tuple(told["choices"])})
    return Vote(**told) if kind == "vote" else Follow(**told)
