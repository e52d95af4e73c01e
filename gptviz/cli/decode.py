"""``gptviz generate | compare | replay``: texts written in the shell, and kept as JSON, CSV or an HTML report."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gptviz.cli.table import safe, table
from gptviz.cli.trace import load
from gptviz.errors import ConfigError
from gptviz.i18n import counted

if TYPE_CHECKING:
    from gptviz.decoding import Step, Strategy
    from gptviz.decoding.records import Run

#: What ``generate`` takes where nothing else is said: text that reads well.
USUAL: dict[str, dict[str, Any]] = {"sample": {"temperature": 0.8, "top_p": 0.95}}
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
  gptviz generate "从前" --temperature 1.2 --top-k 40 --seed 3 --json run.json"""


def add_to(commands: Any) -> None:
    """Add the commands to the parser's ``commands``."""
    whole = argparse.RawDescriptionHelpFormatter
    generate = commands.add_parser("generate", help="continue a text", epilog=_EXAMPLES_GENERATE, formatter_class=whole)
    generate.add_argument("text", help="what the text begins with")
    _add_common(generate)
    _add_strategy(generate)
    generate.set_defaults(run=run_generate)

    compare = commands.add_parser("compare", help="continue a text with several strategies side by side",
                                  description=_DESCRIBE_COMPARE, epilog=_EXAMPLES_COMPARE,
                                  formatter_class=whole)  # fmt: skip
    compare.add_argument("text", help="what the texts begin with")
    which = compare.add_mutually_exclusive_group()
    which.add_argument("--preset", help=f"one of {', '.join(_presets())} (default: six)")
    which.add_argument("-s", "--strategy", action="append", metavar="NAME:SETTING=VALUE,…",
                       help="a strategy with its settings; once for each")  # fmt: skip
    _add_common(compare)
    compare.set_defaults(run=run_compare)

    replay = commands.add_parser("replay", help="run a saved run again, and say whether it comes out the same")
    replay.add_argument("file", type=Path, help="a run saved as JSON or as an HTML report")
    _add_common(replay, seed=False, tokens=None)
    replay.set_defaults(run=run_replay)


def _add_common(parser: argparse.ArgumentParser, *, seed: bool = True, tokens: int | None = 40) -> None:
    parser.add_argument("--model", help="a name, a folder, or a Hugging Face id of a GPT-2")
    said = f"default: {tokens}" if tokens else "default: as saved; more goes on with the same random numbers"
    parser.add_argument("--tokens", type=int, default=tokens, help=f"new tokens at most ({said})")
    if seed:
        parser.add_argument("--seed", type=int, default=0, help="fixes the random numbers (default: 0)")
    for kind, what in (("json", "the whole run, to be opened again"), ("csv", "a row for each step"),
                       ("html", "a report that opens without network")):  # fmt: skip
        parser.add_argument(f"--{kind}", metavar="FILE", help=f"save {what}; - writes it to the terminal")
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
        usual = "".join(f"; default {USUAL[one][name]:g}" for one in of if name in USUAL.get(one, {}))
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
    """Write the text as it comes."""
    from gptviz.decoding.presets import short
    from gptviz.decoding.records import record

    _prepare(args)
    given = {key[4:]: value for key, value in vars(args).items() if key.startswith("set_") and value is not None}
    usual = {key: str(value) for key, value in USUAL.get(args.strategy, {}).items()}
    strategy = read_strategy(args.strategy, usual | given)
    lm = load(args.model)
    quiet = "-" in (args.json, args.csv, args.html)
    writer = _Writer()

    def write(_: str, step: Step) -> None:
        if not quiet:
            writer.write(step.text)

    lm.ids(args.text)  # what cannot be read is said before anything is written
    writer.begin("" if quiet else args.text)
    run = record(lm, args.text, {short(strategy): strategy}, max_new_tokens=args.tokens, seed=args.seed, progress=write)
    if not quiet:
        print()
    _save(run, args)
    return 0


def run_compare(args: argparse.Namespace) -> int:
    """Write all texts, then their numbers side by side."""
    from gptviz.decoding.presets import short

    _prepare(args)
    presets = _presets()
    if args.preset is not None and args.preset not in presets:
        raise ConfigError("cli.preset", name=args.preset, names=", ".join(presets))
    given = [parse_strategy(said) for said in args.strategy or ()]
    strategies = _named([short(s) for s in given], given) if given else dict(presets[args.preset or "six"])
    run = _record(args, load(args.model), args.text, strategies, args.tokens, args.seed)
    if _save(run, args):
        print(overview(run))
    return 0


