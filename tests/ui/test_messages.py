"""What a page declares of its message is what it sends, and what its scripts read: by name, and by type."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypedDict, Union, get_args, get_origin

import pytest

from gptviz.language_model import LanguageModel
from gptviz.tools import message_types
from gptviz.ui import pages
from gptviz.ui.message_types import Of, declared, inner, is_object, members, named, optional, unwrapped, written
from gptviz.ui.page import Panel, picture
from gptviz.ui.web.component import WEB
from gptviz.ui.web.message import unpack
from gptviz.views.beam import Rung
from tests.ui.desk import HOSTILE, affordable, arrived, context, do, finished, shown, sorry

NAMES = pages.names()
each_page = pytest.mark.parametrize("page", NAMES)
PANELS = [(page, panel) for page in NAMES for panel in pages.declared(page).panels]
each_panel = pytest.mark.parametrize(("page", "panel"), PANELS, ids=[f"{p}.{x.make.__name__}" for p, x in PANELS])


def conforms(value: Any, kind: Any) -> str:
    """Where ``value``, as JSON brings it, is not of ``kind``: the way there; nothing where it is."""
    kind = unwrapped(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if is_object(kind):
        return _object(value, kind)
    if kind in (Any, object):
        return ""
    if kind in (None, type(None)):
        return "" if value is None else f" is {value!r}, not null"
    if origin in (Union, types.UnionType):
        found = [conforms(value, argument) for argument in arguments]
        return "" if "" in found else max(found, key=len)
    if origin is Literal:
        return "" if any(value == one and type(value) is type(one) for one in arguments) else f" is {value!r}"
    if origin is dict:
        return _mapping(value, *arguments)
    if origin in (list, tuple):
        return _several(value, origin, arguments)
    allowed = (int, float) if kind is float else (kind,)
    right = isinstance(value, allowed) and (kind is bool or not isinstance(value, bool))
    return "" if right else f" is {value!r}, not {kind.__name__}"


def _object(value: Any, kind: Any) -> str:
    if not isinstance(value, dict):
        return f" is {value!r}, no object"
    known = members(kind)
    if strange := value.keys() - known.keys():
        return f" has {sorted(strange)}"
    if missing := known.keys() - value.keys() - optional(kind):
        return f" lacks {sorted(missing)}"
    return _first((f".{name}", conforms(value[name], known[name])) for name in value)


def _mapping(value: Any, key: Any, held: Any) -> str:
    """JSON knows names only, so a number has become one."""
    if not isinstance(value, dict):
        return f" is {value!r}, no object"
    names = [int(name) if key is int and name.lstrip("-").isdigit() else name for name in value]
    return _first((f"[{name}]", conforms(name, key)) for name in names) or _first(
        (f"[{name}]", conforms(one, held)) for name, one in value.items()
    )


def _several(value: Any, origin: Any, arguments: tuple[Any, ...]) -> str:
    if not isinstance(value, list):
        return f" is {value!r}, no list"
    if origin is tuple and Ellipsis not in arguments:
        if len(value) != len(arguments):
            return f" has {len(value)} items"
        return _first((f"[{i}]", conforms(*pair)) for i, pair in enumerate(zip(value, arguments, strict=True)))
    return _first((f"[{i}]", conforms(one, arguments[0])) for i, one in enumerate(value))


def _first(found: Iterator[tuple[str, str]]) -> str:
    return next((where + what for where, what in found if what), "")


class Pair(TypedDict, total=False):
    """Either may be missing."""

    one: int
    two: list[str]


RIGHT = [(1, int), (1, float), (1.5, float), (True, bool), (None, int | None), (3, int | None),
         ([1, "a"], tuple[int, str]), ([], tuple[int, ...]), ({"3": "x"}, dict[int, str]), ("b", Literal["a", "b"]),
         ({"any": 1}, dict[str, Any]), ({}, Pair), ({"two": ["x"]}, Pair),
         ({"width": 2}, Of(Rung, without=Rung._fields[1:]))]  # fmt: skip
WRONG = [(1.5, int, " is 1.5, not int"), (True, int, " is True, not int"), (True, float, " is True, not float"),
         (1, bool, " is 1, not bool"), (None, str, " is None, not str"), ([1], tuple[int, str], " has 1 items"),
         ([1, 2.5], list[int], "[1] is 2.5, not int"), ({"x": "x"}, dict[int, str], "[x] is 'x', not int"),
         ({"3": 4}, dict[int, str], "[3] is 4, not str"), ("c", Literal["a", "b"], " is 'c'"),
         (True, Literal[1, 2], " is True"), ({"three": 3}, Pair, " has ['three']"),
         ({"two": ["x", 1]}, Pair, ".two[1] is 1, not str"), ([], Pair, " is [], no object"),
         ({}, Of(Rung, without=Rung._fields[1:]), " lacks ['width']")]  # fmt: skip


@pytest.mark.parametrize(("value", "kind"), RIGHT)
def test_what_conforms(value: Any, kind: Any) -> None:
    assert conforms(value, kind) == ""


@pytest.mark.parametrize(("value", "kind", "said"), WRONG)
def test_what_does_not_is_said(value: Any, kind: Any, said: str) -> None:
    assert conforms(value, kind) == said


# ---- declared = sent

#: What is done on a page so that all there is to see is seen.
BUSY: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "next_token": (("step", {}), ("choose", {"id": 7}), ("back", {}), ("choose", {"id": 9})),
    "steps": (("step", {}), ("choose", {"id": 7}), ("back", {}), ("choose", {"id": 9}), ("pair", {"a": 2})),
    "playground": (("roll", {"times": 100}),),
    "surprise": (("check", {}),),
    "tokens": (("preset", {"name": "merges"}),),
    "masks": (("measure", {}),),
    "beam": (("preset", {"name": "groups"}),),
    "limits": (("preset", {"name": "list"}),),
    "deploy": (("preset", {"name": "half"}),),
    "uses": (("use", {"name": "code"}),),
    "room": (("open", {"origin": "http://localhost:8501"}), ("start", {}), ("hands", {"place": 1, "count": 3}),
             ("close", {}), ("reveal", {}), ("votes", {})),
    "one_step": (("race", {}),),
    "training": (("owner", {"token": "a" * 32}), ("preset", {"name": "addition"})),
    "robustness": (("owner", {"token": "a" * 32}), ("attack", {}), ("say", {})),
    "alignment": (("owner", {"token": "a" * 32}), ("draw", {}), ("choose", {"index": 1})),
    "forgetting": (("owner", {"token": "a" * 32}), ("open", {"text": "text,label\na,x\nb,y\n", "at": 0, "last": True,
                                                             "name": "x.csv"})),
    "prompting": (("owner", {"token": "a" * 32}), ("another", {})),
    "tuning": (("owner", {"token": "a" * 32}), ("open", {"text": "text,label\na,x\nb,y\n", "at": 0, "last": True,
                                                         "name": "x.csv"})),
    "compare": (("strategy", {"column": 1, "name": "contrastive"}), ("draws", {"column": 1, "n": 5}),
                ("export", {"format": "csv"})),
}  # fmt: skip


def states(page: str, lm: LanguageModel) -> Iterator[tuple[str, Any]]:
    """The page without a text, with texts that are hard, at the first visit, and after all its actions."""
    yield "first", arrived(page, lm)
    if not pages.declared(page).state().reads:
        return
    for text in HOSTILE:
        yield f"text {text[:20]!r}", arrived(page, lm, p=text, n="5")
    if page == "surprise":
        yield "two texts", arrived(page, lm, p="abc", b="abd\n")
    busy = arrived(page, lm, p="abc abc", n="5", s="greedy,beam:width:2")
    finished(page, busy, lm)
    for kind, values in BUSY.get(page, ()):
        do(page, busy, lm, kind, **values)
        finished(page, busy, lm)
    yield "busy", busy


def frame(page: str, lm: LanguageModel) -> set[str]:
    """The parts of a header that every page has."""
    declaration = pages.declared(page)
    bare = replace(declaration, panels=())
    return set(unpack(picture(bare, arrived(page, lm), context(lm)))[0]) | {"strings"}


@pytest.mark.slow
@each_page
@pytest.mark.parametrize("model", ["lm", "tiny_lm"])
def test_every_part_that_is_sent_is_declared_and_of_its_type(
    page: str, model: str, request: pytest.FixtureRequest
) -> None:
    lm: LanguageModel = request.getfixturevalue(model)
    if model == "lm":
        lm = affordable(page, lm)
    declaration, common = pages.declared(page), frame(page, lm)
    declared = {name: kind for panel in declaration.panels for name, kind in panel.parts.items()}
    assert len(declared) == sum(len(panel.parts) for panel in declaration.panels), "two panels send one part"
    assert not declared.keys() & common
    for what, state in states(page, lm):
        header, _ = finished(page, state, lm)
        scene = declaration.scene(state, context(lm))
        wanted = {n for panel in declaration.panels
                  for n in (panel.parts if scene.ready or panel.always else panel.empty)}  # fmt: skip
        assert header.keys() - common == wanted, what
        wrong = {name: conforms(header[name], declared[name]) for name in wanted}
        assert not {name: said for name, said in wrong.items() if said}, what


@each_page
def test_a_picture_on_its_way_is_of_the_declared_types_too(page: str, tiny_lm: LanguageModel) -> None:
    """Also the first one of those that follow one another while something is under way."""
    state = arrived(page, tiny_lm, **({"p": "abc abc"} if pages.declared(page).state().reads else {}))
    for _ in range(4):
        header, _ = shown(page, state, tiny_lm)
        for panel in pages.declared(page).panels:
            for name, kind in panel.parts.items():
                assert conforms(header[name], kind) == "", name


@each_panel
def test_what_is_sent_where_nothing_is_shown_is_all_of_it_or_nothing(page: str, panel: Panel[Any]) -> None:
    assert set(panel.empty) in (set(), set(panel.parts))
    empty = json.loads(json.dumps(panel.empty))
    assert {name: said for name in empty if (said := conforms(empty[name], panel.parts[name]))} == {}


@each_page
def test_an_apology_has_what_an_empty_page_has(page: str, tiny_lm: LanguageModel) -> None:
    header = sorry(page, pages.declared(page).state(), tiny_lm, RuntimeError("<b>"))
    empty = {name for panel in pages.declared(page).panels for name in panel.empty}
    assert header.keys() - frame(page, tiny_lm) == empty


# ---- declared = read


@cache
def scripts(page: str) -> str:
    """All that can read a page's message, without comments."""
    files: list[Path] = [path for folder in (f"pages/{page}", "kit", "wire") for path in (WEB / folder).glob("*.js")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(files))
    return re.sub(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", "", text, flags=re.DOTALL)


@cache
def read(page: str) -> frozenset[str]:
    """The names that scripts read: after a dot, in quotes, or taken apart by ``{ name }``."""
    text = scripts(page)
    quoted = set(re.findall(r"[\"'`]([A-Za-z_]\w*)[\"'`]", text))
    endings = re.findall(r"\[`\$\{\w+\}(_\w+)`\]", text)  # curves[`${name}_reading`]
    found = set(re.findall(r"\.([A-Za-z_]\w*)", text)) | quoted | {name + end for name in quoted for end in endings}
    braces = r"\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}"
    taken = [
        *re.findall(rf"(?:const|let)\s*{braces}\s*(?:=[^=>]|of\b)", text),
        *re.findall(rf"[(,]\s*{braces}\s*(?==|\)|,)", text),
    ]
    return frozenset(found.union(*(re.findall(r"(?:^|[{,])\s*([A-Za-z_]\w*)", part) for part in taken)))


def told(panel: Panel[Any]) -> Iterator[tuple[str, str]]:
    """Every name in a panel's parts, with the object that it is in."""
    yield from ((name, "the header") for name in panel.parts)
    seen: list[Any] = list(panel.parts.values())
    for kind in seen:  # grows as it is gone through
        bare = unwrapped(kind)
        if is_object(bare):
            name = bare.view.__name__ if isinstance(bare, Of) else bare.__name__
            yield from ((member, name) for member in members(bare))
        seen += [part for part in inner(kind) if part not in seen]


@each_panel
def test_every_part_that_is_declared_is_read(page: str, panel: Panel[Any]) -> None:
    """By the page's scripts; a panel that two pages have, by those of one of them."""
    used = set().union(*(read(other) for other, same in PANELS if same.make is panel.make))
    assert [f"{where}.{name}" for name, where in told(panel) if name not in used] == []


@each_panel
def test_every_type_has_a_word_in_typescript(page: str, panel: Panel[Any]) -> None:
    for name, kind in panel.parts.items():
        assert written(kind), name
        assert all(written(part) for part in inner(kind))


@each_page
def test_the_types_for_the_browser_are_those_declared(page: str) -> None:
    """Else: ``python -m gptviz.tools.message_types``."""
    assert message_types.path(page).read_text(encoding="utf-8") == message_types.text(page)


def test_two_things_of_one_name_are_refused() -> None:
    one, other = Of(Rung), Of(Rung, without=("best",))
    assert list(named([one, one])) == [one]
    with pytest.raises(TypeError, match="Rung"):
        list(named([one, other]))


def test_a_page_in_typescript() -> None:
    class Said(TypedDict):
        """What is said."""

        pairs: dict[str, tuple[Pair, float | None]]

    assert declared("two_words", [Said], None).splitlines()[4:] == [
        "/** Either may be missing. */", "export interface Pair {", "  one?: number;", "  two?: string[];", "}", "",
        "/** All of the page's header. */", "export interface TwoWordsHeader extends Header {",
        "  pairs: Record<string, [Pair, number | null]>;", "}",
    ]  # fmt: skip
    view = type(pages.declared("surprise").state().view)
    lines = declared("surprise", [Said], view, missing=[Said]).splitlines()
    assert lines[lines.index("export type SurpriseControls = {") :] == [
        "export type SurpriseControls = {", "  other: string;", "  colour: string;", "  side: number;",
        "  token: number;", "  start: string;", "  chat: boolean;", "  system: string;", "};", "",
        "/** All of the page's header. */",
        'export interface SurpriseHeader extends Omit<Header, "view"> {', "  view: SurpriseControls;",
        "  pairs?: Record<string, [Pair, number | null]>;", "}",
    ]  # fmt: skip
