"""A page's browser component: scripts and styles joined to what Streamlit takes, and the message to and from it.

The JavaScript is written as ES modules, one idea each, so that an editor and node understand them: what pages share in
this folder, what one page adds in its own. Streamlit takes one module per component, so they are joined in a fixed
order without the imports and exports between them; they therefore share one scope, and within a page no top-level name
may be defined twice (a test sees to that).

Vocabulary: *picture* = what Python sends (one header and raw arrays, see ``message``); *client* = what the browser
answers (text, view and queue of actions, see ``conversation``).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import streamlit as st

WEB = Path(__file__).parent
SHARED_SCRIPTS = ("dom.js", "theme.js", "protocol.js", "keys.js", "menu.js", "textbox.js", "page.js")
SHARED_STYLES = ("base.css",)
_HTML = '<div class="gv"></div>'
_IMPORT = re.compile(r'^import\b[^;]*?\bfrom "\.{1,2}/[\w/-]+\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default\b)", re.MULTILINE)


class Component:
    """One page's component. Make it once, when its module is imported.

    ``scripts`` and ``styles`` are files of ``folder``, in an order in which each comes after what it needs; the last
    script has the default export.
    """

    def __init__(self, name: str, folder: Path, *, scripts: tuple[str, ...], styles: tuple[str, ...]) -> None:
        self.name, self.folder, self.scripts, self.styles = name, folder, scripts, styles
        self._mount = st.components.v2.component(
            name, html=_HTML, css=self.style_sheet(), js=self.bundle(), isolate_styles=True
        )

    def files(self) -> list[Path]:
        """All scripts in order, the shared ones first."""
        return [*(WEB / name for name in SHARED_SCRIPTS), *(self.folder / name for name in self.scripts)]

    def bundle(self) -> str:
        """All scripts as one ES module with one default export."""
        return "\n".join(_EXPORT.sub("", _IMPORT.sub("", path.read_text(encoding="utf-8"))) for path in self.files())

    def style_sheet(self) -> str:
        """All style sheets, the shared ones first."""
        paths = [*(WEB / name for name in SHARED_STYLES), *(self.folder / name for name in self.styles)]
        return "\n".join(path.read_text(encoding="utf-8") for path in paths)

    def show(self, data: bytes, *, key: str) -> None:
        """Draw the picture ``data`` (see ``message.pack``); ``key`` is the same on every run."""
        self._mount(key=key, data=data, on_client_change=_nothing)


def client(key: str) -> dict[str, Any] | None:
    """What the browser last said, ``{"n", "text", "view", "queue"}``, or None before its first word. Never trusted."""
    state: Any = st.session_state.get(key)
    said = state.get("client") if hasattr(state, "get") else None
    return said if isinstance(said, dict) else None


def _nothing() -> None:
    """A state value needs a callback to be kept; the picture is made in the run that follows."""
