"""Text for Streamlit's own widgets, which read Markdown. Pure."""

from __future__ import annotations


def plain(text: str) -> str:
    """``text`` with every character that means something in Streamlit's Markdown escaped."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!$:|<>~" else c for c in text)
