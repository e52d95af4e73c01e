"""Which model is looked at: the menu in the header, and opening what is chosen there.

Visitors choose by name from what the operator has laid out. A link only asks: what it names is opened where it is one
of those; else the page says what the link asks for. A folder, or a download, takes a click, and a server that serves
others too offers neither (``GPTVIZ_OPEN=1`` says that it shall).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Literal

import streamlit as st

from gptviz import catalogue
from gptviz.errors import GptvizError, WeightsError
from gptviz.gpt.weights import read_config
from gptviz.i18n import large, translate
from gptviz.jobs import Slice
from gptviz.language_model import LanguageModel
from gptviz.rounding import number
from gptviz.ui import cache, session
from gptviz.ui.checkup import CHECKUPS, SLICE
from gptviz.ui.plain import plain

OPEN = "GPTVIZ_OPEN"  # whether visitors may open folders and download models: 1 or 0
MAX_NAME = 200  # characters of a name that are read
_MODEL, _OTHER, _OPENED, _FAILED = "toolbar_model", "toolbar_other", "models_opened", "models_failed"
_SHAPE = ("n_layer", "n_head", "n_embd", "block_size")
_EVERY = 0.3  # seconds between the slices of a passport
_HOME = ("localhost", "127.0.0.1", "::1")


def may_open() -> bool:
    """Whether a visitor may open more than what the operator has laid out: where the server is only their own."""
    said = os.environ.get(OPEN, "")
    return said == "1" if said else str(st.get_option("server.address") or "") in _HOME


def wanted() -> str:
    """The name picked, else the link's, else the default."""
    asked = st.session_state.get(_MODEL) or st.query_params.get("model") or catalogue.DEFAULT
    return str(asked)[:MAX_NAME]


def shown() -> str:
    """The name of the model whose numbers are shown."""
    name = wanted()
    return name if _allowed(name) and name not in _failed() else catalogue.DEFAULT


def title(name: str, lang: str) -> str:
    """What a model is called in the menu."""
    known = translate(f"model.{name}", lang)
    return name if known == f"model.{name}" else known


def show(lang: str) -> None:
    """Draw the menu."""
    name, local = shown(), catalogue.local_models()
    with st.popover(plain(title(name, lang)), icon=":material/deployed_code:"):
        for one in local:
            _offer(one, title(one, lang), chosen=one == name)
        if may_open():
            for hub_id, size in catalogue.GPT2.items():
                if hub_id not in local:
                    note = translate("toolbar.needs_download", lang, size=f"{number(size / 1e9, 1)} GB")
                    _offer(hub_id, f"{hub_id} · {note}", chosen=hub_id == name, quiet=True)
        _describe(name, lang)
        if may_open():
            other = st.text_input(
                translate("toolbar.other_id", lang), key=_OTHER, help=translate("toolbar.other_id_help", lang)
            ).strip()
            st.button(translate("toolbar.open", lang), on_click=_choose, args=(other,), disabled=not other)


def chosen(lang: str) -> LanguageModel:
    """The chosen model, loaded; where it cannot be had, the reason is shown above the bundled model's picture."""
    name = wanted()
    if not _allowed(name):
        _say_what_the_link_asks_for(name, lang)
    elif name not in _failed():
        try:
            if catalogue.needs_download(name):
                _download(name, lang)
            lm = cache.model(name)
            if name not in catalogue.bundled():
                CHECKUPS.refuse(lm)
            return lm
        except Exception as error:  # a file can be wrong in ways that nobody has thought of
            if name == catalogue.DEFAULT:
                raise  # nothing else is there to be shown
            reason = f"{type(error).__name__}: {error}"[:200]
            known = error if isinstance(error, GptvizError) else WeightsError("weights.unexpected", reason=reason)
            _failed()[name] = known  # not tried again on every run: a network may take long to say no
            st.rerun()  # the menu has named it already
    else:
        _say_why_not(name, _failed()[name], lang)
    return cache.model(catalogue.DEFAULT)


