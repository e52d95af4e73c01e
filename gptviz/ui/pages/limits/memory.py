"""Text known by heart: runs of the text that greedy decoding would have written, and well-known lines. Pure."""

from __future__ import annotations

from gptviz.analysis.surprisal import Score, scores
from gptviz.evaluation.calibration import wilson
from gptviz.evaluation.memorised import Recited, Run, read_lines, recited, runs
from gptviz.i18n import FALLBACK
from gptviz.recipes import limits as recipes
from gptviz.rounding import number, percent
from gptviz.ui.pages.limits.parts import Part, Piece, TextRow, bar, part, piece
from gptviz.ui.pages.limits.scene import Tried

LEAST = 3  # tokens of a run that is marked: shorter ones are everywhere


def _lang(scene: Tried) -> str:
    return scene.context.lang if scene.context.lang in read_lines() else FALLBACK


def want(scene: Tried) -> None:
    """The rank of each token of the text; each of the lines."""
    lm, ids, trace, lines = scene.lm, scene.ids, scene.context.trace, read_lines()[_lang(scene)]
    scene.state.live.want(scene.key("scores", ids), len(ids) - 1,
                          lambda: scores(lm, ids, trace=trace, top=1, start=False))  # fmt: skip
    scene.state.side.want(scene.key("lines", _lang(scene)), len(lines), lambda: recited(lm, lines))


def live(scene: Tried) -> Part:
    """The text, its runs of first choices marked."""
    work = scene.state.live
    given: list[Score] = work.records
    found = [run for run in runs([one.rank for one in given], len(scene.ids) - work.wanted) if _long(run)]
    text = scene.lm.tokenizer.decode
    rows = [[str(run.start + 1), str(run.stop - run.start), text(scene.ids[run.start : run.stop])] for run in found]
    python = recipes.memory(scene.prompt, scene.lm.name)
    pieces = _pieces(scene, found)
    return part(scene.say("live.memory"), _reading(scene, found), python, small=scene.say("small.memory"),
                texts=[{"name": "", "pieces": pieces, "number": ""}], rows=rows,
                columns=[scene.say(f"column.{name}") for name in ("start", "tokens", "text")],
                done=len(given), wanted=work.wanted if work.open else 0)  # fmt: skip


def _long(run: Run) -> bool:
    return run.stop - run.start >= LEAST


def _pieces(scene: Tried, found: list[Run]) -> list[Piece]:
    """The text from left to right, what lies in a run marked; the longest run otherwise than the others."""
    decode, at, pieces = scene.lm.tokenizer.decode, 0, []
    for run in sorted(found):
        mark = "longest" if run == found[0] else "known"
        pieces += [piece(decode(scene.ids[at : run.start])), piece(decode(scene.ids[run.start : run.stop]), mark)]
        at = run.stop
    return [one for one in [*pieces, piece(decode(scene.ids[at:]))] if one["text"]]


def _reading(scene: Tried, found: list[Run]) -> str:
    if not found:
        return scene.say("reading.measuring" if scene.state.live.open else "reading.nothing_known", least=LEAST)
    longest, covered = found[0], sum(run.stop - run.start for run in found)
    decode = scene.lm.tokenizer.decode
    return scene.say("reading.memory", tokens=longest.stop - longest.start,
                     text=decode(scene.ids[longest.start : longest.stop]).strip(), start=longest.start + 1,
                     share=percent(covered / len(scene.ids)), least=LEAST)  # fmt: skip


def side(scene: Tried) -> Part:
    """The share of lines completed word for word: known ones, and those of our own making."""
    work = scene.state.side
    given: list[Recited] = [one for one in work.records if one is not None]
    bars, bits = [], {}
    for name, known in (("known", True), ("altered", False)):
        of = [one for one in given if one.line.known == known]
        right = sum(one.whole for one in of)
        interval = wilson(right, len(of))
        ends = {"low": interval.low, "high": interval.high} if of else {}
        bars.append(bar(scene.say(f"lines.{name}"), right / len(of) if of else 0.0,
                        scene.say("of", right=right, n=len(of)) if of else "…", **ends))  # fmt: skip
        bits[name] = number(sum(one.bits for one in of) / len(of), 1) if of else "–"
    rows = [[one.line.begin, one.line.rest.strip(), f"{one.verbatim}/{one.tokens}", number(one.bits, 1)]
            for one in given]  # fmt: skip
    names = ["begin", "rest", "verbatim", "bits"]
    texts: list[TextRow] = [{"name": "", "pieces": _line(scene, one), "number": ""} for one in given if one.line.known]
    said = scene.say("reading.lines", known=bars[0]["number"], altered=bars[1]["number"], known_bits=bits["known"],
                     altered_bits=bits["altered"])  # fmt: skip
    return part(scene.say("side.memory"), said if "–" not in bits.values() else scene.say("reading.measuring"),
                recipes.lines(scene.lm.name, lang=_lang(scene)), small=scene.say("small.lines"), bars=bars,
                texts=texts, rows=rows,
                columns=[scene.say(f"column.{name}") for name in names], done=len(work.records),
                wanted=work.wanted if work.open else 0)  # fmt: skip


def _line(scene: Tried, one: Recited) -> list[Piece]:
    """What was given, what greedy decoding writes of the rest, and what it does not."""
    line, decode = one.line, scene.lm.tokenizer.decode
    written = decode(scene.lm.ids(line.begin + line.rest)[-one.tokens :][: one.verbatim])
    found = [piece(line.begin), piece(written, "known"), piece(line.rest[len(written) :], "missed")]
    return [part for part in found if part["text"]]
