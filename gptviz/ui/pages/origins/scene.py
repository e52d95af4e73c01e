"""What the page of origins is made of: a training text, the n-grams of what was typed, and the model's answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gptviz.analysis import origins
from gptviz.analysis.origins import Order
from gptviz.errors import GptvizError
from gptviz.jobs.folder import Job
from gptviz.language_model import LocalModel
from gptviz.numbers import Doubles, softmax, top_ids
from gptviz.ui.page import Context, Scene
from gptviz.ui.pages.origins import texts
from gptviz.ui.pages.origins.state import Origins, View
from gptviz.ui.pages.origins.texts import Text
from gptviz.views.distribution import token_label

TOP = 6  # of the model's choices, and as many of the counts'


@dataclass(kw_only=True)
class Found(Scene):
    """The page at one moment."""

    state: Origins
    context: Context
    jobs: list[Job]
    job: Job | None
    text: Text
    view: View

    @property
    def n_tokens(self) -> int:
        """How many tokens the text's vocabulary has."""
        return self.text.tokenizer.vocab_size

    @cached_property
    def orders(self) -> list[Order]:
        """Of the tokens before."""
        return origins.orders(self.text.ids, self.ids, self.n_tokens)

    @cached_property
    def counted(self) -> Doubles:
        """(V,): what counting says."""
        return origins.witten_bell(self.orders)

    @cached_property
    def answered(self) -> Doubles | None:
        """(V,): what the model says; None while there is none."""
        if self.job is None or not self.ids:
            return None
        lm: LocalModel = texts.model(self.job.path)
        logits = lm.trace(list(self.ids[-lm.config.block_size :])).logits_at(-1)
        return softmax(np.asarray(logits[: self.n_tokens], dtype=np.float64))

    @cached_property
    def candidates(self) -> list[int]:
        """The likeliest tokens of both, by the model where there is one."""
        first = self.counted if self.answered is None else self.answered
        every = {int(i) for probs in (first, self.counted) for i in top_ids(probs, TOP)}
        return sorted(every, key=lambda i: (-float(first[i]), i))

    @property
    def token(self) -> int:
        """The next token looked at."""
        wanted = self.view.token
        return self.candidates[0] if wanted is None else wanted

    def label(self, token: int) -> str:
        """A token as it is shown."""
        return token_label(self.text.tokenizer, token)


def scene(state: Origins, context: Context) -> Found:
    """Open the text of the model that is looked at, and read what was typed by its vocabulary."""
    jobs = state.jobs()
    job = next((one for one in jobs if one.model_name == state.view.run), jobs[0] if jobs else None)
    try:
        text = texts.of_job(job.path) if job is not None else texts.of_world()
    except (GptvizError, OSError):  # its text is gone
        job, text = None, texts.of_world()
    known, left = _read(text, state.text)
    token = state.view.token if state.view.token is not None and state.view.token < text.tokenizer.vocab_size else None
    return Found(state=state, context=context, jobs=jobs, job=job, text=text, ids=known, ready=bool(known),
                 notes=[("info", "origins.unknown", {"count": left})] if left else [],
                 view=replace(state.view, token=token))  # fmt: skip


def _read(text: Text, typed: str) -> tuple[tuple[int, ...], int]:
    """The tokens of what is typed as far as the vocabulary has them, and how many characters it has not."""
    good = {character: _has(text, character) for character in set(typed)}
    kept = "".join(character for character in typed if good[character])
    return tuple(text.tokenizer.encode(kept) if kept else ()), len(typed) - len(kept)


def _has(text: Text, character: str) -> bool:
    try:
        return bool(text.tokenizer.encode(character))
    except GptvizError:
        return False