def check(lm: LanguageModel) -> None:
    """Go through the passport of a model that was opened, beside its pictures: a slice now, one a few times a second.

    Where it is red in what the numbers stand on, the page is drawn again, without the model.
    """
    if lm.name in catalogue.bundled() or CHECKUPS.of(lm).finished:
        return

    @st.fragment(run_every=_EVERY)
    def go_on() -> None:
        checkup, gate = CHECKUPS.of(lm), cache.gate()
        with gate.turn(session.visitor(), session.overtaken, heavy=True):
            checkup.advance(Slice(SLICE, pressed=lambda: gate.pressed))
        if checkup.finished or checkup.refused:
            st.rerun()  # so that nobody asks again

    go_on()


def _allowed(name: str) -> bool:
    """Whether this name is opened when it is asked for: one of the menu's, or one that was clicked."""
    if name in catalogue.local_models():
        return True
    return may_open() and name in st.session_state.setdefault(_OPENED, set())


def _failed() -> dict[str, GptvizError]:
    """The names that could not be opened, and why."""
    found: dict[str, GptvizError] = st.session_state.setdefault(_FAILED, {})
    return found


def _choose(name: str) -> None:
    st.session_state.setdefault(_OPENED, set()).add(name[:MAX_NAME])
    st.session_state[_MODEL] = name
    st.query_params["model"] = name


def _retry(name: str) -> None:
    _failed().pop(name, None)


def _offer(name: str, label: str, *, chosen: bool, quiet: bool = False) -> None:
    kind: Literal["primary", "secondary", "tertiary"] = "primary" if chosen else "tertiary" if quiet else "secondary"
    st.button(plain(label), key=f"model_{name}", on_click=_choose, args=(name,), width="stretch", type=kind)


def _describe(name: str, lang: str) -> None:
    """Size and shape of the model shown, where its folder is at hand."""
    with suppress(GptvizError, KeyError):
        c = read_config(catalogue.local_models()[name])
        size = translate("toolbar.parameters", lang, count=large(c.n_parameters, lang))
        shape = translate("toolbar.shape", lang, **{n: getattr(c, n) for n in _SHAPE}, vocab_size=f"{c.vocab_size:,}")
        st.caption(plain(f"{title(name, lang)}: {size}, {shape}"))


def _say_what_the_link_asks_for(name: str, lang: str) -> None:
    """A link opens nothing by itself."""
    with st.container(key="model_error", gap="small"):
        key = "toolbar.link_asks" if may_open() else "toolbar.link_asks_closed"
        st.warning(plain(translate(key, lang, name=name)), icon=":material/link:")
        with st.container(horizontal=True, gap="small"):
            st.button(translate("toolbar.use_default", lang), on_click=_choose, args=(catalogue.DEFAULT,))
            if may_open():
                st.button(translate("toolbar.open", lang), on_click=_choose, args=(name,), key="open_asked")


def _say_why_not(name: str, error: GptvizError, lang: str) -> None:
    with st.container(key="model_error", gap="small"):
        st.error(plain(error.say(lang)), icon=":material/error:")
        with st.container(horizontal=True, gap="small"):
            default = (catalogue.DEFAULT,)
            st.button(translate("toolbar.use_default", lang), on_click=_choose, args=default, type="primary")
            st.button(translate("toolbar.try_again", lang), on_click=_retry, args=(name,))


def _download(name: str, lang: str) -> None:
    """Download with a progress bar. The bytes are counted in the downloader's threads and shown from this one."""
    so_far = [0, 0]

    def count(done: int, total: int) -> None:
        so_far[:] = done, total

    bar = st.empty()
    with ThreadPoolExecutor(max_workers=1) as pool:
        running = pool.submit(catalogue.download, name, progress=count)
        while not wait([running], timeout=0.25).done:
            done, total = so_far
            text = translate("toolbar.downloading", lang, name=name, done=_size(done), total=_size(total))
            bar.progress(min(1.0, done / total) if total else 0.0, text=plain(text))
    bar.empty()
    running.result()


def _size(n_bytes: int) -> str:
    return f"{number(n_bytes / 1e9, 2)} GB" if n_bytes >= 1e9 else f"{number(n_bytes / 1e6, 0)} MB"
