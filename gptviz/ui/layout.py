"""The frame around every page: title, style, the list of pages."""

from __future__ import annotations

from typing import Any

import streamlit as st

from gptviz.paths import ASSETS, ROOT
from gptviz.text import translate


def icon() -> str:
    """The mark in the browser's tab."""
    return str(ASSETS / "icon.png")


def pages(lang: str) -> list[Any]:
    """All pages, titled in ``lang``. ``url_path`` differs from each file's name: else Streamlit may run it alone."""
    return [
        st.Page(
            ROOT / "pages" / "next_token_page.py",
            title=translate("nav.next_token", lang),
            url_path="next-token",
            default=True,
        )
    ]


def dress(lang: str) -> None:
    """Use the whole width, quietly; put the toolbar into the header; say the page's language to screen readers."""
    st.logo(str(ASSETS / "logo.svg"), size="medium")
    st.html(f"<style>{(ASSETS / 'app.css').read_text(encoding='utf-8')}</style>")
