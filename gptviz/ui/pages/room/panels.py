"""The room page's panels: the door, what is asked, how it goes, what came. Pure: no Streamlit here."""

from __future__ import annotations

from typing import TypedDict

from gptviz.i18n import translate
from gptviz.recipes import room as recipes
from gptviz.room import Follow, Guess
from gptviz.room.limits import CHIPS
from gptviz.room.records import Snapshot
from gptviz.room.rounds import Round
from gptviz.room.tally import Tally
from gptviz.rounding import number
from gptviz.tokens.labels import spoken
from gptviz.ui.pages.room import asking
from gptviz.ui.pages.room.scene import Taught

SHOWN_PEOPLE = 400


class Opened(TypedDict):
    """A room: how to find it, who is there. ``token`` is the teacher's, for this browser to keep."""

    id: str
    token: str
    code: str
    address: str
    link: str
    qr_path: str
    qr_size: int
    alone: bool
    members: int
    minutes_left: int
    names: bool
    pairs: int
    people: list[str]


class RoomPart(TypedDict):
    """The room that is open, if one is; ``known``: not that the browser keeps one that is over; ``wish``: for one."""

    room: Opened | None
    known: bool
    wish: bool
    votes: str | None


def room(scene: Taught) -> RoomPart:
    """The door of the room, and the file of votes where it was asked for."""
    shot, door, state = scene.shot, scene.door, scene.state
    if shot is None or door is None:
        return {"room": None, "known": state.known, "wish": state.wish, "votes": None}
    opened: Opened = {
        "id": shot.id, "token": state.token, "code": shot.code, "address": door.address,
        "link": door.link, "qr_path": door.path, "qr_size": door.size, "alone": door.alone, "members": shot.members,
        "minutes_left": round(shot.seconds_left / 60), "names": shot.names, "pairs": shot.pairs,
        "people": scene.people[:SHOWN_PEOPLE],
    }  # fmt: skip
    return {"room": opened, "known": state.known, "wish": False, "votes": scene.votes}


class ReadyPart(TypedDict):
    """What would be asked: the text up to here, how many of its tokens that is, the questions offered."""

    shown: str
    at: int
    n_tokens: int
    questions: list[str]
    may_start: bool


def ready(scene: Taught) -> ReadyPart:
    """The next question, before it is asked; what the text goes on with is not in it."""
    state, lm = scene.state, scene.context.lm
    view, ids = state.view, scene.all_ids
    offered = asking.offered(scene.context)
    may = {"follow": True, "vote": bool(ids), "guess": bool(ids),
           "probe": view.question < len(offered) or asking.own_probe(state.text) is not None}  # fmt: skip
    return {
        "shown": asking.shown(lm, ids[: scene.seen]) if scene.seen < len(ids) else state.text,
        "at": scene.seen, "n_tokens": len(ids), "questions": [probe.question for probe in offered],
        "may_start": may[view.game],
    }  # fmt: skip


class TallyRow(TypedDict):
    """An option: votes (None: too few to be shown), the class's share, the model's probability once it is revealed."""

    label: str
    votes: int | None
    share: float
    p: float | None
    actual: bool


class Waits(TypedDict):
    """A typed word that nobody has let yet."""

    word: str
    times: int


class Came(TypedDict):
    """The token that came."""

    label: str
    p: float
    rank: int
    drawn: bool


class Asked(TypedDict):
    """The round at hand. ``others`` and ``others_p``: the shares of class and model outside the rows."""

    number: int
    kind: str
    how: str
    phase: str
    prompt: str
    link: str
    rows: list[TallyRow]
    others: float
    others_p: float | None
    answered: int
    hands: int
    waiting: int
    queue: list[Waits]
    actual: Came | None
    right: int | None
    entropy: float
    model: str
    reading: str
    python: str


class RoundPart(TypedDict):
    """What is asked at present."""

    round: Asked | None


