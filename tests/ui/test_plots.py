"""Where the name of a level line finds room in a chart (``web/kit/plot_notes.js``), run in node."""

from __future__ import annotations

from pathlib import Path

from gptviz.paths import ROOT
from tests.ui.node import needs_node, run_node

AREA = {"x0": 0, "x1": 300, "y0": 200, "y1": 0}


def _room(tmp_path: Path, calls: str) -> object:
    module = (ROOT / "gptviz/web/kit/plot_notes.js").as_posix()
    head = f"import {{ roomFor, widthOfText }} from '{module}'; const area = {AREA};"
    return run_node(f"{head}console.log(JSON.stringify([{calls}]))", tmp_path)


@needs_node
def test_a_name_goes_where_no_curve_passes(tmp_path: Path) -> None:
    calls = ("roomFor(100, 80, 10, area, []), roomFor(100, 80, 10, area, [[[200, 95], [300, 95]]]),"
             "roomFor(100, 80, 10, area, [[[0, 95], [300, 95]]]), roomFor(3, 80, 10, area, []),"
             "roomFor(100, 80, 10, area, [], 'left')")  # fmt: skip
    free, right, above, top, left = _room(tmp_path, calls)  # type: ignore[misc]
    assert free == {"x": 292, "y": 96, "anchor": "end"}
    assert right["anchor"] == "start"  # the curve is at the right end
    assert above == {"x": 292, "y": 110.5, "anchor": "end"}  # it is above all along
    assert top["y"] == 13.5  # above the line the chart ends
    assert left == {"x": 8, "y": 96, "anchor": "start"}


@needs_node
def test_chinese_letters_are_as_wide_as_they_are_high(tmp_path: Path) -> None:
    assert _room(tmp_path, "widthOfText('瞎猜', 10), widthOfText('ab', 10)") == [20, 11]
