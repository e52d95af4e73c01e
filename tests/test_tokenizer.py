"""Text ↔ ids: the same ids as Hugging Face's tokenizers, nothing lost, and every token at its place."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gptviz.errors import PromptError
from gptviz.paths import MODELS
from gptviz.tokens.bpe import PATTERN, byte_alphabet, merge_next, single_bytes
from gptviz.tokens.pieces import clean, go_on, groups, locate
from gptviz.tokens.tokenizer import Tokenizer

GPT2 = Path(__file__).parents[1].parent / "shared" / "gpt2-tokenizer"
needs_gpt2 = pytest.mark.skipif(not (GPT2 / "vocab.json").is_file(), reason="GPT-2's vocabulary is not at hand")
OURS = Tokenizer.load(MODELS / "bilingual")
HARD = ["", " ", "a", "é", "e\u0301", "我今天很好。", "𠮷野家", "🙂👩\u200d👧", "שלום עולם", "\x00\x1b\u200b", "\ufffd"]
HARD += ["\ufeff", "a\r\n\n  b \t ", "don't WE'LL", "1234567", "<b>$x^2$</b> `*a*`", "<|endoftext|>", "\u2028\x85\xa0x"]
WORDS = ["the", " The", "n't", "'LL", "hello", " world", "def f(x):", "    ", "3.14", "今天", "我们都很好", "，", "。"]
ODD = [
    "\n",
    "\r\n",
    "\t",
    "  ",
    "\u3000",
    "\x00",
    "\x1f",
    "\x85",
    "e\u0301",
    "\u0301",
    "🙂",
    "👩\u200d👧",
    "שלום",
    "مرحبا",
]
ODD += ["𠮷", "〇", "½", "ſ"]
relaxed = settings(deadline=None)


@cache
def load_gpt2() -> Tokenizer:
    return Tokenizer.load(GPT2)


@pytest.fixture
def gpt2() -> Tokenizer:
    return load_gpt2()


def strings(n: int, seed: int = 0) -> list[str]:
    """Mixed texts: words of two languages, line ends, emoji, marks, control characters, any code point."""
    rng = random.Random(seed)

    def one() -> str:
        kind = rng.random()
        if kind < 0.45:
            return rng.choice(WORDS)
        if kind < 0.8:
            return rng.choice(ODD)
        if kind < 0.9:
            return "".join(chr(rng.randrange(0x4E00, 0x9FA6)) for _ in range(rng.randint(1, 9)))
        place = rng.randrange(0x110000 - 0x800)
        return chr(place if place < 0xD800 else place + 0x800)

    return ["".join(one() for _ in range(rng.randint(1, 12))) for _ in range(n)]


def hugging_face_twin() -> Any:
    """Our vocabulary in Hugging Face's own BPE: each token split into the pair that lower ranks leave of it."""
    tokenizers = pytest.importorskip("tokenizers")
    alphabet, ranks = byte_alphabet(), dict(OURS._ranks)

    def name(token: bytes) -> str:
        return "".join(alphabet[b] for b in token)

    merges = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1])[256:]:
        parts = list(single_bytes(token))
        while merge_next(parts, ranks, rank) is not None:
            pass
        assert len(parts) == 2, f"no text is ever encoded to {token!r}"
        merges.append((name(parts[0]), name(parts[1])))
    twin = tokenizers.Tokenizer(tokenizers.models.BPE({name(t): rank for t, rank in ranks.items()}, merges))
    steps = tokenizers.pre_tokenizers
    split = steps.Split(tokenizers.Regex(PATTERN), "isolated")
    twin.pre_tokenizer = steps.Sequence([split, steps.ByteLevel(add_prefix_space=False, use_regex=False)])
    return twin


@pytest.mark.slow
def test_our_ids_are_hugging_faces() -> None:
    """Ten thousand texts; building the twin also shows that every token can be reached."""
    texts = strings(10_000) + HARD
    wanted = [encoding.ids for encoding in hugging_face_twin().encode_batch(texts)]
    assert [OURS.encode(text) for text in texts] == wanted


@pytest.mark.slow
@needs_gpt2
def test_gpt2_ids_are_hugging_faces(gpt2: Tokenizer) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    bpe = tokenizers.models.BPE.from_file(str(GPT2 / "vocab.json"), str(GPT2 / "merges.txt"))
    twin = tokenizers.Tokenizer(bpe)
    twin.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    texts = strings(10_000, seed=1) + HARD
    assert [gpt2.encode(text) for text in texts] == [encoding.ids for encoding in twin.encode_batch(texts)]


@needs_gpt2
def test_known_gpt2_ids(gpt2: Tokenizer) -> None:
    """The ids that tiktoken's documentation gives for GPT-2."""
    assert gpt2.encode("hello world") == [31373, 995]
    assert gpt2.encode("<|endoftext|>") == [27, 91, 437, 1659, 5239, 91, 29]
    assert (gpt2.vocab_size, gpt2.end_of_text) == (50257, 50256)
    assert gpt2.decode([50256]) == "<|endoftext|>"


