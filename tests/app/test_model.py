"""The page about the model, in both languages: facts that add up, what it says next, and its card."""

from __future__ import annotations

import ast
import json
from typing import Any

import numpy as np
import pytest
import torch

from gptviz.gpt import quantization
from gptviz.gpt.weights import load_model, save_model
from gptviz.i18n import strings
from gptviz.language_model import LanguageModel
from gptviz.paths import MODELS
from gptviz.ui import cache
from tests.app.conftest import MakeModel
from tests.app.visitor import Visitor


class ModelVisitor(Visitor):
    """A visitor of the page "Model"."""

    name = "model"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_facts_and_next_tokens_are_the_models(lang: str, lm: LanguageModel) -> None:
    page = ModelVisitor(lang=lang).run()
    header = page.header
    total = sum(part.numel() for name, part in lm.model.state_dict().items() if name != "lm_head.weight")
    assert header["facts"]["n_parameters"] == total  # the head is the embedding: counted once
    assert sum(share["count"] for share in header["shares"]) == total
    assert len(header["next"]) == len(strings(lang)["model_prompts.list"].split("\n")) - 1
    for shown in header["next"]:
        logits = lm.trace(shown["prompt"]).logits_at(-1).astype(np.float64)
        probs = np.exp(logits - logits.max())
        probs /= probs.sum()
        assert [entry["p"] for entry in shown["top"]] == pytest.approx(sorted(probs)[-1:-6:-1], abs=2e-4)
    wanted = {key for key in strings("en") if key.startswith("model_page.")}
    assert wanted <= header["strings"].keys()
    assert header["strings"]["model_page.how"] == strings(lang)["model_page.how"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_python_of_each_card_gives_its_numbers(lang: str) -> None:
    header = ModelVisitor(lang=lang).run().header
    card, evaluation = header["card"], header["card"]["evaluation"]
    made = {name: value_of(code) for name, code in header["recipes"].items()}
    assert made["facts"] == {share["kind"]: share["count"] for share in header["shares"]}
    shown = {one["prompt"]: [(guess["label"], guess["p"]) for guess in one["top"]] for one in header["next"]}
    assert list(made["next"]) == list(shown)
    for prompt, rows in made["next"].items():
        assert [p for _, p in rows] == pytest.approx([p for _, p in shown[prompt]], abs=2e-4)
    assert made["curve"]._asdict() == card["curve"]
    assert (made["held"], made["heads"], made["cloze"]) == tuple(
        evaluation[part] for part in ("held_out", "induction", "cloze")
    )
    assert made["samples"] == card["samples"]
    assert [part._asdict() for part in made["data"]] == card["data"]


def value_of(code: str) -> Any:
    """What the last line of a recipe is."""
    *body, last = ast.parse(code).body
    assert isinstance(last, ast.Expr)
    names: dict[str, Any] = {}
    exec(compile(ast.Module(body, []), "recipe", "exec"), names)
    return eval(compile(ast.Expression(last.value), "recipe", "eval"), names)


def test_what_the_texts_licences_ask_for_is_there_to_read() -> None:
    card = ModelVisitor(lang="en").run().header["card"]
    notices = (MODELS / "bilingual" / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert card["attribution"] == notices
    assert "WordNet" in notices
    assert "Princeton University" in notices
    named = {part["licence"] for part in card["data"]}
    assert any("CC BY-SA" in licence for licence in named)
    assert "creativecommons.org/licenses/by-sa" in notices


@pytest.mark.parametrize("name", ["bilingual", "small"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_bundled_model_says_what_it_cannot_do(name: str, lang: str) -> None:
    card = ModelVisitor(lang=lang, model=name).run().header["card"]
    assert card["limits"] == strings(lang)[f"model_page.limits.{name}"]
    assert (card["attribution"] == "") is (name == "small")


@pytest.mark.parametrize(("weights", "held"), [("auto", "float16"), ("float32", "float32")])
def test_it_says_what_the_weights_are_held_in(monkeypatch: pytest.MonkeyPatch, weights: str, held: str) -> None:
    if torch.backends.quantized.engine not in ("x86", "fbgemm"):
        pytest.skip("float16 weights need an x86 processor")
    monkeypatch.setenv("GPTVIZ_WEIGHTS", weights)
    cache.models().clear()
    try:
        facts = ModelVisitor(lang="en").run().header["facts"]
    finally:
        cache.models().clear()
    assert (facts["weights"], facts["rounding"]) == (held, None)


def test_the_error_of_rounded_weights_is_shown(make_model: MakeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    if torch.backends.quantized.engine not in ("x86", "fbgemm"):
        pytest.skip("float16 weights need an x86 processor")
    folder = make_model("rounded")
    monkeypatch.setattr(quantization, "LARGE", 1)
    monkeypatch.setenv("GPTVIZ_WEIGHTS", "float16")
    model = load_model(folder)
    with torch.no_grad():
        model.lm_head.weight += 1e-5  # what fp16 does not have
    save_model(model, folder, dtype=torch.float32)
    facts = ModelVisitor(lang="en", model="rounded").run().header["facts"]
    assert facts["weights"] == "float16"
    assert 0 < facts["rounding"]["largest"] < 0.1
    assert 0 <= facts["rounding"]["agreement"] <= 1


def test_the_card_is_shown_as_it_was_written() -> None:
    header = ModelVisitor(lang="en").run().header
    written = json.loads((MODELS / "bilingual" / "card.json").read_text(encoding="utf-8"))
    card = header["card"]
    assert card["curve"] == written["curve"]
    assert card["evaluation"] == written["evaluation"]
    assert sum(part["share"] for part in card["data"]) == pytest.approx(1, abs=1e-3)
    lengths = {len(card["curve"][name]) for name in ("tokens", "loss", "learning_rate")}
    assert len(lengths) == 1
    assert card["curve"]["tokens"][-1] == card["tokens"]


@pytest.mark.parametrize("knows", [True, False])
def test_a_card_from_before_knowledge_was_asked_for_is_read(make_model: MakeModel, knows: bool) -> None:
    """Newer cards have both scores; the page gets the report as it is, and its script leaves out what is not there."""
    card = json.loads((MODELS / "bilingual" / "card.json").read_text(encoding="utf-8"))
    card["evaluation"].pop("knowledge", None)
    if knows:
        card["evaluation"]["knowledge"] = {"en": {"language": "en", "n": 30, "top1": 0.1, "top5": 0.3}}
    name = f"knows-{knows}"
    (make_model(name) / "card.json").write_text(json.dumps(card), encoding="utf-8")
    header = ModelVisitor(lang="zh", model=name).run().header
    assert header["card"]["evaluation"] == card["evaluation"]
    assert header["card"]["evaluation"]["cloze"].keys() == {"en", "zh", "py"}
    assert "{language}" in header["strings"]["model_page.knowledge"]


def test_a_model_without_a_card_says_so(make_model: MakeModel) -> None:
    make_model("cardless")
    header = ModelVisitor(lang="en", model="cardless").run().header
    assert header["card"] is None
    assert header["facts"]["n_layer"] == 2
    assert header["next"]


def test_a_damaged_card_is_no_card(make_model: MakeModel) -> None:
    (make_model("scribbled") / "card.json").write_text('{"data": [{"name": 3}], "curve": 5}')
    assert ModelVisitor(lang="zh", model="scribbled").run().header["card"] is None


@pytest.mark.slow
def test_the_prompt_typed_elsewhere_stays(lm: LanguageModel) -> None:
    """Going to this page and back loses nothing that was typed on the first."""
    page = Visitor(lang="en", p="A prompt of my own").run()
    page.go("model")
    page.go("next_token")
    assert page.header["text"] == "A prompt of my own"
    assert page.header["ids"] == lm.tokenizer.encode("A prompt of my own")
