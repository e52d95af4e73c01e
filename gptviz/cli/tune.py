"""``gptviz tune``: labelled texts in, a model that does the task out.

``tune classify`` learns which label a text has, ``tune entities`` which words are persons, places and so on;
``tune instruct`` and ``tune prefer`` (``tune_answers``) how a model answers; ``tune prompts`` learns nothing,
``tune sequence`` one task after another, ``tune robust`` in several ways.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gptviz.cli import tune_answers, tune_prompts, tune_robust, tune_sequence
from gptviz.cli.tune_shared import add_options, base_model, config_of, files_of, finish, learn
from gptviz.errors import ConfigError
from gptviz.rounding import fixed, percent

if TYPE_CHECKING:
    from gptviz.language_model import LocalModel
    from gptviz.tuning.adversarial import Adversary
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
    classify.add_argument("--adversarial", choices=("fgm", "pgd"), help="learn against small steps that raise the loss")
    classify.add_argument("--epsilon", type=float, help="how far they go, in mean lengths of a token's row")
    classify.add_argument("--augment", choices=("replace", "delete", "swap", "paraphrase"),
                          help="learn from a changed copy of each text too")  # fmt: skip
    classify.add_argument("--curve", metavar="N,N,…", help="first, so many examples alone: tuned, and from scratch")
    classify.add_argument("--explain", type=int, default=0, metavar="N",
                          help="of so many texts that it gets wrong, what each token speaks for")  # fmt: skip
    classify.add_argument("--attack", type=int, default=0, metavar="N",
                          help="of so many texts that it has right, the words by which it is misled")  # fmt: skip
    classify.set_defaults(run=run_classify)
    named = tasks.add_parser("entities", help="a tag for each word")
    named.add_argument("data", type=Path, help="CoNLL: a word and its tag (B-PER, I-PER, O) a line")
    add_options(named)
    named.add_argument("--test", type=Path, help="the same, to be measured on; else what was held out is")
    named.set_defaults(run=run_entities, pooling=None)
    tune_answers.add_to(tasks)
    tune_prompts.add_to(tasks)
    tune_sequence.add_to(tasks)
    tune_robust.add_to(tasks)


def run_classify(args: argparse.Namespace) -> int:
    """Tune, measure, save."""
    from gptviz import tuning
    from gptviz.tuning.augmentation import augment
    from gptviz.tuning.examples import labels_of

    files = files_of(args)
    examples = tuning.read(args.data, text=args.text, label=args.label, encoding=args.encoding)
    labels = labels_of(examples, str(args.data))
    test = None
    if args.test is not None:
        test = tuning.read(args.test, text=args.text, label=args.label, encoding=args.encoding)
        _known({example.label for example in test}, labels, args.test)
    counts, against = _counts(args, len(examples)), _adversary(args)
    lm = base_model(args)
    task = tuning.Classification(lm, examples, config_of(args), adversary=against, source=str(args.data))
    if args.augment:
        task.take(augment(lm, task.split.train, args.augment, seed=task.config.seed))
    measured, on = (task.split.valid, "held out") if test is None else (test, "test")
    points = _curve(lm, task, measured, counts) if counts and measured else []
    seconds = learn(task, args)
    found = _measure(task, measured, on)
    wrong = _wrong(task, measured, args.explain) if args.explain > 0 else []
    before: dict[str, Any] = {"curve": points} if points else {}
    before |= {"wrong": wrong} if wrong else {}
    if args.attack > 0:
        before["attacks"] = _attacks(task, measured, args.attack)
    return finish(task, lm, args, files, before | found | {"seconds": round(seconds, 2)})


def _adversary(args: argparse.Namespace) -> Adversary | None:
    from gptviz.tuning.adversarial import adversary

    if args.adversarial is None and args.epsilon is not None:
        raise ConfigError("tune.epsilon")
    settings = {} if args.epsilon is None else {"epsilon": args.epsilon}
    return adversary(args.adversarial, **settings) if args.adversarial else None


def _counts(args: argparse.Namespace, there: int) -> list[int]:
    from gptviz.tuning.curve import check_counts

    try:
        counts = [int(said) for said in args.curve.split(",")] if args.curve else []
    except ValueError as error:
        raise ConfigError("tune.curve", count=args.curve[:50], there=there, file=str(args.data)) from error
    check_counts(counts, there, str(args.data))
    return counts


def _curve(
    lm: LocalModel, task: Classification, test: Sequence[Example], counts: Sequence[int]
) -> list[dict[str, Any]]:
    """Accuracy against the number of examples; what is measured on is not among them."""
    from gptviz.tuning.curve import learning_curve

    points = []
    train = task.split.train
    for point in learning_curve(lm, train, test, [min(count, len(train)) for count in counts], task.config):
        said = point.scores
        points.append({"examples": point.examples, "way": point.way, "accuracy": said.accuracy,
                       "interval": [said.low, said.high], "macro_f1": said.macro_f1,
                       "seconds": round(point.seconds, 2)})  # fmt: skip
        print(f"{point.examples} examples, {point.way}: {percent(said.accuracy, 1)} right, "
              f"{fixed(point.seconds, 1)} s", file=sys.stderr)  # fmt: skip
    return points


def _wrong(task: Classification, test: Sequence[Example], most: int) -> list[dict[str, Any]]:
    """Texts that are taken for something else, the first ones, with what each token speaks for."""
    from gptviz.tuning.attributions import attribute

    found = zip(test, task.find([example.text for example in test]), strict=True)
    rows = []
    for example, label in [pair for pair in found if pair[0].label != pair[1]][:most]:
        said = attribute(task.classifier, task.tokenizer, example.text, label, most=task.most)
        rows.append({"text": example.text, "label": example.label, "found": label, "score": said.score,
                     "tokens": [task.tokenizer.decode([token]) for token in said.ids],
                     "gradient": said.gradient.tolist(), "occlusion": said.occlusion.tolist(),
                     "agreement": said.agreement})  # fmt: skip
    return rows


def _attacks(task: Classification, test: Sequence[Example], most: int) -> list[dict[str, Any]]:
    """Texts that it has right, the first ones, changed word by word until it is wrong."""
    from gptviz.tuning.attack import attack

    found = zip(test, task.find([example.text for example in test]), strict=True)
    rows = []
    for example in [example for example, label in found if example.label == label][:most]:
        flips = list(attack(task.classifier, task.tokenizer, example.text, example.label, most=task.most))
        rows.append({"text": example.text, "label": example.label, "flips": [flip._asdict() for flip in flips]})
        print(f"{example.label}: {example.text}", file=sys.stderr)
        for flip in flips:
            said = f"{flip.found}, {percent(flip.prob, 1)} for the true label"
            print(f"  {flip.old.strip()} → {flip.new.strip()}: {said}", file=sys.stderr)
    return rows


def _measure(task: Classification, test: Sequence[Example], on: str) -> dict[str, Any]:
    from gptviz import tuning

    if not test:
        return {"tested_on": None, "trainable": task.trainable}
    truth, labels = [example.label for example in test], task.classifier.labels
    scores = tuning.scores(truth, task.find([example.text for example in test]), labels)
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
    lm = base_model(args)
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
