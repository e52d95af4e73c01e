"""Where interface strings are named in the sources: keys in full, and beginnings of keys that are put together.

Python is read as a tree, JavaScript by its string literals. Helpers that put a group in front of what they are given
(``say("beam.title")`` in ``figures`` is ``figure.beam.title``) are known here by their folder.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from gptviz.i18n import strings
from gptviz.paths import ROOT

#: (folder or file, what its ``say`` or ``_say`` puts in front)
HELPERS = (
    ("gptviz/figures", "figure."),
    ("gptviz/readings.py", "reading."),
    ("gptviz/report.py", "report."),
    ("gptviz/ui/pages/limits", "limits."),
    ("gptviz/ui/pages/deploy", "deploy."),
)
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"(\s*\+)?')
_TEMPLATE = re.compile(r"`((?:[^`\\]|\\.)*)`")
_HOLE = re.compile(r"\$\{[^}]*\}")
_SUFFIX = re.compile("_(hint|label|small|title)$")  # put on in the source: `steps.${name}_hint`
_FILE = re.compile(r"\.(js|css|html|py|safetensors|json)$")


class Named(NamedTuple):
    """A key, or with ``open`` the beginning of some."""

    path: Path
    key: str
    open: bool


def sources() -> list[Path]:
    """All that can show a string."""
    python = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "gptviz").rglob("*.py")]
    return sorted([*python, *(ROOT / "gptviz").rglob("*.js")])


def ends(beginning: Named) -> set[str]:
    """The keys that a beginning can grow into: by one part, which is a word of the same file."""
    known = words(beginning.path)
    rests = {key: key.removeprefix(beginning.key) for key in strings("en") if key.startswith(beginning.key)}
    return {key for key, rest in rests.items() if "." not in rest and {rest, _SUFFIX.sub("", rest)} & known}


@cache
def words(path: Path) -> frozenset[str]:
    """All that could be the end of a key: names and words of a file."""
    return frozenset(re.findall(r"\w+", path.read_text(encoding="utf-8")))


@cache
def names(path: Path) -> tuple[Named, ...]:
    """What a file names; it may name more than strings (``model.css``), but of the groups that there are."""
    found = _in_javascript(path) if path.suffix == ".js" else _in_python(path)
    groups = {key.split(".")[0] for key in strings("en")}
    known = strings("en")
    return tuple(
        named for named in found
        if named.key.split(".")[0] in groups and (named.key in known or not _FILE.search(named.key))
    )  # fmt: skip


def _in_javascript(path: Path) -> Iterator[Named]:
    text = path.read_text(encoding="utf-8")
    found = [(literal[1], bool(literal[2])) for literal in _QUOTED.finditer(text)]
    for template in _TEMPLATE.finditer(text):
        head, *rest = _HOLE.split(template[1])
        found.append((head, bool(rest)))
    for head, is_open in found:
        if "." in head and re.fullmatch(r"[\w.]+", head):
            yield Named(path, head, is_open or head.endswith("."))


def _in_python(path: Path) -> Iterator[Named]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    relative = path.relative_to(ROOT).as_posix()
    group = next((group for place, group in HELPERS if relative.startswith(place)), "")
    errors, said = _arguments(tree)
    known = strings("en").keys()
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        text, is_open = _text(node)
        if id(node) in parts or not re.fullmatch(r"[\w.]+", text):
            continue
        if id(node) in errors:
            yield Named(path, f"error.{text}", is_open)
        elif id(node) in said:
            yield Named(path, group + text, is_open)
        elif not is_open and (handed := {f"error.{text}", group + text} & known):  # to a helper, or by a variable
            yield from (Named(path, key, False) for key in handed)
        elif "." in text and (is_open or not text.endswith(".")):  # "panel." alone says what a page is sent
            yield Named(path, text, is_open)


def _arguments(tree: ast.AST) -> tuple[set[int], set[int]]:
    """The first arguments of errors that carry a sentence, and of helpers that put a group in front."""
    errors: set[int] = set()
    said: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = ast.unparse(node.func).rpartition(".")[2]
            inside = set(_branches(node.args[0]))
            errors |= inside if name.endswith("Error") else set()
            said |= inside if name in {"say", "_say"} else set()
    return errors, said


def _branches(node: ast.AST) -> Iterator[int]:
    """The texts that an argument can be: itself, or one of those of ``a if … else b``."""
    if isinstance(node, ast.IfExp):
        yield from _branches(node.body)
        yield from _branches(node.orelse)
    else:
        yield id(node)


def _text(node: ast.AST) -> tuple[str, bool]:
    """What a node says as far as is known, and whether more follows."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value, False
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        return str(node.values[0].value), True
    return "", False
