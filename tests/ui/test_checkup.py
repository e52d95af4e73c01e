"""The passport of a model that is opened: in slices, kept for the process, red where nothing may be shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch.nn.functional as F

import gptviz
from gptviz.analysis.passport import Check, passport
from gptviz.errors import WeightsError
from gptviz.i18n import languages, translate
from gptviz.jobs import Slice
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.ui import checkup as module
from gptviz.ui.checkup import Checkup, Checkups, PassportError
from tests.chats import chatty
from tests.ui import desk


def at_once() -> Slice:
    """No time at all: one check."""
    return Slice(0.0)


def leaky(folder: Path) -> LocalModel:
    """A model whose plain pass lets the future through."""
    lm = chatty(folder)
    for block in lm.model.blocks:
        block.attn.fused = lambda q, k, v, dropout: F.scaled_dot_product_attention(q, k, v)  # type: ignore[assignment]
    lm.name = "leaky"
    return lm


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Checkups:
    """A server that has opened no model yet."""
    found = Checkups()
    monkeypatch.setattr("gptviz.ui.pages.model.state.CHECKUPS", found)
    return found


def test_checks_come_one_slice_at_a_time_and_are_those_of_the_passport(tmp_path: Path) -> None:
    lm = chatty(tmp_path)
    one, wanted = Checkup(lm), passport(lm).checks
    for n in range(1, len(wanted) + 1):
        one.advance(at_once())
        assert len(one.found) == n
    one.advance(at_once())
    assert one.finished
    assert [(check.name, check.ok, check.said) for check in one.found] == [(c.name, c.ok, c.said) for c in wanted]


def test_a_model_is_checked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    def counted(lm: Any) -> Iterator[Any]:
        begun.append(lm.name)
        return iter(())

    monkeypatch.setattr(module, "checks", counted)
    kept, lm = Checkups(), chatty(tmp_path / "a")
    again, other = chatty(tmp_path / "b"), chatty(tmp_path / "c")
    other.name = "a copy, which may be damaged where the fingerprint does not look"
    for one in (lm, again, other, lm):
        kept.of(one).advance(at_once())
    assert begun == ["chatty", other.name]
    assert kept.of(lm) is kept.of(again)


def test_what_cannot_be_relied_on_is_refused(tmp_path: Path) -> None:
    lm, kept = leaky(tmp_path), Checkups()
    kept.refuse(lm)  # nothing is known of it yet: its first picture waits for no check
    while not kept.of(lm).finished:
        kept.of(lm).advance(at_once())
    with pytest.raises(PassportError) as caught:
        kept.refuse(lm)
    assert isinstance(caught.value, WeightsError)
    assert caught.value.check.name in ("causal", "traced")
    for lang in languages():
        said = caught.value.say(lang)
        assert caught.value.check.say(lang) in said
        assert "leaky" in said
    assert translate("passport.check.causal", "zh") in caught.value.say("zh")


def test_red_of_another_kind_is_told_and_not_refused(tmp_path: Path) -> None:
    """An untrained model does not read: its numbers are its own all the same."""
    lm, kept = chatty(tmp_path), Checkups()
    while not kept.of(lm).finished:
        kept.of(lm).advance(at_once())
    assert kept.of(lm).failed
    assert "text" in [check.name for check in kept.of(lm).found if check.ok is False]
    kept.refuse(lm)


def test_a_check_that_breaks_off_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                         caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    def broken(lm: Any) -> Iterator[Any]:
        yield from passport(lm).checks[:2]
        raise RuntimeError("no such tensor")

    monkeypatch.setattr(module, "checks", broken)
    one = Checkup(chatty(tmp_path))
    for _ in range(4):
        one.advance(at_once())
    assert (one.finished, len(one.found)) == (True, 2)
    assert "no such tensor" in caplog.text


def test_the_first_picture_waits_for_nothing_and_those_after_it_show_more(tmp_path: Path, fresh: Checkups) -> None:
    lm = chatty(tmp_path)
    state = desk.arrived("model", lm)
    header, _ = desk.shown("model", state, lm)
    assert header["passport"]["checks"] == []
    assert header["running"]
    assert header["facts"]["n_layer"] == 2
    header, _ = desk.finished("model", state, lm)
    assert [check["ok"] for check in header["passport"]["checks"]] == [c.ok for c in passport(lm).checks]
    assert header["passport"]["done"]
    again, _ = desk.shown("model", desk.arrived("model", lm), lm)  # another visitor: it is known
    assert again["passport"] == header["passport"]
    assert not again["running"]


@pytest.mark.slow
@pytest.mark.parametrize("lang", languages())
def test_the_card_says_each_check_in_a_sentence(lm: LanguageModel, fresh: Checkups, lang: str) -> None:
    header, _ = desk.finished("model", desk.arrived("model", lm, lang=lang), lm, lang)
    wanted = [(check.asks(lang), check.ok) for check in passport(lm).checks]  # type: ignore[arg-type]
    assert [(check["asks"], check["ok"]) for check in header["passport"]["checks"]] == wanted
    assert all(check["said"] for check in header["passport"]["checks"])
    assert header["passport"]["said"] == translate("passport.ok", lang)


def test_the_python_of_the_card_gives_its_answers(tmp_path: Path, fresh: Checkups,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    lm = chatty(tmp_path)
    header, _ = desk.finished("model", desk.arrived("model", lm), lm)
    monkeypatch.setattr(gptviz, "load", lambda name: lm)
    *body, last = header["recipes"]["passport"].splitlines()
    names: dict[str, Any] = {}
    exec("\n".join(body), names)
    found = eval(last, names)
    assert [(ok, said) for ok, _, said in found] == [(c["ok"], c["said"]) for c in header["passport"]["checks"]]


def test_a_number_that_is_none_is_no_json(tmp_path: Path, fresh: Checkups) -> None:
    lm = chatty(tmp_path)
    values = {"off": "nan", "first": 8, "later": 8}
    fresh.of(lm).found.append(Check("causal", False, float("nan"), "not_causal", values))
    header, _ = desk.shown("model", desk.arrived("model", lm), lm)
    assert [(check["ok"], check["value"]) for check in header["passport"]["checks"]] == [(False, None)]
