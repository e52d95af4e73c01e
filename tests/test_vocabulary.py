"""Vocabularies on disk: ours come back as they were, Hugging Face's mean the same here, damaged ones say so."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.errors import WeightsError
from gptviz.paths import MODELS
from gptviz.tokens.bpe import GPT2_PATTERN, PATTERN, byte_alphabet, first_irreproducible, merge_next, single_bytes
from gptviz.tokens.tokenizer import BytePairs, Tokenizer
from gptviz.tokens.vocabulary_files import read_ours
from gptviz.training.vocabulary import balanced_documents, train_vocabulary

BYTES = [bytes([b]) for b in range(256)]
TEXT = "the cat sat on the mat, the rat ran: 我今天很好，今天很好。\n" * 40
Edit = Callable[[dict[str, Any]], None]


# -- learning


def test_the_most_frequent_pair_is_learnt_first() -> None:
    """In "ab" three times and "cd" twice, a+b comes before c+d, and both after the 256 bytes."""
    pytest.importorskip("tokenizers")
    assert train_vocabulary(["ab1ab2ab3cd4cd5"], 258) == [*BYTES, b"ab", b"cd"]


def test_a_learnt_vocabulary_is_run_as_it_was_learnt() -> None:
    """Merges and the pattern: words take their space, four Han characters may be one token, none goes on into ，."""
    pytest.importorskip("tokenizers")
    tokenizer = Tokenizer.from_tokens(train_vocabulary([TEXT], 400))
    assert tokenizer.vocab_size == len(tokenizer._ranks) + 1
    assert [t.text for t in tokenizer.tokens(" the cat，今天")][:2] == [" the", " cat"]
    assert [t.text for t in tokenizer.tokens("今天很好，")] == ["今天很好", "，"]
    assert not any(b"\xe5\xa5\xbd\xef" in token for token in tokenizer._ranks)
    assert tokenizer.decode(tokenizer.encode(TEXT)) == TEXT


def test_the_byte_alphabet() -> None:
    """256 characters, all printable, none a space: ASCII stands for itself, a space is Ġ, a line end Ċ."""
    alphabet = byte_alphabet()
    assert sorted(alphabet) == list(range(256))
    assert len(set(alphabet.values())) == 256
    assert all(char.isprintable() and not char.isspace() for char in alphabet.values())
    assert (alphabet[ord("a")], alphabet[ord(" ")], alphabet[ord("\n")]) == ("a", "Ġ", "Ċ")


def test_documents_are_taken_evenly_up_to_a_budget(tmp_path: Path) -> None:
    """Half of the bytes: every second of eight equal paragraphs."""
    path = tmp_path / "part.txt"
    path.write_text("\n\n".join(str(n) * 10 for n in range(8)), encoding="utf-8")
    half = path.stat().st_size // 2 + 1
    taken = list(balanced_documents({"part": path}, {"part": half}))
    assert taken == [str(n) * 10 for n in (1, 3, 5, 7)]


# -- our files


def test_a_saved_vocabulary_comes_back(tmp_path: Path) -> None:
    """With the pattern it was made with, so that another default later changes nothing for it."""
    words = Tokenizer.from_tokens([*BYTES, b"ab"], pattern=r"\w+|\W")
    words.save(tmp_path)
    again = Tokenizer.load(tmp_path)
    assert again._vocabulary == words._vocabulary
    assert Tokenizer.from_tiktoken(tmp_path / "vocab.tiktoken").encode("abab 12") == words.encode("abab 12")
    assert Tokenizer.from_tiktoken(tmp_path / "vocab.tiktoken", pattern=".").encode("ab") == [97, 98]


def test_saved_ids_and_characters_come_back(tmp_path: Path) -> None:
    """Ids out of the order of ranks, and a special token that is no UTF-8."""
    odd = BytePairs({t: r for r, t in enumerate(BYTES)}, ids=list(range(255, -1, -1)), special={300: b"\xff!"})
    Tokenizer(odd).save(tmp_path / "odd")
    again = Tokenizer.load(tmp_path / "odd")
    assert again.encode("a") == [255 - 97]
    assert again.decode(again.encode("aé")) == "aé"
    assert (again.token_bytes(300), again.vocab_size) == (b"\xff!", 301)
    Tokenizer.characters("b好a").save(tmp_path / "characters")
    assert Tokenizer.load(tmp_path / "characters").encode("好ab") == [2, 0, 1]


def test_a_pattern_with_gaps_loses_nothing() -> None:
    """tiktoken drops what no branch matches; Hugging Face keeps it as a piece, and so do we."""
    tokenizer = Tokenizer.from_tokens([*BYTES, b"12"], pattern="[a-z]+")
    assert tokenizer.pieces("ab 12cd!") == [b"ab", b" 12", b"cd", b"!"]
    assert tokenizer.decode(tokenizer.encode("ab 12cd!")) == "ab 12cd!"


def _shorten(folder: Path) -> None:
    path = folder / "vocab.tiktoken"
    path.write_bytes(path.read_bytes()[:-4])


def _edit(**values: Any) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / "vocabulary.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return edit


@pytest.mark.parametrize(
    ("damage", "key"),
    [
        (lambda folder: (folder / "vocab.tiktoken").unlink(), "no_file"),
        (lambda folder: (folder / "vocabulary.json").unlink(), "no_file"),
        (_shorten, "damaged"),
        (lambda folder: (folder / "vocab.tiktoken").write_text("YQ== 0\nYg== 1\n"), "bytes"),
        (lambda folder: (folder / "vocab.tiktoken").write_text("YQ== 0\nYg== 0\n"), "damaged"),
        (lambda folder: (folder / "vocab.tiktoken").write_bytes(b"\xff\xfe"), "damaged"),
        (lambda folder: (folder / "vocabulary.json").write_text("{"), "damaged"),
        (lambda folder: (folder / "vocabulary.json").write_text("[]"), "damaged"),
        (_edit(kind="words"), "damaged"),
        (_edit(pattern="("), "unsupported"),
        (_edit(pattern="a*"), "unsupported"),  # would cut empty pieces
        (_edit(ids=[1, 2]), "damaged"),
        (_edit(ids=["one"]), "damaged"),
        (_edit(special={"<x>": 5}), "damaged"),
    ],
)
def test_damaged_files_are_named(tmp_path: Path, damage: Callable[[Path], None], key: str) -> None:
    Tokenizer.from_tokens([*BYTES, b"ab"]).save(tmp_path)
    damage(tmp_path)
    with pytest.raises(WeightsError) as caught:
        Tokenizer.load(tmp_path)
    assert caught.value.key == f"tokenizer.{key}"


def test_a_folder_without_a_vocabulary(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        Tokenizer.load(tmp_path)
    assert caught.value.key == "tokenizer.missing"


def test_the_bundled_vocabulary_is_whole() -> None:
    bundled = read_ours(MODELS / "bilingual")
    assert isinstance(bundled, BytePairs)
    assert (len(bundled.ranks), bundled.pattern, bundled.special) == (16383, PATTERN, {16383: b"<|endoftext|>"})


# -- Hugging Face's files


def fast(pattern: str | None = None) -> Any:
    """A byte-level BPE learnt by Hugging Face's library: GPT-2's kind, or with a pattern of its own."""
    tokenizers = pytest.importorskip("tokenizers")
    steps = tokenizers.pre_tokenizers
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    level = steps.ByteLevel(add_prefix_space=False, use_regex=pattern is None)
    split = pattern and steps.Split(tokenizers.Regex(pattern), "isolated")
    made.pre_tokenizer = steps.Sequence([split, level]) if split else level
    made.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=420,
        show_progress=False,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=steps.ByteLevel.alphabet(),
    )
    made.train_from_iterator([TEXT], trainer)
    return made


@pytest.mark.parametrize("pattern", [None, PATTERN, r"\d", r"[a-z]+"])
@pytest.mark.parametrize("merges", ["lists", "strings"])
def test_tokenizer_json_means_the_same(tmp_path: Path, pattern: str | None, merges: str) -> None:
    """Its special token is id 0, so that no id is its rank; patterns with gaps and merges of both spellings, too."""
    theirs = fast(pattern)
    about = json.loads(theirs.to_str())
    if merges == "strings":
        about["model"]["merges"] = [" ".join(pair) for pair in about["model"]["merges"]]
    (tmp_path / "tokenizer.json").write_text(json.dumps(about), encoding="utf-8")
    ours = Tokenizer.load(tmp_path)
    for text in ("the cat, the hat: 今天很好!", " \n\n x  y", "it's 12345 𠮷🙂", "the1the", ""):
        assert ours.encode(text) == theirs.encode(text).ids
        assert ours.decode(ours.encode(text)) == text
    assert (ours.vocab_size, ours.end_of_text) == (theirs.get_vocab_size(), 0)
    assert 0 not in ours.encode("<|endoftext|>")


def test_vocab_and_merges_mean_the_same(tmp_path: Path) -> None:
    """Written as GPT-2's are, with ids shuffled: the order of merges counts, not the order of ids."""
    theirs = fast()
    theirs.model.save(str(tmp_path))
    names = json.loads((tmp_path / "vocab.json").read_text(encoding="utf-8"))
    turned = {name: len(names) - 1 - n for name, n in names.items()}
    (tmp_path / "vocab.json").write_text(json.dumps(turned))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"eos_token": {"content": "<|endoftext|>"}}))
    ours = Tokenizer.from_huggingface(tmp_path)
    text = "the cat sat, 今天很好 🙂"
    assert ours.encode(text) == [len(names) - 1 - n for n in theirs.encode(text).ids]
    assert ours.end_of_text == len(names) - 1
    assert ours.decode([len(names) - 1]) == "<|endoftext|>"


