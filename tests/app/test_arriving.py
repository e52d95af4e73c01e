"""How visitors come to a page: by its link, from the page before, and back to what their tab remembers."""

from __future__ import annotations

from typing import Any

import pytest

from gptviz.language_model import LanguageModel
from gptviz.ui import pages
from gptviz.ui.links import query_of
from gptviz.ui.prompts import vocabulary
from tests.app.visitor import Visitor, visitor_of

NAMES = pages.names()
each_page = pytest.mark.parametrize("page", NAMES)

#: What is set on each page, beside a text: controls, then actions, one message after another.
CONTROLS: dict[str, dict[str, Any]] = {
    "next_token": {"layer": 2, "head": 3, "stage": "scores", "temperature": 0.55, "top_k": 40, "top_p": 0.7,
                   "seed": 23, "min_p": 0.01, "start": "on", "chat": True,
                   "system": "Be brief."},
    "steps": {"layer": 2, "head": 3, "temperature": 1.0, "top_p": 0.7, "typical_p": 0.9,
              "no_repeat_ngram_size": 3, "seed": 23, "start": "on", "chat": True, "system": "Be brief."},
    "playground": {"temperature": 1.35, "top_p": 0.42, "seed": 99, "start": "on", "chat": True, "system": "Be brief."},
    "surprise": {"other": "The cat sat.", "colour": "rank", "side": 1, "token": 2,
                 "start": "on", "chat": True, "system": "Be brief."},
    "compare": {"n": 6, "seed": 9, "step": 2, "start": "on", "chat": True, "system": "Be brief."},
    "beam": {"width": 3, "length_penalty": 0.5, "tokens": 4, "early_stopping": "never", "pruned": False,
             "start": "on", "chat": True, "system": "Be brief."},
    "tokens": {"pos": 2, "step": 3, "find": "ca", "start": "on", "chat": True,
                  "system": "Be brief."},
    "embeddings": {"pos": 1, "token": 300, "x": 2, "y": 3, "colour": "id", "scheme": "rotary", "plane": 5, "turn": 2,
                   "start": "on", "chat": True,
                  "system": "Be brief."},
    "stream": {"pos": 2, "layer": 3, "head": 2, "token": "dog", "rival": "#300", "against": True, "detail": "heads",
               "sizes": "mlp", "grid": "rank", "neuron": 17, "start": "on", "chat": True,
                  "system": "Be brief."},
    "attention": {"pos": 2, "layer": 2, "head": 3, "step": "v", "index": 7, "map": "rollout", "solved": True,
                  "start": "on", "chat": True,
                  "system": "Be brief."},
    "masks": {"prefix": 3, "claim": "temperature", "told": "halves", "sentence": "The cat ___ on the sofa.", "word": 3,
                  "start": "on", "chat": True,
                  "system": "Be brief."},
    "heads": {"score": "first", "layer": 3, "head": 2, "test": True, "mode": "mean", "start": "on", "chat": True,
                  "system": "Be brief."},
    "what_if": {"pos": 2, "edits": "nopos;head.1.2.mean", "layer": 3, "head": 2, "mode": "mean", "other": "x",
                "start": "on", "chat": True, "system": "Be brief."},
    "limits": {"show": "exchange", "length": 30, "seed": 5, "old": "cat", "new": "dog", "words": "was, ran",
               "start": "on", "chat": True, "system": "Be brief."},
    "snapshots": {"at": 2, "layer": 1, "head": 2, "run": "small", "beside": "", "other_layer": 0, "other_head": 1},
    "one_step": {"step": 2, "rate": 0.01, "target": 2, "row": 1, "tensor": "transformer.ln_f.bias", "place": "5"},
    "origins": {"token": 9},
    "series": {"card": "gpt2"},
    "uses": {"use": "code", "way": "greedy", "length": 20, "seed": 5, "start": "on", "chat": True,
             "system": "Be brief."},
    "room": {"how": "chips", "source": "text", "at": 3, "draws": 23, "question": 2, "start": "on", "chat": True,
             "system": "Be brief."},
    "training": {"source": "names", "n_layer": 2, "n_head": 2, "n_embd": 32, "block_size": 64, "position": "rotary",
                 "steps": 50, "batch_size": 4, "learning_rate": 0.002, "warmup": 5, "optimizer": "adamw",
                 "grad_clip": 0.5, "run_seed": 7, "log_x": False, "log_y": False, "parts": "modern", "dropout": 0.1,
                 "letters": "bpe", "learnt": 512, "accumulate": 2, "schedule": "linear", "weight_decay": 0.05,
                 "precision": "float32", "recompute": True, "patience": 3, "seconds": 90,
                 "from_step": 10, "to_step": 40, "layer": 1, "head": 0, "twin": "clipping"},
    "tuning": {"task": "entities", "method": "adalora", "epochs": 2, "batch_size": 4, "learning_rate": 0.002, "rank": 4,
               "length": 5, "width": 8, "last_layers": 1, "run_seed": 7, "pooling": "mean", "at_layer": 2,
               "at_matrix": "up"},
    "forgetting": {"first": "kinds_en", "then": "kinds_zh", "n_texts": 40, "epochs": 2, "rehearsal": False, "ewc": True,
                   "lora": False, "rehearse": 0.5, "strength": 100.0, "rank": 4, "learning_rate": 0.001, "run_seed": 7,
                   "said": "zh", "text_column": "review", "label_column": "stars"},
    "prompting": {"pattern": "{text}\nSo: {label}", "word_positive": "fine", "word_negative": "poor", "shots": 1,
                  "drawn_seed": 4, "order_seed": 2, "n_texts": 30},
    "robustness": {"fgm": False, "pgd": True, "replace": False, "delete": True, "swap": False, "epsilon": 0.1,
                   "epochs": 2, "copies": 2, "attacked": 5, "flips": 1, "run_seed": 7},
    "alignment": {"source": "shorter", "by": "ppo", "epochs": 2, "steps": 5, "beta": 0.3, "kl": 0.0,
                  "learning_rate": 0.001, "rank": 4, "run_seed": 7},
    "scaling": {"table": "N,D,loss\n1,2,3", "whose": "own", "embeddings": True, "log_n": 6.0, "log_d": 7.5},
    "deploy": {"unit": "layers", "by": "ablation", "gone": 40, "start": "on", "chat": True, "system": "Be brief."},
    "model": {},
    "lessons": {"which": "heads", "sheet": "worksheet"},
}  # fmt: skip
WALK: tuple[dict[str, Any], ...] = (
    {"kind": "step"}, {"kind": "choose", "id": 300}, {"kind": "back"}, {"kind": "choose", "id": 401},
    {"kind": "step"}, {"kind": "jump", "node": 2}, {"kind": "back"},
)  # fmt: skip
ACTIONS: dict[str, tuple[dict[str, Any], ...]] = {
    "next_token": WALK,
    "steps": (*WALK, {"kind": "pair", "a": 2}, {"kind": "look", "step": 1}),
    "playground": ({"kind": "roll", "times": 30},),
    "compare": ({"kind": "preset", "name": "temperatures"}, {"kind": "add"}),
}
#: The parts of the picture that must be as they were.
KEPT: dict[str, tuple[str, ...]] = {
    "next_token": ("path", "chips", "distribution", "cell"),
    "steps": ("path", "pipeline", "tree", "pair"),
    "playground": ("roll", "soft"),
    "surprise": ("sides", "token", "versus"),
    "compare": ("preset", "step"),
    "beam": ("tree", "rungs", "verdict"),
    "tokens": ("film", "costs", "letters", "browser"),
    "embeddings": ("strips", "near", "atlas", "positions"),
    "stream": ("pos", "lens", "cell", "through", "ledger", "neurons"),
    "attention": ("flow", "sum", "maps", "sheet"),
    "masks": ("columns", "claim", "filling"),
    "heads": ("heads", "tested", "claims"),
    "what_if": ("changes", "change", "labels"),
    "limits": ("live", "side", "presets"),
    "series": ("card", "facts", "here"),
    "uses": ("written", "what"),
    "room": ("shown", "at", "questions"),
    "training": ("cost", "parts", "setup_python"),
    "snapshots": ("steps", "at", "facts", "curve", "heads", "attention", "answer", "written", "beside"),
    "one_step": ("forward", "logits", "down", "update", "after"),
    "origins": ("choices", "counts", "passages", "pairs"),
    "tuning": ("cost", "fields", "setup_python"),
    "forgetting": ("cost", "button", "outcome", "words", "said_rows", "setup_python"),
    "prompting": ("pieces", "label_rows", "study_python"),
    "robustness": ("ways", "cost", "columns", "copies", "setup_python"),
    "alignment": ("fields", "setup_python", "n_pairs"),
    "scaling": ("plots", "law", "ask", "published"),
    "deploy": ("n_gone", "curves", "changed"),
    "model": ("facts", "shares", "next"),
    "lessons": ("chosen", "sheet"),
}


