"""The frame around every page: title, style, the list of pages."""

from __future__ import annotations

from typing import Any

import streamlit as st

from gptviz.paths import ASSETS, ROOT
from gptviz.text import translate


def icon() -> str:
    """The mark in the browser's tab."""
    return str(ASSETS / "icon.png")


#: The pages in the order of the story, with their addresses: ``pages/<name>_page.py``, titled ``nav.<name>``.
PAGES = {
    "next_token": "next-token",
    "compare": "compare",
    "beam": "beam",
    "steps": "steps",
    "playground": "temperature",
    "surprise": "surprisal",
    "model": "about-the-model",
}


def pages(lang: str) -> list[Any]:
    """All pages, titled in ``lang``. An address differs from its file's name: else Streamlit may run the file alone."""
    return [
        st.Page(
            ROOT / "pages" / f"{name}_page.py",
            title=translate(f"nav.{name}", lang),
            url_path=address,
            default=name == "next_token",
        )
        for name, address in PAGES.items()
    ]


def dress(lang: str) -> None:
    """Use the whole width, quietly; put the toolbar into the header; say the page's language to screen readers."""
    st.logo(str(ASSETS / "logo.svg"), size="medium")
    st.html(f"<style>{(ASSETS / 'app.css').read_text(encoding='utf-8')}</style>")
