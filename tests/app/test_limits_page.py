"""The limits page in the app, without a browser: every experiment, presets, settings, hostile words."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages
from gptviz.language_model import LanguageModel
from gptviz.ui.pages.limits.state import EXPERIMENTS, preset_text
from tests.app.visitor import Visitor
from tests.ui.desk import HOSTILE


class Trier(Visitor):
    name = "limits"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_goes_round_in_circles(lang: str) -> None:
    visitor = Trier(lang=lang).run().settle()
    header = visitor.header
    assert header["text"] == preset_text("loops", "story", lang)
    greedy = header["live"]["texts"][0]
    marked = [one for one in greedy["pieces"] if one["mark"]]
    assert len(marked) >= 3  # a loop of three blocks or more, each as the one before
    assert len({one["text"] for one in marked}) <= 2  # a character cut in two by a block's edge may differ
    shares = [bar["value"] for bar in header["side"]["bars"]]
    assert shares[0] > 0.5 > max(shares[1:])  # the likeliest repeats, a draw and the penalty do not


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_comes_with_a_text_of_its_own(name: str) -> None:
    visitor = Trier(lang="en").run()
    visitor.say(show=name)
    assert visitor.header["view"]["show"] == name
    assert visitor.header["text"] == preset_text(name, EXPERIMENTS[name][0], "en")
    assert visitor.header["presets"] == list(EXPERIMENTS[name])
    visitor.settle()
    for half in ("live", "side"):
        part = visitor.header[half]
        assert part["reading"]
        assert "{" not in part["reading"]
        assert part["wanted"] == 0  # all is measured
        assert part["rows"], half


def test_what_the_visitor_wrote_stays() -> None:
    visitor = Trier(lang="en").run()
    visitor.say(text="My own words about 12345")
    visitor.say(show="digits")
    assert visitor.header["text"] == "My own words about 12345"
    visitor.do("preset", name="nonsense").say(show="nonsense")
    assert visitor.header["view"]["show"] == "digits"


def test_an_exchange_names_its_words_and_a_word_that_is_missing_is_told(lm: LanguageModel) -> None:
    visitor = Trier(lang="en").run()
    visitor.say(show="exchange").settle()
    bars = visitor.header["live"]["bars"]
    values = [bar["value"] for bar in bars]
    assert values == sorted(values, reverse=True)
    assert {bar["word"] for bar in bars} >= {"nurse", "soldier"}
    visitor.say(old="zebra")
    assert visitor.header["live"]["bars"] == []
    assert "zebra" in visitor.header["live"]["reading"]


def test_what_does_not_fit_is_counted(lm: LanguageModel) -> None:
    visitor = Trier(lang="en").run()
    visitor.say(show="context").settle()
    left_out, read, free = (bar["value"] for bar in visitor.header["side"]["bars"])
    assert left_out + read == len(lm.tokenizer.encode(visitor.header["text"]))
    assert read + free == lm.config.block_size
    assert left_out > 0
    dots = visitor.header["live"]["dots"]
    assert sum(dot["n"] for dot in dots) == read - 1
    assert dots[-1]["y"] < dots[0]["y"]


def test_a_measurement_is_kept_for_the_next_visitor() -> None:
    one = Trier(lang="en").run()
    one.say(show="facts").settle()
    other = Trier(lang="en", show="facts", p="The").run()
    assert not other.header["running"]
    assert other.header["side"]["rows"] == one.header["side"]["rows"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_make_a_picture(text: str) -> None:
    visitor = Trier(lang="en").run()
    for name in EXPERIMENTS:
        visitor.say(text=text[:400], show=name, old=text[:5], new=text[:3], words=text[:300])
        assert (visitor.header["live"] is None) == (not visitor.header["ids"])
