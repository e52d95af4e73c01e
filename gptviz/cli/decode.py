"""``gptviz generate | compare | replay``: texts written in the shell, and kept as JSON, CSV or an HTML report."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gptviz.cli import options, outputs, texts
from gptviz.cli.shown import Writer, overview, stopped
from gptviz.cli.trace import load
from gptviz.decoding.parameters import MAX_NEW_TOKENS, SEED, USUAL
from gptviz.errors import ConfigError
from gptviz.i18n import counted

if TYPE_CHECKING:
    from gptviz.decoding import Step, Strategy
    from gptviz.decoding.records import Run

_DESCRIBE_COMPARE = """\
Continue one text with several strategies side by side, all given the same random numbers, so that where two texts
part it is the strategies that differ and not the luck."""
_EXAMPLES_COMPARE = """\
examples:
  gptviz compare "Once upon a time"
  gptviz compare "人工智能是" --preset repetition --tokens 60
  gptviz compare "The cat" -s greedy -s beam:width=5 -s sample:temperature=0.7,top_p=0.9 --html report.html"""
_EXAMPLES_GENERATE = """\
examples:
  gptviz generate "Once upon a time"
  gptviz generate "Once upon a time" --strategy beam --width 5
  gptviz generate "从前" --temperature 1.2 --top-k 40 --seed 3 --json run.json
  gptviz generate --file beginnings.txt --lines --json runs.jsonl
  gptviz generate "Once upon a time" --tokens 2000 --window"""


def add_to(commands: Any) -> None:
    """Add the commands to the parser's ``commands``."""
    whole = argparse.RawDescriptionHelpFormatter
    generate = commands.add_parser("generate", help="continue a text", epilog=_EXAMPLES_GENERATE, formatter_class=whole)
    texts.add_to(generate, "what the text begins with")
    _add_common(generate)
    generate.add_argument("--window", action="store_true",
                          help="where the context is full, forget its first half and write on")  # fmt: skip
    _add_strategy(generate)
    generate.set_defaults(run=run_generate)

    compare = commands.add_parser("compare", help="continue a text with several strategies side by side",
                                  description=_DESCRIBE_COMPARE, epilog=_EXAMPLES_COMPARE,
                                  formatter_class=whole)  # fmt: skip
    texts.add_to(compare, "what the texts begin with")
    which = compare.add_mutually_exclusive_group()
    which.add_argument("--preset", help=f"one of {', '.join(_presets())} (default: six)")
    which.add_argument("-s", "--strategy", action="append", metavar="NAME:SETTING=VALUE,…",
                       help="a strategy with its settings; once for each")  # fmt: skip
    _add_common(compare)
    compare.set_defaults(run=run_compare)

    replay = commands.add_parser("replay", help="run a saved run again, and say whether it comes out the same")
    replay.add_argument("file", help="a run saved as JSON or as an HTML report; - reads standard input")
    options.add_model(replay)
    options.add_number(replay, "--tokens", MAX_NEW_TOKENS, "new tokens at most (default: as saved; more goes on with "
                       "the same random numbers)", default=False)  # fmt: skip
    _add_outputs(replay)
    replay.set_defaults(run=run_replay)


def _add_common(parser: argparse.ArgumentParser) -> None:
    options.add_model(parser)
    options.add_start(parser)
    options.add_number(parser, "--tokens", MAX_NEW_TOKENS, "new tokens at most")
    options.add_number(parser, "--seed", SEED, "fixes the random numbers")
    _add_outputs(parser)


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    outputs.add_to(parser, json="the whole run, to be opened again", csv="", html="")
    parser.add_argument("--lang", default=os.environ.get("LANG", "").split(".")[0], help="language of the report")


def _add_strategy(parser: argparse.ArgumentParser) -> None:
    """An option for each parameter that a strategy has."""
    from gptviz.decoding import STRATEGIES
    from gptviz.i18n import translate

    parser.add_argument("--strategy", default="sample", help=f"one of {', '.join(STRATEGIES)} (default: sample)")
    owners: dict[str, list[str]] = {}
    for name, kind in STRATEGIES.items():
        for parameter in kind.parameters:
            owners.setdefault(parameter.name, []).append(name)
    group = parser.add_argument_group("settings of the strategies")
    for name, of in owners.items():
        hint = translate(f"strategy.parameter_hint.{name}", "en").replace("%", "%%")
        usual = f"; default {USUAL[name]:g}" if name in USUAL and "sample" in of else ""
        group.add_argument(f"--{name.replace('_', '-')}", dest=f"set_{name}", metavar="VALUE",
                           help=f"{', '.join(of)}: {hint}{usual}")  # fmt: skip


