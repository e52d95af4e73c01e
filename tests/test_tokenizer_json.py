"""``tokenizer.json`` by a list of what is understood: the ids of transformers, or a sentence that names what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gptviz.errors import WeightsError
from gptviz.gpt.config import GPTConfig
from gptviz.language_model import LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import random_model
from tests.hubs import ENDING, TEXT, learnt, slow, written

TEXTS = ["the cat, the hat: 今天很好!", " \n\n x  y", "it's 12345 𠮷🙂", "a", ""]


def pieces(*names: str, last: str = "A") -> list[dict[str, Any]]:
    """A template: marks by name, and at the end the text."""
    before = [{"SpecialToken": {"id": name, "type_id": 0}} for name in names]
    return [*before, {"Sequence": {"id": last, "type_id": 0}}]


def template(*single: dict[str, Any], number: int = 0) -> dict[str, Any]:
    mark = {"id": ENDING, "ids": [number], "tokens": [ENDING]}
    return {"type": "TemplateProcessing", "single": list(single), "pair": pieces(), "special_tokens": {ENDING: mark}}


LEVEL = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}


@pytest.mark.parametrize(
    ("post", "begins"),
    [
        (None, []),
        (LEVEL, []),
        (template(*pieces()), []),
        (template(*pieces(ENDING)), [0]),
        (template(*pieces(ENDING, ENDING)), [0, 0]),
        ({"type": "Sequence", "processors": [LEVEL, template(*pieces(ENDING))]}, [0]),
        ({"type": "Sequence", "processors": []}, []),
    ],
)
def test_what_the_template_puts_before_a_text_is_there(tmp_path: Path, post: Any, begins: list[int]) -> None:
    """As ``tokenizer(text)`` gives it, the text's own ids after it, and both can be had without."""
    theirs = written(tmp_path, learnt(), edit=lambda about: about.update(post_processor=post))
    ours = Tokenizer.load(tmp_path)
    for text in TEXTS:
        assert ours.encode(text) == theirs(text).input_ids
        assert ours.encode(text, add_special_tokens=False) == theirs(text, add_special_tokens=False).input_ids
    assert ours.encode("a")[: len(begins)] == begins
    assert [t.bytes for t in ours.tokens("a")] == [*[ENDING.encode()] * len(begins), b"a"]
    assert ours.begin_of_text == 0
    ours.save(tmp_path / "ours")
    assert Tokenizer.load(tmp_path / "ours").encode("the cat") == ours.encode("the cat")


def test_a_trace_begins_with_it_too(tmp_path: Path) -> None:
    written(tmp_path, learnt(), edit=lambda about: about.update(post_processor=template(*pieces(ENDING))))
    rows = Tokenizer.load(tmp_path).vocab_size
    model = random_model(GPTConfig(n_layer=1, n_head=2, n_embd=8, block_size=16, vocab_size=rows))
    lm = LocalModel(model, Tokenizer.load(tmp_path))
    assert lm.trace("the").ids[0] == 0
    assert lm.trace(lm.trace("the").ids).ids == lm.trace("the").ids


def test_add_bos_token_of_folders_without_tokenizer_json(tmp_path: Path) -> None:
    settings = {"tokenizer_class": "GPT2Tokenizer", "add_bos_token": True, "bos_token": ENDING, "eos_token": ENDING}
    theirs, ours = slow(tmp_path, learnt(), tokenizer_config=settings), Tokenizer.load(tmp_path)
    for text in TEXTS:
        assert ours.encode(text) == theirs(text).input_ids
    assert ours.encode("a")[0] == 0


@pytest.mark.parametrize("name", ["truncation", "padding"])
def test_truncation_and_padding_are_not_done(tmp_path: Path, name: str) -> None:
    """They are settings for batches: ``tokenizer(text)`` does neither."""
    made = learnt()
    made.enable_truncation(3) if name == "truncation" else made.enable_padding(length=40)
    theirs, ours = written(tmp_path, made), Tokenizer.load(tmp_path)
    assert json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))[name]
    assert ours.encode(TEXT[:100]) == theirs(TEXT[:100]).input_ids
    assert len(ours.encode(TEXT[:100])) > 3


SPLIT = {"type": "Split", "pattern": {"Regex": "[a-z]+"}, "behavior": "Isolated", "invert": False}
PLAIN = LEVEL | {"add_prefix_space": False}


