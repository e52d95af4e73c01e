"""A model whose operations disagree is not shown: the sentence, the bundled model, and the text that was typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch.nn.functional as F

from gptviz import catalogue
from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.ui.checkup import Checkups, PassportError
from gptviz.ui.plain import plain
from tests.app.conftest import MakeModel
from tests.app.visitor import Visitor


@pytest.fixture(autouse=True)
def checkups(monkeypatch: pytest.MonkeyPatch) -> Checkups:
    """A server that has checked nothing yet."""
    found = Checkups()
    for module in ("gptviz.ui.model_choice", "gptviz.ui.pages.model.state"):
        monkeypatch.setattr(f"{module}.CHECKUPS", found)
    return found


@pytest.fixture
def leaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of models called “leaky…” the plain pass lets the future through."""
    load = catalogue.load

    def loaded(name: str | Path = catalogue.DEFAULT, **how: Any) -> Any:
        lm = load(name, **how)
        if str(name).startswith("leaky"):
            for block in lm.model.blocks:
                block.attn.fused = lambda q, k, v, dropout: F.scaled_dot_product_attention(q, k, v)  # type: ignore[assignment]
        return lm

    monkeypatch.setattr(catalogue, "load", loaded)


@pytest.mark.parametrize("lang", languages())
def test_it_is_not_shown_and_nothing_is_lost(
    make_model: MakeModel, leaks: None, lm: LanguageModel, checkups: Checkups, lang: str
) -> None:
    make_model(f"leaky-{lang}", n_layer=3)
    visitor = Visitor(lang=lang, model=f"leaky-{lang}", p="Kept").run()
    (said,) = [error.value for error in visitor.at.error]
    (found,) = checkups._kept.values()
    assert found.refused is not None
    assert said == plain(PassportError(f"leaky-{lang}", found.refused).say(lang))
    assert visitor.header["text"] == "Kept"
    assert visitor.header["ids"] == lm.tokenizer.encode(visitor.header["text"])  # the bundled model's
    visitor.press("toolbar.try_again", lang)
    assert len(visitor.at.error) == 1  # it is known by now
    visitor.press("toolbar.use_default", lang)
    assert not visitor.at.error


def test_a_sound_model_goes_on_being_shown(make_model: MakeModel, checkups: Checkups) -> None:
    """Untrained as it is; its passport is on the page Model, where red is told."""
    make_model("sound", n_layer=4)
    visitor = Visitor(lang="en", model="sound", p="The cat").run()
    assert not visitor.at.error
    (found,) = checkups._kept.values()
    assert found.finished
    passport = visitor.go("model").settle().header["passport"]
    assert passport["said"] == translate("passport.red", "en", count=found.failed)
    assert {check["asks"] for check in passport["checks"] if check["ok"] is False} == {
        check.asks("en") for check in found.found if check.ok is False
    }


def test_the_bundled_model_is_checked_only_where_its_passport_is_shown(checkups: Checkups) -> None:
    visitor = Visitor(lang="en").run().say(text="The cat")
    assert not checkups._kept
    assert visitor.go("model").settle().header["passport"]["done"]
    assert [found.failed for found in checkups._kept.values()] == [0]
