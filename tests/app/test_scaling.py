"""The scaling page in the app, without a browser: the law of our runs, a table of one's own, what is asked of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gptviz.evaluation.scaling.law import Law
from gptviz.i18n import languages, strings
from gptviz.ui.pages.scaling.work import shipped
from tests.app.visitor import Visitor
from tests.ui.desk import HOSTILE

#: What a visitor pastes: 16 runs of a law that is known.
TRUTH = Law(A=50.0, B=400.0, E=1.5, alpha=0.4, beta=0.45)
TABLE = "N,D,loss\n" + "\n".join(
    f"{n},{d},{TRUTH.loss(n, d)}" for n in (1e4, 1e5, 1e6, 1e7) for d in (1e6, 1e7, 1e8, 1e9)
)


class Watcher(Visitor):
    name = "scaling"


def numbers(said: str) -> list[float]:
    """The numbers of a sum as it is written."""
    return [float(part) for part in said.replace("=", "+").split("+")]


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_has_our_runs_and_their_law(lang: str) -> None:
    header = Watcher(lang=lang).run().settle().header
    plots, law, ask = header["plots"], header["law"], header["ask"]
    assert len(plots["runs"]) >= 24
    assert not any(run["own"] for run in plots["runs"])
    values = {constant["name"]: constant for constant in law["constants"]}
    found = Law(**{name: constant["value"] for name, constant in values.items()})
    for run, shown in zip(shipped("runs"), plots["runs"], strict=True):
        by_hand = found.E + found.A / run.n**found.alpha + found.B / run.tokens**found.beta
        assert shown["off"] == pytest.approx(run.loss / by_hand - 1)
    for constant in values.values():
        assert constant["low"] <= constant["value"] <= constant["high"]
    assert law["done"] == law["wanted"]
    n, tokens = 10 ** header["view"]["log_n"], 10 ** header["view"]["log_d"]
    assert float(ask["loss"]) == pytest.approx(found.loss(n, tokens), rel=1e-2)
    *parts, total = numbers(ask["sum"])
    assert sum(parts) == pytest.approx(total, abs=1e-9)  # as it is written it comes out
    assert plots["floor"] == pytest.approx(law["floor"])
    assert plots["reading"]
    assert law["reading"]
    assert {key for key in strings("en") if key.startswith("scaling.")} <= header["strings"].keys()


def test_counting_with_embeddings_makes_n_larger_and_fits_anew() -> None:
    visitor = Watcher(lang="en").run().settle()
    before = visitor.header
    visitor.say(embeddings=True).settle()
    after = visitor.header
    pairs = list(zip(before["plots"]["runs"], after["plots"]["runs"], strict=True))
    assert all(one["n"] < other["n"] and one["loss"] == other["loss"] for one, other in pairs)
    alphas = [
        next(c["value"] for c in header["law"]["constants"] if c["name"] == "alpha") for header in (before, after)
    ]
    assert alphas[0] < alphas[1]  # small models are mostly embeddings: the same losses over a shorter axis
    assert any(f"α would be {alphas[0]:.3f}" in line for line in after["law"]["says"])


def test_a_table_of_ones_own_joins_the_plot_and_is_fitted() -> None:
    visitor = Watcher(lang="en").run().settle()
    ours = len(visitor.header["plots"]["runs"])
    visitor.say(table=TABLE).settle()
    plots = visitor.header["plots"]
    assert (plots["own"], plots["whose"], plots["problem"]) == (16, "ours", "")
    assert len(plots["runs"]) == ours + 16
    assert all((run["off"] is None) == run["own"] for run in plots["runs"])
    visitor.say(whose="own", log_n=6.0, log_d=8.0).settle()
    header = visitor.header
    found = {c["name"]: c["value"] for c in header["law"]["constants"]}
    assert found == pytest.approx(TRUTH._asdict(), rel=1e-4)
    assert header["law"]["floor"] is None  # nothing is known of their text
    assert float(header["ask"]["loss"]) == pytest.approx(TRUTH.loss(1e6, 1e8), abs=6e-4)
    best = TRUTH.best_split(6e14)
    losses = [TRUTH.loss(best[0] * f, best[1] / f) for f in (0.5, 1, 2)]
    assert min(losses) == losses[1]
    assert numbers(header["ask"]["best_sum"])[-1] == pytest.approx(losses[1], abs=6e-4)


def test_the_python_gives_the_numbers() -> None:
    visitor = Watcher(lang="en").run().say(table=TABLE, whose="own").settle()
    header = visitor.header
    space: dict[str, Any] = {}
    *lines, last = header["ask"]["python"].replace("resamples=100", "resamples=2").split("\n")
    exec("\n".join(lines), space)  # what a notebook would run
    (loss, low, high), (n, tokens) = eval(last, space)
    assert float(header["ask"]["loss"]) == pytest.approx(loss, abs=6e-4)
    assert low <= loss <= high
    assert 6 * n * tokens == pytest.approx(6 * 10 ** (header["view"]["log_n"] + header["view"]["log_d"]), rel=1e-2)
    for panel in ("plots", "law", "published"):
        compile(header[panel]["python"], panel, "exec")
    space = {}
    *lines, last = header["published"]["python"].split("\n")
    exec("\n".join(lines), space)
    for name, points in eval(last, space).items():
        assert np.array(points) == pytest.approx(np.array(header["published"]["lines"][name]))


@pytest.mark.parametrize("table", [*HOSTILE, "N,D,loss\n1,2\n", "N,D\n1,2", "N,D,loss\n1,2,3"])
def test_a_table_that_is_none_is_said_and_ours_stay(table: str) -> None:
    visitor = Watcher(lang="zh").run()
    visitor.say(table=table[:2000], whose="own")
    plots = visitor.header["plots"]
    assert plots["whose"] == "ours"
    assert bool(plots["problem"]) == bool(table.strip())
    assert "<" not in plots["problem"] or "<" in table
