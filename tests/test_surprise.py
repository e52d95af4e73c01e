"""The chain rule holds, whatever the windows; a pass over all positions is as good as one token at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gptviz.analysis import surprisal
from gptviz.figures import surprise as figures
from gptviz.language_model import LanguageModel
from gptviz.tokens.pieces import locate
from gptviz.views import surprise as views

TEXT = "The cat sat on the mat. 我今天很高兴。\n𠮷"


def score(nats: float, rank: int = 1) -> surprisal.Score:
    return surprisal.Score(-nats, rank, 1.0, ((0, 0.5),))


def test_sums_by_hand() -> None:
    """Three tokens of 1, 2 and 3 bytes with probabilities ½, ¼, ⅛: 6 bits, 6 bytes, 1 in 64."""
    tokens = locate([0, 1, 2], [b"a", b"bc", "中".encode()])
    view = views.surprise(tokens, [score(k * math.log(2)) for k in (1, 2, 3)], start="<s>", window=8)
    assert view.bits == pytest.approx(6)
    assert view.bits_per_byte == pytest.approx(1)
    assert view.mean_bits == pytest.approx(2)
    assert view.perplexity == pytest.approx(4)  # 2^2
    assert view.loss == pytest.approx(2 * math.log(2))
    assert 10**view.log10 == pytest.approx(64)
    assert math.prod(word.score.prob for word in view.words if word.score) == pytest.approx(1 / 64)


def test_without_a_start_the_first_token_has_no_score() -> None:
    tokens = locate([0, 1], [b"ab", b"c"])
    view = views.surprise(tokens, [score(math.log(4))], start=None, window=8)
    assert view.words[0].score is None
    assert (view.bits, view.n_scored, view.n_bytes) == (pytest.approx(2), 1, 1)


def test_an_empty_text_costs_nothing() -> None:
    view = views.surprise([], [], start="<s>", window=8)
    assert (view.bits, view.words, view.windows) == (0, (), 0)
    assert math.isnan(view.loss)
    assert math.isnan(view.bits_per_byte)


def test_versus_counts_bits_and_odds() -> None:
    tokens = locate([0], [b"a"])
    cheap, dear = (views.surprise(tokens, [score(k * math.log(2))], start="", window=8) for k in (3, 13))
    found = views.versus(cheap, dear)
    assert found.bits == pytest.approx(10)
    assert 10**found.log10_odds == pytest.approx(1024)
    assert found.per_byte == pytest.approx(10)
    assert views.versus(dear, cheap).bits == pytest.approx(-10)


@given(st.integers(0, 200), st.integers(1, 40), st.data())
@settings(deadline=None)
def test_every_input_is_scored_once_after_enough_others(n: int, size: int, data: st.DataObject) -> None:
    stride = data.draw(st.integers(1, size))
    found = surprisal.windows(n, size, stride)
    assert [pos for w in found for pos in range(w.first, w.stop)] == list(range(n))
    for window in found:
        assert window.stop - window.begin <= size
        assert window.begin == 0 or window.first - window.begin >= size - stride


def test_scores_are_those_of_the_trace(lm: LanguageModel) -> None:
    """After end-of-text; log-probabilities of torch's own softmax, ranks as ``LanguageModel.score`` counts them."""
    ids = lm.tokenizer.encode(TEXT)
    found = list(surprisal.scores(lm, ids))
    row = [lm.tokenizer.end_of_text, *ids]
    logprobs, ranks = lm.score([row])
    assert [s.logprob for s in found] == pytest.approx(logprobs[0].tolist(), abs=2e-5)
    assert [s.rank - 1 for s in found] == ranks[0].tolist()
    logits = torch.from_numpy(np.array(lm.trace(row[:-1]).logits))
    entropy = torch.distributions.Categorical(logits=logits).entropy() / math.log(2)
    assert [s.entropy for s in found] == pytest.approx(entropy.tolist(), abs=1e-4)
    best = torch.softmax(logits, -1).topk(5)
    assert [[i for i, _ in s.expected] for s in found] == best.indices.tolist()
    assert [[p for _, p in s.expected] for s in found] == pytest.approx(best.values.numpy(), abs=1e-5)


def test_one_by_one_is_the_same(lm: LanguageModel) -> None:
    ids = lm.tokenizer.encode(TEXT)
    at_once = [s.logprob for s in surprisal.scores(lm, ids)]
    assert list(surprisal.one_by_one(lm, ids)) == pytest.approx(at_once, abs=1e-4)


def test_a_model_without_end_of_text(tiny_lm: LanguageModel) -> None:
    ids = tiny_lm.tokenizer.encode("abcd")
    found = list(surprisal.scores(tiny_lm, ids))
    assert len(found) == 3
    assert [s.logprob for s in found] == pytest.approx(tiny_lm.trace(ids).logprobs[1:].tolist(), abs=1e-5)
    assert list(surprisal.one_by_one(tiny_lm, ids)) == pytest.approx([s.logprob for s in found], abs=1e-4)
    assert list(surprisal.scores(tiny_lm, ids[:1])) == []
    assert list(surprisal.one_by_one(tiny_lm, [])) == []
    assert views.start_label(tiny_lm) is None


@given(st.text("ab c", min_size=1, max_size=60), st.integers(2, 12), st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_windows_and_what_was_done_before(tiny_lm: LanguageModel, text: str, size: int, data: st.DataObject) -> None:
    """A text read in windows: each score is that of its own window; the scores left out are the first ones."""
    ids = tiny_lm.tokenizer.encode(text)
    stride = data.draw(st.integers(1, size))
    found = list(surprisal.scores(tiny_lm, ids, window=size, stride=stride))
    assert len(found) == len(ids) - 1
    for window in surprisal.windows(len(ids) - 1, size, stride):
        known = tiny_lm.trace(ids[window.begin : window.stop + 1]).logprobs
        for pos in range(window.first, window.stop):
            assert found[pos].logprob == pytest.approx(known[pos + 1 - window.begin], abs=1e-4)
    done = data.draw(st.integers(0, len(found)))
    rest = list(surprisal.scores(tiny_lm, ids, window=size, stride=stride, done=done))
    assert [s.logprob for s in rest] == pytest.approx([s.logprob for s in found[done:]], abs=1e-4)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_figure_lays_the_bits_end_to_end(lm: LanguageModel, lang: str) -> None:
    one, other = views.read(lm, "The cat sat."), views.read(lm, "<b>Cat</b>")
    figure = figures.chain(one, other, lang=lang)
    for trace, view in zip(figure.data, (one, other), strict=True):
        assert sum(trace.x) == pytest.approx(view.bits)
        assert trace.base[-1] + trace.x[-1] == pytest.approx(view.bits)
    assert "<b>" not in "".join(figure.data[1].hovertext).replace("<br>", "")
