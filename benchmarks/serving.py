"""The app as a visitor meets it: a Streamlit server of its own, and a real Chromium before it."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, NamedTuple
from urllib.error import URLError

from benchmarks.timing import lacking
from gptviz.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

VIEWS = ("chips", "mask", "attention", "mosaic", "distribution")
PROMPT = '[data-testid="prompt"]'
_PATIENCE = 60.0  # seconds until a server or a picture counts as not coming
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync")  # fmt: skip

#: Resolves, once the views stand at what is expected, to the ms since the last key; rejects after a while.
_WATCH = """(prompt, { views, attribute, expected, patience }) => {
  const root = prompt.getRootNode();
  const stands = (view) => root.querySelector(`[data-testid="${view}"]`)?.getAttribute(attribute) === expected;
  window.drawn = new Promise((resolve, reject) => {
    let last = 0, pressed = false;
    const hear = ({ type }) => {
      if (type === "keydown" || !pressed) last = performance.now(); // what no key can type arrives as input alone
      pressed = type === "keydown";
    };
    const stop = () => {
      observer.disconnect();
      for (const type of ["keydown", "input"]) window.removeEventListener(type, hear, true);
      clearTimeout(timer);
    };
    const observer = new MutationObserver(() => {
      if (!last || !views.every(stands)) return;
      const now = performance.now();
      stop();
      resolve(now - last);
    });
    const timer = setTimeout(() => {
      stop();
      reject(new Error("never drawn: " + expected));
    }, patience);
    observer.observe(root, { subtree: true, attributes: true, attributeFilter: [attribute] });
    for (const type of ["keydown", "input"]) window.addEventListener(type, hear, true);
  });
}"""


class Stand(NamedTuple):
    """What is waited for: all ``views`` (by data-testid) have ``expected`` in their ``attribute``."""

    expected: str
    views: tuple[str, ...] = VIEWS
    attribute: str = "data-ids"


def picture_of(ids: list[int]) -> Stand:
    """The first screen, finished, for these tokens."""
    return Stand(",".join(map(str, ids)))


class Server(NamedTuple):
    """A running Streamlit server."""

    url: str
    pid: int


def no_browser() -> str | None:
    """Why no browser can be driven here; None where one can."""
    return lacking("playwright") or (None if shutil.which("chromium") else "chromium not found")


def free_port() -> int:
    """One that nobody listens at, of those that no system gives to whoever connects somewhere.

    Of the others (the system's own choice for port 0) one may be taken again before the server has started.
    """
    for _ in range(100):
        port = 20_000 + secrets.randbelow(12_000)  # not ``random``, which tests seed alike in every process
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


@contextmanager
def server(script: Path, **variables: str) -> Iterator[Server]:
    """``streamlit run`` of ``script`` from the project's folder, so with its configuration, on a free port.

    ``variables`` are added to its environment.

    Raises RuntimeError, with what it printed, where it does not come up.
    """
    port = free_port()
    # the app as `make run` starts it; other pages by Streamlit alone
    starts = ["gptviz.ui.serve"] if script == ROOT / "app.py" else ["streamlit", "run", str(script)]
    command = [sys.executable, "-m", *starts, "--server.port", str(port), "--server.address", "127.0.0.1"]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   env=os.environ | variables)  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            if not _answers(f"{url}/_stcore/health", process):
                said.seek(0)
                raise RuntimeError(f"{script.name} did not come up:\n{said.read()}")
            yield Server(url, process.pid)
        finally:
            process.terminate()
            process.wait(10)


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    end = monotonic() + _PATIENCE
    while monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return True
        except (URLError, OSError):
            sleep(0.1)
    return False


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM))
        try:
            yield browser
        finally:
            browser.close()


def visit(browser: Browser, url: str, first: str) -> Page:
    """A new visitor's page, in a window of its own (so never in the background), once ``first`` is to be seen."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US").new_page()
    page.goto(url)
    page.wait_for_selector(first, timeout=1e3 * _PATIENCE, state="attached")
    return page


def type_until(page: Page, text: str, stand: Stand, *, delay: float = 0.0) -> float:
    """Type ``text`` with ``delay`` ms between keys; returns the ms from the last key until the page stands so."""
    _watch(page, stand)
    page.keyboard.type(text, delay=delay)
    return float(page.evaluate("window.drawn"))


def erase_until(page: Page, stand: Stand) -> float:
    """The same for the last character taken back."""
    _watch(page, stand)
    page.keyboard.press("Backspace")
    return float(page.evaluate("window.drawn"))


def clear_and_type(page: Page, text: str, stand: Stand, *, delay: float = 0.0) -> float:
    """The same for a text in place of the one there."""
    page.locator(PROMPT).select_text()
    return type_until(page, text, stand, delay=delay)


def _watch(page: Page, stand: Stand) -> None:
    page.locator(PROMPT).evaluate(_WATCH, {**stand._asdict(), "patience": 1e3 * _PATIENCE})
