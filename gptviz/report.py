"""A run as one HTML file: it opens from disk, without network, in the reader's language, light or dark, on paper too.

Everything that was typed or generated is escaped; the page's own policy lets it load nothing. The run itself lies in it
as JSON, so that ``load_run`` reads a report as it reads a JSON file.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import escape
from string import Template
from typing import Any

from gptviz.decoding.exchange import CLOSE, OPEN, json_events
from gptviz.decoding.presets import short, title
from gptviz.decoding.records import Column, Run, StepRecord
from gptviz.i18n import FALLBACK, strings, translate
from gptviz.paths import ASSETS
from gptviz.readings import reading
from gptviz.rounding import number, percent
from gptviz.theme import FULL, PALETTES, PAPER, STRONGEST, hex_colour
from gptviz.tokens.labels import label
from gptviz.views.decoding import ColumnView, ComparisonView, Word, comparison

_FOLDER = ASSETS / "report"
_HEIGHT = 60.0  # of a line's picture, in its own units; a step is 10 wide
_FAVOURITES = 4  # alternatives listed of each step
_ROWS = "\0"  # where a table's rows go


def html(run: Run, *, lang: str = FALLBACK) -> str:
    """The page. ``lang`` is a language of ``assets/i18n``."""
    return "".join(html_events(run, lang=lang))


def html_events(run: Run, *, lang: str = FALLBACK) -> Iterator[str]:
    """The page in parts, for whoever has other things to do between them: none takes long."""
    view = comparison(run)
    yield ""
    names = {name: title(name, column.strategy, lang) for name, column in run.columns.items()}
    columns = []
    for column in view.columns:
        columns.append(_column(names[column.name], run.columns[column.name], column, view, lang))
        yield ""
    fields = _fields(run, view, names, lang) | {"columns": "\n".join(columns)}
    # what is long and lies at the end of the page goes out as it is made
    before, between, after = re.split(r"\$\{steps\}|\$\{data\}", _file("report.html"))
    yield Template(before).substitute(fields)
    for place, (name, kept) in enumerate(run.columns.items()):
        yield "\n" if place else ""
        yield from _steps(names[name], kept, lang)
    yield Template(between).substitute(fields)
    yield OPEN
    yield from (part.replace("<", "\\u003c") for part in json_events(run))  # so no "<" can end the element
    yield CLOSE
    yield Template(after).substitute(fields)


def _fields(run: Run, view: ComparisonView, names: dict[str, str], lang: str) -> dict[str, str]:
    """What stands in the page beside columns, steps and data."""
    script = _file("report.js")
    facts = _say("facts", lang, model=run.model.name, tokens=len(run.ids), seed=run.seed, limit=run.max_new_tokens)
    return {
        "lang": escape(lang),
        "title": escape(f"{run.prompt[:60]} · gptviz"),
        "light": _colours("light"),
        "dark": _colours("dark"),
        "style": _file("report.css"),
        "script": script,
        "script_hash": "sha256-" + b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "heading": escape(_say("title" if len(run.columns) > 1 else "title_one", lang)),
        "prompt_label": escape(_say("prompt", lang)),
        "prompt": _mark(run, lang) + escape(run.prompt),
        "facts": escape(facts),
        "texts_label": escape(_say("texts", lang)),
        "legend": _legend(view, lang),
        "measures_label": escape(_say("measures", lang)),
        "measures_note": escape(_say("measures_note", lang)),
        "measures": _measures(run, view, names, lang),
        "steps_label": escape(_say("steps", lang)),
        "foot": escape(_say("foot", lang)),
    }


def _say(key: str, lang: str, **values: Any) -> str:
    return translate(f"report.{key}", lang, **values)


def _mark(run: Run, lang: str) -> str:
    """The mark that the text was read after, as a token of its own; nothing where there is none."""
    if not run.start:
        return ""
    return f'<span class="special" title="{escape(_say("start", lang))}">{escape(label(run.mark))}</span>'


@lru_cache(maxsize=8)
def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _colours(theme: str) -> str:
    colours = PALETTES[theme]
    names = ("bg", "panel", "ink", "mute", "line", "accent", "draw")
    warm0, warm1 = map(hex_colour, colours.warm)
    named = {name: getattr(colours, name) for name in names} | {
        "warm0": warm0, "warm1": warm1, "strongest": f"{STRONGEST:.0%}", "paper": PAPER,
    }  # fmt: skip
    return " ".join(f"--{name}: {colour};" for name, colour in named.items())


def _legend(view: ComparisonView, lang: str) -> str:
    keys = [f'{escape(_say("legend", lang))} 0 <i class="ramp"></i> {FULL:g}+ {escape(_say("bits", lang))}']
    if any(c.leaves is not None for c in view.columns):
        keys.append(f'<i class="key leaves"></i>{escape(_say("leaves", lang))}')
    if any(c.measures.loops for c in view.columns):
        keys.append(f'<i class="key loop"></i>{escape(_say("loops", lang))}')
    lines = escape(_say("lines", lang))
    keys.append(f'{lines}: <i class="key model"></i>{escape(_say("lines_model", lang))}')
    keys.append(f'<i class="key"></i>{escape(_say("lines_after", lang))}')
    keys.append(f'<i class="key bar"></i>{escape(_say("lines_surprisal", lang))}')
    return "".join(f"<span>{key}</span>" for key in keys)


def _column(name: str, column: Column, view: ColumnView, all_of_them: ComparisonView, lang: str) -> str:
    settings = short(column.strategy, lang)
    note = settings if settings != name else translate(f"strategy.{column.strategy.name}", lang)
    return (
        f'<article class="column"><div class="name"><h3>{escape(name)}</h3>'
        f"<small>{escape(note) if note.lower() != name.lower() else ''}</small></div>"
        f'<p class="text" dir="auto">{"".join(_word(word, lang) for word in view.words)}</p>'
        f"{_lines(view, all_of_them, lang)}"
        f'<p class="reading">{escape(reading(view, lang))}</p></article>'
    )


def _word(word: Word, lang: str) -> str:
    kinds = ["t", *(["leaves"] if word.leaves else []), *(["loop"] if word.loops else [])]
    hint = _say("token", lang, text=word.text.strip() or label(word.text.encode()), step=word.first + 1,
                bits=number(word.surprisal, 1))  # fmt: skip
    share = min(1.0, word.surprisal / FULL)
    return (
        f'<span class="{" ".join(kinds)}" style="--s:{share:.2f}" data-first="{word.first}" data-stop="{word.stop}" '
        f'title="{escape(hint)}">{escape(word.text)}</span>'
    )


def _lines(column: ColumnView, view: ComparisonView, lang: str) -> str:
    """Entropy per step before and after the filters as lines, surprisal as bars, on axes that all columns share."""
    most, width = max(view.most, 1.0), 10 * max(view.steps, 1)
    measures = column.measures

    def y(bits: float) -> str:
        return f"{_HEIGHT * (1 - min(bits, most) / most):.1f}"

    def line(values: Sequence[float], kind: str) -> str:
        points = " L".join(f"{10 * step + 5} {y(bits)}" for step, bits in enumerate(values))
        point = "h0.01" if len(values) == 1 else ""  # a line of one point would not be drawn
        return f'<path class="{kind}" d="M{points}{point}"/>'

    bars = "".join(f"M{10 * i + 5} {_HEIGHT:g}V{y(bits)}" for i, bits in enumerate(measures.surprisals))
    entropies = measures.entropies
    said = _say("reading.entropy", lang, low=number(min(entropies), 1), high=number(max(entropies), 1),
                mean=number(sum(entropies) / len(entropies), 1))  # fmt: skip
    return (
        f'<div class="lines"><svg viewBox="0 0 {width} {_HEIGHT:g}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(said)}"><path class="grid" d="M0 0H{width}"/><path class="bar" d="{bars}"/>'
        f"{line(entropies, 'model')}{line(measures.entropies_after, 'after')}</svg>"
        f'<span class="top">{number(most, 1)} {escape(_say("bits", lang))}</span></div>'
    )


def _measures(run: Run, view: ComparisonView, names: dict[str, str], lang: str) -> str:
    heads = ("strategy", "length", "logprob", "mean", "perplexity", "distinct", "loops", "entropy", "leaves", "passes",
             "seconds", "finish")  # fmt: skip
    best = max(column.measures.mean_logprob for column in view.columns)
    rows = []
    for place, column in enumerate(view.columns):
        m = column.measures
        none = _say("none", lang)
        two = [none if value is None else number(value, 2) for value in (m.distinct_1, m.distinct_2)]
        left = none if not place else _say("never", lang) if column.leaves is None else str(column.leaves + 1)
        finish = run.columns[column.name].steps[-1].finish or "stopped"
        cells = [
            f"{m.length:,}", number(m.logprob, 1), number(m.mean_logprob, 2), number(m.perplexity, 1),
            " / ".join(two), percent(m.looped), number(sum(m.entropies) / m.length, 2), left,
            none if column.passes is None else f"{column.passes:,}",
            none if column.seconds is None else number(column.seconds, 2), _say(f"finish.{finish}", lang),
        ]  # fmt: skip
        kinds = ["best" if i in (2, 3) and len(view.columns) > 1 and m.mean_logprob == best else ""
                 for i in range(len(cells))]  # fmt: skip
        rows.append(_row(cells, head=names[column.name], kinds=kinds))
    return _table([_say(f"column.{head}", lang) for head in heads], rows)


def _steps(name: str, column: Column, lang: str) -> Iterator[str]:
    """One column's table, row by row."""
    heads = [_say(f"step.{head}", lang)
             for head in ("index", "token", "surprisal", "p_model", "p", "u", "entropy", "kept", "top")]  # fmt: skip
    filters = " → ".join(_stage(stage.name, lang) for stage in column.steps[0].stages)
    before, after = _table(heads, [_ROWS], words=(1, 8)).split(_ROWS)
    yield (
        f"<details><summary>{escape(name)}<small>{escape(filters)}</small></summary>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(name)}">{before}'
    )
    yield from (_step(index, step, column, lang) for index, step in enumerate(column.steps))
    yield f"{after}</div></details>"


