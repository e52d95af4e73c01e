"""How the bundled models are made: recipes are followed, stopped and continued, and sizes are compared fairly."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import string
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import gptviz
from gptviz.cli import main as cli
from gptviz.cli.train import add_to, configure
from gptviz.evaluation.card import read_card
from gptviz.gpt.config import PRESETS, GPTConfig
from gptviz.paths import MODELS
from gptviz.tools import make, sweep
from gptviz.training import snapshots

ENGLISH = "Once upon a time there was a little cat who sat on the mat and looked at the moon.\n"
CHINESE = "从前有一只小猫，它坐在垫子上看月亮。\n"
RECIPES = """
[whole]
model = "bilingual"
runs = ["--preset tiny --steps 4 --batch-size 2 --weights {share} --later-weights {later_share} \
--later-from 0.5 --device cpu",
        "--preset tiny --steps 2 --batch-size 4 --weights {later_share} --init {before} --device cpu --seed 7"]
made = "one core in a moment"
how = "Nothing more."
[watched]
model = "small"
runs = ["--preset tiny --steps 8 --batch-size 2 --tokens 300 --weights {share} --snapshots 5 --device cpu"]
baseline = false
made = "one core in a moment"
how = "Nothing more."
"""


@pytest.fixture(scope="module")
def scripts() -> tuple[Any, Any]:
    """What follows recipes, and what compares candidates."""
    return make, sweep


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for part, text in {"en_tinystories": ENGLISH, "zh_stories": CHINESE}.items():
        (folder / f"{part}.train.txt").write_text(text * 60, encoding="utf-8")
        (folder / f"{part}.valid.txt").write_text(text * 8, encoding="utf-8")
    return folder


@pytest.fixture
def command(tmp_path: Path, corpus: Path) -> list[str]:
    """What to add a recipe's name before, for a copy of what lies beside the bundled models."""
    (tmp_path / "recipes.toml").write_text(RECIPES)
    (tmp_path / "models" / "bilingual").mkdir(parents=True)
    shutil.copy(MODELS / "bilingual" / "data.toml", tmp_path / "models" / "bilingual")
    return [str(corpus), str(tmp_path / "runs"), "--recipes", str(tmp_path / "recipes.toml"),
            "--models", str(tmp_path / "models")]  # fmt: skip


@pytest.mark.slow
def test_a_recipe_is_stopped_and_followed_to_its_end(
    scripts: tuple[Any, Any], command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, _ = scripts
    model = tmp_path / "models" / "bilingual"
    assert make.main(["whole", *command, "--minutes", "0"]) == 0
    assert "the same command goes on" in capsys.readouterr().out
    shares = tmp_path / "runs" / "share.json"
    options = shlex.split((tmp_path / "runs" / "whole-1" / "options.txt").read_text())
    assert options[options.index("--weights") + 1] == str(shares)
    run = ["train", command[0], str(tmp_path / "runs" / "whole-1"), *options]
    assert cli([*run, "--minutes", "0.0000001"]) == 0  # is stopped after its first step
    assert not make.done(tmp_path / "runs" / "whole-1")
    assert not list(model.glob("*.safetensors"))  # a model that is not done replaces nothing
    assert make.main(["whole", *command]) == 0
    log = [json.loads(line)["step"] for line in (tmp_path / "runs" / "whole-1" / "log.jsonl").read_text().splitlines()]
    assert log == [1, 2, 3, 4]
    lm, card = gptviz.load(model), read_card(model)
    assert card is not None
    assert card.tokens == 4 * 2 * 64 + 2 * 4 * 64
    assert card.seeds == [PRESETS["tiny"].seed, 7]
    assert card.commands[1].startswith("gptviz train CORPUS RUN-2 --preset tiny")
    assert "--init RUN-1/model" in card.commands[1]
    data = tomllib.loads((MODELS / "bilingual" / "data.toml").read_text(encoding="utf-8"))
    first, later = data["en_sentences"]["share"], data["en_sentences"]["later_share"]
    assert later > 1.2 * first
    [sentences] = [part for part in card.data if part.name == "en_sentences"]
    half = (first + later) / 2  # the first run read 512 tokens, its second half by the later column; the other 512
    assert sentences.share == pytest.approx((half + later) / 2, abs=1e-4)
    assert [part["part"] for part in card.evaluation["held_out"]] == ["en_tinystories", "zh_stories", "all"]
    page = (model / "README.md").read_text(encoding="utf-8")
    assert f"{lm.config.n_parameters / 1e6:.1f} million parameters" in page
    template = (MODELS / "bilingual.md").read_text(encoding="utf-8")
    blanks = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    assert blanks >= {"made", "how", "held_out"}
    assert not [name for name in blanks if f"{{{name}}}" in page]  # every blank of the template is filled
    assert {path.stat().st_mode & 0o777 for path in model.glob("*.safetensors")} == {0o644}


def test_a_run_of_another_recipe_is_not_taken_for_this_one(
    scripts: tuple[Any, Any], command: list[str], tmp_path: Path
) -> None:
    make, _ = scripts
    assert make.main(["whole", *command, "--minutes", "0"]) == 0
    (tmp_path / "recipes.toml").write_text(RECIPES.replace("--steps 4", "--steps 5"))
    with pytest.raises(SystemExit, match="is a run of another recipe"):
        make.main(["whole", *command, "--minutes", "0"])


def test_steps_that_were_taken_again_count_once(scripts: tuple[Any, Any], tmp_path: Path) -> None:
    """A run that is killed goes on from its last saved state, and says some steps a second time."""
    records = [{"step": step, "loss": loss} for step, loss in ((1, 3.0), (2, 2.5), (3, 2.0), (2, 2.4), (3, 1.9))]
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, records)))
    assert [r["loss"] for r in scripts[0].card.records(tmp_path / "log.jsonl")] == [3.0, 2.4, 1.9]