def _presets() -> Mapping[str, Mapping[str, Strategy]]:
    from gptviz.decoding.presets import PRESETS

    return PRESETS


def read_strategy(name: str, settings: Mapping[str, str]) -> Strategy:
    """The strategy ``name`` with ``settings`` as typed. Raises DecodingError where there is no such thing."""
    from gptviz.decoding import STRATEGIES, strategy_from_dict

    kinds = {p.name: p for p in STRATEGIES[name].parameters} if name in STRATEGIES else {}
    values = {key: kinds[key].read(said) if key in kinds else said for key, said in settings.items()}
    return strategy_from_dict({**values, "name": name})


def parse_strategy(said: str) -> Strategy:
    """``sample:temperature=0.7,top-p=0.9`` as a strategy. Raises DecodingError as ``read_strategy``."""
    name, _, rest = said.partition(":")
    pairs = (part.partition("=") for part in rest.split(",") if part.strip())
    return read_strategy(name.strip(), {key.strip().replace("-", "_"): value for key, _, value in pairs})


def run_generate(args: argparse.Namespace) -> int:
    """Write the text as it comes; all that can be wrong is said before anything is written."""
    from gptviz.decoding.presets import short

    given = {key[4:]: value for key, value in vars(args).items() if key.startswith("set_") and value is not None}
    usual = {key: str(value) for key, value in USUAL.items()} if args.strategy == "sample" else {}
    strategy = read_strategy(args.strategy, usual | given)
    files, prompts = _prepare(args)
    lm = load(args.model)
    if args.window:
        return _slide(args, lm, prompts, strategy)
    for prompt, _ in prompts:
        read = options.read_text(lm, prompt, args.start)
        lm.generate(read, strategy, max_new_tokens=args.tokens, seed=args.seed)  # computes nothing yet
    runs = []
    for prompt, _ in prompts:
        runs.append(_written(args, lm, prompt, {short(strategy): strategy}, show=outputs.free(files)))
        _say_stopped(runs[-1], hint=" (--window writes on)")
    _save(runs, files, args.lang)
    return 0


def _written(args: argparse.Namespace, lm: Any, prompt: str, strategies: Mapping[str, Strategy], *,
             show: bool) -> Run:  # fmt: skip
    from gptviz.decoding.records import record

    writer = Writer(prompt) if show else None

    def write(_: str, step: Step) -> None:
        if writer:
            writer.write(step.text)

    read = options.read_text(lm, prompt, args.start)
    run = record(lm, read, strategies, max_new_tokens=args.tokens, seed=args.seed, progress=write)
    if show:
        print()
    return run


def _slide(args: argparse.Namespace, lm: Any, prompts: Sequence[texts.Text], strategy: Strategy) -> int:
    """Write past the end of the context, and say where what was forgotten."""
    from gptviz.decoding.sliding import write_on
    from gptviz.decoding.steps import whole_characters

    asked = {"max_new_tokens": args.tokens, "seed": args.seed}
    started = [write_on(lm, options.read_text(lm, prompt, args.start), strategy, **asked) for prompt, _ in prompts]
    for (prompt, _), tokens in zip(prompts, started, strict=True):
        writer, data, slides = Writer(prompt), b"", 0
        forgotten = before = 0
        for written in tokens:
            if written.forgotten != before:
                slides, before = slides + 1, written.forgotten
            forgotten = written.forgotten
            if written.step.finish != "end":
                data += written.step.piece
            writer.write(whole_characters(data))
        print()
        if slides:
            print(f"The window slid {counted(slides, 'time')}: the model had forgotten the first "
                  f"{counted(forgotten, 'token')} at the end.", file=sys.stderr)  # fmt: skip
    return 0


