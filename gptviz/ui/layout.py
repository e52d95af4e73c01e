"""The frame around every page: title, style, the list of pages."""

from __future__ import annotations

from typing import Any

import streamlit as st

from gptviz.i18n import translate
from gptviz.paths import ASSETS, ROOT


def icon() -> str:
    """The mark in the browser's tab."""
    return str(ASSETS / "icon.png")


#: The map: the story's five groups, each a question, with their pages in its order. Titled ``nav.group.<name>``.
GROUPS: dict[str, tuple[str, ...]] = {
    "predict": ("next_token", "steps", "playground", "surprise"),
    "decode": ("compare", "beam"),
    "inside": ("tokens", "embeddings", "attention", "heads", "stream", "what_if", "masks"),
    "train": ("training", "snapshots", "one_step", "origins", "scaling", "prompting", "tuning", "robustness",
              "forgetting", "alignment", "deploy"),
    "learn": ("lessons", "room", "limits", "series", "uses", "model"),
}  # fmt: skip

FIRST = "next_token"

#: Each page's address: ``pages/<name>_page.py``, titled ``nav.<name>``.
PAGES = {
    "next_token": "next-token",
    "steps": "steps",
    "playground": "temperature",
    "surprise": "surprisal",
    "compare": "compare",
    "beam": "beam",
    "tokens": "tokens",
    "embeddings": "embeddings",
    "attention": "attention",
    "heads": "heads",
    "stream": "stream",
    "what_if": "what-if",
    "masks": "masks",
    "training": "training",
    "snapshots": "snapshots",
    "one_step": "one-step",
    "origins": "origins",
    "scaling": "scaling",
    "prompting": "prompting",
    "tuning": "tuning",
    "robustness": "robustness",
    "forgetting": "forgetting",
    "alignment": "alignment",
    "deploy": "deploy",
    "lessons": "lessons",
    "room": "room-teacher",
    "limits": "limits",
    "series": "series",
    "uses": "uses",
    "model": "about-the-model",
}


def pages(lang: str) -> dict[str, list[Any]]:
    """The pages by group, all titled in ``lang``; a group without any is not shown."""
    return {translate(f"nav.group.{group}", lang): [page(name, lang) for name in names]
            for group, names in GROUPS.items() if names}  # fmt: skip


def page(name: str, lang: str) -> Any:
    """One page. Its address differs from its file's name: else Streamlit may run the file alone."""
    title, file = translate(f"nav.{name}", lang), ROOT / "pages" / f"{name}_page.py"
    return st.Page(file, title=title, url_path=PAGES[name], default=name == FIRST)


def dress(lang: str) -> None:
    """Use the whole width, quietly; put the toolbar into the header; say the page's language to screen readers."""
    st.logo(str(ASSETS / "logo.svg"), size="medium")
    st.html(f"<style>{(ASSETS / 'app.css').read_text(encoding='utf-8')}</style>")


def widen() -> None:
    """Give the page the whole width of the window, however wide: for a projector."""
    st.html('<style>[data-testid="stMainBlockContainer"] { max-width: none !important; }</style>')


def show_place(current: Any) -> None:
    """Name the page in the header, beside its group, whose menu is closed while nobody looks."""
    shown = [group for group, names in GROUPS.items() if names]
    group = shown.index(next(group for group in shown if name_of(current) in GROUPS[group])) + 1
    where = f'[data-testid="stTopNav"] > :nth-child({group}) [data-testid="stTopNavSection"]'
    title = current.title.replace("\\", "").replace('"', "")
    st.html(f'<style>{where} {{ background: var(--st-secondary-background-color) !important; font-weight: 600; }} '
            f'{where} p::after {{ content: " · {title}"; }}</style>')  # fmt: skip


def show_next(current: Any, lang: str) -> None:
    """At the foot of a page, the next step of the story; after the last one, nothing."""
    order = [name for names in GROUPS.values() for name in names]
    for name in order[order.index(name_of(current)) + 1 :][:1]:
        following = page(name, lang)
        with st.container(key="next_page"):
            st.page_link(following, label=translate("nav.next", lang, title=following.title))


def name_of(current: Any) -> str:
    """A page's name in ``PAGES``; the first one's own path is empty."""
    return next((name for name, address in PAGES.items() if address == current.url_path), FIRST)
