"""Made sentences with blanks: each word one token, nothing held out is trained on, and what comes after decides."""

from __future__ import annotations

import argparse
import math
import re
import shlex
import tomllib
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from gptviz.analysis.filling import Pair, fill
from gptviz.catalogue import load_folder
from gptviz.cli.train import add_to, plan
from gptviz.tokens.bpe import END_OF_TEXT
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tools import blanks as tool
from gptviz.training import blanks
from gptviz.training.blanks import MASK, Sentence

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def drawn() -> list[Sentence]:
    return list(islice(blanks.sentences(5), 20_000))


def test_each_word_is_one_token(drawn: list[Sentence]) -> None:
    """Chinese ones too, which no space parts."""
    tokenizer = blanks.tokenizer()
    for sentence in set(drawn):
        found = tokenizer.encode(sentence.text)
        assert tuple(tokenizer.decode([i]) for i in found) == sentence.words
        assert blanks.cut(sentence.text) == [word.strip() for word in sentence.words]
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


def test_the_models_that_come_with_the_project_have_the_shape_of_their_recipe() -> None:
    parser = argparse.ArgumentParser()
    add_to(parser.add_subparsers())
    recipe = tomllib.loads(tool.RECIPE.read_text(encoding="utf-8"))
    assert set(recipe) == set(Pair._fields)
    for name, options in recipe.items():
        asked = plan(parser.parse_args(["train", "data", "out", *shlex.split(options)]))
        tokenizer = blanks.tokenizer()
        wanted = asked.configure(tokenizer.vocab_size, asked.mask_token(tokenizer)).model
        assert load_folder(tool.HOME / name).config == replace(wanted, dropout=0.0)


@pytest.mark.slow
def test_the_recipe_is_followed_to_its_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Few sentences and steps: both models, their page, and nothing replaced before both are done."""
    command = [str(tmp_path / "runs"), "--home", str(tmp_path / "home"), "--sentences", "400",
               "--more", "--steps 4 --batch-size 2 --eval-every 2"]  # fmt: skip
    assert tool.main([*command, "--minutes", "0.0000001"]) == 0
    assert "the same command goes on" in capsys.readouterr().out
    assert not (tmp_path / "home").exists()
    for _ in range(8):  # each time at least one step more
        tool.main([*command, "--minutes", "0.0000001"])
    assert tool.main(command) == 0
    pair = Pair(*(load_folder(tmp_path / "home" / name) for name in Pair._fields))
    assert (pair.masked.config.causal, pair.causal.config.causal) == (False, True)
    assert fill("The ___ barks at the cat.", models=pair).masked.probs.sum() == pytest.approx(1.0)
    said = (tmp_path / "home" / "README.md").read_text(encoding="utf-8")
    assert f"| parameters | {pair.causal.config.n_parameters:,} |" in said
    assert not re.search(r"\{\w+\}", said)
