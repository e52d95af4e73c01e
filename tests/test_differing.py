"""In what two runs differ: found among their choices, and said in one line, the most telling first."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import Any

import pytest

from gptviz.gpt.config import PRESETS, GPTConfig, TrainConfig
from gptviz.i18n import languages
from gptviz.training.differing import NAMES, NO_CLIP, choices, differing
from gptviz.ui.differing import sentence, short
from gptviz.ui.pages.snapshots.steps import shared, standing

BASE = PRESETS["gpt2-parts"]


def _of(config: TrainConfig, source: str = "stories") -> dict[str, Any]:
    return choices(asdict(config), source)


def test_every_choice_of_a_run_is_known_and_alike_is_nothing() -> None:
    assert set(_of(BASE)) == set(NAMES)
    assert differing(_of(BASE), _of(BASE)) == []
    assert sentence([], "en") == "All that was chosen is the same in both."


@pytest.mark.parametrize(("changes", "name", "other", "said"), [
    ({"warmup": 0}, "warmup", None, "warm-up steps 20 in A, none in B"),
    ({"grad_clip": NO_CLIP}, "grad_clip", None, "gradient norm at most 1 in A, none in B"),
    ({"grad_clip": 0.25}, "grad_clip", 0.25, "gradient norm at most 1 in A, 0.25 in B"),
    ({"learning_rate": 1.0}, "learning_rate", 1.0, "learning rate 0.003 in A, 1 in B"),
    ({"learning_rate": 2e-5}, "learning_rate", 2e-5, "learning rate 0.003 in A, 2.0e−5 in B"),
    ({"optimizer": "muon"}, "optimizer", "muon", "optimiser AdamW in A, Muon in B"),
    ({"recompute": True}, "recompute", True, "gradient checkpointing off in A, on in B"),
    ({"steps": 4000}, "steps", 4000, "steps 300 in A, 4,000 in B"),
])  # fmt: skip
def test_one_choice_is_found_and_said(changes: dict[str, Any], name: str, other: Any, said: str) -> None:
    changes = {"min_learning_rate": 0.0, **changes}
    found = differing(_of(replace(BASE, min_learning_rate=0.0)), _of(replace(BASE, **changes)))
    assert [(x.name, x.other) for x in found] == [(name, other)]
    assert sentence(found, "en") == f"What differs: {said}."


def test_parts_are_told_by_the_shape_and_come_first() -> None:
    found = differing(_of(BASE), _of(PRESETS["modern-parts"]))
    assert [x.name for x in found] == ["parts", "position"]
    assert short(found, "en", other=True) == "modern parts, positions: rotary"
    assert short(found, "zh", other=False) == "GPT-2 的部件，位置编码：学习得来"


@pytest.mark.parametrize("lang", languages())
def test_of_many_the_first_are_said_and_the_rest_counted(lang: str) -> None:
    """A shape of its own, another optimiser, another world: every name has words in every language."""
    shape = GPTConfig(n_layer=1, n_head=1, n_embd=8, block_size=16, vocab_size=128, n_tokens=100, dropout=0.5)
    other = TrainConfig(model=shape, steps=7, batch_size=1, accumulate=2, learning_rate=9e-3, warmup=0, seed=3,
                        schedule="constant", optimizer="muon", weight_decay=0.0, grad_clip=9.0, precision="float32",
                        recompute=True, patience=2, seconds=5.0)  # fmt: skip
    found = differing(_of(BASE), _of(other, ""))
    assert [x.name for x in found] == [name for name in NAMES if name not in ("parts", "position")]
    assert re.search(rf"\D{len(found) - 4}\D", sentence(found, lang))
    assert "differing." not in sentence(found, lang, most=len(found))
    assert len(sentence(found, lang)) < len(sentence(found, lang, most=len(found)))


def test_a_step_of_two_runs() -> None:
    assert shared([0, 62, 100], [1, 10, 62]) == [0, 1, 10, 62, 100]
    assert [standing([0, 62, 100], step) for step in (0, 61, 62, 99, 5000)] == [0, 0, 1, 1, 2]
    assert standing([1, 10], 0) == 0
