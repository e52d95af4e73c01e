"""What the beam page's panels are made of: the searches, as far as they have come. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from gptviz.decoding import Beam, BeamStep, Greedy
from gptviz.errors import GptvizError
from gptviz.recipes import Prompt as Quoted
from gptviz.tokens.tokenizer import clean
from gptviz.ui.page import Context, Note, Scene
from gptviz.ui.pages.beam.state import BeamPage, Prompt
from gptviz.ui.pages.beam.work import SHELF, SLICE, Answer, Plain, Question, Shelf, Work
from gptviz.ui.prompts import how, quoted, window
from gptviz.views.beam import Rung, TreeView, ladder, tree

WIDTHS = (2, 4, 8, 16)  # of the ladder, beside greedy and the width chosen


@dataclass(kw_only=True)
class Searches(Scene):
    """The beam page at one moment."""

    state: BeamPage
    context: Context
    prompt: Prompt
    work: Work | None = None
    main: Question | None = None
    greedy: Question | None = None
    rungs: dict[int, Question] = field(default_factory=dict)

    @property
    def unanswered(self) -> bool:
        """Whether a search has not come to its end."""
        return self.work is not None and self.work.open is not None

    @property
    def quoted(self) -> Quoted:
        """What a recipe reads: the text, or ids where not all of it is read."""
        cut = self.prompt.left_out or clean(self.state.text)[1]
        return self.prompt.ids if cut else quoted(self.context.lm, self.state.text, how(self.state.view))

    @cached_property
    def tree(self) -> TreeView:
        """The main search."""
        steps: Answer = self.work.answer(self.main) if self.work and self.main else ()
        beam = self.state.view.beam()
        return tree([step for step in steps if isinstance(step, BeamStep)], beam, self.context.lm.tokenizer)

    @cached_property
    def climbed(self) -> tuple[Rung, ...]:
        """Greedy and every width that is known completely, the narrowest first."""
        if self.work is None:
            return ()
        results: list[tuple[int, tuple[int, ...], float]] = []
        plain = self.work.answers.get(self.greedy) if self.greedy else None
        if plain:
            said = [word for word in plain if isinstance(word, Plain)]
            results.append((0, tuple(word.token for word in said), sum(word.logprob for word in said)))
        for width, question in self.rungs.items():
            answer = self.work.answers.get(question)
            last = answer[-1] if answer else None
            if isinstance(last, BeamStep) and last.finished:
                results.append((width, last.finished[0].tokens, last.finished[0].total))
        return ladder(results, self.state.view.length_penalty, self.context.lm.tokenizer)


def scene(state: BeamPage, context: Context, shelf: Shelf = SHELF) -> Searches:
    """The page, its searches brought forward by one slice."""
    prompt = state.prompt(context.lm)
    found = Searches(state=state, context=context, prompt=prompt, ids=prompt.ids, read=bool(prompt.ids),
                     notes=_notes(state, context, prompt))  # fmt: skip
    if not prompt.ids or prompt.limit < 1:
        state.work = None
        return found

    def ask(strategy: Beam | Greedy) -> Question:
        return Question(context.lm, prompt.ids, strategy, prompt.limit)

    found.main, found.greedy = ask(state.view.beam()), ask(Greedy())
    found.rungs = {width: ask(state.view.beam(width)) for width in sorted({*WIDTHS, state.view.width})}
    questions = [found.main, found.greedy, *(q for q in found.rungs.values() if q != found.main)]
    found.work = state.ask(questions, shelf)
    if not state.stopped:
        try:
            found.work.advance(SLICE, pressed=context.pressed)
        except GptvizError as error:
            state.stopped = True
            found.said.append({"level": "error", "text": error.say(context.lang)})
    found.running = found.unanswered and not state.stopped
    return found


def _notes(state: BeamPage, context: Context, prompt: Prompt) -> list[Note]:
    limit = window(context.lm)
    found: list[Note] = []
    if prompt.left_out:
        values = {"tokens": len(prompt.ids) + prompt.left_out, "limit": limit, "left_out": prompt.left_out}
        found.append(("warn", "beam.note.left_out", values | {"new": prompt.limit}))
    if prompt.ids and prompt.limit < state.view.tokens:
        found.append(("warn", "beam.note.shorter", {"limit": limit, "new": prompt.limit}))
    return found
