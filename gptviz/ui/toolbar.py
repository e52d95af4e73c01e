"""The controls in the header: model, language, projector mode. What is chosen is kept in the URL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress

import streamlit as st

from gptviz import catalogue
from gptviz.errors import GptvizError
from gptviz.gpt.weights import read_config
from gptviz.i18n import choose_language, languages, translate
from gptviz.language_model import LanguageModel
from gptviz.ui import cache

_FAILED = "models_failed"
_SHAPE = ("n_layer", "n_head", "n_embd", "block_size")
_CHOSEN = "language"  # kept apart from the widget's own state, which Streamlit may drop
_LANGUAGE, _MODEL, _PROJECTOR, _OTHER = "toolbar_language", "toolbar_model", "toolbar_projector", "toolbar_other"


def language() -> str:
    """The interface language: the one chosen, else the URL's, else the browser's, else English."""
    lang = st.session_state.get(_CHOSEN)
    if lang not in languages():
        lang = choose_language(st.query_params.get("lang") or st.context.locale)
        st.session_state[_CHOSEN] = lang
    return str(lang)


def model_name() -> str:
    """The chosen model's name: the one picked, else the URL's, else the default."""
    return str(st.session_state.get(_MODEL) or st.query_params.get("model") or catalogue.DEFAULT)


def projector() -> bool:
    """Whether larger type and fewer controls are wanted."""
    return bool(st.session_state.get(_PROJECTOR, st.query_params.get("projector") == "1"))


def show(lang: str) -> None:
    """Draw the toolbar."""
    with st.container(key="toolbar", horizontal=True, horizontal_alignment="right", gap="small", width="content"):
        _model_menu(lang)
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


def _keep_language() -> None:
    chosen = st.session_state.get(_LANGUAGE)
    if chosen in languages():
        st.session_state[_CHOSEN] = st.query_params["lang"] = chosen


def _choose(name: str) -> None:
    st.session_state[_MODEL] = name
    st.query_params["model"] = name


def title(name: str, lang: str) -> str:
    """What a model is called in the menu."""
    known = translate(f"model.{name}", lang)
    return name if known == f"model.{name}" else known


def _model_menu(lang: str) -> None:
    name = model_name()
    with st.popover(title(name, lang), icon=":material/deployed_code:"):
        for local in catalogue.local_models():
            st.button(
                title(local, lang), key=f"model_{local}", on_click=_choose, args=(local,), width="stretch",
                type="primary" if local == name else "secondary",
            )  # fmt: skip
        for hub_id, size in catalogue.GPT2.items():
            if hub_id not in catalogue.local_models():
                note = translate("toolbar.needs_download", lang, size=f"{size / 1e9:.1f} GB")
                st.button(
                    f"{hub_id} · {note}", key=f"model_{hub_id}", on_click=_choose, args=(hub_id,), width="stretch",
                    type="primary" if hub_id == name else "tertiary",
                )  # fmt: skip
        _describe(name, lang)
        other = st.text_input(
            translate("toolbar.other_id", lang), key=_OTHER, help=translate("toolbar.other_id_help", lang)
        )
        st.button(translate("toolbar.open", lang), on_click=_choose, args=(other.strip(),), disabled=not other.strip())


def _describe(name: str, lang: str) -> None:
    """Size and shape of the chosen model, where its folder is at hand."""
    with suppress(GptvizError, KeyError):
        c = read_config(catalogue.local_models()[name])
        size = translate("toolbar.parameters", lang, millions=f"{c.n_parameters / 1e6:.1f}")
        shape = translate("toolbar.shape", lang, **{n: getattr(c, n) for n in _SHAPE}, vocab_size=f"{c.vocab_size:,}")
        st.caption(_plain(f"{title(name, lang)}: {size}, {shape}"))


def chosen_model(lang: str) -> LanguageModel:
    """The chosen model, loaded; where it cannot be had, the reason is shown above the bundled model's picture."""
    name = model_name()
    failed: dict[str, GptvizError] = st.session_state.setdefault(_FAILED, {})
    if name not in failed:
        try:
            if catalogue.needs_download(name):
                _download(name, lang)
            return cache.model(name)
        except GptvizError as error:
            if name == catalogue.DEFAULT:
                raise  # nothing else is there to be shown
            failed[name] = error  # not tried again on every run: a network may take long to say no
    with st.container(key="model_error", gap="small"):
        st.error(_plain(failed[name].say(lang)), icon=":material/error:")
        with st.container(horizontal=True, gap="small"):
            st.button(
                translate("toolbar.use_default", lang), on_click=_choose, args=(catalogue.DEFAULT,), type="primary"
            )
            st.button(translate("toolbar.try_again", lang), on_click=_retry, args=(name,))
    return cache.model(catalogue.DEFAULT)


def _retry(name: str) -> None:
    st.session_state[_FAILED].pop(name, None)


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
            bar.progress(min(1.0, done / total) if total else 0.0, text=_plain(text))
    bar.empty()
    running.result()


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.2f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"


def _plain(text: str) -> str:
    """Text for Streamlit's Markdown with every character that means something there escaped."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!$:|<>~" else c for c in text)
