"""One model, asked: each endpoint's request as work for the engine. Everything here runs in the engine's threads."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gptviz.decoding import Step, Strategy, strategy_from_dict
from gptviz.decoding.compare import compare_steps
from gptviz.decoding.exchange import to_dict
from gptviz.decoding.parameters import MAX_NEW_TOKENS, SEED, TOP, USUAL
from gptviz.decoding.records import Recorder
from gptviz.errors import ConfigError, GptvizError, PromptError, ServiceError
from gptviz.language_model import LanguageModel, Prefixes
from gptviz.remote import wire
from gptviz.schema import shown
from gptviz.serving import answers
from gptviz.serving.bodies import ARRAYS, MOST_ROWS
from gptviz.serving.engine import Together, Work
from gptviz.serving.held import Readers, Traces
from gptviz.serving.limits import Limits
from gptviz.serving.metrics import Metrics

Body = Mapping[str, Any]
_USUAL_ARRAYS = ("pattern", "logprobs", "last_logits")
MOST_LAYER = 2**24  # bytes of one layer's attention, beyond which its weights stay here


class Service:
    """What is known of the model between requests, and how each is answered."""

    def __init__(self, lm: LanguageModel, limits: Limits, metrics: Metrics) -> None:
        self.lm, self.limits, self._metrics = lm, limits, metrics
        self.known, self.traces, self.readers = Prefixes(), Traces(lm, metrics), Readers(lm, metrics)
        self._vocabulary = b""
        self.works = {"generate": self.generate, "compare": self.compare, "trace": self.trace, "read": self.read,
                      "encode": self.encode, "layer": self.layer, "card": self.card, "models": self.models,
                      "tokenizer": self.tokenizer}  # fmt: skip
        metrics.watch("gptviz_prefix_hit_tokens", "Tokens that were not read again.", lambda: self.known.hits)
        metrics.watch("gptviz_prefix_miss_tokens", "Tokens that were read.", lambda: self.known.misses)
        metrics.watch("gptviz_kept_bytes", "Memory of what is kept of texts.",
                      lambda: self.known.nbytes + self.traces.nbytes)  # fmt: skip

    @property
    def together(self) -> Mapping[str, Together]:
        """What is computed together."""
        return {"next": self.next, "score": self.score}

    # ---- together

    def next(self, bodies: Sequence[Body]) -> list[Any]:
        """The next token of many texts, each read as far as it is new."""
        read = [self._read_or_error(body) for body in bodies]
        good = [ids for ids in read if isinstance(ids, list)]
        found = iter(self.lm.next_logits(good, known=self.known))
        return [
            ids if isinstance(ids, GptvizError)
            else answers.next_tokens(self.lm, ids, next(found), body.get("top", TOP.default))
            for ids, body in zip(read, bodies, strict=True)
        ]  # fmt: skip

    def score(self, bodies: Sequence[Body]) -> list[Any]:
        """Texts of many requests, each token by token."""
        read: list[list[list[int]] | GptvizError] = []
        for body in bodies:
            try:
                read.append(self._scored_ids(body))
            except GptvizError as error:
                read.append(error)
        found = iter(self.lm.score_each([ids for texts in read if isinstance(texts, list) for ids in texts]))
        said: list[Any] = []
        for texts in read:
            if isinstance(texts, GptvizError):
                said.append(texts)
            else:
                each = [answers.scored(self.lm, ids, *next(found)) for ids in texts]
                said.append({"model": self.lm.name, "texts": each})
        return said

    def _scored_ids(self, body: Body) -> list[list[int]]:
        texts = [self._ids(text) for text in body.get("texts", ())]
        total = sum(map(len, texts))
        if not texts:
            raise ConfigError("serve.one_of", names="texts, rows")
        if total > self.limits.scored:
            raise PromptError("prompt.too_long", tokens=total, limit=self.limits.scored)
        return texts

    # ---- one by one

    def rows(self, body: Body) -> Work:
        """Rows of one length, scored as ``LanguageModel.score`` does, as arrays."""
        rows = body["rows"]
        if "texts" in body:
            raise ConfigError("serve.one_of", names="texts, rows")
        if not rows or len({*map(len, rows)}) > 1 or not body.get("start", 1) < len(rows[0]):
            raise ConfigError("serve.rows")
        logprobs, ranks = self.lm.score(rows, start=body.get("start", 1))
        self._count(sum(map(len, rows)))
        return wire.pack({}, {"logprobs": logprobs, "ranks": ranks})
        yield

    def generate(self, body: Body) -> Work:
        """A text, token by token: a dict for each, and at last all of it."""
        seed, steps = body.get("seed", SEED.default), list[Step]()
        ids, strategy = self._prompt(body), self._strategy(body.get("strategy", "sample"))
        for found in self.lm.generate(ids, strategy, max_new_tokens=self._new_tokens(body), seed=seed):
            steps.append(found)
            self._metrics.tokens.labels("written").inc()
            yield answers.step(self.lm, found)
        return answers.written(self.lm, steps, seed)

    def compare(self, body: Body) -> Work:
        """Several strategies on one prompt, as ``gptviz compare --json`` writes it."""
        strategies = {name: self._strategy(said) for name, said in body["strategies"].items()}
        ids, asked = self._prompt(body), self._new_tokens(body)
        seed = body.get("seed", SEED.default)
        recorder = Recorder(self.lm, ids, strategies, max_new_tokens=asked, seed=seed)
        for name, found in compare_steps(self.lm, ids, strategies, max_new_tokens=asked, seed=seed):
            recorder.add(name, found)
            self._metrics.tokens.labels("written").inc()
            yield None
        return to_dict(recorder.run())

    def trace(self, body: Body) -> Work:
        """Arrays of one pass; with ``reuse``, of what is new since the trace of that handle."""
        names, layer, rows = body.get("arrays", _USUAL_ARRAYS), body.get("layer"), body.get("rows")
        ids = tuple(self._prompt(body))
        self._check_arrays(names, len(ids), layer, rows)
        handle, trace, continued = self.traces.trace(ids, body.get("reuse", ""))
        first = trace.start if continued and not body.get("whole") else 0
        arrays = answers.trace_arrays(trace, names, first=first, layer=layer, rows=tuple(rows) if rows else None)
        header = {"model": self.lm.name, "trace": handle, "ids": list(ids), "start": first,
                  "tokens": answers.tokens(self.lm, ids)}  # fmt: skip
        return wire.pack(header, arrays)
        yield

    def read(self, body: Body) -> Work:
        """What the model says after a prompt and the tokens chosen since: logits, hidden states."""
        ids, moves = tuple(self._prompt(body)), body.get("moves", [])
        width = 1
        for move in moves:
            if len(move) != 2 or len(move[0]) != len(move[1]) or not move[0] or max(move[0]) >= width:
                raise ConfigError("serve.moves", most=MOST_ROWS)
            width = len(move[0])
            if max(move[1]) >= self.lm.n_tokens:
                raise PromptError("prompt.bad_id", id=max(move[1]), vocab_size=self.lm.n_tokens)
        if width * (len(ids) + len(moves)) > self.limits.scored:
            raise PromptError("prompt.too_long", tokens=width * (len(ids) + len(moves)), limit=self.limits.scored)
        reader = self.readers.read(ids, moves)
        arrays = {"logits": reader.logits, "hidden": reader.hidden}
        arrays |= {} if moves else {"hidden_all": reader.hidden_all}
        return wire.pack({"length": reader.length}, arrays)
        yield

    def encode(self, body: Body) -> Work:
        """The tokens of a text."""
        return answers.encoded(self.lm, body["text"])
        yield

    def layer(self, body: Body) -> Work:
        """The weights of one layer's attention, from which its arithmetic is written out."""
        c = self.lm.config
        size = 4 * c.n_embd * c.head_dim * (2 * c.n_head + 2 * c.kv_heads)
        if body["layer"] >= c.n_layer or size > MOST_LAYER:
            raise ServiceError("remote.weights", status=404)
        return wire.pack({}, self.lm.trace([0]).inner(body["layer"]).weights())
        yield

    def card(self, body: Body) -> Work:
        """How the model was made and how it does."""
        return answers.card(self.lm)
        yield

    def models(self, body: Body) -> Work:
        """The one that is served."""
        return {"models": [answers.model(self.lm)]}
        yield

    def tokenizer(self, body: Body) -> Work:
        """The vocabulary, as the files that ``Tokenizer.load`` reads."""
        if not self._vocabulary:
            with tempfile.TemporaryDirectory() as folder:
                self.lm.tokenizer.save(folder)
                files = {path.name: np.frombuffer(path.read_bytes(), np.uint8) for path in Path(folder).iterdir()}
            self._vocabulary = wire.pack({"vocab_size": self.lm.tokenizer.vocab_size}, files)
        return self._vocabulary
        yield

    # ---- what is asked

    def _read_or_error(self, body: Body) -> list[int] | GptvizError:
        try:
            return self._prompt(body)
        except GptvizError as error:
            return error

    def _prompt(self, body: Body) -> list[int]:
        """The ids of the text, or those given: exactly one of the two."""
        if ("text" in body) == ("ids" in body):
            raise ConfigError("serve.one_of", names="text, ids")
        return self._ids(body["text"] if "text" in body else body["ids"])

    def _ids(self, prompt: str | Sequence[int]) -> list[int]:
        ids = self.lm.ids(prompt)
        if len(ids) > self.limits.tokens:
            raise PromptError("prompt.too_long", tokens=len(ids), limit=self.limits.tokens)
        self._count(len(ids))
        return ids

    def _count(self, tokens: int) -> None:
        self._metrics.tokens.labels("read").inc(tokens)

    def _new_tokens(self, body: Body) -> int:
        return int(body.get("max_new_tokens", MAX_NEW_TOKENS.default))

    def _strategy(self, said: Any) -> Strategy:
        """A strategy by its name alone, with what is usual there, or with its settings."""
        if isinstance(said, str):
            said = {"name": said} | (USUAL if said == "sample" else {})
        return strategy_from_dict(said)

    def _check_arrays(self, names: Sequence[str], T: int, layer: int | None, rows: Any) -> None:
        wrong = [name for name in names if name not in ARRAYS]
        if wrong:
            raise ConfigError("serve.array", name=shown(wrong[0]), names=", ".join(ARRAYS))
        if layer is not None and layer >= self.lm.config.n_layer + ("resid" in names):
            raise ConfigError("config.range", name="layer", value=layer, low=0, high=self.lm.config.n_layer - 1)
        if rows is not None and not (len(rows) == 2 and 0 <= rows[0] <= rows[1] <= T):
            raise ConfigError("serve.body", reason=f"rows = {shown(rows)}")
        asked = None if rows is None else rows[1] - rows[0]
        size = answers.array_bytes(self.lm, names, T, layer=layer is not None, rows=asked)
        if size > self.limits.answer:
            raise ServiceError("serve.answer", status=413, size=size // 2**20, most=self.limits.answer // 2**20)
