"""Which model is looked at, and opening it.

Visitors choose by name from what the operator has laid out. A link only asks: what it names is opened where it is one
of those; else the page says what the link asks for. A folder, or a download, takes a click, and a server that serves
others too offers neither (``GPTVIZ_OPEN=1`` says that it shall), nor what other programs keep on its machine. What does
not fit into memory, and what is to be downloaded, is said before anything is read; it takes one more click.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from gptviz import catalogue, finding, memory
from gptviz.errors import GptvizError, WeightsError
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Job
from gptviz.language_model import LanguageModel
from gptviz.remote import model as remote
from gptviz.remote.model import RemoteModel
from gptviz.rounding import gigabytes
from gptviz.ui import cache, limits, others, session
from gptviz.ui.checkup import CHECKUPS
from gptviz.ui.plain import plain

MAX_NAME = 200  # characters of a name that are read
_LOOKS = 2.0  # seconds after which an engine that is away is looked for again
CHOSEN, MENU = "toolbar_model", "toolbar_models"  # the name; whether the menu is open
_OPENED, _FAILED, _ASKED, _AGREED = "models_opened", "models_failed", "models_asked", "models_agreed"


class Question(NamedTuple):
    """What is to be known before a model is opened."""

    key: str  # of the sentence
    values: Mapping[str, Any]
    agree: str  # what the button says that opens it all the same


def may_open() -> bool:
    """Whether a visitor may open more than what the operator has laid out."""
    return others.may_open(_address())


def found() -> dict[str, finding.Finds]:
    """Models of other programs, by program, where they are listed."""
    return catalogue.found_models() if others.may_find(_address()) else {}


def trained() -> dict[str, Path]:
    """The models that this visitor has trained here, by name."""
    return {job.model_name: job.path / folder.MODEL for job in folder.jobs_of(session.owner()) if job.has_model}


def wanted() -> str:
    """The name picked, else the link's, else the default."""
    asked = st.session_state.get(CHOSEN) or st.query_params.get("model") or catalogue.DEFAULT
    return str(asked)[:MAX_NAME]


def shown() -> str:
    """The name of the model whose numbers are shown."""
    name = wanted()
    return name if _allowed(name) and name not in _failed() and name not in _asked() else catalogue.DEFAULT


def title(name: str, lang: str) -> str:
    """What a model is called in the menu."""
    if name.startswith(folder.PREFIX):
        path = folder.place(name)
        ask = None if path is None else Job(path.parent).ask
        if ask is not None and ask.kind == folder.TUNING:
            return translate("toolbar.tuned", lang, task=translate(f"tuning.task.{ask.source}", lang),
                             method=translate(f"tuning.method.{ask.preset}", lang))  # fmt: skip
        if ask is not None and ask.kind == folder.ALIGNMENT:
            return translate("toolbar.aligned", lang, by=ask.preset.upper())
        source = "none" if ask is None else ask.source
        return translate("toolbar.trained", lang, source=translate(f"training.source.{source}", lang))
    if catalogue.is_url(name):
        return name.partition("//")[2]
    known = translate(f"model.{name}", lang)
    return name if known == f"model.{name}" else known


def choose(name: str) -> None:
    """Open this one; the menu has done its part."""
    name = name[:MAX_NAME]
    st.session_state[MENU] = False
    st.session_state.setdefault(_OPENED, set()).add(name)
    st.session_state[CHOSEN] = st.query_params["model"] = name
    _asked().pop(name, None)  # the memory that it needs may be free by now


def spare() -> int | None:
    """Bytes that a model may take: what this machine has free, and what models take that nobody looks at."""
    free = memory.available()
    return None if free is None else free + cache.models().idle_bytes(session.visitor())


def chosen(lang: str) -> LanguageModel:
    """The chosen model, loaded; where it is not, the reason is shown above the bundled model's picture."""
    name = wanted()
    if not _allowed(name):
        _say_what_the_link_asks_for(name, lang)
    elif name in _failed():
        _say_why_not(name, _failed()[name], lang)
    elif name in _asked():
        _ask(name, _asked()[name], lang)
    else:
        try:
            lm = _opened(name, lang)
            if name not in catalogue.bundled():
                _check(lm, lang)
            return lm
        except Exception as error:  # a file can be wrong in ways that nobody has thought of
            if name == catalogue.DEFAULT:
                raise  # nothing else is there to be shown
            reason = f"{type(error).__name__}: {error}"[:200]
            known = error if isinstance(error, GptvizError) else WeightsError("weights.unexpected", reason=reason)
            _failed()[name] = known  # not tried again on every run: a network may take long to say no
            st.rerun()  # the menu has named it already
    return cache.model(catalogue.DEFAULT, session.visitor())


def _check(lm: LanguageModel, lang: str) -> None:
    """Go through its passport once, before anything of it is shown; PassportError where its operations disagree."""
    checkup = CHECKUPS.of(lm)
    if not checkup.finished:
        with st.spinner(plain(translate("model_page.passport_runs", lang))):
            checkup.finish()
    CHECKUPS.refuse(lm)


