"""What somebody would write who follows CONTRIBUTING.md: a strategy, a filter and a page that nobody needs.

Each maps the files of its list, placeholders filled, to what is done to them: ``put`` adds lines after one that is
there, ``new`` makes the file. Every language gets the same words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

Edit: TypeAlias = Callable[[str], str]


class Dummy(NamedTuple):
    """Something added by the book."""

    title: str  # of the list in CONTRIBUTING.md
    names: dict[str, str]  # what its placeholders stand for
    edits: dict[str, Edit]  # by path, with <lang> as it stands
    works: str  # Python that fails where it does not


def new(source: str) -> Edit:
    """A file that is not there yet."""

    def make(before: str) -> str:
        assert not before
        return source

    return make


def put(*pairs: tuple[str, str]) -> Edit:
    """(what is there once, what comes right after it), for each pair."""

    def change(text: str) -> str:
        for anchor, added in pairs:
            assert text.count(anchor) == 1, f"{anchor!r} is there {text.count(anchor)} times"
            text = text.replace(anchor, anchor + added)
        return text

    return change


def words(**tables: str) -> Edit:
    """Interface strings: a line for each table (``__`` is a dot)."""
    return put(*((f"[{table.replace('__', '.')}]\n", line + "\n") for table, line in tables.items()))


def end(source: str) -> Edit:
    """More at the end of a file."""
    return lambda text: text + source


STRATEGY = Dummy(
    "Add a decoding strategy",
    {"strategy": "rarest", "name": "rarest"},
    {
        "gptviz/decoding/strategies/rarest.py": new('''"""The least likely token."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from gptviz.decoding.filters import Array
from gptviz.decoding.parameter import Parameter
from gptviz.decoding.strategy import OneByOne


@dataclass(frozen=True)
class Rarest(OneByOne):
    """Always the token of some rank from below."""

    from_below: int = 1
    name: ClassVar[str] = "rarest"
    place: ClassVar[int] = 90
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("from_below", "whole", 1, low=1, high=9, off=1, shown=(1, 9)),
    )

    def choose(self, logits: Array, previous_ids: Sequence[int], u: float) -> tuple[int, float | None]:
        return int(logits.argsort()[self.from_below - 1]), None
'''),
        "assets/i18n/<lang>/strategy.toml": words(
            strategy='rarest = "Rarest"',
            strategy__hint='rarest = "Takes what nobody expects"',
            strategy__parameter='from_below = "Rank from below"',
            strategy__parameter_hint='from_below = "1 is the last"',
        ),
        "assets/i18n/<lang>/preset.toml": words(
            preset__short='rarest = "rarest"\nfrom_below = "from below {value}"',
        ),
        "tests/test_strategies.py": put(('["greedy", "sample", "beam", "contrastive"', ', "rarest"')),
    },
    """
import json
import gptviz
from gptviz.cli import main
from gptviz.decoding import STRATEGIES, strategy_from_dict
from gptviz.decoding.presets import short
strategy = strategy_from_dict({"name": "rarest", "from_below": 2})
assert list(STRATEGIES)[-1] == "rarest" and short(strategy) == "rarest, from below 2", short(strategy)
lm = gptviz.load()
logits = lm.trace("Once").logits[-1]
[step] = lm.generate("Once", strategy, max_new_tokens=1)
assert step.ids[-1] == logits.argsort()[1]
assert main(["generate", "Once", "--strategy", "rarest", "--from-below", "2", "--tokens", "1"]) == 0
""",
)

FILTER = Dummy(
    "Add a filter",
    {"filter": "top_a", "name": "top_a"},
    {
        "gptviz/decoding/filters/top_a.py": new('''"""Top-a."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gptviz.decoding.filter import Array, Filter, keep
from gptviz.decoding.parameter import Parameter
from gptviz.numbers import softmax


@dataclass(frozen=True)
class TopA(Filter):
    """Tokens at least a times as likely as the square of the likeliest."""

    a: float
    place: ClassVar[int] = 90
    parameter: ClassVar[Parameter] = Parameter(
        "top_a", "number", None, low=0, high=1, step=0.01, neutral=0, start=0.2, link="top_a", optional=True
    )

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        probs = softmax(logits)
        return keep(logits, probs >= np.float32(self.a) * probs.max() ** 2)
'''),
        "gptviz/decoding/strategies/sample.py": put(
            ("    no_repeat_ngram_size: int | None = None\n", "    top_a: float | None = None\n"),
        ),
        "assets/i18n/<lang>/strategy.toml": words(
            strategy__parameter='top_a = "Top-a"',
            strategy__parameter_hint='top_a = "Cuts more where the model is sure"',
        ),
        "assets/i18n/<lang>/preset.toml": words(preset__short='top_a = "top-a {value}"'),
        "assets/i18n/<lang>/panel.toml": words(panel__distribution__filter='top_a = "top-a"'),
        "assets/i18n/<lang>/figure.toml": words(figure__distribution__cut='top_a = "cut by top-a"'),
        "tests/test_filters.py": end("""

def test_top_a() -> None:
    kept = filters.FILTERS["top_a"].of(1.0)(np.log(np.array([0.5, 0.3, 0.2], dtype=np.float32)))
    assert np.isfinite(kept).tolist() == [True, True, False]
