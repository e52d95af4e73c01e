"""Made sentences with blanks: each word one token, nothing held out is trained on, and what comes after decides."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import islice
from pathlib import Path

import pytest

from gptviz.tokens.bpe import END_OF_TEXT
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training import blanks
from gptviz.training.blanks import MASK, Sentence


@pytest.fixture(scope="module")
def drawn() -> list[Sentence]:
    return list(islice(blanks.sentences(5), 20_000))


def test_each_word_is_one_token(drawn: list[Sentence]) -> None:
    """Chinese ones too, which no space parts."""
    tokenizer = blanks.tokenizer()
    for sentence in set(drawn):
        found = tokenizer.encode(sentence.text)
        assert tuple(tokenizer.decode([i]) for i in found) == sentence.words
    assert {sentence.lang for sentence in drawn} == {"en", "zh"}


def test_the_vocabulary_is_what_sentences_hold(drawn: list[Sentence]) -> None:
    seen = {word for sentence in drawn for word in sentence.words}
    assert seen <= set(blanks.vocabulary())
    assert MASK not in seen
    assert len(set(blanks.vocabulary()) - seen) <= 1 + 5  # the mask, and at most a few words that luck left out


def test_what_comes_after_decides_what_stands_in_a_blank(drawn: list[Sentence]) -> None:
    """Counted on the text itself: from both sides a word has less than half the entropy that it has from the left."""
    left: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    both: dict[tuple[tuple[str, ...], tuple[str, ...]], Counter[str]] = defaultdict(Counter)
    for sentence in drawn:
        for at, word in enumerate(sentence.words):
            left[sentence.words[:at]][word] += 1
            both[sentence.words[:at], sentence.words[at + 1 :]][word] += 1
    assert bits(both.values()) < 0.5 * bits(left.values())


def bits(counts: object) -> float:
    """Mean −log2 of a word's share in its context."""
    total = nats = 0.0
    for found in counts:  # type: ignore[attr-defined]
        whole = sum(found.values())
        nats -= sum(n * math.log(n / whole) for n in found.values())
        total += whole
    return nats / total / math.log(2)


@pytest.mark.parametrize(
    ("left", "after", "word"),
    [("小明买了一", "书。", "本"), ("Ben ate", " apple.", " an"), ("The", " barks at the cat.", " dog")],
)
def test_some_blanks_have_one_answer(left: str, after: str, word: str) -> None:
    found = {s.text for s in islice(blanks.sentences(1), 60_000) if s.text.startswith(left) and s.text.endswith(after)}
    assert found == {left + word + after}


def test_the_text_is_the_same_each_time_and_parted(tmp_path: Path) -> None:
    for name in ("a", "b"):
        blanks.write(tmp_path / name, seed=3, count=2000)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == ["blanks.train.txt", "blanks.valid.txt", "vocabulary"]
    parts = []
    for name in files[:2]:
        one, other = ((tmp_path / folder / name).read_text(encoding="utf-8") for folder in "ab")
        assert one == other
        parts.append({text.strip() for text in one.split(END_OF_TEXT) if text.strip()})
    train, valid = parts
    assert not train & valid
    assert 0.02 < len(valid) / len(train) < 0.1  # one in twenty
    again = Tokenizer.load(tmp_path / "a" / "vocabulary")
    assert again.fingerprint == blanks.tokenizer().fingerprint
