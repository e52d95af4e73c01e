"""The page of changes in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from gptviz.numbers import BIT
from tests.app.visitor import Visitor


class Changer(Visitor):
    name = "what_if"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_has_a_change_and_both_maps(lm: LanguageModel, lang: str) -> None:
    visitor = Changer(lang=lang)
    visitor.run()
    visitor.settle()
    header = visitor.header
    assert header["changes"] == ["nopos"]
    assert header["change"]["bits_after"] > header["change"]["bits_before"]
    assert header["patch"]["done"] == header["patch"]["wanted"]
    visitor.say(edits="")
    assert visitor.header["change"]["bits_after"] == visitor.header["change"]["bits_before"]
    visitor.say(text="")
    assert visitor.header["change"] is None


def test_two_visitors_share_traces_and_no_changes(lm: LanguageModel) -> None:
    """The same text at the same time, one with everything changed: the other sees the model as it is."""
    one, other = Changer(lang="en", p="The cat sat", edits="mask;nopos"), Changer(lang="en", p="The cat sat")
    one.run()
    other.run()
    bits = float(-lm.trace("The cat sat").logprobs[1:].mean()) / BIT
    rows = other.header["change"]["rows"]
    assert all(before == after for _, _, before, after in rows)
    assert other.header["change"]["bits_after"] == pytest.approx(bits, abs=1e-4)
    assert one.header["change"]["bits_before"] == other.header["change"]["bits_before"]
    assert one.header["change"]["bits_after"] != one.header["change"]["bits_before"]
