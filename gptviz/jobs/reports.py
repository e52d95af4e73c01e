"""What a tuning has come to: measured on what was held out, beside what needs no GPT, with what it gets wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gptviz.language_model import LocalModel
from gptviz.numbers import softmax
from gptviz.tuning.baseline import bag_of_words, known_words, majority
from gptviz.tuning.entities import entities, entity_scores
from gptviz.tuning.examples import Example, Tagged
from gptviz.tuning.instructions import Instruction, held_apart
from gptviz.tuning.pairs import Answered
from gptviz.tuning.sampling import likeliest
from gptviz.tuning.saved import merged
from gptviz.tuning.scores import scores, wilson
from gptviz.tuning.tagger import joined, pieces
from gptviz.tuning.tasks import Classification, Labelling
from gptviz.tuning.tuner import Tuning

WRONG, TOLD = 12, 300  # examples it gets wrong that are told, and characters of each
ANSWERED = 4  # questions that are asked before and after


def report(run: Tuning, lm: LocalModel, data: Sequence[Any]) -> dict[str, Any]:
    """Of a run that is over."""
    if isinstance(run, Classification):
        return of_labels(run)
    if isinstance(run, Labelling):
        return of_entities(run, lm, data)
    assert isinstance(run, Instruction)
    return of_answers(run, lm, data)


def of_labels(run: Classification) -> dict[str, Any]:
    """Accuracy with its interval, each label, the confusion matrix, two baselines, and texts called wrongly."""
    test, labels = run.split.valid, run.classifier.labels
    truth = [example.label for example in test]
    probs = softmax(run.classifier.logits(run.rows[1]).astype(np.float64))  # (N, n_labels)
    said = [labels[i] for i in probs.argmax(-1)]
    found = scores(truth, said, labels)
    lost = [i for i in range(len(test)) if truth[i] != said[i]]
    lost.sort(key=lambda i: -probs[i].max())
    return {
        "measure": "accuracy", "value": found.accuracy, "low": found.low, "high": found.high, "n": len(test),
        "macro_f1": found.macro_f1, "rows": [list(row) for row in found.labels],
        "names": list(labels), "confusion": found.confusion.tolist(),
        "majority": _share(truth, majority(run.split.train, test)),
        "words": _share(truth, bag_of_words(run.split.train, test)),
        "wrong": [[_told(test[i]), truth[i], said[i], float(probs[i].max())] for i in lost[:WRONG]],
        "n_wrong": len(lost),
    }  # fmt: skip


def of_entities(run: Labelling, lm: LocalModel, data: Sequence[Tagged]) -> dict[str, Any]:
    """Whole entities, by kind; which word is taken for what; a dictionary of words as the baseline."""
    test = run.valid
    held = {id(sentence) for sentence in test}
    train = [sentence for sentence in data if id(sentence) not in held]
    truth = [sentence.tags for sentence in test]
    lm_said = run.tagger.find([pieces(lm.tokenizer, sentence.words, run.most) for sentence in test])
    found = entity_scores(truth, lm_said)
    words = entity_scores(truth, known_words(train, test))
    names = ["O", *(kind.kind for kind in found.kinds)]
    confusion = np.zeros((len(names), len(names)), dtype=np.int64)
    for tags, other in zip(truth, lm_said, strict=True):
        for one, two in zip(tags, other, strict=True):
            confusion[names.index(one.partition("-")[2] or "O"), names.index(two.partition("-")[2] or "O")] += 1
    lost = [i for i in range(len(test)) if entities(truth[i]) != entities(lm_said[i])]
    low, high = wilson(found.all.recall, found.all.support)
    return {
        "measure": "f1", "value": found.all.f1, "low": low, "high": high, "n": found.all.support,
        "macro_f1": found.macro_f1, "rows": [list(kind) for kind in found.kinds], "names": names,
        "confusion": confusion.tolist(), "majority": 0.0, "words": words.all.f1,
        "wrong": [[joined(test[i].words)[:TOLD], _named(test[i].words, truth[i]), _named(test[i].words, lm_said[i]),
                   None] for i in lost[:WRONG]],
        "n_wrong": len(lost),
    }  # fmt: skip


def of_answers(run: Instruction, lm: LocalModel, data: Sequence[Answered]) -> dict[str, Any]:
    """Nats per token of answers held out, and a few of these questions answered before and after."""
    now = run.held_out()
    _, held = held_apart(len(data), run.config)
    after = merged(run, lm)
    asked = []
    for i in held[:ANSWERED]:
        prompt = data[i].prompt
        asked.append([prompt, data[i].answer, likeliest(lm, prompt), likeliest(after, prompt, like=lm)])
    loss, sure = now or (None, None)
    return {"measure": "loss", "value": loss, "n": len(held), "answers": asked, "sure": sure, "rows": [], "names": [],
            "confusion": [], "wrong": [], "n_wrong": 0}  # fmt: skip


def _named(words: Sequence[str], tags: Sequence[str]) -> str:
    """Its entities as a line: name (kind), name (kind)."""
    found = [f"{joined(words[x.start : x.end])} ({x.kind})" for x in entities(tags)]
    return ", ".join(found)[:TOLD] or "–"


def _share(truth: Sequence[str], found: Sequence[str]) -> float:
    return sum(a == b for a, b in zip(truth, found, strict=True)) / max(1, len(truth))


def _told(example: Example) -> str:
    return example.text[:TOLD]
