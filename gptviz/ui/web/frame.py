"""What every page's message begins with: the conversation, the text, the notes. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.tokens.tokenizer import clean
from gptviz.ui.pages.next_token.actions import unreadable
from gptviz.ui.prompts import examples
from gptviz.ui.web.conversation import MAX_CHARS, Conversation

Note = tuple[str, str, dict[str, Any]]  # level, key, values


def frame(state: Conversation, *, lang: str, projector: bool, view: dict[str, Any], ids: Sequence[int] = (),
          notes: Sequence[dict[str, str]] = (), link: str = "", running: bool = False, debounce_ms: int = 60,
          max_wait_ms: int = 250) -> dict[str, Any]:  # fmt: skip
    """The part of a page's header that all pages have; also notes in ``state.shown`` the view that it shows.

    A changed text is sent when nobody has typed for ``debounce_ms``, at the latest after ``max_wait_ms``.
    """
    state.shown = view
    return {
        "rev": state.rev,
        "echo": state.echo,
        "acked": state.acked,
        "lang": lang,
        "has_strings": state.has_strings,
        "projector": projector,
        "debounce_ms": debounce_ms,
        "max_wait_ms": max_wait_ms,
        "max_chars": MAX_CHARS,
        "text": state.text,
        "examples": examples(lang),
        "notes": list(notes),
        "ids": list(ids),
        "view": view,
        "link": link,
        "running": running,
    }


def text_notes(state: Conversation, lm: LanguageModel, lang: str, *more: Note, read: bool) -> list[dict[str, str]]:
    """What the reader should know about the text; ``more`` comes first; ``read``: the model could read it."""
    found = list(more)
    replaced = clean(state.text)[1]
    if replaced:
        found.append(("warn", "note.replaced", {"count": replaced}))
    if state.cut:
        found.append(("warn", "note.cut", {"limit": f"{MAX_CHARS:,}"}))
    said = [{"level": level, "text": translate(key, lang, **values)} for level, key, values in found]
    problem = unreadable(lm, state.text) if state.text and not read else None
    return [*said, {"level": "error", "text": problem.say(lang)}] if problem else said


def sorry_note(error: Exception, lang: str) -> dict[str, str]:
    """What is said where a picture could not be made; the text stays."""
    reason = f"{type(error).__name__}: {error}"[:200]
    return {"level": "error", "text": translate("error.app.unexpected", lang, reason=reason)}


def query_string(fields: Mapping[str, Any], *, safe: str = "") -> str:
    """A query string; a lone surrogate is no UTF-8, so the link carries what the model read in its place."""
    written = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in fields.items()}
    return urlencode({name: value.encode("utf-8", "replace").decode() for name, value in written.items()}, safe=safe)


def number_in(text: str) -> int | float | None:
    """The number that a query parameter says, if it is one."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None


def python_lines(prompt: str | Sequence[int], model: str, *body: str, imports: Sequence[str] = ()) -> str:
    """Python for a notebook: the model, the trace of ``prompt`` (quoted by ``repr``), and ``body``."""
    text = repr(prompt if isinstance(prompt, str) else [int(i) for i in prompt])
    start = [f"lm = gptviz.load({model!r})", f"trace = lm.trace({text})"]
    return "\n".join(["import gptviz", *sorted(imports), *start, *body])
