"""What the deploy page is made of: measurements as far as they are, and the text without what is left out. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from gptviz import edits, memory
from gptviz.analysis.heads import head_name
from gptviz.compression import kept, precision, pruning
from gptviz.errors import ConfigError, GptvizError, ServiceError
from gptviz.gpt.editing import EditLike
from gptviz.gpt.trace import Trace
from gptviz.i18n import translate
from gptviz.jobs import Slice
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.ui.measured import FIRST, Work
from gptviz.ui.page import Context, Scene, left_out_note
from gptviz.ui.pages.deploy.state import Deploy, View
from gptviz.ui.prompts import how, prompt_ids, window
from gptviz.ui.vitals import Vitals, vitals
from gptviz.views.change import ChangeView, change

MOST_PARAMETERS = 400_000_000  # of a model that is measured here: each piece of work is a slice of a turn
_COPIES = 9  # bytes for each parameter: a copy in float32, another form, and something to spare
LENGTH = 20  # tokens that the text is written on
SLICE = 0.3  # seconds of work in one run of the page, which rests after each; a quarter where others wait


class Written(NamedTuple):
    """One token of the text written on."""

    after: bool  # without what is left out
    token: int


@dataclass(kw_only=True)
class Served(Scene):
    """The page at one moment."""

    state: Deploy
    context: Context
    problem: GptvizError | None = None  # why nothing is measured

    @property
    def lm(self) -> LanguageModel:
        """The model that is open."""
        return self.context.lm

    @property
    def controls(self) -> View:
        """The controls."""
        return self.state.view

    def say(self, key: str, **values: Any) -> str:
        """A string of this page."""
        return translate(f"deploy.{key}", self.context.lang, **values)

    @property
    def n_parts(self) -> int:
        """Heads, or layers, of this model."""
        return pruning.n_parts(self.lm.config, self.controls.unit)

    @property
    def n_gone(self) -> int:
        """How many are left out."""
        return round(self.n_parts * self.controls.gone / 100)

    @cached_property
    def vitals(self) -> Vitals:
        """How the process is."""
        return vitals()

    @cached_property
    def costs(self) -> list[precision.Cost]:
        """Of each form as far as it is measured."""
        return precision.costs(self.state.forms.records)

    @property
    def ordered(self) -> bool:
        """Whether the gradient of every passage is known."""
        work = self.state.parts
        mine = work.key == (self.lm.fingerprint, self.controls.unit)
        return mine and any(not isinstance(one, pruning.Sensitivity) for one in work.records)

    @cached_property
    def gone(self) -> list[int]:
        """The parts that are left out; none as long as the order is not known."""
        if not self.ordered:
            return []
        order = pruning.order(self.state.parts.records, self.lm.config, self.controls.unit, self.controls.by)
        return order[: self.n_gone]

    @cached_property
    def names(self) -> list[str]:
        """What these parts are called."""
        if self.controls.unit == "layers":
            return [str(part) for part in sorted(self.gone)]
        return [head_name(layer, head) for layer, head in pruning.places(self.lm.config, sorted(self.gone))]

    @property
    def changes(self) -> tuple[EditLike, ...]:
        """The edits that leave them out."""
        if self.controls.unit == "layers":
            return tuple(edits.ablate(layer=part) for part in self.gone)
        return tuple(edits.ablate(layer=layer, head=head) for layer, head in pruning.places(self.lm.config, self.gone))

    @cached_property
    def changed(self) -> ChangeView | None:
        """The text as the model reads it, and without what is left out."""
        if not self.ids or not self.gone:
            return None
        after = self.context.trace(self.ids, edits=self.changes)
        return change(self.context.trace(self.ids), after, self.lm.tokenizer)


def scene(state: Deploy, context: Context) -> Served:
    """The page, after going on with what is measured."""
    lm = context.lm
    ids, left_out = prompt_ids(lm, state.text, how(state.view))
    notes = left_out_note(len(ids), left_out, window(lm))
    found = Served(state=state, context=context, ids=ids, read=bool(ids), notes=notes)
    writing = state.writing
    slice_ = Slice(FIRST if state.forms.key is None or writing.begun else SLICE, pressed=context.pressed)
    try:
        _go_on(found, slice_)
        _want_writing(found)
    except GptvizError as error:
        found.problem = error
        for work in (state.forms, state.parts, writing):
            work.rest()
    writing.advance(slice_)
    errors = (found.problem, state.forms.error, state.parts.error, writing.error)
    found.said += [{"level": "error", "text": text} for text in
                   dict.fromkeys(error.say(context.lang) for error in errors if error)]  # fmt: skip
    found.running = state.forms.open or state.parts.open or writing.open
    return found


def _go_on(found: Served, slice_: Slice) -> None:
    """Measure this model on. Raises GptvizError where it cannot be measured here."""
    lm, unit = found.lm, found.controls.unit
    if not isinstance(lm, LocalModel):
        raise ServiceError("remote.weights")
    model, parameters, spare = lm, lm.config.n_parameters, memory.available()
    if parameters > MOST_PARAMETERS or (spare is not None and spare < _COPIES * parameters):
        raise ConfigError("compress.too_large", model=found.context.title or lm.name)
    works = [(found.state.forms, "precision"), (found.state.parts, unit)]
    for work, kind in works if found.ordered else works[::-1]:  # the gradient first: the answer waits for it
        key = (lm.fingerprint, kind)
        wanted = work.wanted if work.key == key else kept.wanted(model, kind)
        work.go_on(key, wanted, _measured(model, kind), slice_)
        if work.open:
            return  # one after the other: not all of a model's copies at once


def _measured(lm: LocalModel, kind: str) -> Any:
    return lambda: kept.measured(lm, kind)


def _want_writing(found: Served) -> None:
    """The text written on with and without what is left out, once that is known."""
    work: Work = found.state.writing
    if not found.ids or not found.gone or found.problem is not None:
        work.rest()
        return
    lm, ids, changes = found.lm, found.ids, found.changes
    key = (lm.fingerprint, "written", ids, found.controls.unit, tuple(sorted(found.gone)))
    work.want(key, 2 * LENGTH, lambda: written(lm, ids, changes))


def written(lm: LanguageModel, ids: tuple[int, ...], changes: tuple[EditLike, ...]) -> Iterator[Written]:
    """The likeliest token again and again, first as the model is, then with the changes."""
    for after in (False, True):
        given, trace = list(ids), None
        for _ in range(LENGTH):
            if len(given) >= lm.config.block_size:
                break
            trace = _next(lm, given, changes if after else (), trace)
            given.append(int(trace.logits_at(-1).argmax()))
            yield Written(after, given[-1])
            if given[-1] == lm.tokenizer.end_of_text:
                break


def _next(lm: LanguageModel, ids: list[int], changes: tuple[EditLike, ...], trace: Trace | None) -> Trace:
    return lm.trace(ids, reuse=trace, edits=changes)
