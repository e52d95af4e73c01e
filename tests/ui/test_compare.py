"""The comparison's state, work and messages, without a browser: mostly on a tiny model of 64 characters, context 32."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.decoding import STRATEGIES, Beam, Contrastive, Greedy, Sample, generate, stages
from gptviz.decoding.draws import many
from gptviz.decoding.measures import measure
from gptviz.decoding.presets import PRESETS
from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.ui import pages
from gptviz.ui.page import picture
from gptviz.ui.pages.compare import actions
from gptviz.ui.pages.compare.state import AUTO, MOST_COLUMNS, View
from gptviz.ui.web.message import unpack
from tests.ui.desk import THREE, Desk, context

pytestmark = pytest.mark.slow


def test_each_column_is_what_generate_writes_alone(tiny_lm: LanguageModel) -> None:
    """Batched with others, in pieces: the same tokens, log-probabilities and measures as alone with that seed."""
    strategies = (*THREE, Beam(2), Contrastive(3, 0.5))
    desk = Desk(tiny_lm, *strategies, view=View(seed=11, n=8)).finish()
    for column, strategy in zip(desk.header["columns"], strategies, strict=True):
        steps = list(generate(tiny_lm, "abc", strategy, max_new_tokens=8, seed=11))
        alone = measure(steps)
        assert column["measures"]["logprob"] == pytest.approx(alone.logprob, abs=1e-4)
        assert column["entropies"] == pytest.approx(alone.entropies, abs=2e-3)
        assert column["after"] == pytest.approx(alone.entropies_after, abs=2e-3)
        assert [word[3] for word in column["words"]] == pytest.approx(alone.surprisals, abs=2e-3)
        assert "".join(word[2] for word in column["words"]) == steps[-1].text
        assert column["loops"] == [[loop.start, loop.stop, loop.times] for loop in alone.loops]


def test_pieces_come_at_once_and_the_columns_grow(desk: Desk) -> None:
    """Nothing waits for the end: after the first moment the first column has a token and progress is not full."""
    first = desk.pull().header
    assert first["running"]
    assert 0 < first["progress"] < 1
    assert len(first["columns"][0]["words"]) == 1
    lengths = [sum(map(len, desk.pull().tokens())) for _ in range(6)]
    assert lengths == sorted(lengths)
    last = desk.finish().header
    assert not last["running"]
    assert last["complete"]


def test_who_shares_the_server_is_said_while_it_works(tiny_lm: LanguageModel) -> None:
    state = Desk(tiny_lm, Greedy(), view=View(n=3)).state
    busy = context(tiny_lm)._replace(sharing=lambda: 2)
    said = [unpack(picture(pages.declared("compare"), state, busy))[0] for _ in range(2)]
    while said[-1]["running"]:
        said.append(unpack(picture(pages.declared("compare"), state, busy))[0])
    for header in said:
        told = [note["text"] for note in header["notes"] if "2 other visitors" in note["text"]]
        assert bool(told) == header["running"]


def test_a_search_tells_its_best_text_until_it_is_settled(tiny_lm: LanguageModel) -> None:
    desk = Desk(tiny_lm, Greedy(), Beam(3), view=View(n=6))
    drafts = []
    while desk.state.run_wanted or desk.state.running:
        beam = desk.pull().header["columns"][1]
        if not beam["words"]:
            drafts.append(beam["draft"])
    assert "" not in drafts[3:]
    assert desk.header["columns"][1]["draft"] == ""
    assert len(desk.tokens()[1]) == 6


def test_neighbours_part_where_their_tokens_first_differ(tiny_lm: LanguageModel) -> None:
    desk = Desk(tiny_lm, *THREE, view=View(n=12)).finish()
    tokens = desk.tokens()
    found = [c["leaves"] for c in desk.header["columns"]]
    forks = [next(i for i, (a, b) in enumerate(zip(*pair, strict=True)) if a != b) for pair in zip(tokens, tokens[1:])]  # noqa: B905, RUF007
    assert found == [None, *forks]
    assert desk.header["step"] == min(forks)  # the step that is looked at by itself
    assert desk.tell(step=9).header["step"] == 9


def test_another_text_stops_the_work_and_greys_what_is_there(desk: Desk) -> None:
    """Nothing runs by itself while somebody types, and two texts are never mixed."""
    desk.pull().pull()
    before = desk.tokens()
    header = desk.tell("abd").pull().header
    assert desk.tokens() == before
    assert (header["running"], header["stale"], header["other_text"]) == (False, True, True)
    header = desk.do("run").finish().header
    assert not header["stale"]
    assert header["ids"] == desk.lm.tokenizer.encode("abd")


def test_another_seed_or_length_runs_at_once(desk: Desk) -> None:
    one = desk.finish().tokens()
    two = desk.tell(seed=8).finish().tokens()
    assert two[0] == one[0]  # greedy draws nothing
    assert two[1] != one[1]
    longer = desk.tell(seed=8, n=9).finish().tokens()
    assert [t[:6] for t in longer] == two
    assert {len(t) for t in longer} == {9}


def test_changing_one_column_writes_that_one_only(desk: Desk) -> None:
    desk.finish()
    kept = [slot.column for slot in desk.state.slots]
    desk.do("set", column=desk.numbers()[1], strategy={"name": "sample", "temperature": 0.5}).finish()
    assert [slot.column is old for slot, old in zip(desk.state.slots, kept, strict=True)] == [True, False, True]
    assert desk.tokens()[1] == tuple(s.token for s in generate(desk.lm, "abc", Sample(0.5), max_new_tokens=6, seed=7))


def test_run_again_when_all_is_there_writes_all_again(desk: Desk) -> None:
    before = desk.finish().tokens()
    old = [slot.column for slot in desk.state.slots]
    desk.do("run").finish()
    assert desk.tokens() == before
    assert all(slot.column is not column for slot, column in zip(desk.state.slots, old, strict=True))


def test_stop_keeps_what_is_there_and_run_goes_on(desk: Desk) -> None:
    for _ in range(5):
        desk.pull()
    before = desk.tokens()
    header = desk.do("stop").pull().header
    assert (header["running"], header["complete"]) == (False, False)
    assert desk.tokens() == before
    assert [c["finish"] for c in header["columns"]] == [None] * 3
    assert desk.do("run").finish().header["complete"]


def test_columns_are_added_moved_doubled_and_removed(desk: Desk) -> None:
    desk.finish()
    a, b, c = desk.numbers()
    desk.do("move", column=c, by=-1)
    assert desk.numbers() == [a, c, b]
    desk.do("move", column=a, by=-1)
    assert desk.numbers() == [a, c, b]  # there is nothing to the left
    desk.do("duplicate", column=a)
    assert desk.state.slots[1].strategy == Greedy()
    assert list(desk.state.names().values())[:2] == ["greedy", "greedy (2)"]
    desk.do("remove", column=a).do("remove", column=c).do("remove", column=b)
    assert len(desk.numbers()) == 1
    desk.do("remove", column=desk.numbers()[0])
    assert len(desk.numbers()) == 1  # one stays
    for _ in range(MOST_COLUMNS + 3):
        desk.do("add")
    assert len(desk.numbers()) == MOST_COLUMNS
    assert desk.finish().header["complete"]


def test_a_preset_keeps_columns_it_shares_with_what_is_there(lm: LanguageModel) -> None:
    desk = Desk(lm, *PRESETS["six"].values(), text="The", view=View(n=5)).finish()
    assert desk.header["preset"] == "six"
    greedy = desk.state.slots[0].column
    desk.do("preset", name="beams")
    assert desk.header["preset"] == "beams"
    assert desk.state.slots[0].column is greedy
    desk.do("add")
    assert desk.header["preset"] == ""


def test_candidates_are_those_of_the_step_and_u_is_common(tiny_lm: LanguageModel) -> None:
    """Recomputed from the model alone: probabilities before and after the filters, and the token under u."""
    desk = Desk(tiny_lm, Sample(temperature=2.0), Sample(top_k=3), view=View(step=0, n=6)).finish()
    one, two = (c["candidates"] for c in desk.header["columns"])
    assert one["u"] == two["u"]
    ids = tuple(tiny_lm.tokenizer.encode("abc"))
    chain = stages(tiny_lm.prefill(ids).logits[0], Sample(top_k=3), ids)
    for row in two["rows"]:
        assert row["p_model"] == pytest.approx(chain[0].probs[row["id"]])
        assert row["p"] == pytest.approx(chain[1].probs[row["id"]])
        assert (row["cut"] == "top_k") == (not chain[1].kept[row["id"]])
    (drawn,) = [row["id"] for row in two["rows"] if row["drawn"]]
    assert drawn == desk.tokens()[1][0]
    low, high = two["drawn_at"]
    assert low <= two["u"] < high


def test_contrastive_candidates_carry_their_scores(tiny_lm: LanguageModel) -> None:
    desk = Desk(tiny_lm, Contrastive(4, 0.6), view=View(step=2, n=6)).finish()
    weighed = desk.header["columns"][0]["candidates"]["weighed"]
    steps = list(generate(tiny_lm, "abc", Contrastive(4, 0.6), max_new_tokens=6))
    assert [(c["p"], c["score"]) for c in weighed] == [
        (pytest.approx(c.prob, abs=1e-5), pytest.approx(c.score, abs=1e-4)) for c in steps[2].candidates
    ]
    assert max(weighed, key=lambda c: c["score"])["drawn"]


def test_many_draws_are_those_of_the_library(desk: Desk) -> None:
    desk.finish().do("draws", column=desk.numbers()[1], n=10)
    assert desk.header["draws"]["view"] is None
    header = desk.finish().header
    alone = sorted(many(desk.lm, "abc", THREE[1], 10, max_new_tokens=6, seed=7), key=lambda draw: draw.index)
    found = sorted(header["draws"]["rows"])
    assert [(row[1], row[4]) for row in found] == [(draw.seed, draw.text) for draw in alone]
    assert sum(part["count"] for part in header["draws"]["view"]["lengths"]) == 10
    assert desk.tell("other").header["draws"] is not None  # still there to be read
    assert desk.do("no_draws").header["draws"] is None


def test_draws_of_what_draws_nothing_are_copies(desk: Desk) -> None:
    desk.finish().do("draws", column=desk.numbers()[0], n=7).finish()
    view = desk.header["draws"]["view"]
    assert (view["n"], view["distinct_texts"]) == (7, 1)


def test_a_setting_out_of_range_is_refused_in_words(desk: Desk) -> None:
    desk.finish().do("set", column=desk.numbers()[0], strategy={"name": "beam", "width": 5, "n_groups": 2})
    assert desk.state.slots[0].strategy == Greedy()
    (note,) = desk.header["notes"]
    assert note["level"] == "error"
    assert "5" in note["text"]
    desk.do("set", column=desk.numbers()[0], strategy={"name": "beam", "width": 4, "n_groups": 2})
    assert desk.header["notes"] == []


def test_every_strategy_can_be_chosen_by_its_name(desk: Desk) -> None:
    """Whoever adds a file to ``strategies`` finds it here, with its parameters."""
    listed = {s["name"]: [p["name"] for p in s["parameters"]] for s in desk.header["strategies"]}
    assert listed == {name: [p.name for p in kind.parameters] for name, kind in STRATEGIES.items()}
    for name in STRATEGIES:
        assert desk.do("strategy", column=desk.numbers()[0], name=name).state.slots[0].strategy.name == name
    assert desk.finish().header["complete"]


def test_a_starting_value_is_one_that_the_parameter_may_have(desk: Desk) -> None:
    forms = {form["name"]: form["parameters"] for form in desk.header["strategies"]}
    for kind in STRATEGIES.values():
        for parameter, shown in zip(kind.parameters, forms[kind.name], strict=True):
            assert parameter.kind == "choice" or parameter.check(shown["start"]) is not None


@pytest.mark.parametrize("text", ["", "中文", "\ud800", "abc" * 4000])
def test_hard_texts_leave_a_page_that_says_what_is_wrong(tiny_lm: LanguageModel, text: str) -> None:
    """Empty, unknown to this vocabulary, no character at all, longer than the context: never an exception."""
    desk = Desk(tiny_lm, text=text).finish()
    levels = {note["level"] for note in desk.header["notes"]}
    if text.isascii() and text:
        assert len(desk.header["ids"]) == 32 - 6
        assert levels == {"warn"}
        assert {len(t) for t in desk.tokens()} == {6}
    else:
        assert desk.tokens() == [(), (), ()]
        assert ("error" in levels) == (text != "")


def test_another_model_begins_anew(tiny_lm: LanguageModel, lm: LanguageModel) -> None:
    desk = Desk(lm, Greedy(), text="abc", view=View(n=5)).finish()
    desk.lm = tiny_lm
    desk.state.follow()  # what the session does
    header = desk.finish().header
    assert header["ids"] == tiny_lm.tokenizer.encode("abc")
    assert header["complete"]


@pytest.mark.parametrize("lang", languages())
def test_readings_and_names_are_in_the_readers_language(tiny_lm: LanguageModel, lang: str) -> None:
    desk = Desk(tiny_lm, *THREE, view=View(n=6))
    desk.lang = lang
    desk.finish().do("draws", column=desk.numbers()[1], n=5).finish()
    header = desk.header
    said = [header["reading"], header["draws"]["reading"], *(c["reading"] for c in header["columns"])]
    assert all("{" not in text and "reading." not in text for text in said)
    assert header["columns"][0]["name"] == translate("preset.short.greedy", lang)
    assert header["columns"][0]["name"] in header["reading"]


def test_python_calls_run_and_say_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import gptviz

    monkeypatch.setattr(gptviz, "load", lambda name: desk.lm)
    desk.finish().do("draws", column=desk.numbers()[2], n=5).finish()
    header = desk.header
    assert len(_last_line(header["python"]).data) > 0
    assert tuple(s.token for s in _last_line(header["columns"][1]["python"])) == desk.tokens()[1]
    assert len(_last_line(header["draws"]["python"]).data) > 0


def _last_line(code: str) -> Any:
    *body, last = code.split("\n")
    names: dict[str, Any] = {}
    exec("\n".join(body), names)
    return eval(last, names)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
                    max_leaves=5)  # fmt: skip


@settings(deadline=None)
@given(
    st.sampled_from([*actions.ACTIONS, "more", "?"]),
    st.dictionaries(
        st.sampled_from(["column", "by", "n", "name", "strategy", "format", "number", "text"]), JSON, max_size=4
    ),
    JSON,
)
def test_nothing_that_the_browser_may_say_breaks_the_page(
    tiny_lm: LanguageModel, kind: str, values: dict[str, Any], view: Any
) -> None:
    desk = Desk(tiny_lm, Greedy(), Sample(), view=View(n=5)).finish()
    desk.state.receive({"n": 1, "text": values.get("text"), "view": {"step": view, "seed": view, "n": view}})
    desk.do(kind, **({"column": desk.numbers()[0]} | values)).pull()
    assert desk.header["acked"] == 1


def test_a_step_that_no_column_reaches_shows_nothing(desk: Desk) -> None:
    header = desk.finish().tell(step=90_000).header
    assert [c["candidates"] for c in header["columns"]] == [None] * 3
    assert desk.tell(step=AUTO).header["columns"][0]["candidates"] is not None
