"""The Redis in which several processes keep their rooms: each a text with the name of its edition, and how it is found.

A text is replaced only by whoever knows the edition that stands there (compare and set, in a script that Redis carries
out as one), so nothing that another process has written is ever lost. All of it is gone when the room's time is up.
What goes wrong between here and there is a RoomError; the next call tries again.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, Literal, NamedTuple, TypeVar

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from gptviz.errors import ConfigError, RoomError

PREFIX = "{gptviz-room-1}:"  # one slot of a cluster; another number where what is written changes
TIMEOUT = 2.0  # seconds that one answer may take
REST = 0.5  # seconds for which a lost Redis is not asked again
AFTER = 60  # seconds for which all processes may see that a room is over

_log = logging.getLogger("gptviz")
_R = TypeVar("_R")

_FETCH = """
local edition = redis.call('HGET', KEYS[1], 'edition')
if not edition then return {} end
if edition == ARGV[1] then return {edition} end
return {edition, redis.call('HGET', KEYS[1], 'text')}
"""
_OPEN = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 'many' end
if redis.call('EXISTS', KEYS[2]) == 1 then return 'taken' end
redis.call('ZADD', KEYS[1], ARGV[1] + ARGV[3], ARGV[4])
redis.call('SET', KEYS[2], ARGV[4], 'EX', ARGV[3])
redis.call('SET', KEYS[3], ARGV[4], 'EX', ARGV[3])
redis.call('HSET', KEYS[4], 'edition', ARGV[5], 'text', ARGV[6])
redis.call('EXPIRE', KEYS[4], ARGV[3])
return 'open'
"""
_REPLACE = """
if redis.call('HGET', KEYS[1], 'edition') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'edition', ARGV[2], 'text', ARGV[3])
if ARGV[4] ~= '' then
  redis.call('ZREM', KEYS[2], ARGV[4])
  redis.call('DEL', KEYS[3], KEYS[4])
  redis.call('EXPIRE', KEYS[1], ARGV[5])
end
return 1
"""


class Found(NamedTuple):
    """What stands there: the name of its edition, and the text where it is another than the one asked about."""

    edition: str
    text: str | None


class Names(NamedTuple):
    """By what a room is found, beside its id."""

    id: str
    code: str  # as ``words.plain`` has it
    teacher: str  # the digest of the teacher's token


class Store:
    """The rooms' texts in one Redis, ``url`` as its library takes it: ``redis://user:password@host:port/0``."""

    def __init__(self, url: str) -> None:
        self._redis = client(url)
        self._fetch = self._redis.register_script(_FETCH)
        self._open = self._redis.register_script(_OPEN)
        self._replace = self._redis.register_script(_REPLACE)
        self._rests_until = 0.0
        self.lost = False  # whether the last call got no answer

    def open(self, names: Names, text: str, *, now: float, lifetime: float, most: int
             ) -> tuple[Literal["open", "taken", "many"], str]:  # fmt: skip
        """(whether it is open now, else why not: the code is another room's, or there are ``most``; its edition)."""
        keys = [f"{PREFIX}all", *_doors(names), _key(names.id)]
        edition = secrets.token_hex(8)
        args: list[str | float] = [now, most, int(lifetime), names.id, edition, text]
        return self._ask(lambda: self._open(keys, args)), edition

    def fetch(self, id_: str, edition: str = "") -> Found | None:
        """What is there of a room of which ``edition`` is known; None: it is over."""
        return _found(self._ask(lambda: self._fetch([_key(id_)], [edition])))

    def fetch_all(self, known: Sequence[tuple[str, str]]) -> list[Found | None]:
        """The same of many rooms, (id, edition) each, in one go."""

        def ask() -> list[Any]:
            pipe = self._redis.pipeline(transaction=False)
            for id_, edition in known:
                self._fetch([_key(id_)], [edition], client=pipe)
            return pipe.execute()

        return [_found(one) for one in self._ask(ask)]

    def replace(self, names: Names, edition: str, text: str, *, over: bool) -> str | None:
        """The new edition's name; None where ``edition`` stands there no longer. One that is ``over`` is not found."""
        fresh = secrets.token_hex(8)
        keys = [_key(names.id), f"{PREFIX}all", *_doors(names)]
        args: list[str | float] = [edition, fresh, text, names.id if over else "", AFTER]
        return fresh if self._ask(lambda: self._replace(keys, args)) else None

    def id_of(self, door: Literal["code", "teacher"], name: str) -> str | None:
        """The room that is found by that."""
        found: str | None = self._ask(lambda: self._redis.get(f"{PREFIX}{door}:{name}"))
        return found

    def ids(self) -> list[str]:
        """Every room that is open."""
        return list(self._ask(lambda: self._redis.zrange(f"{PREFIX}all", 0, -1)))

    def _ask(self, call: Callable[[], Any]) -> Any:
        if monotonic() < self._rests_until:
            raise RoomError("room.store")
        try:
            found = call()
        except (RedisError, OSError) as error:
            if not self.lost:
                _log.warning("The rooms' Redis does not answer: %s", error)
            self.lost, self._rests_until = True, monotonic() + REST
            raise RoomError("room.store") from None
        if self.lost:
            _log.warning("The rooms' Redis answers again.")
        self.lost = False
        return found


def client(url: str) -> Redis:
    """What speaks with it; it connects at its first call.

    Raises ConfigError for what is no address of a Redis; its sentence says nothing of a password in it.
    """
    try:
        return Redis.from_url(url, decode_responses=True, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT,
                              retry=Retry(NoBackoff(), 1))  # fmt: skip
    except ValueError:
        raise ConfigError("config.redis") from None


def _key(id_: str) -> str:
    return f"{PREFIX}room:{id_}"


def _doors(names: Names) -> list[str]:
    return [f"{PREFIX}code:{names.code}", f"{PREFIX}teacher:{names.teacher}"]


def _found(answer: list[Any]) -> Found | None:
    return Found(answer[0], answer[1] if len(answer) > 1 else None) if answer else None
