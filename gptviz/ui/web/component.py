"""Browser components, one a page and one for the settings: which files they are made of, and the message to them.

Scripts and styles lie in ``gptviz/web``, as they are: the browser fetches each file once, resolves their imports itself
and keeps them, so a message carries only the picture. That folder holds no Python, for whatever is in it is public.

Vocabulary: *picture* = what Python sends (one header and raw arrays, see ``message``); *client* = what the browser
answers (text, view and queue of actions, see ``conversation``).
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

import gptviz

PACKAGE = Path(gptviz.__file__).resolve().parent
WEB = PACKAGE / "web"
_REGISTERING = Lock()


class Component:
    """A browser component: the folder ``folder`` of ``gptviz/web`` with its entry module and its style sheet."""

    def __init__(self, page: str, *, folder: str, sheet: str, html: str) -> None:
        self.page = page
        self.script = f"{folder}/main.js"  # the entry module, below ``gptviz/web``
        self.style_sheet = f"{folder}/{sheet}"  # which imports the others, below ``gptviz/web``
        self._html = html
        self._mount: Any = None

    @property
    def name(self) -> str:
        """What Streamlit calls it, which is also part of the address of its files."""
        return f"{_package_name()}.{self.page}"

    def show(self, data: bytes, *, key: str) -> None:
        """Draw ``data`` (a page's is a picture, see ``message.pack``); ``key`` is the same on every run.

        Bytes, for in anything else Streamlit looks for tables: pandas and pyarrow would take 65 MB of every server.
        """
        _register(self.name)
        if self._mount is None:
            self._mount = st.components.v2.component(
                self.name, html=self._html, css=self.style_sheet, js=self.script, isolate_styles=True
            )
        self._mount(key=key, data=data, on_client_change=_nothing)


@cache
def component(page: str) -> Component:
    """The component of the page of that name."""
    return Component(page, folder=f"pages/{page}", sheet="page.css", html='<div class="gv"></div>')


#: What the settings in the toolbar offer; its data are words and addresses, and it says nothing back.
SETTINGS = Component("settings", folder="settings", sheet="settings.css", html='<div class="settings"></div>')


def pages() -> list[str]:
    """The pages that have a component."""
    return sorted(path.parent.name for path in WEB.glob("pages/*/main.js"))


def client(key: str) -> dict[str, Any] | None:
    """What the browser last said (see ``conversation``), or None before its first word. Never trusted."""
    state: Any = st.session_state.get(key)
    said = state.get("client") if hasattr(state, "get") else None
    return said if isinstance(said, dict) else None


@cache
def edition() -> str:
    """Ten characters that change with any file of ``gptviz/web``."""
    digest = hashlib.sha256()
    for path in sorted(path for path in WEB.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(WEB).as_posix()} {len(content)} ".encode() + content)
    return digest.hexdigest()[:10]


def _package_name() -> str:
    """The edition is in every address: neither a tab left open nor a cache on the way can mix files of two of them.

    Streamlit serves the files as ``public`` without an age or a validator, so nothing else tells one from the other.
    """
    return f"gptviz-{edition()}"


def _register(name: str) -> None:
    """Tell Streamlit in which folder the files of all pages' components lie, unless it knows.

    Streamlit reads that from the ``pyproject.toml`` inside an installed package, so a checkout would have none. The
    functions used here are not among Streamlit's documented ones. They take what is known of the components away, hence
    once per runtime; a session may come while another registers, hence the lock.
    """
    with _REGISTERING:
        manager = get_bidi_component_manager()
        if manager.get_component_asset_root(name) is None:
            folders = [ComponentConfig(page, asset_dir=WEB.name) for page in [*pages(), SETTINGS.page]]
            manager.register_from_manifest(ComponentManifest(_package_name(), gptviz.__version__, folders), PACKAGE)


def _nothing() -> None:
    """A state value needs a callback to be kept; the picture is made in the run that follows."""
