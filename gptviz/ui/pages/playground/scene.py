"""What the playground's panels are made of: the distribution at all temperatures, the counts, the die. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gptviz.gpt.trace import Trace
from gptviz.recipes import Prompt
from gptviz.ui.page import Context, Scene, left_out_note
from gptviz.ui.pages.playground.state import Playground
from gptviz.ui.prompts import how, prompt_ids, quoted, window
from gptviz.views import labels
from gptviz.views.softmax import SoftmaxView


@dataclass(kw_only=True)
class Softened(Scene):
    """The playground at one moment; ``grid`` and ``names`` only where it is ready."""

    state: Playground
    context: Context
    prompt: Prompt
    grid: SoftmaxView | None = None
    names: tuple[str, ...] = ()  # the tokens of the text

    @property
    def softmax(self) -> SoftmaxView:
        """The distribution at every temperature."""
        assert self.grid is not None
        return self.grid

    @property
    def at(self) -> int:
        """The place of the temperature on the grid."""
        return self.softmax.at(self.state.view.temperature)


def scene(state: Playground, context: Context) -> Softened:
    """The playground, after going on with what is under way."""
    lm = context.lm
    read = how(state.view)
    ids, left_out = prompt_ids(lm, state.text, read)
    found = Softened(
        state=state, context=context, prompt=list(ids) if left_out else quoted(lm, state.text, read),
        ids=ids, ready=bool(ids), read=bool(ids), notes=left_out_note(len(ids), left_out, window(lm)),
    )  # fmt: skip
    if ids:
        trace: Trace = context.trace(ids)
        found.running = state.advance(lm, trace, pressed=context.pressed)
        found.grid, found.names = state.softmax(lm, trace), labels(trace)
    return found