"""),
        "tests/ui/test_link.py": put(("    no_repeat_ngram_size=st.integers(0, 100),\n",
                                      "    top_a=st.integers(0, 100).map(lambda n: n / 100),\n")),
        "tests/ui/test_steps.py": put(("eta_cutoff=0.0005, no_repeat_ngram_size=3", ", top_a=0.01")),
    },
    """
import numpy as np
from gptviz.decoding import Sample, stages
from gptviz.recipes import python_call
from gptviz.ui.controls import controls
from gptviz.ui.walk.state import View
assert "top_a                  from 0 to 1; None is off, and so is 0" in Sample.__doc__
logits = np.log(np.float32([0.5, 0.3, 0.2]))
*_, last = stages(logits, Sample(top_a=1.0))
assert last.name == "top_a" and last.probs.round(3).tolist() == [0.625, 0.375, 0.0]
[control] = [control for control in controls(View) if control.name == "top_a"]
assert (control.read(9), control.parse("0.5"), control.written(0.0)) == (1.0, 0.5, None)
assert "top_a" not in python_call("distribution", "a", "m", pos=0, temperature=0.5, top_a=0)
assert "top_a=0.2" in python_call("distribution", "a", "m", pos=0, temperature=0.5, top_a=0.2)
""",
)  # fmt: skip

PAGE = Dummy(
    "Add a page",
    {"page": "echo", "group": "echo"},
    {
        "gptviz/ui/layout.py": put(
            ('    "inside": (', '"echo", '),
            ('    "beam": "beam",\n', '    "echo": "echo-of-the-text",\n'),
        ),
        "pages/echo_page.py": new('''"""The text again."""

from gptviz.ui.runner import show

show("echo")
'''),
        "gptviz/ui/pages/echo/__init__.py": new('"""The page that says the text again."""\n'),
        "gptviz/ui/pages/echo/state.py": new('''"""What the page stands at."""

from dataclasses import dataclass, field

from gptviz.ui.controls import count
from gptviz.ui.page import Context, Scene
from gptviz.ui.prompts import prompt_ids
from gptviz.ui.web.conversation import Conversation


@dataclass(frozen=True)
class View:
    times: int = count(1, 1, 3)


@dataclass
class Echo(Conversation):
    view: View = field(default_factory=View)


@dataclass(kw_only=True)
class Heard(Scene):
    times: int
    lang: str


def scene(state: Echo, context: Context) -> Heard:
    ids, _ = prompt_ids(context.lm, state.text)
    return Heard(ids=ids, read=bool(ids), times=state.view.times, lang=context.lang)


def begin(state: Echo, lang: str) -> None:
    state.text = "Hello"
'''),
        "gptviz/ui/pages/echo/panels.py": new('''"""The page's only panel."""

from typing import TypedDict

from gptviz.i18n import translate
from gptviz.ui.pages.echo.state import Heard


class SaidPart(TypedDict):
    reading: str


def said(scene: Heard) -> SaidPart:
    return {"reading": translate("echo.reading", scene.lang, count=len(scene.ids) * scene.times)}
'''),
        "gptviz/ui/pages/echo/page.py": new('''"""The declaration of the page."""

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.echo import panels
from gptviz.ui.pages.echo.state import Echo, Heard, begin, scene

PAGE: Page[Echo, Heard] = Page(
    name="echo", state=Echo, begin=begin, scene=scene, actions={}, strings=("echo.",),
    panels=(Panel(panels.said, empty={"reading": ""}),),
)
'''),
        "gptviz/web/pages/echo/message.d.ts": new('''\
// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** The controls. */
export type EchoControls = {
  times: number;
};

/** All of the page's header. */
export interface EchoHeader extends Omit<Header, "view"> {
  view: EchoControls;
  reading: string;
}
'''),
        "gptviz/web/pages/echo/main.js": new('''// The text again.

import { el, setText } from "../../kit/dom.js";
import { servePage } from "../../wire/page.js";

export default servePage((grid, page) => {
  const said = el("p", {});
  grid.append(el("section", { class: "card" }, el("h2", { text: page.str("echo.title") }), said));
  return { update: ({ header }) => setText(said, header.reading) };
});
'''),
        "gptviz/web/pages/echo/page.css": new('@import "../../kit/base.css";\n@import "../../kit/layout.css";\n'),
        "assets/i18n/<lang>/nav.toml": words(nav='echo = "Echo"'),
        "assets/i18n/<lang>/echo.toml": new(
            '[echo]\ntitle = "Again"\nreading = "{count} {count|token|tokens} in all"\n'
        ),
        "tests/app/test_echo.py": new('''"""The echo in the app."""

from gptviz.language_model import LanguageModel
from tests.app.visitor import Visitor


class EchoVisitor(Visitor):
    name = "echo"


def test_what_is_typed_is_counted(lm: LanguageModel) -> None:
    visitor = EchoVisitor(lang="en", p="Once")
    assert visitor.run().header["reading"] == "1 token in all"
    visitor.say(text="Once upon a time", times=2)
    assert visitor.header["reading"] == f"{2 * len(lm.tokenizer.encode('Once upon a time'))} tokens in all"
    visitor.say(times="many")
    assert visitor.header["view"] == {"times": 2}
'''),
    },
    """
from gptviz.ui.layout import GROUPS, PAGES
assert GROUPS["inside"][0] == "echo" and PAGES["echo"] == "echo-of-the-text"
""",
)  # fmt: skip

ALL = (STRATEGY, FILTER, PAGE)
