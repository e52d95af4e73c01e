"""A trunk that was tuned under a head, as a model: the same trunk, under the base's unembedding, with its story."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gptviz import catalogue, tuning
from gptviz.language_model import LocalModel
from gptviz.tuning.examples import Example, Tagged
from gptviz.tuning.saved import headless, merged
from gptviz.tuning.saved_names import SAID
from gptviz.tuning.story import Story, story
from gptviz.tuning.tuner import Tuning

TEXTS = [Example(f"{word} {i}", label) for i in range(8) for word, label in (("ab", "yes"), ("cd", "no"))]
SENTENCES = [Tagged(("Ann", "met", "Bob"), ("B-PER", "O", "B-PER")), Tagged(("in", "Rome"), ("O", "B-LOC"))] * 4
ROWS = torch.tensor([[1, 2, 30, 62, 5, 9], [40, 41, 62, 3, 3, 7]])
MERGING = ("full", "lora", "adalora", "bitfit", "head")


def learnt(lm: LocalModel, name: str, tags: bool = False) -> Tuning:
    """Two passes at a high rate, of which the last step is kept: what can move has moved."""
    config = tuning.TuneConfig(method=tuning.method(name), epochs=2, batch_size=4, learning_rate=1e-2, valid_share=0)
    run = tuning.Labelling(lm, SENTENCES, config) if tags else tuning.Classification(lm, TEXTS, config)
    run.learn()
    return run


@pytest.mark.parametrize("tags", [False, True], ids=["classifier", "tagger"])
@pytest.mark.parametrize("name", MERGING)
def test_its_hidden_states_are_the_trunks_and_its_unembedding_the_bases(
    name: str, tags: bool, tiny_lm: LocalModel, tmp_path: Path
) -> None:
    run = learnt(tiny_lm, name, tags)
    tuning.save(run, tiny_lm, tmp_path)
    opened = catalogue.load_folder(tmp_path / "model", weights="float32")
    with torch.no_grad():
        torch.testing.assert_close(opened.model(ROWS), run.trunk(ROWS), atol=1e-5, rtol=1e-5)
        assert torch.equal(opened.model(ROWS), tiny_lm.model(ROWS)) == (name == "head")
    assert torch.equal(opened.model.lm_head.weight, tiny_lm.model.lm_head.weight)
    trace = opened.trace([1, 2, 30, 62])
    unembedded = trace.hidden[-1] @ tiny_lm.model.lm_head.weight.detach().numpy().T
    np.testing.assert_allclose(trace.logits_at(-1), unembedded[: opened.n_tokens], atol=1e-4)


def test_a_tied_embedding_that_was_learnt_is_no_unembedding(tiny_lm: LocalModel, tmp_path: Path) -> None:
    """Under a head it learns as it goes in alone: so the two come apart, and the file says so."""
    assert tiny_lm.config.tied
    run = learnt(tiny_lm, "full")
    moved = (run.trunk.model.transformer["wte"].weight - tiny_lm.model.lm_head.weight).abs().max()
    assert float(moved.detach()) > 1e-3
    assert merged(run, tiny_lm).config.tied
    apart = headless(run, tiny_lm)
    assert not apart.config.tied
    tuning.save(run, tiny_lm, tmp_path)
    theirs = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "model", dtype=torch.float32).eval()
    with torch.no_grad():
        wanted = theirs(ROWS).logits
        found = apart.model(ROWS) @ apart.model.lm_head.weight.T
    torch.testing.assert_close(found, wanted, atol=2e-4, rtol=1e-4)
    assert headless(learnt(tiny_lm, "lora"), tiny_lm).config.tied  # nothing that is tied has moved


@pytest.mark.parametrize("name", MERGING)
def test_its_head_opens_on_what_became_of_it(name: str, tiny_lm: LocalModel, tmp_path: Path) -> None:
    run = learnt(tiny_lm, name)
    tuning.save(run, tiny_lm, tmp_path)
    opened: Any = tuning.open_tuned(tmp_path, catalogue.load_folder(tmp_path / "model"))
    rows = [[1, 2, 3], [40, 41, 62, 3]]
    np.testing.assert_allclose(opened.logits(rows), run.learner.logits(rows), atol=1e-5)  # type: ignore[operator]
    with pytest.raises(Exception, match="learnt on another model"):
        tuning.open_tuned(tmp_path, headless(learnt(tiny_lm, "bitfit", tags=True), tiny_lm))


def test_its_folder_says_what_it_was_tuned_for(tiny_lm: LocalModel, tmp_path: Path) -> None:
    tuning.save(learnt(tiny_lm, "lora"), tiny_lm, tmp_path / "texts")
    assert story(tmp_path / "texts" / "model") == Story("labels", ("no", "yes"), "tiny", "lora")
    tuning.save(learnt(tiny_lm, "bitfit", tags=True), tiny_lm, tmp_path / "words")
    assert story(tmp_path / "words" / "model") == Story("tags", ("LOC", "PER"), "tiny", "bitfit")
    assert story(tmp_path) is None
    assert story(Path(catalogue.path_of("small"))) is None


FIELDS = ("labels", "tags", "base", "method")
JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=8), lambda inner: st.lists(inner)
                    | st.dictionaries(st.sampled_from(FIELDS), inner), max_leaves=8)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, JSON)) | JSON)
def test_whatever_a_story_says_is_bounded_or_none(said: Any, tmp_path: Path) -> None:
    (tmp_path / SAID).write_text(json.dumps(said), encoding="utf-8")
    found = story(tmp_path)
    assert found is None or (found.names and all(len(name) <= 80 for name in found.names) and len(found.names) <= 40)
    (tmp_path / SAID).write_bytes(b"\xff" + b"[" * 100_000)
    assert story(tmp_path) is None
