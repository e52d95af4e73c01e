"""``gptviz serve --ray``: the same application before replicas of the model, by Ray Serve, on this machine or on many.

The application stays as it is, keys and limits with it, in the process that listens; only what it asks is another
worker. Ray's own proxy is left out: here it would be one more process for every request to go through. A replica that
dies takes nothing along: each request says all that it is made of, so it is asked again of another, and a text that
was being written is written again to the same token, from the same seed, before it goes on.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from hashlib import blake2b
from importlib.util import find_spec
from typing import Any, NamedTuple

from gptviz.errors import ConfigError, GptvizError, ServiceError
from gptviz.i18n import FALLBACK
from gptviz.remote import wire
from gptviz.serving.gathered import Gathered, report
from gptviz.serving.limits import Limits
from gptviz.serving.metrics import Metrics
from gptviz.serving.workers import About, Body, Events, Here

NAME = "gptviz"
PACKAGES = ("ray", "mmh3")  # the second hashes sessions onto replicas
INSTALL = 'pip install "ray[serve]==2.60.0" "mmh3==5.3.1"'  # what the extra "ray" names, wherever gptviz came from
_ROUTER = "ray.serve.experimental.consistent_hash_router:ConsistentHashRouter"
#: Seconds before a request whose replica died is asked again; after the last it is given up.
PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
_BEGIN = 12  # characters, or a third as many ids, of a text by which its replica is chosen: what is typed after stays
_WAIT = 0.002  # seconds for which a next-token request waits for others to be computed with
_HEALTH = 2.0  # seconds between two looks at whether a replica lives
_STORE = 2**27  # bytes for what processes share: nothing here is large enough to go that way
_QUIET = {"log_level": "WARNING", "enable_access_log": False}
Answer = tuple[str, Any]  # "ok" and what it is, or "error", (its JSON, its status)


class Scale(NamedTuple):
    """How many replicas there may be; as many are kept as the queue asks for."""

    least: int = 1
    most: int = 1
    queue: int = 8  # requests of one replica, waiting or computed, beyond which one more is wanted


def check_installed() -> None:
    """Raise ConfigError, which says how to get it, where Ray is not installed."""
    if any(find_spec(name) is None for name in PACKAGES):
        raise ConfigError("serve.ray", command=INSTALL)


class Replica:
    """One of them: the worker that ``gptviz serve`` has, in a process of Ray's."""

    def __init__(self, model: str, weights: str, limits: Limits) -> None:
        from gptviz import catalogue

        lm = catalogue.load(model, weights=weights)
        lm.trace([0]).logits_at(-1)  # the first pass sets up torch's kernels: not on a request
        self._here, self._begun, self._metrics = Here(lm, limits), False, Metrics()
        report(_own_name(), self._metrics.text)

    async def about(self) -> tuple[str, str]:
        """Name and fingerprint of the model."""
        return self._here.about.name, self._here.about.fingerprint

    async def ask(self, kind: str, body: Body) -> Answer:
        """One request."""
        here = await self._there()
        return await _said(here.ask(kind, body))

    async def next_together(self, bodies: list[Body]) -> list[Answer]:
        """Next-token requests of many visitors, in one forward pass."""
        here = await self._there()
        self._metrics.batch.labels("next").observe(len(bodies))  # Ray has put them together, not the engine
        how, found = await _said(here.together("next", bodies))
        if how == "error":
            return [(how, found)] * len(bodies)
        return [_error(one) if isinstance(one, GptvizError) else ("ok", one) for one in found]

    async def generate(self, body: Body) -> Any:
        """A text as it is written."""
        here = await self._there()
        try:
            async for event in here.stream(body):
                yield "ok", event
        except GptvizError as error:
            yield _error(error)

    async def _there(self) -> Here:
        if not self._begun:
            self._begun = True
            await self._here.begin(self._metrics)
        return self._here


def _own_name() -> str:
    from ray import serve

    return str(serve.get_replica_context().replica_id.unique_id)


async def _said(asked: Awaitable[Any]) -> Answer:
    try:
        return "ok", await asked
    except GptvizError as error:
        return _error(error)


def _error(error: GptvizError) -> Answer:
    """An error of ours goes as the wire has it; any other is raised, and Ray tells of it."""
    return "error", (wire.error_json(error, FALLBACK), getattr(error, "status", 400))


