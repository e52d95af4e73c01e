"""The scaling page without Streamlit: the runs shipped, what others published, how large numbers are written."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gptviz.evaluation.scaling import runs as tables
from gptviz.evaluation.scaling.bootstrap import fitted
from gptviz.language_model import LanguageModel
from gptviz.training.bench import Plan, without_embeddings
from gptviz.ui.pages.scaling.panels import count
from gptviz.ui.pages.scaling.work import FOLDER, RESAMPLES, known, shipped
from tests.ui import desk


@pytest.mark.parametrize(("x", "said"), [(25_472, "25,500"), (999_499, "999,000"), (999_500, "1e6"), (3.2e6, "3.2e6"),
                                         (1.2345e13, "1.23e13"), (7, "7")])  # fmt: skip
def test_large_numbers_have_three_figures(x: float, said: str) -> None:
    assert count(x) == said


def test_published_lines_are_their_own(tiny_lm: LanguageModel) -> None:
    header, _ = desk.shown("scaling", desk.arrived("scaling", tiny_lm), tiny_lm)
    lines = header["published"]["lines"]
    slopes = {name: np.polyfit(np.log([x for x, _ in points]), np.log([y for _, y in points]), 1)[0]
              for name, points in lines.items()}  # fmt: skip
    assert slopes == pytest.approx({"kaplan": 0.73, "chinchilla": 0.28 / 0.62, "epoch": 0.3658 / 0.7136}, rel=1e-6)
    assert all(math.isfinite(y) for points in lines.values() for _, y in points)


def test_the_shipped_runs_are_what_the_bench_makes() -> None:
    """The table has every run of the default plan, with the parameters that its configurations have."""
    plan, runs = Plan(), shipped("runs")
    assert plan.left({(run.n_total or 0, run.tokens) for run in runs}) == []
    sizes = {without_embeddings(plan.configure(C, 10_000).model) for C in plan.widths}
    assert {run.n for run in runs} == sizes
    assert all(plan.floor < run.loss < math.log(plan.world.vocab_size) for run in runs)
    (larger,) = shipped("larger")
    assert larger.n > max(sizes)
    assert larger.tokens == max(run.tokens for run in runs)
    for name in ("runs", "larger"):
        assert (FOLDER / f"{name}.csv").read_text().startswith(f"# floor: {plan.floor:.6f} nats per token\n")
    assert tables.counted(runs, embeddings=True)[0].n == runs[0].n_total


@pytest.mark.slow
@pytest.mark.parametrize("embeddings", [False, True])
def test_the_law_that_ships_is_that_of_the_runs_that_ship(embeddings: bool) -> None:
    """Fitted again it is the same, and so are its first resamples."""
    found = fitted(tables.counted(shipped("runs"), embeddings=embeddings), resamples=3)
    kept = known(embeddings)
    assert len(kept.resampled) == RESAMPLES
    assert list(kept.law) == pytest.approx(list(found.law), rel=1e-3)
    assert [x.E for x in kept.resampled[:3]] == pytest.approx([x.E for x in found.resampled], rel=1e-2)
