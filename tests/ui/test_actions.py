"""What the buttons do, on the bundled model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gptviz.ui.pages.next_token.actions import carry_out, next_token, prompt_ids, window
from gptviz.ui.pages.next_token.state import Screen, View

from gptviz.decoding import uniform_at
from gptviz.language_model import LanguageModel
from gptviz.ui.prompts import vocabulary


class Desk:
    """A screen and the means to act on it."""

    def __init__(self, lm: LanguageModel, text: str = "The cat sat on the", view: View | None = None) -> None:
        self.lm, self.screen, self.count = lm, Screen(text=text, view=view or View()), 0

    def do(self, kind: str, **values: Any) -> Desk:
        self.count += 1
        action = {"q": self.count, "kind": kind, **values}
        carry_out(action, self.screen, self.lm, vocabulary(self.lm), self.lm.trace)
        return self

    @property
    def path(self) -> tuple[int, ...]:
        return self.screen.tree(vocabulary(self.lm)).ids()


@pytest.fixture
def desk(lm: LanguageModel) -> Desk:
    return Desk(lm)


def test_steps_draw_what_generate_draws(desk: Desk) -> None:
    """The same seed, filters and prompt: the page and a notebook write the same text."""
    import gptviz

    for _ in range(4):
        desk.do("step")
    sample = gptviz.Sample(temperature=0.8, top_p=0.95)
    steps = list(desk.lm.generate("The cat sat on the", sample, max_new_tokens=4, seed=7))
    assert desk.path == tuple(step.token for step in steps)
    assert [step.draw for step in steps] == [uniform_at(7, n) for n in range(4)]


def test_at_temperature_zero_a_step_is_greedy(lm: LanguageModel) -> None:
    desk = Desk(lm, view=View(temperature=0.0)).do("step")
    assert desk.path == (int(lm.trace("The cat sat on the").logits_at(-1).argmax()),)


def test_back_and_another_choice_keep_both(desk: Desk) -> None:
    desk.do("step").do("step").do("back").do("choose", id=300)
    assert desk.path[-1] == 300
    assert len(desk.screen.tree(vocabulary(desk.lm)).leaves()) == 2


def test_reroll_changes_the_seed_and_nothing_else(desk: Desk) -> None:
    before = desk.do("step").path
    seeds = {desk.do("reroll").screen.view.seed for _ in range(5)}
    assert len(seeds) > 1
    assert desk.path == before


def test_a_path_can_be_taken_into_the_text(desk: Desk) -> None:
    desk.do("step").do("step")
    added = desk.lm.tokenizer.decode(desk.path)
    rev = desk.screen.rev
    desk.do("into_prompt")
    assert desk.screen.text == "The cat sat on the" + added
    assert desk.screen.rev == rev + 1  # the browser must take the new text over
    assert desk.screen.earlier(vocabulary(desk.lm)) == [("The cat sat on the", 2)]
    desk.do("earlier", index=0)
    assert desk.screen.text == "The cat sat on the"
    assert len(desk.path) == 2


def test_a_full_context_takes_no_more(lm: LanguageModel) -> None:
    desk = Desk(lm, text="word " * 400)
    ids, left_out = prompt_ids(lm, desk.screen.text)
    assert len(ids) == window(lm)
    assert left_out > 0
    assert desk.do("step").do("choose", id=5).path == ()


@pytest.mark.parametrize(
    "action",
    [{"kind": "step"}, {"kind": "jump", "node": 10**9}, {"kind": "at", "index": "x"}, {"kind": "earlier", "index": -1},
     {"kind": "choose", "id": 10**9}, {"kind": "choose", "id": None}, {"kind": "nonsense"}, {}],
)  # fmt: skip
def test_senseless_actions_on_an_empty_prompt_change_nothing(lm: LanguageModel, action: dict[str, Any]) -> None:
    desk = Desk(lm, text="")
    carry_out({"q": 1, **action}, desk.screen, lm, vocabulary(lm), lm.trace)
    assert desk.path == ()
    assert desk.screen.text == ""
    assert desk.screen.acked == 1  # done with, so that the browser stops asking


def test_the_draw_follows_the_cumulative_bar(lm: LanguageModel) -> None:
    """Tokens side by side by falling probability: u falls on the one whose stretch it lies in."""
    logits = lm.trace("我今天很").logits_at(-1)
    chain, u, token = next_token(logits, View(seed=3), (1,), 0)
    probs = chain[-1].probs.astype(np.float64)
    order = np.lexsort((np.arange(len(probs)), -probs))
    edges = np.concatenate(([0.0], np.cumsum(probs[order]) / probs.sum()))
    place = int(np.flatnonzero(order == token)[0])
    assert edges[place] - 1e-9 <= u <= edges[place + 1] + 1e-9
