"""The beam page without a browser: its presets, its work in slices, its messages, its Python calls."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gptviz.decoding import Beam, BeamStep, Greedy, beam_search
from gptviz.i18n import languages, strings
from gptviz.language_model import LanguageModel
from gptviz.ui.controls import controls
from gptviz.ui.pages.beam import words
from gptviz.ui.pages.beam.presets import PRESETS
from gptviz.ui.pages.beam.state import BeamPage, View
from gptviz.ui.pages.beam.work import Plain, Question, Shelf, Work
from gptviz.views.beam import Rung
from tests.beam_presets import evidence, holds
from tests.ui.desk import arrived, finished, link


@pytest.mark.slow
@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", PRESETS)
def test_presets_show_what_they_claim(name: str, lang: str, lm: LanguageModel) -> None:
    """Else the bundled model has changed: ``python -m tests.beam_presets`` finds others."""
    found = evidence(lm, *PRESETS[name].of(lang))
    assert holds(name, found), found


def test_presets_have_words() -> None:
    for lang in languages():
        for name in PRESETS:
            assert {f"beam.preset.{name}", f"beam.preset_hint.{name}"} <= strings(lang).keys()


def test_work_in_slices_equals_the_search_at_once(tiny_lm: LanguageModel) -> None:
    beam = Beam(3, 0.5)
    questions = [Question(tiny_lm, (1, 2, 3), beam, 5), Question(tiny_lm, (1, 2, 3), Greedy(), 5)]
    shelf = Shelf()
    work = Work(questions, shelf)
    slices = 0
    while work.open is not None:
        before = len(work.answer(questions[0]))
        work.advance(0.0)
        assert len(work.answer(questions[0])) <= before + 1
        slices += 1
    assert slices > 6
    assert list(work.answer(questions[0])) == list(beam_search(tiny_lm, (1, 2, 3), beam, max_new_tokens=5))
    assert all(isinstance(record, Plain) for record in work.answer(questions[1]))
    again = Work(questions, shelf)
    again.advance(0.0)  # all of it lies on the shelf
    assert again.answers == work.answers


def test_the_shelf_forgets_the_least_recently_used(tiny_lm: LanguageModel) -> None:
    shelf = Shelf(most=2)
    questions = [Question(tiny_lm, (n,), Greedy(), 3) for n in range(3)]
    for question in questions[:2]:
        shelf.put(question, (Plain(1, -1.0),))
    assert shelf.get(questions[0])
    shelf.put(questions[2], ())
    assert shelf.get(questions[1]) is None
    assert shelf.get(questions[0]) is not None


def test_groups_always_split_the_width() -> None:
    for width in range(1, 17):
        for n_groups in range(1, 17):
            view = View(width=width, n_groups=n_groups).settled()
            assert width % view.n_groups == 0
            assert view.n_groups <= n_groups
            assert view.beam().n_groups == view.n_groups


@pytest.mark.parametrize("value", [None, True, [], {}, "x", float("nan"), float("inf"), -(10**400), 1e308])
def test_hostile_controls_never_raise_and_stay_in_bounds(value: Any) -> None:
    page = BeamPage(text="a")
    for n, control in enumerate(controls(View), start=1):
        page.receive(
            {"n": n, "text": "a", "view": {control.name: value}, "queue": [value, {"q": value, "kind": value}]}
        )
        page.view.beam()
        assert 1 <= page.view.width <= 16
        assert 3 <= page.view.tokens <= 30


def test_a_control_starts_over_and_looking_does_not() -> None:
    page = BeamPage(text="a", view=View(step=4, node=7))
    page.receive({"n": 1, "text": "a", "view": {"pruned": False}})
    assert (page.view.step, page.view.node) == (4, 7)
    page.receive({"n": 2, "text": "a", "view": {"width": 5}})
    assert (page.view.step, page.view.node) == (0, -1)
    page.receive({"n": 3, "text": "b", "view": {"width": 5, "step": 2}})
    assert page.view.step == 0


def test_a_link_says_the_view(tiny_lm: LanguageModel) -> None:
    view = View(width=6, length_penalty=-0.5, n_groups=3, diversity_penalty=1.25, early_stopping="true", tokens=7,
                pruned=False, step=2, node=9)  # fmt: skip
    again = arrived("beam", tiny_lm, **link(BeamPage(text="ab", view=view), tiny_lm))
    assert (again.text, again.view) == ("ab", view)


def rung(width: int, total: float, length: int = 10, score: float | None = None, distinct_2: float = 1.0) -> Rung:
    return Rung(width, f"text {width}", length, total, total / length if score is None else score, distinct_2, False)


@pytest.mark.parametrize("lang", languages())
def test_the_verdict_names_both_numbers(lang: str) -> None:
    """e^(−5 − −7) = 7.4 times as likely."""
    said = words.verdict(rung(4, -5.0), rung(0, -7.0), lang)
    assert all(part in said for part in ("−5.00", "−7.00", "7.4"))
    by_length = words.verdict(rung(4, -9.0, length=18), rung(0, -7.0), lang)
    assert all(part in by_length for part in ("−0.500", "−0.700", "−9.00", "−7.00"))
    assert "e^30" in words.verdict(rung(4, -5.0), rung(0, -35.0), lang)
    assert (
        len({words.verdict(rung(4, t, length=n), rung(0, -7.0), lang) for t, n in ((-7, 10), (-8, 10), (-6, 5))}) == 3
    )


@pytest.mark.parametrize("lang", languages())
def test_the_ladder_says_what_width_made_worse(lang: str) -> None:
    greedy = rung(0, -20.0)
    lower = words.ladder_note([greedy, rung(2, -10.0), rung(4, -12.0)], lang)
    assert "−1.200" in lower
    assert "−1.000" in lower
    shorter = words.ladder_note([greedy, rung(2, -10.0, score=-10.0), rung(4, -3.0, length=2, score=-3.0)], lang)
    assert shorter != lower
    duller = words.ladder_note([greedy, rung(2, -10.0, distinct_2=0.3)], lang)
    assert "30%" in duller
    assert words.ladder_note([greedy, rung(2, -10.0)], lang) == strings(lang)["beam.ladder.good"]


def test_the_message_is_json_and_its_nodes_are_numbered(tiny_lm: LanguageModel) -> None:
    header, _ = finished("beam", BeamPage(text="abc", view=View(width=4, n_groups=2, tokens=4)), tiny_lm)
    nodes = header["tree"]["nodes"]
    assert [node["id"] for node in nodes] == list(range(len(nodes)))
    assert all(node["parent"] is None or nodes[node["parent"]]["step"] == node["step"] - 1 for node in nodes)
    json.dumps(header, allow_nan=False)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["The cat", "a\ud800b", "'\"\\ $x$"])
def test_the_python_calls_give_what_is_shown(text: str, lm: LanguageModel) -> None:
    pytest.importorskip("plotly")
    header, _ = finished("beam", BeamPage(text=text, view=View(width=2, length_penalty=0.5, tokens=3)), lm)
    names: dict[str, Any] = {}
    exec(header["tree"]["python"], names)
    steps: list[BeamStep] = names["steps"]
    assert steps[-1].finished[0].total == pytest.approx(header["tree"]["finals"][0]["total"], rel=1e-6)
    code = header["ladder_python"].replace("gptviz.compare(", "found = gptviz.compare(")
    exec(code, names)
    beam = next(r for r in header["rungs"] if r["width"] == 2)
    assert sum(step.logprob for step in names["found"].steps["beam 2"]) == pytest.approx(beam["total"], rel=1e-5)
