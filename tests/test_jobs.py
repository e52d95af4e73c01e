"""Work in slices: nothing is lost, at least one piece a slice, and no more than there is time for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from gptviz.jobs import Slice, Task


def ticking(step: float) -> Iterator[float]:
    """A clock that each look moves on."""
    return (step * i for i in count())


@given(st.lists(st.integers(), max_size=30), st.floats(0, 10), st.floats(0.1, 5))
def test_all_comes_in_order_whatever_the_slices(items: list[int], seconds: float, step: float) -> None:
    task = Task(iter(items))
    found: list[int] = []
    slices = 0
    while not task.finished:
        clock = ticking(step)
        before = len(found)
        found.extend(task.go_on(Slice(seconds, clock.__next__)))
        slices += 1
        assert len(found) > before or task.finished
        assert len(found) - before <= seconds / step + 1
    assert found == items
    assert slices <= len(items) + 1


def test_tasks_share_a_slice() -> None:
    """The first takes the time; the second still does one piece."""
    one, other = Task(iter(range(100))), Task(iter(range(100)))
    clock = ticking(1.0)
    slice_ = Slice(3.5, clock.__next__)
    assert list(one.go_on(slice_)) == [0, 1, 2, 3]
    assert list(other.go_on(slice_)) == [0]


def test_a_slice_is_cut_short_where_others_wait() -> None:
    """But not below a quarter of it: else much work would be nothing but turns."""
    pressed = [True]
    clock = ticking(1.0)
    task = Task(iter(range(100)))
    assert list(task.go_on(Slice(20.0, clock.__next__, lambda: pressed[0]))) == [0, 1, 2, 3, 4]
    pressed[0] = False
    assert len(list(task.go_on(Slice(20.0, clock.__next__, lambda: pressed[0])))) == 20


def test_nothing_is_worked_out_ahead() -> None:
    """A slice that is over asks for no further record: it may cost a forward pass."""
    asked: list[int] = []

    def records() -> Iterator[int]:
        for i in range(5):
            asked.append(i)
            yield i

    task = Task(records())
    assert list(task.go_on(Slice(0.0, lambda: 1.0))) == [0]
    assert asked == [0]
