"""Vocabularies for ``tokenizers`` from anybody: a sentence, or a tokenizer that reads a text; never a crash."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gptviz.chat.rendering import rendered
from gptviz.errors import GptvizError, PromptError, WeightsError
from gptviz.tokens.tokenizer import Tokenizer
from tests.test_hostile import PATTERNS, changed, junk, places
from tests.test_library import MADE, both

pytestmark = pytest.mark.slow  # hostile patterns are tried in processes of their own


@cache
def about(kind: str) -> Any:
    return json.loads(MADE[kind]().to_str())


def opened(folder: Path, written: Any) -> str | None:
    """The key of the sentence, or None where it reads a text."""
    try:
        text = json.dumps(written)
    except RecursionError:
        return "file.deep"
    (folder / "tokenizer.json").write_text(text, encoding="utf-8")
    try:
        ours = Tokenizer.load(folder)
        ours.decode(ours.encode("the Cat 我今天\x00 <|user|></s>", end_marks=True))
        ours.changes("the Cat 我今天\x00"), ours.encode_plain("</s>"), ours.pieces("the cat")
    except GptvizError as error:
        said = error.say("zh")
        if said.startswith("error.") or len(said) > 2000:
            pytest.fail(said)
        return error.key
    return None


@pytest.mark.parametrize("kind", ["bytes_bpe", "unigram", "wordpiece", "words"])
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_hostile_json_is_a_sentence_or_a_tokenizer(kind: str, tmp_path: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(list(places(about(kind)))), label="place")
    how, value = data.draw(st.sampled_from(["put", "put", "put", "drop", "list", "add"])), data.draw(junk)
    opened(tmp_path, changed(about(kind), path, how, value))


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "NFC"}
    for _ in range(depth):
        inner = {"type": "Sequence", "normalizers": [inner]}
    return inner


@pytest.mark.parametrize(
    ("change", "keys"),
    [({"normalizer": nested(300)}, {"tokenizer.unsupported"}),
     ({"normalizer": "[" * 5}, {"tokenizer.damaged"}),
     ({"model": {"type": "WordLevel", "vocab": {"a": 10**12}, "unk_token": "a"}}, {"tokenizer.damaged"}),
     ({"model": {"type": "Unigram", "vocab": [], "unk_id": 0}}, {"tokenizer.damaged"}),
     ({"model": {"type": "Unigram", "vocab": [["a", 0.0]], "unk_id": 7}}, {"tokenizer.damaged"}),
     ({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "b"]]}}, {"tokenizer.damaged"})],
)  # fmt: skip
def test_sizes_and_depths(tmp_path: Path, change: dict[str, Any], keys: set[str]) -> None:
    assert opened(tmp_path, {"model": about("unigram")["model"], "added_tokens": []} | change) in keys


def test_a_vocabulary_of_a_million_words(tmp_path: Path) -> None:
    words = {f"a{n}": n for n in range(2**20 + 1)}  # made here: every process that collects tests would else hold it
    vocabulary = {"type": "WordLevel", "vocab": words, "unk_token": "a0"}
    assert opened(tmp_path, {"model": vocabulary, "added_tokens": []}) == "tokenizer.damaged"


def test_a_file_nested_a_hundred_thousand_deep(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text('{"normalizer":' * 100_000)
    with pytest.raises(WeightsError):
        Tokenizer.load(tmp_path)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("place", ["normalizer", "pre_tokenizer"])
def test_patterns_that_explode(tmp_path: Path, pattern: str, place: str) -> None:
    """Those that byte-level BPE refuses are refused here too; they would run in another engine."""
    step: dict[str, Any] = {"type": "Replace", "pattern": {"Regex": pattern}, "content": "x"}
    if place == "pre_tokenizer":
        step = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
    assert opened(tmp_path, about("unigram") | {place: step}) in ("tokenizer.unsupported", "tokenizer.damaged")


def test_without_the_library_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both("unigram")[1].save(tmp_path)
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(WeightsError) as caught:
        Tokenizer.load(tmp_path)
    assert "pip install tokenizers" in caught.value.say("en")


def test_without_jinja2_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "packages" not in path])
    with pytest.raises(PromptError) as caught:
        rendered("{{ 'no jinja2' }}", [{}])
    assert caught.value.key == "chat.library"
