"""A language model over HTTP: the same answers as the model has where it runs, bit for bit in float32.

``gptviz.load("http://host:port")`` returns one. Traces and readers go on from what the engine keeps of them, so that a
key costs one token there too; what it has let go of, it computes again. Weights stay where they are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import numpy.typing as npt

from gptviz import chat
from gptviz.errors import EditError, GptvizError, PromptError, ServiceError
from gptviz.gpt.carried import CARRIED, CarriedTrace, carried, skeleton
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.editing import EditLike, checked
from gptviz.gpt.quantization import Error
from gptviz.gpt.trace import Trace
from gptviz.language_model import Array, Matrix, Prefixes, checked_ids
from gptviz.remote.client import TIMEOUT, Client
from gptviz.remote.wire import Arrays
from gptviz.tokens.tokenizer import FILES, Tokenizer

if TYPE_CHECKING:
    from gptviz.decoding import Step, Strategy

_ROWS = 64  # scored in one request


def load(url: str, *, timeout: float = TIMEOUT, key: str | None = None) -> RemoteModel:
    """The model that the engine at ``url`` serves. Raises ServiceError where there is none."""
    return RemoteModel(url, Client(url, timeout=timeout, key=key))


def answers(url: str) -> bool:
    """Whether an engine is up there."""
    return Client(url, key="").answers()


class RemoteModel:
    """A language model that computes elsewhere."""

    def __init__(self, url: str, client: Client) -> None:
        self.name, self.client = url.rstrip("/"), client  # a link, and gptviz.load, find it by this name
        try:
            about = client.json("/v1/models")["models"][0]
            self.served, self.fingerprint = str(about["name"]), str(about["fingerprint"])
            self.config = GPTConfig.from_json(about["config"])
            self.weights, self.n_tokens = str(about["weights"]), int(about["n_tokens"])
            self.rounding = None if about["rounding"] is None else Error(**about["rounding"])
            self.chat_template: str | None = about["chat_template"]
            self.tokenizer = _tokenizer(*client.arrays("/v1/tokenizer"))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            if isinstance(error, GptvizError) and isinstance(error, ServiceError):
                raise
            raise ServiceError("remote.answer", status=502) from error
        self._skeleton = skeleton(self.config)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.name!r}, {self.served!r}, {self.config.n_parameters / 1e6:.1f} M parameters)"
        )

    @property
    def away(self) -> bool:
        """Whether the engine did not answer a moment ago."""
        return self.client.away

    def answers(self) -> bool:
        """Whether the engine is up, asked at once."""
        return self.client.answers()

    def card(self) -> dict[str, Any]:
        """How the model was made and how it did, as the engine's ``/v1/card`` says it."""
        found: dict[str, Any] = self.client.json("/v1/card")
        return found

    def ids(self, prompt: str | Sequence[int]) -> list[int]:
        return checked_ids(self, prompt)

    def chat(self, messages: Sequence[chat.Message], *, add_generation_prompt: bool = True) -> list[int]:
        return chat.encode(self.tokenizer, self.chat_template, messages, add_generation_prompt=add_generation_prompt)

    def rows(self, matrix: Matrix, ids: Sequence[int]) -> Array:
        _stay()

    def products(self, matrix: Matrix, vectors: npt.ArrayLike) -> Array:
        _stay()

    def trace(self, prompt: str | Sequence[int], *, reuse: Trace | None = None, edits: Sequence[EditLike] = ()
              ) -> Trace:  # fmt: skip
        ids = tuple(self.ids(prompt))
        if edits:
            checked(edits, self.config)
            raise EditError("remote.edits")
        before = self._before(reuse)
        if before is not None and before.ids == ids:
            return before
        body = {"ids": ids, "arrays": CARRIED} | ({} if before is None else {"reuse": _asks(before).handle})
        header, arrays = self.client.arrays("/v1/trace", body)
        start, handle = header.get("start"), header.get("trace")
        known = 0 if before is None else _common(ids, before.ids)
        if type(start) is not int or not 0 <= start <= known or not isinstance(handle, str):
            raise ServiceError("remote.answer", status=502)
        source = _Asks(self.client, ids, handle)
        return carried(self._skeleton, self.tokenizer, ids, start, arrays, source, before if start else None)

    def _before(self, reuse: Trace | None) -> CarriedTrace | None:
        """The earlier trace, where it is of this engine."""
        if isinstance(reuse, CarriedTrace) and isinstance(reuse.source, _Asks) and reuse.source.client is self.client:
            return reuse
        return None

    def score(self, rows: npt.ArrayLike, *, start: int = 1) -> tuple[Array, npt.NDArray[np.int64]]:
        array = np.asarray(rows, dtype=np.int64)
        for row in array:
            self.ids(row[:-1]), self.ids(row[1:])
        parts = [array[at : at + _ROWS].tolist() for at in range(0, len(array), _ROWS)]
        said = [self.client.arrays("/v1/score", {"rows": part, "start": start})[1] for part in parts]
        try:
            return np.concatenate([one["logprobs"] for one in said]), np.concatenate([one["ranks"] for one in said])
        except (KeyError, ValueError) as error:
            raise ServiceError("remote.answer", status=502) from error

    def next_logits(self, prompts: Sequence[str | Sequence[int]], *, known: Prefixes | None = None) -> Array:
        rows = [self.ids(prompt) for prompt in prompts]
        found = [RemoteReader(self.client, self.config.block_size, tuple(row)).logits[0] for row in rows]
        return np.stack(found) if found else np.empty((0, self.config.vocab_size), np.float32)

    def score_each(self, texts: Sequence[str | Sequence[int]]) -> list[tuple[Array, npt.NDArray[np.int64]]]:
        nothing = np.empty((1, 0), np.float32), np.empty((1, 0), np.int64)
        rows = [self.ids(text) for text in texts]
        found = [self.score([row]) if len(row) > 1 else nothing for row in rows]
        return [(logprobs[0], ranks[0]) for logprobs, ranks in found]

    def prefill(self, prompt: str | Sequence[int], *, batch: int = 1) -> RemoteReader:
        reader = RemoteReader(self.client, self.config.block_size, tuple(self.ids(prompt)))
        return reader if batch == 1 else reader.select([0] * batch)

    def generate(self, prompt: str | Sequence[int], strategy: Strategy | None = None, *, max_new_tokens: int = 40,
                 seed: int = 0) -> Iterator[Step]:  # fmt: skip
        from gptviz import decoding

        return decoding.generate(self, prompt, strategy or decoding.Sample(), max_new_tokens=max_new_tokens, seed=seed)


