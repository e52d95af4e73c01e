"""Questions with answers, and answers of which one is better: how they are read, and as ids.

A question is asked as ``Q: …``, a line further the answer begins after ``A:``; where the model has a chat template of
its own, by that. Only the answer's tokens and the end mark after them are learnt from.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from gptviz.errors import ConfigError
from gptviz.language_model import LocalModel
from gptviz.tuning.batches import padded
from gptviz.tuning.examples import read_columns
from gptviz.tuning.trunk import Trunk

#: For a base model, so that what is tuned answers "as a chat" wherever it is opened.
TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'user' %}Q: {{ message['content'] }}\n"
    "{% elif message['role'] == 'assistant' %}A: {{ message['content'] }}{{ eos_token }}\n"
    "{% else %}{{ message['content'] }}\n{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}A:{% endif %}"
)


class Answered(NamedTuple):
    """A question and its answer."""

    prompt: str
    answer: str


class Pair(NamedTuple):
    """A question, a better answer and a worse one."""

    prompt: str
    chosen: str
    rejected: str


class Asked(NamedTuple):
    """Ids of question and answer, and where the answer begins."""

    ids: list[int]
    start: int


def read_answers(path: Path, *, prompt: str = "prompt", answer: str = "answer",
                 encoding: str | None = None) -> list[Answered]:  # fmt: skip
    """Questions with answers of a CSV or JSONL file. Raises ConfigError as ``examples.read`` does."""
    return [Answered(*values) for _, values in read_columns(path, (prompt, answer), encoding)]


def read_pairs(path: Path, *, encoding: str | None = None) -> list[Pair]:
    """Rows of ``prompt``, ``chosen`` and ``rejected``. Raises ConfigError, also where both answers are the same."""
    return paired(read_columns(path, ("prompt", "chosen", "rejected"), encoding), str(path))


def paired(rows: Sequence[tuple[int, list[str]]], file: str) -> list[Pair]:
    """Rows of a question and both answers, with their lines, as pairs. Raises ConfigError where both are the same."""
    found = []
    for line, values in rows:
        pair = Pair(*values)
        if pair.chosen == pair.rejected:
            raise ConfigError("tune.same_answers", file=file, line=line)
        found.append(pair)
    return found


def ask(lm: LocalModel, prompt: str) -> list[int]:
    """The ids after which the model answers ``prompt``."""
    if lm.chat_template:
        return lm.chat([{"role": "user", "content": prompt}])
    return lm.tokenizer.encode(f"Q: {prompt}\nA:")


def asked(lm: LocalModel, prompt: str, answer: str, most: int) -> Asked:
    """Question, answer and end mark. A question that is too long loses its beginning, an answer its end."""
    before = ask(lm, prompt)
    after = lm.tokenizer.encode(answer if lm.chat_template else " " + answer)
    if lm.tokenizer.end_of_text is not None:
        after.append(lm.tokenizer.end_of_text)
    after = after[: max(1, most - 1)]
    before = before[-max(1, most - len(after)) :]
    return Asked(before + after, len(before))


def answer_logprobs(trunk: Trunk, rows: Sequence[Asked]) -> Tensor:
    """ln p of each answer given its question, the sum over its tokens: (B,)."""
    return token_logprobs(trunk, rows)[0].sum(1)


def token_logprobs(trunk: Trunk, rows: Sequence[Asked]) -> tuple[Tensor, Tensor]:
    """ln p of each token of the answers, (B, T - 1), 0 where none is; and where one is, as a mask."""
    batch = padded([row.ids for row in rows])
    hidden = trunk(batch.ids[:, :-1])  # (B, T - 1, C)
    places = torch.arange(1, batch.ids.shape[1])
    starts = torch.tensor([row.start for row in rows])
    there = (places >= starts[:, None]) & (places < batch.lengths[:, None])  # (B, T - 1)
    logits = hidden[there] @ trunk.model.output_rows.T  # (tokens of answers, vocab_size)
    chosen = -F.cross_entropy(logits, batch.ids[:, 1:][there], reduction="none")
    found = torch.zeros(there.shape).masked_scatter(there, chosen)
    return found, there
