"""Who is one too many is told so, and a message that asks for much keeps nobody else waiting."""

from __future__ import annotations

import pytest

from gptviz.i18n import languages, translate
from gptviz.ui import cache, runner
from gptviz.ui.guests import Guests
from gptviz.ui.limits import MAX_ACTIONS, VISITORS
from gptviz.ui.plain import plain
from tests.app.visitor import Visitor


@pytest.mark.parametrize("lang", languages())
def test_who_is_one_too_many_is_told_so_and_let_in_once_there_is_room(
    lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VISITORS, "3")
    monkeypatch.setattr(cache, "guests", lambda: guests)
    there = {"one", "two", "three"}
    guests = Guests(lambda who: who in there)
    assert [guests.let_in(who, 3) for who in sorted(there)] == [True] * 3
    visitor = Visitor(lang=lang).run()
    assert visitor.components() == []
    assert [one.value for one in visitor.at.subheader] == [plain(translate("queue.title", lang))]
    told = [translate("queue.place", lang, waiting=1), translate("queue.wait", lang, most=3),
            translate("queue.more", lang, setting=VISITORS)]  # fmt: skip
    assert [one.value for one in visitor.at.markdown] == [plain(line) for line in ("1", *told)]
    there.remove("two")
    assert visitor.run().header["ids"]
    there.add("two")
    assert guests.let_in("two", 3)  # this visitor's connection was lost for a moment, and another took the place
    assert visitor.run().header["ids"]


def test_who_gave_way_while_idle_is_heard_and_then_waits_in_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit runs a page alone when its browser side says something, so it is there that this is noticed too."""
    answers = [True]

    class Door(Guests):
        def let_in(self, who: str, most: int, *, again: bool = False, idle: float = 0.0) -> bool:
            return answers.pop(0) if answers else True

        def acts(self, who: str) -> bool:
            return inside

    door, inside = Door(lambda who: True), True
    monkeypatch.setattr(cache, "guests", lambda: door)
    visitor = Visitor(p="The cat").run()
    inside = False
    answers += [True, False, False, False]  # the frame, the page, then the frame and the queue
    visitor.send({"n": 1, "text": "The cat sat", "view": {}, "queue": []})
    assert visitor.components() == []
    assert [one.value for one in visitor.at.subheader] == [plain(translate("queue.title", "en"))]
    assert visitor.run().header["text"] == "The cat sat"


def test_one_message_is_given_so_much_time_and_the_rest_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where others wait, a quarter of it; one action is carried out however short it is, and none is lost."""
    monkeypatch.setattr(runner, "ACTING", 0.0)
    visitor = Visitor(p="The cat").run()
    queue = [{"q": q, "kind": "step"} for q in (1, 2, 3)]
    for done in (1, 2, 3):
        visitor.send({"n": visitor.header["echo"] + 1, "text": "The cat", "view": {}, "queue": queue})
        assert (visitor.header["acked"], visitor.header["path"]["at"]) == (done, done)


def test_of_ten_thousand_actions_one_run_carries_out_as_many_as_are_allowed() -> None:
    visitor = Visitor(p="The cat").run()
    queue = [{"q": q, "kind": "forward"} for q in range(1, 10_001)]
    visitor.send({"n": 1, "text": "The cat", "view": {}, "queue": queue})
    assert visitor.header["acked"] <= MAX_ACTIONS
    assert translate("note.asked", "en", count=10_000, most=256) in visitor.notes()
