"""The least that a live page can do, to compare with: a text box like ours, and its text sent back.

Same transport (components v2, in a shadow root), same debounce, in a fragment, with the same server configuration.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

_HTML = """
<textarea data-testid="prompt" rows="3" spellcheck="false" autocomplete="off"></textarea>
<div data-testid="echo"></div>
"""
_JS = """
const DEBOUNCE = 60, MAX_WAIT = 250;
const pages = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  const area = parentElement.querySelector("textarea");
  const echo = parentElement.querySelector("[data-testid=echo]");
  if (!pages.has(area)) wire(area);
  pages.get(area).send = (text) => setStateValue("client", { text });
  echo.textContent = data.text;
  echo.setAttribute("data-text", data.text);
}

function wire(area) {
  const state = { send: null, timer: 0, first: 0 };
  pages.set(area, state);
  const flush = () => {
    state.timer = 0;
    state.send(area.value);
  };
  area.addEventListener("input", () => {
    const now = performance.now();
    if (!state.timer) state.first = now;
    clearTimeout(state.timer);
    state.timer = setTimeout(flush, Math.max(0, Math.min(DEBOUNCE, state.first + MAX_WAIT - now)));
  });
  area.addEventListener("keydown", (event) => event.stopPropagation());
}
"""
_component = st.components.v2.component("echo", html=_HTML, js=_JS, isolate_styles=True)


@st.fragment
def live() -> None:
    """One keystroke: the text comes and goes back."""
    state: Any = st.session_state.get("page")
    said = state.get("client") if state is not None else None
    text = said["text"] if isinstance(said, dict) else ""
    _component(key="page", data={"text": text}, on_client_change=lambda: None)


st.set_page_config(page_title="echo", layout="wide")
live()
