"""The first screen as one session sees it: what is typed and pressed, and the picture that comes back."""

from __future__ import annotations

from urllib.parse import parse_qsl

import numpy as np
import pytest

from gptviz import catalogue
from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.ui.prompts import examples
from tests.app.conftest import MakeModel
from tests.app.visitor import Visitor

TEXTS = {"en": "The cat sat on the", "zh": "我今天很"}


@pytest.fixture(params=sorted(TEXTS))
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_first_run_and_reruns(lang: str, lm: LanguageModel) -> None:
    visitor = Visitor(lang=lang).run()
    for _ in range(3):
        assert len(visitor.components()) == 1
        assert not visitor.at.error
        assert visitor.header["lang"] == lang
        assert visitor.header["text"] == examples(lang)[0]
        assert visitor.header["ids"] == lm.tokenizer.encode(examples(lang)[0])
        assert visitor.header["notes"] == []
        visitor.run()


def test_languages_offered_are_those_with_a_file() -> None:
    visitor = Visitor().run()
    offered = visitor.at.segmented_control(key="toolbar_language").options
    assert offered == [translate("language.short", code) for code in languages()]


def test_picture_is_the_models_own(lang: str, lm: LanguageModel) -> None:
    """All panels of one message against one trace of the same text."""
    visitor = Visitor(lang=lang).run().say(text=TEXTS[lang], layer=1, head=2)
    header, blobs = visitor.header, visitor.blobs
    trace = lm.trace(TEXTS[lang])
    T = len(trace)
    assert header["echo"] == 1
    assert header["text"] == TEXTS[lang]
    assert header["ids"] == list(trace.ids)
    pattern = np.where(np.tri(T, dtype=bool), trace.pattern[1, 2], np.nan)
    np.testing.assert_allclose(blobs["attention"], pattern, atol=1e-6)
    assert (blobs["mask"] == np.tri(T)).all()
    assert np.abs(blobs["mosaic"] / 255 - trace.pattern).max() <= 0.5 / 255 + 1e-6
    cell = header["cell"]
    assert cell["weight"] == pytest.approx(trace.pattern[1, 2, cell["query"], cell["key"]], abs=1e-6)
    surprisal = [chip["surprisal"] for chip in header["chips"]]
    assert surprisal[0] is None
    np.testing.assert_allclose(surprisal[1:], -trace.logprobs[1:] / np.log(2), atol=1e-4)
    logits = trace.logits_at(-1).astype(np.float64)
    probs = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    distribution = header["distribution"]
    for row in distribution["rows"]:
        assert row["p_model"] == pytest.approx(probs[row["id"]], rel=1e-4)
    whole = sum(row["p_model"] for row in distribution["rows"]) + distribution["tail"]["p_model"]
    assert whole == pytest.approx(1, abs=1e-6)


def test_step_adds_the_token_that_was_shown_as_drawn(lang: str, lm: LanguageModel) -> None:
    visitor = Visitor(lang=lang).run().say(text=TEXTS[lang])
    prompt = visitor.header["ids"]
    for _ in range(3):
        expected = [*visitor.header["ids"], visitor.header["distribution"]["draw"]["id"]]
        assert visitor.do("step").header["ids"] == expected
    assert [chip["path"] for chip in visitor.header["chips"]] == [False] * len(prompt) + [True] * 3
    assert visitor.header["path"]["at"] == 3


def test_back_forward_and_branch_lose_nothing(lang: str) -> None:
    visitor = Visitor(lang=lang).run().say(text=TEXTS[lang]).say({"kind": "step"}, {"kind": "step"}, {"kind": "step"})
    whole = visitor.header["ids"]
    assert visitor.do("back").header["ids"] == whole[:-1]
    assert visitor.do("back").header["ids"] == whole[:-2]
    assert len(visitor.header["path"]["line"]) == 3  # what lies ahead is remembered
    assert visitor.do("forward").header["ids"] == whole[:-1]
    other = next(row["id"] for row in visitor.header["distribution"]["rows"] if row["id"] != whole[-1])
    chosen = visitor.do("choose", id=other, pos=len(whole) - 2)
    assert chosen.header["ids"] == [*whole[:-1], other]
    branches = chosen.header["path"]["branches"]
    assert [branch["active"] for branch in branches] == [False, True]
    assert visitor.do("jump", node=branches[0]["node"]).header["ids"] == whole
    assert visitor.do("at", index=0).header["ids"] == whole[:-3]


def test_a_repeated_action_is_done_once() -> None:
    """The browser sends its queue again until it is acknowledged."""
    visitor = Visitor().run()
    prompt = visitor.header["ids"]
    queue = [{"q": 1, "kind": "step"}, {"q": 2, "kind": "step"}]
    for n in (1, 2, 3):
        visitor.send({"n": n, "text": visitor.screen.text, "view": visitor.header["view"], "queue": queue})
        assert len(visitor.header["ids"]) == len(prompt) + 2
        assert visitor.header["acked"] == 2
    assert len(visitor.run().header["ids"]) == len(prompt) + 2