class Replicas:
    """A worker whose work is done by replicas."""

    def __init__(self, model: str, weights: str, limits: Limits, scale: Scale) -> None:
        check_installed()
        self._model, self._weights, self._limits, self._scale = model, weights, limits, scale
        self.about = About(model, "")
        self._handle: Any = None
        self._again: Any = None
        self._gathered = Gathered()

    def start(self) -> None:
        """Ray, where none runs yet (``RAY_ADDRESS`` names one that does), and the replicas; waits until they stand."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # else it tells its makers that it is used
        import ray
        from ray import serve

        own: dict[str, Any] = {} if os.environ.get("RAY_ADDRESS") else {
            "num_cpus": max(self._scale.most, os.cpu_count() or 1), "object_store_memory": _STORE}  # fmt: skip
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="error", namespace=NAME, **own)
        logging.getLogger("ray.serve").setLevel(logging.ERROR)  # standard error is for our lines of JSON
        serve.start(proxy_location="Disabled", logging_config=_QUIET)
        self._handle = serve.run(deployment(self._scale, self._limits).bind(
            self._model, self._weights, self._limits), name=NAME, route_prefix=None)  # fmt: skip
        self.about = About(*self._handle.about.remote().result(timeout_s=60))

    def stop(self) -> None:
        """Away with all of it."""
        import ray
        from ray import serve

        serve.shutdown()
        ray.shutdown()

    async def begin(self, metrics: Metrics) -> None:
        self._again = metrics.again
        metrics.watch("gptviz_replicas", "Replicas whose figures are here.", lambda: self._gathered.count)

    def figures(self) -> Mapping[str, bytes]:
        return self._gathered.look()

    async def end(self) -> None:
        """What runs elsewhere is ended by ``stop``, once nothing is answered any more."""

    async def ask(self, kind: str, body: Body) -> Any:
        handle = self._handle.options(session_id=session(body))

        async def once() -> Any:
            return _good(await (handle.next_together.remote(body) if kind == "next" else handle.ask.remote(kind, body)))

        return await self._retried(once)

    async def stream(self, body: Body) -> Events:
        """Each token once: of a text that is begun again, those that have been told already are passed over."""
        handle = self._handle.options(session_id=session(body), stream=True)
        told, tries = 0, 0
        while True:
            answers = handle.generate.remote(body)
            try:
                seen = 0
                async for answer in answers:
                    event = _good(answer)
                    seen += 1
                    if seen > told:
                        told = seen
                        yield event
                return
            except _lost() as error:
                tries += 1
                await self._pause(tries, error)
            finally:
                answers.cancel()

    async def _retried(self, once: Callable[[], Awaitable[Any]]) -> Any:
        for tries in range(1, len(PAUSES) + 2):
            try:
                return await once()
            except _lost() as error:
                await self._pause(tries, error)
        raise AssertionError("a pause too many has raised")

    async def _pause(self, tries: int, error: Exception) -> None:
        """Before the next try. Raises ServiceError after the last."""
        if tries > len(PAUSES):
            raise ServiceError("serve.busy", status=503, seconds=1) from error
        self._again.inc()
        await asyncio.sleep(PAUSES[tries - 1])


def deployment(scale: Scale, limits: Limits) -> Any:
    """The replicas, as Ray Serve is told of them."""
    from ray import serve
    from ray.serve.config import AutoscalingConfig, RequestRouterConfig

    class Model(Replica):
        """Next-token requests that come within a moment go together."""

        next_together = serve.batch(max_batch_size=limits.batch, batch_wait_timeout_s=_WAIT)(Replica.next_together)

    replicas: dict[str, Any] = {"num_replicas": scale.most}
    if scale.least < scale.most:
        growing = AutoscalingConfig(min_replicas=scale.least, max_replicas=scale.most, upscale_delay_s=5,
                                    target_ongoing_requests=scale.queue, downscale_delay_s=120)  # fmt: skip
        replicas = {"autoscaling_config": growing}
    made = serve.deployment(
        name=NAME, max_ongoing_requests=limits.waiting, health_check_period_s=_HEALTH, health_check_timeout_s=5,
        logging_config=_QUIET,
        graceful_shutdown_timeout_s=10, ray_actor_options={"num_cpus": 1},  # and so one thread: Ray sees to that
        request_router_config=RequestRouterConfig(request_router_class=_ROUTER), **replicas,
    )  # fmt: skip
    return made(Model)


def session(body: Mapping[str, Any]) -> str:
    """By what a request finds its replica: how its text begins. What is typed after that is found read as far as there,
    whoever typed it; nothing of the text is in it."""
    text = body.get("text") or (body.get("texts") or [""])[0]
    begin = text[:_BEGIN] if text else (body.get("ids") or (body.get("rows") or [[]])[0])[: _BEGIN // 3]
    return blake2b(repr(begin).encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()


def _good(answer: Answer) -> Any:
    """What was answered. Raises the error that it tells of."""
    how, found = answer
    if how == "ok":
        return found
    said, status = found
    raise wire.error_of(said, status)


def _lost() -> tuple[type[Exception], ...]:
    """What it means that a replica is gone or going; a fault of our own code is none of it, and is not asked again."""
    from ray.exceptions import ActorDiedError, ActorUnavailableError, RayActorError, WorkerCrashedError
    from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError

    return (RayActorError, ActorDiedError, ActorUnavailableError, WorkerCrashedError, BackPressureError,
            DeploymentUnavailableError)  # fmt: skip
