"""Labels without training: words' probabilities against a trace, calibration by hand, orders, patterns, the shell."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.catalogue import load_folder
from gptviz.cli import main
from gptviz.errors import ConfigError, PromptError
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.numbers import log_softmax
from gptviz.paths import ASSETS, MODELS
from gptviz.tuning import Example, Pattern, PromptClassifier, Study
from gptviz.tuning.patterns import drawn
from gptviz.tuning.prompt_study import orders
from gptviz.tuning.prompts import EMPTY
from tests.conftest import random_model

PATTERN = Pattern("a {text} b {label}")
WORDS = {"up": "x", "down": "yz", "flat": "yw"}
SHOWN = [Example("0", "up"), Example("1", "down")]


def by_trace(lm: LanguageModel, prompt: str, word: str) -> float:
    """ln p of the characters of ``" " + word`` after ``prompt``, from one trace of both."""
    said = " " + word
    logprobs = log_softmax(lm.trace(prompt + said).logits.astype(np.float64))  # (T, V)
    places = range(len(prompt) - 1, len(prompt) + len(said) - 1)
    return sum(float(logprobs[at, token]) for at, token in zip(places, lm.tokenizer.encode(said), strict=True))


@pytest.mark.parametrize("shown", [[], SHOWN])
def test_a_words_probability_is_that_of_its_tokens(tiny_lm: LanguageModel, shown: list[Example]) -> None:
    pattern = Pattern("a {text} b {label} ")
    asked = PromptClassifier(tiny_lm, pattern, WORDS, shown)
    before = "a 0 b x a 1 b yz " if shown else ""
    found = asked.logprobs(["7", "8"])
    for row, text in zip(found, ["7", "8"], strict=True):
        wanted = [by_trace(tiny_lm, f"{before}a {text} b", word) for word in WORDS.values()]
        np.testing.assert_allclose(row, wanted, atol=1e-4)
    odds = np.exp(found[0] - found[0].max())
    np.testing.assert_allclose(asked.probs(["7"])[0], odds / odds.sum(), atol=1e-6)


def test_calibration_by_hand_and_empty_texts_come_out_even(tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
                                                           ) -> None:  # fmt: skip
    """Where empty texts give 0.8 and 0.2, a text's 0.6 and 0.4 are worth 0.75 and 2: 3/11 and 8/11."""
    asked = PromptClassifier(tiny_lm, PATTERN, {"up": "x", "down": "y"})

    def said(texts: tuple[str, ...]) -> np.ndarray:
        return np.log([[0.8, 0.2] if text in EMPTY else [0.6, 0.4] for text in texts])

    monkeypatch.setattr(asked, "logprobs", said)
    np.testing.assert_allclose(asked.leaning, [0.8, 0.2])
    np.testing.assert_allclose(asked.probs(["4"], calibrated=True), [[3 / 11, 8 / 11]])
    np.testing.assert_allclose(asked.probs(EMPTY, calibrated=True), 0.5)


def test_a_long_text_loses_its_end_and_too_many_examples_are_told(tiny_lm: LanguageModel) -> None:
    asked = PromptClassifier(tiny_lm, PATTERN, WORDS)
    ids = asked.prompt("c" * 500)
    assert len(ids) + len(asked.words[1]) - 1 == tiny_lm.config.block_size
    assert tiny_lm.tokenizer.decode(ids).endswith("c b")
    assert np.isfinite(asked.logprobs(["c" * 500])).all()
    with pytest.raises(ConfigError, match="3 examples take"):
        PromptClassifier(tiny_lm, Pattern("a {text} b {label} "), WORDS, [Example("c" * 9, "up")] * 3)
    with pytest.raises(ConfigError, match="reads 32"):
        PromptClassifier(tiny_lm, Pattern("c" * 40 + "{text}{label}"), WORDS)


@pytest.mark.parametrize("written", ["", "{text}", "{label} {text}", "{text} {text} {label}", "{text} {label} {label}"])
def test_a_pattern_needs_both_places_in_order(written: str) -> None:
    with pytest.raises(ConfigError, match="no pattern"):
        Pattern(written)


@given(st.text(max_size=30), st.text(max_size=10))
def test_any_text_is_put_in_as_it_is(text: str, word: str) -> None:
    """Braces of a text are no places; spaces before the label go with its word."""
    pattern = Pattern("Review: {text}\nIt was  {label}")
    assert pattern.asked(text) == f"Review: {text}\nIt was"
    assert pattern.gap == "  "
    assert pattern.answered(text, word) == f"Review: {text}\nIt was  {word}\n\n"
    assert Pattern("{text}：{label}。").answered(text, word) == f"{text}：{word}。"


@pytest.mark.parametrize(
    ("words", "said"),
    [({"up": "x"}, "Each label"), ({"up": "x", "down": " "}, "down"), ({"up": "x", "down": "x "}, "same word"),
     ({"up": "x", "flat": "y"}, "down")],
)  # fmt: skip
def test_words_that_tell_nothing_apart_are_refused(tiny_lm: LanguageModel, words: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        PromptClassifier(tiny_lm, PATTERN, words, SHOWN)


def test_a_model_that_fills_blanks_is_refused() -> None:
    masked = load_folder(MODELS / "blanks" / "masked", weights="float32")
    with pytest.raises(PromptError):
        PromptClassifier(masked, PATTERN, WORDS)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30), st.integers(0, 40))
def test_drawn_examples_are_of_all_labels_alike(labels: list[str], count: int) -> None:
    examples = [Example(str(i), label) for i, label in enumerate(labels)]
    found = drawn(examples, count)
    assert len(set(found)) == len(found) == min(count, len(examples))
    counts = Counter(example.label for example in found)
    for label, there in Counter(labels).items():
        assert counts[label] == there or counts[label] >= max(counts.values(), default=0) - 1


