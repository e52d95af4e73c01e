"""Strategies side by side: each writes what it writes alone, from one prefill and one forward pass per step."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gptviz.decoding import (
    Beam,
    BeamStep,
    Contrastive,
    Greedy,
    Sample,
    Strategy,
    compare,
    compare_events,
    compare_steps,
    diverge,
    generate,
    uniform_at,
)
from gptviz.errors import DecodingError
from gptviz.language_model import LanguageModel
from tests.test_decoding import Table, letters, tokens

SIX: dict[str, Strategy] = {
    "greedy": Greedy(),
    "beam": Beam(5),
    "cool": Sample(0.7),
    "top-k": Sample(top_k=50),
    "nucleus": Sample(top_p=0.9),
    "min-p": Sample(min_p=0.1),
}
ALL = SIX | {
    "contrastive": Contrastive(4, 0.6),
    "typical": Sample(typical_p=0.8),
    "fresh": Sample(0, repetition_penalty=1.5),
    "wide": Beam(9, 0.0),
    "diverse": Beam(6, n_groups=3, diversity_penalty=0.8),
    "patient": Beam(3, early_stopping="never"),
    "unrepeating": Sample(0, no_repeat_ngram_size=2),
    "eta": Sample(eta_cutoff=0.01),
}


def random_table(**options: Any) -> Any:
    """Thirty tokens; some texts end by token 29, at different steps."""
    rng = np.random.default_rng(4)
    return Table(rng.dirichlet(np.full(30, 0.3), 30).clip(1e-6), letters(30, end_of_text=29),
                 hidden=rng.normal(size=(30, 8)), **options)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_each_writes_what_it_writes_alone(tiny_lm: LanguageModel, seed: int) -> None:
    together = compare(tiny_lm, "Once", ALL, max_new_tokens=20, seed=seed)
    assert together.names == tuple(ALL)
    for name, strategy in ALL.items():
        alone = list(generate(tiny_lm, "Once", strategy, max_new_tokens=20, seed=seed))
        assert tokens(together.steps[name]) == tokens(alone)
        assert together.texts[name] == alone[-1].text
        for step, single in zip(together.steps[name], alone, strict=True):
            np.testing.assert_allclose(step.logits, single.logits, atol=1e-4)
            assert step.draw == single.draw


@pytest.mark.parametrize("seed", range(5))
def test_texts_that_end_make_way_for_the_others(seed: int) -> None:
    together = compare(random_table(), [0], ALL, max_new_tokens=30, seed=seed)
    for name, strategy in ALL.items():
        alone = generate(random_table(), [0], strategy, max_new_tokens=30, seed=seed)
        assert tokens(together.steps[name]) == tokens(alone)
    assert len({len(steps) for steps in together.steps.values()}) > 1
    assert "end" in {steps[-1].finish for steps in together.steps.values()}


def test_one_prefill_and_one_forward_pass_per_step() -> None:
    """Twenty tokens take 19 passes (the last one is not read) or, looking one ahead as contrastive search does, 20."""
    lm: Any = Table(np.full((6, 6), 1 / 6))
    compare(lm, [0], SIX, max_new_tokens=20)
    assert (lm.prefills, lm.passes) == (1, 19)
    lm = Table(np.full((6, 6), 1 / 6))
    compare(lm, [0], ALL, max_new_tokens=20)
    assert (lm.prefills, lm.passes) == (1, 20)


def test_the_same_chances_for_all(tiny_lm: LanguageModel) -> None:
    """Strategies that sample hold the same u at the same step, so two equal ones write the same."""
    together = compare(tiny_lm, "Once", {"a": Sample(2), "b": Sample(2), "c": Sample(1.5)}, max_new_tokens=15, seed=9)
    a, b, c = together.steps.values()
    assert [step.draw for step in a] == [step.draw for step in c]
    assert together.divergences["a", "b"] is None
    first = together.divergences["a", "c"]
    assert first is not None
    assert tokens(a)[:first] == tokens(c)[:first]
    assert tokens(a)[first] != tokens(c)[first]
    assert tokens(a) == tokens(b)


def test_where_texts_part_is_the_first_step_that_differs() -> None:
    """0 is followed by 1 or 2, 1 and 2 by 0. Greedy writes 1 0 1 0; the others go where their u says."""
    lm: Any = Table([[0.0, 0.6, 0.4], [1, 0, 0], [1, 0, 0]])
    together = compare(lm, [0], {"greedy": Greedy(), "sample": Sample()}, max_new_tokens=9, seed=3)
    first = next(i for i in range(0, 9, 2) if uniform_at(3, i) >= 0.6)
    assert together.divergences == {("greedy", "sample"): first}
    assert diverge(together.steps["greedy"], together.steps["sample"][:first]) is None


def test_totals_are_the_models_own(tiny_lm: LanguageModel) -> None:
    together = compare(tiny_lm, "Once", ALL, max_new_tokens=10, seed=2)
    for name, steps in together.steps.items():
        logprobs = tiny_lm.trace(steps[-1].ids).logprobs[len(together.ids) :]
        assert together.logprobs[name] == pytest.approx(float(logprobs.sum()), abs=1e-3)
        assert together.perplexities[name] == pytest.approx(math.exp(-float(logprobs.mean())), rel=1e-3)
    assert together.logprobs["wide"] >= together.logprobs["greedy"] - 1e-6
    assert all(name in repr(together) for name in ALL)


def test_steps_come_as_they_are_made_and_can_be_stopped() -> None:
    lm: Any = Table(np.full((6, 6), 1 / 6))
    events = compare_steps(lm, [0], {"greedy": Greedy(), "warm": Sample(1.5)}, max_new_tokens=30)
    first = [next(events) for _ in range(4)]
    assert [(name, step.index) for name, step in first] == [("greedy", 0), ("warm", 0), ("greedy", 1), ("warm", 1)]
    assert lm.passes == 1
    events.close()  # type: ignore[attr-defined]
    assert list(events) == []
    assert lm.passes == 1


def test_a_search_shows_its_best_so_far(tiny_lm: LanguageModel) -> None:
    """One record a step, while the others write; the last one's text is what its steps then say."""
    strategies = {"greedy": Greedy(), "beam": Beam(3)}
    events = list(compare_events(tiny_lm, "Once", strategies, max_new_tokens=8))
    searched = [event for _, event in events if isinstance(event, BeamStep)]
    assert [name for name, _ in events[:4]] == ["greedy", "beam"] * 2
    assert [step.index for step in searched] == list(range(len(searched)))
    assert [len(step.leader.tokens) for step in searched][:3] == [1, 2, 3]
    settled = [event for name, event in events if name == "beam" and not isinstance(event, BeamStep)]
    assert settled[-1].text == searched[-1].text
    assert settled[-1].generated == searched[-1].leader.tokens


def test_refused() -> None:
    with pytest.raises(DecodingError) as caught:
        compare(random_table(), [0], {})
    with pytest.raises(DecodingError):
        compare_events(random_table(), [0], {})
    assert caught.value.key == "decoding.nothing"
    with pytest.raises(DecodingError) as caught:
        compare(random_table(), [0], {"a": Greedy(), "b": "beam"})  # type: ignore[dict-item]
    assert caught.value.values["name"] == "b"
