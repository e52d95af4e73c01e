"""The stream page in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.stream.presets import PRESETS
from tests.app.visitor import Visitor


class Reader(Visitor):
    name = "stream"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_sees_the_first_preset(lang: str) -> None:
    visitor = Reader(lang=lang)
    visitor.run()
    visitor.settle()
    header = visitor.header
    text, settings = PRESETS["fact"].of(lang)
    assert header["text"] == text
    assert header["view"]["layer"] == settings["layer"]
    assert header["cell"]["rows"][0]["p"] > 0.9


def test_typing_looking_and_naming(lm: LanguageModel) -> None:
    visitor = Reader(lang="en", p="The cat")
    visitor.run()
    visitor.say(text="The cat sat on the")
    assert visitor.header["sizes"]["labels"] == ["The", "·cat", "·sat", "·on", "·the"]
    visitor.say(pos=1, layer=4, token="dog", rival="#300")
    header = visitor.header
    assert (header["pos"], header["cell"]["pos"], header["cell"]["stage"]) == (1, 1, 5)
    assert [token["id"] for token in header["through"]["tokens"]] == [lm.tokenizer.encode(" dog")[0], 300]
    visitor.say(against=True, detail="heads")
    assert visitor.header["ledger"]["against"] == header["through"]["tokens"][1]["label"]
    visitor.say(embed=True)
    assert visitor.header["cell"]["stage"] == 0
    visitor.say(token="\x00 no such 🙂🙂 word", pos=99_999, neuron=10**9, layer=500)
    assert visitor.header["pos"] == 4
    visitor.do("preset", name="copy")
    assert visitor.header["text"] == PRESETS["copy"].of("en")[0]
    visitor.say(text="")
    assert "ledger" not in visitor.header


def test_the_place_that_is_looked_at_goes_with_the_visitor() -> None:
    """Position, layer and head, from the walk to the stream and back."""
    visitor = Visitor(p="The cat sat on the", lang="en").run()
    visitor.say(pos=1, layer=5, head=3)
    visitor.go("stream")
    assert (visitor.header["pos"], visitor.header["cell"]["pos"]) == (1, 1)
    assert [visitor.header["view"][name] for name in ("pos", "layer", "head")] == [1, 5, 3]
    visitor.say(pos=2, layer=2)
    visitor.go("next_token")
    assert [visitor.header["view"][name] for name in ("pos", "layer", "head")] == [2, 2, 3]
