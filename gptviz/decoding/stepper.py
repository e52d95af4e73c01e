"""Running strategies: one or many on one prompt, which is read once, with one forward pass per step for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gptviz.decoding.beam import BeamStep
from gptviz.decoding.checks import shown
from gptviz.decoding.parameters import MAX_NEW_TOKENS, SEED, STEP
from gptviz.decoding.steps import Finish, Job, Read, Rows, Run, Step
from gptviz.decoding.strategies import Beam, Sample
from gptviz.decoding.strategy import Strategy
from gptviz.errors import DecodingError

if TYPE_CHECKING:
    from gptviz.language_model import LanguageModel, Reader


def generate(lm: LanguageModel, prompt: str | Sequence[int], strategy: Strategy | None = None, *,
             max_new_tokens: int = 40, seed: int = 0) -> Iterator[Step]:  # fmt: skip
    """Continue ``prompt``, one ``Step`` at a time; ``strategy`` is by default ``Sample()``.

    It ends after end-of-text, ``max_new_tokens`` tokens, or when the context is full; ``finish`` of the last step says
    which. Step ``i`` uses ``uniform_at(seed, i)``. Strategies that look ahead yield their steps when they are settled:
    beam search all at the end.

    Raises, when called: PromptError where the prompt cannot be read, DecodingError where it leaves no room for another
    token, or an argument is out of range.
    """
    chosen = Sample() if strategy is None else strategy
    events = play(lm, prompt, {"": chosen}, max_new_tokens=max_new_tokens, seed=seed)
    return (event for _, event in events if isinstance(event, Step))


def beam_search(lm: LanguageModel, prompt: str | Sequence[int], beam: Beam | None = None, *,
                max_new_tokens: int = 40) -> Iterator[BeamStep]:  # fmt: skip
    """The search itself, step by step; ``finished[0].tokens`` of the last is what ``generate`` returns.

    Raises as ``generate`` does.
    """
    events = play(lm, prompt, {"beam": beam or Beam()}, max_new_tokens=max_new_tokens)
    return (event for _, event in events if isinstance(event, BeamStep))


def play(lm: LanguageModel, prompt: str | Sequence[int], strategies: Mapping[str, Strategy], *,
         max_new_tokens: int = 40, seed: int = 0,
         first_step: int = 0) -> Iterator[tuple[str, Step | BeamStep]]:  # fmt: skip
    """Run named strategies side by side: (name, record) as they come. Stop by closing it. Raises as ``generate``.

    Step ``i`` uses ``uniform_at(seed, first_step + i)``.
    """
    for name, strategy in strategies.items():
        if not isinstance(strategy, Strategy):
            raise DecodingError("decoding.strategy", name=name, value=shown(strategy))
    asked, seed = MAX_NEW_TOKENS.whole(max_new_tokens), SEED.whole(seed)
    ids = lm.ids(prompt)
    room = lm.config.block_size - len(ids)
    if room <= 0:
        raise DecodingError("decoding.full", tokens=len(ids), limit=lm.config.block_size)
    limited_by: Finish = "length" if asked <= room else "context"
    return _play(lm, tuple(ids), dict(strategies), min(asked, room), limited_by, seed, STEP.whole(first_step))


def _play(lm: LanguageModel, ids: tuple[int, ...], strategies: dict[str, Strategy], limit: int, limited_by: Finish,
          seed: int, first_step: int) -> Iterator[tuple[str, Step | BeamStep]]:  # fmt: skip
    reader = lm.prefill(ids)
    first = Rows(reader.logits, reader.hidden)
    job = Job(lm, ids, limit, limited_by, seed, first, reader.hidden_all[0], first_step)
    runs = {name: strategy.run(job) for name, strategy in strategies.items()}
    rows = dict.fromkeys(runs, slice(0, 1))  # each run's rows of the reader: at first, all stand on the prompt's
    answers: dict[str, Rows | None] = dict.fromkeys(runs)  # what to send: None starts a generator
    while runs:
        reads: dict[str, Read] = {}
        for name, run in list(runs.items()):
            for event in _until_read(run, answers[name]):
                if isinstance(event, Read):
                    reads[name] = event
                else:
                    yield name, event
        runs = {name: runs[name] for name in reads}
        if reads:
            reader, rows = _read(reader, rows, reads)
            answers = {name: Rows(reader.logits[part], reader.hidden[part]) for name, part in rows.items()}


def _until_read(run: Run, answer: Rows | None) -> Iterator[Any]:
    """The records of ``run`` up to and with its next ``Read``; only the records where it ends before one."""
    try:
        event = next(run) if answer is None else run.send(answer)
        while not isinstance(event, Read):
            yield event
            event = next(run)
        yield event
    except StopIteration:
        return


def _read(reader: Reader, rows: dict[str, slice], reads: dict[str, Read]) -> tuple[Reader, dict[str, slice]]:
    """One forward pass for all who asked; whose run has ended loses its rows."""
    parents: list[int] = []
    tokens: list[int] = []
    parts: dict[str, slice] = {}
    for name, read in reads.items():
        parts[name] = slice(len(parents), len(parents) + len(read.tokens))
        parents += [rows[name].start + parent for parent in read.parents]
        tokens += read.tokens
    if parents != list(range(len(reader.logits))):  # copying the keys and values of every row is not free
        reader = reader.select(parents)
    reader.append(tokens)
    return reader, parts