def round_(scene: Taught) -> RoundPart:
    """The round at hand with its tally; the model's side only once it is revealed."""
    shot = scene.shot
    if shot is None or shot.asked is None or shot.tally is None:
        return {"round": None}
    asked, tally, known = shot.asked, shot.tally, shot.phase == "revealed"
    rows = _rows(asked, tally, known)
    found: Asked = {
        "number": shot.number, "kind": asked.kind, "how": asked.how if isinstance(asked, Guess) else "",
        "phase": shot.phase, "prompt": str(asked.asked()["prompt"]),
        "link": asked.link if isinstance(asked, Follow) else "", "rows": rows, "others": tally.others,
        "others_p": None, "answered": tally.answered, "hands": tally.hands, "waiting": tally.waiting,
        "queue": [{"word": one.word, "times": one.times} for one in shot.queue],
        "actual": None, "right": None, "entropy": 0.0, "model": "", "reading": _reading(scene, asked, tally, known),
        "python": _python(asked, tally) if isinstance(asked, Guess) else "",
    }  # fmt: skip
    if known and isinstance(asked, Guess):
        token, rank, drawn = asked.actual
        found |= {"actual": {"label": token.label, "p": token.p, "rank": rank, "drawn": drawn},
                  "others_p": max(0.0, 1.0 - sum(row["p"] or 0.0 for row in rows)), "entropy": asked.entropy,
                  "model": asked.model}  # fmt: skip
    if known and asked.kind == "probe":
        found["right"] = asked.told()["right"]
    return {"round": found}


def _python(asked: Guess, tally: Tally) -> str:
    """In a notebook: whatever phones may not know yet is computed there, and does not stand in it."""
    votes = {row.label: row.votes or 0 for row in tally.rows}
    chips = CHIPS * tally.answered if asked.how == "chips" else 0
    return recipes.guess(list(asked.ids), asked.model, votes, chips=chips)


def _rows(asked: Round, tally: Tally, known: bool) -> list[TallyRow]:
    """The options; of a guess that is over also the model's first choices and the token that came."""
    rows: list[TallyRow] = [
        {"label": row.label, "votes": row.votes, "share": row.share, "p": row.p, "actual": row.actual}
        for row in tally.rows
    ]
    if known and isinstance(asked, Guess):
        named = {row.label for row in tally.rows}
        for token in (*asked.top, asked.actual.token):
            if token.label not in named:
                named.add(token.label)
                came = token.id == asked.actual.token.id
                rows.append({"label": token.label, "votes": 0, "share": 0.0, "p": token.p, "actual": came})
        rows.sort(key=lambda row: -(row["p"] or 0.0))
    return rows


def _reading(scene: Taught, asked: Round, tally: Tally, known: bool) -> str:
    lang = scene.context.lang
    members = scene.shot.members if scene.shot else 0
    said = [translate("room.reading.answered", lang, count=tally.answered + tally.hands, members=members)]
    shown = [row for row in tally.rows if row.votes]
    if shown:
        best = max(shown, key=lambda row: row.share)
        said.append(translate("room.reading.most", lang, label=spoken(best.label), p=number(100 * best.share, 0)))
    if known and isinstance(asked, Guess):
        token, rank, _ = asked.actual
        p = number(100 * token.p, 1)
        said.append(translate("room.reading.came", lang, label=spoken(token.label), p=p, rank=rank))
    return " ".join(said)


class Best(TypedDict):
    """One of those ahead."""

    name: str
    bits: float
    hits: int


class Score(TypedDict):
    """One guess that is over, and all of them; bits where chips were laid. Shares are from 0 to 1."""

    class_bits: float | None
    model_bits: float | None
    class_hits: float | None
    model_hit: bool | None
    rounds: int
    class_hits_mean: float
    model_hits: int
    chip_rounds: int
    class_bits_mean: float
    model_bits_mean: float
    best: list[Best]
    python: str


class ScorePart(TypedDict):
    """How class and model do; None before the first guess is over."""

    score: Score | None


def score(scene: Taught) -> ScorePart:
    """This round and the sum of all."""
    shot = scene.shot
    if shot is None or not shot.totals.rounds:
        return {"score": None}
    totals, now = shot.totals, shot.scored
    chips = max(1, totals.chip_rounds)
    return {"score": {
        "class_bits": now.class_bits if now else None, "model_bits": now.model_bits if now else None,
        "class_hits": now.class_hits if now else None, "model_hit": now.model_hit if now else None,
        "rounds": totals.rounds, "class_hits_mean": totals.class_hits / totals.rounds,
        "model_hits": totals.model_hits, "chip_rounds": totals.chip_rounds,
        "class_bits_mean": totals.class_bits / chips, "model_bits_mean": totals.model_bits / chips,
        "best": _best(shot), "python": _score_python(shot),
    }}  # fmt: skip


def _score_python(shot: Snapshot) -> str:
    asked = shot.asked
    if shot.scored is None or not isinstance(asked, Guess):
        return ""
    return recipes.score(list(asked.ids), asked.actual.token.id, asked.model, shot.scored.class_bits)


def _best(shot: Snapshot) -> list[Best]:
    return [{"name": name, "bits": bits, "hits": hits} for name, bits, hits in shot.best]
