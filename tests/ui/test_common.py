"""Heavy measurements that all who wait for them share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gptviz.errors import ConfigError
from gptviz.jobs import Slice
from gptviz.ui.common import IDLE, MOST_OPEN, Board, Common

NOW = Slice(0.0)  # one record


class Bench:
    """Makes generators and counts them; the clock and what is to be done later are in its hands."""

    def __init__(self) -> None:
        self.made, self.ended, self.now = 0, 0, 0.0
        self.later: list[Callable[[], None]] = []
        self.board = Board(lambda: self.now, lambda seconds, then: self.later.append(then))

    def make(self) -> Iterator[int]:
        self.made += 1
        try:
            yield from range(4)
        finally:
            self.ended += 1


def test_two_visitors_share_one_task() -> None:
    bench = Bench()
    one, other = Common(bench.board), Common(bench.board)
    one.go_on(("a",), 4, bench.make, NOW)
    other.go_on(("a",), 4, bench.make, NOW)
    one.go_on(("a",), 4, bench.make, NOW)
    assert (one.records, other.records) == ([0, 1, 2], [0, 1])
    while one.open or other.open:
        one.go_on(("a",), 4, bench.make, NOW)
        other.go_on(("a",), 4, bench.make, NOW)
    assert one.records == other.records == [0, 1, 2, 3]
    assert (bench.made, bench.ended) == (1, 1)
    third = Common(bench.board)
    third.go_on(("a",), 4, bench.make, NOW)
    assert third.records == [0, 1, 2, 3]
    assert not third.open
    assert bench.made == 1


def test_what_nobody_waits_for_is_let_go_of() -> None:
    """Its generator is closed, and with it goes what it holds; who comes back begins anew."""
    bench = Bench()
    visitor = Common(bench.board)
    visitor.go_on(("a",), 4, bench.make, NOW)
    bench.now = IDLE / 2
    visitor.go_on(("a",), 4, bench.make, NOW)
    bench.now = IDLE
    bench.later.pop()()
    assert bench.ended == 0
    bench.now = 2 * IDLE
    bench.later.pop()()
    assert bench.ended == 1
    assert bench.later == []
    visitor.go_on(("a",), 4, bench.make, NOW)
    assert (visitor.records, visitor.open, bench.made) == ([0], True, 2)


def test_there_are_never_many_under_way() -> None:
    bench = Bench()
    visitors = [Common(bench.board) for _ in range(MOST_OPEN + 1)]
    for n, visitor in enumerate(visitors):
        visitor.go_on((n,), 4, bench.make, NOW)
    assert bench.made - bench.ended == MOST_OPEN


def test_an_error_is_told_to_all() -> None:
    bench = Bench()

    def broken() -> Iterator[int]:
        yield 1
        raise ConfigError("eval.empty", name="x")

    one, other = Common(bench.board), Common(bench.board)
    for visitor in (one, one, other):
        visitor.go_on(("a",), 4, broken, NOW)
    assert one.error is other.error is not None
    assert not one.open
    one.rest()
    assert (one.error, one.records, one.open) == (None, [], False)
