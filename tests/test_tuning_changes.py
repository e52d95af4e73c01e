"""ΔW against numpy: its singular values, what the first hold, and AdaLoRA's budget while it shrinks."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gptviz import tuning
from gptviz.jobs import tuned
from gptviz.language_model import LocalModel
from gptviz.tuning.changes import changes, read, shares, there, write
from gptviz.tuning.delta import delta, shrunk
from gptviz.tuning.examples import Example
from gptviz.tuning.method import MATRICES
from gptviz.tuning.methods.adalora import AdaLoRA
from gptviz.tuning.saved import merged
from gptviz.tuning.saved_names import CHANGES

TEXTS = [Example(f"{word} {i}", label) for i in range(8) for word, label in (("ab", "yes"), ("cd", "no"))]


def learnt(lm: LocalModel, name: str, **settings: Any) -> tuning.Classification:
    """Two passes at a high rate, of which the last step is kept."""
    config = tuning.TuneConfig(method=tuning.method(name, **settings), epochs=2, batch_size=4, learning_rate=1e-2,
                               valid_share=0)  # fmt: skip
    run = tuning.Classification(lm, TEXTS, config)
    run.learn()
    return run


def weight(model: Any, layer: int, target: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(n_in, n_out), by its name in the file."""
    found = model.state_dict()[f"transformer.h.{layer}.{target}.weight"]
    return np.asarray(found.detach().numpy(), dtype=np.float64)


def test_of_full_tuning_every_matrix_has_its_singular_values(tiny_lm: LocalModel, tmp_path: Path) -> None:
    run = learnt(tiny_lm, "full")
    write(changes(tiny_lm.model, run.trunk.model), tmp_path)
    assert there(tmp_path) == tuple((target, layer) for target in MATRICES for layer in (0, 1))
    for target, layer in there(tmp_path):
        moved = weight(run.trunk.model, layer, target) - weight(tiny_lm.model, layer, target)
        found = read(tmp_path, layer, target)
        assert found is not None
        assert found.shape == moved.shape
        np.testing.assert_allclose(found.singular, np.linalg.svd(moved, compute_uv=False), rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(found.cells, shrunk(moved.astype(np.float32), 64, 128), atol=1e-8)
        assert np.sum(found.singular.astype(np.float64) ** 2) == pytest.approx(np.sum(moved**2), rel=1e-5)


def test_the_first_r_hold_what_the_nearest_matrix_of_rank_r_does(tiny_lm: LocalModel) -> None:
    run = learnt(tiny_lm, "full")
    one = next(changes(tiny_lm.model, run.trunk.model))
    moved = weight(run.trunk.model, one.layer, one.target) - weight(tiny_lm.model, one.layer, one.target)
    u, s, v = np.linalg.svd(moved, full_matrices=False)
    held = shares(one.singular)
    for r in (1, 2, 8):
        nearest = (u[:, :r] * s[:r]) @ v[:r]
        left = np.sum((moved - nearest) ** 2) / np.sum(moved**2)
        assert held[r - 1] == pytest.approx(1 - left, abs=1e-5)
    assert held[-1] == pytest.approx(1)
    assert shares(np.zeros(3, dtype=np.float32)).tolist() == [0, 0, 0]
    assert shares(np.zeros(0, dtype=np.float32)).tolist() == []


def test_what_was_frozen_has_not_changed(tiny_lm: LocalModel, tmp_path: Path) -> None:
    write(changes(tiny_lm.model, learnt(tiny_lm, "full", last_layers=1).trunk.model), tmp_path)
    assert there(tmp_path) == tuple((target, 1) for target in MATRICES)
    assert read(tmp_path, 0, "attn.c_attn") is None
    assert list(changes(tiny_lm.model, learnt(tiny_lm, "bitfit").trunk.model)) == []


@pytest.mark.parametrize(("name", "settings"), [("lora", {"rank": 3}), ("adalora", {"rank": 2, "first_rank": 4})])
def test_thin_matrices_say_the_same_as_the_whole(
    name: str, settings: dict[str, Any], tiny_lm: LocalModel, tmp_path: Path
) -> None:
    """ΔW of the merged model has the thin product's singular values times its scale, and after them rounding."""
    run = learnt(tiny_lm, name, **settings)
    tuning.save(run, tiny_lm, tmp_path)
    whole = {(one.layer, one.target): one for one in changes(tiny_lm.model, merged(run, tiny_lm).model)}
    assert whole.keys() == {(layer, "attn.c_attn") for layer in (0, 1)}
    for layer in (0, 1):
        thin = delta(tmp_path, layer)
        assert thin is not None
        n, found = len(thin.singular), whole[layer, "attn.c_attn"].singular
        np.testing.assert_allclose(found[:n], thin.singular * thin.scale, rtol=1e-4, atol=2e-6)
        assert found[n:].max() < 2e-6
    wanted = 16 / 3 if name == "lora" else 16 / (4 + 1e-5)
    assert thin.scale == pytest.approx(wanted)


def test_a_file_that_is_none_has_nothing(tmp_path: Path) -> None:
    (tmp_path / CHANGES).write_bytes(b"\xff" * 64)
    assert there(tmp_path) == ()
    assert read(tmp_path, 0, "attn.c_attn") is None


def test_the_budget_is_told_whenever_it_moves(tiny_lm: LocalModel) -> None:
    """Every record has as many triplets as the schedule leaves after its step, and no layer more than it began with."""
    chosen = AdaLoRA(rank=2, first_rank=6)
    config = tuning.TuneConfig(method=chosen, epochs=12, batch_size=4, patience=0, valid_share=0.25)
    run = tuning.Classification(tiny_lm, TEXTS, config)
    said: list[dict[str, Any]] = []
    assert tuned.follow(run, tiny_lm, said.append, lambda: "")[0] == ""
    film = [one for one in said if one["record"] == "ranks"]
    assert film[0] == {"record": "ranks", "step": 0, "ranks": [6, 6]}
    for one in film:
        assert sum(one["ranks"]) == chosen.budget(one["step"], run.steps, 2).left
        assert max(one["ranks"]) <= 6
    assert len({tuple(one["ranks"]) for one in film}) > 3
    assert sum(film[-1]["ranks"]) == 4
    assert run.steps == 12 * math.ceil(12 / 4)
    assert not [one for one in _told(tiny_lm, "lora") if one["record"] == "ranks"]


def _told(lm: LocalModel, name: str) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    config = tuning.TuneConfig(method=tuning.method(name), epochs=1, batch_size=8, valid_share=0.25)
    tuned.follow(tuning.Classification(lm, TEXTS, config), lm, said.append, lambda: "")
    return said