def run_replay(args: argparse.Namespace) -> int:
    """Run a file's run again. Exit code 1 where it comes out otherwise than saved."""
    from gptviz.decoding.exchange import load_run

    _prepare(args)
    lm = load(args.model)
    try:
        saved = load_run(args.file.read_bytes(), lm)
    except OSError as error:
        raise ConfigError("cli.read", file=str(args.file), reason=error.strerror or str(error)) from error
    run = _record(args, lm, saved.ids, saved.strategies, args.tokens or saved.max_new_tokens, saved.seed)
    if _save(run, args):
        print(overview(run))
    longer = run.max_new_tokens != saved.max_new_tokens
    found = [d for d in saved.differences(run) if not (longer and d.reason == "length")]
    for difference in found:
        print(f"{difference.name}: another {difference.reason} at step {difference.step + 1}", file=sys.stderr)
    if not found:
        print("The same as saved." if not longer else "As saved, as far as that went.", file=sys.stderr)
    return int(bool(found))


def _record(args: argparse.Namespace, lm: Any, prompt: str | Sequence[int], strategies: Mapping[str, Strategy],
            tokens: int, seed: int) -> Run:  # fmt: skip
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


def _prepare(args: argparse.Namespace) -> None:
    """What a file needs is missed before anything is computed, not after."""
    if args.html is not None:
        import gptviz.report  # noqa: F401  # brings plotly along


def _save(run: Run, args: argparse.Namespace) -> bool:
    """Write the files asked for; whether the terminal is free for something else."""
    from gptviz.decoding.exchange import to_csv, to_json

    free = True
    for kind in ("json", "csv", "html"):
        where = getattr(args, kind)
        if where is None:
            continue
        text = to_json(run) if kind == "json" else to_csv(run) if kind == "csv" else _report(run, args.lang)
        if where == "-":
            print(text.removesuffix("\n"))
            free = False
            continue
        try:  # spreadsheets take a file for UTF-8 only where it says so
            Path(where).write_text(text, encoding="utf-8-sig" if kind == "csv" else "utf-8", newline="")
        except OSError as error:
            raise ConfigError("cli.write", file=where, reason=error.strerror or str(error)) from error
    return free


def _report(run: Run, lang: str) -> str:
    from gptviz import report
    from gptviz.i18n import choose_language

    return report.html(run, lang=choose_language(lang))


class _Writer:
    """Writes a text that grows; half a character waits for its other half."""

    def __init__(self) -> None:
        self._text = ""

    def begin(self, prompt: str) -> None:
        """The prompt."""
        print(safe(prompt), end="", flush=True)

    def write(self, text: str) -> None:
        """``text``: all there is so far, of which what is new is written."""
        whole = self._text if text.endswith("�") else text
        print(safe(whole[len(self._text) :]), end="", flush=True)
        self._text = whole


def overview(run: Run) -> str:
    """Texts and numbers of a run, for a terminal."""
    heads = "strategy,tokens,nats,per token,perplexity,distinct-1,distinct-2,in loops,leaves at,passes,seconds,ended by"
    rows, texts = [], []
    for name, column in run.columns.items():
        m, leaves = column.measures, run.leaves[name]
        rows.append([
            name, str(m.length), f"{m.logprob:.1f}", f"{m.mean_logprob:.2f}", f"{m.perplexity:,.1f}",
            *("-" if value is None else f"{value:.2f}" for value in (m.distinct_1, m.distinct_2)), f"{m.looped:.0%}",
            "-" if leaves is None else str(leaves + 1), "-" if column.passes is None else str(column.passes),
            "-" if column.seconds is None else f"{column.seconds:.2f}", column.steps[-1].finish or "-",
        ])  # fmt: skip
        texts.append(f"{name}\n{_indented(safe(column.text))}")
    head = f"{safe(run.prompt)}\n({run.model.name}, {counted(len(run.ids), 'token')}, seed {run.seed})"
    return "\n\n".join([head, *texts, table(heads.split(","), rows)])


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))
