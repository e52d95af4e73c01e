"""What pages, decoding and evaluation ask of a model, wherever it computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from gptviz import chat
from gptviz.errors import PromptError
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.editing import EditLike
from gptviz.gpt.prefixes import Prefixes
from gptviz.gpt.quantization import Error
from gptviz.gpt.trace import Trace
from gptviz.tokens.tokenizer import Tokenizer

if TYPE_CHECKING:
    from gptviz.decoding import Step, Strategy

Array = npt.NDArray[np.float32]

#: Matrices with a row for each token, or for each position; in a ``tied`` model the first and the last are one.
Matrix: TypeAlias = Literal["tokens", "positions", "output"]


class Reader(Protocol):
    """Where generation stands: B rows that have read ``length`` tokens each. Belongs to one thread."""

    logits: Array  # (B, vocab_size), of the token after each row

    @property
    def length(self) -> int:
        """Tokens read per row."""

    @property
    def full(self) -> bool:
        """Whether the context has no room for another token."""

    @property
    def hidden(self) -> Array:
        """(B, C): the normalised residual stream at the last position."""

    @property
    def hidden_all(self) -> Array:
        """(B, length, C): the same at every position read."""

    def append(self, ids: Sequence[int]) -> None:
        """Read one more token in each row; raises PromptError where the context is full."""

    def select(self, rows: Sequence[int]) -> Reader:
        """A new reader whose row ``i`` continues this one's row ``rows[i]``."""


class LanguageModel(Protocol):
    """Reads text, predicts the next token. Holds no state of a call: one instance serves many threads."""

    def __hash__(self) -> int:
        """What is worked out for one model is kept under it."""

    @property
    def name(self) -> str:
        """What it is called in the menu and in links."""

    @property
    def tokenizer(self) -> Tokenizer:
        """Text to ids and back."""

    @property
    def config(self) -> GPTConfig:
        """The model's shape, and by ``config.parameters`` how many parameters its parts have."""

    @property
    def weights(self) -> str:
        """What its large matrices are held in: float32 or float16."""

    @property
    def rounding(self) -> Error | None:
        """How far its predictions are from those of the weights in its file, where these were rounded for speed."""

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that tell this model from others."""

    @property
    def n_tokens(self) -> int:
        """How many ids are tokens: the matrices' rows from there on only pad them."""

    def rows(self, matrix: Matrix, ids: Sequence[int]) -> Array:
        """(n, C): rows of a matrix as they are stored: of token embeddings, learned positions, or the output matrix.

        Raises PromptError for a row that is not there, and for ``positions`` where the model has learned none.
        """

    def products(self, matrix: Matrix, vectors: npt.ArrayLike) -> Array:
        """(n, n_tokens): each of ``vectors`` (n, C) times each row of token embeddings or of the output matrix."""

    def ids(self, prompt: str | Sequence[int]) -> list[int]:
        """The token ids of a text, or the given ids, checked.

        A text is read as transformers' ``tokenizer(text)`` reads it: where the model's template begins texts with a
        mark, it stands first, in a trace too; ids are taken as they are. Raises PromptError where there are none, an id
        is not in the vocabulary, or they exceed ``block_size``.
        """

    @property
    def chat_template(self) -> str | None:
        """The template by which messages become a text, if the model brings one: Jinja, by a stranger."""

    def chat(self, messages: Sequence[chat.Message], *, add_generation_prompt: bool = True) -> list[int]:
        """The ids of messages, by the model's own template; see ``gptviz.chat``.

        Each is a dict with ``role`` and ``content``; at the end the assistant's turn begins, unless that is declined.
        Raises PromptError where the model has no template, or it cannot be filled in.

        >>> lm.chat([{"role": "user", "content": "What is gravity?"}])  # doctest: +SKIP
        [1, 9690, 198, 2683, ...]
        """

    def trace(self, prompt: str | Sequence[int], *, reuse: Trace | None = None, edits: Sequence[EditLike] = ()
              ) -> Trace:  # fmt: skip
        """One forward pass with everything kept; with ``reuse``, only what differs from it is computed.

        With ``edits`` (``gptviz.edits``) something is changed on the way, in this run alone, all of which is computed.
        Raises EditError where there is no such place, or what is put there does not fit.

        >>> lm.trace("The cat sat").pattern.shape  # doctest: +SKIP
        (8, 6, 3, 3)
        """

    def score(self, rows: npt.ArrayLike, *, start: int = 1) -> tuple[Array, npt.NDArray[np.int64]]:
        """How well each token of ``rows`` (B, T), from column ``start`` on, is predicted by those before it in its row.

        Returns its log-probability (B, T - start) in nats, and its rank: how many tokens come before it (0: it is the
        first choice; among equals the lower id comes first). Nothing is kept of the pass, so this is the fastest way
        to read much text. 1 ≤ ``start`` < T ≤ ``block_size`` + 1, as nothing follows the last token. Raises PromptError
        where ``ids`` does, and for a model that is not causal, as ``prefill`` and ``generate`` do.
        """

    def next_logits(self, prompts: Sequence[str | Sequence[int]], *, known: Prefixes | None = None) -> Array:
        """(n, vocab_size): what comes after each prompt, all of them read in one pass, whatever their lengths.

        As each alone, within the rounding of float32. With ``known`` (of this model), prompts that begin as earlier
        ones did are not read again. Raises PromptError where ``ids`` does, for the first that cannot be read.
        """

    def score_each(self, texts: Sequence[str | Sequence[int]]) -> list[tuple[Array, npt.NDArray[np.int64]]]:
        """Of texts of different lengths what ``score`` says of rows of one: (T - 1,) log-probabilities, (T - 1,) ranks.

        As each alone, within the rounding of float32; of a text of one token, nothing. Raises PromptError.
        """

    def prefill(self, prompt: str | Sequence[int], *, batch: int = 1) -> Reader:
        """Read a prompt once; the returned reader stands after it, with ``batch`` equal rows."""

    def generate(self, prompt: str | Sequence[int], strategy: Strategy | None = None, *, max_new_tokens: int = 40,
                 seed: int = 0) -> Iterator[Step]:  # fmt: skip
        """Continue ``prompt`` one ``Step`` at a time; ``strategy`` is by default plain sampling. See ``decoding``."""


def count_tokens(tokenizer: Tokenizer) -> int:
    """How many of its ids are tokens: those at the end that have no bytes only pad the vocabulary."""
    count = tokenizer.vocab_size
    while count > 1 and not tokenizer.token_bytes(count - 1):
        count -= 1
    return count


def checked_ids(lm: LanguageModel, prompt: str | Sequence[int]) -> list[int]:
    """``LanguageModel.ids``, wherever the model computes."""
    ids = lm.tokenizer.encode(prompt) if isinstance(prompt, str) else [int(i) for i in prompt]
    if not ids:
        raise PromptError("prompt.empty")
    if len(ids) > lm.config.block_size:
        raise PromptError("prompt.too_long", tokens=len(ids), limit=lm.config.block_size)
    if min(ids) < 0 or max(ids) >= lm.n_tokens:
        wrong = next(i for i in ids if not 0 <= i < lm.n_tokens)
        raise PromptError("prompt.bad_id", id=wrong, vocab_size=lm.n_tokens)
    return ids