def test_reroll_changes_the_seed_and_nothing_else() -> None:
    visitor = Visitor().run().do("step")
    ids, seed = visitor.header["ids"], visitor.header["view"]["seed"]
    seeds = {visitor.do("reroll").header["view"]["seed"] for _ in range(3)}
    assert seeds != {seed}
    assert visitor.header["ids"] == ids


def test_same_seed_same_path(lang: str) -> None:
    """Two sessions that step from the same text with the same seed read the same tokens."""
    steps = [{"kind": "step"}] * 4
    paths = [Visitor(lang=lang, seed="11").run().say(text=TEXTS[lang]).say(*steps).header["ids"] for _ in range(2)]
    assert paths[0] == paths[1]


def test_sliders_filter_the_choice() -> None:
    visitor = Visitor().run()
    distribution = visitor.say(top_k=1, top_p=1.0, temperature=1.0).header["distribution"]
    assert distribution["kept"] == 1
    assert distribution["draw"]["id"] == distribution["rows"][0]["id"]
    assert distribution["draw"]["p"] == pytest.approx(1)
    distribution = visitor.say(top_k=5).header["distribution"]
    assert distribution["kept"] == 5
    assert [row["cut"] for row in distribution["rows"]].count(None) == 5
    distribution = visitor.say(top_k=0).header["distribution"]
    assert distribution["kept"] == distribution["vocab_size"]
    distribution = visitor.say(temperature=0.0).header["distribution"]
    assert distribution["kept"] == 1
    assert visitor.do("step").header["path"]["line"][0]["how"] == "greedy"


def test_a_position_before_the_end_shows_what_follows(lang: str, lm: LanguageModel) -> None:
    visitor = Visitor(lang=lang).run().say(text=TEXTS[lang])
    distribution = visitor.say(pos=0).header["distribution"]
    ids = lm.tokenizer.encode(TEXTS[lang])
    assert not distribution["last"]
    assert distribution["pos"] == 0
    assert distribution["actual"]["id"] == ids[1]
    assert distribution["draw"] is None
    assert visitor.header["cell"]["query"] == 0
    assert visitor.say(text=TEXTS[lang] + "!").header["distribution"]["last"]  # typing looks at the end again


@pytest.mark.parametrize("stage", ["raw", "scores", "masked", "pattern"])
def test_stages_of_one_head(stage: str, lm: LanguageModel) -> None:
    visitor = Visitor().run().say(stage=stage, layer=2, head=1)
    trace = lm.trace(visitor.header["ids"])
    scores, d = trace.scores[2, 1], lm.config.head_dim
    allowed = np.tri(len(trace), dtype=bool)
    expected = {
        "raw": scores * np.sqrt(d),
        "scores": scores,
        "masked": np.where(allowed, scores, np.nan),
        "pattern": np.where(allowed, trace.pattern[2, 1], np.nan),
    }[stage]
    np.testing.assert_allclose(visitor.blobs["attention"], expected, atol=1e-4)


def test_language_switch_keeps_everything_else(lang: str) -> None:
    other = "zh" if lang == "en" else "en"
    visitor = Visitor(lang=lang).run().say(text="Kept 保留", layer=2, head=3, seed=42).do("step")
    before = visitor.header
    visitor.switch_language(other)
    assert visitor.header["lang"] == other
    for name in ("text", "ids", "view", "path", "rev"):
        assert visitor.header[name] == before[name], name
    assert visitor.at.query_params["lang"] in (other, [other])
    assert visitor.switch_language(lang).header["text"] == "Kept 保留"


def test_projector_mode() -> None:
    visitor = Visitor().run()
    assert visitor.header["projector"] is False
    visitor.at.toggle(key="toolbar_projector").set_value(True)
    assert visitor.run().header["projector"] is True
    assert Visitor(projector="1").run().header["projector"] is True


def test_model_switch_keeps_prompt_and_path(lang: str, make_model: MakeModel, lm: LanguageModel) -> None:
    """The second model reads the same vocabulary, so even the path goes along; head and layer are clamped."""
    make_model(f"small_{lang}")
    visitor = Visitor(lang=lang).run().say(text=TEXTS[lang]).say(layer=lm.config.n_layer - 1, head=3).do("step")
    ids, rev = visitor.header["ids"], visitor.header["rev"]
    visitor.switch_model(f"small_{lang}")
    assert visitor.header["text"] == TEXTS[lang]
    assert visitor.header["ids"] == ids
    assert visitor.header["rev"] > rev  # the browser is told anew
    assert (visitor.header["attention"]["n_layer"], visitor.header["attention"]["n_head"]) == (2, 2)
    assert (visitor.header["view"]["layer"], visitor.header["view"]["head"]) == (1, 1)
    back = visitor.switch_model(catalogue.DEFAULT)
    assert back.header["ids"] == ids
    assert back.header["view"]["head"] == 3


