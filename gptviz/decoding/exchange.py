"""Runs as JSON and CSV, and back again.

JSON, schema 1 (bytes are hex, log-probabilities nats, entropies bits):

    {"gptviz": 1, "model": {"name", "fingerprint"}, "prompt", "ids": [...], "start" (true where the first id is the mark
     that the text was read after; else left out), "seed", "max_new_tokens", "columns": [
        {"name", "strategy": {"name", its settings}, "text", "passes", "seconds", "steps": [
            {"id", "bytes", "text" (null for part of a character), "logprob", "p", "u", "finish",
             "stages": [{"name", "kept", "entropy"}], "top": [{"id", "bytes", "p_model", "p"}]}]}]}

A file may come from anywhere: see ``reader``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from gptviz.decoding.measures import Measures
from gptviz.decoding.reader import SCHEMA, Reader
from gptviz.decoding.records import Column, Run, StepRecord
from gptviz.errors import DecodingError

if TYPE_CHECKING:
    from gptviz.language_model import LanguageModel

MAX_BYTES = 32_000_000
#: How many characters of a run there are, at least, to each of these, beside a few: a file of nothing but ``[],`` would
#: keep whoever reads it for a second and a half, and the interpreter with it.
_SPARSE, _FEW = {"[": 16, "{": 16, ",": 6}, 10_000
#: A report (see ``gptviz.report``) carries its run between these.
OPEN, CLOSE = '<script type="application/json" id="gptviz-run">', "</script>"
#: With these a spreadsheet takes a cell for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
CSV_COLUMNS = ("column", "step", "id", "bytes", "text", "logprob", "surprisal", "entropy", "entropy_after", "p_model",
               "p", "u", "kept", "finish")  # fmt: skip


def to_dict(run: Run) -> dict[str, Any]:
    """The run as plain lists, dicts, numbers and strings."""
    columns = ((name, column, map(_step, column.steps)) for name, column in run.columns.items())
    return _head(run) | {"columns": [_column(name, column) | {"steps": list(steps)} for name, column, steps in columns]}


def to_json(run: Run) -> str:
    """The run as JSON text, from which ``load_run`` makes an equal one."""
    return "".join(json_events(run))


def json_events(run: Run) -> Iterator[str]:
    """``to_json`` in parts, one for each step, for whoever has other things to do between them."""
    yield _open_list(_head(run) | {"columns": []})
    for place, (name, column) in enumerate(run.columns.items()):
        yield (", " if place else "") + _open_list(_column(name, column) | {"steps": []})
        for index, step in enumerate(column.steps):
            yield (", " if index else "") + _dumped(_step(step))
        yield "]}"
    yield "]}"


def to_csv(run: Run) -> str:
    """One row a step, under ``CSV_COLUMNS``, steps from 1 as on the screen; numbers as they are: nothing is lost.

    A text that a spreadsheet would run as a formula gets an apostrophe before it; ``bytes`` is exact.
    """
    return "".join(csv_events(run))


def csv_events(run: Run) -> Iterator[str]:
    """``to_csv`` row by row."""
    yield _line(CSV_COLUMNS)
    for name, column in run.columns.items():
        for index, step in enumerate(column.steps):
            yield _line([cell(name), index + 1, *_row(step, column.measures, index)])


def load_run(source: str | bytes | dict[str, Any], lm: LanguageModel) -> Run:
    """The run in a JSON text, in one of our HTML reports, or in what ``json.loads`` made of it.

    Raises DecodingError, saying what is wrong where, for anything that is not a run of this very model.
    """
    return next(run for run in load_events(source, lm) if run is not None)


def load_events(source: str | bytes | dict[str, Any], lm: LanguageModel, *,
                limit: int = MAX_BYTES) -> Iterator[Run | None]:  # fmt: skip
    """``load_run`` for whoever has other things to do: None after each step that is read, at last the run.

    ``limit`` is the length of a text, in its own units. Raises as ``load_run`` does, when it comes to what is wrong.
    """
    raw = source if isinstance(source, dict) else _parsed(source, limit)
    yield None
    yield from Reader(lm).run(raw)


def _head(run: Run) -> dict[str, Any]:
    """All but the columns."""
    return {"gptviz": SCHEMA, "model": run.model._asdict(), "prompt": run.prompt, "ids": list(run.ids),
            **({"start": True} if run.start else {}), "seed": run.seed,
            "max_new_tokens": run.max_new_tokens}  # fmt: skip


def _column(name: str, column: Column) -> dict[str, Any]:
    """All but its steps."""
    return {"name": name, "strategy": column.strategy.to_dict(), "text": column.text, "passes": column.passes,
            "seconds": column.seconds}  # fmt: skip


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _open_list(value: dict[str, Any]) -> str:
    """An object whose last entry is an empty list, as JSON that ends where that list's first entry goes."""
    return _dumped(value).removesuffix("]}")


def _line(cells: Iterable[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def _step(step: StepRecord) -> dict[str, Any]:
    return {
        "id": step.token,
        "bytes": step.piece.hex(),
        "text": _text(step.piece),
        "logprob": step.logprob,
        "p": step.p,
        "u": step.draw,
        "stages": [stage._asdict() for stage in step.stages],
        "top": [{"id": a.token, "bytes": a.piece.hex(), "p_model": a.p_model, "p": a.p} for a in step.top],
        "finish": step.finish,
    }


def _row(step: StepRecord, measures: Measures, index: int) -> list[Any]:
    u = "" if step.draw is None else step.draw
    return [step.token, step.piece.hex(), cell(_text(step.piece) or ""), step.logprob, measures.surprisals[index],
            measures.entropies[index], measures.entropies_after[index], step.p_model, step.p, u, step.stages[-1].kept,
            step.finish or ""]  # fmt: skip


def cell(text: str) -> str:
    """``text`` as a cell of a table: with an apostrophe before it where a spreadsheet would run it as a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def _text(piece: bytes) -> str | None:
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return None


def _parsed(source: str | bytes, limit: int) -> Any:
    if len(source) > limit:
        raise too_large(len(source), limit)
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        if text.lstrip()[:1] == "<":
            text = text.partition(OPEN)[2].partition(CLOSE)[0]
        if any(text.count(mark) > _FEW + len(text) // sparse for mark, sparse in _SPARSE.items()):
            raise ValueError("it holds more lists and numbers than any run")
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise DecodingError("record.not_json", reason=str(error)[:120]) from error


def too_large(size: int, limit: int) -> DecodingError:
    """What is said of a file of ``size`` bytes where ``limit`` are read."""
    return DecodingError("record.too_large", size=f"{size / 1e6:,.0f}", limit=f"{limit / 1e6:,.0f}")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
