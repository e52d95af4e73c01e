"""Contrastive search: a worked example, the paper's formula, and the last release of transformers that runs it."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from gptviz.decoding import Contrastive, Greedy, generate
from gptviz.errors import DecodingError
from gptviz.weights import load_model
from tests.parity import pair
from tests.test_decoding import Table, of_theirs, tokens


def test_contrastive_search_weighs_likeliness_against_likeness() -> None:
    """After a come a 0.6, b 0.4. Hidden states: a = (1, 0), b = (0.6, 0.8), so cos(a, a) = 1 and cos(a, b) = 0.6.
    With alpha = 0.5: a scores 0.5·0.6 - 0.5·1 = -0.2, b 0.5·0.4 - 0.5·0.6 = -0.1: b, though a is likelier."""
    lm = Table([[0.6, 0.4], [0.5, 0.5]], hidden=[[1, 0], [0.6, 0.8]])
    step = next(generate(lm, [0], Contrastive(2, 0.5)))  # type: ignore[arg-type]
    assert step.token == 1
    assert [c.token for c in step.candidates] == [0, 1]
    assert [c.similarity for c in step.candidates] == pytest.approx([1, 0.6])
    assert [c.score for c in step.candidates] == pytest.approx([-0.2, -0.1])
    assert [stage.name for stage in step.stages] == ["model", "top_k", "contrastive"]
    assert step.prob == 1


def contrastive_twin(model: Any, ids: list[int], k: int, alpha: float, count: int) -> list[int]:
    """Su et al. 2022, equation 5, with nothing kept between steps."""
    for _ in range(count):
        with torch.inference_mode():
            probs, best = torch.softmax(model(torch.tensor([ids])).logits[0, -1], -1).topk(k)
            hidden = model.transformer(torch.tensor([[*ids, token] for token in best.tolist()])).last_hidden_state
        unit = torch.nn.functional.normalize(hidden, dim=-1)
        likeness = torch.stack([(row[:-1] @ row[-1]).max() for row in unit])
        ids = [*ids, int(best[((1 - alpha) * probs - alpha * likeness).argmax()])]
    return ids


@pytest.mark.parametrize(("k", "alpha"), [(2, 0.6), (10, 0.3), (64, 1.0)])
def test_contrastive_search_equals_the_formula(tmp_path: Path, k: int, alpha: float) -> None:
    model, ours = pair(tmp_path, seed=6)
    expected = contrastive_twin(model, [5, 6, 7], k, alpha, 12)
    steps = list(generate(of_theirs(ours), [5, 6, 7], Contrastive(k, alpha), max_new_tokens=12))
    assert list(steps[-1].ids) == expected
    assert tokens(steps) != tokens(generate(of_theirs(ours), [5, 6, 7], Greedy(), max_new_tokens=12))


#: What transformers 4.55.4 (the last line of releases that run contrastive search themselves) generates after 1, 2, 3
#: on ``numbered_gpt2(seed)`` with ``top_k=k, penalty_alpha=alpha, max_new_tokens=24, eos_token_id=None``.
CONTRASTIVE = {
    (1, 4, 0.6): [49, 44, 15, 36, 15, 13, 8, 8, 8, 8, 8, 8, 8, 8, 8, 6, 6, 8, 8, 8, 8, 8, 8, 8],
    (1, 3, 0.9): [49, 44, 15, 6, 32, 13, 9, 8, 0, 8, 5, 6, 15, 1, 48, 49, 15, 0, 6, 19, 13, 35, 6, 47],
    (2, 4, 0.6): [44, 44, 1, 1, 1, 1, 30, 1, 1, 1, 43, 1, 1, 44, 1, 1, 44, 1, 44, 1, 6, 1, 44, 10],
    (2, 8, 0.4): [44, 44, 1, 1, 1, 1, 44, 1, 1, 1, 44, 1, 1, 1, 44, 1, 1, 1, 44, 1, 1, 44, 1, 1],
    (2, 3, 0.9): [44, 44, 1, 1, 44, 1, 30, 39, 1, 1, 43, 1, 47, 47, 39, 1, 44, 6, 1, 12, 1, 1, 44, 1],
}


def numbered_gpt2(seed: int) -> Any:
    """A GPT-2 whose weights come from numpy's generator, in order of name: the same in every version of torch."""
    config = GPT2Config(n_layer=2, n_head=2, n_embd=16, n_positions=64, vocab_size=50, attn_implementation="eager")
    model = GPT2LMHeadModel(config).eval()
    rng = np.random.Generator(np.random.PCG64(seed))
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            centre = 1.0 if "ln_" in name and name.endswith("weight") else 0.0
            noise = (0.4 * rng.standard_normal(parameter.shape)).astype(np.float32)
            parameter.copy_(torch.from_numpy(noise) + centre)
    return model


@pytest.mark.parametrize(("seed", "k", "alpha"), CONTRASTIVE)
def test_contrastive_search_equals_transformers_4(tmp_path: Path, seed: int, k: int, alpha: float) -> None:
    model = numbered_gpt2(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what transformers says of its own files is its business
        model.save_pretrained(tmp_path)
    steps = generate(of_theirs(load_model(tmp_path)), [1, 2, 3], Contrastive(k, alpha), max_new_tokens=24)
    assert tokens(steps) == CONTRASTIVE[seed, k, alpha]


@pytest.mark.parametrize("wrong", [{"top_k": 0}, {"top_k": 65}, {"penalty_alpha": 1.5}, {"penalty_alpha": math.nan}])
def test_contrastive_refuses(wrong: dict[str, Any]) -> None:
    with pytest.raises(DecodingError):
        Contrastive(**wrong)
