"""A page is a declaration: its state, its actions, its panels. From it one runner makes the rest. Pure: no Streamlit.

One run: what the browser said goes into the *state* (text, controls, actions), the page's *scene* is what its panels
are made of, and each *panel* is a function of the scene whose return type, a TypedDict, says which parts of the message
are its own. Message, link, apology and what the browser may read all follow from that (see ``message_types``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, get_type_hints

from gptviz.errors import EditError, ServiceError
from gptviz.gpt.editing import EditLike
from gptviz.gpt.trace import Trace
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.tokens.tokenizer import clean
from gptviz.ui import links
from gptviz.ui.lessons.course import Course
from gptviz.ui.lessons.rail import rail
from gptviz.ui.limits import KEPT_CHARS, MAX_CHARS, MAX_NAME, MAX_QUEUE, TOLD
from gptviz.ui.prompts import AS_TEXT, How, chat_switch, chats, examples, how, rewritten, start_mark, unreadable
from gptviz.ui.web.arrays import Blobs
from gptviz.ui.web.conversation import TEXT, Conversation
from gptviz.ui.web.message import pack


class Tracer(Protocol):
    """ids → trace, with what is changed on the way."""

    def __call__(self, ids: tuple[int, ...], /, *, edits: tuple[EditLike, ...] = ()) -> Trace: ...


Note = tuple[str, str, dict[str, Any]]  # level, key, values
Action = Mapping[str, Any]


class Context(NamedTuple):
    """What a page is run with beside its state."""

    lm: LanguageModel
    lang: str
    trace: Tracer
    projector: bool = False
    title: str = ""  # what the model is called in the menu
    pressed: Callable[[], bool] = lambda: False  # whether others wait: then work in hand is cut short
    sharing: Callable[[], int] = lambda: 0  # how many others have long work under way
    course: Course | None = None  # what the visitor stands at in the lessons


@dataclass
class Scene:
    """What one picture is made of; each page adds its own."""

    ids: tuple[int, ...] = ()
    notes: list[Note] = field(default_factory=list)  # come before those about the text
    said: list[dict[str, str]] = field(default_factory=list)  # sentences made already: these come last
    view: Any = None  # the controls as they are shown; None: as they are wished
    running: bool = False  # something is under way: the browser asks for more
    ready: bool = True  # False: there is nothing to show, all panels are empty
    read: bool = True  # False: the model could not read the text, which is said


S = TypeVar("S", bound=Conversation)
X = TypeVar("X", bound=Scene)


@dataclass(frozen=True)
class Panel(Generic[X]):
    """One part of the picture: ``make`` gives its part of the header, ``arrays`` what goes as raw numbers.

    ``empty`` is sent where there is nothing to show; without it the part is then left out. ``always``: it has something
    to show even then.
    """

    make: Callable[[X], Mapping[str, Any]]
    arrays: Callable[[X], Blobs] | None = None
    empty: Mapping[str, Any] = field(default_factory=dict)
    always: bool = False

    @property
    def parts(self) -> dict[str, Any]:
        """Name and type of each of its parts of the header."""
        return get_type_hints(get_type_hints(self.make)["return"], include_extras=True)


@dataclass(frozen=True)
class Page(Generic[S, X]):
    """One page. Its ``name`` is that of its folders and its file; ``state`` makes what one visitor stands at."""

    name: str
    state: Callable[[], S]
    begin: Callable[[S, str], None]  # (state, language): what a first visit shows
    scene: Callable[[S, Context], X]  # also goes on with what is under way
    panels: Sequence[Panel[X]]
    actions: Mapping[str, Callable[[Action, S, Context], None]]
    strings: tuple[str, ...]  # groups of interface strings that its scripts use
    heavy: bool = False  # its runs work on for long: others may go first
    failed: Callable[[S], None] | None = None  # what is let go where no picture could be made
    shares: str = ""  # the name of the state where several pages have one; else the page's own
    wait_ms: tuple[int, int] = (60, 250)  # a changed text is sent after this pause in typing, at the latest after that

    @property
    def state_name(self) -> str:
        """Under which name the state lies in the session; that of the component is the page's own."""
        return f"{self.shares or self.name}_state"


def left_out_note(read: int, left_out: int, limit: int) -> list[Note]:
    """Where the text is longer than what is read at a time, how much of it is."""
    values = {"tokens": read + left_out, "limit": limit, "left_out": left_out}
    return [("warn", "note.left_out", values)] if left_out else []


def beyond_note(text: str, beyond: int) -> list[Note]:
    """Where ``beyond`` characters before ``text`` stay in its box: that they are there, and not read."""
    values = {"total": len(text) + beyond, "limit": MAX_CHARS, "read": len(text), "beyond": beyond}
    key = "note.beyond" if beyond + len(text) <= KEPT_CHARS else "note.beyond_reload"
    return [("warn", key, {name: f"{value:,}" for name, value in values.items()})] if beyond else []


def arrive(page: Page[S, X], query: Mapping[str, str], context: Context) -> S:
    """The state of a visitor who comes by this link (by none: of a first visit)."""
    state = page.state()
    state.fresh = not query.keys() - {"lang", "model", "projector"}
    if links.TEXT not in query:  # else nothing of a first visit is wanted beside the link's own text
        page.begin(state, context.lang)
    links.take(state, query, context.lm)
    return state


