"""The controls in the header: model, language, settings. The URL keeps what is chosen, the browser the theme."""

from __future__ import annotations

import json

import streamlit as st

from gptviz.i18n import choose_language, languages, translate
from gptviz.ui import following, model_menu
from gptviz.ui.layout import FIRST, PAGES
from gptviz.ui.web.component import SETTINGS

_CHOSEN = "language"  # kept apart from the widget's own state, which Streamlit may drop
_LANGUAGE, _PROJECTOR = "toolbar_language", "toolbar_projector"


def language() -> str:
    """The interface language: the one chosen, else the URL's, else the browser's, else English."""
    lang = st.session_state.get(_CHOSEN)
    if lang not in languages():
        lang = choose_language(st.query_params.get("lang") or st.context.locale)
        st.session_state[_CHOSEN] = lang
    return str(lang)


def projector() -> bool:
    """Whether larger type and fewer controls are wanted."""
    return bool(st.session_state.get(_PROJECTOR, st.query_params.get("projector") == "1"))


def show(lang: str, name: str) -> None:
    """Draw the toolbar of the page of that name."""
    with st.container(key="toolbar", horizontal=True, horizontal_alignment="right", gap="small", width="content"):
        model_menu.show(lang)
        following.button(lang, name, projector=projector())
        st.session_state[_LANGUAGE] = lang
        st.segmented_control(
            translate("toolbar.language", lang),
            languages(),
            key=_LANGUAGE,
            format_func=lambda code: translate("language.short", code),
            label_visibility="collapsed",
            required=True,
            on_change=_keep_language,
        )
        with st.popover(translate("toolbar.settings", lang), icon=":material/tune:"):
            st.toggle(
                translate("toolbar.projector", lang),
                key=_PROJECTOR,
                value=projector(),
                help=translate("toolbar.projector_help", lang),
                persist_state="session",
            )
            SETTINGS.show(_settings(lang), key="toolbar_more")


def _keep_language() -> None:
    chosen = st.session_state.get(_LANGUAGE)
    if chosen in languages():
        st.session_state[_CHOSEN] = st.query_params["lang"] = chosen


def _settings(lang: str) -> bytes:
    """The words of theme, paper and help, and where all pages are, as JSON: what is chosen holds on each."""
    themes = {name: translate(f"toolbar.theme.{name.lower()}", lang) for name in ("System", "Light", "Dark")}
    words = themes | {"theme": translate("toolbar.appearance", lang), "print": translate("toolbar.print", lang)}
    words |= {"glossary": translate("glossary.title", lang), "tour": translate("tour.start", lang)}
    addresses = ["" if name == FIRST else address for name, address in PAGES.items()]
    return json.dumps({"words": words, "addresses": addresses}, ensure_ascii=False).encode()
