"""The page of a step in the app, without a browser: a first visit, the second step, a weight, both ways to read."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages
from gptviz.ui.learner import small
from gptviz.ui.pages.one_step.presets import PRESETS
from tests.app.visitor import Visitor
from tests.ui.desk import HOSTILE


class Stepper(Visitor):
    name = "one_step"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_sees_a_step_of_the_small_model_and_why(lang: str) -> None:
    header = Stepper(lang=lang).run().header
    assert header["text"] == PRESETS["surprise"].of(lang)[0]
    assert header["ids"] == small().tokenizer.encode(header["text"])
    assert len(header["forward"]["targets"]) == len(header["ids"]) - 1
    assert [note["level"] for note in header["notes"]] == ["info"]
    assert "3,000,000" in header["notes"][0]["text"]
    assert header["after"]["losses"][1] < header["after"]["losses"][0]


def test_steps_follow_one_another_and_each_place_can_be_looked_at() -> None:
    visitor = Stepper(lang="en").run()
    first = visitor.header
    visitor.say(step=2)
    second = visitor.header
    assert second["after"]["losses"][:2] == pytest.approx(first["after"]["losses"], abs=1e-6)
    assert second["update"]["m_before"] != 0
    visitor.say(target=0, tensor="transformer.h.1.mlp.c_fc.weight", place="3,14")
    header = visitor.header
    assert (header["forward"]["at"], header["logits"]["rows"][0]["label"]) == (0, header["forward"]["targets"][0])
    assert header["update"]["label"] == "h.1.mlp.c_fc.weight[3, 14]"
    assert header["down"]["chosen"] == "transformer.h.1.mlp.c_fc.weight"
    visitor.say(tensor="transformer.wpe.weight")
    assert visitor.header["view"]["place"] == ""  # another tensor has other places
    assert visitor.header["update"]["name"] == "transformer.wpe.weight"
    visitor.say(tensor="no.such", place="9,9,9", target=31, rate=99)
    header = visitor.header
    assert header["view"]["target"] is None
    assert header["update"]["rate"] == 1.0
    assert header["down"]["chosen"] == header["update"]["name"]
    visitor.say(text="The cat sat")
    assert (visitor.header["view"]["step"], visitor.header["view"]["tensor"]) == (1, "")


def test_both_ways_to_read_are_timed_when_asked_and_forgotten_with_the_text() -> None:
    visitor = Stepper(lang="en").run()
    assert visitor.header["race"] is None
    visitor.do("race")
    race = visitor.header["race"]
    assert race["tokens"] == len(visitor.header["ids"]) - 1
    assert race["difference"] < 1e-3
    visitor.say(text="The cat sat on")
    assert visitor.header["race"] is None


def test_short_long_and_hostile_words() -> None:
    visitor = Stepper(lang="en").run()
    visitor.say(text="")
    assert "forward" not in visitor.header
    visitor.say(text=" a b" * 100)
    assert len(visitor.header["ids"]) == 32
    assert any("left out" in note["text"] for note in visitor.header["notes"])
    for text in HOSTILE:
        visitor.say(text=text)
        assert visitor.header["text"] == text or "\ud800" in text
        visitor.do("race")