#: The page that measures the whole model, which takes half a minute of the large one.
MODELS: dict[str, dict[str, str]] = {"deploy": {"model": "small"}}


def opened(page: str) -> Visitor:
    """A visitor who has just come to that page."""
    return visitor_of(page, lang="en", **MODELS.get(page, {})).run()


def used(page: str) -> Visitor:
    """A visitor who has typed, set and done something on that page, and waited for what it takes."""
    visitor = opened(page)
    if pages.declared(page).state().reads:
        visitor.say(text="The cat sat on <b> & 中文 #1?")
    visitor.say(**CONTROLS.get(page, {}))  # another text has let go of what was looked at in the old one
    for action in ACTIONS.get(page, ()):
        visitor.say(action)
    return visitor.settle()


@each_page
def test_the_link_of_a_page_opens_what_it_shows(page: str) -> None:
    """Text, controls, the path with its branches, and whatever else that page keeps."""
    before = used(page)
    query = query_of(before.header["link"])
    after = visitor_of(page, **query).run().settle()
    for name in ("lang", "text", "ids", "view", *KEPT.get(page, ())):
        assert after.header[name] == before.header[name], name
    assert query_of(after.header["link"]) == query
    assert after.header["notes"] == before.header["notes"]
    assert before.header["view"].items() >= CONTROLS.get(page, {}).items()  # they were set at all
    if page == "compare":
        strategies = [[column["strategy"] for column in v.header["columns"]] for v in (before, after)]
        assert strategies[0] == strategies[1]
        assert len(strategies[0]) > 1


