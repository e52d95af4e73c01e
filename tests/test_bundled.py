"""What the bundled models are bundled for: small to clone, sensible next tokens, heads a teacher can point at."""

from __future__ import annotations

import pytest

import gptviz
from gptviz.evaluation.induction import Induction, best, induction_test
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.paths import MODELS
from gptviz.training import snapshots

MIB = 2**20


@pytest.fixture(scope="module")
def habits(lm: LanguageModel) -> Induction:
    return induction_test(lm, count=8)


@pytest.mark.parametrize(("name", "most"), [("bilingual", 48), ("small", 24), ("blanks", 8)])
def test_the_files_are_small(name: str, most: int) -> None:
    """A clone stays quick, and no file is one that forges refuse or warn of."""
    sizes = [path.stat().st_size for path in (MODELS / name).rglob("*") if path.is_file()]
    assert sum(sizes) <= most * MIB
    assert max(sizes) <= 16 * MIB


def test_no_pickle_is_among_them() -> None:
    """Opening a pickle runs whatever its writer wished."""
    endings = {path.suffix for path in MODELS.rglob("*")}
    assert not endings & {".bin", ".pt", ".pth", ".pkl", ".ckpt"}


def test_the_default_has_the_size_it_should(lm: LanguageModel) -> None:
    assert 15e6 <= lm.config.n_parameters <= 30e6
    assert lm.config.block_size >= 256


def test_what_was_read_once_is_expected_the_second_time(habits: Induction) -> None:
    """The bar of the model's card: nonsense costs at most half as many bits when it comes again."""
    assert habits.ratio <= 0.5


def test_there_are_heads_to_point_at(habits: Induction) -> None:
    assert best(habits.prefix_matching)[0].score > 0.5
    assert best(habits.previous_token)[0].score > 0.3
    assert best(habits.first_token)[0].score > 0.3


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Once upon a time there was a little", {" girl", " boy"}),
        ("How are", {" you"}),
        ("She was very happy because", {" she"}),
        ("for i in", {" range"}),
        ("class Stack:\n    def __init__(", {"self"}),
    ],
)  # fmt: skip
def test_the_likeliest_token_is_one_that_a_reader_expects(lm: LanguageModel, prompt: str, expected: set[str]) -> None:
    assert lm.tokenizer.decode([int(lm.trace(prompt).logits[-1].argmax())]) in expected


@pytest.mark.slow
def test_the_siblings_heads_form_while_it_is_watched() -> None:
    """At first no head finds what it has read before; at the end one does, and the loss has fallen on the way."""
    finished = gptviz.load(MODELS / "small")
    kept = snapshots.read(MODELS / "small")
    assert 10 <= len(kept.moments) <= 12
    losses = [moment.valid_loss for moment in kept.moments]
    assert all(loss is not None for loss in losses)
    assert losses == sorted(losses, reverse=True)  # type: ignore[type-var]
    first, last = (LocalModel(kept.model(kept.moments[i]), finished.tokenizer) for i in (0, -1))
    before, after = (best(induction_test(lm, count=4).prefix_matching)[0].score for lm in (first, last))
    assert before < 0.05
    assert after > 0.3
