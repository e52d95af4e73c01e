"""Weights in fewer bits: the same model, and how far it is from the one in float32."""

from __future__ import annotations

import shutil
from copy import deepcopy
from pathlib import Path
from string import ascii_letters, digits

import numpy as np
import pytest
import torch

import gptviz
from gptviz.catalogue import PROBE
from gptviz.decoding import Greedy
from gptviz.errors import WeightsError
from gptviz.gpt import quantization
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT
from gptviz.gpt.quantization import Narrow, NarrowConv1D, NarrowHead, error, held_as, narrowed
from gptviz.gpt.weights import load_model, save_model
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.paths import MODELS
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import PROMPTS, random_model

pytestmark = pytest.mark.skipif(
    torch.backends.quantized.engine not in ("x86", "fbgemm"), reason="float16 weights need an x86 processor"
)
IDS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantization, "LARGE", 1)


def _models(tied: bool = True) -> tuple[LanguageModel, LanguageModel]:
    """(in float32, in float16), of the same random weights."""
    wide = random_model(GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=32, vocab_size=64, tied=tied))
    tokenizer = Tokenizer.characters(ascii_letters + digits + " .")
    return LocalModel(wide, tokenizer), LocalModel(narrowed(deepcopy(wide), "float16"), tokenizer)


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize("tied", [True, False])
def test_it_computes_what_float32_computes_with_the_rounded_weights(tied: bool) -> None:
    """Only the weights are narrow: rounding them, and nothing else, in a float32 model gives the same logits."""
    wide, narrow = _models(tied)
    rounded = deepcopy(wide.model)
    with torch.no_grad():
        for name, parameter in rounded.named_parameters():
            if parameter.ndim == 2 and "wpe" not in name:
                parameter.copy_(parameter.half().float())
    expected = LocalModel(rounded, wide.tokenizer).trace(IDS).logits
    np.testing.assert_allclose(narrow.trace(IDS).logits, expected, atol=2e-5 * np.abs(expected).max())
    assert not np.array_equal(wide.trace(IDS).logits, narrow.trace(IDS).logits)


@pytest.mark.usefixtures("everything_is_large")
def test_the_weights_shown_are_those_multiplied_with() -> None:
    wide, narrow = _models()
    for ours, theirs in zip(narrow.model.blocks, wide.model.blocks, strict=True):
        assert isinstance(ours.mlp.c_fc, NarrowConv1D)
        assert torch.equal(ours.mlp.c_fc.weight, theirs.mlp.c_fc.weight.half().float())
    assert isinstance(narrow.model.lm_head, NarrowHead)
    assert torch.equal(narrow.model.lm_head.weight, wide.model.lm_head.weight.half().float())


@pytest.mark.usefixtures("everything_is_large")
def test_a_later_token_changes_no_earlier_number() -> None:
    """Nothing is scaled by what else is being read: alone, within a longer text, or added to it, a row is the same."""
    _, narrow = _models()
    whole, start = narrow.trace(IDS), narrow.trace(IDS[:4])
    grown = narrow.trace(IDS, reuse=start)
    assert grown.start == 4
    np.testing.assert_allclose(whole.logits[:4], start.logits, atol=1e-5 * np.abs(start.logits).max())
    np.testing.assert_allclose(grown.logits, whole.logits, atol=1e-5 * np.abs(whole.logits).max())
    reader = narrow.prefill(IDS[:4])
    reader.append([IDS[4]])
    np.testing.assert_allclose(reader.logits[0], whole.logits[4], atol=1e-5 * np.abs(whole.logits).max())


@pytest.mark.parametrize("text", PROMPTS)
def test_the_bundled_model_loses_nothing(lm: LanguageModel, text: str) -> None:
    """Its file is in fp16 already, so float16 holds every weight as it is, asked for or not."""
    wide = gptviz.load(weights="float32")
    assert isinstance(lm.model.lm_head, NarrowHead)
    found = error(wide, lm, text)
    assert found.largest < 1e-3
    assert abs(found.divergence) < 1e-7
    assert found.agreement == 1.0
    ours, theirs = (list(m.generate(text, Greedy(), max_new_tokens=8))[-1] for m in (wide, lm))
    assert ours.ids == theirs.ids


def test_small_matrices_stay_as_they_are(tiny_model: GPT) -> None:
    """For them the detour costs what the fewer bytes save."""
    model = narrowed(deepcopy(tiny_model), "float16")
    assert model.rounded_to is None
    assert not [m for m in model.modules() if isinstance(m, NarrowConv1D | NarrowHead)]


def test_what_loses_nothing_is_held_narrow_unasked(lm: LanguageModel) -> None:
    """``auto``: half the memory to read, and the same model to the last bit of every weight."""
    wide = gptviz.load(weights="float32")
    assert isinstance(lm.model.lm_head, NarrowHead)
    assert any(isinstance(module, NarrowConv1D) for module in lm.model.modules())
    assert not any(isinstance(module, Narrow) for module in wide.model.modules())
    ours, theirs = lm.model.state_dict(), wide.model.state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert lm.fingerprint == wide.fingerprint
    assert lm.model.rounded_to is wide.model.rounded_to is None


