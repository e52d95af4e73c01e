"""Loaded models that visitors share: none is taken away from somebody who looks at it, and there is a bound."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.errors import WeightsError
from gptviz.ui.shelf import Shelf

PATIENCE = 60.0  # seconds: other tests run beside this one


class Model:
    """Something that is loaded."""

    def __init__(self, name: str) -> None:
        self.name = name


class Room:
    """A shelf with visitors who come and go."""

    def __init__(self, most: int = 2, most_bytes: int | None = None, free: int | None = None) -> None:
        self.there: set[str] = set()
        self.loaded: list[str] = []
        self.gone: list[str] = []
        self.free = free
        self.shelf: Shelf[Model] = Shelf(
            "default", self.there.__contains__, lambda: most, lambda: most_bytes, lambda: self.free,
            lambda model: self.gone.append(model.name),
        )  # fmt: skip

    def take(self, who: str, name: str, size: int = 0) -> Model:
        self.there.add(who)

        def load() -> Model:
            self.loaded.append(name)
            return Model(name)

        return self.shelf.take(name, who, load, size=size)


def test_whoever_comes_later_gets_the_same_one() -> None:
    room = Room()
    assert room.take("anna", "a") is room.take("ben", "a")
    assert room.loaded == ["a"]


def test_one_that_somebody_looks_at_stays_and_who_asks_for_one_more_is_told() -> None:
    room = Room(most=2)
    first = room.take("anna", "a")
    room.take("ben", "b")
    room.take("carl", "default")
    with pytest.raises(WeightsError) as caught:
        room.take("carl", "c")
    assert caught.value.key == "weights.in_use"
    assert caught.value.values["names"] == "a, b"
    assert room.gone == []
    assert room.take("anna", "a") is first
    assert room.take("carl", "b").name == "b"  # what is there is for all


def test_room_is_made_of_what_nobody_looks_at_any_more_the_oldest_first() -> None:
    room = Room(most=2)
    room.take("anna", "a")
    room.take("ben", "b")
    room.there.clear()  # both have left
    room.take("carl", "c")
    assert (room.gone, "b" in room.shelf) == (["a"], True)
    room.take("dora", "d")
    assert room.gone == ["a", "b"]


def test_who_goes_on_to_another_model_gives_up_theirs() -> None:
    room = Room(most=1)
    room.take("anna", "a")
    room.take("anna", "b")
    assert room.gone == ["a"]
    room.take("ben", "b")
    with pytest.raises(WeightsError):
        room.take("anna", "c")  # ben looks at b
    room.take("ben", "default")
    room.take("anna", "c")
    assert room.gone == ["a", "b"]


def test_the_bundled_one_is_always_there_and_counts_as_none() -> None:
    room = Room(most=1, most_bytes=10)
    default = room.take("anna", "default", size=10**12)
    room.take("ben", "a", size=10)
    assert room.take("carl", "default") is default
    room.there.clear()
    room.take("dora", "b", size=5)
    assert room.gone == ["a"]
    assert room.take("dora", "default") is default


def test_memory_is_bounded_as_the_operator_says() -> None:
    room = Room(most=9, most_bytes=100)
    room.take("anna", "a", size=60)
    with pytest.raises(WeightsError) as caught:
        room.take("ben", "b", size=50)
    assert caught.value.key == "weights.in_use"
    with pytest.raises(WeightsError) as caught:
        room.take("ben", "huge", size=101)
    assert caught.value.key == "weights.over_limit"
    assert room.take("ben", "c", size=40).name == "c"
    room.there.discard("anna")
    room.take("dora", "d", size=60)
    assert room.gone == ["a"]


def test_what_a_page_still_holds_counts() -> None:
    """Let go of here, and not yet by a visitor who compares with it."""
    room = Room(most=9, most_bytes=100)
    held = room.take("anna", "a", size=60)
    room.take("anna", "default")
    room.take("ben", "b", size=50)
    assert room.gone == ["a"]
    with pytest.raises(WeightsError):
        room.take("carl", "c", size=50)
    del held
    assert room.take("carl", "c", size=50).name == "c"


def test_idle_ones_make_room_where_the_machine_is_full() -> None:
    room = Room(most=9, free=10)
    room.take("anna", "a", size=5)
    room.take("ben", "b", size=5)
    room.there.discard("anna")
    assert room.shelf.idle_bytes("ben") == 10
    assert room.shelf.idle_bytes("carl") == 5
    room.take("carl", "c", size=10)
    assert room.gone == []
    room.take("carl", "d", size=11)
    assert room.gone == ["a", "c"]  # and no sentence: who insists may try


def test_a_failed_load_leaves_nothing_behind_and_all_who_waited_hear_of_it() -> None:
    room, said = Room(most=1), list[str]()
    begun, going = threading.Event(), threading.Event()

    def fails() -> Model:
        begun.set()
        going.wait(PATIENCE)
        raise WeightsError("weights.no_folder", folder="x")

    def ask(who: str, load: Callable[[], Model]) -> None:
        try:
            room.shelf.take("a", who, load)
        except WeightsError as error:
            said.append(error.key)

    first = threading.Thread(target=ask, args=("anna", fails))
    first.start()
    begun.wait(PATIENCE)
    second = threading.Thread(target=ask, args=("ben", lambda: pytest.fail("loads twice")))
    second.start()
    while "ben" not in room.shelf._looks:
        time.sleep(0.001)
    going.set()
    first.join()
    second.join()
    assert said == ["weights.no_folder"] * 2
    assert "a" not in room.shelf
    assert room.take("carl", "a").name == "a"


def test_who_wants_another_does_not_wait_for_a_slow_one() -> None:
    room = Room(most=2)
    begun, going = threading.Event(), threading.Event()

    def slow() -> Model:
        begun.set()
        going.wait(PATIENCE)
        return Model("slow")

    thread = threading.Thread(target=lambda: room.shelf.take("slow", "anna", slow))
    room.there.add("anna")
    thread.start()
    begun.wait(PATIENCE)
    assert room.take("ben", "quick").name == "quick"
    going.set()
    thread.join()
    assert room.gone == []


_STEPS = st.lists(st.tuples(st.sampled_from("pqrs"), st.sampled_from(["default", *"abcde", "leaves"]),
                            st.integers(1, 60)), max_size=40)  # fmt: skip


@given(steps=_STEPS, most=st.integers(1, 3), most_bytes=st.none() | st.integers(40, 120))
def test_nobody_ever_loses_what_they_look_at(steps: list[tuple[str, str, int]], most: int,
                                             most_bytes: int | None) -> None:  # fmt: skip
    """Whoever comes, goes and asks, in any order; and no more is loaded than there may be."""
    room, looks, sizes = Room(most, most_bytes), dict[str, str](), dict[str, int]()
    for who, name, size in steps:
        if name == "leaves":
            room.there.discard(who)
            looks.pop(who, None)
            continue
        sizes[name] = size if name not in room.shelf else sizes[name]
        with suppress(WeightsError):
            assert room.take(who, name, size).name == name
            looks[who] = name
        assert all(looked in room.shelf for one, looked in looks.items() if one in room.there)
        held = [one for one in (*"abcde",) if one in room.shelf]
        assert len(held) <= most
        assert most_bytes is None or sum(sizes[one] for one in held) <= most_bytes
