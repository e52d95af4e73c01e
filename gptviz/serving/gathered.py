"""The figures of replicas beside those of the process that listens: each replica puts its own where that one looks.

Ray has a place for short values that every process of a cluster reaches (``ray.experimental.internal_kv``); a handle
reaches one replica at a time, whichever that is, so nobody could be asked for all of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from time import monotonic, sleep

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

EVERY = 2.0  # seconds between two words of a replica
SILENT = 10.0  # seconds after which one that says the same is thought gone
_PLACE, _PREFIX = b"gptviz-figures", b"replica:"
_LISTENER = ("gptviz_requests", "gptviz_request_seconds", "gptviz_asked_again")  # which no replica counts


def report(name: str, figures: Callable[[], bytes]) -> threading.Thread:
    """From now on, put the figures of this replica there."""

    def say() -> None:
        from ray.experimental import internal_kv

        for turn in count():  # so that each word is another one, whatever the figures are
            said = b"# %d\n" % turn + figures()
            internal_kv._internal_kv_put(_PREFIX + name.encode(), said, namespace=_PLACE)
            sleep(EVERY)

    thread = threading.Thread(target=say, name="figures", daemon=True)
    thread.start()
    return thread


class Gathered:
    """What replicas have said, as long as they go on saying it."""

    def __init__(self) -> None:
        self._heard: dict[str, tuple[bytes, float]] = {}  # what was said, and when that was new

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._heard)

    def look(self) -> dict[str, bytes]:
        """The figures of each replica by its name."""
        from ray.experimental import internal_kv

        keys = internal_kv._internal_kv_list(_PREFIX, namespace=_PLACE)
        said = {key.removeprefix(_PREFIX).decode(): internal_kv._internal_kv_get(key, namespace=_PLACE) for key in keys}
        gone = self.hear({name: text for name, text in said.items() if text}, monotonic())
        for name in gone:
            internal_kv._internal_kv_del(_PREFIX + name.encode(), namespace=_PLACE)
        return {name: text for name, (text, _) in self._heard.items()}

    def hear(self, said: Mapping[str, bytes], now: float) -> list[str]:
        """Take in what lies there now; gives those of whom nothing new has been heard for too long."""
        heard = {name: self._heard.get(name, (b"", now)) for name in said}
        heard = {name: heard[name] if heard[name][0] == text else (text, now) for name, text in said.items()}
        self._heard = {name: word for name, word in heard.items() if now - word[1] <= SILENT}
        return [name for name in heard if name not in self._heard]


def merged(own: Iterable[Metric], others: Mapping[str, bytes]) -> Iterator[Metric]:
    """All as Prometheus wants it, one family of each name: ``own``, and those of replicas, labelled by whose they are.

    What only the listener counts is left out of theirs, and so is when each began.
    """
    found = {family.name: family for family in own}
    for name, text in sorted(others.items()):
        for family in text_string_to_metric_families(text.decode()):
            if family.name in _LISTENER or family.name.endswith("_created"):
                continue
            kept = found.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                kept.add_sample(sample.name, {**sample.labels, "replica": name}, sample.value)
    yield from found.values()
