"""The first screen's browser component: registered once, drawn from one message.

The JavaScript beside this file is written as ES modules, one idea each, so that an editor and node understand them.
Streamlit takes one module per component, so :func:`bundle` joins them in a fixed order and leaves out the imports and
exports between them; they therefore share one scope, and no top-level name may be defined twice (a test sees to that).

Vocabulary: *picture* = what Python sends (one header and raw arrays); *client* = what the browser answers (text, view
and queue of actions).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).parent
SCRIPTS = (
    *("dom.js", "theme.js", "protocol.js", "keys.js", "play.js", "menu.js", "prompt.js", "chips.js", "path.js"),
    *("heat.js", "mask.js", "cell.js", "matrix.js", "mosaic.js"),
    *("cumulative.js", "bars.js", "sliders.js", "distribution.js", "main.js"),
)
STYLES = ("layout.css", "panels.css")
_HTML = '<div class="gv"></div>'
_IMPORT = re.compile(r'^import\b[^;]*?\bfrom "\./[\w-]+\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default\b)", re.MULTILINE)


def bundle() -> str:
    """All scripts as one ES module whose only export is the default of ``main.js``."""
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", _read(name))) for name in SCRIPTS)


def style_sheet() -> str:
    """All style sheets, the frame before the panels."""
    return "\n".join(_read(name) for name in STYLES)


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "gptviz_screen", html=_HTML, css=style_sheet(), js=bundle(), isolate_styles=True
)


def screen(data: bytes, *, key: str) -> None:
    """Draw the picture ``data``; what the browser answers stands in ``client(key)`` from the next run on.

    Args:
        data: length of the header (u32, little-endian), header (UTF-8 JSON), zeros up to a multiple of 4, arrays.
        key: the component's key in ``st.session_state``, the same on every run.
    """
    _component(key=key, data=data, on_client_change=_nothing)


def client(key: str) -> dict[str, Any] | None:
    """What the browser last said, ``{"n", "text", "view", "queue"}``, or None before its first word. Never trusted."""
    state: Any = st.session_state.get(key)
    said = state.get("client") if hasattr(state, "get") else None
    return said if isinstance(said, dict) else None


def _nothing() -> None:
    """A state value needs a callback to be kept; the picture is made in the run that follows."""
