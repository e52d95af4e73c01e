"""The page of origins: its lines are counts of the text, and its bars what the smoothed counts say."""

from __future__ import annotations

import math

import pytest

from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.origins import texts
from gptviz.ui.pages.origins.state import PRESETS
from tests.ui import desk


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("preset", PRESETS)
def test_every_line_is_a_count_of_the_text_in_plain_python(lm: LanguageModel, lang: str, preset: str) -> None:
    state = desk.arrived("origins", lm, lang=lang)
    desk.do("origins", state, lm, "preset", lang, name=preset)
    header, _ = desk.shown("origins", state, lm, lang)
    world = texts.of_world()
    text = world.tokenizer.decode(world.ids.tolist())
    typed, token = header["text"], header["counts"]["label"]
    for line in header["counts"]["lines"]:
        context = typed[len(typed) - (line["n"] - 1) :]
        starts = [i for i in range(len(text) - len(context)) if text.startswith(context, i)]
        assert line["times"] in (len(starts), len(starts) + 1)  # the last place of the text has nothing after it
        assert line["then"] == sum(text[i + len(context)] == token for i in starts)
        assert line["p"] == pytest.approx(line["then"] / line["times"])
        assert line["bits"] is None if not line["then"] else line["bits"] == pytest.approx(-math.log2(line["p"]))
    counted = {row["label"]: row["counted"] for row in header["choices"]["rows"]}
    assert all(0 < p < 1 for p in counted.values())
    assert sum(counted.values()) < 1 + 1e-9
