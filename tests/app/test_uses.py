"""The page of uses in the app, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.uses.state import USES, WAYS, Uses, prompt_of
from tests.app.visitor import Visitor
from tests.chats import chatty
from tests.ui import desk
from tests.ui.desk import HOSTILE


class User(Visitor):
    name = "uses"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_writes_on(lm: LanguageModel, lang: str) -> None:
    visitor = User(lang=lang).run().settle()
    header = visitor.header
    assert header["text"] == prompt_of("continuing", lang, chat=False)
    view = header["view"]
    steps = list(lm.generate(header["ids"], WAYS[view["way"]], max_new_tokens=view["length"], seed=view["seed"]))
    assert "".join(bit["text"] for bit in header["written"]["bits"]) == steps[-1].text
    assert [bit["p"] for bit in header["written"]["bits"]] == pytest.approx([step.prob for step in steps], abs=1e-4)


def test_each_use_has_its_prompt_and_its_word() -> None:
    visitor = User(lang="en").run()
    said = set()
    for name in USES:
        visitor.do("use", name=name)
        assert visitor.header["text"] == prompt_of(name, "en", chat=False)
        said.add((visitor.header["what"], visitor.header["honest"]))
    assert len(said) == len(USES)


def test_typing_waits_for_the_button_and_a_setting_does_not() -> None:
    visitor = User(lang="en", length="10").run().settle()
    visitor.say(text="The cat sat on the")
    assert (visitor.header["written"]["bits"], visitor.header["running"]) == ([], False)
    visitor.do("write").settle()
    first = visitor.header["written"]["bits"]
    assert first
    visitor.say(way="greedy").settle()
    assert visitor.header["written"]["bits"] != first
    visitor.say({"kind": "use", "name": "no use"}, seed="x")
    assert visitor.header["view"]["use"] == "continuing"


def test_a_model_with_a_chat_template_is_asked_as_in_a_chat(lm: LanguageModel, tmp_path: Path) -> None:
    asked = chatty(tmp_path)
    state = Uses()
    desk.do("uses", state, asked, "use", name="question")
    header, _ = desk.shown("uses", state, asked)
    assert header["view"]["chat"]
    assert header["text"] == prompt_of("question", "en", chat=True)
    base, _ = desk.shown("uses", Uses(text="x"), lm)
    assert header["size"] != base["size"]
    desk.do("uses", state, asked, "use", name="continuing")  # which is no question
    assert not desk.shown("uses", state, asked)[0]["view"]["chat"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_make_a_picture(text: str) -> None:
    visitor = User(lang="en", length="10").run()
    visitor.say({"kind": "write"}, text=text[:400])
    assert (visitor.header["written"] is None) == (not visitor.header["ids"])