def set_in(*path: str, to: Any) -> Edit:
    def edit(about: dict[str, Any]) -> None:
        for key in path[:-1]:
            about = about[key]
        about[path[-1]] = to

    return edit


@pytest.mark.parametrize(
    ("edit", "key"),
    [
        (set_in("model", "type", to="WordPiece"), "unsupported"),
        (set_in("model", to={"type": "Unigram", "vocab": []}), "unsupported"),
        (set_in("model", "byte_fallback", to=True), "unsupported"),
        (set_in("model", "end_of_word_suffix", to="</w>"), "unsupported"),
        (set_in("normalizer", to={"type": "NFC"}), "unsupported"),
        (set_in("normalizer", to="NFC"), "damaged"),
        (set_in("pre_tokenizer", to={"type": "Metaspace"}), "unsupported"),
        (set_in("pre_tokenizer", to=None), "unsupported"),
        (set_in("pre_tokenizer", "add_prefix_space", to=True), "unsupported"),
        (set_in("pre_tokenizer", "use_regex", to=False), "unsupported"),
        (set_in("model", "merges", to=[["t", "zzz"]]), "damaged"),
        (set_in("model", "merges", to=["t h e"]), "damaged"),
        (set_in("model", "vocab", to={"a": 0}), "bytes"),
        (set_in("added_tokens", to=[{"id": 3}]), "damaged"),
        (set_in("added_tokens", to=[{"id": "x", "content": "<x>"}]), "damaged"),
    ],
)
def test_other_kinds_are_refused_by_name(tmp_path: Path, edit: Edit, key: str) -> None:
    about = json.loads(fast().to_str())
    edit(about)
    (tmp_path / "tokenizer.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(WeightsError) as caught:
        Tokenizer.from_huggingface(tmp_path)
    assert caught.value.key == f"tokenizer.{key}"


def test_merges_without_a_vocabulary_and_the_other_way_round(tmp_path: Path) -> None:
    (tmp_path / "vocab.json").write_text("{}")
    with pytest.raises(WeightsError) as caught:
        Tokenizer.load(tmp_path)
    assert (caught.value.key, caught.value.values["file"]) == ("tokenizer.no_file", "merges.txt")


def test_merges_that_ranks_cannot_say_are_found() -> None:
    """With b+c learnt first, "abc" becomes a, bc; a list that then makes it of ab+c never makes it from "abc"."""
    ranks = {b"bc": 0, b"ab": 1, b"abc": 2}
    assert first_irreproducible([(b"b", b"c"), (b"a", b"b"), (b"a", b"bc")], ranks) is None
    assert first_irreproducible([(b"b", b"c"), (b"a", b"b"), (b"ab", b"c")], ranks) == b"abc"


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=9), st.text("abc", max_size=12))
def test_merges_that_are_accepted_mean_the_same(choices: list[tuple[int, int]], text: str) -> None:
    """Random lists of merges over a, b and c: where ranks are said to be enough, listed pairs give the same parts."""
    tokens, pairs = [b"a", b"b", b"c"], []
    for left, right in choices:
        pairs.append((tokens[left % len(tokens)], tokens[right % len(tokens)]))
        tokens.append(b"".join(pairs[-1]))
    order = {pair: n for n, pair in reversed([*enumerate(pairs)])}
    ranks = {left + right: n for n, (left, right) in reversed([*enumerate(pairs)])}
    by_pairs, by_ranks = list(single_bytes(text.encode())), list(single_bytes(text.encode()))
    while found := [(order[pair], at) for at, pair in enumerate(pairwise(by_pairs)) if pair in order]:
        at = min(found)[1]
        by_pairs[at : at + 2] = [by_pairs[at] + by_pairs[at + 1]]
    while merge_next(by_ranks, ranks) is not None:
        pass
    wrong = first_irreproducible(pairs, ranks)
    assert wrong is not None or by_pairs == by_ranks
    first = {left + right: (left, right) for left, right in reversed(pairs)}
    unlike = (token for token in sorted(first, key=ranks.__getitem__) if _merged_below(token, ranks) != first[token])
    assert wrong == next(unlike, None)


def _merged_below(token: bytes, ranks: dict[bytes, int]) -> tuple[bytes, ...]:
    """What merging by ranks lower than its own makes of a token."""
    parts = list(single_bytes(token))
    while merge_next(parts, ranks, ranks[token]) is not None:
        pass
    return tuple(parts)


def test_such_merges_are_refused(tmp_path: Path) -> None:
    alphabet = byte_alphabet().values()
    merges = ["b c", "a b", "ab c"]
    names = [*alphabet, *(merge.replace(" ", "") for merge in merges)]
    (tmp_path / "vocab.json").write_text(json.dumps({name: n for n, name in enumerate(names)}))
    (tmp_path / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges))
    with pytest.raises(WeightsError) as caught:
        Tokenizer.load(tmp_path)
    assert (caught.value.key, caught.value.values["token"]) == ("tokenizer.merges", "abc")


def test_gpt2s_pattern_takes_the_space_with_the_word() -> None:
    words = Tokenizer.from_tokens(BYTES, pattern=GPT2_PATTERN)
    assert words.pieces("We've  seen 42!") == [b"We", b"'ve", b" ", b" seen", b" 42", b"!"]
