"""What begins and ends a text, from whatever place of a folder says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gptviz.tokens.tokenizer import Tokenizer
from tests.hubs import learnt, slow, written

NAMES = ("<|endoftext|>", "</s>", "<s>", "<|im_end|>")  # ids 0, 1, 2, 3

Files = dict[str, dict[str, Any]]


def tokenizer(folder: Path, files: Files, *, fast: bool = True) -> Tokenizer:
    made = learnt(special=NAMES)
    if fast:
        (folder / "tokenizer.json").write_text(made.to_str(), encoding="utf-8")
    else:
        slow(folder, made)
    for name, about in files.items():
        (folder / f"{name}.json").write_text(json.dumps(about), encoding="utf-8")
    return Tokenizer.load(folder)


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize(
    ("files", "ends"),
    [
        ({"tokenizer_config": {"eos_token": "</s>"}}, {1}),
        ({"tokenizer_config": {"eos_token": {"content": "</s>", "__type": "AddedToken"}}}, {1}),
        ({"special_tokens_map": {"eos_token": "</s>"}}, {1}),
        ({"special_tokens_map": {"eos_token": {"content": "</s>", "lstrip": False}}}, {1}),
        ({"generation_config": {"eos_token_id": 1}}, {1}),
        ({"generation_config": {"eos_token_id": [1, 3]}}, {1, 3}),
        ({"config": {"eos_token_id": 3}}, {3}),
        ({"config": {"eos_token_id": [3, 0]}}, {0, 3}),
        ({"config": {"eos_token_id": 50256}}, {0}),  # behind this vocabulary: GPT-2's default, written unasked
        ({"config": {"eos_token_id": -1}}, {0}),
        ({"config": {"eos_token_id": None}, "generation_config": {"eos_token_id": None}}, {0}),
        ({"generation_config": {"eos_token_id": [3]}, "config": {"eos_token_id": 0}}, {3}),
        ({"tokenizer_config": {"eos_token": "</s>"}, "generation_config": {"eos_token_id": [3, 1]}}, {1, 3}),
        ({"tokenizer_config": {"eos_token": "</s>"}, "config": {"eos_token_id": 0}}, {0, 1}),
        ({}, {0}),
    ],
)
def test_a_text_ends_at_each_that_is_named(tmp_path: Path, files: Files, ends: set[int], fast: bool) -> None:
    found = tokenizer(tmp_path, files, fast=fast)
    assert found.ends == ends
    assert found.end_of_text in ends
    assert not found.ends & set(found.encode("the cat" + "".join(NAMES)))
    found.save(tmp_path / "ours")
    again = Tokenizer.load(tmp_path / "ours")
    assert (again.ends, again.end_of_text, again.begin_of_text) == (ends, found.end_of_text, found.begin_of_text)


def test_the_tokenizers_own_is_the_one_that_is_written(tmp_path: Path) -> None:
    files = {"tokenizer_config": {"eos_token": "<|im_end|>"}, "generation_config": {"eos_token_id": [0, 3]}}
    assert tokenizer(tmp_path, files).end_of_text == 3


@pytest.mark.parametrize(
    ("files", "begin"),
    [
        ({"tokenizer_config": {"bos_token": "<s>"}}, 2),
        ({"special_tokens_map": {"bos_token": "<s>"}}, 2),
        ({"generation_config": {"bos_token_id": 2}}, 2),
        ({"config": {"bos_token_id": 2}}, 2),
        ({"config": {"bos_token_id": 50256}}, 0),  # none of its own: the end, as for GPT-2
        ({"config": {"bos_token_id": 100}}, 0),  # a piece of text begins no text
        ({"tokenizer_config": {"eos_token": "</s>"}}, 1),
        ({}, 0),
    ],
)
def test_a_text_begins_with_the_one_that_is_named(tmp_path: Path, files: Files, begin: int) -> None:
    assert tokenizer(tmp_path, files).begin_of_text == begin


def test_transformers_names_the_same(tmp_path: Path) -> None:
    theirs = written(tmp_path, learnt(special=NAMES), settings={"eos_token": "</s>", "bos_token": "<s>"})
    ours = Tokenizer.load(tmp_path)
    assert (ours.begin_of_text, ours.end_of_text) == (theirs.bos_token_id, theirs.eos_token_id) == (2, 1)
