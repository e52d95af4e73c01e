"""Contrastive search: a worked example, and the paper's formula (``test_golden`` has transformers' own runs)."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch

from gptviz.decoding import Contrastive, Greedy, generate
from gptviz.errors import DecodingError
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


@pytest.mark.slow
@pytest.mark.parametrize(("k", "alpha"), [(2, 0.6), (10, 0.3), (64, 1.0)])
def test_contrastive_search_equals_the_formula(tmp_path: Path, k: int, alpha: float) -> None:
    model, ours = pair(tmp_path, seed=6)
    expected = contrastive_twin(model, [5, 6, 7], k, alpha, 12)
    steps = list(generate(of_theirs(ours), [5, 6, 7], Contrastive(k, alpha), max_new_tokens=12))
    assert list(steps[-1].ids) == expected
    assert tokens(steps) != tokens(generate(of_theirs(ours), [5, 6, 7], Greedy(), max_new_tokens=12))


@pytest.mark.parametrize("wrong", [{"top_k": 0}, {"top_k": 65}, {"penalty_alpha": 1.5}, {"penalty_alpha": math.nan}])
def test_contrastive_refuses(wrong: dict[str, Any]) -> None:
    with pytest.raises(DecodingError):
        Contrastive(**wrong)
