"""Known lines, exchanged words and loops: verbatim is what greedy decoding writes, differences are sums of log p."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gptviz
from gptviz.analysis import repeating, surprisal
from gptviz.analysis.exchange import exchanged, twin
from gptviz.analysis.series import KINDS, bundled, series, shapes
from gptviz.evaluation.memorised import Line, read_lines, recite, recited, runs
from gptviz.language_model import LanguageModel
from gptviz.numbers import log_softmax

pytestmark = pytest.mark.slow


def test_verbatim_is_what_greedy_decoding_writes(lm: LanguageModel) -> None:
    """For every line: as many tokens of the rest as generate writes of it, one after another."""
    for line in read_lines()["zh"][:8]:
        found = recite(lm, line)
        assert found is not None
        whole = lm.ids(line.begin + line.rest)
        begin, rest = whole[: -found.tokens], whole[-found.tokens :]
        written = [step.token for step in lm.generate(begin, gptviz.Greedy(), max_new_tokens=found.tokens)]
        same = next((i for i, (a, b) in enumerate(zip(written, rest, strict=False)) if a != b), len(written))
        assert found.verbatim == same
        assert found.whole == (written == rest)


def test_the_bundled_model_knows_some_lines_and_none_of_ours(lm: LanguageModel) -> None:
    for lang in ("en", "zh"):
        given_ = [one for one in recited(lm, read_lines()[lang]) if one]
        whole = {known: sum(one.whole for one in given_ if one.line.known == known) for known in (True, False)}
        bits = {known: np.mean([one.bits for one in given_ if one.line.known == known]) for known in (True, False)}
        assert whole[True] > whole[False]
        assert bits[True] < bits[False]


def test_the_lines_are_short_and_paired() -> None:
    for lines in read_lines().values():
        known = [line for line in lines if line.known]
        assert len(known) * 2 == len(lines)
        assert len(known) <= 20
        assert all(line.rest and len(line.begin + line.rest) < 90 for line in lines)


def test_a_rest_of_no_token_of_its_own_is_left_out(lm: LanguageModel) -> None:
    assert recite(lm, Line("The cat", "", True)) is None


@given(st.lists(st.integers(1, 3), max_size=40))
def test_runs_are_the_stretches_of_first_choices(ranks: list[int]) -> None:
    found = runs(ranks)
    covered = sorted(pos for run in found for pos in range(run.start, run.stop))
    assert covered == [pos for pos, rank in enumerate(ranks) if rank == 1]
    lengths = [run.stop - run.start for run in found]
    assert lengths == sorted(lengths, reverse=True)
    for run in found:  # none can be made longer
        assert run.start == 0 or ranks[run.start - 1] != 1
        assert run.stop == len(ranks) or ranks[run.stop] != 1


def test_a_difference_is_that_of_two_chains(lm: LanguageModel) -> None:
    one, other = lm.ids("The man worked as a"), lm.ids("The woman worked as a")
    for found in exchanged(lm, one, other, [" nurse", " soldier"]):
        assert found is not None
        sums = []
        for ids in (one, other):
            tokens = lm.tokenizer.encode(found.continuation, start=False)
            trace = lm.trace([*ids, *tokens])
            sums.append(sum(log_softmax(trace.logits_at(len(ids) - 1 + i).astype(np.float64))[token]
                            for i, token in enumerate(tokens)))  # fmt: skip
        assert (found.one, found.other) == pytest.approx(tuple(sums), abs=2e-3)
        assert found.difference == pytest.approx(sums[0] - sums[1], abs=4e-3)


def test_a_sentence_exchanged_for_itself_differs_by_nothing(lm: LanguageModel) -> None:
    ids = lm.ids("The man worked as a")
    assert [one.difference for one in exchanged(lm, ids, ids, [" nurse", " king"]) if one] == [0.0, 0.0]


@given(st.text(max_size=30), st.text(max_size=5), st.text(max_size=5))
def test_a_twin_differs_in_one_word_only(text: str, old: str, new: str) -> None:
    found = twin(text, old, new)
    if found is None:
        return
    assert any(text[:at] + new + text[at + len(old) :] == found for at in range(len(text)) if text.startswith(old, at))


def test_repeated_is_the_share_of_ngrams_seen_before() -> None:
    tokens = [1, 2, 3, 1, 2, 3, 4]
    grams = [tuple(tokens[i : i + 2]) for i in range(6)]
    seen = sum(gram in grams[:i] for i, gram in enumerate(grams))
    assert repeating.repetition(tokens, n=2).repeated == pytest.approx(seen / len(grams))
    assert repeating.repetition([1], n=2).repeated is None


def test_each_way_writes_what_its_strategy_does(tiny_lm: LanguageModel) -> None:
    ids = tiny_lm.ids("abc")
    written = list(repeating.continued(tiny_lm, ids, 6, seed=3))
    for way, strategy in repeating.ways().items():
        alone = [step.token for step in tiny_lm.generate(ids, strategy, max_new_tokens=6, seed=3)]
        assert [one.token for one in written if one.way == way] == alone


def test_runs_of_a_text_are_greedy_continuations(lm: LanguageModel) -> None:
    """The longest run of a text that the model knows is what it writes itself from there."""
    ids = lm.ids("床前明月光，疑是地上霜。")
    ranks = [score.rank for score in surprisal.scores(lm, ids, start=False, top=1)]
    run = runs(ranks, first=1)[0]
    assert run.stop - run.start >= 3
    count = run.stop - run.start
    steps = lm.generate(ids[: run.start], gptviz.Greedy(), max_new_tokens=count)
    assert [step.token for step in steps] == ids[run.start : run.stop]


def test_the_series_says_only_what_is_published() -> None:
    models = series()
    assert [model.date for model in models] == sorted(model.date for model in models)
    assert len({model.key for model in models}) == len(models)
    assert {model.kind for model in models} == set(KINDS)
    for model in models:
        assert model.source
        assert model.by
        if model.n_embd and model.n_head and model.key not in ("t5", "gptoss"):  # heads there have a width of their own
            assert model.n_embd % model.n_head == 0, model.name
    unknown = {model.key for model in models if model.parameters is None}
    assert unknown == {"chatgpt", "gpt4", "gpt4o", "o1", "gpt45", "gpt5", "gpt55"}


def test_sizes_here_are_those_of_the_published_models() -> None:
    """GPT-2's by the sum of its parts; SmolLM2's names say theirs."""
    sizes = {one.key: one.config.n_parameters for one in shapes()}
    V, T = 50257, 1024
    for key, layers, C in (("gpt2-small", 12, 768), ("gpt2-xl", 48, 1600)):
        block = 12 * C * C + 13 * C  # attention 4C²+4C, MLP 8C²+5C, two norms 4C
        assert sizes[key] == V * C + T * C + layers * block + 2 * C
    for key, said in (("smollm2-135m", 135e6), ("smollm2-360m", 360e6), ("smollm2-1.7b", 1.7e9)):
        assert math.isclose(sizes[key], said, rel_tol=0.01)
    assert {one.key for one in bundled()} >= {"bilingual", "small"}
