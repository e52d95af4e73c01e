"""What a check looks at on a page: text, controls, what else the link holds, and the ids in the picture. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gptviz.analysis.heads import HeadScores
from gptviz.language_model import LanguageModel
from gptviz.lessons.moment import Moment
from gptviz.ui.web.conversation import Conversation

if TYPE_CHECKING:
    from gptviz.ui.page import Context, Scene


def moment_of(page: str, state: Conversation, scene: Scene, context: Context) -> Moment:
    """The moment that a page's picture shows."""
    view = state.view if scene.view is None else scene.view
    fields = {control.query: getattr(view, control.name) for control in state.controls()}
    more = {name: int(said) if said.isdecimal() else said for name, said in state.to_query(context.lm).items()}
    fields |= {"p": state.text} | more
    return Moment(context.lm, page, fields, scene.ids, getattr(scene, "n_prompt", len(scene.ids)), context.trace,
                  _measured)  # fmt: skip


def _measured(lm: LanguageModel) -> tuple[HeadScores, ...]:
    """The heads' scores as far as the Heads page has measured them: nobody waits for them here."""
    from gptviz.ui.pages.heads.work import SHELF  # the pages import what this is imported by

    return SHELF.get(lm.fingerprint)