def _step(index: int, step: StepRecord, column: Column, lang: str) -> str:
    favourites = "\u2003".join(f"{label(a.piece)} {percent(a.p_model)}" for a in step.top[:_FAVOURITES])
    cells = [
        str(index + 1), label(step.piece), number(column.measures.surprisals[index], 2), percent(step.p_model, 1),
        percent(step.p, 1), _say("none", lang) if step.draw is None else number(step.draw, 4),
        number(step.stages[0].entropy, 2), " → ".join(f"{stage.kept:,}" for stage in step.stages), favourites,
    ]  # fmt: skip
    kinds = ["", "words drawn", "", "", "", "", "", "", "words"]
    return _row(cells, kinds=kinds, attributes=f' data-first="{index}" data-stop="{index + 1}"')


def _stage(name: str, lang: str) -> str:
    known = (key for key in (f"panel.distribution.filter.{name}", f"strategy.{name}") if key in strings(FALLBACK))
    key = next(known, None)
    return translate(key, lang) if key else name


def _row(cells: Iterable[str], *, head: str | None = None, kinds: Sequence[str], attributes: str = "") -> str:
    first = "" if head is None else f'<th scope="row">{escape(head)}</th>'
    rest = "".join(
        f'<td class="{kind}">{escape(cell)}</td>' if kind else f"<td>{escape(cell)}</td>"
        for cell, kind in zip(cells, kinds, strict=True)
    )
    return f"<tr{attributes}>{first}{rest}</tr>"


def _table(heads: Iterable[str], rows: Iterable[str], *, words: Sequence[int] = ()) -> str:
    cells = "".join(
        f'<th scope="col"{" class=words" if place in words else ""}>{escape(head)}</th>'
        for place, head in enumerate(heads)
    )
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
