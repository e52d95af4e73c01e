"""The page "compare" as one session sees it: what is typed and pressed, and the picture that comes back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest

from gptviz.decoding import Greedy, Sample, generate
from gptviz.decoding.presets import PRESETS
from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.ui.limits import MAX_CHARS
from tests.app.conftest import MakeModel
from tests.app.visitor import Visitor

TWO = "greedy,sample:temperature:0.7"
HARD = {
    "spaces": "   ",
    "surrogates": "a\ud800b",
    "half characters follow": "𠮷𪚥",
    "html": "<b>x</b><script>1</script> $x$ {name}",
    "special": "<|endoftext|>",
    "10,000 characters": "word 字 " * (MAX_CHARS // 7),
}


class CompareVisitor(Visitor):
    """A visitor of the comparison."""

    name = "compare"

    def texts(self) -> list[str]:
        return ["".join(word[2] for word in column["words"]) for column in self.header["columns"]]


def visit(**query: Any) -> CompareVisitor:
    """A visitor whose comparison has been written; short, unless the query says otherwise."""
    visitor = CompareVisitor(**({"s": TWO, "n": "6"} | query))
    visitor.run()
    return visitor.settle()


@pytest.mark.parametrize("lang", languages())
def test_the_first_visit_writes_the_textbook_six_by_itself(lang: str) -> None:
    visitor = CompareVisitor(lang=lang, n="5")
    visitor.run()
    visitor.settle()
    assert visitor.header["preset"] == "six"
    assert len(visitor.header["columns"]) == len(PRESETS["six"])
    assert {c["finish"] for c in visitor.header["columns"]} <= {"length", "end"}  # a text may be over in a sentence
    assert visitor.header["columns"][0]["name"] == translate("preset.short.greedy", lang)


def test_the_texts_are_those_of_the_library(lm: LanguageModel) -> None:
    visitor = visit(p="Once upon", seed="3")
    for text, strategy in zip(visitor.texts(), (Greedy(), Sample(0.7)), strict=True):
        assert text == list(generate(lm, "Once upon", strategy, max_new_tokens=6, seed=3))[-1].text


def test_typing_greys_and_run_writes(lm: LanguageModel) -> None:
    visitor = visit(p="Once upon")
    before = visitor.texts()
    visitor.say(text="The cat")
    assert (visitor.header["stale"], visitor.header["running"], visitor.texts()) == (True, False, before)
    visitor.do("run")
    visitor.settle()
    assert visitor.texts()[0] == list(generate(lm, "The cat", Greedy(), max_new_tokens=6))[-1].text


def test_the_link_of_the_page_opens_the_same(lm: LanguageModel) -> None:
    visitor = visit(p="A <b> & 中文 #1?", seed="3")
    visitor.say(step=2, seed=9, n=7)
    visitor.settle()
    again = visit(**dict(parse_qsl(visitor.header["link"])))
    for name in ("text", "view", "step", "preset", "link"):
        assert again.header[name] == visitor.header[name]
    assert again.texts() == visitor.texts()


def test_another_language_keeps_what_was_written() -> None:
    visitor = visit(p="Once upon")
    before = visitor.texts()
    visitor.switch_language("zh")
    assert visitor.texts() == before
    assert visitor.header["columns"][0]["name"] == translate("preset.short.greedy", "zh")
    assert not visitor.header["running"]


def test_another_model_writes_anew(make_model: MakeModel) -> None:
    make_model("compare-small", block_size=32)
    visitor = visit(p="Once upon")
    before = visitor.texts()
    visitor.switch_model("compare-small")
    visitor.settle()
    assert visitor.texts() != before
    assert visitor.header["complete"]


@pytest.mark.parametrize("name", HARD)
def test_hard_texts(name: str) -> None:
    """Nothing raises, the text is kept, and what could not be read is said."""
    visitor = visit(p="x", n="5")
    visitor.say(text=HARD[name])
    visitor.do("run")
    visitor.settle()
    assert visitor.screen.text == HARD[name][:MAX_CHARS]
    assert visitor.header["columns"][0]["words"]
    assert (visitor.notes() != []) == (name in ("surrogates", "10,000 characters"))


def test_a_failure_keeps_the_text_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = visit(p="Once upon")

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr("gptviz.ui.pages.compare.writing.advance", fail)
    visitor.say(text="Once more")
    assert visitor.header["text"] == "Once more"
    assert "out of luck" in visitor.notes()[0]
    monkeypatch.undo()
    visitor.do("run")
    visitor.settle()
    assert visitor.header["complete"]
