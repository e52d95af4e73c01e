"""Takes the README's picture from the running app: ``make screenshot``.

Starts the app on a free port, opens it in Chromium with a link, steps two tokens, and saves ``assets/screenshot.png``
(English, light) and ``assets/screenshot-zh.png`` (Chinese, dark); and one each of the pages Compare and Stream.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from gptviz.paths import ROOT

#: The chips lie in a component's shadow root.
CHANGED = """([old]) => {
  const find = (root) => root.querySelector("[data-testid=chips]")
    ?? [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
  return find(document).dataset.ids !== old;
}"""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def main() -> int:
    """Save the pictures; 1 where there is no Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("No Chromium found: install it (Debian: apt-get install chromium).")
        return 1
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "gptviz.ui.serve", "--server.port", str(port)], cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        english = {"p": "The old man opened the door and looked at the", "layer": "0", "head": "1", "seed": "11"}
        take(chromium, f"http://127.0.0.1:{port}/?{urlencode(english)}", "screenshot.png", dark=False, locale="en-US")
        compared = {"p": "The sun rose and", "seed": "7"}
        address = f"http://127.0.0.1:{port}/compare?{urlencode(compared)}"
        take(chromium, address, "screenshot-compare.png", dark=False, locale="en-US", steps=False)
        inside = {"p": "When Mary and John went to the store, John gave a drink to"}
        address = f"http://127.0.0.1:{port}/stream?{urlencode(inside)}"
        take(chromium, address, "screenshot-stream.png", dark=False, locale="en-US", steps=False)
        chinese = {"p": "从前有一个小姑娘，她很喜欢", "layer": "0", "head": "1", "seed": "4"}
        take(chromium, f"http://127.0.0.1:{port}/?{urlencode(chinese)}", "screenshot-zh.png", dark=True, locale="zh-CN")
    finally:
        server.terminate()
        server.wait()
    return 0


def take(chromium: str, url: str, name: str, *, dark: bool, locale: str, steps: bool = True) -> None:
    """One picture at 1440x900: of the first screen after two steps, or of another page when its run is over."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, color_scheme="dark" if dark else "light", locale=locale
        )
        page = context.new_page()
        page.goto(url)
        page.wait_for_selector(".gv[data-drawn]", timeout=60_000)
        for _ in range(2 if steps else 0):
            before = page.locator("[data-testid=chips]").get_attribute("data-ids")
            page.click("[data-testid=step]")
            page.wait_for_function(CHANGED, arg=[before])
        if not steps:
            page.wait_for_selector("[role=progressbar]", state="hidden", timeout=120_000)
        page.wait_for_timeout(600)  # the last picture settles
        page.screenshot(path=ROOT / "assets" / name)
        browser.close()


def wait_for(url: str, seconds: float = 60) -> None:
    """Until the server answers."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(url)


if __name__ == "__main__":
    sys.exit(main())
