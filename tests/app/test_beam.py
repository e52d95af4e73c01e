"""The beam page as one session sees it: what is typed and set, and the picture that comes back."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from gptviz.decoding import Beam, Greedy, beam_search, generate
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.ui.limits import MAX_CHARS
from gptviz.ui.pages.beam.presets import PRESETS
from gptviz.ui.pages.beam.state import View
from tests.app.conftest import MakeModel
from tests.app.visitor import Visitor

TEXTS = {"en": "She opened the door and", "zh": "人工智能是"}
HARD = {
    "spaces": "   ",
    "newlines": "\n\n\t",
    "surrogates": "a\ud800b",
    "half characters follow": "𠮷𪚥",
    "html": "<b>x</b><script>1</script> $x$ {name}",
    "special": "<|endoftext|>",
    "10,000 characters": "word 字 " * (MAX_CHARS // 7),
}


class BeamVisitor(Visitor):
    """A visitor of the beam page."""

    name = "beam"


@pytest.fixture(params=sorted(TEXTS))
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.slow
def test_the_tree_is_the_engines_own(lang: str, lm: LanguageModel) -> None:
    visitor = BeamVisitor(lang=lang).run()
    visitor.say(text=TEXTS[lang], width=3, tokens=6, length_penalty=0.7)
    visitor.settle()
    tree, beam = visitor.header["tree"], Beam(3, 0.7)
    steps = list(beam_search(lm, TEXTS[lang], beam, max_new_tokens=6))
    assert tree["done"]
    assert tree["steps"] == len(steps)
    assert len(tree["nodes"]) == sum(2 * 3 for _ in steps)
    winner = steps[-1].finished[0]
    assert (tree["finals"][0]["total"], tree["finals"][0]["score"]) == (winner.total, winner.score)
    line = [n["token"] for n in tree["nodes"] if n["winner"]]
    assert tuple(line) == winner.tokens
    greedy = next(r for r in visitor.header["rungs"] if r["width"] == 0)
    assert greedy["total"] == pytest.approx(
        sum(s.logprob for s in generate(lm, TEXTS[lang], Greedy(), max_new_tokens=6)), rel=1e-6
    )
    assert [r["width"] for r in visitor.header["rungs"]] == [0, 2, 3, 4, 8, 16]
    assert visitor.header["verdict"]
    assert visitor.header["ladder_note"]


def test_a_long_search_comes_in_slices_and_can_be_stopped(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gptviz.ui.pages.beam.scene.SLICE", 0.0)
    visitor = BeamVisitor(lang=lang).run()
    visitor.say(text=TEXTS[lang] + "，", width=2, tokens=5)
    assert visitor.header["tree"]["steps"] == 1
    assert visitor.do("more").header["tree"]["steps"] == 2
    visitor.do("stop")
    assert visitor.header["paused"]
    assert visitor.do("more").header["tree"]["steps"] == 2
    assert visitor.do("go").header["tree"]["steps"] == 3
    assert visitor.say(text="another").header["tree"]["steps"] == 1  # never a tree of two texts


def test_presets_set_prompt_and_controls(lang: str) -> None:
    visitor = BeamVisitor(lang=lang).run()
    for name, preset in PRESETS.items():
        visitor.do("preset", name=name)
        prompt, settings = preset.of(lang)
        assert visitor.header["text"] == prompt
        for setting, value in settings.items():
            assert visitor.header["view"][setting] == value
    before = visitor.header["text"]
    assert visitor.do("preset", name="nonsense").header["text"] == before
    assert visitor.do("preset", name={"a": 1}).header["text"] == before


def test_a_link_restores_the_page(lang: str) -> None:
    visitor = BeamVisitor(lang=lang).run()
    visitor.say(text=TEXTS[lang] + " & ?#%", width=4, n_groups=2, diversity_penalty=1.5, length_penalty=-0.5, tokens=5,
                early_stopping="never", pruned=False)  # fmt: skip
    visitor.settle().say(step=3, node=2)
    query = dict(parse_qsl(visitor.header["link"], strict_parsing=True))
    again = BeamVisitor(**query).run()
    again.settle()
    for name in ("lang", "text", "ids", "view", "tree"):
        assert again.header[name] == visitor.header[name], name
    assert dict(parse_qsl(again.header["link"])) == query


def test_bad_links_are_named_and_harmless() -> None:
    visitor = BeamVisitor(width="nan", groups="3", length="1e999", stop="later", step="-9", node="x", p="Once").run()
    assert visitor.header["view"] == {**View().__dict__, "n_groups": 2}  # 3 does not divide 4
    assert visitor.notes() == [translate("note.link_bad", "en", names="width, length, stop, node")]


@pytest.mark.slow
@pytest.mark.parametrize("name", HARD)
def test_hard_texts_are_kept(name: str) -> None:
    visitor = BeamVisitor().run()
    visitor.say(text=HARD[name], width=2, tokens=3)
    visitor.settle()
    assert visitor.screen.text == HARD[name]
    assert visitor.header["tree"]["done"]
    assert not visitor.at.error


def test_empty_prompt(lang: str) -> None:
    visitor = BeamVisitor(lang=lang).run().say(text="")
    assert (visitor.header["tree"]["nodes"], visitor.header["running"]) == ([], False)
    for kind in ("more", "stop", "go", "nonsense"):
        assert visitor.do(kind).header["tree"]["nodes"] == []


def test_hostile_views_are_clamped() -> None:
    visitor = BeamVisitor().run()
    visitor.say(text="Once", width=10**400, n_groups=7, length_penalty=float("nan"), tokens=-5,
                early_stopping=["never"], step="3", node=None, pruned="no", diversity_penalty=True)  # fmt: skip
    view = visitor.header["view"]
    assert (view["width"], view["n_groups"], view["tokens"]) == (16, 4, 3)
    assert {name: view[name] for name in ("length_penalty", "early_stopping", "step", "node", "pruned")} == {
        name: getattr(View(), name) for name in ("length_penalty", "early_stopping", "step", "node", "pruned")
    }


def test_a_small_context_leaves_out_the_beginning_and_says_so(make_model: MakeModel) -> None:
    make_model("short_beam", block_size=8)
    text = "one two three four five six seven eight nine ten eleven twelve"
    visitor = BeamVisitor(model="short_beam", p=text, n="5").run()
    visitor.settle()
    assert (len(visitor.header["ids"]), visitor.header["limit"]) == (3, 5)
    assert visitor.header["tree"]["done"]
    assert any("left out" in note for note in visitor.notes())
    visitor.say(tokens=30)
    assert visitor.header["limit"] == 7
    assert translate("beam.note.shorter", "en", limit=8, new=7) in visitor.notes()


def test_language_switch_keeps_the_search(lang: str) -> None:
    visitor = BeamVisitor(lang=lang).run()
    visitor.say(text="Kept 保留", width=2, tokens=4)
    visitor.settle()
    before = visitor.header["tree"]["nodes"]
    visitor.switch_language("zh" if lang == "en" else "en")
    assert visitor.header["tree"]["nodes"] == before
    assert visitor.header["text"] == "Kept 保留"
