"""Texts longer than the context: the same as ``generate`` until the window slides, then a continuation of its half."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from gptviz.decoding import Beam, Sample, Strategy, generate, uniform_at
from gptviz.decoding.sliding import Written, write_on
from gptviz.errors import DecodingError, PromptError
from gptviz.language_model import LanguageModel

LIMIT = 32  # the tiny model's context


def tokens(found: list[Written]) -> list[int]:
    return [written.step.token for written in found]


def test_each_window_is_generate_on_the_half_before_it(tiny_lm: LanguageModel) -> None:
    """A prompt of 10, 60 new tokens: 22 fill the context, then 16 at a time. The random numbers run on."""
    strategy = Sample(1.5)
    found = list(write_on(tiny_lm, "abcdefghij", strategy, max_new_tokens=60, seed=3))
    assert [written.place for written in found] == list(range(60))
    assert [written.step.draw for written in found] == [uniform_at(3, i) for i in range(60)]
    first = list(generate(tiny_lm, "abcdefghij", strategy, max_new_tokens=60, seed=3))
    assert tokens(found)[:22] == [step.token for step in first]
    text = [*tiny_lm.ids("abcdefghij"), *tokens(found)]
    for begin, stop in ((22, 38), (38, 54), (54, 60)):
        window = text[10 + begin - 16 : 10 + begin]
        assert {written.forgotten for written in found[begin:stop]} == {10 + begin - 16}
        for written in found[begin:stop]:  # chosen by what the model says after exactly these tokens
            logits = tiny_lm.trace(window).logits_at(-1)
            np.testing.assert_allclose(written.step.logits, logits, atol=2e-5)
            window.append(written.step.token)
    ends = [written.place for written in found if written.step.finish]
    assert ends == [21, 37, 53, 59]
    assert [found[i].step.finish for i in ends] == ["context", "context", "context", "length"]


@pytest.mark.parametrize("strategy", [Beam(2), Sample(0)])
def test_strategies_of_all_kinds_go_on(tiny_lm: LanguageModel, strategy: Strategy) -> None:
    found = list(write_on(tiny_lm, "abc", strategy, max_new_tokens=50))
    assert len(found) == 50
    assert all(len(written.step.ids) <= LIMIT for written in found)


def test_of_a_prompt_without_room_the_end_is_read(tiny_lm: LanguageModel) -> None:
    ids = [i % 50 for i in range(100)]
    [written] = islice(write_on(tiny_lm, ids, max_new_tokens=1), 1)
    assert (written.forgotten, list(written.step.ids[:-1])) == (84, ids[84:])
    [written] = write_on(tiny_lm, ids[:LIMIT], Sample(0), max_new_tokens=1)  # full to the last
    assert written.forgotten == 16
    [written] = write_on(tiny_lm, ids[: LIMIT - 1], Sample(0), max_new_tokens=1)
    assert written.forgotten == 0


def test_it_ends_where_the_text_ends(lm: LanguageModel) -> None:
    end = lm.tokenizer.end_of_text
    found = list(write_on(lm, "Once upon a time there was a dog. The end.", Sample(0), max_new_tokens=300))
    assert tokens(found).count(end) == (found[-1].step.finish == "end")


def test_what_is_wrong_is_said_when_it_is_called(tiny_lm: LanguageModel) -> None:
    with pytest.raises(PromptError):
        write_on(tiny_lm, "")
    with pytest.raises(PromptError):
        write_on(tiny_lm, [1000] * 40)
    with pytest.raises(DecodingError):
        write_on(tiny_lm, "a", max_new_tokens=0)
    with pytest.raises(DecodingError):
        write_on(tiny_lm, "a", seed=-1)
