"""The step machine as one session sees it, and that it and the first screen are one path."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from gptviz.language_model import LanguageModel
from gptviz.tokens.tokenizer import Tokenizer
from tests.app.conftest import MakeModel
from tests.app.visitor import Visitor

TEXTS = {"en": "The cat sat on the", "zh": "我今天很"}


class StepsVisitor(Visitor):
    """Somebody on the page "Step by step"."""

    name = "steps"


@pytest.fixture(params=sorted(TEXTS))
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_steps_back_and_another_choice_open_a_branch(lang: str, lm: LanguageModel) -> None:
    visitor = StepsVisitor(lang=lang).run().say(text=TEXTS[lang])
    assert visitor.header["lang"] == lang
    assert visitor.header["pair"] is None
    prompt = lm.tokenizer.encode(TEXTS[lang])
    drawn = visitor.header["pipeline"]["choice"]["id"]
    assert visitor.do("step").header["ids"] == [*prompt, drawn]
    visitor.do("back")
    rows = visitor.header["pipeline"]["rows"]
    assert [row["id"] for row in rows if row["taken"]] == [drawn]
    other = next(row["id"] for row in rows if row["id"] != drawn)
    visitor.do("choose", id=other, pos=len(prompt) - 1)
    assert visitor.header["ids"] == [*prompt, other]
    assert [node["lane"] for node in visitor.header["tree"]["nodes"]] == [0, 0, 1]
    pair = visitor.header["pair"]
    assert [token["id"] for token in (*pair["a"]["tokens"], *pair["b"]["tokens"])] == [drawn, other]
    trace = lm.trace([*prompt, drawn])
    assert pair["a"]["logprob"] == pytest.approx(float(trace.logprobs[-1]), abs=1e-4)


def test_path_seed_and_filters_are_the_first_screens(lang: str) -> None:
    """What was stepped there is here, and back; no message of the page left behind is taken in again."""
    visitor = StepsVisitor(lang=lang).run().say({"kind": "step"}, text=TEXTS[lang], min_p=0.1, temperature=1.0, seed=3)
    ids = visitor.header["ids"]
    visitor.go("next_token")
    assert visitor.header["text"] == TEXTS[lang]
    assert visitor.header["ids"] == ids
    assert "min_p" in [stage["name"] for stage in visitor.header["distribution"]["stages"]]
    visitor.do("step")
    longer = visitor.header["ids"]
    assert len(longer) == len(ids) + 1
    visitor.go("steps")
    assert visitor.header["ids"] == longer
    assert visitor.header["view"]["seed"] == 3
    assert visitor.do("back").header["ids"] == ids


def test_a_link_restores_branches_and_what_is_compared(lang: str) -> None:
    visitor = StepsVisitor(lang=lang).run().say(text=TEXTS[lang])
    for action in (
        {"kind": "choose", "id": 300},
        {"kind": "choose", "id": 301},
        {"kind": "back"},
        {"kind": "choose", "id": 302},
    ):
        visitor.say(action)
    visitor.do("pair", a=3)
    visitor.do("look", step=1)
    shown = visitor.header
    again = StepsVisitor(**dict(parse_qsl(shown["link"], keep_blank_values=True))).run().header
    assert again["ids"] == shown["ids"]
    assert again["pair"]["a"]["tokens"] == shown["pair"]["a"]["tokens"]
    assert (again["pair"]["step"], again["view"]) == (1, shown["view"])
    assert again["notes"] == []


@pytest.mark.parametrize("text", ["", "x" * 10_001, "<b>\ud800</b>", "\x00"])
def test_bad_texts_are_kept_and_answered(text: str) -> None:
    visitor = StepsVisitor().run().say(text=text)
    assert visitor.header["text"] == text[:10_000]
    assert visitor.do("step").do("back").header["path"]["at"] == 0


HOSTILE_CLIENTS = (
    None,
    3,
    {},
    {"n": 1, "queue": [{"q": 1, "kind": "pair", "a": {}}]},
    {"n": 5, "view": {"eta_cutoff": "x"}, "queue": [None, {"kind": "look", "step": -1}]},
)


@pytest.mark.parametrize("client", HOSTILE_CLIENTS)
def test_nothing_that_is_said_raises(client: object) -> None:
    assert StepsVisitor().run().send(client).header["pipeline"] is not None


def test_another_model_reads_the_branches_anew(make_model: MakeModel) -> None:
    make_model("letters-steps", tokenizer=Tokenizer.characters("abcdefgh "))
    visitor = StepsVisitor(p="abc").run().do("step")
    visitor.switch_model("letters-steps")
    assert visitor.header["tree"]["nodes"][0]["node"] == 0
    assert len(visitor.header["tree"]["nodes"]) == 1  # the path is of the other vocabulary's tokens
    visitor.do("step").do("back")
    first = visitor.header["pipeline"]["choice"]["id"]
    visitor.do("choose", id=(first + 1) % 8, pos=2)
    assert visitor.header["pair"] is not None
