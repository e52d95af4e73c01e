"""The declaration of the Tokens page: the film of the merges, other vocabularies, one more letter, the vocabulary."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.tokens import panels
from gptviz.ui.pages.tokens.scene import Tokenized, scene
from gptviz.ui.pages.tokens.state import ACTIONS, Tokens, begin

PAGE: Page[Tokens, Tokenized] = Page(
    name="tokens",
    state=Tokens,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.presets, empty={"presets": []}, always=True),
        Panel(panels.film, arrays=panels.film_arrays, empty={"film": None}),
        Panel(panels.costs, always=True,
              empty={"costs": {"rows": [], "languages": [], "offered": [], "reading": "", "python": ""}}),
        Panel(panels.letters, empty={"letters": {"rows": [], "reading": "", "python": ""}}),
        Panel(panels.browser, always=True,
              empty={"browser": {"rows": [], "vocab_size": 0, "reading": "", "python": ""}}),
    ),
    strings=("tokens.", "empty.", "path."),
)  # fmt: skip