def restore(page: Page[S, X], state: S, query: Mapping[str, str], context: Context) -> S:
    """The state that a query says, which goes on with the talk with the browser where ``state`` is."""
    found = arrive(page, query, context)
    found.fresh = False
    for name in ("echo", "acked", "has_strings", "has_arrays", "sent_arrays", "taken"):
        setattr(found, name, getattr(state, name))
    found.rev = state.rev + 1
    return found


def carry_out(page: Page[S, X], action: Action, state: S, context: Context) -> None:
    """Do one action; one that makes no sense (any more) changes nothing, but is done with."""
    state.done(action)
    perform = page.actions.get(word(action, "kind"))
    if perform is not None:
        perform(action, state, context)


def word(action: Action, name: str) -> str:
    """A field of an action that is a short word; empty where it is anything else."""
    value = action.get(name)
    return value if isinstance(value, str) and len(value) <= MAX_NAME else ""


def index(action: Action, name: str, most: int) -> int | None:
    """A field of an action that is a whole number from 0 to below ``most``; None where it is anything else.

    To Python True is 1 and 1.0 is; to a browser neither is a place in a list.
    """
    value = action.get(name)
    return value if type(value) is int and 0 <= value < most else None


def picture(page: Page[S, X], state: S, context: Context) -> bytes:
    """The message that shows ``state``, after going on with what is under way."""
    scene = page.scene(state, context)
    header = _frame(page, state, context, scene)
    blobs: Blobs = {}
    for panel in page.panels:
        header |= panel.make(scene) if scene.ready or panel.always else panel.empty
        if scene.ready and panel.arrays is not None:
            blobs |= panel.arrays(scene)
    held = state.sent_arrays.held(state.has_arrays)
    header["arrays_id"] = state.sent_arrays.keep(blobs)
    return pack(header, blobs, page.strings, held)


def apology(page: Page[S, X], state: S, context: Context, error: Exception) -> bytes:
    """The message that keeps text and controls on the screen where ``picture`` failed, and says so."""
    if page.failed is not None:
        page.failed(state)
    reason = f"{type(error).__name__}: {error}"[:200]
    said = translate("error.app.unexpected", context.lang, reason=reason)
    if isinstance(error, (ServiceError, EditError)):  # of a model that computes elsewhere: a sentence of its own
        said = error.say(context.lang)
    scene = Scene(said=[{"level": "error", "text": said}])
    header = _frame(page, state, context, scene)
    header["notes"] = scene.said
    for panel in page.panels:
        header |= panel.empty
    return pack(header, {}, page.strings)


def _frame(page: Page[S, X], state: S, context: Context, scene: Scene) -> dict[str, Any]:
    """The part of a header that all pages have; also notes in ``state.shown`` the controls that it shows."""
    view = state.view if scene.view is None else scene.view
    state.shown = {} if view is None else asdict(view)
    debounce, longest = page.wait_ms
    read = how(view) if hasattr(view, "start") else None
    lesson = context.course.to_query() if context.course else {}
    return {
        "page": page.name,
        "fresh": state.fresh,
        "rev": state.rev,
        "echo": state.echo,
        "acked": state.acked,
        "lang": context.lang,
        "has_strings": state.has_strings,
        "arrays_id": "",
        "projector": context.projector,
        "debounce_ms": debounce,
        "max_wait_ms": longest,
        "bounds": TOLD,
        "text": state.text,
        "examples": examples(context.lang),
        "notes": _notes(state, context, scene, read or AS_TEXT),
        "ids": list(scene.ids),
        "view": state.shown,
        "start": start_mark(context.lm, read) if read else None,
        "chat": chat_switch(context.lm, read) if read else None,
        "link": links.encode(state, context.lm, lang=context.lang, projector=context.projector, more=lesson),
        "lesson": rail(page.name, state, scene if scene.ready else None, context),
        "running": scene.running,
    }


def _notes(state: Conversation, context: Context, scene: Scene, read: How) -> list[dict[str, str]]:
    """What the reader should know, as sentences."""
    found: list[Note] = [*(("info", key, values) for key, values in state.notes), *scene.notes]
    others = context.sharing() if scene.running else 0
    if others:
        found.append(("info", "note.sharing", {"count": others}))
    if state.asked:
        found.append(("warn", "note.asked", {"count": state.asked, "most": MAX_QUEUE}))
    if read.chat and not chats(context.lm, read):
        found.append(("info", "note.no_chat", {}))
    beyond = state.beyond.get(TEXT, 0)
    said = text_notes(state.text, context, found, cut=state.cut, beyond=beyond, read=scene.read, how=read)
    return said + scene.said


def text_notes(text: str, context: Context, more: Sequence[Note] = (), *, cut: int = 0, beyond: int = 0,
               read: bool = True, how: How = AS_TEXT) -> list[dict[str, str]]:  # fmt: skip
    """What the reader should know about a text; ``more`` comes first; ``read``: the model could read it, ``how``.

    Of the characters before it, ``cut`` are lost here, and ``beyond`` stay in the visitor's box.
    """
    found = list(more)
    replaced = clean(text)[1]
    if replaced:
        found.append(("warn", "note.replaced", {"count": replaced}))
    found += rewritten(context.lm, text, context.lang) if read else []
    if cut:
        found.append(("warn", "note.cut", {"limit": f"{MAX_CHARS:,}", "count": f"{cut:,}"}))
    found += beyond_note(text, beyond)
    said = [{"level": level, "text": translate(key, context.lang, **values)} for level, key, values in found]
    problem = unreadable(context.lm, text, how) if text and not read else None
    return [*said, {"level": "error", "text": problem.say(context.lang)}] if problem else said
