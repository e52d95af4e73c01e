"""From a pause in typing to the finished picture in Chromium, against a page that only sends the text back.

Both times are taken inside the page: from the last key's ``keydown`` to the moment when all five views stand at the ids
of the text (there: when the echo stands at the text). Both have the same debounce and the same server settings.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.serving import (
    Stand,
    chromium,
    clear_and_type,
    erase_until,
    no_browser,
    picture_of,
    server,
    type_until,
    visit,
)
from benchmarks.table import Row, Target
from gptviz.catalogue import DEFAULT, local_models
from gptviz.paths import ROOT
from gptviz.tokens.tokenizer import Tokenizer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ECHO = Path(__file__).with_name("echo_app.py")
_SENTENCE = ("Once upon a time there was a little girl who lived with her mother in a small house at the edge of a big "
             "forest, and every day she went to the river to play with her friends and to look for ")  # fmt: skip
WARM_UP = 3  # keys, not counted
BARS = {32: 1.5, 200: 2.0}  # of the echo's time at most, by tokens of the prompt


def rows(*, repeats: int, tokens: int = 32) -> Iterator[Row]:
    """One row: ours is the first screen, theirs the echo; the median of ``repeats`` keys (59 at most) on each."""
    what = f"pause in typing → finished picture in Chromium, first screen, {tokens} tokens, default model"
    target = Target(what, "a page that echoes", BARS.get(tokens, max(BARS.values())), "ms")
    why = no_browser()
    if why:
        yield target.not_measured(why)
        return
    tokenizer = Tokenizer.load(local_models()[DEFAULT])
    text, keys = prompt(tokenizer, tokens)
    with server(ROOT / "app.py") as ours, server(ECHO) as theirs, chromium() as browser:
        picture = _ready(browser, ours.url, text, picture_of(tokenizer.encode(text)))
        echo = _ready(browser, theirs.url, text, _echo_of(text))
        times: list[tuple[float, float]] = []
        for key in keys[: WARM_UP + repeats]:
            longer = text + key
            drawn = picture_of(tokenizer.encode(longer))
            times.append((type_until(picture, key, drawn), type_until(echo, key, _echo_of(longer))))
            erase_until(picture, picture_of(tokenizer.encode(text)))
            erase_until(echo, _echo_of(text))
    mine, other = zip(*times[WARM_UP:], strict=True)
    yield target.measured(median(mine), median(other))


def prompt(tokenizer: Tokenizer, tokens: int) -> tuple[str, str]:
    """(text, keys): the text with any one of the keys after it is ``tokens`` tokens long, and new to every cache."""
    text = tokenizer.decode(tokenizer.encode(_SENTENCE * 6)[: tokens - 1]) + " "
    return text, "".join(c for c in string.ascii_letters + string.digits if len(tokenizer.encode(text + c)) == tokens)


def _echo_of(text: str) -> Stand:
    return Stand(text, ("echo",), "data-text")


def _ready(browser: Browser, url: str, text: str, stand: Stand) -> Page:
    """A page with ``text`` typed, and drawn."""
    page = visit(browser, url, f'[data-testid="{stand.views[0]}"][{stand.attribute}]')
    clear_and_type(page, text, stand)
    return page
