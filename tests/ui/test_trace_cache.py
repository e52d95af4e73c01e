"""Traces that visitors share: bounded, and each finds their last one again while they are at work."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.language_model import LanguageModel
from gptviz.ui import trace_cache
from gptviz.ui.trace_cache import IDLE, TraceCache


class Clock:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def filled(lm: LanguageModel, **bounds: Any) -> tuple[TraceCache, Clock, int]:
    """A cache in which ten visitors have typed a text each; and the bytes of one trace."""
    clock = Clock()
    one = lm.trace((1, 2, 3)).nbytes
    cache = TraceCache(clock=clock, **{name: times * one for name, times in bounds.items()})
    for visitor in range(10):
        cache.trace(lm, (visitor + 1, 2, 3), who=str(visitor))
    return cache, clock, one


def test_the_last_trace_of_everybody_at_work_is_found_again(tiny_lm: LanguageModel) -> None:
    """Though there is room for two only: the next key goes on from it."""
    cache, _, _ = filled(tiny_lm, usual=2, most=100)
    for visitor in range(10):
        again = cache.trace(tiny_lm, (visitor + 1, 2, 3, 4), near=(visitor + 1, 2, 3), who=str(visitor))
        assert again.start == 3


def test_who_has_been_away_gives_the_memory_back(tiny_lm: LanguageModel) -> None:
    cache, clock, one = filled(tiny_lm, usual=2, most=100)
    assert cache.nbytes == 10 * one
    clock.now = IDLE + 1
    cache.trace(tiny_lm, (20, 2, 3), who="late")
    assert cache.nbytes <= 2 * one


def test_where_nobody_comes_any_more_it_is_given_back_too(tiny_lm: LanguageModel) -> None:
    """It is looked through again for as long as it holds more than usual, once at a time."""
    clock, planned = Clock(), []
    one = tiny_lm.trace((1, 2, 3)).nbytes
    cache = TraceCache(2 * one, 100 * one, clock, later=lambda seconds, then: planned.append((seconds, then)))
    for visitor in range(10):
        cache.trace(tiny_lm, (visitor + 1, 2, 3), who=str(visitor))
    assert len(planned) == 1
    for _ in range(3):
        seconds, then = planned.pop()
        clock.now += seconds + 0.1
        then()
        assert (cache.nbytes <= 2 * one) == (clock.now > IDLE)
        if not planned:
            break
    assert cache.nbytes <= 2 * one
    assert planned == []
    cache.trace(tiny_lm, (1, 2, 3), who="0")
    assert planned == []  # there is nothing to wait for


def test_a_server_has_its_bound_whoever_is_at_work(tiny_lm: LanguageModel) -> None:
    """There is room for half of those who come round in turn: each of the first half finds theirs in every round."""
    cache, _, one = filled(tiny_lm, usual=2, most=5)
    assert cache.nbytes <= 5 * one
    for more in ((4,), (4, 5), (4, 5, 6)):
        for visitor in range(10):
            before = (visitor + 1, 2, 3, *more[:-1])
            found = cache.trace(tiny_lm, (*before, more[-1]), near=before, who=str(visitor))
            assert found.start == (len(before) if visitor < 5 else 0)
    assert cache.nbytes <= 5 * one


def test_memory_is_given_back_once_nobody_is_at_it(tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at each key, where the next one wants it again."""
    given: list[float] = []
    monkeypatch.setattr(trace_cache, "_WORTH_TRIMMING", 1)
    monkeypatch.setattr(trace_cache, "give_back", lambda: given.append(clock.now))
    clock, planned = Clock(), []
    cache = TraceCache(0, 2**30, clock, later=lambda seconds, then: planned.append((seconds, then)))
    for end in range(4, 20):
        cache.trace(tiny_lm, (1, end, 3), who="a")
    assert (given, len(planned)) == ([], 1)
    seconds, then = planned.pop()
    clock.now += seconds
    then()
    assert given == [clock.now]


def test_the_same_text_is_read_once_for_all(tiny_lm: LanguageModel) -> None:
    cache = TraceCache()
    assert cache.trace(tiny_lm, (1, 2), who="a") is cache.trace(tiny_lm, (1, 2), who="b")


@given(
    st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(0, 5), min_size=1, max_size=6)), max_size=30),
    st.integers(0, 6), st.integers(0, 12),
)  # fmt: skip
def test_what_is_held_is_what_is_counted(tiny_lm: LanguageModel, said: list[tuple[int, list[int]]], usual: int,
                                         most: int) -> None:  # fmt: skip
    """Whatever is typed by whom: the bytes are those of all stores, each once, and of forgotten ones none."""
    one, last = tiny_lm.trace((1, 2, 3)).nbytes, dict[int, tuple[int, ...]]()
    cache = TraceCache(usual * one, most * one, later=lambda seconds, then: None)
    for visitor, ids in said:
        near, last[visitor] = last.get(visitor, ()), tuple(ids)
        assert cache.trace(tiny_lm, tuple(ids), near=near, who=str(visitor)).ids == tuple(ids)
        stores = {id(kept.trace.store): kept.trace.store for kept in cache._traces.values()}
        assert cache.nbytes == cache.size() == sum(store.nbytes for store in stores.values())
    cache.forget(tiny_lm)
    assert cache.nbytes == 0
