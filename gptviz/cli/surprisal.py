"""``gptviz surprisal``: how surprising a model finds texts, token by token, line by line, and pair against pair.

The first token is scored after the mark that starts a text (end-of-text), where the model has one. Bits are -log2 p.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from gptviz.cli import options, outputs, texts
from gptviz.cli.table import table
from gptviz.cli.trace import load
from gptviz.decoding.exchange import cell
from gptviz.errors import ConfigError, PromptError
from gptviz.i18n import counted
from gptviz.rounding import fixed, number, percent
from gptviz.views import surprise
from gptviz.views.surprise import SurpriseView, Word

_DESCRIBE = """\
The surprisal of each token (bits, -log2 p given all before it), with its rank and the entropy of what was expected,
and of each text in all: bits, bits per byte of UTF-8, perplexity. The first token is scored after the mark that starts
a text. A text longer than the model's context is read in windows that overlap by half."""
_EXAMPLES = """\
examples:
  gptviz surprisal story.txt
  gptviz surprisal sentences.txt --lines --csv sentences.csv          # a row for each line
  gptviz surprisal sentences.txt --lines --by token --csv tokens.csv  # a row for each token
  gptviz surprisal pairs.tsv --pairs                 # which of two sentences is likelier, line by line
  echo "The cat sat on the mat." | gptviz surprisal - --json -"""
TOKEN_COLUMNS = ("line", "text", "position", "id", "token", "bytes", "bits", "rank", "entropy")
TEXT_COLUMNS = ("line", "text", "tokens", "scored", "bytes", "bits", "bits_per_token", "bits_per_byte", "perplexity")
PAIR_COLUMNS = ("line", "name", "a", "b", "bits_a", "bits_b", "bits_b_minus_a", "per_byte_b_minus_a", "likelier")


class Read(NamedTuple):
    """One text with what the model made of it."""

    line: int
    name: str  # of the text: "" alone, a and b in a pair
    text: str
    view: SurpriseView


class Pair(NamedTuple):
    """Two texts of one line."""

    line: int
    name: str
    a: Read
    b: Read

    @property
    def likelier(self) -> str:
        """The one that costs fewer bits."""
        return "=" if self.a.view.bits == self.b.view.bits else "a" if self.a.view.bits < self.b.view.bits else "b"


