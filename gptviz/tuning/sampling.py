"""Answers to a prompt, drawn or the likeliest, each to its end mark."""

from __future__ import annotations

from gptviz.decoding import Greedy, Sample
from gptviz.language_model import LocalModel
from gptviz.tuning.pairs import ask

LONGEST = 32  # tokens of an answer
TEMPERATURE = 0.9  # of answers that are to differ


def likeliest(lm: LocalModel, prompt: str, *, like: LocalModel | None = None, most: int = LONGEST) -> str:
    """What a model answers, always the likeliest token next; asked as ``like`` is."""
    return _answer(lm, prompt, Greedy(), like or lm, most, 0)


def sampled(lm: LocalModel, prompt: str, *, seed: int, most: int = LONGEST) -> str:
    """An answer that is drawn; the same seed gives the same."""
    return _answer(lm, prompt, Sample(temperature=TEMPERATURE, top_p=0.95), lm, most, seed)


def _answer(lm: LocalModel, prompt: str, strategy: Greedy | Sample, like: LocalModel, most: int, seed: int) -> str:
    ids = ask(like, prompt)[-max(1, lm.config.block_size - most) :]
    found: list[int] = []
    for step in lm.generate(ids, strategy, max_new_tokens=most, seed=seed):
        if step.token == lm.tokenizer.end_of_text:
            break
        found.append(step.token)
    return lm.tokenizer.decode(found).strip()
