"""Imports go one way, by package, without a circle; heavy libraries stay in their rooms."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptviz.paths import ROOT
from tests import house
from tests.house import DEPTH, DOORS, circle, edges, file_graph, imports, module, room, where

#: Who may import what is slow to import, or missing where training runs.
HEAVY = {
    "streamlit": {"app", "ui"},
    "plotly": {"figures"},
    "torch": {"training", "tuning", "compression", "language_model", "gpt"},
}
#: It sets torch's number of threads for the server.
SETS_THREADS = ROOT / "gptviz" / "ui" / "cache.py"


def test_every_room_has_its_layer() -> None:
    rooms = {room(module(path)) for path in house.files()}
    assert rooms == set(DEPTH)


def test_imports_go_one_way() -> None:
    up = {pair: found for pair, found in edges().items() if DEPTH[pair[0]] > DEPTH[pair[1]] and pair not in DOORS}
    assert not up, "; ".join(f"{a} -> {b}: {where(found)}" for (a, b), found in up.items())


def test_there_is_no_circle_between_rooms() -> None:
    """Of any kind: two rooms that need each other's types are one room."""
    graph: dict[str, set[str]] = {}
    for asks, asked in edges().keys() - DOORS.keys():
        graph.setdefault(asks, set()).add(asked)
    assert circle(graph) == []


def test_there_is_no_circle_between_files() -> None:
    assert circle(file_graph()) == []


def test_doors_are_used_and_wait_for_a_call() -> None:
    assert DOORS.keys() <= edges().keys()
    assert not DOORS.keys() & edges(["runs"]).keys()
    assert all(DEPTH[asks] > DEPTH[asked] for asks, asked in DOORS)  # a door that goes down is none


@pytest.mark.parametrize("library", list(HEAVY))
def test_heavy_libraries_stay_in_their_rooms(library: str) -> None:
    """torch below the views, plotly in the figures, streamlit in the app; the ground has none of them."""
    found = [one for path in house.files() for one in imports(path) if one.name.split(".")[0] == library]
    strays = [one for one in found if room(module(one.path)) not in HEAVY[library] and one.path != SETS_THREADS]
    assert not strays, where(strays)
    assert {room(module(one.path)) for one in found} >= HEAVY[library], "the list allows more than is needed"


def test_the_reader_of_imports_tells_the_kinds_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "ROOT", tmp_path)
    path = tmp_path / "gptviz" / "views" / "a.py"
    path.parent.mkdir(parents=True)
    path.write_text(
        "import typing\n"
        "from gptviz.i18n import translate\n"
        "from . import chips\n"
        "from ..numbers import bits\n"
        "if typing.TYPE_CHECKING:\n    from gptviz.gpt.trace import Trace\nelse:\n    import gptviz.errors\n"
        "def f():\n    if True:\n        from gptviz import decoding\n"
        "class A:\n    import gptviz.paths\n"
    )
    assert [(one.name, one.kind, one.line) for one in imports(path)] == [
        ("typing", "runs", 1), ("gptviz.i18n.translate", "runs", 2), ("gptviz.views.chips", "runs", 3),
        ("gptviz.numbers.bits", "runs", 4), ("gptviz.gpt.trace.Trace", "types", 6), ("gptviz.errors", "runs", 8),
        ("gptviz.decoding", "call", 11), ("gptviz.paths", "runs", 13),
    ]  # fmt: skip


def test_a_circle_is_found() -> None:
    assert circle({"a": ["b"], "b": ["c"], "c": []}) == []
    assert set(circle({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]})) == {"a", "b", "c"}


def test_nobody_imports_what_is_private() -> None:
    """A private name belongs to its file."""
    private = [
        one for one in house.own_imports() if (last := one.name.rpartition(".")[2]).startswith("_") and last[1:2] != "_"
    ]
    assert not private, where(private)
