"""What a teacher's room page stands at, and what its buttons do. Pure: no Streamlit here.

The room itself lies in ``gptviz.room.ROOMS``, where students find it; the page knows it by the teacher's token, which
this session and the teacher's browser keep, and no link.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from gptviz.errors import RoomError
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.room import ROOMS, Follow, Guess, Room
from gptviz.room.limits import MAX_HANDS, MAX_LINK, MAX_PROMPT
from gptviz.ui.controls import choice, count
from gptviz.ui.links import TEXT, query_of
from gptviz.ui.page import Action, Context, index, word
from gptviz.ui.pages.room import asking
from gptviz.ui.prompts import chat_control, chats, how, prompt_ids, start_control, system_control, vocabulary, window
from gptviz.ui.web.conversation import Conversation

GAMES = ("guess", "vote", "probe", "follow")
SOURCES = ("draw", "text")
_MOST_PLACES, _SEEDS = 4096, 2**31
OWN = 99  # the teacher's own question, among those offered
_ORIGIN = 200  # characters of the address that the teacher's browser has


@dataclass(frozen=True)
class View:
    """The controls: which game, how is guessed, what comes then, how much of a text is shown, which question."""

    game: str = choice("guess", GAMES)
    how: str = choice("pick", ("pick", "chips"), seldom=True)
    source: str = choice("draw", SOURCES, seldom=True)
    at: int | None = count(None, 1, _MOST_PLACES, seldom=True, nullable=True)
    draws: int = count(7, 0, _SEEDS, seldom=True)
    question: int = count(0, 0, OWN, seldom=True)
    start: str = start_control()
    chat: bool = chat_control()
    system: str = system_control()


@dataclass
class RoomPage(Conversation):
    """One teacher's page."""

    view: View = field(default_factory=View)
    token: str = ""  # the teacher's, of the room that is open
    origin: str = ""  # the address that the teacher's browser has
    known: bool = True  # False: the browser keeps a room that is over
    wish: bool = False  # a room is wanted: the browser then says its address
    seen: Follow | None = None  # the page that its teacher has come from
    problem: RoomError | None = None
    wants_votes: bool = False  # the file of votes goes with the next picture

    def follow(self) -> None:
        """Another text: it is shown up to where a text usually is."""
        self.view = replace(self.view, at=None)

    def room(self) -> Room | None:
        """The room that is open; None where there is none, or it is over, or nobody can say (``problem`` then does)."""
        if not self.token:
            return None
        try:
            found = ROOMS.of_teacher(self.token)
        except RoomError as error:
            self.problem = error
            return None
        if self.problem is not None and self.problem.key == "room.store":
            self.problem = None
        return found

    def reading(self, lm: LanguageModel) -> tuple[tuple[int, ...], int]:
        """(all tokens of the text, how many of them the class sees: of one that is played, those before the next)."""
        ids, _ = prompt_ids(lm, self.text, how(self.view))
        if self.view.source == "draw" or self.view.game != "guess" or len(ids) < 2:
            return ids, len(ids)
        wanted = len(ids) // 2 if self.view.at is None else self.view.at
        return ids, min(max(1, wanted), len(ids) - 1)


def begin(state: RoomPage, lang: str) -> None:
    """A first visit has a text to guess."""
    state.text = translate("room.first", lang)


def _origin(action: Action) -> str | None:
    """The address that a browser says; None where it says none."""
    origin = action.get("origin")
    return origin if isinstance(origin, str) and len(origin) <= _ORIGIN else None


def _open(action: Action, state: RoomPage, context: Context) -> None:
    origin = _origin(action)
    state.wish = False
    if origin is not None and state.room() is None:
        state.token, state.known = ROOMS.open(context.lang).teacher_token, True
        state.origin = origin


def _resume(action: Action, state: RoomPage, context: Context) -> None:
    """After a reload the browser says the token that it kept."""
    token, origin = word(action, "token"), _origin(action)
    if not token or origin is None or state.room() is not None:
        return
    state.origin, state.token = origin, token
    state.known = state.room() is not None or state.problem is not None
    if not state.known:
        state.token = ""


def _start(action: Action, state: RoomPage, context: Context) -> None:
    room, lm, view = state.room(), context.lm, state.view
    if room is None:
        return
    ids, seen = state.reading(lm)
    if view.game == "follow":
        first = Follow(translate("nav.next_token", context.lang), "/?", "")
        room.start(_with_text(state.seen or first, state.text))
    elif view.game == "probe":
        offered = asking.offered(context)
        probe = asking.own_probe(state.text) if view.question >= len(offered) else offered[view.question]
        if probe is not None:
            room.start(probe)
    elif ids and view.game == "vote":
        room.start(asking.vote(lm, ids[: window(lm) - asking.CONTINUED], state.text, view.draws))
    elif ids and seen < window(lm):
        played = view.source == "text" and seen < len(ids)
        prompt = asking.shown(lm, ids[:seen]) if played else state.text
        actual = ids[seen] if played else None
        room.start(asking.guess(lm, context.trace, ids[:seen], prompt, "chips" if view.how == "chips" else "pick",
                                actual=actual, seed=view.draws))  # fmt: skip


