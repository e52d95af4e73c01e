"""What a page's message is made of, as types: for tests, and for ``tsc`` as ``gptviz/web/pages/<page>/message.d.ts``.

A panel's part is a TypedDict; a view (a NamedTuple) that is sent as an object says so by ``Annotated[JSON, Of(…)]``.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    TypedDict,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import numpy as np

_PLAIN: dict[Any, str] = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


#: A view as a JSON object.
JSON = dict[str, Any]


class Told(TypedDict):
    """What every panel says of itself: its reading in words and the Python that makes it."""

    reading: str
    python: str


class Of(NamedTuple):
    """A view as a JSON object: without the fields named, with those of the TypedDict ``more``."""

    view: type
    without: tuple[str, ...] = ()
    more: type | None = None


def members(kind: Any) -> dict[str, Any]:
    """Name → type of what an object of ``kind`` (a TypedDict, a NamedTuple, an ``Of``) has as JSON: no arrays."""
    if isinstance(kind, Of):
        own = {name: held for name, held in members(kind.view).items() if name not in kind.without}
        return own | (members(kind.more) if kind.more else {})
    hints = get_type_hints(kind, include_extras=True)
    fields = getattr(kind, "_fields", tuple(hints))
    return {name: hints[name] for name in fields if get_origin(hints[name]) is not np.ndarray}


def optional(kind: Any) -> frozenset[str]:
    """Of ``members``, those that may be left out."""
    if isinstance(kind, Of):
        return optional(kind.more) if kind.more else frozenset()
    return frozenset(getattr(kind, "__optional_keys__", ()))


def unwrapped(kind: Any) -> Any:
    """``Annotated[JSON, Of(…)]`` → the ``Of``; else the type itself."""
    if get_origin(kind) is Annotated:
        return next((extra for extra in get_args(kind)[1:] if isinstance(extra, Of)), get_args(kind)[0])
    return kind


def is_object(kind: Any) -> bool:
    """Whether it is a JSON object with names of its own."""
    return isinstance(kind, Of) or is_typeddict(kind) or (isinstance(kind, type) and hasattr(kind, "_fields"))


def inner(kind: Any) -> tuple[Any, ...]:
    """The types that a type is made of."""
    kind = unwrapped(kind)
    if isinstance(kind, Of):
        return tuple(members(kind).values())
    if is_object(kind):
        return tuple(members(kind).values())
    if get_origin(kind) is Literal:
        return ()
    return tuple(argument for argument in get_args(kind) if argument is not Ellipsis)


def written(kind: Any) -> str:
    """A type as TypeScript says it. Raises TypeError for one that JSON has no word for."""
    kind = unwrapped(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if is_object(kind):
        return name_of(kind)
    if origin is Literal:
        return " | ".join(_quoted(value) for value in arguments)
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(written(argument) for argument in arguments))
    if origin is tuple and Ellipsis not in arguments:
        return f"[{', '.join(written(argument) for argument in arguments)}]"
    if origin in (list, tuple):
        return _several(written(arguments[0]))
    if origin is dict:
        return f"Record<{written(arguments[0])}, {written(arguments[1])}>"
    if kind in (Any, object):
        return "unknown"
    raise TypeError(f"no word for {kind!r} in a message")


def _several(item: str) -> str:
    return f"({item})[]" if "|" in item or "&" in item else f"{item}[]"


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def name_of(kind: Any) -> str:
    """What an object is called: a view by its own name, whatever of it is sent."""
    return str((kind.view if isinstance(kind, Of) else kind).__name__)


def named(kinds: Iterable[Any]) -> Iterator[Any]:
    """All objects with a name that ``kinds`` are made of, each once, the inner ones first.

    Raises TypeError where one name is two things.
    """
    seen: dict[str, Any] = {}

    def walk(kind: Any) -> Iterator[Any]:
        kind = unwrapped(kind)
        if is_object(kind):
            name = name_of(kind)
            if name in seen:
                if seen[name] != kind:
                    raise TypeError(f"{name} is {seen[name]!r} and {kind!r}")
                return
            seen[name] = kind
        for part in inner(kind):
            yield from walk(part)
        if is_object(kind):
            yield kind

    for kind in kinds:
        yield from walk(kind)


def declared(page: str, parts: Sequence[type], view: type | None, *, missing: Collection[type] = ()) -> str:
    """The file for a page: every object its message is made of, its controls, and the header with all parts.

    ``missing``: those of the parts that are not sent where there is nothing to show.
    """
    title = "".join(word.capitalize() for word in page.split("_"))
    lines = ["// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.", "",
             'import type { Header } from "../../types.d.ts";', ""]  # fmt: skip
    for kind in named(held for part in parts for held in members(part).values()):
        lines += [*_comment(kind), f"export interface {name_of(kind)} {{", *_fields(kind, optional(kind)), "}", ""]
    if view is not None:
        held = (f"  {name}: {written(kind)};" for name, kind in get_type_hints(view).items())
        lines += ["/** The controls. */", f"export type {title}Controls = {{", *held, "};", ""]
    base = "Header" if view is None else 'Omit<Header, "view">'
    lines += ["/** All of the page's header. */", f"export interface {title}Header extends {base} {{"]
    lines += [] if view is None else [f"  view: {title}Controls;"]
    for part in parts:
        lines += _fields(part, members(part) if part in missing else optional(part))
    return "\n".join([*lines, "}", ""])


def _fields(kind: Any, maybe: Collection[str]) -> list[str]:
    return [f"  {name}{'?' if name in maybe else ''}: {written(held)};" for name, held in members(kind).items()]


def _comment(kind: Any) -> list[str]:
    """The first paragraph of a docstring; of a NamedTuple that has none of its own, nothing."""
    kind = kind.view if isinstance(kind, Of) else kind
    said = inspect.getdoc(kind) or ""
    if not said or said.startswith(f"{kind.__name__}("):
        return []
    return [f"/** {' '.join(said.split(chr(10) * 2)[0].split())} */"]
