"""Tokenizers that Hugging Face's libraries write, small ones, to be read here and there alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

TEXT = "the cat sat on the mat, the rat ran: it said 我今天很好，今天很好。 in the dim room\n" * 20
ENDING = "<|endoftext|>"


def learnt(*, special: Sequence[str] = (ENDING,), size: int = 300) -> Any:
    """A byte-level BPE of GPT-2's kind, learnt on a few words (``tokenizers.Tokenizer``)."""
    tokenizers = pytest.importorskip("tokenizers")
    level = tokenizers.pre_tokenizers.ByteLevel
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer, made.decoder = level(add_prefix_space=False), tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=size, show_progress=False, special_tokens=list(special), initial_alphabet=level.alphabet()
    )
    made.train_from_iterator([TEXT], trainer)
    return made


def written(folder: Path, made: Any, *, edit: Callable[[dict[str, Any]], None] | None = None,
            settings: dict[str, Any] | None = None) -> Any:  # fmt: skip
    """The folder that transformers writes of it; what transformers makes of that folder again is returned."""
    transformers = pytest.importorskip("transformers")
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    options = {"eos_token": ENDING, "bos_token": ENDING} | (settings or {})
    transformers.PreTrainedTokenizerFast(tokenizer_object=made, **options).save_pretrained(folder)
    if edit is not None:
        path = folder / "tokenizer.json"
        about = json.loads(path.read_text(encoding="utf-8"))
        edit(about)
        path.write_text(json.dumps(about), encoding="utf-8")
    return transformers.AutoTokenizer.from_pretrained(folder)


def slow(folder: Path, made: Any, **files: Any) -> Any:
    """The same as ``vocab.json`` with ``merges.txt``, and JSON files by name (``added_tokens={…}``)."""
    transformers = pytest.importorskip("transformers")
    made.model.save(str(folder))
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    for name, about in files.items():
        (folder / f"{name}.json").write_text(json.dumps(about), encoding="utf-8")
    return transformers.AutoTokenizer.from_pretrained(folder)
