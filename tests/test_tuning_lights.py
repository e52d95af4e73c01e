"""What a tuning costs, what must hold of it, and ΔW: each recomputed another way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gptviz.errors import ConfigError
from gptviz.language_model import LocalModel
from gptviz.tuning import TuneConfig, method, sets
from gptviz.tuning.baseline import known_words
from gptviz.tuning.cost import cost, trainable
from gptviz.tuning.delta import delta, shrunk, thin_singular
from gptviz.tuning.examples import Example, Tagged
from gptviz.tuning.instructions import Instruction
from gptviz.tuning.lights import Light, first_lights, frozen, last_lights, learning
from gptviz.tuning.methods import METHODS
from gptviz.tuning.pairs import Answered
from gptviz.tuning.saved import save
from gptviz.tuning.tasks import Classification

TEXTS = [Example(f"{word} {i}", label) for i in range(12) for word, label in (("good", "yes"), ("bad", "no"))]


def run_of(lm: LocalModel, name: str, **settings: Any) -> Classification:
    """Two labels, a batch or two."""
    config = TuneConfig(method=method(name, **settings), epochs=2, batch_size=8, valid_share=0.25)
    return Classification(lm, TEXTS, config)


def lit(run: Any, lm: LocalModel) -> dict[str, Light]:
    """All lights of a run that is gone through."""
    before, learnt = frozen(run), learning(run)
    records = list(run.run())
    found = first_lights(run_of(lm, run.config.method.name), lm, records[0].valid_loss) if isinstance(
        run, Classification) else []  # fmt: skip
    return {light.name: light for light in [*found, *last_lights(run, before, learnt, records[-1].step)]}


@pytest.mark.parametrize("name", sorted(METHODS))
def test_what_is_learnt_is_counted_before_as_it_is_then(tiny_lm: LocalModel, name: str) -> None:
    run = run_of(tiny_lm, name)
    of_head = 2 * (tiny_lm.config.n_embd + 1)
    assert trainable(tiny_lm.config, run.config.method) + of_head == run.trainable
    found = cost(tiny_lm.config, run.config.method, n_outputs=2, n_texts=24, n_tokens=5.0, epochs=2, batch_size=8,
                 says=False)  # fmt: skip
    assert found.trainable == run.trainable
    assert found.seconds > 0


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_light_is_green_of_a_run_that_went_well(tiny_lm: LocalModel, name: str) -> None:
    found = lit(run_of(tiny_lm, name), tiny_lm)
    bad = {light for light in found.values() if not light.good and light.name != "moved"}  # its best may be the first
    assert not bad
    assert ("start" in found) == (name not in ("prefix", "prompt"))
    assert ("merged" in found) == (name in ("lora", "adalora"))
    assert ("frozen" in found) == (name != "full")
    assert found["first"].wanted == pytest.approx(np.log(2))


def test_a_light_turns_red_where_something_frozen_moves(tiny_lm: LocalModel) -> None:
    run = run_of(tiny_lm, "lora")
    before, learnt = frozen(run), learning(run)
    with torch.no_grad():
        run.trunk.model.transformer["ln_f"].weight[0] += 1e-6
    light = next(light for light in last_lights(run, before, learnt, 1) if light.name == "frozen")
    assert (light.value, light.good) == (1, False)


def test_a_light_turns_red_where_the_copy_is_not_the_model(tiny_lm: LocalModel) -> None:
    run = run_of(tiny_lm, "head")
    with torch.no_grad():
        run.trunk.model.transformer["ln_f"].weight.mul_(1.001)
    start = next(light for light in first_lights(run, tiny_lm, 0.7) if light.name == "start")
    first = next(light for light in first_lights(run, tiny_lm, 0.7) if light.name == "first")
    assert not start.good
    assert 1e-4 < start.value < 2e-3
    assert not first.good  # 0.7 is not ln 2


def test_the_loss_is_of_the_answers_alone(lm: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Green as it is; red where the question's tokens are counted too."""
    rows = [Answered("Who?", "Me."), Answered("Where?", "At home."), Answered("Why?", "So that it is told.")]
    run = Instruction(lm, rows, TuneConfig(method=method("lora"), valid_share=0.0))
    good = next(light for light in first_lights(run, lm, None) if light.name == "answers")
    assert good.good
    whole = [[row._replace(start=1) for row in part] for part in run.asked]
    from gptviz.tuning import lights

    counted = lights.token_logprobs
    monkeypatch.setattr(lights, "token_logprobs", lambda trunk, _: counted(trunk, whole[0]))
    bad = next(light for light in first_lights(run, lm, None) if light.name == "answers")
    assert not bad.good


