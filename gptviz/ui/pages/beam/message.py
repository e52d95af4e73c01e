"""One picture of the beam page: the tree, the ranking and the ladder of widths, as one message. Pure: no Streamlit."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, NamedTuple

from gptviz.decoding import Beam, BeamStep, Greedy
from gptviz.errors import GptvizError
from gptviz.language_model import LanguageModel
from gptviz.tokens.tokenizer import clean
from gptviz.ui.pages.beam import link, words
from gptviz.ui.pages.beam.presets import PRESETS
from gptviz.ui.pages.beam.state import BeamPage, Prompt
from gptviz.ui.pages.beam.work import SLICE, Answer, Plain, Question, Shelf, Work
from gptviz.ui.pages.next_token.actions import window
from gptviz.ui.web import frame as web
from gptviz.ui.web.message import as_json, pack
from gptviz.views.beam import Rung, TreeView, ladder, tree

STRINGS = ("beam.", "empty.", "path.", "strategy.")
WIDTHS = (2, 4, 8, 16)  # of the ladder, beside greedy and the width chosen


class Found(NamedTuple):
    """What the page knows by now."""

    work: Work | None
    main: Question | None
    greedy: Question | None
    rungs: dict[int, Question]
    problem: GptvizError | None = None


def build(page: BeamPage, lm: LanguageModel, shelf: Shelf, *, lang: str, projector: bool = False) -> bytes:
    """Work a little, and give the message that shows ``page``; notes in ``page.shown`` the view that it shows."""
    prompt = page.prompt(lm)
    found = search(page, lm, prompt, shelf)
    header = frame(page, lm, prompt, lang, projector) | panels(page, lm, prompt, found, lang)
    if found.problem:
        header["notes"].append({"level": "error", "text": found.problem.say(lang)})
    page.shown = header["view"] = asdict(page.view)
    return pack(header, {}, STRINGS)


def sorry(page: BeamPage, lm: LanguageModel, error: Exception, *, lang: str) -> bytes:
    """The message that keeps the text on the screen where ``build`` failed, and says so."""
    nothing = Prompt((), 0, 0)
    header = frame(page, lm, nothing, lang, projector=False)
    header |= panels(page, lm, nothing, Found(None, None, None, {}), lang)
    header["notes"] = [web.sorry_note(error, lang)]
    return pack(header, {}, STRINGS)


def search(page: BeamPage, lm: LanguageModel, prompt: Prompt, shelf: Shelf) -> Found:
    """The searches of this page, brought forward by one slice."""
    if not prompt.ids or prompt.limit < 1:
        page.work = None
        return Found(None, None, None, {})

    def ask(strategy: Beam | Greedy) -> Question:
        return Question(lm, prompt.ids, strategy, prompt.limit)

    main, greedy = ask(page.view.beam()), ask(Greedy())
    rungs = {w: ask(page.view.beam(w)) for w in sorted({*WIDTHS, page.view.width})}
    work = page.ask([main, greedy, *(q for q in rungs.values() if q != main)], shelf)
    problem = None
    if not page.stopped:
        try:
            work.advance(SLICE)
        except GptvizError as error:
            page.stopped, problem = True, error
    return Found(work, main, greedy, rungs, problem)


def frame(page: BeamPage, lm: LanguageModel, prompt: Prompt, lang: str, projector: bool) -> dict[str, Any]:
    """All of the header that needs no search."""
    header = web.frame(
        page, lang=lang, projector=projector, view=asdict(page.view), ids=prompt.ids,
        notes=notes(page, lm, prompt, lang), link=link.encode(page, lang=lang, model=lm.name),
        debounce_ms=120, max_wait_ms=500,  # a search takes longer than a trace: not one for every key
    )  # fmt: skip
    return header | {"presets": list(PRESETS), "limit": prompt.limit}


def notes(page: BeamPage, lm: LanguageModel, prompt: Prompt, lang: str) -> list[dict[str, str]]:
    """What the reader should know about this text, as sentences."""
    found: list[tuple[str, str, dict[str, Any]]] = [("info", key, values) for key, values in page.notes]
    if prompt.left_out:
        values = {"tokens": len(prompt.ids) + prompt.left_out, "limit": window(lm), "left_out": prompt.left_out}
        found.append(("warn", "beam.note.left_out", values | {"new": prompt.limit}))
    if prompt.ids and prompt.limit < page.view.tokens:
        found.append(("warn", "beam.note.shorter", {"limit": window(lm), "new": prompt.limit}))
    return web.text_notes(page, lm, lang, *found, read=bool(prompt.ids))


def panels(page: BeamPage, lm: LanguageModel, prompt: Prompt, found: Found, lang: str) -> dict[str, Any]:
    """The tree and the contest, with their readings and the Python calls that rebuild them."""
    steps: Answer = found.work.answer(found.main) if found.work and found.main else ()
    view = tree([s for s in steps if isinstance(s, BeamStep)], page.view.beam(), lm.tokenizer)
    rungs = climbed(page, lm, found)
    own = next((r for r in rungs if r.width == page.view.width), None)
    plain = next((r for r in rungs if r.width == 0), None)
    plain_rungs = [r for r in rungs if page.view.n_groups == 1 or r.width != page.view.width]
    note = words.ladder_note(plain_rungs, lang, own=page.view.width)
    asked = found.work is not None and found.work.open is not None
    return {
        "running": asked and not page.stopped,
        "paused": asked and page.stopped,
        "tree": packed(view) | {
            "reading": words.tree_reading(view, lang),
            "python": python_tree(page, lm, prompt),
        },
        "rungs": [as_json(rung) for rung in rungs],
        "verdict": words.verdict(own, plain, lang) if own and plain else "",
        "ladder_note": note if found.work and not asked else "",
        "ladder_reading": words.ladder_reading(rungs, lang),
        "ladder_python": python_ladder(page, lm, prompt),
    }  # fmt: skip


def packed(view: TreeView) -> dict[str, Any]:
    """The tree as JSON: all nodes in one list, each with its step."""
    nodes = [as_json(node) for column in view.columns for node in column]
    return as_json(view, "columns") | {
        "nodes": nodes, "steps": len(view.columns), "group_width": view.group_width,
    }  # fmt: skip


def climbed(page: BeamPage, lm: LanguageModel, found: Found) -> tuple[Rung, ...]:
    """Greedy and every width that is known completely, the narrowest first."""
    work = found.work
    if work is None:
        return ()
    results: list[tuple[int, tuple[int, ...], float]] = []
    words_of_greedy = work.answers.get(found.greedy) if found.greedy else None
    if words_of_greedy:
        spoken = [w for w in words_of_greedy if isinstance(w, Plain)]
        results.append((0, tuple(w.token for w in spoken), sum(w.logprob for w in spoken)))
    for width, question in found.rungs.items():
        answer = work.answers.get(question)
        last = answer[-1] if answer else None
        if isinstance(last, BeamStep) and last.finished:
            results.append((width, last.finished[0].tokens, last.finished[0].total))
    return ladder(results, page.view.length_penalty, lm.tokenizer)


def python_tree(page: BeamPage, lm: LanguageModel, prompt: Prompt) -> str:
    """Python that draws the tree in a notebook."""
    return "\n".join(
        [
            "import gptviz",
            "from gptviz.decoding import beam_search",
            "from gptviz.figures import beam as figures",
            "from gptviz.views import beam as views",
            f"lm = gptviz.load({lm.name!r})",
            f"beam = gptviz.{page.view.beam()!r}",
            f"steps = list(beam_search(lm, {_quoted(page, prompt)}, beam, max_new_tokens={prompt.limit}))",
            "figures.tree(views.tree(steps, beam, lm.tokenizer))",
        ]
    )


def python_ladder(page: BeamPage, lm: LanguageModel, prompt: Prompt) -> str:
    """Python that compares the widths with greedy search."""
    named = {w: page.view.beam(w) for w in sorted({*WIDTHS, page.view.width})}
    strategies = ", ".join(f'"beam {w}": gptviz.{beam!r}' for w, beam in named.items())
    return "\n".join(
        [
            "import gptviz",
            f"lm = gptviz.load({lm.name!r})",
            f'strategies = {{"greedy": gptviz.Greedy(), {strategies}}}',
            f"gptviz.compare(lm, {_quoted(page, prompt)}, strategies, max_new_tokens={prompt.limit})",
        ]
    )


def _quoted(page: BeamPage, prompt: Prompt) -> str:
    return repr(list(prompt.ids) if prompt.left_out or clean(page.text)[1] else page.text)
