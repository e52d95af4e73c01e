"""One server and one Chromium for all tests here; each visitor has a browser context of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from benchmarks.serving import free_port
from gptviz.paths import ROOT
from tests.browser.any_page import AnyPage
from tests.browser.first_screen import FirstScreen

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 60.0  # seconds: tests run beside others, and only what fails waits so long
Visit = Callable[..., FirstScreen]
VisitPage = Callable[..., AnyPage]


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, served as `make run` serves it but without network. Its log must be free of errors."""
    folder = tmp_path_factory.mktemp("server")
    port = free_port()
    command = [sys.executable, "-m", "gptviz.ui.serve", "--server.port", str(port),
               "--server.address", "127.0.0.1", "--server.headless", "true"]  # fmt: skip
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hub"), "GPTVIZ_MODELS": ""}
    log = folder / "log.txt"
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", server, log)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE)
    assert "Traceback" not in log.read_text(errors="replace"), log.read_text(errors="replace")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser."""
    if CHROMIUM is None:
        pytest.skip("no chromium, chromium-browser or google-chrome on this machine")
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, app_url: str) -> Iterator[Visit]:
    """Opens the first screen for a new visitor: ``visit({"lang": "zh"}, color_scheme="dark")``.

    At the end of the test no page may have logged an error or asked for anything outside this machine.
    """
    screens: list[FirstScreen] = []

    def open_screen(query: dict[str, Any] | None = None, *, wait: bool = True, **options: Any) -> FirstScreen:
        settings: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"} | options
        context = chromium.new_context(**settings)
        context.set_default_timeout(PATIENCE * 1000)
        screen = FirstScreen(context.new_page(), app_url)
        screens.append(screen)
        if wait:
            return screen.open(**(query or {}))
        screen.page.goto(app_url)
        return screen

    yield open_screen
    _leave(screens)


@pytest.fixture
def visit_page(chromium: Browser, app_url: str) -> Iterator[VisitPage]:
    """Opens any page by its path: ``visit_page("compare", {"lang": "zh"}, color_scheme="dark")``; the same checks."""
    with visiting(chromium, app_url) as open_page:
        yield open_page


@contextmanager
def visiting(chromium: Browser, app_url: str) -> Iterator[VisitPage]:
    """What ``visit_page`` is, for a fixture that opens a page once for several tests which only look at it."""
    pages: list[AnyPage] = []

    def open_page(path: str, query: dict[str, Any] | None = None, **options: Any) -> AnyPage:
        settings: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"} | options
        context = chromium.new_context(**settings)
        context.set_default_timeout(PATIENCE * 1000)
        pages.append(AnyPage(context.new_page(), app_url))
        return pages[-1].open(path, **(query or {}))

    yield open_page
    _leave(pages)


def _leave(pages: Sequence[AnyPage]) -> None:
    for opened in pages:
        opened.page.context.close()
    assert [trouble for opened in pages for trouble in opened.troubles] == []


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers."""
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            with urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the app did not start:\n" + log.read_text(errors="replace"))