def run_compare(args: argparse.Namespace) -> int:
    """Write all texts, then their numbers side by side."""
    from gptviz.decoding.presets import short

    presets = _presets()
    if args.preset is not None and args.preset not in presets:
        raise ConfigError("cli.preset", name=args.preset, names=", ".join(presets))
    given = [parse_strategy(said) for said in args.strategy or ()]
    strategies = _named([short(s) for s in given], given) if given else dict(presets[args.preset or "six"])
    files, prompts = _prepare(args)
    lm = load(args.model)
    read = [options.read_text(lm, prompt, args.start) for prompt, _ in prompts]
    for prompt in read:
        lm.generate(prompt, max_new_tokens=args.tokens, seed=args.seed)  # computes nothing yet
    runs = []
    for number, prompt in enumerate(read):
        runs.append(_record(lm, prompt, strategies, args.tokens, args.seed))
        if outputs.free(files):
            print("\n" * bool(number) + overview(runs[-1]))
        _say_stopped(runs[-1])
    _save(runs, files, args.lang)
    return 0


def run_replay(args: argparse.Namespace) -> int:
    """Run a file's run again. Exit code 1 where it comes out otherwise than saved."""
    from gptviz.decoding.exchange import load_run

    files = outputs.wanted(args)
    data = texts.data(args.file)
    lm = load(args.model)
    saved = load_run(data, lm)
    run = _record(lm, saved.ids, saved.strategies, args.tokens or saved.max_new_tokens, saved.seed)
    _save([run], files, args.lang)
    if outputs.free(files):
        print(overview(run))
    longer = run.max_new_tokens != saved.max_new_tokens
    found = [d for d in saved.differences(run) if not (longer and d.reason == "length")]
    for difference in found:
        print(f"{difference.name}: another {difference.reason} at step {difference.step + 1}", file=sys.stderr)
    if not found:
        print("The same as saved." if not longer else "As saved, as far as that went.", file=sys.stderr)
    return int(bool(found))


def _record(lm: Any, prompt: str | Sequence[int], strategies: Mapping[str, Strategy], tokens: int,
            seed: int) -> Run:  # fmt: skip
    """The run; on a terminal, a line says how far it is."""
    from gptviz.decoding.records import record

    shown = sys.stderr.isatty()

    def count(_: str, step: Step) -> None:
        if shown:
            print(f"\r{step.index + 1} / {tokens} ", end="", file=sys.stderr, flush=True)

    try:
        return record(lm, prompt, strategies, max_new_tokens=tokens, seed=seed, progress=count)
    finally:
        if shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _named(names: Sequence[str], strategies: Sequence[Strategy]) -> dict[str, Strategy]:
    """Under their names; of equal names the second is ``name (2)``."""
    found: dict[str, Strategy] = {}
    for name, strategy in zip(names, strategies, strict=True):
        count, free = 2, name
        while free in found:
            free, count = f"{name} ({count})", count + 1
        found[free] = strategy
    return found


def _prepare(args: argparse.Namespace) -> tuple[dict[str, str], list[texts.Text]]:
    """(the files asked for, the texts): what would fail later is told before anything is computed."""
    files = outputs.wanted(args)
    if getattr(args, "window", False) and files:
        raise ConfigError("cli.window_kept", options=", ".join(f"--{kind}" for kind in files))
    prompts = texts.given(args)
    for kind in files:
        if kind != "json" and len(prompts) > 1:
            raise ConfigError("cli.one_text", option=f"--{kind}", count=len(prompts))
    return files, prompts


def _say_stopped(run: Run, hint: str = "") -> None:
    for sentence in stopped(run):
        print(sentence + hint, file=sys.stderr)


def _save(runs: Sequence[Run], files: Mapping[str, str], lang: str) -> None:
    """Write the files asked for; of several runs a line of JSON each."""
    from gptviz.decoding.exchange import to_csv, to_json

    for kind, file in files.items():
        if kind == "json":
            outputs.write(file, "\n".join(map(to_json, runs)))
        else:
            outputs.write(file, to_csv(runs[0]) if kind == "csv" else _report(runs[0], lang), mark=kind == "csv")


def _report(run: Run, lang: str) -> str:
    from gptviz import report
    from gptviz.i18n import choose_language

    return report.html(run, lang=choose_language(lang))
