"""What is worked out once for an object, and goes when that goes."""

from __future__ import annotations

import gc
import weakref

from gptviz.ui.kept import Kept


class Owner:
    pass


def test_it_is_made_once_for_each_owner_and_goes_with_it() -> None:
    made: list[int] = []

    def make(owner: Owner) -> list[int]:
        made.append(id(owner))
        return [len(made)]

    kept: Kept[Owner, list[int]] = Kept(make)
    one, other = Owner(), Owner()
    first = kept.of(one)
    assert kept.of(one) is first
    assert kept.of(other) == [2]
    assert made == [id(one), id(other)]
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None
    assert kept.of(other) == [2]
