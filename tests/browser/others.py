"""Firefox and WebKit as Debian has them, each by what it speaks itself: WebDriver BiDi, and WebKitWebDriver."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import struct
import subprocess
import time
from abc import ABC, abstractmethod
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
from PIL import Image
from websockets.sync.client import ClientConnection, connect

from benchmarks.serving import free_port
from tests.browser.any_page import ROOT

WINDOW = (1440, 900)
PATIENCE = 60.0  # seconds: four processes share two cores
MINI_BROWSER = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"))
#: Nothing that a browser does by itself may ask for anything outside.
_QUIET = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.systemAddon.update.enabled": False,
    "intl.accept_languages": "en-GB",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "",
    "toolkit.telemetry.server": "",
}


class Driven(ABC):
    """A browser with one page: ``go`` somewhere, ``run`` a script, press keys, look."""

    @abstractmethod
    def go(self, url: str) -> None:
        """Open ``url`` and wait until it is loaded."""

    @abstractmethod
    def run(self, script: str) -> Any:
        """The value of a JavaScript expression, as JSON has it."""

    @abstractmethod
    def press(self, keys: str) -> None:
        """Type ``keys``, one after another, where the focus is."""

    @abstractmethod
    def screenshot(self) -> bytes:
        """What is seen of the page, as PNG."""

    @abstractmethod
    def close(self) -> None:
        """End the browser."""

    def root(self, script: str) -> Any:
        """``script`` is an expression in which ``root`` is the component's root element, or null before it is there.

        Streamlit may just be mounting it anew, so an expression that fails is tried again for a while.
        """
        wrapped = f"(() => {{ const root = {ROOT}; return ({script}); }})()"
        end = time.monotonic() + 5
        while True:
            try:
                return self.run(wrapped)
            except (AssertionError, OSError):  # how either driver says that a script failed
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def until(self, script: str) -> None:
        """Wait until ``script`` (see ``root``) is true."""
        end = time.monotonic() + PATIENCE
        while not self.root(script):
            assert time.monotonic() < end, script
            time.sleep(0.1)

    def open(self, url: str) -> None:
        """Open a page of the app and wait for its picture."""
        self.go(url)
        drawn = "root?.dataset.drawn !== undefined && root.dataset.waiting === undefined"
        self.until(drawn)
        while not self.root("root?.dataset.stayed === '1'"):  # Streamlit may mount it once more
            self.root("root && (root.dataset.stayed = '1')")
            time.sleep(0.8)
            self.until(drawn)

    def look(self, selector: str) -> Any:
        """The pixels (height, width, 3) of the first visible element of that selector, brought into view."""
        find = f"[...root.querySelectorAll({json.dumps(selector)})].find((e) => e.getBoundingClientRect().width > 0)"
        self.root(f"({find}).scrollIntoView({{ block: 'center' }})")
        time.sleep(0.3)
        box = self.root(f"({find}).getBoundingClientRect().toJSON()")
        image = Image.open(io.BytesIO(self.screenshot())).convert("RGB")
        scale = image.width / self.run("innerWidth")
        edges = [box["left"], box["top"], box["right"], box["bottom"]]
        return np.asarray(image.crop(tuple(round(edge * scale) for edge in edges)), dtype=float)


class Firefox(Driven):
    """Firefox without a window, spoken to over its own WebDriver BiDi socket."""

    def __init__(self, folder: Path) -> None:
        written = "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _QUIET.items())
        (folder / "user.js").write_text(written, encoding="utf-8")
        program = shutil.which("firefox-esr") or shutil.which("firefox") or ""
        command = [program, "--headless", "--remote-debugging-port", "0", "--profile", str(folder), "--no-remote"]
        log = folder / "log.txt"
        with log.open("wb") as out:
            environment = os.environ | {"HOME": str(folder), "MOZ_DISABLE_CONTENT_SANDBOX": "1"}
            self._process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
        self._number = 0
        try:
            address = _written(log, r"WebDriver BiDi listening on (ws://\S+)", self._process)
            self._open = ExitStack()
            self._socket: ClientConnection = self._open.enter_context(connect(address + "/session", max_size=None))
            self._ask("session.new", capabilities={})
            self._page = self._ask("browsingContext.getTree")["contexts"][0]["context"]
            width, height = WINDOW
            self._ask("browsingContext.setViewport", context=self._page, viewport={"width": width, "height": height})
        except BaseException:
            _end(self._process)
            raise

    def _ask(self, method: str, **params: Any) -> Any:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv(timeout=2 * PATIENCE))
            if answer.get("id") == self._number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def go(self, url: str) -> None:
        self._ask("browsingContext.navigate", context=self._page, url=url, wait="complete")

    def run(self, script: str) -> Any:
        said = self._ask("script.evaluate", expression=f"JSON.stringify({script}) ?? 'null'",
                         target={"context": self._page}, awaitPromise=False)  # fmt: skip
        assert said["type"] == "success", said
        return json.loads(said["result"]["value"])

    def press(self, keys: str) -> None:
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._ask(
            "input.performActions", context=self._page, actions=[{"type": "key", "id": "keys", "actions": strokes}]
        )

    def screenshot(self) -> bytes:
        return base64.b64decode(self._ask("browsingContext.captureScreenshot", context=self._page)["data"])

    def close(self) -> None:
        self._open.close()
        _end(self._process)


class WebKit(Driven):
    """WebKitGTK's small browser on a screen that nobody sees, by WebKitWebDriver."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        try:
            width, height = WINDOW
            screen, port = folder / "screen.txt", free_port()
            with screen.open("wb") as out:
                command = [
                    "Xvfb",
                    "-displayfd",
                    "1",
                    "-screen",
                    "0",
                    f"{width}x{height + 200}x24",
                    "-nolisten",
                    "tcp",
                    "-fbdir",
                    str(folder),
                ]
                self._processes.append(subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL))
            display = _written(screen, r"(\d+)\n", self._processes[0])
            environment = os.environ | {"DISPLAY": f":{display}", "HOME": str(folder), "GDK_BACKEND": "x11",
                                        "LIBGL_ALWAYS_SOFTWARE": "1", "WEBKIT_DISABLE_DMABUF_RENDERER": "1",
                                        "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
                                        "LANGUAGE": "en"}  # fmt: skip
            with (folder / "log.txt").open("wb") as out:
                driver = subprocess.Popen(
                    ["WebKitWebDriver", f"--port={port}"], stdout=out, stderr=out, env=environment
                )
            self._processes.append(driver)
            self._base = f"http://127.0.0.1:{port}"
            options = {"binary": str(MINI_BROWSER[-1]), "args": ["--automation"]}
            wanted = {
                "capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options, "pageLoadStrategy": "none"}}
            }
            self._base += "/session/" + _patiently(lambda: self._ask("POST", "/session", wanted))["sessionId"]
            self._ask("POST", "/window/rect", {"x": 0, "y": 0, "width": width, "height": height + 100})
        except BaseException:
            self._stop()
            raise

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._base + path, data, {"Content-Type": "application/json"}, method=method)
        with urlopen(request, timeout=2 * PATIENCE) as answer:
            return json.load(answer)["value"]

    def go(self, url: str) -> None:
        """It answers before the old page is left, which looks just as whole."""
        self.run("(window.left = false) || true")
        self._ask("POST", "/url", {"url": url})
        end = time.monotonic() + PATIENCE
        while self.run("window.left ?? null") is not None:
            assert time.monotonic() < end, url
            time.sleep(0.05)

    def run(self, script: str) -> Any:
        said = self._ask("POST", "/execute/sync", {"script": f"return JSON.stringify({script}) ?? 'null';", "args": []})
        return json.loads(said)

    def press(self, keys: str) -> None:
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": strokes}]})

    def screenshot(self) -> bytes:
        """Read off the screen itself: without a compositor WebKitWebDriver's own never comes."""
        width, height, above = self.run("[innerWidth, innerHeight, outerHeight - innerHeight]")
        whole = _of_xwd((self._folder / "Xvfb_screen0").read_bytes())
        png = io.BytesIO()
        whole.crop((0, above, width, min(above + height, whole.height))).save(png, "PNG")
        return png.getvalue()

    def close(self) -> None:
        try:
            self._ask("DELETE", "")
        finally:
            self._stop()

    def _stop(self) -> None:
        for process in reversed(self._processes):
            _end(process)


