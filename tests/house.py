"""The rooms of the house and who may ask whom: read from the files, nothing is imported.

A *room* is a package or a module directly under ``gptviz``; ``gptviz`` itself is the room of the public names, ``app``
and ``pages`` are those beside it. An import is of one of three kinds: it *runs* when its module does, it waits for a
*call* (inside a function), or it is there for *types* only (under ``TYPE_CHECKING``).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from gptviz.paths import ROOT

Kind: TypeAlias = Literal["runs", "call", "types"]

#: From the top down: a room may ask those in lower layers, and those in its own so long as that makes no circle.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("app", "__main__"),
    ("pages",),
    ("tools",),
    ("ui", "cli"),
    ("report", "serving"),
    ("readings", "figures", "recipes", "lessons"),
    ("views",),
    ("gptviz",),  # the public names
    ("analysis", "decoding", "training", "tuning", "evaluation", "compression", "jobs", "room"),
    ("catalogue", "edits"),
    ("hub", "folders", "finding", "remote"),
    ("language_model",),
    ("chat",),
    ("gpt",),
    ("tokens",),
    ("schema", "glossary", "memory"),
    ("errors", "i18n", "paths", "numbers", "rounding", "texts", "theme"),
)
DEPTH = {room: depth for depth, rooms in enumerate(LAYERS) for room in rooms}

#: The only imports that go up, each with its reason. They must wait for a call (or be there for types).
DOORS: dict[tuple[str, str], str] = {
    ("language_model", "decoding"): "lm.generate(…) is where everyone looks for it; decoding itself only reads models",
    ("remote", "decoding"): "the same, of a model that computes elsewhere",
}


class Import(NamedTuple):
    """One name that a file asks for."""

    path: Path
    line: int
    name: str  # in full: gptviz.views.distribution.Row
    kind: Kind


def files() -> list[Path]:
    """All of the house's Python."""
    return [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "gptviz").rglob("*.py"))]


def module(path: Path) -> str:
    """``gptviz/views/chips.py`` → ``gptviz.views.chips``; a package's ``__init__.py`` is the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(name: str) -> str:
    """``gptviz.views.chips`` → ``views``; of what is no module of its own, such as ``gptviz.load``, ``gptviz``."""
    top, _, rest = name.partition(".")
    inner = rest.partition(".")[0]
    return inner if top == "gptviz" and inner and _is_module(f"gptviz.{inner}") else top


@cache
def imports(path: Path) -> tuple[Import, ...]:
    """Everything that a file imports, of other libraries too."""
    return tuple(_walk(ast.parse(path.read_text(encoding="utf-8")), path, "runs"))


def own_imports() -> Iterator[Import]:
    """Those of all files that ask for something of the house."""
    houses = ("gptviz", "pages", "app")
    return (found for path in files() for found in imports(path) if found.name.split(".")[0] in houses)


def edges(kinds: Iterable[Kind] = ("runs", "call", "types")) -> dict[tuple[str, str], list[Import]]:
    """(who asks, who is asked) between rooms, with the imports behind it."""
    found: dict[tuple[str, str], list[Import]] = {}
    for one in own_imports():
        pair = room(module(one.path)), room(one.name)
        if pair[0] != pair[1] and one.kind in kinds:
            found.setdefault(pair, []).append(one)
    return found


def file_graph() -> dict[str, set[str]]:
    """Which modules a module needs while it is being imported (that a package runs first goes without saying)."""
    graph: dict[str, set[str]] = {module(path): set() for path in files()}
    for one in own_imports():
        target = one.name if _is_module(one.name) else one.name.rpartition(".")[0]
        if one.kind == "runs" and target != module(one.path):
            graph[module(one.path)].add(target)
    return graph


def circle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """The names along a circle, the first one again at the end; nothing where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def where(found: Iterable[Import]) -> str:
    """The lines to look at."""
    return ", ".join(f"{one.path.relative_to(ROOT)}:{one.line} ({one.kind}) {one.name}" for one in found)


def _walk(node: ast.AST, path: Path, kind: Kind) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(path, child.lineno, alias.name, kind) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            base = _absolute(child, path)
            yield from (Import(path, child.lineno, f"{base}.{alias.name}", kind) for alias in child.names)
        elif isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for inner in child.body:
                yield from _walk(ast.Module([inner], []), path, "types")
            for inner in child.orelse:
                yield from _walk(ast.Module([inner], []), path, kind)
        else:
            waits = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) and kind == "runs"
            yield from _walk(child, path, "call" if waits else kind)


def _absolute(node: ast.ImportFrom, path: Path) -> str:
    """What ``from … import`` names, dots of a relative one spelt out."""
    if not node.level:
        return node.module or ""
    package = path.relative_to(ROOT).parent.parts
    return ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])


@cache
def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
