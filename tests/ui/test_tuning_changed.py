"""ΔW on the tuning page: full tuning's beside LoRA's, and AdaLoRA's budget as a film."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gptviz.i18n import languages
from gptviz.jobs import folder
from gptviz.jobs.folder import Ask, Job
from gptviz.language_model import LocalModel
from gptviz.tuning import TuneConfig, method
from gptviz.tuning.changes import changes, write
from gptviz.tuning.examples import Example
from gptviz.tuning.saved import save
from gptviz.tuning.tasks import Classification
from gptviz.ui.pages.tuning.state import Tuning
from tests.ui.desk import arrived, do, link, shown
from tests.ui.test_tuning_menu import REPORT

MINE, OTHERS = "c" * 32, "d" * 32
TEXTS = [Example(f"{word} {i}", label) for i in range(8) for word, label in (("ab", "yes"), ("cd", "no"))]


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's own jobs."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))


def over(name: str, *records: dict[str, Any], model: str = "tiny", owner: str = MINE, **settings: Any) -> Job:
    """A tuning that is over, which has said so much."""
    job = folder.create(owner, Ask("sentiment", name, {}, {"model": model, "settings": settings}, kind=folder.TUNING))
    said = ({"record": "begun", "steps": 40, "fingerprint": "f"}, *records, REPORT)
    (job.path / folder.RECORDS).write_text("".join(json.dumps(one) + "\n" for one in said), encoding="utf-8")
    job.finish("done")
    return job


def learnt(lm: LocalModel, name: str, **more: Any) -> tuple[Job, Classification]:
    """The same, with what was learnt."""
    config = TuneConfig(method=method(name), epochs=2, batch_size=4, learning_rate=1e-2, valid_share=0)
    run = Classification(lm, TEXTS, config)
    run.learn()
    job = over(name, **more)
    save(run, lm, job.path, model=False)
    if name == "full":
        write(changes(lm.model, run.trunk.model), job.path)
    return job, run


def page(lm: LocalModel, owner: str = MINE, **query: str) -> Tuning:
    state: Tuning = arrived("tuning", lm, **query)
    do("tuning", state, lm, "owner", token=owner)
    return state


def moved(run: Classification, lm: LocalModel, layer: int, target: str) -> Any:
    """ΔW in numpy, from both models' files' numbers."""
    name = f"transformer.h.{layer}.{target}.weight"
    now, was = run.trunk.model.state_dict()[name], lm.model.state_dict()[name]
    return now.detach().double().numpy() - was.detach().double().numpy()


def test_full_tunings_singular_values_stand_beside_loras(tiny_lm: LocalModel) -> None:
    lora, thin = learnt(tiny_lm, "lora")
    full, run = learnt(tiny_lm, "full")
    learnt(tiny_lm, "lora", model="another")  # of another model
    learnt(tiny_lm, "lora", owner=OTHERS)  # nobody else's
    state = page(tiny_lm)
    state.job = full.id
    header, blobs = shown("tuning", state, tiny_lm)
    assert header["delta_shape"] == [0, 16, 48]
    assert header["delta_matrices"] == ["qkv", "out", "up", "down"]
    assert header["delta_layers"] == [0, 1]
    assert [(one["name"], one["here"]) for one in header["spectra"]] == [("Full", True), ("LoRA, rank 8", False)]
    wanted = np.linalg.svd(moved(run, tiny_lm, 0, "attn.c_attn"), compute_uv=False)
    points = dict(map(tuple, header["spectra"][0]["points"]))
    assert list(points) == list(range(1, 17))
    assert list(points.values()) == pytest.approx(wanted.tolist(), rel=1e-4, abs=1e-8)
    held = dict(map(tuple, header["held"]))
    assert held[4] == pytest.approx(np.sum(wanted[:4] ** 2) / np.sum(wanted**2), abs=1e-5)
    assert held[16] == pytest.approx(1)
    parts = thin.trunk.model.blocks[0].attn.c_attn
    wanted = np.linalg.svd(parts.delta().numpy(), compute_uv=False)[:8]  # type: ignore[operator]
    assert [value for _, value in header["spectra"][1]["points"]] == pytest.approx(wanted.tolist(), rel=1e-3, abs=1e-6)
    assert blobs["product"].shape == (16, 48)
    assert "thin_a" not in blobs
    state.job = lora.id
    header, blobs = shown("tuning", state, tiny_lm)
    assert header["delta_shape"] == [8, 16, 48]
    assert [one["name"] for one in header["spectra"]] == ["LoRA, rank 8", "Full"]
    assert blobs["thin_a"].shape == (8, 16)


def test_another_matrix_is_chosen_and_a_link_brings_it_back(tiny_lm: LocalModel) -> None:
    lora, _ = learnt(tiny_lm, "lora")
    full, run = learnt(tiny_lm, "full")
    state = page(tiny_lm, at_matrix="down", at_layer="1")
    state.job = full.id
    header, _ = shown("tuning", state, tiny_lm)
    assert (header["delta_matrix"], header["delta_layer"], header["delta_shape"]) == ("down", 1, [0, 64, 16])
    assert [one["name"] for one in header["spectra"]] == ["Full"]  # LoRA has left that matrix as it was
    wanted = np.linalg.svd(moved(run, tiny_lm, 1, "mlp.c_proj"), compute_uv=False)
    assert header["spectra"][0]["points"][0] == [1, pytest.approx(float(wanted[0]), rel=1e-5)]
    assert "'mlp.c_proj'" in header["delta_python"]
    ast.parse(header["delta_python"])
    assert link(state, tiny_lm)["at_matrix"] == "down"
    state.job = lora.id
    header, _ = shown("tuning", state, tiny_lm)
    assert (header["delta_matrix"], header["delta_layer"]) == ("qkv", 1)  # the nearest that it has
    state.adopt({"at_matrix": "x", "at_layer": 200})
    assert shown("tuning", state, tiny_lm)[0]["delta_layer"] == 1


def test_what_has_not_moved_has_no_line(tiny_lm: LocalModel) -> None:
    """The best may be how it began: then B is 0, and so is ΔW."""
    run = Classification(tiny_lm, TEXTS, TuneConfig(method=method("lora"), epochs=1))
    job = over("lora")
    save(run, tiny_lm, job.path, model=False)
    header, _ = shown("tuning", page(tiny_lm), tiny_lm)
    assert header["spectra"] == [{"name": "LoRA: ΔW = 0, it is as it was", "points": [], "here": True}]
    assert {share for _, share in header["held"]} == {0}


def ranks(step: int, *left: int) -> dict[str, Any]:
    return {"record": "ranks", "step": step, "ranks": list(left)}


def valid(step: int, loss: float) -> dict[str, Any]:
    return {"record": "step", "step": step, "steps": 40, "loss": 0.5, "learning_rate": 0.1, "valid_loss": loss,
            "valid_accuracy": 0.7, "seconds": 4.0}  # fmt: skip


@pytest.mark.parametrize("lang", languages())
def test_the_budget_is_a_film_whose_frames_are_the_records(lang: str, tiny_lm: LocalModel) -> None:
    over("adalora", ranks(0, 8, 8), valid(10, 0.5), ranks(12, 8, 7), ranks(14, 7, 6), valid(20, 0.4), ranks(22, 6, 2),
         valid(30, 0.6), rank=4, first_rank=8)  # fmt: skip
    header, _ = shown("tuning", page(tiny_lm, lang=lang), tiny_lm, lang)
    assert header["film"] == [[0, [8, 8]], [12, [8, 7]], [14, [7, 6]], [22, [6, 2]]]
    assert (header["film_full"], header["film_kept"]) == (8, 20)
    for number in ("16", "8", "22", "6", "2"):
        assert number in header["film_reading"]
    assert "first_rank=8" in header["film_python"]
    ast.parse(header["film_python"])


def test_a_long_film_keeps_its_ends_and_other_methods_have_none(tiny_lm: LocalModel) -> None:
    over("adalora", *(ranks(i, 8, 8 + i % 2) for i in range(1000)))
    film = shown("tuning", page(tiny_lm), tiny_lm)[0]["film"]
    assert len(film) < 200
    assert (film[0][0], film[-1][0]) == (0, 999)
    assert shown("tuning", page(tiny_lm, OTHERS), tiny_lm)[0]["film"] == []
    over("lora")
    assert shown("tuning", page(tiny_lm), tiny_lm)[0]["film"] == []
