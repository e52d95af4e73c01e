"""Merges, keystrokes and costs: against the readable BPE, the published one, and by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.analysis import merges
from gptviz.analysis.merging import Film, cost, cost_in_bytes, cost_in_characters, keystrokes
from gptviz.analysis.vocabulary import all_bytes, find_tokens
from gptviz.catalogue import local_models
from gptviz.errors import PromptError
from gptviz.tokens.bpe import joins, merged, single_bytes
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import SHARED

GPT2 = SHARED / "gpt2-tokenizer"
HARD = ["", " ", "The cat sat on the mat.", "我今天很好", "🙂👩‍👩‍👧", "1984 x²", "a\x00b\u202e", "<|endoftext|>",
        "naïve café", "\n\n  \t", "aaaaaaaaaaaaaaa", "\ud800"]  # fmt: skip
TEXTS = st.text(max_size=40) | st.text("ab c", max_size=60)


@pytest.fixture(scope="module")
def bundled() -> Tokenizer:
    return Tokenizer.load(local_models()["bilingual"])


def parts_of(film: Film, step: int | None = None) -> list[bytes]:
    return [film.data[start:stop] for start, stop in film.parts(step)]


@given(st.binary(max_size=60), st.lists(st.binary(min_size=2, max_size=4), max_size=30))
def test_joins_are_the_merges_of_the_readable_twin(piece: bytes, tokens: list[bytes]) -> None:
    """Whatever the ranks, and where a merge makes a pair of a lower rank than its own."""
    ranks = {token: rank for rank, token in enumerate(dict.fromkeys(tokens))}
    parts = list(single_bytes(piece))
    found = []
    for start, middle, stop, rank in joins(piece, ranks):
        assert rank == ranks[piece[start:stop]]
        at = [sum(map(len, parts[:i])) for i in range(len(parts))].index(start)
        assert parts[at] == piece[start:middle]
        parts[at : at + 2] = [piece[start:stop]]
        found.append((at, tuple(parts)))
    assert found == list(merged(piece, ranks))


@given(text=TEXTS)
def test_a_film_goes_from_bytes_to_the_tokens(bundled: Tokenizer, text: str) -> None:
    film = merges(bundled, text)
    assert film.kind == "merges"
    assert film.data == text.encode("utf-8", "replace") or "\ufffd" in film.data.decode()
    assert film.ids == tuple(bundled.encode(text, start=False))
    assert parts_of(film) == [bundled.token_bytes(i) for i in film.ids]
    assert parts_of(film, 0) == [film.data[i : i + 1] for i in range(len(film.data))]
    assert [film.data[piece.start : piece.stop] for piece in film.pieces] == bundled.pieces(text)
    for step, join in enumerate(film.joins):
        piece = film.pieces[join.piece]
        assert piece.start <= join.start < join.middle < join.stop <= piece.stop
        assert {(join.start, join.middle), (join.middle, join.stop)} <= set(film.parts(step))
        assert bundled.token_bytes(join.id) == film.data[join.start : join.stop]


@given(text=TEXTS)
def test_in_each_piece_the_order_is_that_of_bpe_and_over_all_the_lowest_rank_comes_first(
    bundled: Tokenizer, text: str
) -> None:
    film = merges(bundled, text)
    told = [(m.piece, m.rank, m.id) for m in bundled.merges(text)]
    own = [(join.piece, join.rank, join.id) for join in film.joins]
    assert sorted(own, key=lambda one: one[0]) == told  # a stable sort: in each piece as they come
    left = {number: [one for one in told if one[0] == number] for number in range(len(film.pieces))}
    for join in film.joins:  # what every piece would do next
        first = min((rest[0][1], number) for number, rest in left.items() if rest)
        assert (join.rank, join.piece) == first
        left[join.piece].pop(0)


@pytest.mark.slow
@pytest.mark.skipif(not GPT2.is_dir(), reason="GPT-2's tokenizer is not at hand")
@pytest.mark.parametrize("text", HARD)
def test_gpt2s_own_vocabulary(text: str) -> None:
    tokenizer = Tokenizer.load(GPT2)
    film = merges(tokenizer, text)
    assert film.kind == "merges"
    assert parts_of(film) == [tokenizer.token_bytes(i) for i in film.ids]
    assert film.ids == tuple(tokenizer.encode(text))


def test_a_long_piece_takes_no_square_of_its_length(bundled: Tokenizer) -> None:
    film = merges(bundled, "a" * 20_000)
    assert len(film.joins) == 20_000 - len(film.ids)
    assert parts_of(film) == [bundled.token_bytes(i) for i in film.ids]


def test_an_added_token_is_whole_from_the_start(tmp_path: Path) -> None:
    from gptviz.tokens.added import AddedToken
    from gptviz.tokens.tokenizer import BytePairs

    plain = BytePairs.from_tokens([bytes([byte]) for byte in range(256)] + [b"us"], pattern=r"\w+|\W+")
    added = replace(plain, special={**plain.special, 300: b"<|user|>"}, added=(AddedToken("<|user|>", 300),))
    film = merges(Tokenizer(added), "us<|user|>us")
    assert parts_of(film, 0) == [b"u", b"s", b"<|user|>", b"u", b"s"]
    assert parts_of(film) == [b"us", b"<|user|>", b"us"]
    assert [piece.added for piece in film.pieces] == [False, True, False]


def test_bytes_that_no_token_holds_are_left_out_of_the_film() -> None:
    """And the pre-split is that of the pattern all the same."""
    tokens = [letter.encode() for letter in "abc "] + [b"ab", b" c"]
    tokenizer = Tokenizer.from_tokens(tokens, pattern=r" ?\w+|\s+")
    film = merges(tokenizer, "abx cab")
    assert film.data == b"ab cab"
    assert [film.data[piece.start : piece.stop] for piece in film.pieces] == [b"ab", b" cab"]
    assert parts_of(film, 0) == [b"a", b"b", b" ", b"c", b"a", b"b"]
    assert parts_of(film) == [b"ab", b" c", b"ab"]


def test_what_does_not_merge_by_rank_has_no_film() -> None:
    characters = merges(Tokenizer.characters("helo"), "hello")
    assert (characters.kind, characters.joins) == ("characters", ())
    assert parts_of(characters) == [b"h", b"e", b"l", b"l", b"o"]
    with pytest.raises(PromptError):
        merges(Tokenizer.characters("helo"), "x")


def test_a_tokenizer_of_the_library_shows_its_pieces(tmp_path: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    made = tokenizers.Tokenizer(
        tokenizers.models.Unigram([("<unk>", 0.0), ("▁the", -1.0), ("▁c", -2.0), ("at", -2.0)], 0, False)
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    made.decoder = tokenizers.decoders.Metaspace()
    made.save(str(tmp_path / "tokenizer.json"))
    tokenizer = Tokenizer.load(tmp_path)
    film = merges(tokenizer, "the cat")
    assert (film.kind, film.joins) == ("pieces", ())
    assert [film.data[p.start : p.stop].strip() for p in film.pieces] == [b"the", b"cat"]
    assert [part.strip() for part in parts_of(film)] == [b"the", b"c", b"at"]
    assert film.ids == tuple(tokenizer.encode("the cat"))


def test_one_more_letter_makes_other_tokens() -> None:
    tokens = [bytes([byte]) for byte in range(256)] + [b"at", b"ate", b"lat"]
    tokenizer = Tokenizer.from_tokens(tokens)  # at 256, ate 257, lat 258
    found = keystrokes(tokenizer, "late", 4)
    assert [one.character for one in found] == ["l", "a", "t", "e"]
    assert [tokenizer.decode(one.made) for one in found] == ["l", "a", "lat", "late"]
    assert [tokenizer.decode(one.lost) for one in found] == ["", "", "la", "lat"]
    assert tokenizer.encode("late") == [ord("l"), 257]  # "at" has the lowest rank, then "ate"
    assert (found[3].kept, found[3].lost, found[3].made) == (0, (258,), (ord("l"), 257))


@given(text=TEXTS, count=st.integers(1, 20))
def test_keystrokes_put_together_are_the_tokens(bundled: Tokenizer, text: str, count: int) -> None:
    ids = bundled.encode(text[: max(0, len(text) - count)], start=False) if len(text) > count else []
    for one in keystrokes(bundled, text, count):
        assert tuple(ids[one.kept :]) == one.lost
        ids = [*ids[: one.kept], *one.made]
    assert ids == bundled.encode(text, start=False)


def test_costs_by_hand(bundled: Tokenizer) -> None:
    text = "我 ok"
    assert (cost_in_bytes(text).tokens, cost_in_characters(text).tokens) == (6, 4)
    found = cost(bundled, text)
    assert found is not None
    assert (found.tokens, found.characters, found.bytes) == (len(bundled.encode(text, start=False)), 4, 6)
    assert found.per_character == found.tokens / 4
    assert cost(Tokenizer.characters("ok"), text) is None
    assert cost_in_bytes("\ud800").bytes == 3  # U+FFFD


def test_finding_tokens(bundled: Tokenizer) -> None:
    everything = all_bytes(bundled)
    found = find_tokens(everything, "cat", most=5)
    assert found.total == sum(b"cat" in data for data in everything)
    assert {bundled.token_bytes(i) for i in found.ids[:2]} <= {b"cat", b" cat"}
    by_id = find_tokens(everything, "300")
    assert by_id.ids[0] == 300
    dotted = find_tokens(everything, "·the", most=1)
    assert bundled.token_bytes(dotted.ids[0]) == b" the"
    hexed = find_tokens(everything, "0xE4BD", most=10_000)
    assert set(hexed.ids) >= {i for i, data in enumerate(everything) if b"\xe4\xbd" in data}
    assert find_tokens(everything, "").total == 0
    assert find_tokens(everything, "no token is this long, surely").ids == ()


@given(query=st.text(max_size=6))
def test_no_search_fails_and_none_answers_without_bound(bundled: Tokenizer, query: str) -> None:
    found = find_tokens(all_bytes(bundled), query, most=7)
    assert len(found.ids) <= 7
    assert found.total >= len(found.ids)
