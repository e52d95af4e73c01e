"""The simulation of many visitors against what queues are known to do."""

from __future__ import annotations

import math

import pytest

from benchmarks import capacity
from benchmarks.__main__ import PARTS
from benchmarks.capacity import Habit, Replica, needed, p95, saturation

ALWAYS = Habit(keys=1e9, pace=1.0, reading=1e-9)  # who never stops: keys come as a Poisson stream
TWICE = {1: [0.01], 2: [0.012], 4: [0.016], 8: [0.024]}  # a batch costs 8 ms and 2 ms for each


@pytest.mark.parametrize("load", [0.3, 0.7])
def test_one_queue_waits_as_pollaczek_and_khinchine_say(load: float) -> None:
    """M/D/1: with service s and load r the mean time in the system is s + s r / (2 (1 - r))."""
    service = 0.01
    visitors = round(load / service)  # of one key a second each
    waits = Replica(visitors, {1: [service]}, 1, ALWAYS, 3).run(600.0)
    expected = service + service * load / (2 * (1 - load))
    assert sum(waits) / len(waits) == pytest.approx(expected, rel=0.05)
    assert len(waits) == pytest.approx(600 * visitors, rel=0.05)


def test_a_visitor_types_as_often_as_the_habit_says() -> None:
    habit = Habit(keys=20, pace=2, reading=20)
    assert habit.rate == pytest.approx(20 / 30)
    waits = Replica(200, {1: [1e-6]}, 1, habit, 5).run(300.0)
    assert len(waits) == pytest.approx(200 * habit.rate * 300, rel=0.05)


def test_times_between_two_sizes_lie_between_them() -> None:
    replica = Replica(0, TWICE, 8, Habit(), 1)
    assert [replica._time(count) for count in (1, 3, 6, 8, 9)] == pytest.approx([0.01, 0.014, 0.02, 0.024, 0.024])


def test_a_replica_saturates_at_its_best_batch() -> None:
    assert saturation(TWICE, 8) == pytest.approx(8 / 0.024)
    assert saturation(TWICE, 1) == pytest.approx(100)
    waits = Replica(1000, TWICE, 8, ALWAYS, 1).run(10.0)  # three times what it can do
    done = sum(1 for wait in waits) - 1000 * 10
    assert abs(done) < 500  # every key is counted, those that were not answered too
    assert max(waits) > 5


def test_as_many_replicas_as_needed_and_not_one_more() -> None:
    habit = Habit()
    found = {count: needed(count, TWICE, batch=8, habit=habit, seconds=20) for count in (50, 2_000)}
    for count, replicas in found.items():
        assert p95(count, replicas, TWICE, batch=8, habit=habit, seconds=20) <= capacity.BAR
        if replicas > 1:
            assert p95(count, replicas - 1, TWICE, batch=8, habit=habit, seconds=20) > capacity.BAR
    assert found[50] == 1
    assert found[2_000] >= math.floor(2_000 * habit.rate / saturation(TWICE, 8))
    assert needed(2_000, TWICE, batch=1, habit=habit, seconds=20) > found[2_000]


def test_each_row_is_of_times_that_were_measured_here() -> None:
    (one,) = capacity.rows(repeats=2, visitors=[40], model="small")
    assert one.met is not None
    assert one.ours >= 1
    assert "saturates at" in one.note
    assert "capacity" in PARTS
