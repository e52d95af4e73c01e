"""A visitor of the app without a browser: what Streamlit draws is read, and what the browser would say is said."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from gptviz.i18n import translate
from gptviz.paths import ROOT
from gptviz.ui.pages.next_token import picture
from gptviz.ui.web.message import unpack

KEY = "next_token"  # of the component in the session


class Visitor:
    """One session of app.py, opened with the query parameters given; ``run`` has it draw and reads the picture.

    Another page's visitor says in a subclass which file, component and keys of the session are its own.
    """

    page: str | None = None  # file of the page, relative to the root; None is the first screen
    key = KEY
    component_name = "next_token"
    state = "screen"

    def __init__(self, **query: str) -> None:
        self.at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        for name, value in query.items():
            self.at.query_params[name] = value
        if self.page is not None:
            self.at.run()
            self.at.switch_page(self.page)
        self.header: dict[str, Any] = {}
        self.blobs: picture.Blobs = {}

    def run(self) -> Visitor:
        """One run of the script. Nothing may have raised; the picture, where there is one, is read."""
        self.at.run()
        self.no_exception()
        self.header, self.blobs = unpack(self.message()) if self.components() else ({}, {})
        return self

    def no_exception(self) -> None:
        """Nobody is shown a traceback."""
        assert [(e.message, e.stack_trace) for e in self.at.exception] == []

    def components(self) -> list[Any]:
        """The browser components on the page: one, or none where there is no model."""
        return list(self.at.get("bidi_component"))

    def message(self) -> bytes:
        """The bytes that the one component is sent."""
        (component,) = self.components()
        assert component.proto.component_name.partition(".")[2] == self.component_name
        assert component.proto.js_content == component.proto.css_content == ""  # files, which the browser keeps
        sent: bytes = component.proto.bytes
        return sent

    @property
    def screen(self) -> Any:
        """What the session keeps."""
        kept = self.at.session_state[self.state]
        return kept

    def send(self, client: Any) -> Visitor:
        """Say ``client`` just as it is, and draw."""
        self.at.session_state[self.key] = {"client": client}
        return self.run()

    def say(self, *actions: dict[str, Any], text: str | None = None, **view: Any) -> Visitor:
        """Say what the browser would: its text, its view with the changes given, and new actions."""
        queue = [{"q": self.header["acked"] + 1 + i, **action} for i, action in enumerate(actions)]
        wanted = self.header["view"] | {"pos": None, "key": None} | view
        said = self.screen.text if text is None else text
        return self.send({"n": self.header["echo"] + 1, "text": said, "view": wanted, "queue": queue})

    def do(self, kind: str, **values: Any) -> Visitor:
        """Say one action."""
        return self.say({"kind": kind, **values})

    def switch_language(self, lang: str) -> Visitor:
        """Press the language's button."""
        self.at.segmented_control(key="toolbar_language").set_value(lang)
        return self.run()

    def switch_model(self, name: str) -> Visitor:
        """Press the model's button in the menu."""
        self.at.button(key=f"model_{name}").click()
        return self.run()

    def press(self, key: str, lang: str) -> Visitor:
        """Press the button labelled with the string ``key``."""
        (button,) = [b for b in self.at.button if b.label == translate(key, lang)]
        button.click()
        return self.run()

    def notes(self) -> list[str]:
        """The notes under the prompt."""
        return [note["text"] for note in self.header["notes"]]
