"""A room's state as JSON: read again it is the same, whatever was asked and answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gptviz.errors import RoomError
from gptviz.room import Follow, Probe, Room, Vote, stored
from gptviz.room.rounds import Round
from gptviz.room.shared import _read
from tests.room.rooms import TOKENS, guess, room

ROUNDS: tuple[tuple[Round, list[dict[str, Any]]], ...] = (
    (guess(4), [{"pick": 0}, {"pick": 3}, {"word": "Zoë — “房”"}, {"word": "moon"}, {"word": "rude"}]),
    (guess(1, "chips"), [{"chips": [5, 0, 0, 14]}, {"chips": [0, 0, 0, 0]}]),
    (Vote("Once\ud800", " upon\udfff", " more", "small"), [{"pick": 1}, {"pick": 1}, {"pick": 0}]),
    (Probe("Is it blue?", ("yes", "no"), 1), [{"pick": 0}]),
    (Probe("Is it?", ("yes", "no")), []),
    (Follow("Heads", "/heads?p=The+cat", "The cat"), []),
)


def played(asked: Round, answers: list[dict[str, Any]], *, told: bool) -> Room:
    """A room in which that was asked and answered."""
    here = room()
    here.start(Vote("before", "a", "b", "small"))
    here.raise_hands(1, 3)
    here.close()
    number = here.start(asked)
    for answer in answers:
        here.answer(here.join("zh").token, number, answer)
    here.let("moon", TOKENS[4])
    here.let("zoë — “房”", None)
    here.refuse("rude")
    here.raise_hands(0, 2)
    here.show_names(True)
    here.close()
    if told:
        here.reveal({"sofa": 2})
    return here


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize(("asked", "answers"), ROUNDS, ids=[f"{asked.kind}{i}" for i, (asked, _) in enumerate(ROUNDS)])
def test_what_is_written_is_read_again(asked: Round, answers: list[dict[str, Any]], told: bool) -> None:
    here = played(asked, answers, told=told)
    text = stored.write(here._state)
    assert text.isascii()
    again = Room(stored.read(text), here.teacher_token)
    assert again._state == here._state
    assert (again.snapshot(7.0), again.public(), again.pairs()) == (here.snapshot(7.0), here.public(), here.pairs())
    assert again.is_teacher(here.teacher_token)
    assert not again.is_teacher("")


def test_no_token_is_in_it() -> None:
    here = room()
    member = here.join("en")
    text = stored.write(here._state)
    assert member.token not in text
    assert here.teacher_token not in text


@pytest.mark.parametrize("change", [{"members": [["zz", "x", 0, 0]]}, {"round": {"number": 1}}, {"teacher": 1},
                                    {"more": 1}, {"totals": [1] * 9}, None])  # fmt: skip
def test_what_another_edition_wrote_is_refused_in_words(change: dict[str, Any] | None) -> None:
    told = json.loads(stored.write(room()._state))
    text = "{" if change is None else json.dumps(told | change)
    with pytest.raises(RoomError) as found:
        _read(text)
    assert "Redis" in found.value.say("en")
