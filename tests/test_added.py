"""Added tokens: a text that holds one becomes its id, exactly where Hugging Face's libraries find it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.errors import WeightsError
from gptviz.tokens.added import AddedToken, AddedTokens
from gptviz.tokens.bpe import byte_alphabet
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import SHARED
from tests.hubs import ENDING, learnt, slow, written

SIZE = 300  # tokens that are learnt
GPT2 = SHARED / "gpt2-tokenizer"
TEXTS = ["the cat", "the dignums sat", "my  dignums", "dignums", "dignumsdignums", "<|user|> the<|user|>",
         " [MASK] the", "in [MASK]\n the", "cats", "the catalogue", "今天dignums很好", "", " ", "dig nums",
         "the PADthe"]  # fmt: skip


def added(made: Any) -> Any:
    """Special ones and others, with every way of looking."""
    tokenizers = pytest.importorskip("tokenizers")
    made.add_tokens(
        ["dignums", tokenizers.AddedToken("cat", single_word=True), tokenizers.AddedToken("PAD", rstrip=True)]
    )
    made.add_special_tokens(["<|user|>", tokenizers.AddedToken("[MASK]", lstrip=True, special=True)])
    return made


def test_text_becomes_added_tokens_as_in_transformers(tmp_path: Path) -> None:
    """Special or not; a token of the vocabulary that is added too; white space taken with it, words left whole."""
    theirs, ours = written(tmp_path, added(learnt())), Tokenizer.load(tmp_path)
    for text in TEXTS:
        assert ours.encode(text) == theirs(text).input_ids, text
    number = theirs.convert_tokens_to_ids("dignums")
    assert number in ours.encode("my dignums")
    assert [token.text for token in ours.tokens("a dignums")][-1] == "dignums"
    assert ours.decode(ours.encode("the dignums, <|user|>")) == "the dignums, <|user|>"
    assert [ours.is_special(theirs.convert_tokens_to_ids(name)) for name in ("dignums", "<|user|>")] == [False, True]


def test_the_example_of_the_documentation_in_gpt2(tmp_path: Path) -> None:
    """GPT-2 with a padding token and ``dignums`` added, as transformers would write it."""
    if not GPT2.is_dir():
        pytest.skip("GPT-2's vocabulary does not lie beside the checkout (../shared/gpt2-tokenizer)")
    for name in ("vocab.json", "merges.txt"):
        (tmp_path / name).write_bytes((GPT2 / name).read_bytes())
    (tmp_path / "added_tokens.json").write_text('{"<pad>": 50257, "dignums": 50258}')
    ours = Tokenizer.load(tmp_path)
    assert ours.encode("my value in dignums dollars") == [1820, 1988, 287, 220, 50258, 5054]
    assert ours.vocab_size == 50259


def test_vocab_and_merges_with_their_added_tokens(tmp_path: Path) -> None:
    """``added_tokens.json`` of old folders, ``added_tokens_decoder`` of newer ones: the same ids as in transformers."""
    names = {"old": {"added_tokens": {"dignums": SIZE, "<|user|>": SIZE + 1}},
             "new": {"tokenizer_config": {"tokenizer_class": "GPT2Tokenizer", "added_tokens_decoder": {
                 str(SIZE): {"content": "dignums", "lstrip": False, "rstrip": False, "normalized": True,
                         "single_word": False, "special": False},
                 str(SIZE + 1): {"content": "<|user|>", "lstrip": False, "rstrip": True, "normalized": False,
                         "single_word": False, "special": True}}}}}  # fmt: skip
    for name, files in names.items():
        folder = tmp_path / name
        folder.mkdir()
        theirs, ours = slow(folder, learnt(), **files), Tokenizer.load(folder)
        for text in TEXTS:
            assert ours.encode(text) == theirs(text).input_ids, (name, text)


def test_a_name_in_the_settings_is_an_added_token_too(tmp_path: Path) -> None:
    """A padding token that only ``tokenizer_config.json`` names gets the next id, where the model has a row for it."""
    for name, rows, found in (("room", SIZE + 1, True), ("none", SIZE, False)):
        folder = tmp_path / name
        folder.mkdir()
        theirs = slow(
            folder, learnt(), tokenizer_config={"pad_token": "<pad>"}, config={"model_type": "gpt2", "vocab_size": rows}
        )
        ours = Tokenizer.load(folder)
        assert theirs("the<pad>").input_ids[-1] == SIZE
        assert (ours.encode("the<pad>") == theirs("the<pad>").input_ids) is found
        assert ours.vocab_size == rows


def test_the_mark_that_ends_texts_is_not_typed(tmp_path: Path) -> None:
    """The one exception, and how to do without it."""
    theirs, ours = written(tmp_path, added(learnt())), Tokenizer.load(tmp_path)
    text = f"the cat{ENDING} dignums"
    assert ours.end_of_text not in ours.encode(text)
    assert ours.encode(text, end_marks=True) == theirs(text).input_ids
    assert theirs.convert_tokens_to_ids("dignums") in ours.encode(text)


_PARTS = st.sampled_from([*"ab \n", "ab", "é", "好", "_", "̈", "\u200d"])
_WORD = st.lists(_PARTS, min_size=1, max_size=4).map("".join)
_FLAGS = st.fixed_dictionaries({name: st.booleans() for name in ("single_word", "lstrip", "rstrip", "normalized")})


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(st.dictionaries(_WORD, st.tuples(_FLAGS, st.booleans()), max_size=5), st.lists(_PARTS, max_size=12).map("".join))
def test_they_are_found_where_tokenizers_finds_them(names: dict[str, Any], text: str) -> None:
    """Any tokens that overlap, with any flags, over letters, white space, marks and joiners."""
    tokenizers = pytest.importorskip("tokenizers")
    level = tokenizers.pre_tokenizers.ByteLevel
    vocab = {char: byte for byte, char in byte_alphabet().items()}
    theirs = tokenizers.Tokenizer(tokenizers.models.BPE(vocab, []))
    theirs.pre_tokenizer = level(add_prefix_space=False, use_regex=False)
    for name, (flags, special) in names.items():
        theirs.add_tokens([tokenizers.AddedToken(name, special=special, **flags)])
    tokens = [AddedToken(name, theirs.token_to_id(name), special, **flags) for name, (flags, special) in names.items()]
    ours: list[int] = []
    for part in AddedTokens(tokens).cut(text):
        ours += part.encode() if isinstance(part, str) else [part.id]
    assert ours == theirs.encode(text).ids


def test_pieces_and_merges_stop_at_added_tokens(tmp_path: Path) -> None:
    written(tmp_path, added(learnt()))
    ours = Tokenizer.load(tmp_path)
    assert ours.pieces("the dignums cat") == [b"the", b" ", b"dignums", b" ", b"cat"]
    parts = [tuple(piece[i : i + 1] for i in range(len(piece))) for piece in ours.pieces("the dignums sat")]
    for merge in ours.merges("the dignums sat"):
        assert merge.before == parts[merge.piece] != b"dignums"
        parts[merge.piece] = merge.after
    assert parts[0] == (b"the",)


def test_saving_keeps_them(tmp_path: Path) -> None:
    written(tmp_path, added(learnt()))
    ours = Tokenizer.load(tmp_path)
    ours.save(tmp_path / "ours")
    again = Tokenizer.load(tmp_path / "ours")
    assert again._vocabulary == ours._vocabulary
    assert [again.encode(text) for text in TEXTS] == [ours.encode(text) for text in TEXTS]


@pytest.mark.parametrize("how", ["id", "flags"])
def test_files_that_disagree_are_refused(tmp_path: Path, how: str) -> None:
    """An id that is not the one that tokenizers gives, whatever the file says; flags that two files disagree on."""
    written(tmp_path, added(learnt()))
    path = tmp_path / "tokenizer.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    if how == "id":
        about["added_tokens"][-1]["id"] += 7
    else:
        later = {str(about["added_tokens"][-1]["id"]): {"content": "[MASK]", "special": True, "lstrip": False}}
        (tmp_path / "tokenizer_config.json").write_text(json.dumps({"added_tokens_decoder": later}))
    path.write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(WeightsError) as caught:
        Tokenizer.load(tmp_path)
    assert "[MASK]" in caught.value.say("en")
