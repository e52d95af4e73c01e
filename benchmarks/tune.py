"""What tuning comes to: labels and entities of public sets beside baselines, and how long our own set takes.

Public sets are read where they lie, beside the project; where they are not, the row says so. Accuracy hangs on no
machine. Time is of the processor, on one thread: on a busy machine the clock measures the others.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.table import Row, Target
from gptviz import tuning
from gptviz.language_model import LocalModel
from gptviz.paths import ASSETS, ROOT
from gptviz.tuning.forgetting import Forgotten
from gptviz.tuning.patterns import drawn
from gptviz.tuning.scores import wilson
from gptviz.tuning.tagger import pieces

CORPUS = ROOT.parent / "shared" / "corpus"
SENTIMENT = CORPUS / "sentiment" / "en_sentence_polarity.{}.csv"
WIKIGOLD = CORPUS / "ner" / "en_wikigold.conll"
OWN = ASSETS / "tuning" / "en" / "sentiment.csv"
BARS = {"head": 60.0, "lora": 120.0}  # seconds for our own set, with what comes of the method's defaults


@dataclass(frozen=True)
class Sizes:
    """How much is read: the whole sets would take hours on a machine that others use too."""

    train: int = 1000
    test: int = 600
    sentences: int = 800  # of wikigold, a fifth of them to be measured on
    own: int = 620
    epochs: int = 2
    seeds: tuple[int, ...] = (0, 1)


QUICK = Sizes(train=24, test=12, sentences=20, own=24, epochs=1, seeds=(0,))


def rows(lm: LocalModel, sizes: Sizes = Sizes()) -> Iterator[Row]:  # frozen
    """Sentiment, entities, and our own set."""
    yield from sentiment_rows(lm, sizes)
    yield entity_row(lm, sizes)
    yield from own_rows(lm, sizes)


def sentiment_rows(lm: LocalModel, sizes: Sizes) -> Iterator[Row]:
    """English sentences of film reviews: all numbers, the head alone, LoRA; the same texts as the bag of words."""
    files = [Path(str(SENTIMENT).format(part)) for part in ("train", "test")]
    train, test = (tuning.read(file) if file.is_file() else [] for file in files)
    train, test = drawn(train, sizes.train), drawn(test, sizes.test)
    truth = [example.label for example in test]
    counted, memory = _right(truth, tuning.bag_of_words(train, test)) if test else 0.0, tuning.Memory(lm)
    for name in ("full", "head", "lora"):
        what = f"English sentiment, {name}, {sizes.train} texts, accuracy on {sizes.test} others"
        target = Target(what, "bag of words", 1.0, "% right", at_least=True)
        if not test:
            yield target.not_measured(f"no {files[0].name} in {CORPUS}")
            continue
        found, began, lost = list[float](), time.process_time(), list[list[Forgotten]]()
        for seed in sizes.seeds:
            task = tuning.Classification(lm, train, _config(name, sizes, seed))
            task.learn()
            found.append(_right(truth, task.find([example.text for example in test])))
            lost.append(memory.forgotten(task.trunk))
        said = ", ".join(f"seed {seed} {with_interval(right, len(test))}"
                         for seed, right in zip(sizes.seeds, found, strict=True))  # fmt: skip
        note = f"{said}; bag of words {with_interval(counted, len(test))}; {forgotten(lost)}; {seconds_since(began)}"
        yield target.measured(100 * float(np.mean(found)), 100 * counted, note=note)


def forgotten(runs: Sequence[Sequence[Forgotten]]) -> str:
    """How many bits per byte each language costs more than before, of each run."""
    parts = [f"{part[0].part} {' and '.join(f'{one.more:+.3f}' for one in part)}" for part in zip(*runs, strict=True)]
    return f"forgotten, bits per byte: {', '.join(parts)}"


def entity_row(lm: LocalModel, sizes: Sizes) -> Row:
    """Persons, places, organisations and others in wikigold, by seqeval's rules; the other side gives each word the tag
    that it has had most often."""
    target = Target(f"entities of wikigold, lora, {sizes.sentences} sentences, a fifth to measure on, F1",
                    "most frequent tag of each word", 1.0, "% F1", at_least=True)  # fmt: skip
    if not WIKIGOLD.is_file():
        return target.not_measured(f"no {WIKIGOLD.name} in {CORPUS}")
    sentences, began = tuning.read_tagged(WIKIGOLD)[: sizes.sentences], time.process_time()
    cut = max(1, len(sentences) // 5)
    train, test = sentences[:-cut], sentences[-cut:]
    truth = [sentence.tags for sentence in test]
    found = []
    for seed in sizes.seeds:
        task = tuning.Labelling(lm, train, _config("lora", sizes, seed))
        task.learn()
        said = task.tagger.find([pieces(lm.tokenizer, sentence.words, task.most) for sentence in test])
        found.append(tuning.entity_scores(truth, said).all.f1)
    usual = tuning.entity_scores(truth, most_frequent_tags(train, test)).all.f1
    note = f"{', '.join(f'seed {seed} {100 * f1:.1f}' for seed, f1 in zip(sizes.seeds, found, strict=True))}; "
    return target.measured(100 * float(np.mean(found)), 100 * usual, note=note + seconds_since(began))


def most_frequent_tags(train: Sequence[tuning.Tagged], test: Sequence[tuning.Tagged]) -> list[list[str]]:
    """Of each word of ``test`` the tag that it has most often in ``train``; O of one that is not there."""
    counts: dict[str, Counter[str]] = {}
    for sentence in train:
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            counts.setdefault(word, Counter())[tag] += 1
    return [[counts[word].most_common(1)[0][0] if word in counts else "O" for word in sentence.words]
            for sentence in test]  # fmt: skip


def own_rows(lm: LocalModel, sizes: Sizes) -> Iterator[Row]:
    """Our own sentiment set as a lesson tunes on it: how long that takes."""
    examples = drawn(tuning.read(OWN), sizes.own)
    for name, bar in BARS.items():
        target = Target(f"our sentiment set ({len(examples)} texts), {name}, processor time", "", bar, "s")
        began = time.process_time()
        task = tuning.Classification(lm, examples, tuning.TuneConfig(method=tuning.method(name)))
        task.learn()
        seconds = time.process_time() - began
        held = task.held_out()
        yield target.measured(seconds, note=f"{with_interval(held[1], len(task.split.valid))} of what is held out"
                              if held else "")  # fmt: skip


def _config(name: str, sizes: Sizes, seed: int) -> tuning.TuneConfig:
    return tuning.TuneConfig(method=tuning.method(name), epochs=sizes.epochs, seed=seed)


def _right(truth: Sequence[str], found: Sequence[str]) -> float:
    return float(np.mean([one == other for one, other in zip(truth, found, strict=True)]))


def with_interval(share: float, n: int) -> str:
    """Of ``n`` texts, in percent."""
    low, high = wilson(share, n)
    return f"{100 * share:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def seconds_since(began: float) -> str:
    """Of the processor, as the clock of this process counts them."""
    return f"{time.process_time() - began:.0f} s of processor"
