"""The rules of a room: who may answer what, when, how often; what phones know; what ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gptviz.errors import RoomError
from gptviz.room import Follow, Probe, Room, Rooms, Vote, limits
from gptviz.room.limits import FEW
from gptviz.room.tally import few
from tests.room.rooms import LABELS, TOKENS, Clock, guess, room

PROBE = Probe("Does it look things up?", ("yes", "no", "sometimes", "who knows"), 1)
VOTE = Vote("Once", " upon a time", " more", "small")


def refused(key: str, call: Any, *args: Any) -> None:
    with pytest.raises(RoomError) as found:
        call(*args)
    assert found.value.key == key
    assert found.value.say("en") != f"error.{key}"
    assert found.value.say("zh") != found.value.say("en")


def test_an_answer_counts_once_and_may_be_changed_until_the_round_is_closed() -> None:
    here = room()
    number = here.start(guess())
    one, other = here.join("en"), here.join("zh")
    for place in (0, 1, 1, 2):  # from two tabs, or pressed again
        here.answer(one.token, number, {"pick": place})
    here.answer(other.token, number, {"pick": 0})
    tally = here.snapshot(0.0).tally
    assert tally is not None
    assert ([row.votes for row in tally.rows], tally.answered) == ([1, 0, 1, 0], 2)
    here.close()
    refused("room.late", here.answer, one.token, number, {"pick": 0})
    here.open_again()
    here.answer(one.token, number, {"pick": 3})
    here.reveal()
    here.open_again()  # no way back from there
    refused("room.late", here.answer, one.token, number, {"pick": 0})
    assert here.mine(one.token)["answer"] == {"pick": 3}


def test_an_answer_to_an_earlier_round_is_late() -> None:
    here = room()
    member = here.join("en")
    refused("room.late", here.answer, member.token, 1, {"pick": 0})  # nothing is asked
    first = here.start(guess())
    here.start(guess())
    refused("room.late", here.answer, member.token, first, {"pick": 0})


def test_who_comes_back_is_who_they_were() -> None:
    here = room()
    first = here.join("en")
    assert here.join("zh", first.token) == first
    assert here.snapshot(0.0).members == 1
    assert here.join("en", "forged").token != "forged"
    refused("room.stranger", here.answer, "forged", 1, {"pick": 0})
    refused("room.stranger", here.mine, "")


def test_nothing_of_the_answer_is_told_before_it_is_revealed() -> None:
    here = room()
    number = here.start(guess(4, "pick"))
    member = here.join("en")
    here.answer(member.token, number, {"word": "moon"})
    for told in (here.public(), here.close() or here.public()):
        assert not {"actual", "model", "rows"} & told.keys()
        assert "moon" not in json.dumps(told)
        assert "0.5" not in json.dumps(told)
    here.reveal({"moon": 4})
    told = here.public()
    assert (told["actual"]["label"], told["model"]) == ("moon", [token.p for token in TOKENS[:4]])
    assert here.mine(member.token)["hit"] is True
    assert here.snapshot(0.0).totals.class_hits == 1.0


def test_a_typed_word_is_shown_only_once_the_teacher_has_let_it() -> None:
    here = room()
    number = here.start(guess())
    for word in ("Sofa", "sofa ", "rude", "MAT"):
        here.answer(here.join("en").token, number, {"word": word})
    shown = here.snapshot(0.0)
    assert shown.tally is not None
    assert [(wait.word, wait.times) for wait in shown.queue] == [("sofa", 2), ("rude", 1), ("mat", 1)]
    assert (shown.tally.waiting, [row.votes for row in shown.tally.rows]) == (4, [0, 0, 0, 0])
    here.let("sofa", None)
    here.refuse("rude")
    here.let("mat", TOKENS[0])  # a candidate's token: it counts for that one
    here.let("never typed", None)
    shown = here.snapshot(0.0)
    assert shown.tally is not None
    assert shown.queue == ()
    assert [(row.label, row.votes) for row in shown.tally.rows] == [
        *zip(LABELS, (1, 0, 0, 0), strict=False),
        ("sofa", 2),
    ]
    assert shown.tally.waiting == 1  # what was refused counts, and is not shown
    here.reveal()
    assert "rude" not in json.dumps(here.public())


def test_two_words_of_one_token_are_one_row() -> None:
    here = room()
    number = here.start(guess())
    for word in ("moon", "moonlight"):
        here.answer(here.join("en").token, number, {"word": word})
        here.let(word, TOKENS[4])
    tally = here.snapshot(0.0).tally
    assert tally is not None
    assert [(row.label, row.votes) for row in tally.rows[4:]] == [("moon", 2)]


def test_counts_below_five_of_a_probe_are_nowhere() -> None:
    here = room()
    number = here.start(PROBE)
    for place in [1] * 9 + [0] * 2:
        here.answer(here.join("en").token, number, {"pick": place})
    here.reveal()
    told = here.public()
    assert [row["votes"] for row in told["rows"]] == [None, None, None, None]  # 2, 0 and 0: so the 9 goes too
    assert told["right"] == 1
    assert [row["share"] for row in told["rows"]] == [0.0] * 4


@given(st.lists(st.integers(0, 40), min_size=1, max_size=4))
def test_no_hidden_count_can_be_worked_out(counts: list[int]) -> None:
    """What is hidden is at least five together, or all is hidden; nothing below five is ever shown."""
    hidden = few(counts)
    assert all(counts[place] >= FEW for place in range(len(counts)) if place not in hidden)
    if hidden and len(hidden) < len(counts):
        assert sum(counts[place] for place in hidden) >= FEW


def test_votes_are_kept_as_pairs() -> None:
    here = room()
    members = [here.join("en") for _ in range(3)]
    number = here.start(VOTE)
    for member, side in zip(members, (1, 1, 0), strict=True):
        here.answer(member.token, number, {"pick": side})
    assert here.pairs() == []  # still open
    here.close()
    pair = {"prompt": "Once", "chosen": " more", "rejected": " upon a time", "chosen_votes": 2, "rejected_votes": 1,
            "model": "small"}  # fmt: skip
    assert here.pairs() == [pair]
    number = here.start(VOTE)
    here.answer(members[0].token, number, {"pick": 0})
    here.raise_hands(1, 1)
    here.reveal()
    here.start(PROBE)
    assert here.pairs() == [pair]  # a tie is no preference


def test_a_class_without_devices_raises_hands() -> None:
    here = room()
    here.start(guess(2))
    here.raise_hands(2, 7)
    here.raise_hands(0, -5)
    here.raise_hands(1, 10**9)
    here.raise_hands(99, 1)
    tally = here.snapshot(0.0).tally
    assert tally is not None
    assert [row.votes for row in tally.rows] == [0, limits.MAX_HANDS, 7, 0]
    here.raise_hands(1, 3)
    here.reveal()
    assert here.snapshot(0.0).totals.class_hits == pytest.approx(0.7)
    here.reveal()
    assert here.snapshot(0.0).totals.rounds == 1  # scored once


def test_totals_and_names() -> None:
    here = room()
    good, bad = here.join("en"), here.join("en")
    for _ in range(2):
        number = here.start(guess(0, "chips"))
        here.answer(good.token, number, {"chips": [19, 0, 0, 0]})
        here.answer(bad.token, number, {"chips": [0, 19, 0, 0]})
        here.reveal()
    totals = here.snapshot(0.0).totals
    assert (totals.rounds, totals.chip_rounds, totals.model_bits, totals.model_hits) == (2, 2, 2.0, 2)
    assert totals.class_hits == 1.0
    assert here.public()["best"] == []  # nobody asked for names
    here.show_names(True)
    assert here.public()["best"] == [good.name]
    here.remove(good.name)
    assert here.public()["best"] == []
    refused("room.stranger", here.answer, good.token, number, {"chips": [0, 0, 0, 0]})


def test_following_has_nothing_to_answer_and_its_link_stays_here() -> None:
    here = room()
    number = here.start(Follow("Attention", "/attention?p=The+cat&layer=2", "The cat"))
    assert here.start(Follow("Heads", "/heads", "The cat")) == number  # the teacher goes on: no new round
    assert here.public()["link"] == "/heads"
    refused("room.answer", here.answer, here.join("en").token, number, {"pick": 0})
    for link in ("https://elsewhere", "//elsewhere", "javascript:1", "/" + "x" * limits.MAX_LINK):
        refused("room.link", lambda link=link: Follow("x", link, ""))


@pytest.mark.parametrize("said", [
    {}, {"pick": 4}, {"pick": -1}, {"pick": True}, {"pick": 1.0}, {"pick": "1"}, {"pick": None}, {"chips": [1, 2]},
    {"word": 3}, {"word": ""}, {"word": " \u200b\x00 "}, {"word": "x" * 25}, {"word": "x" * 10**6}, {"word": ["a"]},
])  # fmt: skip
def test_what_is_no_answer_is_refused(said: dict[str, Any]) -> None:
    here = room()
    number = here.start(guess())
    with pytest.raises(RoomError):
        here.answer(here.join("en").token, number, said)
    assert here.counts() == (0, 1)


@pytest.mark.parametrize("chips", [[20, 0, 0, 0], [1, 2, 3], [1, 2, 3, "4"], [True, 0, 0, 0], [10**30, 0, 0, 0], "abcd",
                                   [-1, 0, 0, 0], None])  # fmt: skip
def test_what_are_no_chips_is_refused(chips: Any) -> None:
    here = room()
    number = here.start(guess(0, "chips"))
    with pytest.raises(RoomError):
        here.answer(here.join("en").token, number, {"chips": chips})


def test_a_word_is_kept_without_what_cannot_be_seen() -> None:
    here = room()
    number, member = here.start(guess()), here.join("en")
    here.answer(member.token, number, {"word": "  so\u0000fa\u202e  \ud800bed "})
    assert here.mine(member.token)["answer"] == {"word": "so fa bed"}


def test_a_room_is_full_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_MEMBERS", 2)
    here = room()
    first = here.join("en")
    here.join("en")
    refused("room.full", here.join, "en")
    assert here.join("en", first.token) == first  # who is in comes back


def test_rooms_are_found_by_code_and_end_by_button_or_by_time() -> None:
    clock = Clock()
    rooms = Rooms(clock)
    one, other = rooms.open("en"), rooms.open("zh")
    assert rooms.by_code(one.code.upper().replace(" ", "-")) is one
    assert rooms.by_code(other.code.replace(" ", "")) is other
    assert rooms.of_teacher(one.teacher_token) is one
    assert rooms.of_teacher("forged") is None
    member = one.join("en")
    one.end()
    refused("room.code", rooms.by_code, one.code)
    refused("room.ended", one.answer, member.token, 1, {"pick": 0})
    assert one.public()["ended"] is True
    clock.now = limits.LIFETIME - 1
    assert rooms.by_id(other.id) is other
    clock.now = limits.LIFETIME
    refused("room.ended", rooms.by_id, other.id)
    assert other.ended
    assert rooms.of_teacher(other.teacher_token) is None


def test_there_are_only_so_many_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ROOMS", 2)
    rooms = Rooms(Clock())
    first = rooms.open("en")
    rooms.open("en")
    refused("room.many", rooms.open, "en")
    first.end()
    assert rooms.open("en") is not first


class Lesson(RuleBasedStateMachine):
    """Whoever does what in whatever order: each member counts at most once, and nothing secret gets out."""

    def __init__(self) -> None:
        super().__init__()
        self.room = room()
        self.tokens = ["", "forged"]
        self.expected: dict[str, int] = {}
        self.number, self.open = 0, False

    @rule(back=st.booleans())
    def join(self, back: bool) -> None:
        token = self.tokens[-1] if back else ""
        joined = self.room.join("en", token)
        if joined.token not in self.tokens:
            self.tokens.append(joined.token)

    @rule(which=st.integers(0, 30), place=st.integers(-1, 5), behind=st.integers(0, 1))
    def answer(self, which: int, place: int, behind: int) -> None:
        token = self.tokens[which % len(self.tokens)]
        try:
            self.room.answer(token, self.number - behind, {"pick": place})
        except RoomError:
            return
        assert self.open
        assert behind == 0
        assert 0 <= place < 4
        assert token not in ("", "forged")
        self.expected[token] = place

    @rule()
    def start(self) -> None:
        self.number, self.open, self.expected = self.room.start(guess()), True, {}

    @rule()
    def close(self) -> None:
        self.room.close()
        self.open = False

    @rule()
    def reveal(self) -> None:
        self.room.reveal()
        self.open = False

    @invariant()
    def each_counts_once(self) -> None:
        tally = self.room.snapshot(0.0).tally
        counts = [row.votes for row in tally.rows] if tally else [0] * 4
        assert counts == [list(self.expected.values()).count(place) for place in range(4)]
        assert self.room.counts()[0] == len(self.expected)
        assert self.room.teacher_token not in json.dumps(self.room.public())


TestLesson = Lesson.TestCase
TestLesson.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)


def test_a_room_keeps_no_token() -> None:
    """What is in memory of a member would not let anybody speak as them."""
    here: Room = room()
    member = here.join("en")
    assert member.token not in repr(vars(here))