@relaxed
@given(st.text())
def test_nothing_is_lost(text: str) -> None:
    assert OURS.decode(OURS.encode(text)) == text


@needs_gpt2
@settings(relaxed, max_examples=50)
@given(st.text())
def test_nothing_is_lost_with_gpt2(text: str) -> None:
    assert load_gpt2().decode(load_gpt2().encode(text)) == text


@pytest.mark.slow
def test_every_character_survives() -> None:
    """No character falls through the pattern: tiktoken would drop it without a word."""
    everything = "".join(chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000)
    assert OURS.decode(OURS.encode(everything)) == everything


@relaxed
@given(st.text())
def test_tokens_lie_where_they_say(text: str) -> None:
    """Whole tokens are slices of the text; each starts where the last ended, or with the character it goes on with."""
    tokens, end = OURS.tokens(text), 0
    for token in tokens:
        assert token.start in (end, end - 1)
        assert token.start < token.end
        if token.text is not None:
            assert token.start == end
            assert token.text == text[token.start : token.end] == token.bytes.decode()
        end = token.end
    assert end == len(text)
    assert "".join(group.text or "?" for group in groups(tokens)) == text


@relaxed
@example([b"\xc3", b"", b"\xa9"])  # an id that only pads the vocabulary, inside a character
@given(st.lists(st.binary(max_size=5), max_size=12))
def test_places_in_bytes_that_are_not_utf8(parts: list[bytes]) -> None:
    """Places refer to what ``decode`` shows, with one U+FFFD for each stretch of bytes that is no character."""
    tokens = locate(range(len(parts)), parts)
    shown = b"".join(parts).decode("utf-8", "replace")
    assert tokens[-1].end == len(shown) if tokens else not shown
    for token in tokens:
        if token.text is not None:
            assert shown[token.start : token.end] == token.text
    found = list(groups(tokens))
    assert [group.first for group in found[1:]] == [group.stop for group in found[:-1]]
    for group in found:
        joined = b"".join(token.bytes for token in tokens[group.first : group.stop])
        assert shown[group.start : group.end] == joined.decode("utf-8", "replace")
        assert group.text in (None, joined.decode("utf-8", "replace"))


@given(st.lists(st.one_of(st.binary(max_size=3), st.text(max_size=2).map(str.encode), st.sampled_from(
    ["中".encode()[:1], "中".encode()[1:], "🙂".encode()[:3], b""])), max_size=12), st.integers(0, 12))  # fmt: skip
def test_going_on_is_the_same_as_beginning_anew(parts: list[bytes], at: int) -> None:
    """Wherever the text was cut before, in the middle of a character too, and whatever bytes there are."""
    before = locate(range(len(parts[:at])), parts[:at])
    assert go_on(before, range(len(parts)), parts) == locate(range(len(parts)), parts)


@pytest.mark.parametrize("character", ["𠮷", "🙂"])
def test_pieces_of_a_character(character: str) -> None:
    """Four bytes that this vocabulary never merges: four tokens without text, one group with it."""
    tokens = OURS.tokens(f"a{character}b")
    assert [t.bytes for t in tokens] == [b"a", *single_bytes(character.encode()), b"b"]
    assert [(t.text, t.start, t.end) for t in tokens] == [("a", 0, 1), *[(None, 1, 2)] * 4, ("b", 2, 3)]
    assert [(g.text, g.first, g.stop) for g in groups(tokens)] == [("a", 0, 1), (character, 1, 5), ("b", 5, 6)]


def test_a_character_cut_off_has_no_text() -> None:
    """As while generating: the last byte of 🙂 has not come yet."""
    tokens = OURS.tokens(OURS.encode("a🙂")[:-1])
    assert [t.text for t in tokens] == ["a", None, None, None]
    assert [(g.text, g.stop - g.first) for g in groups(tokens)] == [("a", 1), (None, 3)]
    assert OURS.decode(t.id for t in tokens) == "a\ufffd"


@settings(relaxed, max_examples=60)
@given(st.text())
def test_merges_come_to_the_tokens(text: str) -> None:
    _check_merges(OURS, text)


@pytest.mark.parametrize("text", [*HARD, *strings(60, seed=2), "a\ua7cex1 \ua7ce", "\U00010940a"])
def test_merges_of_hard_texts(text: str) -> None:
    """Among them letters that ``regex`` knows and tiktoken's older Unicode does not."""
    _check_merges(OURS, text)


def _check_merges(tokenizer: Tokenizer, text: str) -> None:
    pieces = tokenizer.pieces(text)
    assert b"".join(pieces).decode() == text
    parts = [single_bytes(piece) for piece in pieces]
    for merge in tokenizer.merges(text):
        assert merge.before == parts[merge.piece]
        left, right = merge.before[merge.at : merge.at + 2]
        assert merge.after == (*merge.before[: merge.at], left + right, *merge.before[merge.at + 2 :])
        assert tokenizer.token_bytes(merge.id) == left + right
        parts[merge.piece] = merge.after
    assert [part for piece in parts for part in piece] == [token.bytes for token in tokenizer.tokens(text)]


