"""The deploy page without Streamlit: what it says of records worked out by hand, and of models it does not measure."""

from __future__ import annotations

from typing import Any

import pytest

from gptviz import memory
from gptviz.compression import pruning
from gptviz.language_model import LocalModel
from gptviz.ui.pages.deploy.panels import spared
from gptviz.ui.pages.deploy.scene import written
from tests.ui.desk import arrived, shown


def test_what_can_be_spared_is_read_off_the_curve() -> None:
    """Up to the last point before the text costs 1 % more; what comes cheaper after a dear one does not count."""
    assert spared([(0, 1.0), (5, 1.009), (10, 1.011), (14, 1.0)]) == 5
    assert spared([(0, 1.0), (5, 1.2)]) == 0
    assert spared([(0, 1.0), (5, 0.9), (10, 1.0)]) == 10


def test_a_model_that_does_not_fit_twice_is_not_measured(lm: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and the duties are shown all the same."""
    monkeypatch.setattr(memory, "available", lambda: 10**6)
    state = arrived("deploy", lm, p="The cat")
    header, _ = shown("deploy", state, lm)
    assert not header["running"]
    assert [note["level"] for note in header["notes"]] == ["error"]
    assert "gptviz compress" in header["notes"][0]["text"]
    assert len(header["duties"]) == 6
    assert header["changed"] is None
    assert [form["cells"] for form in header["forms"]] == [[]] * 5


def test_the_order_waits_for_every_gradient(lm: LocalModel) -> None:
    """As long as some passages are unread, nothing is left out: the order would change under the reader's eyes."""
    state = arrived("deploy", lm, p="The cat")
    while True:
        header, _ = shown("deploy", state, lm)
        records = state.parts.records
        if any(not isinstance(one, pruning.Sensitivity) for one in records):
            break
        assert header["changed"] is None
    header, _ = shown("deploy", state, lm)
    assert header["changed"] is not None
    assert header["n_gone"] == round(48 * 0.15)


def test_the_text_is_written_on_by_the_likeliest_token(lm: LocalModel) -> None:
    ids = tuple(lm.ids("The capital of France is"))
    found: list[Any] = list(written(lm, ids, ()))
    before = [one.token for one in found if not one.after]
    given = list(ids)
    for token in before:
        assert token == int(lm.trace(given).logits_at(-1).argmax())
        given.append(token)
    assert [one.token for one in found if one.after] == before
