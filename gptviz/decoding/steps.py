"""What generation is made of: the records it yields, and what a running strategy and the stepper say to each other.

- ``Stage``: the distribution after one step of the filter chain. ``Step``: one token chosen, with all that led to it.
- A strategy runs as a generator. It yields ``Step`` records when it has chosen, and ``Read`` when it wants tokens read;
  it is sent ``Rows``, the model's answer. It never calls the model itself, so many strategies can share one forward
  pass (see ``stepper.play``).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from math import exp
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from gptviz.decoding.chance import uniforms
from gptviz.numbers import logprob_of

if TYPE_CHECKING:
    from gptviz.decoding.beam import BeamStep
    from gptviz.decoding.strategy import Strategy
    from gptviz.language_model import LanguageModel

Array = npt.NDArray[np.float32]
#: Why a text ended: the end-of-text token, as many tokens as asked for, no more room in the model's context.
Finish: TypeAlias = Literal["end", "length", "context"]


class Stage(NamedTuple):
    """The distribution after one step of the chain; both arrays are read-only."""

    name: str  # "model" (the plain softmax), then the name of each active filter
    kept: npt.NDArray[np.bool_]  # (V,)
    probs: Array  # (V,), summing to 1 over the kept tokens


class Candidate(NamedTuple):
    """A token that contrastive search weighed up."""

    token: int
    prob: float  # under the model
    similarity: float  # largest cosine similarity of its hidden state to those before it
    score: float  # (1 - alpha) * prob - alpha * similarity


@dataclass(frozen=True, eq=False, repr=False)
class Step:
    """One token chosen, and why. Arrays are read-only."""

    token: int
    piece: bytes  # the token's bytes
    logits: Array  # (V,), as the model gave them
    draw: float | None  # u, or None where nothing was drawn
    text: str  # generated so far, without an end-of-text token or the bytes of an unfinished character
    ids: tuple[int, ...]  # the prompt's and all generated so far, this one included
    n_prompt: int  # how many of them are the prompt's
    finish: Finish | None  # why this is the last step; None where it is not
    strategy: Strategy = field(compare=False)
    candidates: tuple[Candidate, ...] = ()  # contrastive search only, likeliest first

    @property
    def index(self) -> int:
        """0 for the first token generated."""
        return len(self.ids) - self.n_prompt - 1

    @property
    def generated(self) -> tuple[int, ...]:
        """``ids`` without the prompt's."""
        return self.ids[self.n_prompt :]

    @cached_property
    def logprob(self) -> float:
        """Nats, under the model itself, whatever the filters did (computed on first use, from ``logits``)."""
        return logprob_of(self.logits, self.token)

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The chain of distributions from the model's own to the one chosen from (computed on first use)."""
        return self.strategy.stages(self.logits, self.ids[:-1], chosen=self.token)

    @property
    def prob(self) -> float:
        """Probability of the token after the last stage."""
        return float(self.stages[-1].probs[self.token])

    def __repr__(self) -> str:
        shown = repr(self.piece.decode("utf-8", "backslashreplace"))
        drawn = "" if self.draw is None else f", u={self.draw:.3f}"
        finish = "" if self.finish is None else f", finish={self.finish!r}"
        return f"Step({self.index}: {shown}, p={exp(self.logprob):.3g}{drawn}{finish})"


class Read(NamedTuple):
    """Asks the model to read: new row ``i`` is the asker's old row ``parents[i]`` with ``tokens[i]`` after it."""

    parents: Sequence[int]
    tokens: Sequence[int]


class Rows(NamedTuple):
    """The model's answer, a row per row asked for. Shared with other strategies: copy what is to be kept."""

    logits: Array  # (n, V): of the next token
    hidden: Array  # (n, C): the normalised residual stream at the position just read


Run: TypeAlias = Generator["Read | Step | BeamStep", Rows, None]


@dataclass(frozen=True, eq=False)
class Job:
    """One text to be written by one strategy."""

    lm: LanguageModel
    ids: tuple[int, ...]  # the prompt
    limit: int  # tokens to generate at most
    limited_by: Finish  # whose limit that is: "length" or "context"
    seed: int
    first: Rows  # the model's answer to the prompt: one row
    context: Array  # (T, C): hidden states of the prompt
    first_step: int = 0  # of the seed's random numbers: more where the text goes on from an earlier window

    @cached_property
    def u(self) -> tuple[float, ...]:
        """The uniform numbers of all steps there can be."""
        return tuple(islice(uniforms(self.seed), self.first_step, self.first_step + self.limit))

    def step(self, strategy: Strategy, generated: tuple[int, ...], logits: Array, *, draw: float | None = None,
             candidates: tuple[Candidate, ...] = ()) -> Step:  # fmt: skip
        """The record of choosing the last of ``generated`` where the model said ``logits`` (V,)."""
        token = generated[-1]
        ended = self.ends(token)
        reached: Finish | None = self.limited_by if len(generated) == self.limit else None
        return Step(
            token=token,
            piece=self._piece(token),
            logits=frozen(logits.copy()),
            draw=draw,
            text=self.text(generated),
            ids=self.ids + generated,
            n_prompt=len(self.ids),
            finish="end" if ended else reached,
            strategy=strategy,
            candidates=candidates,
        )

    def text(self, generated: tuple[int, ...]) -> str:
        """What ``generated`` says, without an end-of-text token or the bytes of an unfinished character."""
        shown = generated[:-1] if self.ends(generated[-1]) else generated
        return whole_characters(b"".join(map(self._piece, shown)))

    def ends(self, token: int) -> bool:
        """Whether ``token`` is one that ends a text."""
        return token in self.lm.tokenizer.ends

    def _piece(self, token: int) -> bytes:
        tokenizer = self.lm.tokenizer  # a model may have more rows than its vocabulary has tokens
        return tokenizer.token_bytes(token) if token < tokenizer.vocab_size else b""


def frozen(array: Array) -> Array:
    """The same array, read-only from here on."""
    array.setflags(write=False)
    return array


def whole_characters(data: bytes) -> str:
    """UTF-8 to text, leaving out a character at the end of which some bytes are still to come."""
    for held in range(1, min(3, len(data)) + 1):
        byte = data[-held]
        if byte >= 0xC0:  # the first byte of a character, which also says how many follow
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            data = data[:-held] if held < length else data
        if byte < 0x80 or byte >= 0xC0:
            break
    return data.decode("utf-8", "replace")
