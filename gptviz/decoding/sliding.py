"""Writing on where the context is full: the window slides, and the model forgets how the text began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gptviz.decoding.parameters import MAX_NEW_TOKENS
from gptviz.decoding.stepper import play
from gptviz.decoding.steps import Step
from gptviz.decoding.strategies import Sample
from gptviz.decoding.strategy import Strategy

if TYPE_CHECKING:
    from gptviz.language_model import LanguageModel


class Written(NamedTuple):
    """One token of a text that may be longer than the context."""

    step: Step  # as ``generate`` gives it; its ids are those of the window, and ``finish`` "context" ends a window
    place: int  # 0 for the first token of the text
    forgotten: int  # tokens of prompt and text before the window


def write_on(lm: LanguageModel, prompt: str | Sequence[int], strategy: Strategy | None = None, *,
             max_new_tokens: int = 40, seed: int = 0) -> Iterator[Written]:  # fmt: skip
    """``generate`` past the end of the context: when it is full, its second half is read again as a prompt.

    Of a prompt that leaves no room the end is read, too. Token ``i`` uses ``uniform_at(seed, i)``, so up to the first
    slide the text is that of ``generate``. Strategies that look ahead search each window for itself.

    Raises as ``generate`` does, when called, but for what is too long.
    """
    ids = lm.tokenizer.encode(prompt) if isinstance(prompt, str) else [int(i) for i in prompt]
    asked, keep = MAX_NEW_TOKENS.whole(max_new_tokens), max(1, lm.config.block_size // 2)
    forgotten = 0 if len(ids) < lm.config.block_size else len(ids) - keep
    play(lm, ids[forgotten:], {"": strategy or Sample()}, max_new_tokens=asked, seed=seed)  # checks, computes nothing
    return _windows(lm, ids, strategy or Sample(), asked, seed, forgotten)


def _windows(lm: LanguageModel, ids: list[int], strategy: Strategy, asked: int, seed: int,
             forgotten: int) -> Iterator[Written]:  # fmt: skip
    keep, done = max(1, lm.config.block_size // 2), 0
    while done < asked:
        events = play(lm, ids[forgotten:], {"": strategy}, max_new_tokens=asked - done, seed=seed, first_step=done)
        for _, step in events:
            if isinstance(step, Step):
                ids.append(step.token)
                yield Written(step, done, forgotten)
                done += 1
                if step.finish == "end":
                    return
        forgotten = len(ids) - keep
