"""One step of one column: what could have been chosen there, what the filters left, and where the draw fell.

Pure: no Streamlit here. The distributions of a run are not kept (each is as large as the vocabulary); the one looked at
is read again from the model, which gives the same.
"""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from gptviz import views
from gptviz.decoding import Contrastive, Strategy, generate
from gptviz.language_model import LanguageModel
from gptviz.readings import reading
from gptviz.ui.kept import remembered
from gptviz.ui.message_types import Of
from gptviz.ui.pages.compare.state import Ran, Slot
from gptviz.ui.web.message import as_json
from gptviz.views.distribution import Row, token_label

_TOP, _SEGMENTS = 5, 16
_WITHOUT = ("pos", "last", "actual", "entropy_model", "effective_model", "effective", "rows", "tail", "stages")


class Weighed(TypedDict):
    """A candidate of contrastive search, with its likeness and score."""

    label: str
    p: float
    similarity: float
    score: float
    drawn: bool


class Chosen(TypedDict):
    """What is told of a choice beside its distribution."""

    rows: list[Annotated[dict[str, Any], Of(Row, without=("bytes",))]]
    reading: str
    weighed: list[Weighed]


CANDIDATES = Of(views.DistributionView, without=_WITHOUT, more=Chosen)


def at_step(slot: Slot, ran: Ran, step: int, lang: str) -> dict[str, Any] | None:
    """The candidates of ``slot`` at ``step``, as JSON; None where its text does not reach so far."""
    column = slot.column
    if column is None or not 0 <= step < len(column.steps):
        return None
    ids = ran.ids + column.tokens[:step]
    return _candidates(ran.lm, slot.strategy, ids, column.steps[step].token, column.steps[step].draw, lang)


@remembered(maxsize=512)  # in class many look at the same step; never changed by whoever gets it
def _candidates(lm: LanguageModel, strategy: Strategy, ids: tuple[int, ...], token: int, u: float | None,
                lang: str) -> dict[str, Any]:  # fmt: skip
    logits = lm.prefill(ids).logits[0]  # (V,)
    chain = strategy.stages(logits, ids, chosen=token)
    view = views.distribution(logits, chain, lm.tokenizer, pos=len(ids) - 1, u=u, draw=token, top=_TOP,
                              segments=_SEGMENTS)  # fmt: skip
    found = as_json(view, *_WITHOUT) | {"rows": [as_json(row, "bytes") for row in view.rows]}
    return found | {"reading": reading(view, lang), "weighed": _weighed(lm, strategy, ids, token)}


def _weighed(lm: LanguageModel, strategy: Strategy, ids: tuple[int, ...], token: int) -> list[Weighed]:
    """The candidates of contrastive search with likeness and score."""
    if not isinstance(strategy, Contrastive):
        return []
    step = next(generate(lm, ids, strategy, max_new_tokens=1))
    return [
        {"label": token_label(lm.tokenizer, c.token), "p": c.prob, "similarity": c.similarity, "score": c.score,
         "drawn": c.token == token}
        for c in step.candidates[:_TOP]
    ]  # fmt: skip
