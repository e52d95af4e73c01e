"""Figures for whoever watches over the service, as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST as TYPE
from prometheus_client.registry import Collector

from gptviz.serving.gathered import merged

__all__ = ["TYPE", "Metrics"]

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)


class Metrics:
    """Those of one service."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)  # resident memory, processor time, open files
        self.requests = Counter("gptviz_requests", "Requests answered.", ["kind", "status"], registry=self._registry)
        self.seconds = Histogram("gptviz_request_seconds", "From the first byte of a request to the last of its "
                                 "answer.", ["kind"], buckets=_SECONDS, registry=self._registry)  # fmt: skip
        self.waited = Histogram("gptviz_queue_seconds", "How long requests waited to be computed.", ["kind"],
                                buckets=_SECONDS, registry=self._registry)  # fmt: skip
        self.batch = Histogram("gptviz_batch_size", "Requests computed together.", ["kind"],
                               buckets=(1, 2, 4, 8, 16, 32, 64), registry=self._registry)  # fmt: skip
        self.tokens = Counter("gptviz_tokens", "Tokens asked to be read, and written.", ["kind"],
                              registry=self._registry)  # fmt: skip
        self.lookups = Counter("gptviz_cache_lookups", "Traces and readers that were continued, or made anew.",
                               ["cache", "found"], registry=self._registry)  # fmt: skip
        self.again = Counter("gptviz_asked_again", "Requests asked of another replica, as theirs was gone.",
                             registry=self._registry)  # fmt: skip

    def watch(self, name: str, about: str, value: Callable[[], float]) -> None:
        """A figure that is looked at when somebody asks."""
        Gauge(name, about, registry=self._registry).set_function(value)

    def text(self, others: Mapping[str, bytes] | None = None) -> bytes:
        """All of them, with those of ``others`` by their names, where some compute elsewhere."""
        if not others:
            return generate_latest(self._registry)
        every = CollectorRegistry()
        every.register(_Every(self._registry, others))
        return generate_latest(every)


class _Every(Collector):
    def __init__(self, own: CollectorRegistry, others: Mapping[str, bytes]) -> None:
        self._own, self._others = own, others

    def collect(self) -> Iterator[Metric]:
        return merged(self._own.collect(), self._others)