def absent(name: str) -> str:
    """Why that browser cannot be tried here; empty where it can."""
    if name == "firefox":
        return (
            ""
            if shutil.which("firefox-esr") or shutil.which("firefox")
            else "neither firefox-esr nor firefox is installed"
        )
    for program, package in {"WebKitWebDriver": "webkit2gtk-driver", "Xvfb": "xvfb"}.items():
        if shutil.which(program) is None:
            return f"{program} is not installed (Debian: {package})"
    return "" if MINI_BROWSER else "WebKitGTK's MiniBrowser is not installed"


def _written(file: Path, pattern: str, process: subprocess.Popen[bytes]) -> str:
    """Wait until the process has written what matches, and give its group."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(pattern, file.read_text(errors="replace")):
            return found[1]
        time.sleep(0.05)
    raise AssertionError(f"{process.args}: {file.read_text(errors='replace')}")


def _of_xwd(content: bytes) -> Image.Image:
    """A screen as Xvfb keeps it: numbers of four bytes, a table of colours, rows of blue, green, red and nothing."""
    numbers = struct.unpack(">25I", content[:100])
    width, height, row = numbers[4], numbers[5], numbers[12]
    start = numbers[0] + 12 * numbers[19]
    return Image.frombuffer("RGB", (width, height), content[start : start + row * height], "raw", "BGRX", row, 1)


def _patiently(ask: Any) -> Any:
    """Ask again until somebody listens."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=10)
