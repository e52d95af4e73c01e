"""Texts being written: one choice stage by stage, branches, strategies side by side, many draws, beam search.

``prompt`` is the text as typed, or its ids where not all of it was read or it goes on with tokens that were chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gptviz.decoding import Beam, Sample, Strategy
from gptviz.recipes.builder import Prompt, call, named, python, quoted

_PICTURE = ("from gptviz.figures import decoding as figures", "from gptviz.views import decoding as views")


def pipeline(prompt: Prompt, model: str, sample: Sample, *, seed: int, step: int) -> str:
    """Every stage of the choice that follows ``prompt``, with the draw of ``step``."""
    body = [
        f"sample = {call(sample)}",
        "logits = trace.logits_at(-1)",
        "stages = decoding.stages(logits, sample, trace.ids)",
        f"u = decoding.uniform_at({seed}, {step})",
        "drawn = decoding.draw(stages[-1].probs, u)",
        "settings = {name: value for name, value in sample.to_dict(brief=True).items() if name != 'name'}",
        "view = views.pipeline(logits, stages, lm.tokenizer, pos=len(trace) - 1, u=u, draw=drawn, settings=settings)",
        "figures.pipeline.columns(view)",
    ]
    return python(model, body, imports=["from gptviz import decoding, figures, views"], trace=prompt)


def branches(prompt: Sequence[int], model: str, ways: Sequence[Sequence[int]]) -> str:
    """The log-probability of each branch after the prompt, in nats."""
    body = [
        f"prompt = {quoted(prompt)}",
        f"branches = [{', '.join(map(quoted, ways))}]",
        "[float(lm.trace([*prompt, *ids]).logprobs[len(prompt) :].sum()) for ids in branches]",
    ]
    return python(model, body)


def pair(one: Sequence[int], other: Sequence[int], model: str, *, n_prompt: int, step: int, layer: int,
         head: int) -> str:  # fmt: skip
    """Two branches side by side at one step; ``one`` and ``other`` are their ids with the prompt's."""
    body = [
        f"a = lm.trace({quoted(one)})",
        f"b = lm.trace({quoted(other)})",
        f"views.pair(a, b, {n_prompt}, lm.tokenizer, step={step}, layer={layer}, head={head})",
    ]
    return python(model, body, imports=["from gptviz import views"])


def comparison(prompt: Prompt, model: str, strategies: Mapping[str, Strategy], *, max_new_tokens: int,
               seed: int) -> str:  # fmt: skip
    """Strategies side by side, with the entropy of each step as a figure."""
    body = [
        *named(strategies),
        f"run = record(lm, {quoted(prompt)}, strategies, {_asked(max_new_tokens, seed)})",
        "figures.lines(views.comparison(run))",
    ]
    return python(model, body, imports=["from gptviz.decoding.records import record", *_PICTURE])


def text(prompt: Prompt, model: str, strategy: Strategy, *, max_new_tokens: int, seed: int) -> str:
    """One text, as the list of its steps."""
    return python(model, [f"list(lm.generate({quoted(prompt)}, {call(strategy)}, {_asked(max_new_tokens, seed)}))"])


def draws(prompt: Prompt, model: str, strategy: Strategy, n: int, *, max_new_tokens: int, seed: int) -> str:
    """Many texts by one strategy, with their spread as a figure."""
    body = [
        f"found = draws.many(lm, {quoted(prompt)}, {call(strategy)}, {n}, {_asked(max_new_tokens, seed)})",
        "figures.spread(views.spread(draws.spread(found)))",
    ]
    return python(model, body, imports=["from gptviz.decoding import draws", *_PICTURE])


def beam_tree(prompt: Prompt, model: str, beam: Beam, *, max_new_tokens: int) -> str:
    """The whole search as a tree."""
    body = [
        f"beam = {call(beam)}",
        f"steps = list(beam_search(lm, {quoted(prompt)}, beam, max_new_tokens={max_new_tokens}))",
        "figures.tree(views.tree(steps, beam, lm.tokenizer))",
    ]
    imports = ["from gptviz.decoding import beam_search", "from gptviz.figures import beam as figures",
               "from gptviz.views import beam as views"]  # fmt: skip
    return python(model, body, imports=imports)


def beam_ladder(prompt: Prompt, model: str, beams: Sequence[Beam], *, max_new_tokens: int) -> str:
    """Greedy search and beams of several widths, compared."""
    body = [
        "strategies = {",
        "    'greedy': gptviz.Greedy(),",
        *(f"    'beam {beam.width}': {call(beam)}," for beam in beams),
        "}",
        f"gptviz.compare(lm, {quoted(prompt)}, strategies, max_new_tokens={max_new_tokens})",
    ]
    return python(model, body)


def _asked(max_new_tokens: int, seed: int) -> str:
    return f"max_new_tokens={max_new_tokens}, seed={seed}"