def steps(*kinds: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "pretokenizers": list(kinds)}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"normalizer": {"type": "Lowercase"}}, "normalizer Lowercase"),
        ({"normalizer": {"type": "Prepend", "prepend": "x"}}, "normalizer Prepend"),
        ({"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}]}}, "normalizer NFKC"),
        ({"normalizer": {"no": "type"}}, "normalizer None"),
        ({"pre_tokenizer": steps({"type": "Digits", "individual_digits": True}, PLAIN)}, "Digits + ByteLevel"),
        ({"pre_tokenizer": steps(SPLIT, SPLIT, PLAIN | {"use_regex": False})}, "Split + Split + ByteLevel"),
        ({"pre_tokenizer": steps(SPLIT | {"behavior": "Removed"}, PLAIN | {"use_regex": False})}, "Split"),
        ({"pre_tokenizer": steps(SPLIT | {"pattern": {"String": "a"}}, PLAIN | {"use_regex": False})}, "Split pattern"),
        ({"pre_tokenizer": steps(SPLIT | {"pattern": {"Regex": r"\w+"}}, PLAIN | {"use_regex": False})}, r"\w"),
        ({"pre_tokenizer": steps(SPLIT | {"pattern": {"Regex": "^a"}}, PLAIN | {"use_regex": False})}, "^"),
        ({"pre_tokenizer": PLAIN | {"new": True}}, "ByteLevel new"),
        ({"post_processor": {"type": "BertProcessing", "sep": ["x", 1], "cls": ["y", 2]}}, "BertProcessing"),
        ({"post_processor": template(*pieces(), {"SpecialToken": {"id": ENDING, "type_id": 0}})}, "TemplateProcessing"),
        ({"post_processor": template(*pieces(last="B"))}, "TemplateProcessing"),
        ({"post_processor": template(*pieces("<none>"))}, "TemplateProcessing"),
        ({"decoder": {"type": "WordPiece"}}, "decoder WordPiece"),
        ({"something": {"new": 1}}, "something"),
    ],
)
def test_what_is_not_on_the_list_is_refused_by_name(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    (tmp_path / "tokenizer.json").write_text(json.dumps(json.loads(learnt().to_str()) | change), encoding="utf-8")
    with pytest.raises(WeightsError) as caught:
        Tokenizer.from_huggingface(tmp_path)
    assert caught.value.key == "tokenizer.unsupported"
    assert named in caught.value.values["feature"]


@pytest.mark.parametrize(
    ("change", "named"),
    [({"unknown": 1}, "unknown"), ({"dropout": 0.1}, "dropout"), ({"continuing_subword_prefix": "##"}, "prefix"),
     ({"type": "WordLevel"}, "WordLevel"), ({"byte_fallback": True}, "byte_fallback")],
)  # fmt: skip
def test_settings_of_the_model_too(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    about = json.loads(learnt().to_str())
    about["model"] |= change
    (tmp_path / "tokenizer.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(WeightsError) as caught:
        Tokenizer.from_huggingface(tmp_path)
    assert caught.value.key == "tokenizer.unsupported"
    assert named in caught.value.values["feature"]


@pytest.mark.parametrize("name", ["add_prefix_space", "split_special_tokens"])
def test_settings_beside_it_too(tmp_path: Path, name: str) -> None:
    written(tmp_path, learnt())
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({name: True}))
    with pytest.raises(WeightsError) as caught:
        Tokenizer.load(tmp_path)
    assert (caught.value.key, caught.value.values["feature"]) == ("tokenizer.unsupported", name)


@pytest.mark.parametrize("name", ["Qwen2Tokenizer", "BertTokenizer", "GPT2TokenizerFast", "PreTrainedTokenizerFast"])
def test_a_class_with_a_way_of_its_own_is_refused(tmp_path: Path, name: str) -> None:
    """transformers runs GPT-2's class GPT-2's way, and Qwen's Qwen's, whatever pattern the file has."""
    split = steps(SPLIT, PLAIN | {"use_regex": False})
    theirs = written(tmp_path, learnt(), edit=lambda about: about.update(pre_tokenizer=split))
    assert Tokenizer.load(tmp_path).encode("a1b 2") == theirs("a1b 2").input_ids
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": name}))
    if name == "PreTrainedTokenizerFast":
        assert Tokenizer.load(tmp_path).encode("a1b 2") == theirs("a1b 2").input_ids
    else:
        with pytest.raises(WeightsError) as caught:
            Tokenizer.load(tmp_path)
        assert name in caught.value.say("en")
