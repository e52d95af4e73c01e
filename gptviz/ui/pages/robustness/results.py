"""What a trial found: each way in each column with its interval, and which differences are beyond them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypedDict

from gptviz.i18n import translate
from gptviz.rounding import percent, setting
from gptviz.tuning.hard import KINDS
from gptviz.tuning.robustness import PLAIN
from gptviz.tuning.scores import wilson
from gptviz.ui.pages.robustness.scene import Attacked

ALL, MOVED, WORDS = "all", "moved", "words"  # columns that are no kind of review
COLUMNS = (ALL, *KINDS, MOVED, WORDS)


class Cell(NamedTuple):
    """So many of so many."""

    right: int
    of: int

    @property
    def share(self) -> float:
        """The part that is right."""
        return self.right / self.of if self.of else 0.0

    @property
    def edges(self) -> tuple[float, float]:
        """Of its Wilson interval at 95 %."""
        return wilson(self.share, self.of)


class RowView(TypedDict):
    """One way in one column."""

    way: str
    right: int  # -1: it is not measured yet
    of: int
    low: float
    high: float
    beyond: int  # 1: better than the plain way, beyond the intervals of both; -1: worse; 0: neither


class ColumnView(TypedDict):
    """One kind of review, or all of them, or all of them attacked."""

    name: str
    of: int  # texts
    coin: tuple[float, float]  # the interval of who guesses and has half of so many texts right
    rows: list[RowView]


class TrialPart(TypedDict):
    """The picture of the trial looked at; before there is one, what it will have to show."""

    columns: list[ColumnView]
    n_ways: int  # that are measured
    trial_epsilon: str  # lengths of a row
    trial_said: str


def trial(scene: Attacked) -> TrialPart:
    """As far as it has come."""
    state, heard = scene.state, scene.state.heard
    begun = heard.begun if scene.job is not None else {}
    ways: Sequence[str] = begun.get("ways") or state.ways()
    kinds: dict[str, int] = begun.get("kinds") or scene.parts.counts
    attacked = int(begun.get("attacked", state.view.attacked))
    total = int(begun.get("test", len(scene.parts.test)))
    sizes = {ALL: total, **kinds, MOVED: total, **({WORDS: attacked} if attacked else {})}
    measured = {row["way"]: cells(row) for row in heard.rows} if begun else {}
    epsilon = setting(float(begun.get("epsilon", state.view.epsilon)))
    columns = [_column(name, size, ways, measured) for name, size in sizes.items()]
    return {
        "columns": columns,
        "n_ways": len(measured),
        "trial_epsilon": epsilon,
        "trial_said": said(columns, len(measured), epsilon, scene.context.lang),
    }


def cells(row: dict[str, Any]) -> dict[str, Cell]:
    """What a record says, by column. Words withstood: those that did not mislead."""
    found = {ALL: Cell(*row["all"]), **{kind: Cell(*part) for kind, part in row["kinds"].items()},
             MOVED: Cell(*row["moved"])}  # fmt: skip
    if row["misled"] is not None:
        found[WORDS] = Cell(row["tried"] - row["misled"], row["tried"])
    return found


def _column(name: str, size: int, ways: Sequence[str], measured: dict[str, dict[str, Cell]]) -> ColumnView:
    plain = measured.get(PLAIN, {}).get(name)
    rows: list[RowView] = []
    for way in ways:
        cell = measured.get(way, {}).get(name)
        low, high = cell.edges if cell else (0.0, 1.0)
        rows.append({"way": way, "right": cell.right if cell else -1, "of": cell.of if cell else 0, "low": low,
                     "high": high, "beyond": beyond(cell, plain)})  # fmt: skip
    return {"name": name, "of": size, "coin": wilson(0.5, size), "rows": rows}


def beyond(cell: Cell | None, plain: Cell | None) -> int:
    """Whether it lies above the other's interval with its own (1), below it (-1), or neither (0).

    >>> beyond(Cell(90, 100), Cell(60, 100)), beyond(Cell(65, 100), Cell(60, 100)), beyond(None, Cell(60, 100))
    (1, 0, 0)
    """
    if cell is None or plain is None:
        return 0
    return int(cell.edges[0] > plain.edges[1]) - int(cell.edges[1] < plain.edges[0])


def said(columns: Sequence[ColumnView], n_ways: int, epsilon: str, lang: str) -> str:
    """Which differences are more than these few texts can make, in words."""
    if not columns[0]["rows"] or columns[0]["rows"][0]["right"] < 0:
        return translate("robustness.reading.before", lang, count=columns[0]["of"])
    plain = {column["name"]: column["rows"][0] for column in columns}
    everything = plain[ALL]
    low, high = percent(everything["low"]), percent(everything["high"])
    first = translate("robustness.reading.plain", lang, share=_share(everything), right=everything["right"],
                      count=everything["of"], low=low, high=high)  # fmt: skip
    if n_ways < 2:
        return first
    compared = [(column["name"], row) for column in columns for row in column["rows"][1:] if row["right"] >= 0]
    told = [
        translate("robustness.reading.better" if row["beyond"] > 0 else "robustness.reading.worse", lang,
                  way=translate(f"robustness.way.{row['way']}", lang), share=_share(row),
                  column=translate(f"robustness.column.{name}", lang, epsilon=epsilon), plain=_share(plain[name]))
        for name, row in compared if row["beyond"]
    ]  # fmt: skip
    if not told:
        return f"{first} {translate('robustness.reading.none_beyond', lang, count=len(compared))}"
    rest = translate(
        "robustness.reading.some_beyond", lang, beyond=len(told), count=len(compared), said="; ".join(told)
    )
    return f"{first} {rest}"


def _share(row: RowView) -> str:
    return percent(row["right"] / row["of"] if row["of"] else None)
