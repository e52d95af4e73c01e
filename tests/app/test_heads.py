"""The heads page in the app, without a browser."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from tests.app.visitor import Visitor


class Looker(Visitor):
    name = "heads"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_switches_the_head_off_that_copies(lm: LanguageModel, lang: str) -> None:
    """The right token loses at least half of what it had, in both languages, and the head is labelled."""
    visitor = Looker(lang=lang)
    visitor.run()
    visitor.settle()
    header = visitor.header
    assert header["text"] == translate("heads.preset_text", lang)
    view = header["view"]
    place = header["names"].index("induction")
    at = (view["layer"] * header["n_head"] + view["head"]) * len(header["names"]) + place
    assert header["heads"][at] >= header["thresholds"][place]
    _, label, before, after = header["tested"]["rows"][0]
    assert label.strip("·") in {"en": "Brask", "zh": "蓝月亮"}[lang]
    assert after < before / 2
    assert before > 0.2


def test_choosing_and_switching_on_again(lm: LanguageModel) -> None:
    visitor = Looker(lang="en", p="The cat sat on the")
    visitor.run()
    visitor.settle()
    assert visitor.header["tested"] is None
    visitor.say(layer=1, head=4, test=True, mode="mean")
    row = visitor.header["tested"]["rows"][0]
    assert row[2] != row[3]
    visitor.say(test=False)
    assert visitor.header["tested"] is None
    visitor.say(layer=900, head=900, test=True)
    assert (visitor.header["view"]["layer"], visitor.header["view"]["head"]) == (7, 5)
    visitor.say(text="")
    assert visitor.header["tested"] is None
    assert visitor.header["heads"]