class _Asks:
    """The rest of one trace: a ``Source``."""

    def __init__(self, client: Client, ids: tuple[int, ...], handle: str) -> None:
        self.client, self.handle, self._ids = client, handle, ids

    def logits(self, start: int, stop: int) -> Array:
        return self._array("logits", rows=[start, stop])

    def tap(self, name: str, layer: int, rows: tuple[int, int] | None = None) -> Array:
        return self._array(name, layer=layer, **({} if rows is None else {"rows": rows}))

    def attention(self, layer: int) -> Arrays:
        return self.client.arrays("/v1/layer", {"layer": layer})[1]

    def _array(self, name: str, **asked: Any) -> Array:
        body = {"ids": self._ids, "arrays": [name], "reuse": self.handle, "whole": True, **asked}
        found = self.client.arrays("/v1/trace", body)[1].get(name)
        if found is None or found.dtype != np.float32:
            raise ServiceError("remote.answer", status=502)
        return found


class RemoteReader:
    """Where generation stands, as what was read and chosen since: all of it is said in each request."""

    def __init__(self, client: Client, block_size: int, ids: tuple[int, ...]) -> None:
        self._client, self._block_size, self._ids = client, block_size, ids
        self._moves: tuple[tuple[list[int], list[int]], ...] = ()
        self._rows: list[int] = [0]  # which of the rows of the last move these are
        self._read()

    @property
    def length(self) -> int:
        return len(self._ids) + len(self._moves)

    @property
    def full(self) -> bool:
        return self.length >= self._block_size

    @property
    def hidden(self) -> Array:
        return self._hidden[-1][:, -1]

    @property
    def hidden_all(self) -> Array:
        return np.concatenate(self._hidden, axis=1)

    def append(self, ids: Sequence[int]) -> None:
        if self.full:
            raise PromptError("prompt.too_long", tokens=self.length + 1, limit=self._block_size)
        self._moves = (*self._moves, (self._rows, [int(number) for number in ids]))
        self._rows = list(range(len(ids)))
        self._read()

    def select(self, rows: Sequence[int]) -> RemoteReader:
        chosen = object.__new__(RemoteReader)
        chosen._client, chosen._block_size, chosen._ids = self._client, self._block_size, self._ids
        chosen._moves, chosen._rows = self._moves, [self._rows[row] for row in rows]
        chosen._hidden = [chunk[list(rows)] for chunk in self._hidden]
        chosen.logits = self.logits[list(rows)]
        return chosen

    def _read(self) -> None:
        _, arrays = self._client.arrays("/v1/read", {"ids": self._ids, "moves": self._moves})
        wanted = ("logits", "hidden") if self._moves else ("logits", "hidden_all")
        found = [arrays.get(name) for name in wanted]
        if any(one is None or one.dtype != np.float32 or len(one) != len(self._rows) for one in found):
            raise ServiceError("remote.answer", status=502)
        self.logits: Array = arrays["logits"]
        if self._moves:
            self._hidden.append(arrays["hidden"][:, None])
        else:
            self._hidden: list[Array] = [arrays["hidden_all"]]


def _asks(trace: CarriedTrace) -> _Asks:
    assert isinstance(trace.source, _Asks)
    return trace.source


def _tokenizer(header: dict[str, Any], files: Arrays) -> Tokenizer:
    """The vocabulary in these files, of which only those are written that a vocabulary has."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            if name in FILES and data.dtype == np.uint8:
                (Path(folder) / name).write_bytes(data.tobytes())
        found = Tokenizer.load(folder)
    rows = header.get("vocab_size")
    if type(rows) is int and found.vocab_size < rows < 10**7:
        found.vocab_size = rows  # ids that only pad
    return found


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    for n, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return n
    return min(len(a), len(b))


def _stay() -> NoReturn:
    raise ServiceError("remote.weights", status=404)