def add_to(commands: Any) -> None:
    """Add the command to the parser's ``commands``."""
    parser = commands.add_parser("surprisal", help="how surprising a text is: each token, each line, pairs of texts",
                                 description=_DESCRIBE, epilog=_EXAMPLES,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("file", help="a file of text; - reads standard input")
    options.add_model(parser)
    options.add_start(parser, default=True)
    texts.add_reading(parser)
    parser.add_argument("--pairs", action="store_true", help="each line is two texts with a tab (or ‖) between them; "
                        "before them a name, if you like")  # fmt: skip
    parser.add_argument("--by", choices=("token", "text"),
                        help="a row for each token, or for each text (default: token; with --lines text)")  # fmt: skip
    outputs.add_to(parser, json="all numbers of all tokens", csv="the rows")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read, score, and show or write."""
    files = outputs.wanted(args)
    source = texts.read(args.file, args.encoding)
    if args.pairs:
        halves = [_halves(line, args.file) for line in texts.split(source, lines=True)]
        lm = load(args.model)
        pairs = [_pair(lm, *found, start=args.start) for found in halves]
        read = [one for pair in pairs for one in (pair.a, pair.b)]
        rows = list(token_rows(read)) if args.by == "token" else pair_rows(pairs)
        totals = pair_totals(pairs)
        columns: Sequence[str] = TOKEN_COLUMNS if args.by == "token" else PAIR_COLUMNS
    else:
        given = texts.split(source, lines=args.lines)
        lm = load(args.model)
        pairs, read = [], [_read(lm, line, "", text, start=args.start) for text, line in given]
        by = args.by or ("text" if args.lines else "token")
        rows, columns = (list(token_rows(read)), TOKEN_COLUMNS) if by == "token" else (text_rows(read), TEXT_COLUMNS)
        totals = text_totals(read)
    if outputs.free(files):
        print(f"{_table(columns, rows)}\n\n{totals}" + _unscored(lm, read))
    for kind, file in files.items():
        made = as_csv(columns, rows) if kind == "csv" else json.dumps(to_dict(lm, read, pairs), ensure_ascii=False)
        outputs.write(file, made, mark=kind == "csv")
    return 0


def token_rows(read: Iterable[Read]) -> Iterator[list[Any]]:
    """Under ``TOKEN_COLUMNS``; what has no score has empty cells."""
    for one in read:
        for position, word in enumerate(one.view.words):
            score = word.score
            numbers = ["", "", ""] if score is None else [score.bits, score.rank, score.entropy]
            yield [one.line, one.name, position, word.id, _said(word), word.bytes, *numbers]


def text_rows(read: Iterable[Read]) -> list[list[Any]]:
    """Under ``TEXT_COLUMNS``."""
    return [[one.line, one.text, len(one.view.words), one.view.n_scored, one.view.n_bytes, *_numbers(one.view)]
            for one in read]  # fmt: skip


def pair_rows(pairs: Iterable[Pair]) -> list[list[Any]]:
    """Under ``PAIR_COLUMNS``: positive differences speak for a."""
    rows = []
    for pair in pairs:
        a, b = pair.a.view, pair.b.view
        found = surprise.versus(a, b)
        rows.append([pair.line, pair.name, pair.a.text, pair.b.text, a.bits, b.bits, found.bits, found.per_byte,
                     pair.likelier])  # fmt: skip
    return rows


def text_totals(read: Sequence[Read]) -> str:
    """All texts together, in a sentence."""
    bits, n_bytes, n_scored = _sums(read)
    per = f": {fixed(bits / n_bytes, 3)} per byte, {fixed(bits / n_scored, 3)} per token" if n_scored else ""
    tokens = sum(len(one.view.words) for one in read)
    return (f"total: {counted(len(read), 'text')}, {counted(tokens, 'token')}, {counted(n_bytes, 'byte')} scored, "
            f"{number(bits, 2)} bits{per}")  # fmt: skip


def pair_totals(pairs: Sequence[Pair]) -> str:
    """How often the first of two is the likelier one, which is what a test of minimal pairs counts."""
    won = sum(pair.likelier == "a" for pair in pairs)
    return f"the first is likelier in {won:,} of {counted(len(pairs), 'pair')} ({percent(won / len(pairs), 1)})"


def to_dict(lm: Any, read: Sequence[Read], pairs: Sequence[Pair]) -> dict[str, Any]:
    """Everything as plain JSON. Bits are -log2 p; what has no score has null."""
    bits, n_bytes, n_scored = _sums(read)
    found: dict[str, Any] = {
        "model": {"name": lm.name, "fingerprint": lm.fingerprint},
        "start": read[0].view.start if read else None,
        "texts": [_text(one) for one in read],
        "total": {"texts": len(read), "scored": n_scored, "bytes": n_bytes, "bits": bits},
    }
    if pairs:
        columns = ("line", "name", *PAIR_COLUMNS[4:])
        rows = pair_rows(pairs)
        found["pairs"] = [dict(zip(columns, [*row[:2], *row[4:]], strict=True)) for row in rows]
    return found


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Numbers as they are; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(value) if isinstance(value, str) else value for value in row] for row in rows)
    return out.getvalue()


def _read(lm: Any, line: int, name: str, text: str, *, start: bool) -> Read:
    if not text:
        raise PromptError("prompt.empty")
    return Read(line, name, text, surprise.read(lm, text, start=start))


def _pair(lm: Any, line: int, name: str, a: str, b: str, *, start: bool) -> Pair:
    return Pair(line, name, _read(lm, line, "a", a, start=start), _read(lm, line, "b", b, start=start))


def _halves(given: texts.Text, file: str) -> tuple[int, str, str, str]:
    parts = [part.strip() for part in re.split(r"\t+|‖", given.text)]
    if len(parts) not in (2, 3) or not all(parts[-2:]):
        raise ConfigError("cli.pairs", line=given.line, file=file)
    return given.line, parts[0] if len(parts) == 3 else "", parts[-2], parts[-1]


def _text(one: Read) -> dict[str, Any]:
    view = one.view
    tokens = [
        {
            "id": word.id,
            "text": _said(word),
            "bytes": word.bytes,
            "bits": word.score.bits if word.score else None,
            "rank": word.score.rank if word.score else None,
            "entropy": word.score.entropy if word.score else None,
        }
        for word in view.words
    ]
    numbers = dict(zip(TEXT_COLUMNS[5:], _numbers(view), strict=True))
    return {"line": one.line, "name": one.name, "text": one.text, "scored": view.n_scored, "bytes": view.n_bytes,
            **{key: value if view.n_scored else None for key, value in numbers.items()}, "tokens": tokens}  # fmt: skip


def _numbers(view: SurpriseView) -> list[Any]:
    return [view.bits, view.mean_bits, view.bits_per_byte, view.perplexity] if view.n_scored else [0.0, "", "", ""]


def _sums(read: Sequence[Read]) -> tuple[float, int, int]:
    """Bits, bytes and number of the tokens that have a score."""
    return (sum(one.view.bits for one in read), sum(one.view.n_bytes for one in read),
            sum(one.view.n_scored for one in read))  # fmt: skip


def _said(word: Word) -> str:
    return bytes.fromhex(word.bytes).decode("utf-8", "backslashreplace")


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """For a terminal: texts to the left of what is said of them, line ends as escapes."""
    heads = [column for column in columns if column != "bytes" or columns is not TOKEN_COLUMNS]
    shown = [[_cell(value) for column, value in zip(columns, row, strict=True) if column in heads] for row in rows]
    order = [place for place, head in enumerate(heads) if head in ("token", "text", "a", "b", "name")]
    order += [place for place in range(len(heads)) if place not in order]
    return table([heads[place] for place in order], [[row[place] for place in order] for row in shown])


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return number(value, 2)
    return repr(value)[1:-1] if isinstance(value, str) else f"{value}"


def _unscored(lm: Any, read: Sequence[Read]) -> str:
    if all(one.view.start is not None for one in read):
        return ""
    why = ("This model has no mark that starts a text" if lm.tokenizer.start is None
           else "Texts were read without the mark that starts them")  # fmt: skip
    return f"\n{why}, so the first token of each has no score."
