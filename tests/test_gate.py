"""One picture at a time: in the order of arrival, nobody twice at once, and who gave way comes first."""

from __future__ import annotations

from threading import Event, Thread
from time import sleep

import pytest

from gptviz.jobs.gate import MOST_BEFORE_HEAVY, Gate

PATIENCE = 60.0  # seconds: other tests run beside this one


class OvertakenError(Exception):
    """What Streamlit raises, so to speak."""


def nothing() -> None:
    """The wish still stands."""


def until(found: list[str], gate: Gate, waiting: int) -> None:
    """Wait until so many stand in the queue."""
    for _ in range(30_000):
        if gate.waiting == waiting:
            return
        sleep(0.002)
    raise AssertionError(f"{gate.waiting} wait, {found} were served")


def test_visitors_are_served_in_the_order_in_which_they_came() -> None:
    gate, found, inside = Gate(), [], []

    def visit(who: str) -> None:
        with gate.turn(who, nothing):
            inside.append(who)
            assert len(inside) == 1
            found.append(who)
            sleep(0.002)
            inside.remove(who)

    threads = []
    with gate.turn("teacher", nothing):
        for n, who in enumerate("abcde", 1):
            threads.append(Thread(target=visit, args=(who,)))
            threads[-1].start()
            until(found, gate, n)
    for thread in threads:
        thread.join(PATIENCE)
    assert found == list("abcde")
    assert gate.waiting == 0


def test_who_was_overtaken_is_next_when_they_come_back() -> None:
    """Else one who types fast would go to the end of the queue with each key, and never see a picture."""
    gate, found = Gate(), []
    go = Event()

    def fast() -> None:
        with pytest.raises(OvertakenError), gate.turn("fast", overtaken):
            found.append("never")
        with gate.turn("fast", nothing):
            found.append("fast")

    def overtaken() -> None:
        go.wait(PATIENCE)  # the others queue up meanwhile
        raise OvertakenError

    def visit(who: str) -> None:
        with gate.turn(who, nothing):
            found.append(who)
            if who == "a":
                until(found, gate, 3)  # the fast one is back before the next is called

    threads = [Thread(target=fast)]
    threads[0].start()
    for n, who in enumerate("abc", 1):
        threads.append(Thread(target=visit, args=(who,)))
        threads[-1].start()
        until(found, gate, n)
    go.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert found == ["a", "fast", "b", "c"]


def test_typing_goes_before_heavy_work_which_goes_on_too() -> None:
    gate, found = Gate(), []

    def visit(who: str, heavy: bool) -> None:
        with gate.turn(who, nothing, heavy=heavy):
            found.append(who)

    threads = []
    with gate.turn("teacher", nothing):
        assert not gate.pressed
        for n, who in enumerate(["H", "I", *(f"t{i}" for i in range(MOST_BEFORE_HEAVY + 2))], 1):
            threads.append(Thread(target=visit, args=(who, n <= 2)))
            threads[-1].start()
            until(found, gate, n)
            assert gate.pressed == (n > 2)
            assert gate.sharing == min(n, 2)  # whose work is long, and who waits
    for thread in threads:
        thread.join(PATIENCE)
    first = [f"t{i}" for i in range(MOST_BEFORE_HEAVY)]
    rest = [f"t{i}" for i in range(MOST_BEFORE_HEAVY, MOST_BEFORE_HEAVY + 2)]
    assert found == [*first, "H", *rest, "I"]


def test_an_error_inside_leaves_the_gate_open() -> None:
    gate = Gate()
    with pytest.raises(ZeroDivisionError), gate.turn("a", nothing):
        _ = 1 / 0
    with gate.turn("b", nothing):
        assert gate.waiting == 0
