"""What each preset of the beam page claims, computed; and a search for others: ``python -m tests.beam_presets``.

Run it when the bundled model has changed: it prints, for each claim and language, prompts and settings that hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import gptviz
from gptviz.decoding import Beam, Greedy, beam_search, generate
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.beam.scene import WIDTHS
from gptviz.ui.pages.beam.state import View
from gptviz.views.beam import Rung, ladder

PROMPTS = {
    "en": (
        "The cat sat on the", "Once upon a time", "The capital of France is", "She opened the door and",
        "The old man looked at the", "He said that he", "I think that", "Tom wanted to", "The king was",
        "It was a dark night and", "The little girl was", "One day, a boy named Tom", "We went to the",
        "The dog was happy.", "Thank you", '"Hello," said', "The teacher said", "They lived happily", "My name is",
        "The best way to", "In the beginning", "Water is", "The sun rose and",
    ),
    "zh": (
        "人工智能是", "我今天很", "从前有一个小", "你好", "中国的首都是", "他打开门", "春天来了", "老师说", "小猫坐在",
        "谢谢", "我们去", "妈妈说", "今天天气", "有一天", "太阳出来了", "这本书", "我叫", "水是",
    ),
}  # fmt: skip
SETTINGS = {
    "wins": [{}, {"width": 8}],
    "lower": [{"width": 4}, {"width": 8}, {"width": 16}],
    "short": [{"length_penalty": 0.0}, {"width": 8, "length_penalty": 0.0}, {"width": 16, "length_penalty": 0.0}],
    "dull": [{}, {"width": 8}],
    "groups": [{"width": 6, "n_groups": 3, "diversity_penalty": 2.0}],
}


class Evidence(NamedTuple):
    """What the page will show for a prompt and settings."""

    rungs: dict[int, Rung]  # by width; 0 is greedy
    own: Rung
    begins: int  # with how many different tokens the finished texts begin
    begins_plain: int  # the same without groups


def evidence(lm: LanguageModel, prompt: str, settings: dict[str, object]) -> Evidence:
    """All that a claim may speak of; ``settings`` as in a preset."""
    view = replace(View(), **settings)  # type: ignore[arg-type]
    greedy = list(generate(lm, prompt, Greedy(), max_new_tokens=view.tokens))
    found = [(0, [s.token for s in greedy], sum(s.logprob for s in greedy))]
    begins = {}
    for width in sorted({*WIDTHS, view.width}):
        finished, begins[width] = _finished(lm, prompt, view.beam(width), view.tokens)
        found.append((width, list(finished[0]), finished[1]))
    _, plain = _finished(lm, prompt, replace(view.beam(), n_groups=1), view.tokens)
    rungs = {rung.width: rung for rung in ladder(found, view.length_penalty, lm.tokenizer)}
    return Evidence(rungs, rungs[view.width], begins[view.width], plain)


def holds(claim: str, e: Evidence) -> bool:
    """Whether the evidence shows what the preset ``claim`` says (see ``gptviz.ui.pages.beam.presets``)."""
    greedy = e.rungs[0]
    narrower = [rung for width, rung in e.rungs.items() if 0 < width < e.own.width]
    if claim == "wins":
        return e.own.total > greedy.total + 0.5
    if claim == "lower":
        return any(e.own.score < rung.score - 1e-3 for rung in narrower)
    if claim == "short":
        return any(e.own.length < rung.length / 2 and e.own.score > rung.score for rung in narrower)
    if claim == "dull":
        return e.own.total > greedy.total + 0.5 and (e.own.distinct_2 or 0) < (greedy.distinct_2 or 0) - 0.25
    if claim == "groups":
        return e.begins > e.begins_plain
    raise KeyError(claim)


def search(lm: LanguageModel, lang: str) -> Iterator[tuple[str, str, dict[str, object], Evidence]]:
    """Claim, prompt, settings and evidence of all that hold."""
    for prompt in PROMPTS[lang]:
        for claim, tried in SETTINGS.items():
            for settings in tried:
                found = evidence(lm, prompt, dict(settings))
                if holds(claim, found):
                    yield claim, prompt, dict(settings), found
                    break


def _finished(lm: LanguageModel, prompt: str, beam: Beam, tokens: int) -> tuple[tuple[tuple[int, ...], float], int]:
    last = list(beam_search(lm, prompt, beam, max_new_tokens=tokens))[-1]
    return (last.finished[0].tokens, last.finished[0].total), len({h.tokens[0] for h in last.finished})


def main() -> None:
    lm = gptviz.load()
    for lang in PROMPTS:
        for claim, prompt, settings, found in search(lm, lang):
            print(lang, claim, repr(prompt), settings)  # noqa: T201
            for rung in found.rungs.values():
                mark = "*" if rung is found.own else " "
                print(f"   {mark}{rung.width:3} {rung.total:8.2f} {rung.score:8.3f} {rung.text!r}")  # noqa: T201


if __name__ == "__main__":
    main()
