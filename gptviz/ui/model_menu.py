"""The menu of models in the header: what there is, and what each is, before it is opened.

It is drawn only while it is open, in a fragment of its own: nothing is looked for, and no header read, before somebody
looks. What is known of a file is kept (``catalogue.about``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import streamlit as st

from gptviz import catalogue
from gptviz.errors import WeightsError
from gptviz.gpt.families import FAMILIES
from gptviz.gpt.summary import Summary, not_known
from gptviz.i18n import large, translate
from gptviz.rounding import gigabytes, number
from gptviz.ui import limits, model_choice, stories
from gptviz.ui.model_choice import MENU, choose, may_open, shown, title, wanted
from gptviz.ui.plain import plain

_OTHER, _SEARCH = "toolbar_other", "toolbar_search"
_MANY = 8  # entries, from which on they are searched and scrolled
_HEIGHT = 340  # pixels of the list then, whatever is found: it does not jump
_SEARCHED = 100  # characters of what is searched for
_LANGUAGES = 4  # that are named; of more, how many
_NAMED = 5  # models that are named of those that cannot be opened
_SHAPE = ("n_layer", "n_head", "n_embd", "block_size")


class Entry(NamedTuple):
    """One model in the menu."""

    name: str
    summary: Summary | None = None  # None: of one that is not read yet, or cannot be
    error: WeightsError | None = None  # why not
    download: int = 0  # bytes

    def matches(self, words: list[str], lang: str) -> bool:
        """Whether all words that are searched for stand in its name or its family's."""
        family = self.summary.family if self.summary else ""
        text = f"{self.name} {title(self.name, lang)} {family}".casefold()
        return all(word in text for word in words)


class Group(NamedTuple):
    """Models from one place."""

    title: str  # "" for those that are laid out here
    entries: list[Entry]
    others: list[tuple[str, str | None]] = []  # noqa: RUF012 - names that cannot be opened, and what kind of model each is
    left_out: int = 0
    unread: bool = False


def show(lang: str) -> None:
    """Draw the menu."""
    name = wanted()

    @st.fragment
    def menu() -> None:
        popover = st.popover(plain(title(shown(), lang)), icon=":material/deployed_code:", key=MENU, on_change="rerun")
        if popover.open:
            with popover:
                _draw(lang)
        if wanted() != name:  # chosen in here: the page around is another model's now
            st.rerun()

    menu()


def groups() -> Iterator[Group]:
    """All that can be chosen: what is laid out here, what other programs have, what can be downloaded."""
    local = {**model_choice.trained(), **catalogue.local_models()}
    yield Group("", [_entry(name, path) for name, path in local.items()])
    yield Group("", [Entry(name) for name in catalogue.engines()])
    found = model_choice.found()
    for program, finds in found.items():
        entries = [_entry(name, path) for name, path in finds.models.items() if name not in local]
        yield Group(program, [entry for entry in entries if entry.summary],
                    [(entry.name, not_known(entry.error)) for entry in entries if entry.error],
                    finds.left_out, finds.unread)  # fmt: skip
    if may_open():
        there = {*local, *(name.rpartition("/")[2] for finds in found.values() for name in finds.models)}
        yield Group("", [Entry(name, download=size) for name, size in catalogue.GPT2.items() if name not in there])


def _entry(name: str, path: Path) -> Entry:
    try:
        return Entry(name, catalogue.about(path))
    except WeightsError as error:
        return Entry(name, error=error)
    except Exception as error:  # a file can be wrong in ways that nobody has thought of
        return Entry(name, error=WeightsError("weights.unexpected", reason=type(error).__name__))


def _draw(lang: str) -> None:
    current, every = shown(), list(groups())
    many = sum(len(group.entries) for group in every) > _MANY + len(catalogue.GPT2)
    words: list[str] = []
    if many:
        label = translate("toolbar.search", lang)
        typed = st.text_input(label, key=_SEARCH, label_visibility="collapsed", placeholder=label, live=True,
                              type="search")  # fmt: skip
        words = (typed or "")[:_SEARCHED].casefold().split()
    with st.container(key="model_list", height=_HEIGHT if many else "content"):
        drawn = [_draw_group(group, current, words, lang) for group in every]
        if not any(drawn):
            st.caption(plain(translate("toolbar.none_found", lang)))
    _describe(current, lang)
    if may_open():
        other = st.text_input(
            translate("toolbar.other_id", lang), key=_OTHER, help=translate("toolbar.other_id_help", lang,
                                                                             known=_families(lang))
        ).strip()  # fmt: skip
        st.button(translate("toolbar.open", lang), on_click=choose, args=(other,), disabled=not other)