@pytest.mark.parametrize("name", ["lora", "adalora"])
def test_the_thin_matrices_are_those_that_change_the_model(tiny_lm: LocalModel, tmp_path: Path, name: str) -> None:
    run = run_of(tiny_lm, name)
    list(run.run())
    save(run, tiny_lm, tmp_path, model=False)
    assert not (tmp_path / "model").exists()
    found = delta(tmp_path, 1)
    assert found is not None
    assert (found.layers, found.layer) == (tiny_lm.config.n_layer, 1)
    part: Any = run.trunk.model.blocks[1].attn.c_attn  # type: ignore[attr-defined]
    assert np.allclose(found.product * part.scale, part.delta().numpy(), atol=1e-7)
    whole = np.linalg.svd(found.product.astype(np.float64), compute_uv=False)[: len(found.singular)]
    assert np.allclose(found.singular, whole, atol=1e-6)
    beyond = delta(tmp_path, 99)
    assert beyond is not None
    assert beyond.layer == tiny_lm.config.n_layer - 1


def test_without_thin_matrices_there_is_nothing_to_show(tiny_lm: LocalModel, tmp_path: Path) -> None:
    assert delta(tmp_path / "nothing", 0) is None
    run = run_of(tiny_lm, "bitfit")
    save(run, tiny_lm, tmp_path, model=False)
    assert delta(tmp_path, 0) is None


def test_singular_values_and_cells_by_hand() -> None:
    A, B = np.array([[3.0, 4.0]], np.float32), np.array([[2.0], [0.0]], np.float32)  # their product has 6 and 8
    assert thin_singular(A, B) == pytest.approx([10.0])
    matrix = np.array([[1, -5, 2, 0], [0, 3, -1, 4]], np.float32)
    assert shrunk(matrix, 1, 2).tolist() == [[-5, 4]]
    assert shrunk(matrix, 9, 9).tolist() == matrix.tolist()


def test_words_seen_are_called_as_they_were_most_often() -> None:
    train = [Tagged(("Ann", "runs"), ("B-PER", "O")), Tagged(("Ann", "Lake"), ("B-PER", "I-PER")),
             Tagged(("Lake",), ("B-LOC",)), Tagged(("Lake",), ("B-LOC",))]  # fmt: skip
    assert known_words(train, [Tagged(("Ann", "Lake", "flies"), ("O", "O", "O"))]) == [["B-PER", "B-LOC", "O"]]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("task", [*sets.TASKS, sets.PAIRS])
def test_each_set_that_ships_is_read(task: str, lang: str) -> None:
    path = sets.shipped(task, lang)
    assert path.parent.name == lang
    assert len(sets.parsed(task, path.read_text(encoding="utf-8"), path.name)) > 100


def test_the_tagged_sentences_are_what_their_tool_makes() -> None:
    from gptviz.tools.entities import FILE, made, text_of

    for lang in ("en", "zh"):
        path = sets.FOLDER / lang
        assert text_of(made(path)) == (path / FILE).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("task", "content", "key", "line"),
    [("sentiment", "text,label\ngood,\n", "tune.empty_value", 2), ("sentiment", "", "tune.nothing", None),
     ("sentiment", 'text,label\n"open,x\n', "tune.csv", 2), ("entities", "Ann B-PER\nno-tag\n", "tune.conll", 2),
     ("pairs", "prompt,chosen,rejected\na,b,b\n", "tune.same_answers", 2),
     ("sentiment", f"text,label\n{'a' * 100_001},x\n", "tune.too_long", 2)],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_named_by_its_line(task: str, content: str, key: str, line: int | None) -> None:
    with pytest.raises(ConfigError) as caught:
        sets.parsed(task, content, "mine.csv")
    assert caught.value.key == key
    assert caught.value.values.get("line") == line
    assert "mine.csv" in str(caught.value)
