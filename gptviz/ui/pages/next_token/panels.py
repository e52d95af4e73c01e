"""The first page's panels: each view with its reading and the Python that rebuilds it. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

import numpy as np

from gptviz import views
from gptviz.readings import reading
from gptviz.ui.message_types import JSON, Of, Told
from gptviz.ui.pages.next_token.scene import NextToken
from gptviz.ui.walk.actions import strategy
from gptviz.ui.web.arrays import Blobs
from gptviz.ui.web.brief import brief
from gptviz.ui.web.message import as_json

SHORT = 64  # tokens of a text whose matrix travels exact with each picture


class ChipsPart(TypedDict):
    """The tokens of prompt and path."""

    chips: list[Annotated[JSON, Of(views.Chip)]]
    chips_reading: str
    chips_python: str


def chips(scene: NextToken) -> ChipsPart:
    """Every token with its id, bytes and surprisal."""
    view = views.chips(scene.trace, scene.n_prompt)
    return {
        "chips": [*map(_told, view.chips)],
        "chips_reading": reading(view, scene.context.lang),
        "chips_python": scene.python("chips", n_prompt=scene.n_prompt),
    }


@lru_cache(maxsize=1 << 13)
def _told(chip: views.Chip) -> dict[str, Any]:
    """A chip as the message says it; most are those of the key before."""
    return as_json(chip)


class AttentionPart(TypedDict):
    """One head's scores or pattern; the numbers are the array ``attention``."""

    attention: Annotated[JSON, Of(views.AttentionView, without=("values",), more=Told)]


def attention(scene: NextToken) -> AttentionPart:
    """One head, as a matrix."""
    view, look = scene.attention, scene.look
    python = scene.python("attention", layer=look.layer, head=look.head, stage=look.stage)
    said = reading(view, scene.context.lang, query_pos=scene.pos)
    return {"attention": as_json(view, "values") | {"reading": said, "python": python}}


class MaskPart(TypedDict):
    """Who may look where; the array ``mask``."""

    mask: Told


def mask(scene: NextToken) -> MaskPart:
    """The causal mask."""
    return {"mask": {"reading": reading(scene.mask, scene.context.lang), "python": scene.python("mask")}}


class CellPart(TypedDict):
    """The arithmetic of one number of the matrix."""

    cell: Annotated[JSON, Of(views.CellView, without=("sqrt_d",), more=Told)]


def cell(scene: NextToken) -> CellPart:
    """The chosen cell, from q·k to the share."""
    where = {"layer": scene.look.layer, "head": scene.look.head}
    view = views.cell(scene.trace, where["layer"], where["head"], scene.pos, scene.key)
    python = scene.python("cell", query_pos=scene.pos, key_pos=scene.key, **where)
    return {"cell": as_json(view, "sqrt_d") | {"reading": reading(view, scene.context.lang), "python": python}}


class MosaicPart(TypedDict):
    """All heads; the tiles are the array ``mosaic``."""

    mosaic: Annotated[JSON, Of(views.MosaicView, without=("tiles",), more=Told)]


def mosaic(scene: NextToken) -> MosaicPart:
    """All layers and heads at a glance."""
    said = {"reading": reading(scene.mosaic, scene.context.lang), "python": scene.python("mosaic")}
    return {"mosaic": as_json(scene.mosaic, "tiles") | said}


class DistributionPart(TypedDict):
    """The next token."""

    distribution: Annotated[JSON, Of(views.DistributionView, more=Told)]
    space: bool  # the position's token is a space that the words after it usually have in them


def distribution(scene: NextToken) -> DistributionPart:
    """What may come next, what the filters keep of it, and the draw."""
    view, look = scene.distribution, scene.look
    sliders = strategy(look).to_dict(brief=True) | {"pos": scene.pos}
    sliders.pop("name")
    drawn = {"seed": look.seed, "step": scene.tree.depth}
    chance = drawn if scene.last else {"actual_id": scene.ids[scene.pos + 1]}
    python = scene.python("distribution", **sliders, **chance)
    shown = as_json(view) | {"reading": reading(view, scene.context.lang), "python": python}
    return {"distribution": shown, "space": _lone_space(scene)}


def _lone_space(scene: NextToken) -> bool:
    """Whether the token looked at is one space, in a vocabulary whose words begin with theirs."""
    tokenizer = scene.context.lm.tokenizer
    space = scene.ids[scene.pos]
    return tokenizer.token_bytes(space) == b" " and tokenizer.encode(" the", add_special_tokens=False)[:1] != [space]


def arrays(scene: NextToken) -> Blobs:
    """(T, T) the matrix, (T, T) the mask, (n_layer, n_head, t, t) the tiles.

    The weights of a long text are ``brief`` until its exact numbers are asked for, as its menu does.
    """
    values = scene.attention.values
    looked_at = scene.look.stage == "pattern" and len(values) > SHORT and not scene.walk.exact
    return {
        "attention": brief(values) if looked_at else values,
        "mask": scene.mask.allowed.astype(np.uint8),
        "mosaic": scene.mosaic.tiles,
    }
