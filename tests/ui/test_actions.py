"""What the buttons do, on the bundled model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gptviz.decoding import uniform_at
from gptviz.language_model import LanguageModel
from gptviz.ui import pages
from gptviz.ui.page import carry_out
from gptviz.ui.prompts import STEPS, prompt_ids, vocabulary, window
from gptviz.ui.walk.actions import next_token
from gptviz.ui.walk.state import View
from tests.ui.desk import Walker, context


@pytest.fixture
def desk(lm: LanguageModel) -> Walker:
    return Walker(lm)


def test_steps_draw_what_generate_draws(desk: Walker) -> None:
    """The same seed, filters and prompt: the page and a notebook write the same text."""
    import gptviz

    for _ in range(4):
        desk.do("step")
    sample = gptviz.Sample(temperature=0.8, top_p=0.95)
    steps = list(desk.lm.generate("The cat sat on the", sample, max_new_tokens=4, seed=7))
    assert desk.path == tuple(step.token for step in steps)
    assert [step.draw for step in steps] == [uniform_at(7, n) for n in range(4)]


def test_at_temperature_zero_a_step_is_greedy(lm: LanguageModel) -> None:
    desk = Walker(lm, view=View(temperature=0.0)).do("step")
    assert desk.path == (int(lm.trace("The cat sat on the").logits_at(-1).argmax()),)


def test_back_and_another_choice_keep_both(desk: Walker) -> None:
    desk.do("step").do("step").do("back").do("choose", id=300)
    assert desk.path[-1] == 300
    assert len(desk.walk.tree(vocabulary(desk.lm)).leaves()) == 2


def test_reroll_changes_the_seed_and_nothing_else(desk: Walker) -> None:
    before = desk.do("step").path
    seeds = {desk.do("reroll").walk.view.seed for _ in range(5)}
    assert len(seeds) > 1
    assert desk.path == before


def test_a_path_can_be_taken_into_the_text(desk: Walker) -> None:
    desk.do("step").do("step")
    added = desk.lm.tokenizer.decode(desk.path)
    rev = desk.walk.rev
    desk.do("into_prompt")
    assert desk.walk.text == "The cat sat on the" + added
    assert desk.walk.rev == rev + 1  # the browser must take the new text over
    assert desk.walk.earlier(vocabulary(desk.lm)) == [("The cat sat on the", 2)]
    desk.do("earlier", index=0)
    assert desk.walk.text == "The cat sat on the"
    assert len(desk.path) == 2


def test_a_full_context_takes_no_more(lm: LanguageModel) -> None:
    desk = Walker(lm, text="word" + " word" * (window(lm) - 1))
    ids, left_out = prompt_ids(lm, desk.walk.text)
    assert (len(ids), left_out) == (window(lm), 0)
    assert desk.do("step").do("choose", id=5).path == ()


def test_the_window_moves_on_by_steps_so_that_a_long_text_keeps_its_beginning(lm: LanguageModel) -> None:
    """Of 32 tokens typed at the end of a long text, one has the whole window read anew."""
    most, starts = window(lm), set()
    for words in range(most + 1, most + 65):
        ids, left_out = prompt_ids(lm, "word" + " word" * (words - 1))
        assert len(ids) + left_out == words
        assert most - most // STEPS < len(ids) <= most
        starts.add(left_out)
    assert starts == {most // STEPS, 2 * most // STEPS}


@pytest.mark.parametrize(
    "action",
    [{"kind": "step"}, {"kind": "jump", "node": 10**9}, {"kind": "at", "index": "x"}, {"kind": "earlier", "index": -1},
     {"kind": "choose", "id": 10**9}, {"kind": "choose", "id": None}, {"kind": "nonsense"}, {}],
)  # fmt: skip
def test_senseless_actions_on_an_empty_prompt_change_nothing(lm: LanguageModel, action: dict[str, Any]) -> None:
    desk = Walker(lm, text="")
    carry_out(pages.declared("next_token"), {"q": 1, **action}, desk.walk, context(lm))
    assert desk.path == ()
    assert desk.walk.text == ""
    assert desk.walk.acked == 1  # done with, so that the browser stops asking


def test_the_draw_follows_the_cumulative_bar(lm: LanguageModel) -> None:
    """Tokens side by side by falling probability: u falls on the one whose stretch it lies in."""
    logits = lm.trace("我今天很").logits_at(-1)
    chain, u, token = next_token(logits, View(seed=3), (1,), 0)
    probs = chain[-1].probs.astype(np.float64)
    order = np.lexsort((np.arange(len(probs)), -probs))
    edges = np.concatenate(([0.0], np.cumsum(probs[order]) / probs.sum()))
    place = int(np.flatnonzero(order == token)[0])
    assert edges[place] - 1e-9 <= u <= edges[place + 1] + 1e-9