def _opened(name: str, lang: str) -> LanguageModel:
    """The model, or a question about it, which begins the run anew."""
    if name in cache.models():
        return cache.model(name, session.visitor())
    download = catalogue.needs_download(name)
    offer = catalogue.look(name) if download else None
    size = _memory(name) if offer is None else offer.summary.memory(limits.most_tokens())
    question = None if name == catalogue.DEFAULT else _question(name, size, offer.size if offer else 0)
    if question is not None and name not in st.session_state.get(_AGREED, ()):
        _asked()[name] = question
        st.rerun()  # the menu has named it already
    if download:
        _download(name, lang)
    return cache.model(name, session.visitor(), size=size)


def _memory(name: str) -> int:
    """The bytes that it is thought to take; 0 where its header does not say, and opening it will say why."""
    try:
        return 0 if catalogue.is_url(name) else catalogue.about(catalogue.path_of(name)).memory(limits.most_tokens())
    except GptvizError:
        return 0


def _question(name: str, size: int, download: int) -> Question | None:
    """What to ask: first whether it fits at all."""
    free = spare()
    values = {"name": name, "size": gigabytes(size)}
    if free is not None and size > free:
        return Question("toolbar.too_large", values | {"free": gigabytes(free)}, "toolbar.open_anyway")
    if download and name not in catalogue.GPT2:  # of those the menu has said it
        return Question("toolbar.download", values | {"download": gigabytes(download)}, "toolbar.download_it")
    return None


def _address() -> str:
    return str(st.get_option("server.address") or "")


def _allowed(name: str) -> bool:
    """Whether this name is opened when it is asked for: one of the menu's, or one that was clicked."""
    if name.startswith(folder.PREFIX):  # whose it is, and nobody else's
        return name in trained()
    if name in (*catalogue.local_models(), *catalogue.engines()) or any(
        name in finds.models for finds in found().values()
    ):
        return True
    if catalogue.place(name) is not None:  # another program's, where those are not for visitors
        return False
    return may_open() and name in st.session_state.setdefault(_OPENED, set())


def _failed() -> dict[str, GptvizError]:
    """The names that could not be opened, and why."""
    failed: dict[str, GptvizError] = st.session_state.setdefault(_FAILED, {})
    return failed


def _asked() -> dict[str, Question]:
    """The names that wait for an answer."""
    asked: dict[str, Question] = st.session_state.setdefault(_ASKED, {})
    return asked


def _retry(name: str) -> None:
    _failed().pop(name, None)


def _agree(name: str) -> None:
    st.session_state.setdefault(_AGREED, set()).add(name)
    _asked().pop(name, None)


def _say_what_the_link_asks_for(name: str, lang: str) -> None:
    """A link opens nothing by itself."""
    with st.container(key="model_error", gap="small"):
        key = "toolbar.link_asks" if may_open() else "toolbar.link_asks_closed"
        st.warning(plain(translate(key, lang, name=name)), icon=":material/link:")
        with st.container(horizontal=True, gap="small"):
            st.button(translate("toolbar.use_default", lang), on_click=choose, args=(catalogue.DEFAULT,))
            if may_open():
                st.button(translate("toolbar.open", lang), on_click=choose, args=(name,), key="open_asked")


def _ask(name: str, question: Question, lang: str) -> None:
    """On a server for others nobody insists: what is full is full for all."""
    with st.container(key="model_error", gap="small"):
        st.warning(plain(translate(question.key, lang, **question.values)), icon=":material/memory:")
        with st.container(horizontal=True, gap="small"):
            st.button(translate("toolbar.use_default", lang), on_click=choose, args=(catalogue.DEFAULT,),
                      type="primary")  # fmt: skip
            if may_open():
                st.button(translate(question.agree, lang), on_click=_agree, args=(name,), key="open_anyway")


def come_back(lm: LanguageModel) -> None:
    """Where a model computes elsewhere and did not answer: look for it until it does, and go on."""
    if isinstance(lm, RemoteModel) and lm.away:
        _look(lm.answers, lambda: None)


def _look(answers: Callable[[], bool], then: Callable[[], None]) -> None:
    @st.fragment(run_every=_LOOKS)
    def look() -> None:
        if answers():
            then()
            st.rerun()

    look()


def _say_why_not(name: str, error: GptvizError, lang: str) -> None:
    if error.key == "remote.away":
        _look(lambda: remote.answers(name), lambda: _retry(name))
    with st.container(key="model_error", gap="small"):
        st.error(plain(error.say(lang)), icon=":material/error:")
        with st.container(horizontal=True, gap="small"):
            default = (catalogue.DEFAULT,)
            st.button(translate("toolbar.use_default", lang), on_click=choose, args=default, type="primary")
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
            text = translate("toolbar.downloading", lang, name=name, done=gigabytes(done), total=gigabytes(total))
            bar.progress(min(1.0, done / total) if total else 0.0, text=plain(text))
    bar.empty()
    running.result()