@pytest.mark.parametrize("page", ["next_token", "steps"])
def test_it_tells_every_branch_and_how_each_token_came(page: str, lm: LanguageModel) -> None:
    before = used(page)
    after = visitor_of(page, **query_of(before.header["link"])).run()
    trees = [visitor.screen.tree(vocabulary(lm)) for visitor in (before, after)]
    assert trees[0] == trees[1]
    assert len(trees[0].leaves()) == 2
    assert [node.how for node in trees[0].nodes[1:]] == ["drawn", "chosen", "chosen", "drawn"]
    assert [stop["how"] for stop in after.header["path"]["line"]] == ["drawn", "chosen"]
    assert after.header["path"]["at"] == 1


@each_page
def test_a_page_begins_with_something_and_says_that_it_is_fresh(page: str) -> None:
    visitor = visitor_of(page).run()
    assert visitor.header["page"] == page
    assert visitor.header["fresh"]
    assert bool(visitor.header["text"]) == pages.declared(page).state().reads
    assert not visitor.do("more").header["fresh"]
    assert not visitor_of(page, p="by a link").run().header["fresh"]


SHARED: dict[str, dict[str, Any]] = {
    page: {control.name: CONTROLS[page][control.name] for control in pages.declared(page).state().controls()
           if control.shared and control.name in CONTROLS[page]}
    for page in NAMES
}  # fmt: skip


#: What is called alike and means something else: the step of a line of its own, the heads of a run of its own.
APART = {("steps", "pos"), *((page, name) for page in ("snapshots", "training") for name in ("layer", "head"))}


@each_page
def test_what_is_set_on_one_page_is_set_on_the_others(page: str) -> None:
    """Text, temperature, top-p, seed, layer, head, start mark; what one page lacks goes through it to the next."""
    visitor = used(page)
    text, others = visitor.header["text"], [name for name in NAMES if name != page]
    for other in others:
        visitor.go(other)
        if pages.declared(page).state().reads:  # else it has none to go with anybody
            assert visitor.header["text"] == (text if pages.declared(other).state().reads else "")
        for name, value in SHARED[page].items():
            if name in visitor.header["view"] and (other, name) not in APART:
                assert visitor.header["view"][name] == value, (other, name)
    assert visitor.go(page).header["text"] == text


def test_one_position_goes_with_the_visitor() -> None:
    """From page to page, and back; at the end nobody looks anywhere in particular."""
    text = "The cat sat on the mat"
    visitor = visitor_of("next_token", lang="en").run().say(text=text).say(pos=2)
    for page in ("tokens", "embeddings", "attention", "stream", "what_if", "next_token"):
        visitor.go("steps")  # which always looks at the last: it goes through
        assert visitor.go(page).settle().header["view"]["pos"] == 2, page
    assert visitor.go("surprise").settle().header["token"] == 2
    visitor.say(side=0, token=3)
    assert visitor.go("attention").header["view"]["pos"] == 3
    visitor.go("heads")  # which has none: it goes through
    assert visitor.go("stream").settle().header["pos"] == 3
    visitor.say(pos=None)
    assert visitor.go("embeddings").settle().header["strips"]["pos"] == len(visitor.header["ids"]) - 1
    own = visitor.go("surprise").settle().header
    assert own["view"]["token"] == -1


def test_a_position_is_the_same_token_after_the_start_mark_and_none_in_a_shorter_text() -> None:
    visitor = visitor_of("surprise", lang="en").run().say(text="The cat sat on the mat").say(start="on").settle()
    visitor.say(side=0, token=3).settle()
    chosen = visitor.header["sides"][0]["labels"][3]
    header = visitor.go("attention").header
    assert (header["view"]["pos"], header["flow"]["labels"][4]) == (4, chosen)
    assert visitor.say(pos=2).go("surprise").settle().header["token"] == 1
    visitor.go("stream").say(text="The").settle()  # and its mark
    assert visitor.header["pos"] == 1
    assert visitor.go("embeddings").settle().header["strips"]["pos"] == 1


