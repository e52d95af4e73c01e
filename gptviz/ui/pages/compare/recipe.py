"""Python that makes the numbers of the page in a notebook; its last line is the picture. Pure: no Streamlit here."""

from __future__ import annotations

import gptviz
from gptviz.decoding import Strategy
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.compare.state import Compare, Draws, Ran

_PICTURE = ("from gptviz.figures import decoding as figures", "from gptviz.views import decoding as views")


def comparison(state: Compare, lm: LanguageModel) -> str:
    """All columns, with the entropy of each step as a figure."""
    ran, names = state.ran, state.names()
    prompt = _prompt(ran) if ran and ran.text == state.text else repr(state.text)
    asked = f"max_new_tokens={state.view.n}, seed={state.view.seed}"
    return "\n".join(
        [
            *_head(lm, "from gptviz.decoding.records import record", *_PICTURE),
            "strategies = {",
            *(f"    {names[slot.number]!r}: {_call(slot.strategy)}," for slot in state.slots),
            "}",
            f"run = record(lm, {prompt}, strategies, {asked})",
            "figures.lines(views.comparison(run))",
        ]
    )


def column(ran: Ran, strategy: Strategy) -> str:
    """One column: its steps."""
    asked = f"max_new_tokens={ran.n}, seed={ran.seed}"
    return "\n".join([*_head(ran.lm), f"list(lm.generate({_prompt(ran)}, {_call(strategy)}, {asked}))"])


def draws(ran: Ran, wanted: Draws) -> str:
    """Many draws, with their spread as a figure."""
    asked = f"max_new_tokens={ran.n}, seed={ran.seed}"
    return "\n".join(
        [
            *_head(ran.lm, "from gptviz.decoding import draws", *_PICTURE),
            f"found = draws.many(lm, {_prompt(ran)}, {_call(wanted.strategy)}, {wanted.wanted}, {asked})",
            "figures.spread(views.spread(draws.spread(found)))",
        ]
    )


def _head(lm: LanguageModel, *imports: str) -> list[str]:
    return ["import gptviz", *imports, f"lm = gptviz.load({str(lm.name)!r})"]


def _prompt(ran: Ran) -> str:
    """The text, or the ids where not all of it is read."""
    return repr(list(ran.ids) if ran.left_out else ran.text)


def _call(strategy: Strategy) -> str:
    values = strategy.to_dict(brief=True)
    kind = type(strategy).__name__
    if kind not in gptviz.__all__:  # one that somebody added
        return f"gptviz.decoding.strategy_from_dict({values!r})"
    return f"gptviz.{kind}({', '.join(f'{name}={value!r}' for name, value in values.items() if name != 'name')})"
