"""What the prompting page is made of: the prompt as the model reads it, what it says of the text, the study so far.
Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gptviz.errors import GptvizError
from gptviz.jobs.folder import Job
from gptviz.jobs.runner import Status
from gptviz.language_model import LanguageModel
from gptviz.numbers import softmax
from gptviz.tuning.examples import Example
from gptviz.tuning.patterns import Pattern, drawn
from gptviz.tuning.prompts import PromptClassifier
from gptviz.ui.jobs import RUNNER, failure, goes_on
from gptviz.ui.kept import remembered
from gptviz.ui.page import Context, Scene
from gptviz.ui.pages.prompting.state import LABELS, Prompting, View, check_short, our

Words = tuple[tuple[str, str], ...]  # label, word
Shown = tuple[Example, ...]


class Asked(NamedTuple):
    """What the model says of a text; each of the four a number a label, in the order of ``LABELS``."""

    text: str  # as much of it as was read
    n_tokens: int  # of the whole prompt
    logprobs: tuple[float, ...]  # ln p of the label's word after the prompt, nats
    plain: tuple[float, ...]  # its share among the labels
    leaning: tuple[float, ...]  # the same where the text says nothing
    calibrated: tuple[float, ...]  # the one divided by the other, made to sum to 1


@dataclass(kw_only=True)
class Prompted(Scene):
    """The page at one moment. ``written``: the controls, with the usual where nothing is written."""

    state: Prompting
    context: Context
    written: View
    examples: Shown
    job: Job | None
    status: Status | None
    asked: Asked | None = None
    problem: GptvizError | None = None  # why the model cannot be asked so

    @property
    def pattern(self) -> Pattern | None:
        """None for one that is wrong."""
        try:
            return Pattern(self.written.pattern)
        except GptvizError:
            return None


def scene(state: Prompting, context: Context) -> Prompted:
    """Read on in the study's records, and ask the model about the text."""
    job, view = state.looked_at(), state.view.filled(context.lang)
    status = None if job is None else RUNNER.status(job)
    if job is not None:
        state.heard.follow(job)
    found = Prompted(state=state, context=context, written=view, examples=shown(view, context.lang), job=job,
                     status=status, running=goes_on(status, state.heard), view=view)  # fmt: skip
    try:
        found.asked = asked(context.lm, view.pattern, tuple(view.words.items()), found.examples, state.text.strip())
    except GptvizError as error:
        found.problem = error
    problem = state.error or failure(job)
    if problem is not None:
        found.said = [{"level": "error", "text": problem.say(context.lang)}]
    return found


def shown(view: View, lang: str) -> Shown:
    """The examples that stand in the prompt, in their order: those that were drawn, shuffled where it is wished."""
    found = drawn(our(lang).pool, view.shots, seed=view.drawn_seed)
    if not view.order_seed:
        return tuple(found)
    return tuple(found[i] for i in np.random.default_rng(view.order_seed).permutation(len(found)))


@remembered(maxsize=256)
def asked(lm: LanguageModel, pattern: str, words: Words, examples: Shown, text: str) -> Asked:
    """What the model says of a text. Raises GptvizError where pattern, words, examples or model cannot be."""
    check_short(lm, Pattern(pattern), dict(words))
    classifier = PromptClassifier(lm, Pattern(pattern), dict(words), examples)
    read = classifier.fitting(text)
    said = classifier.logprobs([read])
    plain, lean = softmax(said)[0], np.array(leaning(lm, pattern, words, examples))
    weighed = plain / lean
    rows = (said[0], plain, lean, weighed / weighed.sum())
    return Asked(read, len(classifier.prompt(read)), *(tuple(row.tolist()) for row in rows))


@remembered(maxsize=64)
def leaning(lm: LanguageModel, pattern: str, words: Words, examples: Shown) -> tuple[float, ...]:
    """What the labels get where a text says nothing: asked once for all texts."""
    found: list[float] = PromptClassifier(lm, Pattern(pattern), dict(words), examples).leaning.tolist()
    return tuple(found)


def best(asked: Asked) -> tuple[str, str]:
    """The likeliest label as it comes, and calibrated."""
    return LABELS[int(np.argmax(asked.plain))], LABELS[int(np.argmax(asked.calibrated))]