@pytest.mark.slow
def test_a_watched_model_gets_a_row_for_each_moment(
    scripts: tuple[Any, Any], command: list[str], tmp_path: Path
) -> None:
    make, _ = scripts
    assert make.main(["watched", *command]) == 0
    model = tmp_path / "models" / "small"
    card = read_card(model)
    assert card is not None
    assert card.evaluation["held_out"][-1]["baseline_bits_per_byte"] is None
    page = (model / "README.md").read_text(encoding="utf-8")
    for moment in snapshots.read(model).moments:
        assert f"| {moment.step} | {moment.valid_loss:.3f} |" in page


def test_an_unknown_recipe_is_named(scripts: tuple[Any, Any], command: list[str]) -> None:
    with pytest.raises(SystemExit, match="There is no recipe nobody; there are whole, watched"):
        scripts[0].main(["nobody", *command])


def test_the_recipes_are_runs_that_can_be_started(scripts: tuple[Any, Any]) -> None:
    """Every option exists, and what is bundled has the shape that one of its recipes gives it."""
    make, _ = scripts
    parser = argparse.ArgumentParser()
    add_to(parser.add_subparsers())
    shapes: dict[str, list[GPTConfig]] = {}
    for fields in tomllib.loads((MODELS / "recipes.toml").read_text(encoding="utf-8")).values():
        recipe = make.Recipe(**fields)
        asked = [run.replace("{before}", str(MODELS / recipe.model)) for run in recipe.runs]
        first, *rest = (parser.parse_args(["train", "data", "out", *shlex.split(run)]) for run in asked)
        shapes.setdefault(recipe.model, []).append(configure(first, first.tokens or 16384).model)
        assert all(configure(later, 16384).sinusoids == 0 for later in rest)
    for name, found in shapes.items():
        bundled = gptviz.load(MODELS / name).config
        assert bundled in [replace(shape, dropout=0.0) for shape in found]


def test_shares_are_of_the_whole(scripts: tuple[Any, Any], tmp_path: Path) -> None:
    for path in scripts[0].write_shares(MODELS / "bilingual", tmp_path).values():
        shares = json.loads(path.read_text(encoding="utf-8"))
        assert sum(shares.values()) == pytest.approx(1.0, abs=2e-3)
        for language, share in (("en", 0.48), ("zh", 0.43), ("py", 0.07), ("tr", 0.02)):  # tr: sentences in both
            assert sum(v for k, v in shares.items() if k.startswith(language)) == pytest.approx(share, abs=0.03)


@pytest.mark.slow
def test_candidates_get_schedules_of_equal_time(
    scripts: tuple[Any, Any], corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, sweep = scripts
    options = ["--preset", "tiny", "--minutes", "0.01", "--only", "base,rotary,vocab_8k", "--device", "cpu"]
    assert sweep.main([str(corpus), *options]) == 0
    rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    assert [row[0] for row in rows] == ["base", "rotary", "vocab_8k"]
    assert float(rows[2][1]) < float(rows[0][1])  # a smaller vocabulary is a smaller model
    for _, _, steps, tokens, pace, bits in rows:
        assert float(tokens) == pytest.approx(int(steps) * PRESETS["tiny"].tokens_per_step / 1e6, abs=0.005)
        assert int(pace.replace(",", "")) > 0
        assert 0 < float(bits) < 8
    with pytest.raises(SystemExit):
        sweep.main([str(corpus), "--only", "bse"])


def test_a_vocabulary_that_is_not_at_hand_is_learnt(scripts: tuple[Any, Any], corpus: Path, tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    _, sweep = scripts
    learnt = sweep.vocabulary(24576, corpus, tmp_path)
    text = ENGLISH + CHINESE
    assert learnt.decode(learnt.encode(text)) == text
    assert sweep.vocabulary(24576, corpus, tmp_path).vocab_size == learnt.vocab_size
    assert sweep.vocabulary(16384, corpus, tmp_path).encode(text) == gptviz.load().tokenizer.encode(text)