def test_model_of_another_vocabulary_keeps_prompt_and_brings_the_path_back(make_model: MakeModel) -> None:
    make_model("bytes", tokenizer=Tokenizer.from_tokens([bytes([b]) for b in range(256)]))
    visitor = Visitor().run().say(text="ab 中").do("step")
    ids = visitor.header["ids"]
    visitor.switch_model("bytes")
    assert visitor.header["text"] == "ab 中"
    assert visitor.header["ids"] == list("ab 中".encode())
    assert visitor.header["path"]["at"] == 0
    assert translate("note.path_from_other_model", "en") in visitor.notes()
    assert visitor.do("step").header["path"]["at"] == 1
    assert visitor.switch_model(catalogue.DEFAULT).header["ids"] == ids


def test_model_switch_to_a_shorter_context_says_what_is_left_out(make_model: MakeModel) -> None:
    make_model("short", block_size=8)
    text = "one two three four five six seven eight nine ten eleven twelve"
    visitor = Visitor().run().say(text=text)
    tokens = len(visitor.header["ids"])
    visitor.switch_model("short")
    assert visitor.screen.text == visitor.header["text"] == text
    assert len(visitor.header["ids"]) == 8  # so short a window moves by single tokens
    assert translate("note.left_out", "en", tokens=tokens, limit=8, left_out=tokens - 8) in visitor.notes()


def test_earlier_prompts_and_into_prompt(lang: str) -> None:
    visitor = Visitor(lang=lang).run().say(text=TEXTS[lang]).do("step")
    ids = visitor.header["ids"]
    visitor.say(text="X")
    assert visitor.header["ids"] != ids
    assert visitor.header["path"]["earlier"] == [{"text": TEXTS[lang], "count": 1}]
    visitor.do("earlier", index=0)
    assert (visitor.header["text"], visitor.header["ids"]) == (TEXTS[lang], ids)
    rev = visitor.header["rev"]
    visitor.do("into_prompt")
    assert visitor.header["text"].startswith(TEXTS[lang])
    assert len(visitor.header["text"]) > len(TEXTS[lang])
    assert visitor.header["rev"] > rev
    assert visitor.header["path"]["at"] == 0


def test_link_restores_the_screen(lang: str) -> None:
    """Prompt, layer, head, position, parameters, seed, path and where one stands on it."""
    visitor = Visitor(lang=lang).run().say(text=TEXTS[lang] + " & ?#%")
    visitor.say(seed=23, temperature=0.55, top_k=40, top_p=0.7, layer=1, head=2, stage="scores")
    visitor.say({"kind": "step"}, {"kind": "step"}, {"kind": "back"}).say(pos=1, key=0)
    query = dict(parse_qsl(visitor.header["link"], strict_parsing=True))
    again = Visitor(**query).run()
    for name in ("lang", "text", "ids", "view", "chips"):
        assert again.header[name] == visitor.header[name], name
    assert again.header["path"]["at"] == 1
    labels = [[node["label"] for node in v.header["path"]["line"]] for v in (again, visitor)]
    assert labels[0] == labels[1]
    assert dict(parse_qsl(again.header["link"])) == query


def test_query_parameters_by_hand(lm: LanguageModel) -> None:
    path = lm.tokenizer.encode(" a cat")
    query = {"p": "Once", "layer": "1", "head": "2", "t": "0.3", "seed": "99", "path": ".".join(map(str, path))}
    header = Visitor(**query).run().header
    view = header["view"]
    assert header["text"] == "Once"
    assert header["ids"] == lm.tokenizer.encode("Once") + path
    assert (view["layer"], view["head"], view["temperature"], view["seed"]) == (1, 2, 0.3, 99)


def test_two_visitors_share_no_state() -> None:
    first, second = Visitor().run(), Visitor().run()
    text = second.header["text"]
    first.say(text="mine", seed=5).do("step")
    assert second.run().header["text"] == text
    assert second.header["path"]["at"] == 0
    assert second.header["view"]["seed"] != 5


def test_full_context_ends_the_path(make_model: MakeModel) -> None:
    """With room for two more tokens the third step changes nothing, and a note says that the context is full."""
    make_model("tight", block_size=4)
    visitor = Visitor(model="tight", p="a b").run()
    start = len(visitor.header["ids"])
    visitor.say(*[{"kind": "step"}] * 5)
    assert len(visitor.header["ids"]) == 4
    assert visitor.header["path"]["at"] == 4 - start
    assert visitor.header["path"]["full"]
    assert translate("note.full", "en", limit=4) in visitor.notes()
    assert not visitor.do("back").header["path"]["full"]