@given(st.integers(2, 9), st.integers(0, 30))
def test_orders_are_different_and_whole(count: int, most: int) -> None:
    found = orders(count, most)
    assert len(set(found)) == len(found) <= most
    assert all(sorted(order) == list(range(count)) for order in found)


def test_a_study_tells_of_each_way_once(tiny_lm: LanguageModel) -> None:
    examples = [Example(str(i), label) for i, label in enumerate(["up", "down"] * 4)]
    two = {"up": "x", "down": "y"}
    study = Study((Pattern("{text} {label} "), Pattern("{text} is {label} ")), two, shots=(0, 3), orders=4)
    found = list(study.run(tiny_lm, examples[:4], examples))
    assert [(x.kind, x.shots) for x in found] == [("shots", 0), ("shots", 3), *[("order", 3)] * 4,
                                                  ("pattern", 3), ("pattern", 3), ("head", 3)]  # fmt: skip
    assert all(x.leaning.keys() == two.keys() and sum(x.leaning.values()) == pytest.approx(1) for x in found[:-1])
    same = next(x for x in found if x.order == (0, 1, 2) and x.kind == "pattern")
    assert same.plain.accuracy == found[1].plain.accuracy  # the first pattern, in the order as drawn
    asked = PromptClassifier(tiny_lm, study.patterns[0], two)
    truth = np.array([x.label for x in examples])
    for scores, calibrated in ((found[0].plain, False), (found[0].calibrated, True)):
        said = np.array(asked.labels)[asked.probs([x.text for x in examples], calibrated=calibrated).argmax(1)]
        assert scores is not None
        assert scores.accuracy == (said == truth).mean()
    with pytest.raises(ConfigError, match="word"):
        list(study.run(tiny_lm, examples, [Example("1", "sideways")]))


@pytest.fixture
def made(tmp_path: Path, tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table, and a shell that opens the small model."""
    assert isinstance(tiny_lm, LocalModel)
    lm = LocalModel(random_model(tiny_lm.config), tiny_lm.tokenizer, name="tiny")
    monkeypatch.setattr("gptviz.load", lambda *args, **options: lm)
    file = tmp_path / "data.csv"
    file.write_text("text,label\n" + "".join(f"{i},{label}\n" for i, label in enumerate(["up", "down"] * 10)))
    return file


def test_the_shell_compares_all_ways(made: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    assert main(["tune", "prompts", str(made), "--pattern", "{text} {label}\\n", "--pattern", "{text} is {label} ",
                 "--words", "up=x", "down=y", "--shots", "0,2", "--orders", "2", "--limit", "6", "--test", str(made),
                 "--json", "-", "--log", str(log)]) == 2  # fmt: skip  # the small vocabulary has no new line
    assert "gptviz:" in capsys.readouterr().err
    assert main(["tune", "prompts", str(made), "--pattern", "{text} {label} ", "--pattern", "{text} is {label} ",
                 "--words", "up=x", "down=y", "--shots", "0,2", "--orders", "2", "--limit", "6", "--test", str(made),
                 "--json", "-", "--log", str(log)]) == 0  # fmt: skip
    said = json.loads(capsys.readouterr().out)
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert rows == said["rows"]
    assert [row["kind"] for row in rows] == ["shots", "shots", "order", "order", "pattern", "pattern", "head"]
    assert said["texts"] == 6
    assert said["accuracy"] == rows[1]["calibrated"]["accuracy"]
    assert said["orders"]["low"] <= said["orders"]["mean"] <= said["orders"]["high"]
    assert said["head_accuracy"] == rows[-1]["plain"]["accuracy"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--pattern", "{text}", "--words", "up=x", "down=y"], "no pattern"),
        (["--pattern", "{text} {label}", "--words", "up=x"], "two labels"),
        (["--pattern", "{text} {label}", "--words", "up=x", "down"], "Each label"),
        (["--pattern", "{text} {label}", "--words", "up=x", "up=y"], "Each label"),
        (["--pattern", "{text} {label}", "--words", "up=x", "down=y", "--shots", "many"], "shots"),
        (["--pattern", "{text} {label}", "--words", "up=x", "down=y", "--shots", "1000"], "shots"),
        (["--pattern", "{text} {label}", "--words", "up=x", "down=y", "--limit", "0"], "limit"),
        (["--pattern", "{text} {label}", "--words", "a=x", "b=y"], "Each label"),
    ],
)  # fmt: skip
def test_mistakes_are_one_sentence(made: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
                                   ) -> None:  # fmt: skip
    assert main(["tune", "prompts", str(made), *options]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


@pytest.mark.slow
def test_the_bundled_model_reads_our_set(lm: LanguageModel) -> None:
    """English and Chinese alike: as many answers as texts, all among the labels, and calibration changes some."""
    from gptviz import tuning

    for lang, pattern, words in (("en", "{text} It was {label}.", {"positive": "great", "negative": "bad"}),
                                 ("zh", "{text}总之很{label}。", {"positive": "好", "negative": "差"})):  # fmt: skip
        test = tuning.read(ASSETS / "tuning" / lang / "sentiment.csv")[:60]
        asked = PromptClassifier(lm, Pattern(pattern), words, test[:2])
        plain, weighed = (asked.probs([x.text for x in test], calibrated=flag) for flag in (False, True))
        np.testing.assert_allclose([plain.sum(1), weighed.sum(1)], 1, atol=1e-9)
        assert np.abs(plain - weighed).max() > 0.01
