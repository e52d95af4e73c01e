"""The deploy page in the app, without a browser: what is measured, what is left out, the figures of this process."""

from __future__ import annotations

import numpy as np
import pytest

from gptviz import edits
from gptviz.catalogue import load
from gptviz.compression import FORMS, pruning
from gptviz.i18n import languages, translate
from gptviz.numbers import softmax
from gptviz.ui import common
from gptviz.ui.pages.deploy.duties import DUTIES
from gptviz.ui.pages.deploy.state import PRESETS
from gptviz.ui.vitals import vitals
from tests.app.visitor import Visitor
from tests.ui.desk import HOSTILE


class Server(Visitor):
    name = "deploy"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_measures_and_says_what_it_found(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the small model: five forms, three curves from nothing to everything, and six duties with figures."""
    monkeypatch.setattr(common, "BOARD", common.Board())  # else another test may have had it measured already
    visitor = Server(lang=lang, model="small").run()
    assert visitor.header["running"]
    visitor.settle()
    header = visitor.header
    assert header["text"] == translate("deploy.preset_text", lang)
    assert header["changed"] is not None
    assert [row[0] for row in header["forms_rows"]] == [translate(f"deploy.form.{form}", lang) for form in FORMS]
    assert all(len(form["cells"]) == 6 for form in header["forms"])
    assert header["forms"][0]["cells"][0]["share"] == 1.0  # float32 takes most memory
    assert header["forms"][3]["cells"][0]["share"] < 0.35
    assert header["forms"][0]["cells"][4]["number"] == "100%"
    assert set(header["curves"]) == set(pruning.ORDERS)
    for curve in header["curves"].values():
        assert [point["gone"] for point in curve] == pruning.counts(16)
        assert curve[-1]["bits"] > curve[0]["bits"]
    assert [duty["name"] for duty in header["duties"]] == [translate(f"deploy.duty.{name}", lang) for name in DUTIES]
    assert all(figure["value"] not in ("", "…") for duty in header["duties"] for figure in duty["figures"])
    for said in ("forms_reading", "parts_reading"):
        assert header[said]
        assert "{" not in header[said]


def test_what_is_left_out_is_what_the_model_says_without_it() -> None:
    """The answer after is the run with the heads of the chosen order switched off; nothing out, nothing to compare."""
    visitor = Server(lang="en", model="small", p="The cat sat on the").run().settle()
    visitor.say(gone=25).settle()
    header, state = visitor.header, visitor.screen
    assert header["n_gone"] == 4
    small = load("small")
    gone = pruning.order(state.parts.records, small.config, "heads", "taylor")[:4]
    changes = [edits.ablate(layer=layer, head=head) for layer, head in pruning.places(small.config, gone)]
    ids = small.ids("The cat sat on the")
    after = small.trace(ids, edits=changes)
    best = header["changed"]["rows"][0]
    assert best[3] == pytest.approx(float(softmax(after.logits_at(-1).astype(np.float64))[best[0]]), rel=1e-3)
    assert header["answer"]["before"] != ""
    assert str(pruning.places(small.config, gone)) in header["answer_python"]
    visitor.say(gone=0)
    assert visitor.header["changed"] is None
    visitor.say(unit="layers", gone=100).settle()
    assert visitor.header["n_gone"] == visitor.header["n_parts"] == 4


def test_presets_and_nonsense() -> None:
    visitor = Server(lang="en", model="small", p="The").run()
    for name, preset in PRESETS.items():
        visitor.do("preset", name=name)
        view = visitor.header["view"]
        assert (view["unit"], view["by"], view["gone"]) == preset
    visitor.do("preset", name="nonsense").say(unit="neurons", by="fashion", gone=1e9)
    view = visitor.header["view"]
    assert (view["unit"], view["by"], view["gone"]) == ("layers", "taylor", 100)


def test_a_measurement_is_kept_for_the_next_visitor() -> None:
    one = Server(lang="en", model="small", p="The").run().settle()
    other = Server(lang="en", model="small", p="The").run().settle()
    assert other.header["forms_rows"] == one.header["forms_rows"]
    assert other.header["parts_rows"] == one.header["parts_rows"]


def test_live_figures_are_those_of_the_process() -> None:
    now = vitals()
    assert now.resident is None or 5e7 < now.resident < 1e12
    visitor = Server(lang="en", model="small", p="The").run()
    protection = visitor.header["duties"][-1]["figures"]
    assert [figure["value"] for figure in protection][:2] == ["128 tokens", "10,000"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_make_a_picture(text: str) -> None:
    visitor = Server(lang="en", model="small").run()
    visitor.say(text=text[:400])
    if not visitor.header["ids"]:
        assert visitor.header["changed"] is None