def test_merges_worked_by_hand() -> None:
    """ "abab" with a+b first, then ab+ab: the leftmost ab is made first, and both are single tokens before abab."""
    tokenizer = Tokenizer.from_tokens([*(bytes([b]) for b in range(256)), b"ab", b"abab"])
    assert [(m.piece, m.at, m.after, m.rank, m.id) for m in tokenizer.merges("1abab")] == [
        (1, 0, (b"ab", b"a", b"b"), 256, 256),
        (1, 1, (b"ab", b"ab"), 256, 256),
        (1, 0, (b"abab",), 257, 257),
    ]


@pytest.mark.parametrize("run", ["a", " ", "汉", "\n", "🙂", " \n", "ab "])
def test_long_runs(run: str) -> None:
    """The tail shows that nothing behind the run is lost."""
    assert OURS.decode(OURS.encode(run * 100_000 + "x")) == run * 100_000 + "x"


@pytest.mark.parametrize("run", ["a", " "])
def test_runs_that_tiktoken_alone_does_not_survive(run: str) -> None:
    """On a million of these its regular expressions panic."""
    assert OURS.decode(OURS.encode(run * 1_000_000 + "x")) == run * 1_000_000 + "x"


def test_blocks_are_cut_where_pieces_end() -> None:
    """A text long enough to be cut has the ids of its lines, put together."""
    line = "The cat sat on the mat, 我今天很好.\n"
    assert OURS.encode(line * 9000) == OURS.encode(line) * 9000


def test_an_expensive_pattern_is_an_error_like_any_other() -> None:
    """Rust's panic is no Exception: it would end the server's thread instead of telling the user."""
    tokenizer = Tokenizer.from_tokens([bytes([b]) for b in range(256)], pattern=r"(?:a(?!x)|aa(?!x))+b|[\s\S]")
    with pytest.raises(PromptError) as caught:
        tokenizer.encode("a" * 80)
    assert caught.value.key == "tokenizer.failed"


def test_lone_surrogates_are_replaced_and_counted() -> None:
    """A browser may cut between the two halves of 🙂, or send both as two characters."""
    assert clean("a🙂") == ("a🙂", 0)
    assert clean("\ud83d\ude42") == ("🙂", 0)
    assert clean("\ude42a\ud83d\ud83d\ude42") == ("\ufffda\ufffd🙂", 2)
    assert OURS.encode("\ud83da") == OURS.encode("\ufffda")
    assert OURS.encode("\ud83d\ude42") == OURS.encode("🙂")
    assert b"".join(OURS.pieces("\ud83d!")).decode() == "\ufffd!"


def test_special_tokens_are_never_typed() -> None:
    ids = OURS.encode("<|endoftext|>")
    assert OURS.end_of_text == 16383
    assert OURS.end_of_text not in ids
    assert [OURS.is_special(id_) for id_ in (0, 16382, 16383)] == [False, False, True]
    assert OURS.tokens([16383])[0].text == "<|endoftext|>"


@pytest.mark.parametrize("wrong", [-1, 16384])
def test_an_id_outside_the_vocabulary(wrong: int) -> None:
    with pytest.raises(PromptError) as caught:
        OURS.decode([0, wrong])
    assert (caught.value.key, caught.value.values["id"]) == ("prompt.bad_id", wrong)


def test_a_padded_vocabulary(tmp_path: Path) -> None:
    """Models round their vocabulary up; an id without a token has no bytes, and decodes to nothing."""
    OURS.save(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"vocab_size": 16512}))
    padded = Tokenizer.load(tmp_path)
    assert padded.vocab_size == 16512
    assert padded.decode([*padded.encode("a"), 16400, *padded.encode("b")]) == "ab"
    assert [(t.text, t.start, t.end) for t in padded.tokens([97, 16400, 98])][1] == ("", 1, 1)
    assert padded.is_special(16400)


def test_characters() -> None:
    """Ids follow the code points: e, h, l, o, 好."""
    tokenizer = Tokenizer.characters("hello好")
    assert (tokenizer.vocab_size, tokenizer.end_of_text) == (5, None)
    assert tokenizer.encode("hole好") == [1, 3, 2, 0, 4]
    assert tokenizer.decode([1, 3, 2, 0, 4]) == "hole好"
    assert [(t.text, t.start, t.end) for t in tokenizer.tokens("好l")] == [("好", 0, 1), ("l", 1, 2)]
    assert list(tokenizer.merges("hole")) == []
    assert tokenizer.pieces("好l") == ["好".encode(), b"l"]
    with pytest.raises(PromptError) as caught:
        tokenizer.encode("help")
    assert caught.value.values["character"] == "p"
