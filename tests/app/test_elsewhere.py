"""A model that computes elsewhere: its pages show the same numbers, and say so while its engine is away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from gptviz.catalogue import ENVIRONMENT
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.serving.limits import Limits
from gptviz.ui import cache
from tests.app.visitor import Visitor
from tests.remote.conftest import Running

pytestmark = pytest.mark.slow
TEXT = "The cat sat on the"


@pytest.fixture
def engine(lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """The bundled model behind an engine, which the operator has named."""
    running = Running(lm, limits=Limits(rate=0.0))
    monkeypatch.setenv(ENVIRONMENT, running.url)
    yield running
    running.stop()
    cache.models().clear()


def on(page: str, **query: str) -> Visitor:
    kind = type("On", (Visitor,), {"name": page})
    visitor: Visitor = kind(text=TEXT, **query)
    return visitor.run()


@pytest.mark.parametrize("page", ["next_token", "steps", "surprise", "compare", "beam", "attention", "tokens",
                                  "playground"])  # fmt: skip
def test_pages_show_the_numbers_that_the_model_has(engine: Running, page: str) -> None:
    here, there = on(page).settle(), on(page, model=engine.url).settle()
    assert there.header["ids"] == here.header["ids"]
    assert not [note for note in there.header["notes"] if note["level"] == "error"]
    assert there.blobs.keys() == here.blobs.keys()
    for name, array in here.blobs.items():
        np.testing.assert_allclose(
            there.blobs[name].astype(float), array.astype(float), rtol=1e-5, atol=1e-4, err_msg=name
        )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_engine_that_goes_away_is_said_and_comes_back(engine: Running, lang: str) -> None:
    visitor = on("next_token", model=engine.url, lang=lang)
    engine.stop()
    visitor.say(text="The dog ran to")
    said = [note["text"] for note in visitor.header["notes"] if note["level"] == "error"]
    host = engine.url.partition("//")[2]
    beginning = translate("error.remote.away", lang, host=host, reason="\0").partition("\0")[0]
    assert len(said) == 1
    assert said[0].startswith(beginning)
    assert visitor.header["text"] == "The dog ran to"
    assert visitor.header["ids"] == []
    engine.start()
    lm = cache.model(engine.url)
    assert lm.answers()  # type: ignore[attr-defined]  # which the page asks every two seconds, and then runs anew
    visitor.run()
    assert not [note for note in visitor.header["notes"] if note["level"] == "error"]
    assert visitor.header["text"] == "The dog ran to"
    assert len(visitor.header["ids"]) == 4


def test_one_that_was_never_there_is_said_and_looked_for(engine: Running) -> None:
    engine.stop()
    visitor = on("next_token", model=engine.url)
    assert len(visitor.at.error) == 1
    assert visitor.header["text"] == TEXT  # on the bundled model, meanwhile
    engine.start()
    visitor.run()  # as the page does by itself, every two seconds
    assert not visitor.at.error
    assert cache.model(engine.url).name == engine.url


def test_what_cannot_be_done_there_says_so_and_keeps_the_text(engine: Running) -> None:
    visitor = on("embeddings", model=engine.url)
    assert any("its weights stay there" in note["text"] for note in visitor.header["notes"])
    assert visitor.header["text"] == TEXT