def test_what_is_set_later_is_what_counts() -> None:
    visitor = visitor_of("playground").run().say(text="one", temperature=1.35, seed=3)
    assert visitor.go("steps").header["view"]["temperature"] == 1.35
    visitor.say(temperature=0.5, text="two")
    assert visitor.go("next_token").header["view"]["temperature"] == 0.5
    visitor.go("playground")
    assert (visitor.header["view"]["temperature"], visitor.header["view"]["seed"]) == (0.5, 3)
    assert visitor.header["text"] == "two"


def test_what_the_other_page_cannot_have_arrives_as_near_as_it_can() -> None:
    visitor = visitor_of("next_token").run().say(temperature=0.7777, top_p=0.0, seed=2**31 - 1)
    view = visitor.go("playground").header["view"]
    assert (view["temperature"], view["top_p"], view["seed"]) == (0.8, 0.01, 2**31 - 1)


def test_controls_that_are_not_shared_stay_where_they_are() -> None:
    visitor = visitor_of("compare").run().say(n=6, step=2)
    visitor.go("beam").say(step=1, tokens=5)
    assert visitor.go("compare").header["view"]["n"] == 6
    assert visitor.header["view"]["step"] == 2


def tab_remembers(visitor: Visitor, link: str) -> dict[str, Any]:
    """What the browser says first on a page for which its tab remembers ``link``; the header that follows."""
    said = {"text": visitor.header["text"], "view": visitor.header["view"]}
    return visitor.send({"n": 1, **said, "queue": [{"q": 1, "kind": "restore", "query": link}]}).settle().header


@each_page
def test_a_fresh_page_takes_back_what_the_tab_remembers(page: str) -> None:
    """As after the server began anew: the same picture, and the talk goes on."""
    before = used(page).header
    visitor = opened(page)
    rev = visitor.header["rev"]
    header = tab_remembers(visitor, before["link"])
    for name in ("text", "ids", "view", "link", *KEPT.get(page, ())):
        assert header[name] == before[name], name
    assert (header["acked"] >= 1, header["fresh"], header["rev"] > rev) == (True, False, True)
    if pages.declared(page).state().reads:
        assert visitor.say(text=header["text"] + "!").header["text"] == header["text"] + "!"


@each_page
def test_a_page_in_use_is_not_overwritten(page: str) -> None:
    before = used(page)
    header, acked = before.header, before.header["acked"]
    before.do("restore", query="p=other&t=0.1&width=9&colour=surprisal&s=greedy&rolls=7&path=5.6")
    for name in ("text", "ids", "view", "link", *KEPT.get(page, ())):
        assert before.header[name] == header[name], name
    assert before.header["acked"] == acked + 1


@pytest.mark.parametrize("page", [name for name in NAMES if name != "next_token"])
def test_the_visitors_own_text_and_controls_are_kept(page: str) -> None:
    """Somebody types on one page and then opens another, for which the tab remembers an older visit."""
    remembered = used(page).header
    visitor = visitor_of("next_token", **MODELS.get(page, {})).run().say(text="my own", temperature=0.25, seed=77)
    visitor.go(page)
    tab_remembers(visitor, remembered["link"])
    assert visitor.header["text"] == ("my own" if pages.declared(page).state().reads else "")
    now = visitor.header["view"]
    assert {name: now[name] for name in ("temperature", "seed") if name in now} == {
        name: value for name, value in {"temperature": 0.25, "seed": 77}.items() if name in now
    }
    own = {
        name: value for name, value in CONTROLS.get(page, {}).items() if name in ("n", "width", "tokens", "typical_p")
    }
    if page != "steps":  # the walk was opened already, on the first page
        assert {name: now[name] for name in own} == own


def test_a_text_that_only_came_with_a_page_is_no_text_of_ones_own() -> None:
    """Nobody has said anything yet on the first page: the tab's memory of the second counts."""
    visitor = visitor_of("next_token").run()
    visitor.go("beam")
    assert tab_remembers(visitor, "p=Kept&width=2&n=3")["text"] == "Kept"
    assert visitor.header["view"]["width"] == 2
    assert visitor.go("next_token").header["text"] == "Kept"


@pytest.mark.parametrize("query", [None, 3, "", "%%%", "p=" + "x" * 20_000, "t=warm&path=x&p=a", ["p=1"], {"p": "1"}])
def test_no_memory_is_an_error(query: Any) -> None:
    visitor = Visitor().run()
    header = tab_remembers(visitor, query)
    assert isinstance(header["text"], str)
    assert visitor.say(text="goes on").do("step").header["path"]["at"] == 1