def test_an_edit_that_would_do_nothing_is_refused() -> None:
    """``weight`` of a narrow matrix is a copy: an ablation that changes it must not seem to have worked."""
    model = gptviz.load().model
    for module in (model.lm_head, model.transformer["wte"], next(iter(model.blocks)).mlp.c_fc):
        assert isinstance(module, Narrow)
        with pytest.raises(RuntimeError, match=r"(?i)inference"):
            module.weight[0] = 0.0
        with pytest.raises((KeyError, AttributeError)):
            module.weight = torch.nn.Parameter(module.weight.clone())  # type: ignore[misc]


def test_other_edits_do_something() -> None:
    narrow, wide = gptviz.load(), gptviz.load(weights="float32")
    for lm in (narrow, wide):
        for block in lm.model.blocks:
            block.mlp.c_proj.bias += 0.1
            block.ln_1.weight *= 1.1
    wide.model.lm_head.weight[0] = 0.0
    ours, theirs, before = (lm.trace("The cat").logits for lm in (narrow, wide, gptviz.load()))
    assert (theirs[:, 0] == 0).all()
    assert np.abs(ours[:, 1:] - theirs[:, 1:]).max() < 1e-3 < np.abs(ours - before)[:, 1:].max()


def test_it_can_be_saved_like_any_other(lm: LanguageModel, tmp_path: Path) -> None:
    save_model(lm.model, tmp_path)
    again = load_model(tmp_path).state_dict()
    assert all(torch.equal(again[name], weight) for name, weight in lm.model.state_dict().items())


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize("name", ["h.0.attn.c_proj", "h.1.mlp.c_fc", "wte"])
def test_one_number_that_float16_does_not_have_keeps_its_matrix_wide(name: str) -> None:
    model = random_model(GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=32, vocab_size=64))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.half().float())
        model.get_submodule(f"transformer.{name}").weight[-1, -1] = 1 / 3
    before = {key: value.clone() for key, value in model.state_dict().items()}
    narrow = narrowed(model, "auto")
    for key, value in narrow.state_dict().items():
        assert torch.equal(value, before[key])
    modules = dict(narrow.transformer.named_modules())
    assert not isinstance(modules[name], Narrow)
    assert isinstance(modules["h.0.mlp.c_proj"], Narrow)
    assert isinstance(narrow.lm_head, Narrow) == (name != "wte")


def test_rounded_weights_come_with_their_error(tmp_path: Path) -> None:
    """Measured when they are loaded, against the numbers of the file; float16 of a file in fp16 costs nothing."""
    model = random_model(GPTConfig(n_layer=1, n_head=2, n_embd=64, block_size=32, vocab_size=16384))
    save_model(model, tmp_path, dtype=torch.float32)
    for name in ("vocab.tiktoken", "vocabulary.json"):
        shutil.copy(MODELS / "bilingual" / name, tmp_path)
    rounded, wide = gptviz.load(tmp_path, weights="float16"), gptviz.load(tmp_path)
    assert held_as(rounded.model) == "float16"
    assert held_as(wide.model) == "float32"
    assert wide.rounding is None
    assert rounded.rounding is not None
    assert rounded.rounding == pytest.approx(error(wide, rounded, PROBE))
    assert 0 < rounded.rounding.largest < 0.1
    assert gptviz.load(weights="float16").rounding is None


def test_error_of_a_worked_example() -> None:
    """Two tokens, one position: logits (0, 0) against (0, ln 3), so (1/2, 1/2) against (1/4, 3/4).

    KL = 1/2 ln(1/2 : 1/4) + 1/2 ln(1/2 : 3/4) = 1/2 ln 2 + 1/2 ln(2/3) = 1/2 ln(4/3).
    """

    class Fixed:
        def __init__(self, *logits: float) -> None:
            self.logits = np.array([logits], dtype=np.float32)

        def trace(self, prompt: str) -> Fixed:
            return self

    found = error(Fixed(0.0, 0.0), Fixed(0.0, np.log(3)), "x")  # type: ignore[arg-type]
    assert found.largest == pytest.approx(np.log(3))
    assert found.divergence == pytest.approx(0.5 * np.log(4 / 3))
    assert found.agreement == 0.0


@pytest.mark.parametrize("value", ["int3", "", "FLOAT16"])
def test_other_weights_are_refused_before_anything_is_read(value: str) -> None:
    with pytest.raises(WeightsError) as caught:
        gptviz.load("nobody/nothing", weights=value)
    assert caught.value.key == "weights.bits"
    for lang in ("en", "zh"):
        assert "auto, float32, float16" in caught.value.say(lang)


def test_a_processor_that_cannot_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class Elsewhere:
        engine = "qnnpack"

    monkeypatch.setattr(torch.backends, "quantized", Elsewhere)
    with pytest.raises(WeightsError) as caught:
        gptviz.load(weights="float16")
    assert caught.value.key == "weights.bits_here"
    for weights in ("auto", "float32"):
        model = gptviz.load(weights=weights).model
        assert not any(isinstance(module, Narrow) for module in model.modules())


@pytest.mark.usefixtures("everything_is_large")
def test_a_rounded_model_is_not_saved_over_a_wide_one(tmp_path: Path, tiny_model: GPT) -> None:
    with pytest.raises(WeightsError) as caught:
        save_model(narrowed(deepcopy(tiny_model), "float16"), tmp_path)
    assert caught.value.key == "weights.narrow"
    assert not list(tmp_path.iterdir())
