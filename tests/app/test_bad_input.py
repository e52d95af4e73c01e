"""Whatever is typed, or sent by a browser or a link: no traceback, a sentence on what to do, the text is kept."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.ui.limits import MAX_CHARS
from gptviz.ui.prompts import prompt_ids, window
from gptviz.ui.walk.state import STAGES
from tests.app.visitor import Visitor

TEXTS = {
    "spaces": "     ",
    "newlines": "\n\n\t\n",
    "one character": "a",
    "emoji": "👩\u200d👩\u200d👧 🇨🇳 🙂",
    "right to left": "مرحبا بالعالم \u202eabc\u202c שלום",
    "combining": "e\u0301 Z\u0351\u036b\u0343\u036a a" + "\u0300" * 40,
    "control": "a\x00b\x07c\x1b[31md\x7f\x85\u2028",
    "surrogates": "a\ud800b\udfff\udbffc",
    "rare character": "𠮷𪚥 鱻",
    "html": "<b>bold</b><script>window.__pwned = 1</script><img src=x onerror=alert(1)>&amp;",
    "markdown": "# a *b* __c__ `d` [e](http://f) $x^2$ $$y$$ :red[g] :material/home: ~h~ | i |",
    "special tokens": "<|endoftext|><|im_start|>",
    "template": "{name} {0} %s %(x)s ${y}",
    "10,000 characters": "word 字 " * (MAX_CHARS // 7),
    "10,000 equal characters": "a" * MAX_CHARS,
    "10,000 spaces": " " * MAX_CHARS,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXTS)
def test_hard_texts_are_kept_and_drawn(name: str, lm: LanguageModel) -> None:
    text = TEXTS[name]
    visitor = Visitor().run().say(text=text)
    ids = lm.tokenizer.encode(text)
    assert visitor.screen.text == text
    assert visitor.header["text"] == text
    read = len(prompt_ids(lm, text)[0])
    assert visitor.header["ids"] == ids[-read:]
    assert len(visitor.header["chips"]) == read > 0
    assert all(chip["label"] for chip in visitor.header["chips"])
    assert visitor.do("step").screen.text == text
    assert visitor.switch_language("zh").header["text"] == text
    assert not visitor.at.error


@pytest.mark.parametrize("lang", languages())
def test_empty_prompt(lang: str) -> None:
    visitor = Visitor(lang=lang).run().say(text="")
    assert (visitor.header["text"], visitor.header["ids"]) == ("", [])
    for kind in ("step", "back", "forward", "reroll", "into_prompt"):
        visitor.do(kind)
        assert visitor.header["ids"] == []
    visitor.do("choose", id=1, pos=0)
    assert visitor.say(layer=1, temperature=0.1, stage="raw").header["ids"] == []
    assert visitor.say(text="a").header["ids"] != []


@pytest.mark.parametrize("lang", languages())
def test_prompt_longer_than_the_context_says_what_is_left_out(lang: str, lm: LanguageModel) -> None:
    text = "the cat " * (window(lm) // 2 + 10)
    tokens, limit = len(lm.tokenizer.encode(text)), window(lm)
    assert tokens > limit
    visitor = Visitor(lang=lang).run().say(text=text)
    assert visitor.screen.text == text
    values = {"tokens": tokens, "limit": limit, "left_out": tokens - len(visitor.header["ids"])}
    assert translate("note.left_out", lang, **values) in visitor.notes()
    assert visitor.do("step").header["path"]["at"] == 1  # there is room again: the window has moved on


@pytest.mark.parametrize("lang", languages())
def test_text_over_the_limit_is_cut_and_says_so(lang: str) -> None:
    visitor = Visitor(lang=lang).run().say(text="x" * (MAX_CHARS + 1))
    assert visitor.screen.text == "x" * MAX_CHARS
    assert translate("note.cut", lang, limit=f"{MAX_CHARS:,}", count=1) in visitor.notes()
    assert visitor.say(text="short").notes() == []


@pytest.mark.parametrize("lang", languages())
def test_lone_surrogates_are_counted_in_a_note(lang: str) -> None:
    visitor = Visitor(lang=lang).run().say(text="a\ud800b\udfff")
    assert translate("note.replaced", lang, count=2) in visitor.notes()


HUGE = 10**400  # a JSON number, and no float is as large
NUMBERS = (-1, 2**63, -(2**63), math.nan, math.inf, -math.inf, 1e308, 1.5, "3", None, True, [[1]], {"a": 1})
VIEWS: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("pos", "layer", "head", "key", "temperature", "top_k", "top_p", "seed"), NUMBERS),
    "stage": ("soft", 3, None, ["pattern"], {"pattern": 1}),
}
QUEUES: dict[str, tuple[Any, ...]] = {
    "not a list": ("step", 5, None, {"q": 1, "kind": "step"}),
    "not actions": ([1, "step", None, ["step"], [[{"q": 1, "kind": "step"}]]],),
    "number": tuple([{"q": q, "kind": "step"}] for q in (None, "1", math.nan, math.inf, -1, 0, [1], True)),
    "kind": tuple([{"q": 1, "kind": kind}] for kind in (None, "fly", ["step"], 3, "__class__")),
    "choose": tuple([{"q": 1, "kind": "choose", "id": i}] for i in (None, "4", 10**9, math.nan, math.inf, [4], True)),
    "jump": tuple([{"q": 1, "kind": "jump", "node": i}] for i in (None, "4", -1, 99, HUGE, 1.5, math.nan, [0])),
    "at": tuple([{"q": 1, "kind": "at", "index": i}] for i in (None, "4", -1, 99, HUGE, 1.5, math.nan, [0])),
    "earlier": tuple([{"q": 1, "kind": "earlier", "index": i}] for i in (None, "4", -1, 0, 99, HUGE, 1.5, [0])),
}
MESSAGES: dict[str, tuple[Any, ...]] = {
    "message": ("text", 5, None, [1, 2], {}, {"unknown": 1}),
    "number": tuple({"n": n} for n in (None, "7", math.nan, math.inf, -3, 0, 2.5, True, [1], {})),
    "text": tuple({"n": 100 + i, "text": t} for i, t in enumerate((None, 5, 1.5, True, ["a"], {"a": "b"}, b"bytes"))),
    "view": tuple({"n": 200 + i, "view": v} for i, v in enumerate(("x", 7, None, ["layer", 1], {}, {1: 2, "x": 3}))),
}


def unharmed(visitor: Visitor, said: Any) -> None:
    """``said`` changes neither text nor path, and the view is one that exists."""
    text, ids = visitor.screen.text, visitor.header["ids"]
    header = visitor.send(said).header
    assert visitor.screen.text == text
    assert header["ids"] == ids
    view, attention = header["view"], header["attention"]
    assert 0 <= view["layer"] < attention["n_layer"]
    assert 0 <= view["head"] < attention["n_head"]
    assert 0 <= view["pos"] < len(ids)
    assert 0 <= view["key"] < len(ids)
    assert view["stage"] in STAGES
    assert 0 <= view["temperature"] <= 5
    assert 0 <= view["top_p"] <= 1
    assert view["top_k"] >= 0
    assert header["distribution"]["kept"] >= 1


def goes_on(visitor: Visitor) -> None:
    """The next words are heard as if nothing had been."""
    text = visitor.screen.text
    assert visitor.say(text=text + "!", layer=1).header["text"] == text + "!"
    assert visitor.header["view"]["layer"] == 1
    assert visitor.do("step").header["path"]["at"] == 1


@pytest.mark.parametrize("name", VIEWS)
def test_garbage_in_the_view(name: str) -> None:
    visitor = Visitor().run().say(text="Typed by hand")
    for value in VIEWS[name]:
        said = {"n": visitor.header["echo"] + 1, "text": visitor.screen.text, "view": {name: value}, "queue": []}
        unharmed(visitor, said)
    goes_on(visitor)


@pytest.mark.parametrize("name", [name for name in VIEWS if name != "stage"])
def test_a_number_in_the_view_larger_than_any_float(name: str) -> None:
    visitor = Visitor().run()
    for value in (HUGE, -HUGE):
        unharmed(visitor, {"n": visitor.header["echo"] + 1, "view": {name: value}})
    goes_on(visitor)


@pytest.mark.parametrize(
    "said",
    [{"n": HUGE}, {"n": 1, "queue": [{"q": HUGE}]}, {"n": 1, "queue": [{"q": 1, "kind": "choose", "id": HUGE}]}],
    ids=["n", "q", "id"],
)
def test_a_number_in_the_message_larger_than_any_float(said: dict[str, Any]) -> None:
    unharmed(Visitor().run(), said)


@pytest.mark.parametrize("name", QUEUES)
def test_garbage_in_the_queue(name: str) -> None:
    visitor = Visitor().run()
    for queue in QUEUES[name]:
        visitor.screen.acked = 0
        said = {"n": visitor.header["echo"] + 1, "text": visitor.screen.text, "view": {}, "queue": queue}
        unharmed(visitor, said)
    goes_on(visitor)


@pytest.mark.parametrize("name", MESSAGES)
def test_garbage_for_a_message(name: str) -> None:
    visitor = Visitor().run().say(text="Typed by hand")
    for said in MESSAGES[name]:
        unharmed(visitor, said)
    goes_on(visitor)


def test_garbage_for_the_components_state() -> None:
    visitor = Visitor().run()
    text = visitor.screen.text
    for state in ("text", 5, None, [], {}, {"other": 1}):
        visitor.at.session_state[visitor.name] = state
        assert visitor.run().header["text"] == text


@pytest.mark.parametrize("token", [-1, -(2**40)])
def test_a_token_below_zero_is_not_token_zero(token: int) -> None:
    visitor = Visitor().run()
    assert visitor.do("choose", id=token, pos=len(visitor.header["ids"]) - 1).header["path"]["at"] == 0


def test_a_choice_made_for_a_position_that_has_passed_is_not_carried_out() -> None:
    """A bar clicked twice in a hurry chooses its token once: the second click was meant for the same place."""
    visitor = Visitor().run()
    choice = {
        "kind": "choose",
        "id": visitor.header["distribution"]["rows"][0]["id"],
        "pos": len(visitor.header["ids"]) - 1,
    }
    assert visitor.say(choice, dict(choice)).header["path"]["at"] == 1


BAD_LINKS = {
    "layer": ("x", "nan", "1" * 5000, "-1e999", ""),
    "head": ("[1]", "１２x"),
    "t": ("nan", "inf", "warm"),
    "top_p": ("nan", "-inf"),
    "top_k": ("ten",),
    "seed": ("0x7", "1e999"),
    "pos": ("last",),
    "key": ("…",),
    "stage": ("soft", "pattern "),
    "path": ("1.x.3", "-1.2", "1..9", "nan", "9" * 400, "1.5.", "<b>"),
    "at": ("x", "1.5", "9" * 400, "-1"),
    "model": ("",),
    "lang": ("xx", "", "zh-Hant-TW", "../../etc/passwd", "en.toml"),
    "projector": ("yes",),
}


def opens(**query: str) -> None:
    visitor = Visitor(p="From a link", **query).run()
    assert visitor.header["text"] == visitor.screen.text == "From a link"
    assert visitor.do("step").screen.text == "From a link"


@pytest.mark.parametrize("name", BAD_LINKS)
def test_bad_links_open_what_can_be_read(name: str) -> None:
    for value in BAD_LINKS[name]:
        opens(**{name: value})


@pytest.mark.parametrize("name", ["layer", "t", "top_k", "top_p", "seed", "pos", "key"])
def test_a_number_in_a_link_larger_than_any_float(name: str) -> None:
    opens(**{name: str(HUGE)})


def test_a_bad_part_of_a_link_is_named() -> None:
    visitor = Visitor(p="From a link", t="warm", layer="x").run()
    assert translate("note.link_bad", "en", names="t, layer") in visitor.notes()


def test_a_links_path_of_tokens_that_do_not_exist_ends_there(lm: LanguageModel) -> None:
    known = lm.tokenizer.encode(" a")[0]
    visitor = Visitor(p="From a link", path=f"{known}.{lm.config.vocab_size}.{known}").run()
    assert visitor.header["ids"] == [*lm.tokenizer.encode("From a link"), known]


def test_a_prompt_in_a_link_may_be_anything(lm: LanguageModel) -> None:
    for text in (TEXTS["html"], TEXTS["markdown"], TEXTS["control"], "x" * (MAX_CHARS + 5)):
        assert Visitor(p=text).run().screen.text == text[:MAX_CHARS]
