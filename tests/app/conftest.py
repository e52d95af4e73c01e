"""Fixtures of the app's tests: visitors, and model folders to switch to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from gptviz import finding
from gptviz.catalogue import ENVIRONMENT
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import save_model
from gptviz.language_model import LanguageModel
from gptviz.tokens.tokenizer import Tokenizer

#: name, block_size, tokenizer → the folder of a small random model, offered in the app's menu.
MakeModel = Callable[..., Path]


@pytest.fixture(autouse=True)
def _as_it_was(threads: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app sets torch's threads and reads the environment; neither may reach the next test."""
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.delenv(finding.ENVIRONMENT, raising=False)
    # for every session AppTest reads the metadata of all installed packages, four fifths of its time; ours is in none
    monkeypatch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", list)


@pytest.fixture
def make_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lm: LanguageModel) -> MakeModel:
    """Writes a model folder. Give each its own name: the app keeps loaded models by name."""

    def make(name: str, *, block_size: int = 64, tokenizer: Tokenizer | None = None, n_layer: int = 2) -> Path:
        words = tokenizer or lm.tokenizer
        config = GPTConfig(n_layer=n_layer, n_head=2, n_embd=16, block_size=block_size, vocab_size=words.vocab_size)
        torch.manual_seed(0)
        save_model(GPT(config), tmp_path / "models" / name)
        words.save(tmp_path / "models" / name)
        monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "models"))
        return tmp_path / "models" / name

    return make