def _with_text(seen: Follow, text: str) -> Follow:
    """A page with the text that stands here: of another one, the rest of the link but for a head means nothing."""
    if seen.text == text[-MAX_PROMPT:]:
        return seen
    path, _, query = seen.link.partition("?")
    kept = {name: value for name, value in query_of(query).items() if name in ("lang", "model", "layer", "head")}
    said = urlencode({**kept, TEXT: text.encode("utf-8", "replace").decode()[-MAX_PROMPT:]})
    return Follow(seen.title, f"{path}?{said}"[:MAX_LINK], text)


def _next(action: Action, state: RoomPage, context: Context) -> None:
    """Go on: one token of the text more, or the token that was drawn; then ask again."""
    room = state.room()
    asked = room.snapshot(ROOMS.clock()).asked if room else None
    if room is None or asked is None:
        return
    if isinstance(asked, Guess) and asked.vocabulary == vocabulary(context.lm):
        _go_on(asked, state, context)
    elif state.view.game == "vote":
        state.view = replace(state.view, draws=(state.view.draws + 10) % _SEEDS)
    elif state.view.game == "probe":
        state.view = replace(state.view, question=(state.view.question + 1) % len(asking.offered(context)))
        state.rev += 1
    _start(action, state, context)


def _go_on(asked: Guess, state: RoomPage, context: Context) -> None:
    """Set the text, or its place, to what follows a guess; also in a window that did not ask it."""
    lm = context.lm
    ids, _ = prompt_ids(lm, state.text, how(state.view))
    if not asked.actual.drawn:
        if ids[: len(asked.ids)] == asked.ids and len(asked.ids) + 1 < len(ids):
            state.view, state.rev = replace(state.view, at=len(asked.ids) + 1), state.rev + 1
        return
    longer = asking.whole(lm, context.trace, (*asked.ids, asked.actual.token.id))
    if chats(lm, how(state.view)):
        state.set_text(state.text + lm.tokenizer.decode(list(longer[len(asked.ids) :])))
    else:
        state.set_text(asking.shown(lm, longer))


def _again(action: Action, state: RoomPage, context: Context) -> None:
    """Another draw, other continuations."""
    state.view = replace(state.view, draws=(state.view.draws * 48271 + 11) % _SEEDS)
    _start(action, state, context)


def _guessed(room: Room, context: Context) -> tuple[int, ...]:
    """The ids of the guess at hand; none where another vocabulary is open than that it was asked of."""
    asked = room.snapshot(ROOMS.clock()).asked
    same = isinstance(asked, Guess) and asked.vocabulary == vocabulary(context.lm)
    return asked.ids if isinstance(asked, Guess) and same else ()


def _reveal(action: Action, state: RoomPage, context: Context) -> None:
    room = state.room()
    if room is None:
        return
    ids = _guessed(room, context)
    room.reveal({one: asking.token_of(context.lm, ids, one) for one in room.typed()} if ids else {})


def _let(action: Action, state: RoomPage, context: Context) -> None:
    room, said = state.room(), word(action, "word")
    if room is None or not said:
        return
    ids = _guessed(room, context)
    room.let(said, asking.as_candidate(context.lm, context.trace, ids, said) if ids else None)


def _hands(action: Action, state: RoomPage, context: Context) -> None:
    room, place, raised = state.room(), index(action, "place", 100), index(action, "count", MAX_HANDS + 1)
    if room is not None and place is not None and raised is not None:
        room.raise_hands(place, raised)


def _votes(action: Action, state: RoomPage, context: Context) -> None:
    state.wants_votes = True


def _told(then: Callable[[Action, RoomPage, Context], None]) -> Callable[[Action, RoomPage, Context], None]:
    """An action whose refusal is said on the page."""

    def carry_out(action: Action, state: RoomPage, context: Context) -> None:
        state.problem = None
        try:
            then(action, state, context)
        except RoomError as error:
            state.problem = error

    return carry_out


def _of_room(then: Callable[[Room, Action], object]) -> Callable[[Action, RoomPage, Context], None]:
    """An action that only the room is told of."""

    def carry_out(action: Action, state: RoomPage, context: Context) -> None:
        room = state.room()
        if room is not None:
            then(room, action)

    return _told(carry_out)


#: ``look`` only asks for another picture: something is new in the room.
ACTIONS: dict[str, Callable[[Action, RoomPage, Context], None]] = {
    "open": _told(_open),
    "resume": _told(_resume),
    "start": _told(_start),
    "next": _told(_next),
    "again": _told(_again),
    "close": _of_room(lambda room, _: room.close()),
    "reopen": _of_room(lambda room, _: room.open_again()),
    "reveal": _told(_reveal),
    "let": _told(_let),
    "refuse": _of_room(lambda room, action: room.refuse(word(action, "word"))),
    "hands": _told(_hands),
    "names": _of_room(lambda room, action: room.show_names(action.get("on") is True)),
    "remove": _of_room(lambda room, action: room.remove(word(action, "name"))),
    "votes": _votes,
    "end": _of_room(lambda room, _: room.end()),
}
