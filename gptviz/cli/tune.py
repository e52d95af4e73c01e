"""``gptviz tune``: labelled texts in, a model that does the task out.

``tune classify`` learns which label a text has, ``tune entities`` which words are persons, places and so on;
``tune instruct`` and ``tune prefer`` (``tune_answers``) how a model answers; ``tune prompts`` learns nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gptviz.cli import tune_answers, tune_prompts
from gptviz.cli.tune_shared import add_options, base_model, config_of, files_of, finish, learn
from gptviz.errors import ConfigError

if TYPE_CHECKING:
    from gptviz.language_model import LocalModel
    from gptviz.tuning.examples import Example
    from gptviz.tuning.tasks import Classification


def add_to(commands: Any) -> None:
    """Add the command, and the tasks below it."""
    parser = commands.add_parser("tune", help="teach a model a task by labelled texts")
    tasks = parser.add_subparsers(required=True, metavar="task")
    classify = tasks.add_parser("classify", help="a label for each text")
    classify.add_argument("data", type=Path, help="CSV or JSONL: a text and its label in each row")
    add_options(classify)
    classify.add_argument("--text", default="text", metavar="COLUMN", help="the column of the texts")
    classify.add_argument("--label", default="label", metavar="COLUMN", help="the column of the labels")
    classify.add_argument("--test", type=Path, help="the same, to be measured on; else what was held out is")
    classify.add_argument("--pooling", choices=("last", "mean"), help="what the head reads of a text")
    classify.set_defaults(run=run_classify)
    named = tasks.add_parser("entities", help="a tag for each word")
    named.add_argument("data", type=Path, help="CoNLL: a word and its tag (B-PER, I-PER, O) a line")
    add_options(named)
    named.add_argument("--test", type=Path, help="the same, to be measured on; else what was held out is")
    named.set_defaults(run=run_entities, pooling=None)
    tune_answers.add_to(tasks)
    tune_prompts.add_to(tasks)


def run_classify(args: argparse.Namespace) -> int:
    """Tune, measure, save."""
    from gptviz import tuning
    from gptviz.tuning.examples import labels_of

    files = files_of(args)
    examples = tuning.read(args.data, text=args.text, label=args.label, encoding=args.encoding)
    labels = labels_of(examples, str(args.data))
    test = None
    if args.test is not None:
        test = tuning.read(args.test, text=args.text, label=args.label, encoding=args.encoding)
        _known({example.label for example in test}, labels, args.test)
    lm = base_model(args.model)
    task = tuning.Classification(lm, examples, config_of(args), source=str(args.data))
    seconds = learn(task, args)
    found = _measure(task, lm, task.split.valid if test is None else test, "held out" if test is None else "test")
    found["seconds"] = round(seconds, 2)
    return finish(task, lm, args, files, found)


def _measure(task: Classification, lm: LocalModel, test: Sequence[Example], on: str) -> dict[str, Any]:
    from gptviz import tuning
    from gptviz.tuning.batches import encode

    if not test:
        return {"tested_on": None, "trainable": task.trainable}
    truth, labels = [example.label for example in test], task.classifier.labels
    logits = task.classifier.logits(encode(lm.tokenizer, [example.text for example in test], task.most))
    scores = tuning.scores(truth, [labels[i] for i in logits.argmax(-1)], labels)
    counted = tuning.scores(truth, tuning.bag_of_words(task.split.train, test), labels)
    most = tuning.scores(truth, tuning.majority(task.split.train, test), labels)
    print(scores.report, file=sys.stderr)
    return {"tested_on": on, "texts": len(test), "labels": list(labels), "confusion": scores.confusion.tolist(),
            "interval": [scores.low, scores.high], "majority_accuracy": most.accuracy,
            "baseline_interval": [counted.low, counted.high], "accuracy": scores.accuracy, "macro_f1": scores.macro_f1,
            "baseline_accuracy": counted.accuracy, "trainable": task.trainable}  # fmt: skip


def run_entities(args: argparse.Namespace) -> int:
    """Tune, measure, save."""
    from gptviz import tuning
    from gptviz.tuning.examples import tags_of
    from gptviz.tuning.tagger import pieces

    files = files_of(args)
    sentences = tuning.read_tagged(args.data, encoding=args.encoding)
    tags = tags_of(sentences, str(args.data))
    test = None
    if args.test is not None:
        test = tuning.read_tagged(args.test, encoding=args.encoding)
        _known({tag for sentence in test for tag in sentence.tags}, tags, args.test)
    lm = base_model(args.model)
    task = tuning.Labelling(lm, sentences, config_of(args), source=str(args.data))
    seconds = learn(task, args)
    measured = task.valid if test is None else test
    found: dict[str, Any] = {"tested_on": None}
    if measured:
        said = task.tagger.find([pieces(lm.tokenizer, sentence.words, task.most) for sentence in measured])
        scores = tuning.entity_scores([sentence.tags for sentence in measured], said)
        found = {"tested_on": "held out" if test is None else "test", "sentences": len(measured),
                 "kinds": {kind.kind: kind._asdict() for kind in scores.kinds}, "accuracy": scores.accuracy,
                 "f1": scores.all.f1, "macro_f1": scores.macro_f1}  # fmt: skip
    found |= {"trainable": task.trainable, "seconds": round(seconds, 2)}
    return finish(task, lm, args, files, found)


def _known(found: Iterable[str], labels: Sequence[str], file: Path) -> None:
    unknown = sorted(set(found) - set(labels))
    if unknown:
        raise ConfigError("tune.unseen", file=str(file), labels=", ".join(unknown[:5])[:200])
