"""Diverse beam and contrastive search, token for token what the last release of transformers that has them wrote.

``golden/record.py`` says which release that is, and recorded it.
"""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest

from gptviz.decoding import generate, strategy_from_dict
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import load_model
from tests.golden.record import GOLDEN, SEEDS, VERSION, numbered_gpt2
from tests.test_decoding import of_theirs, tokens

RECORDED = json.loads(GOLDEN.read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = RECORDED["cases"]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[int, GPT]:
    """The recorded models, by seed."""
    found = {}
    for seed in sorted({case["seed"] for case in CASES}):
        folder = tmp_path_factory.mktemp(f"seed{seed}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what transformers says of its own files is its business
            numbered_gpt2(seed).save_pretrained(folder)
        found[seed] = load_model(folder)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["contrastive", "beam"])
@pytest.mark.parametrize("seed", SEEDS)
def test_equals_transformers_4(models: dict[int, GPT], name: str, seed: int) -> None:
    asked = RECORDED["max_new_tokens"]
    different = []
    for case in CASES:
        if (case["seed"], case["strategy"]["name"]) != (seed, name):
            continue
        lm = of_theirs(models[seed], end_of_text=case["end"])
        found = tokens(generate(lm, case["prompt"], strategy_from_dict(case["strategy"]), max_new_tokens=asked))
        if found != case["tokens"]:
            different.append((case, found))
    assert different == []


def test_what_was_recorded_tells_the_settings_apart() -> None:
    """Texts that end and texts that do not; diversity and early stopping change what is written."""
    assert RECORDED["transformers"] == VERSION
    beams = [case for case in CASES if case["strategy"]["name"] == "beam"]
    lengths = {len(case["tokens"]) for case in beams if case["end"] is not None}
    assert {1, RECORDED["max_new_tokens"]} < lengths
    written: dict[str, set[tuple[int, ...]]] = {}
    for case in CASES:
        written.setdefault(f"{case['seed']} {case['prompt']}", set()).add(tuple(case["tokens"]))
    assert min(map(len, written.values())) > 10
