"""How many replicas carry how many visitors: times of next-token requests recorded here, visitors simulated with them.

A visitor types in bursts, two keys a second, and reads in between; each key is a request. Visitors stay with a replica
(``gptviz.serving.replicas`` hashes how their text begins), so replicas have queues of their own, and of many it is
enough to simulate some. A replica is one process with one thread on a core of the machine that this runs on: it takes
all that wait, up to a batch, and needs as long for them as was recorded for so many. Costs are cores' only, without
what stands before the replicas; the price of a core is an assumption.
"""

from __future__ import annotations

import math
import random
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import torch

from benchmarks.table import Row, Target
from benchmarks.timing import lacking

VISITORS = (300, 3_000, 100_000)
SIZES = (1, 2, 4, 8, 16, 32)  # requests computed together
BAR = 0.3  # seconds: p95 from key to answer
PRICE = 0.04  # dollars for a core and an hour, as clouds ask for one without a contract
_SOME = 5  # replicas that stand for all of them
_LENGTHS = (20, 80)  # characters of a text being typed
Times = Mapping[int, Sequence[float]]  # by size of the batch: seconds that it took


@dataclass(frozen=True)
class Habit:
    """How a visitor types: ``keys`` on the average at ``pace`` keys a second, then so many seconds of reading."""

    keys: float = 20.0
    pace: float = 2.0
    reading: float = 20.0

    @property
    def rate(self) -> float:
        """Keys a second of one visitor, reading included."""
        return self.keys / (self.keys / self.pace + self.reading)


def recorded(model: str, repeats: int) -> dict[int, list[float]]:
    """Times of next-token requests of growing texts on one thread, by how many are computed together."""
    from gptviz.catalogue import load
    from gptviz.serving.limits import Limits
    from gptviz.serving.metrics import Metrics
    from gptviz.serving.service import Service

    threads, chance = torch.get_num_threads(), random.Random(7)
    torch.set_num_threads(1)
    try:
        service = Service(load(model), Limits(), Metrics())
        found: dict[int, list[float]] = {}
        for size in SIZES:
            texts = [_letters(chance, chance.randrange(*_LENGTHS)) for _ in range(size)]
            service.next([{"text": text} for text in texts])
            found[size] = []
            for _ in range(repeats):
                texts = [text + _letters(chance, 1) for text in texts]
                begun = perf_counter()
                service.next([{"text": text, "top": 20} for text in texts])
                found[size].append(perf_counter() - begun)
        return found
    finally:
        torch.set_num_threads(threads)


def _letters(chance: random.Random, count: int) -> str:
    return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz    ", k=count))


class Replica:
    """One replica and its visitors, for a while."""

    def __init__(self, visitors: int, times: Times, batch: int, habit: Habit, seed: int) -> None:
        import simpy

        self._env, self._chance, self._times, self._batch = simpy.Environment(), random.Random(seed), times, batch
        self._habit, self._sizes = habit, sorted(times)
        self._queue: list[float] = []  # when each request came
        self._came = self._env.event()
        self.waits: list[float] = []
        self._env.process(self._serve())
        for _ in range(visitors):
            self._env.process(self._visit())

    def run(self, seconds: float) -> list[float]:
        """How long each request waited for its answer; those who still wait at the end count as far as they came."""
        self._env.run(until=seconds)
        return self.waits + [seconds - came for came in self._queue]

    def _visit(self) -> Generator[Any, Any, None]:
        """Types and reads in turn, and begins anywhere in that."""
        habit, chance = self._habit, self._chance
        typing = habit.keys / habit.pace
        if chance.random() > typing / (typing + habit.reading):
            yield self._env.timeout(chance.expovariate(1 / habit.reading))
        while True:
            for _ in range(max(1, round(chance.expovariate(1 / habit.keys)))):
                yield self._env.timeout(chance.expovariate(habit.pace))
                self._queue.append(self._env.now)
                if not self._came.triggered:
                    self._came.succeed()
            yield self._env.timeout(chance.expovariate(1 / habit.reading))

    def _serve(self) -> Generator[Any, Any, None]:
        while True:
            if not self._queue:
                self._came = self._env.event()
                yield self._came
            taken, self._queue = self._queue[: self._batch], self._queue[self._batch :]
            yield self._env.timeout(self._time(len(taken)))
            self.waits += [self._env.now - came for came in taken]

    def _time(self, count: int) -> float:
        """One of the recorded times; between two sizes, as far between."""
        above = next((size for size in self._sizes if size >= count), self._sizes[-1])
        below = max((size for size in self._sizes if size <= count), default=above)
        high, low = self._chance.choice(self._times[above]), self._chance.choice(self._times[below])
        return low if above == below else low + (high - low) * (count - below) / (above - below)


def p95(visitors: int, replicas: int, times: Times, *, batch: int, habit: Habit, seconds: float = 60.0) -> float:
    """Seconds within which 95 of 100 keys are answered, visitors being spread over replicas by chance."""
    chance, some = random.Random(visitors), min(replicas, _SOME)
    waits: list[float] = []
    for number in range(some):
        mean = visitors / replicas  # of a replica's share the spread is that of a Poisson number, but for few
        share = round(chance.gauss(mean, math.sqrt(mean * (1 - 1 / replicas))))
        waits += Replica(max(0, share), times, batch, habit, number).run(seconds)
    waits.sort()
    return waits[int(0.95 * (len(waits) - 1))] if waits else 0.0


def needed(visitors: int, times: Times, *, batch: int, habit: Habit, bar: float = BAR, seconds: float = 60.0) -> int:
    """The fewest replicas with which p95 is within the bar."""
    low = max(1, math.floor(visitors * habit.rate / saturation(times, batch)))  # fewer cannot keep up
    high = low
    while p95(visitors, high, times, batch=batch, habit=habit, seconds=seconds) > bar:
        low, high = high + 1, high * 2
    while low < high:
        middle = (low + high) // 2
        if p95(visitors, middle, times, batch=batch, habit=habit, seconds=seconds) > bar:
            low = middle + 1
        else:
            high = middle
    return high


def saturation(times: Times, batch: int) -> float:
    """Requests a second that one replica answers at the most."""
    return max(size / (sum(each) / len(each)) for size, each in times.items() if size <= batch)


def rows(repeats: int = 60, visitors: Sequence[int] = VISITORS, model: str = "bilingual") -> Iterator[Row]:
    """A row for each number of visitors: replicas, against as many as are needed where each request is done alone."""
    what = "replicas of one core for {count:,} visitors, p95 within {bar:g} s, simulated"
    targets = [Target(what.format(count=count, bar=BAR), "each request alone", 1.0, "replicas") for count in visitors]
    missing = lacking("simpy")
    if missing:
        yield from (target.not_measured(missing) for target in targets)
        return
    times, habit = recorded(model, repeats), Habit()
    most, alone = saturation(times, SIZES[-1]), saturation(times, 1)
    for count, target in zip(visitors, targets, strict=True):
        together = needed(count, times, batch=SIZES[-1], habit=habit)
        single = needed(count, times, batch=1, habit=habit)
        wait = p95(count, together, times, batch=SIZES[-1], habit=habit)
        note = (f"{count * habit.rate:,.0f} keys/s, p95 {1000 * wait:.0f} ms, ${together * PRICE:,.2f} an hour; one "
                f"saturates at {most:.0f} keys/s, alone at {alone:.0f}")  # fmt: skip
        yield target.measured(together, single, note=note)
