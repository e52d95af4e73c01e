"""The law of scaling: known constants come back, within their own intervals; runs that do not fit do not move them."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.cli import main
from gptviz.errors import ConfigError
from gptviz.evaluation.scaling import runs
from gptviz.evaluation.scaling.bootstrap import fitted
from gptviz.evaluation.scaling.fit import DELTA, Data, as_theta, cost, fit, huber
from gptviz.evaluation.scaling.law import KAPLAN, NAMES, PUBLISHED, Law
from gptviz.evaluation.scaling.runs import Run
from gptviz.training import bench
from gptviz.training.trigrams import Trigrams

pytestmark = pytest.mark.slow

TRUTH = Law(A=30.0, B=100.0, E=2.2, alpha=0.5, beta=0.4)
#: Smallest and largest N and D, as powers of ten: ours, and those of Hoffmann et al. 2022.
OURS, THEIRS = ((3.0, 5.7), (4.7, 6.5)), ((7.6, 10.2), (9.0, 11.7))


def made(law: Law, where: tuple[tuple[float, float], tuple[float, float]], noise: float = 0.0) -> list[Run]:
    """Thirty runs on a grid, whose losses are off by a factor of about 1 ± ``noise``."""
    rng = np.random.default_rng(16)
    grid = [(n, d) for n in np.logspace(*where[0], 6) for d in np.logspace(*where[1], 5)]
    return [Run(n, d, float(law.loss(n, d) * math.exp(noise * rng.standard_normal()))) for n, d in grid]


@pytest.mark.parametrize(("law", "where"), [(TRUTH, OURS), *((law, THEIRS) for law in PUBLISHED.values())])
def test_exact_runs_give_their_law_back(law: Law, where: tuple[tuple[float, float], tuple[float, float]]) -> None:
    assert fit(made(law, where)) == pytest.approx(law, rel=1e-6)


@pytest.mark.parametrize(("law", "where"), [(TRUTH, OURS), (PUBLISHED["epoch"], THEIRS)])
def test_noisy_runs_give_intervals_that_hold_the_law(
    law: Law, where: tuple[tuple[float, float], tuple[float, float]]
) -> None:
    found = fitted(made(law, where, noise=0.003), resamples=60)
    for name, (low, high) in found.intervals.items():
        assert low <= getattr(law, name) <= high, name
        assert low < getattr(found.law, name) < high, name
    assert 1.0 < found.interval("A")[1] / found.interval("A")[0] < 30
    loss, low, high = found.predicted(10 * 10 ** where[0][1], 10 * 10 ** where[1][1])  # beyond all that was seen
    assert low <= law.loss(10 * 10 ** where[0][1], 10 * 10 ** where[1][1]) <= high
    assert high - low < 0.1 * loss


def test_one_run_that_went_wrong_hardly_moves_the_law() -> None:
    exact = made(TRUTH, OURS)
    spoilt = [*exact[:7], exact[7]._replace(loss=3 * exact[7].loss), *exact[8:]]
    assert fit(spoilt) == pytest.approx(TRUTH, rel=1e-2)
    by_squares = _least_squares(spoilt)  # which does not bear it
    assert abs(by_squares.alpha - TRUTH.alpha) > 0.1 or abs(by_squares.E - TRUTH.E) > 0.1


def _least_squares(some: list[Run]) -> Law:
    from scipy.optimize import least_squares

    from gptviz.evaluation.scaling.fit import as_law

    data = Data.of(some)
    return as_law(least_squares(data.residuals, as_theta(TRUTH)).x)


def test_the_loss_that_is_minimised_is_the_papers() -> None:
    data, theta = Data.of(made(TRUTH, OURS, noise=0.01)), as_theta(TRUTH)
    by_hand = 0.0
    for run in made(TRUTH, OURS, noise=0.01):
        r = abs(math.log(TRUTH.loss(run.n, run.tokens)) - math.log(run.loss))
        by_hand += 0.5 * r * r if r <= DELTA else DELTA * (r - 0.5 * DELTA)
    assert cost(data, theta) * DELTA**2 == pytest.approx(by_hand, rel=1e-9)
    assert huber(np.array([0.5, 3.0])).tolist() == [0.125, 2.5]
    slopes, step = data.slopes(theta), 1e-6
    for i in range(5):
        moved = theta + step * np.eye(5)[i]
        by_difference = (data.residuals(moved) - data.residuals(theta)) / step
        assert slopes[:, i] == pytest.approx(by_difference, abs=1e-4)


def test_the_best_split_is_a_minimum_and_costs_the_budget() -> None:
    for law in (TRUTH, *PUBLISHED.values()):
        n, d = law.best_split(1e21)
        assert 6 * n * d == pytest.approx(1e21)
        assert law.loss(n, d) < min(law.loss(n * 1.1, d / 1.1), law.loss(n / 1.1, d * 1.1))
        assert sum(law.exponents) == pytest.approx(1)
    # what Chinchilla was trained on, from 5.76e23 operations: 70 billion parameters, 1.4 trillion tokens
    n, d = PUBLISHED["epoch"].best_split(5.76e23)
    assert n == pytest.approx(70e9, rel=0.1)
    assert d == pytest.approx(1.4e12, rel=0.1)
    assert KAPLAN["parameters"].loss(8.8e13) == 1.0


def test_a_table_is_read_however_it_is_separated() -> None:
    wanted = [Run(1000.0, 2e6, 3.25)]
    for text in ("N,D,loss\n1000,2e6,3.25\n", "loss;N;D\n3.25;1000;2e6", "N\tD\tloss\tname\n1000\t2e6\t3.25\tx\n",
                 "# said before\nN D loss\n\n1000 2e6 3.25\n"):  # fmt: skip
        assert runs.read(text, "x") == wanted
    both = runs.read("N,D,loss,N_total\n1000,2e6,3.25,1500\n", "x")
    assert runs.counted(both, embeddings=True)[0].n == 1500
    assert runs.counted(both, embeddings=False) == both
    assert runs.read(runs.written(both), "x") == both
    assert runs.read(runs.written(wanted), "x") == wanted


@pytest.mark.parametrize(("text", "says"), [
    ("", "holds no runs"),
    ("N,D\n1,2\n", "line 1: the first line must name the column loss once"),
    ("N,N,D,loss\n1,1,2,3\n", "line 1: the first line must name the column N once"),
    ("N,D,loss\n1,2,3\n\n1,2\n", "line 4: 3 numbers are expected"),
    ("N,D,loss\n1,2,three\n", "line 2: loss must be a number above 0"),
    ("N,D,loss\n1,2,nan\n", "line 2: loss must be"),
    ("N,D,loss\n1,2,inf\n", "line 2: loss must be"),
    ("N,D,loss\n-1,2,3\n", "line 2: N must be"),
    ("N,D,loss\n1_000,2,3\n", "line 2: N must be"),
    ("N,D,loss\n1,1e400,3\n", "line 2: D must be"),
    ("N,D,loss\n" + "1,2,3\n" * 2001, "at most 2,000"),
])  # fmt: skip
def test_what_is_no_table_of_runs_is_said_with_its_line(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        runs.read(text, "runs.csv")


@given(st.text(max_size=200))
def test_any_text_is_a_table_or_a_sentence(text: str) -> None:
    for head in ("", "N,D,loss\n"):
        with suppress(ConfigError):
            found = runs.read(head + text, "runs.csv")
            assert all(x > 0 and math.isfinite(x) for run in found for x in run[:3])


def test_too_few_runs_are_refused() -> None:
    alike = [Run(1000.0, 10.0 ** (3 + i), 3.0) for i in range(8)]
    with pytest.raises(ConfigError, match="8 runs have 1 different size and 8 different numbers of tokens"):
        fit(alike)
    with pytest.raises(ConfigError, match="at least 6 runs"):
        fitted(made(TRUTH, OURS)[:3])


def test_the_shell_fits_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, larger = tmp_path / "runs.csv", tmp_path / "larger.csv"
    table.write_text(runs.written(made(TRUTH, OURS, noise=0.002)))
    larger.write_text(f"N,D,loss\n5e6,1e7,{TRUTH.loss(5e6, 1e7)}\n")
    command = ["scaling", "fit", str(table), "--resamples", "20"]
    assert main([*command, "--json", "--predict", str(larger)]) == 0
    said = json.loads(capsys.readouterr().out)
    for name in NAMES:
        low, high = said["intervals"][name]
        assert low <= said[name] <= high
        assert said[name] == pytest.approx(getattr(TRUTH, name), rel=0.2)
    assert said["runs"] == 30
    assert said["level"] == 0.95
    (predicted,) = said["predicted"]
    assert predicted["error"] == pytest.approx(predicted["predicted"] - predicted["loss"])
    assert abs(predicted["error"]) < 0.02
    assert main(command) == 0
    assert f"N_opt grows as C^{said['N_opt_exponent']:.3f}" in capsys.readouterr().out
    table.write_text("N,D,loss\n1,2\n")
    assert main(command) == 2
    assert f"{table}, line 2: 3 numbers are expected" in capsys.readouterr().err


# ---- the bench


def test_the_world_knows_its_own_entropy() -> None:
    world = Trigrams(vocab_size=5, seed=3)
    assert world.pairs.sum() == pytest.approx(1)
    assert np.einsum("ab,abc->bc", world.pairs, world.table) == pytest.approx(world.pairs)  # it stands still
    zero, one, two = world.entropies
    assert math.log(5) > zero > one > two > 0
    rows = world.rows(20_000, 9, seed=1)
    assert (world.rows(20_000, 9, seed=1) == rows).all()
    assert (world.rows(20_000, 9, seed=2) != rows).any()
    for place in (0, 7):  # pairs are as common at the end of a row as at its beginning
        found = np.bincount(rows[:, place] * 5 + rows[:, place + 1], minlength=25) / len(rows)
        assert found == pytest.approx(world.pairs.ravel(), abs=0.012)
    # a reader who knows the table needs as many nats as the entropy says
    after_two = -np.log(world.table[rows[:, :-2], rows[:, 1:-1], rows[:, 2:]])
    first = world.pairs[rows[:, 0], rows[:, 1]] / world.pairs.sum(1)[rows[:, 0]]
    mean = (-np.log(first)[:, None] + after_two.sum(1, keepdims=True)).mean() / 8
    assert mean == pytest.approx(world.floor(8), abs=0.01)


def test_a_bench_makes_the_runs_that_are_missing(tmp_path: Path) -> None:
    plan = bench.Plan(widths=(8, 16), tokens=(2_560, 25_600), rows=500, held_out_rows=200)
    made_before = {(plan.configure(8, 2_560).model.n_parameters, 2_560)}
    found = list(bench.bench(plan, done=made_before))
    assert [(run.width, run.tokens) for run in found] == [(16, 2_560), (8, 25_600), (16, 25_600)]
    assert [run.loss for run in bench.bench(plan, done=made_before)] == [run.loss for run in found]  # to the digit
    for run in found:
        assert run.n_total - run.n == (64 + 16) * run.width  # token and position embeddings
        assert plan.floor < run.loss < math.log(64) + 0.05
    assert found[1].loss < found[0].loss


def test_the_shell_goes_on_with_a_bench(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                        monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(bench, "ROWS", 500)
    made_rows = Trigrams.rows
    monkeypatch.setattr(
        Trigrams, "rows", lambda self, n, length, *, seed: made_rows(self, min(n, 300), length, seed=seed)
    )
    out = tmp_path / "runs.csv"
    assert main(["scaling", "run", str(out), "--widths", "8", "--tokens", "2560"]) == 0
    assert main(["scaling", "run", str(out), "--widths", "8", "--tokens", "2560,5120"]) == 0
    assert capsys.readouterr().err.count("nats") == 2
    lines = out.read_text().splitlines()
    assert lines[0] == "# floor: 2.291607 nats per token"
    assert len(lines) == 4
    assert [run.tokens for run in runs.read(out.read_text(), "x")] == [2560, 5120]
    assert main(["scaling", "run", str(out), "--widths", "8,x"]) == 2
    assert "--widths takes whole numbers" in capsys.readouterr().err
