"""The declaration of the Model page: facts, training, evaluation, limits. Nothing on it can be changed."""

from __future__ import annotations

from gptviz.recipes.model import CARD
from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.model import panels
from gptviz.ui.pages.model.state import About, ModelPage, begin, scene

NO_FACTS = {"n_layer": 1, "n_head": 1, "n_embd": 0, "block_size": 0, "vocab_size": 0, "position": "learned",
            "n_parameters": 0, "weights": "float32", "rounding": None}  # fmt: skip

NO_PASSPORT = {"checks": [], "done": True, "said": ""}

NO_RECIPES = dict.fromkeys(("facts", "next", "passport", *CARD), "")

PAGE: Page[ModelPage, About] = Page(
    name="model",
    state=ModelPage,
    begin=begin,
    scene=scene,
    actions={},
    panels=(
        Panel(panels.facts, empty={"title": "", "facts": NO_FACTS, "shares": [], "tuned": "", "labelled_at": ""}),
        Panel(panels.next_tokens, empty={"next": []}),
        Panel(panels.passport, empty={"passport": NO_PASSPORT}),
        Panel(panels.card, empty={"card": None}),
        Panel(panels.python, empty={"recipes": NO_RECIPES}),
    ),
    strings=("model_page.", "number."),
)
