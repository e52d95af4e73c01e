"""A visitor of the app without a browser: what Streamlit draws is read, and what the browser would say is said."""

from __future__ import annotations

from typing import Any, Self

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from gptviz.i18n import translate
from gptviz.paths import ROOT
from gptviz.ui import pages
from gptviz.ui.layout import FIRST, PAGES
from gptviz.ui.model_choice import MENU
from gptviz.ui.web.component import SETTINGS
from gptviz.ui.web.message import Blobs, unpack

QUIET = ("more", "restore")  # actions that move nobody away from what is looked at
NOWHERE: dict[str, Any] = {"pos": None, "key": None}  # in particular: at the end, at the strongest key


class Visitor:
    """One session of app.py, opened with the query parameters given; ``run`` has it draw and reads the picture.

    Another page's visitor says in a subclass which page it is.
    """

    name = "next_token"  # of the page

    def __init__(self, **query: str) -> None:
        self.at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        for name, value in query.items():
            self.at.query_params[name] = value
        if self.name != FIRST:
            # ``switch_page`` knows pages by file only after a first run, on another page; a link opens its page at once
            self.at._page_hash = calc_hash(PAGES[self.name])
        self.header: dict[str, Any] = {}
        self.blobs: Blobs = {}
        self.held: dict[str, Any] = NOWHERE  # where the browser looks
        self.rev: int | None = None

    def run(self) -> Self:
        """One run of the script. Nothing may have raised; the picture, where there is one, is read."""
        self.at.run()
        self.no_exception()
        self.header, self.blobs = unpack(self.message()) if self.components() else ({}, {})
        return self

    def no_exception(self) -> None:
        """Nobody is shown a traceback."""
        assert [(e.message, e.stack_trace) for e in self.at.exception] == []

    def components(self) -> list[Any]:
        """The page's browser components beside the settings' own: one, or none where there is no model."""
        every = self.at.get("bidi_component")
        return [one for one in every if one.proto.component_name != SETTINGS.name]

    def message(self) -> bytes:
        """The bytes that the one component is sent."""
        (component,) = self.components()
        assert component.proto.component_name.partition(".")[2] == self.name
        assert component.proto.js_content == component.proto.css_content == ""  # files, which the browser keeps
        sent: bytes = component.proto.bytes
        return sent

    @property
    def screen(self) -> Any:
        """What the session keeps."""
        kept = self.at.session_state[pages.declared(self.name).state_name]
        return kept

    def send(self, client: Any) -> Self:
        """Say ``client`` just as it is, and draw."""
        self.at.session_state[self.name] = {"client": client}
        return self.run()

    def say(self, *actions: dict[str, Any], text: str | None = None, **view: Any) -> Self:
        """Say what the browser would: its text, the controls that changed, and new actions.

        Actions for which one run has no time are said again, as the browser does.
        """
        queue = [{"q": self.header["acked"] + 1 + i, **action} for i, action in enumerate(actions)]
        said = self.screen.text if text is None else text
        held = self.looking()
        if said != self.screen.text or any(action["kind"] not in QUIET for action in actions):
            held = NOWHERE
        if view.keys() & {"pos", "layer", "head"}:
            held = held | {"key": None}
        self.held = {name: view.get(name, held[name]) for name in NOWHERE}
        wanted = self.held | view
        while True:
            acked = self.header["acked"]
            self.send({"n": self.header["echo"] + 1, "text": said, "view": wanted, "queue": queue})
            done = self.header.get("acked", acked)
            queue = [action for action in queue if action["q"] > done]
            if not queue or done == acked:
                return self
            said, wanted = self.screen.text, dict(NOWHERE)

    def looking(self) -> dict[str, Any]:
        """Where a browser looks: as it was last said or, where Python set the page, shown; at the end: nowhere."""
        if self.header["rev"] != self.rev:
            self.rev = self.header["rev"]
            shown = {name: self.header["view"].get(name) for name in ("pos", "key")}
            at_end = shown["pos"] == len(self.header["ids"]) - 1
            self.held = NOWHERE if at_end else shown
        return self.held

    def do(self, kind: str, **values: Any) -> Self:
        """Say one action."""
        return self.say({"kind": kind, **values})

    def go(self, name: str) -> Self:
        """Choose another page in the navigation."""
        self.at.switch_page(f"pages/{name}_page.py")
        self.name = name
        return self.run()

    def settle(self) -> Self:
        """Ask for more, as the browser does after each picture, until nothing is left to do."""
        for _ in range(2000):
            if not self.header["running"]:
                return self
            self.do("more")
        raise AssertionError("it never ends")

    def switch_language(self, lang: str) -> Self:
        """Press the language's button."""
        self.at.segmented_control(key="toolbar_language").set_value(lang)
        return self.run()

    def switch_model(self, name: str) -> Self:
        """Open the menu and press the model's button in it."""
        self.open_menu()
        self.at.button(key=f"model_{name}").click()
        return self.run()

    def open_menu(self) -> Self:
        """Open the menu of models, as a click on it does; it is drawn only while it is open."""
        self.at.session_state[MENU] = True
        return self.run()

    def press(self, key: str, lang: str) -> Self:
        """Press the button labelled with the string ``key``."""
        (button,) = [b for b in self.at.button if b.label == translate(key, lang)]
        button.click()
        return self.run()

    def notes(self) -> list[str]:
        """The notes under the prompt."""
        return [note["text"] for note in self.header["notes"]]


def visitor_of(page: str, **query: str) -> Visitor:
    """Somebody who opens that page by a link."""
    kind = type("VisitorOfAPage", (Visitor,), {"name": page})
    visitor: Visitor = kind(**query)
    return visitor