def _draw_group(group: Group, current: str, words: list[str], lang: str) -> int:
    """Draw what is searched for; gives how many these are."""
    entries = [entry for entry in group.entries if entry.matches(words, lang)]
    said = [] if words else list(_said_of(group, lang))
    if group.title and (entries or said):
        st.caption(f"**{plain(group.title)}**")
    for entry in entries:
        _offer(entry, chosen=entry.name == current, lang=lang)
    for sentence in said:
        st.caption(plain(sentence))
    return len(entries)


def _said_of(group: Group, lang: str) -> Iterator[str]:
    """What there is to say of a place beside its models: nothing is left out without a word."""
    if group.unread:
        yield translate("toolbar.unread", lang, program=group.title)
    for kinds in (True, False):
        others = [(name, kind) for name, kind in group.others if (kind is not None) == kinds]
        if others:
            named = ", ".join(f"{name} ({kind})" if kind else name for name, kind in others[:_NAMED])
            named += "" if len(others) <= _NAMED else ", …"
            key = "toolbar.other_kinds" if kinds else "toolbar.not_readable"
            yield translate(key, lang, count=len(others), names=named, known=_families(lang))
    if group.left_out:
        yield translate("toolbar.left_out", lang, count=group.left_out)


def _offer(entry: Entry, *, chosen: bool, lang: str) -> None:
    label = plain(title(entry.name, lang))
    details = " · ".join(_details(entry, lang))
    kind: Literal["primary", "secondary", "tertiary"]
    kind = "primary" if chosen else "tertiary" if entry.download else "secondary"
    st.button(f"{label} :small[{plain(details)}]" if details else label, key=f"model_{entry.name}", on_click=choose,
              args=(entry.name,), width="stretch", type=kind)  # fmt: skip


def _details(entry: Entry, lang: str) -> Iterator[str]:
    """What it is, in one line."""
    if entry.download:
        yield translate("toolbar.needs_download", lang, size=f"{number(entry.download / 1e9, 1)} GB")
    if entry.error is not None:
        kind = not_known(entry.error)
        yield translate("toolbar.other_kind", lang, kind=kind, known=_families(lang)) if kind else (
            translate("toolbar.damaged", lang))  # fmt: skip
    if entry.summary is None:
        return
    c, size = entry.summary.config, entry.summary.memory(limits.most_tokens())
    yield entry.summary.family
    yield translate("toolbar.parameters", lang, count=large(c.n_parameters, lang))
    yield translate("toolbar.context", lang, count=f"{c.block_size:,}")
    if entry.summary.languages:
        yield _languages(entry.summary.languages)
    free = model_choice.spare()
    fits = free is None or size <= free or entry.name == shown()
    yield translate("toolbar.takes" if fits else "toolbar.takes_too_much", lang, size=gigabytes(size),
                    free="" if free is None else gigabytes(free))  # fmt: skip


def _languages(codes: tuple[str, ...]) -> str:
    more = len(codes) - _LANGUAGES
    return ", ".join(codes[:_LANGUAGES]) + (f" +{more}" if more > 0 else "")


def _families(lang: str) -> str:
    return translate("toolbar.between", lang).join(family.title or family.model_type for family in FAMILIES.values())


def _describe(name: str, lang: str) -> None:
    """Size and shape of the model shown, where its folder is at hand."""
    about = _entry(name, catalogue.path_of(name)).summary
    if about is not None:
        c = about.config
        size = translate("toolbar.parameters", lang, count=large(c.n_parameters, lang))
        shape = translate("toolbar.shape", lang, **{n: getattr(c, n) for n in _SHAPE}, vocab_size=f"{c.vocab_size:,}")
        st.caption(plain(f"{title(name, lang)}: {size}, {shape}"))
    tuned = stories.told(catalogue.path_of(name), lang)
    if tuned:
        st.caption(plain(tuned))
