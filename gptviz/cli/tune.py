"""``gptviz tune``: labelled texts in, a model that does the task out.

``tune classify`` learns which label a text has, ``tune entities`` which words are persons, places and so on.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from gptviz.cli import outputs
from gptviz.errors import ConfigError
from gptviz.rounding import fixed, percent

if TYPE_CHECKING:
    from gptviz.language_model import LocalModel
    from gptviz.tuning.examples import Example
    from gptviz.tuning.tasks import Classification
    from gptviz.tuning.tuner import TuneConfig, TuneRecord, Tuning

METHODS = ("full", "head", "lora", "adalora", "adapter", "prefix", "prompt", "bitfit")
_SAME = (
    "epochs",
    "batch_size",
    "learning_rate",
    "weight_decay",
    "patience",
    "seconds",
    "seed",
    "valid_share",
    "pooling",
)


def add_to(commands: Any) -> None:
    """Add the command, and the tasks below it."""
    parser = commands.add_parser("tune", help="teach a model a task by labelled texts")
    tasks = parser.add_subparsers(required=True, metavar="task")
    classify = tasks.add_parser("classify", help="a label for each text")
    classify.add_argument("data", type=Path, help="CSV or JSONL: a text and its label in each row")
    _options(classify)
    classify.add_argument("--text", default="text", metavar="COLUMN", help="the column of the texts")
    classify.add_argument("--label", default="label", metavar="COLUMN", help="the column of the labels")
    classify.add_argument("--test", type=Path, help="the same, to be measured on; else what was held out is")
    classify.add_argument("--pooling", choices=("last", "mean"), help="what the head reads of a text")
    classify.set_defaults(run=run_classify)
    named = tasks.add_parser("entities", help="a tag for each word")
    named.add_argument("data", type=Path, help="CoNLL: a word and its tag (B-PER, I-PER, O) a line")
    _options(named)
    named.add_argument("--test", type=Path, help="the same, to be measured on; else what was held out is")
    named.set_defaults(run=run_entities, pooling=None)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder that is written")
    parser.add_argument("--model", default="", help="the model that is tuned; by default the bundled one")
    parser.add_argument("--method", choices=METHODS, default="lora", help="which numbers are learnt")
    parser.add_argument("--rank", type=int, help="of lora, and of adalora on average at the end")
    parser.add_argument("--length", type=int, help="of prefix and prompt, in tokens")
    parser.add_argument("--width", type=int, help="of adapter")
    parser.add_argument("--last-layers", type=int, help="of full: only so many blocks, the last ones")
    parser.add_argument("--epochs", type=int, help="times that all texts are read")
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--learning-rate", type=float, help="at its peak; by default the method's own")
    parser.add_argument("--weight-decay", type=float)
    parser.add_argument("--patience", type=int, help="epochs without a lower held-out loss until it stops; 0: never")
    parser.add_argument("--seconds", type=float, help="stop after so long, with the best so far")
    parser.add_argument("--valid-share", type=float, help="part of the texts that is held out")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--encoding", help="of the files, where it is not UTF-8")
    parser.add_argument("--log", metavar="FILE", help="a line of JSON for each step; - is standard output")
    outputs.add_to(parser, json="what was measured as JSON")


def run_classify(args: argparse.Namespace) -> int:
    """Tune, measure, save."""
    from gptviz import tuning
    from gptviz.tuning.examples import labels_of

    files = _files(args)
    examples = tuning.read(args.data, text=args.text, label=args.label, encoding=args.encoding)
    labels = labels_of(examples, str(args.data))
    test = None
    if args.test is not None:
        test = tuning.read(args.test, text=args.text, label=args.label, encoding=args.encoding)
        _known({example.label for example in test}, labels, args.test)
    lm = _model(args.model)
    task = tuning.Classification(lm, examples, _config(args), source=str(args.data))
    seconds = _learn(task, args)
    found = _measure(task, lm, task.split.valid if test is None else test, "held out" if test is None else "test")
    found["seconds"] = round(seconds, 2)
    return _finish(task, lm, args, files, found)


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

    files = _files(args)
    sentences = tuning.read_tagged(args.data, encoding=args.encoding)
    tags = tags_of(sentences, str(args.data))
    test = None
    if args.test is not None:
        test = tuning.read_tagged(args.test, encoding=args.encoding)
        _known({tag for sentence in test for tag in sentence.tags}, tags, args.test)
    lm = _model(args.model)
    task = tuning.Labelling(lm, sentences, _config(args), source=str(args.data))
    seconds = _learn(task, args)
    measured = task.valid if test is None else test
    found: dict[str, Any] = {"tested_on": None}
    if measured:
        said = task.tagger.find([pieces(lm.tokenizer, sentence.words, task.most) for sentence in measured])
        scores = tuning.entity_scores([sentence.tags for sentence in measured], said)
        found = {"tested_on": "held out" if test is None else "test", "sentences": len(measured),
                 "kinds": {kind.kind: kind._asdict() for kind in scores.kinds}, "accuracy": scores.accuracy,
                 "f1": scores.all.f1, "macro_f1": scores.macro_f1}  # fmt: skip
    found |= {"trainable": task.trainable, "seconds": round(seconds, 2)}
    return _finish(task, lm, args, files, found)


def _files(args: argparse.Namespace) -> dict[str, str]:
    """What is written beside OUT; what would fail after the run fails before it."""
    files = outputs.wanted(args)
    if args.log == outputs.STANDARD and not outputs.free(files):
        raise ConfigError("cli.two_outputs", options="--json and --log")
    if args.out.exists() and not args.out.is_dir():
        raise ConfigError("cli.write", file=str(args.out), reason="it is a file")
    args.out.mkdir(parents=True, exist_ok=True)
    return files


def _known(found: Iterable[str], labels: Sequence[str], file: Path) -> None:
    unknown = sorted(set(found) - set(labels))
    if unknown:
        raise ConfigError("tune.unseen", file=str(file), labels=", ".join(unknown[:5])[:200])


def _model(name: str) -> LocalModel:
    import gptviz

    return gptviz.load(name, weights="float32") if name else gptviz.load(weights="float32")


def _config(args: argparse.Namespace) -> TuneConfig:
    from gptviz import tuning

    own = {"rank": ("lora", "adalora"), "length": ("prefix", "prompt"), "width": ("adapter",),
           "last_layers": ("full",)}  # fmt: skip
    settings = {name: getattr(args, name) for name in own if getattr(args, name) is not None}
    for name in settings:
        if args.method not in own[name]:
            option = "--" + name.replace("_", "-")
            raise ConfigError("tune.option", option=option, method=args.method, methods=", ".join(own[name]))
    if args.method == "adalora" and "rank" in settings:
        settings["first_rank"] = 2 * settings["rank"]
    given = {name: getattr(args, name) for name in _SAME if getattr(args, name) is not None}
    return tuning.TuneConfig(method=tuning.method(args.method, **settings), **given)


def _learn(task: Tuning, args: argparse.Namespace) -> float:
    """Go through the run, telling of it; Ctrl-C keeps the best so far. The seconds that it took."""
    began = time.perf_counter()
    with ExitStack() as stack, suppress(KeyboardInterrupt):
        log: TextIO | None = None
        if args.log == outputs.STANDARD:
            log = sys.stdout
        elif args.log:
            log = stack.enter_context(Path(args.log).open("w", encoding="utf-8"))
        for record in task.run():
            if log:
                print(json.dumps(record._asdict()), file=log, flush=True)
            if record.valid_loss is not None:
                print(_said(record), file=sys.stderr)
    return time.perf_counter() - began


def _said(record: TuneRecord) -> str:
    accuracy = percent(record.valid_accuracy, 1)
    return (f"epoch {fixed(record.epoch, 1)}, step {record.step} of {record.steps}: held out "
            f"{fixed(record.valid_loss or 0.0, 3)} nats, {accuracy} right, {fixed(record.seconds, 1)} s")  # fmt: skip


def _finish(
    task: Tuning, lm: LocalModel, args: argparse.Namespace, files: dict[str, str], found: dict[str, Any]
) -> int:
    from gptviz import tuning

    tuning.save(task, lm, args.out, scores=found)
    whole = {"method": task.config.method.name, "model": lm.name, **found}
    if "json" in files:
        outputs.write(files["json"], json.dumps(whole, ensure_ascii=False))
    if outputs.free(files) and args.log != outputs.STANDARD:
        for name, value in found.items():
            print(f"{name}: {value}")
    return 0
