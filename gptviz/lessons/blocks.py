"""The rules of a lesson's blocks: what may stand in each, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gptviz.errors import LessonError
from gptviz.lessons.lesson import KINDS, Ask, Check, Claim, Value
from gptviz.lessons.quantities import QUANTITIES
from gptviz.schema import Either, Entries, Flag, Number, Record, Rule, Text, Whole

SENTENCE = 400
_SENTENCE, _NAME = Text(SENTENCE, 1), Text(40, 1)
_VALUE = Either(Text(2000), Number(-1e9, 1e9), Flag())
_FIELDS = Entries(_VALUE, 24, keys=_NAME)
_NUMBER = Number(-1e9, 1e9)
Rules = dict[str, Rule]
_BOUNDS: Rules = {"least": _NUMBER, "most": _NUMBER}
_ASK: Rules = {"quantity": _NAME, "about": Entries(_VALUE, 4, keys=_NAME)}

_CHECK: Rules = {
    "kind": _NAME, "do": _SENTENCE, "then": _SENTENCE, "control": _NAME, "is": _VALUE, "has": Text(100, 1),
    "score": _NAME, "unit": Text(12), "digits": Whole(0, 6), "tolerance": Number(0, 1e6),
    "options": Entries(Text(120, 1), 6), "edges": Entries(_NUMBER, 5), "each": _NAME, "values": Entries(_VALUE, 6),
    "solution": _FIELDS,
}  # fmt: skip
CHECK = Record(_CHECK | _BOUNDS | _ASK, needed=("kind", "do"), closed=True)
_CLAIM: Rules = {"claim": _SENTENCE}
STEP = Record(
    {"page": _NAME, "state": _FIELDS, "hide": Entries(_NAME, 8), "veil": Entries(_NAME, 8), "check": CHECK,
     "holds": Entries(Record(_CLAIM | _BOUNDS | _ASK, needed=("claim", "quantity"), closed=True), 4)},
    needed=("page", "check"), closed=True,
)  # fmt: skip
_PROBE = Record({"question": _SENTENCE, "options": Entries(_SENTENCE, 4), "right": Whole(1, 4), "why": _SENTENCE},
                needed=("question", "options", "right", "why"), closed=True)  # fmt: skip
PROBE = Record({"probe": Entries(_PROBE, 2)}, needed=("probe",), closed=True)
_LINE: Rules = {"text": _SENTENCE, "prompt": Text(2000), "unit": Text(12), "digits": Whole(0, 6), "state": _FIELDS}
_ITEM = Record(_LINE | _ASK, needed=("text", "quantity"), closed=True)
WORKSHEET = Record({"item": Entries(_ITEM, 12)}, needed=("item",), closed=True)
_LISTED = Entries(_SENTENCE, 8)
TEACHER = Record(
    {"plan": Entries(Record({"minutes": Whole(1, 90), "what": _SENTENCE}, needed=("minutes", "what"), closed=True), 12),
     "ask": _LISTED, "wrong": _LISTED, "standards": _LISTED},
    needed=("plan", "ask", "wrong", "standards"), closed=True,
)  # fmt: skip

#: What each kind of check needs; of several names in one entry, one.
_NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "value": (("control", "quantity"), ("least", "most", "is", "has")),
    "place": (("control",), ("quantity",)),
    "head": (("score",), ("least",)),
    "token": (("least", "most"),),
    "number": (("quantity",), ("tolerance",)),
    "guess": (("options",), ("quantity",), ("edges", "each")),
}


def _error(line: int, key: str, **values: Any) -> LessonError:
    return LessonError("lesson.at", line=line, reason=LessonError(f"lesson.{key}", **values))


def check(said: Mapping[str, Any], line_of: Callable[[str], int]) -> Check:
    """The check that a block says; ``line_of`` says where a name stands. Raises LessonError."""
    kind = said["kind"]
    if kind not in KINDS:
        raise _error(line_of("kind"), "kind", kind=kind, known=", ".join(KINDS))
    for names in _NEEDS[kind]:
        if not said.keys() & set(names):
            raise _error(line_of("kind"), "needs", kind=kind, names=" / ".join(names))
    options, edges = said.get("options", []), said.get("edges", [])
    if kind == "guess" and len(options) < 2:
        raise _error(line_of("options"), "options")
    if edges and (len(edges) != len(options) - 1 or edges != sorted(edges)):
        raise _error(line_of("edges"), "edges", wanted=len(options) - 1)
    if "values" in said and len(said["values"]) != len(options):
        raise _error(line_of("values"), "values", wanted=len(options))
    about = dict(said.get("about", {}))
    asked = None
    if "quantity" in said:
        each = {said["each"]: (said.get("values") or options)[0]} if said.get("each") else {}
        asked = ask(said["quantity"], about | each, line_of("quantity"))._replace(about=about)
    return Check(
        kind=kind, do=said["do"], then=said.get("then", ""), control=said.get("control", ""), ask=asked,
        least=said.get("least"), most=said.get("most"), equals=said.get("is"), has=said.get("has", ""),
        score=said.get("score", ""), unit=said.get("unit", ""), digits=said.get("digits", 0),
        tolerance=said.get("tolerance", 0.0), options=tuple(options), edges=tuple(edges), each=said.get("each", ""),
        values=tuple(said.get("values", ())), solution=fields(said.get("solution", {})),
    )  # fmt: skip


def claim(said: Mapping[str, Any], line: int) -> Claim:
    """A condition of a step. Raises LessonError."""
    if not said.keys() & {"least", "most"}:
        raise _error(line, "needs", kind="holds", names="least / most")
    return Claim(said["claim"], ask(said["quantity"], said.get("about", {}), line), said.get("least"), said.get("most"))


def ask(name: str, about: Mapping[str, Any], line: int) -> Ask:
    """A quantity that there is, asked about what it can be asked about. Raises LessonError."""
    quantity = QUANTITIES.get(name)
    if quantity is None:
        raise _error(line, "quantity", name=name, known=", ".join(QUANTITIES))
    for key, value in about.items():
        kind = quantity.about.get(key)
        if kind is None:
            raise _error(line, "about", name=name, what=key, known=", ".join(quantity.about) or "–")
        if isinstance(value, bool) != (kind is bool) or not isinstance(value, (int, float) if kind is float else kind):
            raise _error(line, "about_kind", name=name, what=key)
    missing = quantity.needed - about.keys()
    if missing:
        raise _error(line, "about_lacks", name=name, names=", ".join(sorted(missing)))
    return Ask(name, dict(about))


def fields(said: Mapping[str, Value]) -> dict[str, str]:
    """Fields as a link writes them: texts."""
    return {name: written(value) for name, value in said.items()}


def written(value: Value) -> str:
    """A value as a link says it: yes and no are 1 and 0."""
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:g}" if isinstance(value, float) else str(value)
