"""The prompting page: what the model says of a text, recomputed; wrong patterns; a study. Without Streamlit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gptviz.i18n import languages
from gptviz.jobs import folder
from gptviz.jobs.folder import Job
from gptviz.jobs.prompting import LEARNT, SHOTS, parts
from gptviz.language_model import LanguageModel
from gptviz.tuning.patterns import MOST_CHARS, Pattern, drawn
from gptviz.tuning.prompts import PromptClassifier
from gptviz.tuning.scores import wilson
from gptviz.ui.pages.prompting.state import LABELS, PATTERNS, Prompting, paraphrases, pattern
from gptviz.ui.pages.prompting.study import Way, sentences
from tests.ui.desk import HOSTILE, arrived, do, shown

MINE, OTHERS = "c" * 32, "d" * 32
WRONG = ("{text}", "{label}", "{label} {text}", "{text} {text} {label}", "{text", "<b>{text}</b>", "{0} %s", "\x00")


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's own jobs."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))


def _page(lm: LanguageModel, lang: str = "en", owner: str = MINE, **query: str) -> Prompting:
    state: Prompting = arrived("prompting", lm, lang=lang, **query)
    do("prompting", state, lm, "owner", lang, token=owner)
    return state


@pytest.mark.parametrize("lang", languages())
def test_the_labels_are_what_the_classifier_says(lang: str, lm: LanguageModel) -> None:
    state = _page(lm, lang, shots="2", drawn_seed="3", order_seed="2")
    header, _ = shown("prompting", state, lm, lang)
    view = state.view.filled(lang)
    examples = drawn(parts(lang, 100).pool, 2, seed=3)
    examples = [examples[i] for i in np.random.default_rng(2).permutation(2)]
    asked = PromptClassifier(lm, Pattern(pattern("plain", lang)), view.words, examples)
    rows = header["label_rows"]
    read = [state.text]
    wanted = {"logprob": asked.logprobs(read)[0], "plain": asked.probs(read)[0], "leaning": asked.leaning,
              "calibrated": asked.probs(read, calibrated=True)[0]}  # fmt: skip
    for name, numbers in wanted.items():
        np.testing.assert_allclose([row[name] for row in rows], numbers, rtol=1e-6)
    # and by hand: each word's ln p after the ids, its share, the quotient
    ids = asked.prompt(state.text)
    logits = lm.next_logits([ids])[0].astype(np.float64)
    logprobs = [logits[word[0]] - np.log(np.exp(logits).sum()) for word in asked.words if len(word) == 1]
    np.testing.assert_allclose(logprobs, [row["logprob"] for row in rows], atol=1e-6)
    quotients = [row["plain"] / row["leaning"] for row in rows]
    assert rows[0]["calibrated"] == pytest.approx(quotients[0] / sum(quotients))
    assert header["n_prompt"] == len(ids)
    assert "".join(text for _, text in header["pieces"]).rstrip(" ") == lm.tokenizer.decode(ids)


def test_the_pieces_are_the_prompt_and_tell_its_parts_apart(lm: LanguageModel) -> None:
    state = _page(lm, p="Good?", shots="1")
    header, _ = shown("prompting", state, lm)
    ((text, label),) = header["examples_shown"]
    word = state.view.filled("en").words[label]
    assert header["pieces"] == [["example", text], ["frame", " It was "], ["word", word], ["frame", "\n\n"],
                                ["text", "Good?"], ["frame", " It was "], ["blank", ""]]  # fmt: skip
    state.adopt({"shots": 0, "pattern": "Q: {text} A: {label}."})
    assert shown("prompting", state, lm)[0]["pieces"] == [["frame", "Q: "], ["text", "Good?"], ["frame", " A: "],
                                                          ["blank", ""]]  # fmt: skip


@pytest.mark.parametrize("written", WRONG)
def test_a_wrong_pattern_is_a_sentence_and_nothing_is_lost(written: str, lm: LanguageModel) -> None:
    state = _page(lm, p="Good?")
    state.adopt({"pattern": written})
    header, _ = shown("prompting", state, lm)
    assert "{label}" in header["asking_problem"]
    assert header["study_problem"] == header["asking_problem"]
    assert (header["view"]["pattern"], header["text"]) == (written, "Good?")
    assert (header["label_rows"], header["pieces"]) == ([], [])
    do("prompting", state, lm, "start")
    header, _ = shown("prompting", state, lm)
    assert header["jobs"] == []
    assert header["notes"][-1]["level"] == "error"


@pytest.mark.parametrize("words", [{"word_positive": "bad"}, {"word_positive": "  "}, {"word_positive": "x!" * 20}])
def test_words_that_tell_nothing_apart_or_are_too_long_are_a_sentence(words: dict[str, str], lm: LanguageModel) -> None:
    state = _page(lm, p="Good?")
    state.adopt(words)
    assert shown("prompting", state, lm)[0]["asking_problem"]
    do("prompting", state, lm, "start")
    assert folder.jobs_of(MINE, folder.PROMPTING) == []


def test_hostile_texts_patterns_and_words_make_a_picture(lm: LanguageModel) -> None:
    state = _page(lm)
    for text in HOSTILE:
        state.set_text(text)
        state.adopt({"pattern": f"{text[-40:]}{{text}} is {{label}}{text[-40:]}", "word_negative": text[-4:]})
        header, _ = shown("prompting", state, lm)
        assert header["text"] == text
        for row in header["label_rows"]:
            assert 0 <= row["calibrated"] <= 1
    assert len(pattern("plain", "en")) < MOST_CHARS


def test_a_long_text_says_how_much_of_it_is_not_read(lm: LanguageModel) -> None:
    state = _page(lm, p="very good " * 400)
    header, _ = shown("prompting", state, lm)
    read = next(text for kind, text in header["pieces"] if kind == "text")
    assert header["left_out"] == len(state.text.strip()) - len(read) > 0
    assert header["n_prompt"] <= lm.config.block_size


def test_more_examples_than_the_model_reads_are_a_sentence(tiny_lm: LanguageModel) -> None:
    state = _page(tiny_lm, p="x", shots="8")
    assert shown("prompting", state, tiny_lm)[0]["asking_problem"]


def test_a_review_of_ours_is_shown_with_its_label(lm: LanguageModel) -> None:
    state, test = _page(lm), parts("en", 120).test
    assert shown("prompting", state, lm)[0]["truth"] == ""
    for one in test[:2]:
        do("prompting", state, lm, "another")
        header, _ = shown("prompting", state, lm)
        assert (header["text"], header["truth"]) == (one.text, one.label)
    assert not {one.text for one in test} & {one.text for one in parts("en", 120).pool}


def test_an_empty_field_is_the_usual_of_the_language(lm: LanguageModel) -> None:
    state = _page(lm)
    for lang in languages():
        assert shown("prompting", state, lm, lang)[0]["view"]["pattern"] == pattern("plain", lang)
        assert paraphrases("{text} {label}", lang)[1:] == [pattern(name, lang) for name in PATTERNS[:2]]
        assert paraphrases(pattern("review", lang), lang)[0] == pattern("review", lang)
        assert len({*paraphrases(pattern("review", lang), lang)}) == len(PATTERNS)


# ---- the study


def _share(right: int, texts: int = 100) -> tuple[float, float, float]:
    return (right / texts, *wilson(right / texts, texts))


def _way(kind: str, right: int, shots: int = 4, calibrated: int | None = None) -> Way:
    """One that is measured."""
    other = None if kind in ("head", *LEARNT) else _share(right if calibrated is None else calibrated)
    return {"kind": kind, "shots": shots, "order": list(range(shots)), "pattern": "", "plain": _share(right),
            "calibrated": other}  # fmt: skip


def _job(records: list[dict[str, Any]], lm: LanguageModel) -> Job:
    state = _page(lm)
    job = folder.create(MINE, state.ask(lm.name, "en"))
    (job.path / folder.RECORDS).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return job


BEGUN = {"record": "begun", "texts": 100, "ways": 13, "model": "t", "fingerprint": "f", "shots": [0, 1, 2, 4],
         "orders": 4, "majority": [0.5, 0.4, 0.6]}  # fmt: skip


def test_a_study_grows_and_each_visitor_sees_their_own(lm: LanguageModel) -> None:
    ways = [{"record": "way", **_way("shots", 50, shots), "leaning": {}, "seconds": 1.0} for shots in (0, 1)]
    job = _job([BEGUN, *ways], lm)
    header, _ = shown("prompting", _page(lm), lm)
    assert [way["shots"] for way in header["ways"]] == [0, 1]
    assert header["ways"][0]["plain"] == [0.5, *wilson(0.5, 100)]
    assert header["share"] == pytest.approx(2 / 13)
    assert (header["majority"], header["n_measured"], header["n_ways"]) == ([0.5, 0.4, 0.6], 100, 13)
    assert [one["id"] for one in header["jobs"]] == [job.id]
    others, _ = shown("prompting", _page(lm, owner=OTHERS), lm)
    assert (others["jobs"], others["ways"]) == ([], [])
    assert others["all_shots"] == list(SHOTS)
    state = _page(lm)
    do("prompting", state, lm, "delete")
    assert shown("prompting", state, lm)[0]["jobs"] == []


def test_the_start_asks_for_what_is_written(lm: LanguageModel) -> None:
    state = _page(lm)
    state.adopt({"pattern": "{text} So {label}", "word_positive": "fine", "n_texts": 20})
    do("prompting", state, lm, "start")
    (job,) = folder.jobs_of(MINE, folder.PROMPTING)
    changes = job.ask.changes
    assert changes["patterns"] == ["{text} So {label}", pattern("plain", "en"), pattern("review", "en")]
    assert changes["words"] == {"positive": "fine", "negative": "bad"}
    assert (changes["texts"], tuple(changes["words"])) == (20, LABELS)
    do("prompting", state, lm, "delete")


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("right", [50, 75])
def test_the_reading_says_whether_it_is_better_than_a_coin(lang: str, right: int) -> None:
    first = sentences([_way("shots", right)], 0.5, 100, lang)[0]
    surely = "surely above" if lang == "en" else "个确定高于"
    assert (surely in first and ("none of" not in first)) == (right == 75)
    assert ("coin" in first or "抛硬币" in first) == (right == 50)


def test_the_reading_tells_apart_only_what_the_intervals_do() -> None:
    alike = sentences([_way("order", 50), _way("order", 58), _way("shots", 50), _way("head", 55)], 0.5, 100, "en")
    assert [("not told apart" in said) for said in alike] == [False, True, True]
    apart = sentences([_way("order", 30), _way("order", 70), _way("shots", 30), _way("head", 70)], 0.5, 100, "en")
    assert "The order alone decides" in apart[1]
    assert "surely more" in apart[2]
    assert "surely less" in sentences([_way("shots", 70), _way("head", 30)], 0.5, 100, "en")[-1]
    assert len(sentences([_way("shots", 50)], 0.5, 100, "en")) == 1  # of one alone nothing can be compared


@pytest.mark.parametrize("lang", languages())
def test_what_is_learnt_from_more_examples_is_told_of_the_most_that_all_have(lang: str) -> None:
    """It is no way of asking: guessing is not beside it."""
    asked = [_way("shots", 50)]
    early = [_way("tuned", 50, 16), _way("scratch", 49, 16), _way("words", 51, 16)]
    later = [_way("tuned", 81, 256), _way("scratch", 52, 256)]
    first, *rest = sentences([*asked, *early, *later], 0.5, 100, lang)
    assert first == sentences(asked, 0.5, 100, lang)[0]
    assert len(rest) == 1
    assert all(part in rest[0] for part in ("16", "50%", "49%", "51%"))
    (last,) = sentences([*asked, *early, *later, _way("words", 60, 256)], 0.5, 100, lang)[1:]
    assert all(part in last for part in ("256", "81%", "52%", "60%"))
    assert ("surely more" if lang == "en" else "确定高于") in last
