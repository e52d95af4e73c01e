"""What starting costs and what a visitor costs: seconds of ``gptviz.load()``, resident memory of the app's process.

Memory is what Linux counts as resident (VmRSS), shared libraries included.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.serving import Server, chromium, clear_and_type, no_browser, picture_of, server, visit
from benchmarks.table import Row, Target
from gptviz.catalogue import DEFAULT, local_models
from gptviz.paths import ROOT
from gptviz.tokens.tokenizer import Tokenizer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LOAD = Target("`gptviz.load()` in a fresh process, files in the page cache", "", 1.0, "s")
RESIDENT = Target("resident memory of the app, default model, one session", "", 500.0, "MB")
GROWTH = Target("more for each further session", "", 8.0, "MB")
KEY_DELAY = 30.0  # ms between keys: many pictures on the way to a whole sentence
SENTENCES = (
    "The old man and the sea were friends for many years.",
    "我今天很高兴,因为我们要去公园玩。",
    "Once there was a dog who wanted to fly to the moon.",
    "She opened the door and saw a small blue bird inside.",
    "In the morning the sun came up over the green hills.",
    "从前有一只小兔子住在森林里。",
    "Tom and Lily went to the market to buy some bread.",
    "My favourite colour is the colour of the winter sky.",
    "A long time ago there lived a king who had no crown.",
)
_CODE = """
import json, time
start = time.perf_counter()
import gptviz
load = gptviz.load  # what it needs is imported when it is first named
imported = time.perf_counter()
load()
print(json.dumps([time.perf_counter() - imported, imported - start]))
"""


def load_rows(*, repeats: int) -> Iterator[Row]:
    """One row: the median of ``repeats`` fresh processes, after one that is not counted."""
    seconds = [_load_once() for _ in range(1 + repeats)][1:]
    load, imports = (median(column) for column in zip(*seconds, strict=True))
    yield LOAD.measured(load, note=f"imports before it take {imports:.2f} s")


def _load_once() -> tuple[float, float]:
    """(seconds of the load, seconds of the imports)."""
    run = subprocess.run([sys.executable, "-c", _CODE], cwd=ROOT, capture_output=True, text=True, check=True)
    load, imports = json.loads(run.stdout)
    return load, imports


def session_rows(*, further: int = len(SENTENCES) - 1) -> Iterator[Row]:
    """Two rows: the app with one visitor who has typed a sentence; and what each of ``further`` others adds.

    All stay open, and each types another sentence, key by key.
    """
    why = no_browser() or (None if Path("/proc/self/status").is_file() else "no /proc on this system")
    if why:
        yield from (RESIDENT.not_measured(why), GROWTH.not_measured(why))
        return
    tokenizer = Tokenizer.load(local_models()[DEFAULT])
    with server(ROOT / "app.py") as app, chromium() as browser:
        resident = [_after_visit(browser, app, sentence, tokenizer) for sentence in SENTENCES[: 1 + further]]
    yield RESIDENT.measured(resident[0])
    yield GROWTH.measured((resident[-1] - resident[0]) / further, note=f"mean of {further}")


def _after_visit(browser: Browser, app: Server, sentence: str, tokenizer: Tokenizer) -> float:
    """Resident MB once a new visitor's sentence is drawn."""
    page = visit(browser, app.url, '[data-testid="distribution"][data-ids]')
    clear_and_type(page, sentence, picture_of(tokenizer.encode(sentence)), delay=KEY_DELAY)
    return resident_mb(app.pid)


def resident_mb(pid: int) -> float:
    """VmRSS of a process, in 10**6 bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    kib = next(line for line in lines if line.startswith("VmRSS:")).split()[1]
    return int(kib) * 1024 / 1e6
