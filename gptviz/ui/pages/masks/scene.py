"""What the page of masks is made of: one text under three masks, and the claim looked at. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from gptviz.analysis.claims import Evidence
from gptviz.analysis.masks import UnderMask
from gptviz.ui.page import Context, Note, Scene
from gptviz.ui.pages.masks.state import MOST, Masks
from gptviz.ui.prompts import how, prompt_ids, window
from gptviz.views.distribution import token_label


@dataclass(kw_only=True)
class Masked(Scene):
    """The text under three masks."""

    state: Masks
    context: Context

    @cached_property
    def found(self) -> tuple[UnderMask, ...]:
        """Causal, bidirectional, prefix."""
        return self.state.masks(self.context.lm, self.ids, self.context.trace)

    @cached_property
    def evidence(self) -> Evidence | None:
        """What speaks against the claim."""
        return self.state.evidence(self.context.lm, self.ids, self.context.lang, self.found)

    def label(self, token: int) -> str:
        """A token as it is shown."""
        return token_label(self.context.lm.tokenizer, token)


def scene(state: Masks, context: Context) -> Masked:
    """The page as it stands: of a long text the end is read."""
    ids, left_out = prompt_ids(context.lm, state.text, how(state.view))
    most = min(MOST, window(context.lm))
    over = max(0, len(ids) - most)
    ids = ids[over:]
    beyond = left_out + over
    notes: list[Note] = [("warn", "masks.left_out", {"most": most, "left_out": beyond})] if beyond else []
    found = Masked(state=state, context=context, ids=ids, ready=bool(ids), read=bool(ids), notes=notes)
    state.advance(context.lm, context.pressed)
    found.running = state.measuring is not None
    found.view = replace(state.view, prefix=min(state.view.prefix, max(1, len(ids))))
    return found
