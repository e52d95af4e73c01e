"""The panels of the page of uses: the list, what was written, and what may be expected of this model. Pure."""

from __future__ import annotations

import math
from typing import TypedDict

from gptviz.i18n import large, translate
from gptviz.recipes import uses as recipes
from gptviz.rounding import percent
from gptviz.tokens.labels import spoken
from gptviz.ui.message_types import Told
from gptviz.ui.pages.uses.scene import Tried
from gptviz.ui.pages.uses.state import USES, WAYS
from gptviz.ui.prompts import how, quoted

#: Below so many parameters, a model is called so.
SIZES = {"tiny": 100_000_000, "small": 1_000_000_000, "middle": 10_000_000_000, "large": math.inf}


class UsesPart(TypedDict):
    """What can be tried."""

    uses: list[str]


class Bit(TypedDict):
    """What one token added, and its probability."""

    text: str
    p: float


class Written(Told):
    """The continuation; ``done``: nothing more comes."""

    bits: list[Bit]
    done: bool
    number: str
    columns: list[str]
    rows: list[list[str]]


class WrittenPart(TypedDict):
    """What was written after the prompt."""

    written: Written | None


class WordPart(TypedDict):
    """What the use is, and what may be expected of the model that is open."""

    what: str
    honest: str
    size: str


def uses(scene: Tried) -> UsesPart:
    """What can be tried."""
    return {"uses": list(USES)}


def written(scene: Tried) -> WrittenPart:
    """What was written after the prompt."""
    lang, view, wrote = scene.context.lang, scene.state.view, scene.wrote
    prompt = quoted(scene.context.lm, scene.state.text, how(view))
    python = recipes.written(prompt, scene.context.lm.name, way=WAYS[view.way], length=view.length, seed=view.seed)
    columns = [translate(f"uses.column.{name}", lang) for name in ("text", "p")]
    return {"written": {
        "bits": [{"text": one.text, "p": one.p} for one in wrote], "done": not scene.running, "python": python,
        "reading": _reading(scene), "number": translate("uses.number", lang, count=len(wrote)),
        "columns": columns, "rows": [[spoken(one.text), percent(one.p, 1)] for one in wrote],
    }}  # fmt: skip


def _reading(scene: Tried) -> str:
    lang, wrote = scene.context.lang, scene.wrote
    if not wrote:
        return translate("uses.nothing", lang)
    mean = math.exp(sum(math.log(max(one.p, 1e-300)) for one in wrote) / len(wrote))
    end = f"uses.finish.{wrote[-1].finish or ('writing' if scene.running else 'stopped')}"
    return translate("uses.reading", lang, count=len(wrote), mean=percent(mean), end=translate(end, lang))


def word(scene: Tried) -> WordPart:
    """What the use is, and what may be expected."""
    lang, name = scene.context.lang, scene.state.view.use
    count = scene.context.lm.config.n_parameters
    size = next(name for name, most in SIZES.items() if count < most)
    kind = "chat" if scene.asked else "base"
    honest = f"uses.honest_chat.{name}" if scene.asked else f"uses.honest_base.{name}"
    return {"what": translate(f"uses.what.{name}", lang), "honest": translate(honest, lang),
            "size": translate(f"uses.size.{size}", lang, count=large(count, lang),
                              kind=translate(f"uses.kind.{kind}", lang))}  # fmt: skip
