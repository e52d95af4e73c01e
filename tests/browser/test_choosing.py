"""The next token in a real browser: stepping, choosing, branching, drawing anew, by mouse and by keyboard."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

import gptviz
from gptviz.decoding import uniform_at
from gptviz.language_model import LanguageModel
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

PROMPTS = {"en": "Once upon a time there was", "zh": "人工智能是"}


@pytest.mark.parametrize("lang", sorted(PROMPTS))
def test_stepping_reads_what_the_library_generates(visit: Visit, lm: LanguageModel, lang: str) -> None:
    """Same prompt, strategy and seed: the path on the screen is the path of lm.generate."""
    strategy = gptviz.Sample(temperature=0.9, top_k=50, top_p=0.9)
    prompt = lm.tokenizer.encode(PROMPTS[lang])
    tokens = [step.token for step in lm.generate(prompt, strategy, max_new_tokens=4, seed=3)]
    screen = visit({"lang": lang, "p": PROMPTS[lang], "t": 0.9, "top_k": 50, "top_p": 0.9, "seed": 3})
    screen.drawn(prompt)
    for count in range(4):
        assert screen.drawn_id() == tokens[count]
        if count % 2:
            screen.get("step").click()
        else:
            screen.get("next").click()  # the drawn token beside the chips
        screen.drawn(prompt + tokens[: count + 1])
    screen.get("back").click()
    screen.drawn(prompt + tokens[:3])
    ahead = screen.page.locator("button.node.ahead")
    expect(ahead).to_have_count(1)  # what lies ahead is remembered
    ahead.click()
    screen.drawn(prompt + tokens)
    screen.page.locator("button.node.start").click()
    screen.drawn(prompt)
    assert screen.prompt.input_value() == PROMPTS[lang]


def test_clicks_faster_than_pictures_are_all_carried_out(visit: Visit, lm: LanguageModel) -> None:
    prompt = lm.tokenizer.encode("A")
    strategy = gptviz.Sample(temperature=0.8, top_p=0.95)
    tokens = [step.token for step in lm.generate(prompt, strategy, max_new_tokens=6, seed=7)]
    screen = visit({"p": "A"})
    screen.get("step").evaluate("(button) => { for (let i = 0; i < 6; i += 1) button.click(); }")
    screen.drawn(prompt + tokens)


def test_choosing_bars_opens_branches(visit: Visit, lm: LanguageModel) -> None:
    prompt = lm.tokenizer.encode("The cat sat on the")
    screen = visit({"p": "The cat sat on the"})
    first, second = screen.bar_ids()[2:4]
    screen.get("bar").nth(2).click()
    screen.drawn([*prompt, first])
    screen.get("step").click()
    expect(screen.page.locator("button.node.on .l")).not_to_have_text("")
    screen.page.locator("button.node.start").click()
    screen.drawn(prompt)
    screen.get("bar").nth(3).click()
    screen.drawn([*prompt, second])
    branches = screen.get("branch")
    expect(branches).to_have_count(2)
    expect(branches.nth(1)).to_have_attribute("aria-pressed", "true")
    branches.nth(0).click()
    expect(branches.nth(0)).to_have_attribute("aria-pressed", "true")
    screen.finished()
    assert screen.ids()[: len(prompt) + 1] == [*prompt, first]
    assert len(screen.ids()) == len(prompt) + 2
    screen.get("into-prompt").click()
    expect(screen.prompt).to_have_value(re.compile(r"^The cat sat on the.+"))
    assert screen.prompt.input_value() == lm.tokenizer.decode([*prompt, *screen.ids()[len(prompt) :]])


def test_a_new_seed_draws_with_another_number(visit: Visit) -> None:
    screen = visit({"p": "The", "seed": 7})
    words = screen.page.locator(".cum-words")
    expect(words).to_contain_text(f"u = {uniform_at(7, 0):.3f}")
    screen.get("reroll").click()
    expect(screen.get("seed")).not_to_have_value("7")
    seed = int(screen.get("seed").input_value())
    expect(words).to_contain_text(f"u = {uniform_at(seed, 0):.3f}")
    screen.get("seed").fill("12")
    screen.get("seed").press("Tab")
    expect(words).to_contain_text(f"u = {uniform_at(12, 0):.3f}")


def test_keyboard_steps_goes_back_and_plays(visit: Visit, lm: LanguageModel) -> None:
    prompt = lm.tokenizer.encode("The cat")
    strategy = gptviz.Sample(temperature=0.8, top_p=0.95)
    tokens = [step.token for step in lm.generate(prompt, strategy, max_new_tokens=2, seed=7)]
    screen = visit({"p": "The cat"})
    screen.prompt.focus()
    screen.page.keyboard.press("ArrowRight")  # in the box the arrows move the caret
    screen.leave_box()
    keyboard = screen.page.keyboard
    keyboard.press("ArrowRight")
    screen.drawn([*prompt, tokens[0]])
    keyboard.press("ArrowRight")
    screen.drawn(prompt + tokens)
    keyboard.press("ArrowLeft")
    keyboard.press("ArrowLeft")
    screen.drawn(prompt)
    play = screen.get("play")
    keyboard.press(" ")
    expect(play).to_have_attribute("aria-pressed", "true")
    # it plays on while one looks: two steps at least
    begun = ",".join(map(str, prompt + tokens))
    expect(screen.get("chips")).to_have_attribute("data-ids", re.compile(f"^{begun}(,|$)"))
    keyboard.press(" ")
    expect(play).to_have_attribute("aria-pressed", "false")
    screen.settled()  # a step on its way is drawn still
    steps = len(screen.ids()) - len(prompt)
    played = [step.token for step in lm.generate(prompt, strategy, max_new_tokens=steps + 1, seed=7)]
    screen.drawn(prompt + played[:steps])
    screen.prompt.focus()
    keyboard.press("Control+Enter")  # a step without leaving the box
    screen.drawn(prompt + played)
    expect(screen.page.locator("button.node:not(.start, .end)")).to_have_count(steps + 1)
    expect(screen.prompt).to_have_value("The cat")


def test_sliders_change_what_is_kept(visit: Visit, lm: LanguageModel) -> None:
    screen = visit({"p": "The cat sat on the", "t": 1, "top_p": 1, "top_k": 0})
    expect(screen.kept()).to_have_text(f"{lm.config.vocab_size:,}")
    screen.get("top-k").fill("1")  # the slider's first step: one token
    expect(screen.kept()).to_have_text("1")
    bars = screen.get("bar")
    expect(bars.nth(0)).to_have_class(re.compile(r"\bdrawn\b"))
    expect(bars.nth(1)).to_have_class(re.compile(r"\bcut\b"))
    assert screen.drawn_id() == int(lm.trace("The cat sat on the").logits_at(-1).argmax())
    screen.get("top-k").fill("0")
    expect(screen.kept()).to_have_text(f"{lm.config.vocab_size:,}")
    probs = _falling(lm, "The cat sat on the")
    screen.get("top-p").fill("0.5")
    expect(screen.kept()).to_have_text(f"{int((probs.cumsum() < 0.5).sum()) + 1:,}")
    screen.get("temperature").fill("0")
    expect(screen.kept()).to_have_text("1")
    screen.get("temperature").press("ArrowRight")
    expect(screen.kept()).not_to_have_text("")
    assert screen.ids() == lm.tokenizer.encode("The cat sat on the")  # arrows on a slider are the slider's


def _falling(lm: LanguageModel, text: str) -> np.ndarray:
    """(V,) the probabilities of the next token, largest first."""
    logits = lm.trace(text).logits_at(-1).astype(np.float64)
    weights = np.exp(logits - logits.max())
    return np.sort(weights / weights.sum())[::-1]
