"""What the stream page's panels are made of: one trace, and the lens at the position looked at. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from gptviz.analysis import ledger, logit_lens
from gptviz.analysis.attribution import Ledger
from gptviz.analysis.lens import Followed
from gptviz.gpt.trace import Array, Trace
from gptviz.numbers import top_ids
from gptviz.recipes import Prompt
from gptviz.ui.page import Context, Scene, left_out_note
from gptviz.ui.pages.stream.state import COLUMNS, Kept, StreamPage, View
from gptviz.ui.pages.stream.words import token_of
from gptviz.ui.prompts import how, prompt_ids, quoted, window
from gptviz.views import stream as views


@dataclass(kw_only=True)
class Streamed(Scene):
    """The page at one moment; all but state and context only where it is ready."""

    state: StreamPage
    context: Context
    prompt: Prompt
    look: View = field(default_factory=View)

    @cached_property
    def trace(self) -> Trace:
        """Of the text as it is read."""
        return self.context.trace(self.ids)

    @property
    def pos(self) -> int:
        """The position looked at."""
        return len(self.ids) - 1 if self.look.pos is None else self.look.pos

    @property
    def stage(self) -> int:
        """The row of the lens that is looked at."""
        return 0 if self.look.embed else self.look.layer + 1

    @property
    def columns(self) -> range:
        """The positions of the lens that are shown."""
        first = self.look.left(self.pos, len(self.ids))
        return range(first, min(len(self.ids), first + COLUMNS))

    @property
    def kept(self) -> Kept:
        """What the visitor's page has worked out."""
        assert self.state.kept is not None
        return self.state.kept

    @cached_property
    def logits(self) -> Array:
        """(S, V): the lens at the position looked at."""
        return logit_lens(self.trace, self.pos)

    @cached_property
    def best(self) -> list[int]:
        """What the model would say first and second there."""
        found: list[int] = top_ids(self.logits[-1], 2).tolist()
        return found

    @cached_property
    def n_tokens(self) -> int:
        """How many of the ids are tokens."""
        return int((self.logits[-1] > float("-inf")).sum())

    @cached_property
    def tokens(self) -> tuple[int, ...]:
        """The token followed and its rival, if the vocabulary has two: as they are named, else the model's choices."""
        one, other = self.named(self.look.token), self.named(self.look.rival)
        token = self.best[0] if one is None else one
        rival = next((i for i in ([other] if other is not None else self.best) if i != token), None)
        return (token,) if rival is None else (token, rival)

    def named(self, wish: str) -> int | None:
        """The token that a control names; None where it names none."""
        return token_of(self.context.lm.tokenizer, wish, self.n_tokens) if wish else None

    @cached_property
    def followed(self) -> tuple[Followed, ...]:
        """Both through the layers."""
        return views.through(self.logits, self.tokens, self.kept.columns[self.pos].tops.totals)

    @cached_property
    def ledgers(self) -> tuple[Ledger, ...]:
        """Of both, finest."""
        return tuple(ledger(self.trace, token, self.pos) for token in self.tokens)

    @cached_property
    def found_neurons(self) -> views.NeuronsView:
        """The most active ones of the block looked at, and the one that is chosen."""
        return views.neurons(self.trace, self.look.layer, self.pos, self.context.lm.tokenizer, also=self.look.neuron)

    @property
    def against(self) -> bool:
        """Whether the ledger is of the difference of both."""
        return self.look.against and len(self.tokens) > 1


def scene(state: StreamPage, context: Context) -> Streamed:
    """The page, after going on with what is under way."""
    lm = context.lm
    ids, left_out = prompt_ids(lm, state.text, how(state.view))
    found = Streamed(
        state=state, context=context, prompt=list(ids) if left_out else quoted(lm, state.text, how(state.view)),
        ids=ids, ready=bool(ids), read=bool(ids), notes=left_out_note(len(ids), left_out, window(lm)),
    )  # fmt: skip
    if ids:
        c = lm.config
        found.view = found.look = state.view.clamped(n_layer=c.n_layer, n_head=c.n_head, width=c.mlp_width, T=len(ids))
        kept, ranked = state.keep(lm, ids), found.tokens[0] if found.look.grid == "rank" else None
        if not kept.has(found.pos, ranked):
            kept.put(found.pos, found.logits, ranked)
        found.running = state.advance(found.trace, found.columns, ranked, pressed=context.pressed)
    return found
