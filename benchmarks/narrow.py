"""Greedy generation with float16 weights: against transformers in float32, with the error that they bring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy

from benchmarks.models import TOKENS, Shape, generation_arms, pair, random_ids, shapes
from benchmarks.table import Row, Target
from benchmarks.timing import in_turn, lacking, threads
from gptviz.gpt.quantization import difference, narrowed
from gptviz.language_model import LanguageModel, LocalModel


def rows(*, repeats: int, sizes: Sequence[Shape] | None = None) -> Iterator[Row]:
    """Tokens per second on the GPT-2 124M shape, whose weights lose digits by it."""
    for shape in shapes()[1:] if sizes is None else sizes:
        what = f"greedy generation, {TOKENS} new tokens, {shape.name} shape, float16 weights"
        target = Target(what, "transformers with its cache", shape.narrow, "tokens/s", at_least=True)
        why = lacking("transformers")
        if why:
            yield target.not_measured(why)
            continue
        wide, theirs = pair(shape)
        lm = LocalModel(narrowed(deepcopy(wide.model), "float16"), wide.tokenizer, name="float16")
        with threads():
            found = in_turn(generation_arms(lm, theirs, shape.config), repeats=repeats, warm_up=1)
        note = f"logits at most {apart(wide, lm):.1g} apart"
        yield target.measured(TOKENS / found["ours"], TOKENS / found["theirs"], note=note)


def apart(wide: LanguageModel, narrow: LanguageModel) -> float:
    """The largest difference of two logits, over ``TOKENS`` positions."""
    ids = random_ids(wide.config, TOKENS)
    return difference(wide.trace(ids).logits, narrow.trace(ids).logits).largest
