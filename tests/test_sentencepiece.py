"""SentencePiece's own file, written here by its definition: ids of transformers, and a sentence for what is damaged."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gptviz.errors import GptvizError, WeightsError
from gptviz.tokens.pieces import clean
from gptviz.tokens.tokenizer import Tokenizer
from tests.test_library import HARD, bytes_bpe, unigram

transformers = pytest.importorskip("transformers")
pytest.importorskip("google.protobuf")


def kind_of(name: str) -> int:
    """As a trainer of SentencePiece writes it."""
    if name.startswith("<0x"):
        return 6
    return 2 if name == "<unk>" else 3 if name in ("<s>", "</s>") else 4 if name == "<|user|>" else 1


def file(pieces: list[tuple[str, float]], algorithm: int, **normalizer: Any) -> bytes:
    from transformers.utils import sentencepiece_model_pb2_new as proto

    made = proto.ModelProto()
    for name, score in pieces:
        made.pieces.add(piece=name, score=score, type=kind_of(name))
    made.trainer_spec.model_type, made.trainer_spec.unk_id = algorithm, 0
    for name, value in normalizer.items():
        setattr(made.normalizer_spec, name, value)
    written: bytes = made.SerializeToString()
    return written


@cache
def bpe_file() -> bytes:
    names = bytes_bpe().get_vocab()
    ordered = sorted(names, key=names.__getitem__)
    return file([(name, -float(n)) for n, name in enumerate(ordered)], 2)


def test_bpe_is_llamas_tokenizer(tmp_path: Path) -> None:
    from transformers.tokenization_utils_base import generate_merges

    (tmp_path / "tokenizer.model").write_bytes(bpe_file())
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "LlamaTokenizer", "add_bos_token": true}')
    names = bytes_bpe().get_vocab()
    theirs = transformers.LlamaTokenizer(vocab=names, merges=generate_merges(names), add_bos_token=True)
    theirs.add_tokens(["<|user|>"])
    ours = Tokenizer.load(tmp_path)
    for text in (clean(text)[0] for text in HARD):
        assert ours.encode(text, end_marks=True) == theirs(text).input_ids, text
    assert (ours.begin_of_text, ours.end_of_text) == (names["<s>"], names["</s>"])


def test_unigram_has_its_own_scores(tmp_path: Path) -> None:
    """The ids of the same model in ``tokenizers``, spaces as SentencePiece has them."""
    made = unigram()
    pieces = [tuple(pair) for pair in json.loads(made.to_str())["model"]["vocab"]]
    (tmp_path / "spiece.model").write_bytes(file(pieces, 1))
    ours = Tokenizer.load(tmp_path)
    made.normalizer = None
    for text in ("the cat sat", "我今天很好", " the mat", "the<|user|>cat", "x"):
        assert ours.encode(text) == made.encode(text, add_special_tokens=False).ids
    assert ours.encode("the   cat  ") == ours.encode("the▁cat")
    assert ours.changes("the   cat")


def test_without_a_space_before_the_text(tmp_path: Path) -> None:
    pieces = [("<unk>", 0.0), ("a", -1.0), ("▁a", -2.0)]
    for prefix, ids in ((True, [2]), (False, [1])):
        (tmp_path / "tokenizer.model").write_bytes(file(pieces, 1, add_dummy_prefix=prefix))
        assert Tokenizer.load(tmp_path).encode("a") == ids


def test_of_another_kind(tmp_path: Path) -> None:
    """Words and characters (algorithms 3 and 4); Llama 3's file of that name, which is text."""
    (tmp_path / "tokenizer.model").write_bytes(file([("<unk>", 0.0), ("a", -1.0)], 4))
    with pytest.raises(WeightsError, match="model_type 4"):
        Tokenizer.load(tmp_path)
    (tmp_path / "tokenizer.model").write_text("IQ== 0\nIg== 1\n")
    with pytest.raises(WeightsError) as caught:
        Tokenizer.load(tmp_path)
    assert caught.value.key == "tokenizer.other_kind"


@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_files_are_a_sentence_or_a_tokenizer(tmp_path: Path, data: st.DataObject) -> None:
    good = bpe_file()
    at = data.draw(st.integers(0, len(good)))
    put = data.draw(st.binary(max_size=9))
    cut = data.draw(st.sampled_from([0, 1, 9, len(good)]))
    (tmp_path / "tokenizer.model").write_bytes(good[:at] + put + good[at + cut :])
    try:
        ours = Tokenizer.load(tmp_path)
        ours.decode(ours.encode("the cat 好"))
    except GptvizError as error:
        if error.say("en").startswith("error."):
            pytest.fail(error.say("en"))
