"""The language model that computes here: a GPT with its tokenizer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
import torch

from gptviz import chat
from gptviz.errors import PromptError, WeightsError
from gptviz.gpt import packed
from gptviz.gpt import trace as tracing
from gptviz.gpt.cache import KVCache
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.editing import EditLike, checked
from gptviz.gpt.model import GPT
from gptviz.gpt.prefixes import Prefixes
from gptviz.gpt.quantization import Error, held_as
from gptviz.gpt.trace import Trace
from gptviz.i18n import counted
from gptviz.language_model.protocol import Array, Matrix, checked_ids, count_tokens
from gptviz.tokens.tokenizer import Tokenizer

if TYPE_CHECKING:
    from gptviz.decoding import Step, Strategy

_ROWS = 8192  # widened at a time


class LocalModel:
    """A language model that computes here, in this process."""

    def __init__(self, model: GPT, tokenizer: Tokenizer, *, name: str = "", chat_template: str | None = None) -> None:
        if tokenizer.vocab_size > model.config.vocab_size:
            raise PromptError("weights.vocabulary", tokens=tokenizer.vocab_size, rows=model.config.vocab_size)
        device = next((str(one.device) for one in model.parameters() if not one.is_cpu), None)
        if device is not None:
            raise WeightsError("weights.device", device=device)
        self.model = model.eval()
        self.model.n_tokens = min(model.n_tokens, count_tokens(tokenizer))  # the other rows are never said
        self.tokenizer = tokenizer
        self.name = name
        self.chat_template = chat_template
        self.rounding: Error | None = None

    @property
    def config(self) -> GPTConfig:
        return self.model.config

    @property
    def weights(self) -> str:
        return held_as(self.model)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over its shape, vocabulary and weights.

        Of large matrices some 256 rows, evenly spaced, are read: enough to tell a fine-tuned copy from its origin.
        """
        c = self.config
        shape = (c.n_layer, c.n_head, c.n_embd, c.block_size, c.vocab_size, c.position, c.tied, c.eps,
                 *((c.activation, c.n_inner) if (c.activation, c.n_inner) != ("gelu_new", None) else ()),
                 *c.unlike_gpt2().items())  # fmt: skip
        digest = hashlib.sha256(repr(shape).encode())
        for token in range(self.tokenizer.vocab_size):
            digest.update(self.tokenizer.token_bytes(token) + b"\xff")  # no byte of UTF-8
        for name, weight in self.model.state_dict().items():
            digest.update(f"{name} {tuple(weight.shape)}".encode())
            rows = weight[:: max(1, len(weight) // 256)] if weight.ndim else weight
            digest.update(rows.float().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]

    def __repr__(self) -> str:
        c = self.config
        return (
            f"{type(self).__name__}({self.name!r}, {counted(c.n_layer, 'layer')} x {counted(c.n_head, 'head')}, "
            f"{c.n_embd} wide, {counted(c.vocab_size, 'token')}, context {c.block_size}, "
            f"{c.n_parameters / 1e6:.1f} M parameters)"
        )

    def ids(self, prompt: str | Sequence[int]) -> list[int]:
        return checked_ids(self, prompt)

    def chat(self, messages: Sequence[chat.Message], *, add_generation_prompt: bool = True) -> list[int]:
        return chat.encode(self.tokenizer, self.chat_template, messages, add_generation_prompt=add_generation_prompt)

    @property
    def n_tokens(self) -> int:
        return self.model.n_tokens

    def rows(self, matrix: Matrix, ids: Sequence[int]) -> Array:
        wanted, count = np.asarray(ids, dtype=np.int64), self.n_tokens
        if matrix == "positions":
            count = self.config.block_size if self.config.position == "learned" else 0
        wrong = wanted[(wanted < 0) | (wanted >= count)]
        if len(wrong):
            raise PromptError("prompt.bad_id", id=int(wrong[0]), vocab_size=count)
        with torch.inference_mode():
            chosen = torch.from_numpy(wanted)
            if matrix == "output" and not self.config.tied:
                return self.model.lm_head.weight[chosen].float().numpy()
            part = self.model.transformer["wpe" if matrix == "positions" else "wte"]
            return cast("torch.Tensor", part(chosen)).float().numpy()

    def products(self, matrix: Matrix, vectors: npt.ArrayLike) -> Array:
        given = torch.as_tensor(np.asarray(vectors, dtype=np.float32))
        with torch.inference_mode():
            if self.config.tied or matrix == "output":
                return self.model.lm_head.project(given)[:, : self.n_tokens].numpy()
        blocks = [range(at, min(at + _ROWS, self.n_tokens)) for at in range(0, self.n_tokens, _ROWS)]
        return np.concatenate([given.numpy() @ self.rows(matrix, block).T for block in blocks], axis=1)

    def trace(self, prompt: str | Sequence[int], *, reuse: Trace | None = None, edits: Sequence[EditLike] = ()
              ) -> Trace:  # fmt: skip
        changes = checked(edits, self.config)
        return tracing.trace(self.model, self.tokenizer, self.ids(prompt), reuse=reuse, edits=changes)

    def score(self, rows: npt.ArrayLike, *, start: int = 1) -> tuple[Array, npt.NDArray[np.int64]]:
        self._require_causal()
        array = np.asarray(rows, dtype=np.int64)
        for row in array:
            self.ids(row[:-1]), self.ids(row[1:])
        ids = torch.from_numpy(array)
        with torch.inference_mode():
            logits = self.model.logits(self.model(ids[:, :-1])[:, start - 1 :])  # (B, T - start, vocab_size)
            logprobs, ranks = packed.judged(logits, ids[:, start:, None])
        return logprobs.numpy(), ranks.numpy()

    def next_logits(self, prompts: Sequence[str | Sequence[int]], *, known: Prefixes | None = None) -> Array:
        rows = [self.ids(prompt) for prompt in prompts]
        return (
            packed.next_logits(self.model, rows, known).numpy()
            if rows
            else np.empty((0, self.config.vocab_size), np.float32)
        )

    def score_each(self, texts: Sequence[str | Sequence[int]]) -> list[tuple[Array, npt.NDArray[np.int64]]]:
        rows = [self.ids(text) for text in texts]
        long = iter(packed.score_rows(self.model, [row for row in rows if len(row) > 1]))
        nothing = np.empty(0, dtype=np.float32), np.empty(0, dtype=np.int64)
        return [(found[0].numpy(), found[1].numpy()) if len(row) > 1 and (found := next(long)) else nothing
                for row in rows]  # fmt: skip

    def prefill(self, prompt: str | Sequence[int], *, batch: int = 1) -> LocalReader:
        self._require_causal()
        reader = LocalReader(self.model, self.ids(prompt))
        return reader if batch == 1 else reader.select([0] * batch)

    def generate(self, prompt: str | Sequence[int], strategy: Strategy | None = None, *, max_new_tokens: int = 40,
                 seed: int = 0) -> Iterator[Step]:  # fmt: skip
        from gptviz import decoding

        self._require_causal()
        return decoding.generate(self, prompt, strategy or decoding.Sample(), max_new_tokens=max_new_tokens, seed=seed)

    def _require_causal(self) -> None:
        """Raise PromptError for a model that fills blanks: what follows a text it was never asked."""
        if not self.config.causal:
            raise PromptError("prompt.fills_blanks")


class LocalReader:
    """Keys and values of what has been read, in this process."""

    def __init__(self, model: GPT, ids: Sequence[int]) -> None:
        self._model = model
        self._cache = KVCache(model.config, capacity=len(ids) + 64)
        self._hidden: list[torch.Tensor] = []  # (B, T_i, C) chunks, in order
        self._read(torch.tensor([list(ids)]))

    @property
    def length(self) -> int:
        return self._cache.length

    @property
    def full(self) -> bool:
        return self.length >= self._model.config.block_size

    @property
    def hidden(self) -> Array:
        return self._hidden[-1][:, -1].numpy()

    @property
    def hidden_all(self) -> Array:
        if len(self._hidden) > 1:
            self._hidden = [torch.cat(self._hidden, dim=1)]
        return self._hidden[0].numpy()

    def append(self, ids: Sequence[int]) -> None:
        if self.full:
            raise PromptError("prompt.too_long", tokens=self.length + 1, limit=self._model.config.block_size)
        self._read(torch.tensor(ids)[:, None])

    def select(self, rows: Sequence[int]) -> LocalReader:
        chosen = object.__new__(LocalReader)
        chosen._model, chosen._cache = self._model, self._cache.select(rows)
        index = torch.as_tensor(rows, dtype=torch.long)
        chosen._hidden = [chunk[index] for chunk in self._hidden]
        chosen.logits = self.logits[rows]
        return chosen

    def _read(self, ids: torch.Tensor) -> None:
        with torch.inference_mode():
            hidden = self._model(ids, self._cache)  # (B, T, C)
            self._hidden.append(hidden)
            self.logits: Array = self._model.logits(hidden[:, -1]).numpy()  # (B, vocab_size)
