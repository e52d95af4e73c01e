"""What everything above a model talks to: the protocol is enough for all of it, and the local side keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gptviz
from gptviz import decoding
from gptviz.evaluation import cloze, induction
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT
from gptviz.language_model import LanguageModel, LocalModel, LocalReader, Reader
from gptviz.views import surprise

PROMISED = {name for name in vars(LanguageModel) if not name.startswith("_")}
READER = {"logits"} | {name for name in vars(Reader) if not name.startswith("_")}
KINDS: dict[str, Callable[[str], bool]] = {
    "tokens": lambda name: "wte" in name or "lm_head" in name,
    "positions": lambda name: "wpe" in name,
    "attention": lambda name: ".attn." in name,
    "mlp": lambda name: ".mlp." in name,
    "norms": lambda name: ".ln_" in name,
}


class Only:
    """Something of which nothing can be had but what was promised: as one that computes elsewhere would be."""

    def __init__(self, behind: Any, promised: set[str]) -> None:
        self._behind, self._promised = behind, promised

    def __getattr__(self, name: str) -> Any:
        if name not in self._promised:
            raise AssertionError(f"{name} is not part of what a language model promises")
        found = getattr(self._behind, name)
        return self._reading(found) if name in ("prefill", "select") else found

    @staticmethod
    def _reading(make: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **options: Only(make(*args, **options), READER)


@pytest.fixture
def elsewhere(tiny_lm: LocalModel) -> Any:
    """The tiny model, behind the protocol alone."""
    return Only(tiny_lm, PROMISED)


@pytest.mark.parametrize(
    "strategy",
    [decoding.Greedy(), decoding.Sample(temperature=0.9, top_p=0.8), decoding.Beam(width=3),
     decoding.Contrastive(top_k=3, penalty_alpha=0.5)],
    ids=lambda strategy: strategy.name,
)  # fmt: skip
def test_every_strategy_writes_with_no_more_than_is_promised(
    elsewhere: Any, tiny_lm: LocalModel, strategy: decoding.Strategy
) -> None:
    ours = [step.ids for step in decoding.generate(elsewhere, "abc", strategy, max_new_tokens=6, seed=3)]
    assert ours == [step.ids for step in tiny_lm.generate("abc", strategy, max_new_tokens=6, seed=3)]


def test_comparison_scores_and_measures_need_no_more(elsewhere: Any, tiny_lm: LocalModel) -> None:
    both = {"greedy": decoding.Greedy(), "sample": decoding.Sample()}
    found, expected = (gptviz.compare(lm, "abc", both, max_new_tokens=5, seed=1) for lm in (elsewhere, tiny_lm))
    assert found.texts == expected.texts
    assert found.logprobs == expected.logprobs
    assert surprise.read(elsewhere, "the cat sat") == surprise.read(tiny_lm, "the cat sat")
    habits, other = (induction.induction_test(lm, count=2) for lm in (elsewhere, tiny_lm))
    np.testing.assert_array_equal(habits.prefix_matching, other.prefix_matching)
    asked = [cloze.Cloze("en", "abc", ("d",)), cloze.Cloze("en", "the cat", (" sat", "s"))]
    assert list(cloze.answers(elsewhere, asked)) == list(cloze.answers(tiny_lm, asked))


def test_what_is_promised_is_there(tiny_lm: LocalModel) -> None:
    assert {"ids", "trace", "score", "prefill", "generate", "weights", "fingerprint", "rounding"} < PROMISED
    assert "model" not in PROMISED
    reader = tiny_lm.prefill("abc")
    assert isinstance(reader, LocalReader)
    for thing, names in ((tiny_lm, PROMISED), (reader, READER)):
        for name in names:
            getattr(thing, name)
    assert isinstance(gptviz.load(), LocalModel)


def test_how_weights_are_held_is_told() -> None:
    assert gptviz.load(weights="float32").weights == "float32"


@pytest.mark.parametrize("changes", [{}, {"tied": False}, {"position": "rotary"}, {"n_layer": 3, "block_size": 7}])
def test_the_parameters_of_each_kind_are_counted(changes: dict[str, Any]) -> None:
    """Against the tensors that there are, by their names."""
    config = GPTConfig(**({"n_layer": 2, "n_head": 2, "n_embd": 8, "block_size": 16, "vocab_size": 32} | changes))
    found = dict(GPT(config).named_parameters())
    expected = {kind: sum(p.numel() for name, p in found.items() if is_kind(name)) for kind, is_kind in KINDS.items()}
    assert config.parameters == {kind: count for kind, count in expected.items() if count}
    assert config.n_parameters == sum(p.numel() for p in found.values())
