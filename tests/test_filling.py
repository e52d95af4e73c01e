"""A blank is filled by what the two models say of it: recomputed in numpy, against their own kind of reading."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz import analysis, catalogue
from gptviz.analysis.filling import MOST_CHARS, Pair, pair
from gptviz.errors import PromptError
from gptviz.i18n import languages
from gptviz.language_model import LocalModel
from gptviz.training import blanks
from gptviz.ui.pages.masks.presets import PRESETS, presets
from tests.plain import everything

pytestmark = pytest.mark.slow

SENTENCE = "The dog barks at the cat."


@pytest.fixture(scope="module")
def models() -> Pair:
    return pair()


def said(model: LocalModel, ids: list[int], at: int, mask: int) -> np.ndarray:
    """(V,) by numpy, the mask left out."""
    hidden = everything(model.model, ids)["hidden"][at]
    logits = model.model.lm_head.weight.double().numpy()[: model.n_tokens] @ hidden
    logits[mask] = -np.inf
    exp = np.exp(logits - logits.max())
    return np.asarray(exp / exp.sum())


def test_both_guesses_are_numpys(models: Pair) -> None:
    tokenizer = models.masked.tokenizer
    ids, mask, end = tokenizer.encode(SENTENCE), tokenizer.encode("_")[0], tokenizer.end_of_text
    assert end is not None
    found = analysis.fill(SENTENCE, 1)
    assert (found.at, found.true, found.ids) == (1, ids[1], (ids[0], mask, *ids[2:]))
    masked = said(models.masked, [end, ids[0], mask, *ids[2:], end], 2, mask)  # type: ignore[arg-type]
    causal = said(models.causal, [end, ids[0]], 1, mask)  # type: ignore[arg-type]
    for guess, wanted in ((found.masked, masked), (found.causal, causal)):
        np.testing.assert_allclose(guess.probs[: len(wanted)], wanted, atol=1e-5)
        assert guess.bits == pytest.approx(-np.log2(wanted[ids[1]]), abs=1e-3)
        assert guess.rank == 1 + int((wanted > wanted[ids[1]]).sum())
        assert list(guess.top) == np.argsort(-guess.probs, kind="stable")[:8].tolist()
        p = wanted[wanted > 0]
        assert guess.entropy == pytest.approx(-(p * np.log2(p)).sum(), abs=1e-3)


def test_only_one_of_them_reads_on() -> None:
    """Another end of the sentence changes what the masked model says, and not one bit of what its twin does."""
    barks, purrs = (analysis.fill(f"The ___ {verb} at the cat.") for verb in ("barks", "purrs"))
    assert (barks.causal.probs == purrs.causal.probs).all()
    word = pair().masked.tokenizer.decode
    assert (word(barks.masked.top[:1]), word(purrs.masked.top[:1])) == (" dog", " cat")
    assert barks.true is barks.masked.bits is barks.causal.rank is None


def test_sentences_that_nobody_was_trained_on_cost_half_the_bits() -> None:
    """Over every word of them."""
    sums = np.zeros(2)
    texts = {s.text: s for s in islice(blanks.sentences(77), 4000) if blanks.held_out(s.text)}
    for text, sentence in islice(texts.items(), 40):
        for word in range(len(sentence.words)):
            found = analysis.fill(text, word)
            sums += (found.masked.bits or 0.0, found.causal.bits or 0.0)
    assert 2 * sums[0] < sums[1]


@pytest.mark.parametrize(("sentence", "word"), [one for some in PRESETS.values() for one in some])
def test_presets_show_what_they_are_there_for(sentence: str, word: int) -> None:
    """The masked model is near certain of the word or its kind; its twin needs more bits, having read less."""
    found = analysis.fill(sentence, word)
    assert found.masked.bits is not None
    assert found.causal.bits is not None
    assert found.masked.bits + 0.5 < found.causal.bits


def test_presets_are_offered_in_both_languages() -> None:
    for lang in languages():
        assert presets(lang)[: len(PRESETS[lang])] == list(PRESETS[lang])
        assert len(presets(lang)) > len(PRESETS[lang])


@pytest.mark.parametrize(
    ("sentence", "word", "key"),
    [("", None, "fill.empty"), ("   ", 0, "fill.empty"), ("___ and ___", None, "fill.blanks"),
     (SENTENCE, None, "fill.no_blank"), (SENTENCE, 7, "fill.no_word"), (SENTENCE, -1, "fill.no_word"),
     ("The ___ computes.", None, "fill.unknown"), ("企鹅在___上睡觉。", None, "fill.unknown"),
     ("a" * (MOST_CHARS + 1), None, "fill.long"), ("了" * 40, 1, "fill.words")],
)  # fmt: skip
def test_what_cannot_be_filled_is_said(sentence: str, word: int | None, key: str) -> None:
    with pytest.raises(PromptError) as caught:
        analysis.fill(sentence, word)
    assert caught.value.key == key
    if key == "fill.unknown":
        assert ("computes" in str(caught.value)) != ("企" in str(caught.value))


def test_small_and_large_letters_and_several_underscores_are_read_alike() -> None:
    one, other = analysis.fill("the _____ barks at the cat ."), analysis.fill("The ___ barks at the cat.")
    assert one.ids == other.ids or one.masked.top[0] == other.masked.top[0]
    assert analysis.fill("小狗在＿＿上睡觉。").ids == analysis.fill("小狗在_上睡觉。").ids


@given(st.text(max_size=60), st.integers(-3, 30))
def test_any_text_is_filled_or_refused_in_a_sentence(text: str, word: int) -> None:
    try:
        found = analysis.fill(text, word)
    except PromptError as error:
        said = error.key.partition(".")[0], len(error.say("en")) < 600
    else:
        said = "fill", found.masked.probs.sum() == pytest.approx(1.0)
    assert said == ("fill", True)


def test_the_pair_is_one_shape_and_in_no_menu(models: Pair) -> None:
    """Whoever continues a text must not choose a model that cannot."""
    assert (models.masked.config.causal, models.causal.config.causal) == (False, True)
    shapes = [{name: value for name, value in vars(one.config).items() if name != "causal"} for one in models]
    assert shapes[0] == shapes[1]
    assert models.masked.config.n_parameters <= 1_500_000
    assert models.masked.tokenizer.fingerprint == models.causal.tokenizer.fingerprint
    made = blanks.tokenizer()  # the models' has rows besides that only pad their matrices
    assert [models.masked.tokenizer.token_bytes(i) for i in range(made.vocab_size)] == [
        made.token_bytes(i) for i in range(made.vocab_size)
    ]
    assert not {"blanks", "masked", "causal"} & catalogue.bundled().keys()
