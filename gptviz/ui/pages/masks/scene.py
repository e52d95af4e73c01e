"""What the page of masks is made of: one text under three masks, the claim looked at, the blank to be filled. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gptviz.analysis.claims import Evidence
from gptviz.analysis.masks import KINDS, UnderMask
from gptviz.jobs import Slice
from gptviz.ui.page import Context, Note, Scene
from gptviz.ui.pages.masks.state import MOST, SLICE, Ids, Masks
from gptviz.ui.prompts import how, prompt_ids, window
from gptviz.views.distribution import token_label


@dataclass(kw_only=True)
class Masked(Scene):
    """The text under three masks; what is not computed yet is of the text before."""

    state: Masks
    context: Context
    found: list[tuple[Ids, UnderMask]] = field(default_factory=list)  # causal, bidirectional, prefix, with their texts
    evidence: tuple[Ids, Evidence] | None = None  # against the claim, and of which text

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
    whole = state.look(context.lm, ids, context.lang, context.trace, Slice(SLICE, pressed=context.pressed))
    state.advance(context.lm, context.pressed)
    found.running = state.measuring is not None or not whole
    masks = [state.mask(kind) for kind in KINDS]
    found.found = [one for one in masks if one is not None]
    found.evidence = state.evidence(context.lm, ids, context.lang)
    sentence, word = state.blank(context.lang)
    prefix = min(state.view.prefix, max(1, len(ids)))
    found.view = replace(state.view, prefix=prefix, sentence=sentence, word=word)
    return found
