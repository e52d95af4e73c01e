"""The Model page's panels: facts of the model at hand, what it says, and its card where it has one. Pure."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, TypedDict
from urllib.parse import urlencode

import numpy as np

from gptviz import catalogue
from gptviz.errors import GptvizError
from gptviz.evaluation.card import Curve, TextPart, read_attribution, read_card
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.quantization import Error
from gptviz.i18n import strings, translate
from gptviz.jobs.folder import PREFIX
from gptviz.language_model import LanguageModel
from gptviz.numbers import softmax, top_ids
from gptviz.recipes import model as recipes
from gptviz.rounding import brief
from gptviz.ui import stories
from gptviz.ui.layout import PAGES
from gptviz.ui.message_types import JSON, Of
from gptviz.ui.pages.model.state import About, Next
from gptviz.ui.web.message import as_json
from gptviz.views.distribution import token_label

TOP = 5


class Facts(TypedDict):
    """The model's numbers, in the field's names, and what its weights are held in."""

    n_layer: int
    n_head: int
    n_embd: int
    block_size: int
    vocab_size: int
    position: str
    n_parameters: int
    weights: str
    rounding: Annotated[JSON, Of(Error)] | None  # what holding them so costs, where they were rounded for it


class Share(TypedDict):
    """How many parameters are in one kind of part."""

    kind: str
    name: str  # of its string
    count: int


class FactsPart(TypedDict):
    """What the model is."""

    title: str
    facts: Facts
    shares: list[Share]
    tuned: str  # what for, in a sentence; empty: for nothing that is known
    labelled_at: str  # the page on which what is typed is labelled by it; empty where there is none


def facts(scene: About) -> FactsPart:
    """The model's shape, and where its parameters are."""
    lm, lang = scene.context.lm, scene.context.lang
    tuned = stories.told(catalogue.path_of(lm.name), lang)
    at = f"./{PAGES['tuning']}?{urlencode({'model': lm.name, 'lang': lang})}"
    return {
        "title": scene.context.title,
        "facts": _facts(lm.config, lm),
        "shares": shares(lm.config),
        "tuned": tuned,
        "labelled_at": at if tuned and lm.name.startswith(PREFIX) else "",
    }


def _facts(c: GPTConfig, lm: LanguageModel) -> Facts:
    return {
        "n_layer": c.n_layer,
        "n_head": c.n_head,
        "n_embd": c.n_embd,
        "block_size": c.block_size,
        "vocab_size": c.vocab_size,
        "position": c.position,
        "n_parameters": c.n_parameters,
        "weights": lm.weights,
        "rounding": lm.rounding and lm.rounding._asdict(),
    }


def shares(c: GPTConfig) -> list[Share]:
    """Where the parameters are; together they are ``n_parameters``."""
    names = {"norms": c.norm}  # by its own: those of Llama-like models are no LayerNorms
    return [{"kind": kind, "name": names.get(kind, kind), "count": count} for kind, count in c.parameters.items()]


class NextPart(TypedDict):
    """What the model says after a few prompts."""

    next: list[Next]


def next_tokens(scene: About) -> NextPart:
    """The likeliest next tokens, computed once for each model and language."""
    lm, lang, state = scene.context.lm, scene.context.lang, scene.state
    if state.said is None or state.said[:2] != (lm.name, lang):
        state.said = (lm.name, lang, guesses(lm, lang))
    return {"next": state.said[2]}


def prompts(lang: str) -> list[str]:
    """The texts whose next tokens are shown, as the language's strings list them."""
    listed = strings(lang).get("model_prompts.list", translate("model_prompts.list", "en"))
    return [line.replace("\\n", "\n") for line in listed.strip().splitlines()]


def guesses(lm: LanguageModel, lang: str) -> list[Next]:
    """The most likely next tokens of each prompt, computed by this model; a prompt it cannot read is left out."""
    found: list[Next] = []
    for prompt in prompts(lang):
        try:
            reader = lm.prefill(tuple(lm.ids(prompt)))
        except GptvizError:  # a vocabulary of single characters, say
            continue
        probs = softmax(reader.logits[0].astype(np.float64))
        best = top_ids(probs, TOP).tolist()
        found.append({
            "prompt": prompt,
            "top": [{"label": token_label(lm.tokenizer, i), "p": brief(float(probs[i]))} for i in best],
        })  # fmt: skip
    return found


class CheckView(TypedDict):
    """One check: what it asks, its answer, the sentence, and what was measured (see there)."""

    asks: str
    ok: bool | None
    said: str
    value: float | None


class Passed(TypedDict):
    """The checks by now, and what comes of them together once all are done."""

    checks: list[CheckView]
    done: bool
    said: str


class PassportPart(TypedDict):
    """What must hold of every model, checked of this one."""

    passport: Passed


def passport(scene: About) -> PassportPart:
    """The checks that are done; red ones are told, those that keep a model from being shown never come here."""
    lang, checkup = scene.context.lang, scene.checkup
    shown: list[CheckView] = [
        {"asks": check.asks(lang), "ok": check.ok, "said": check.say(lang),
         "value": check.value if check.value is not None and math.isfinite(check.value) else None}
        for check in checkup.found
    ]  # fmt: skip
    key = "passport.red" if checkup.failed else "passport.ok"
    said = (
        translate(key, lang, count=checkup.failed) if checkup.finished else translate("model_page.passport_runs", lang)
    )
    return {"passport": {"checks": shown, "done": checkup.finished, "said": said}}


class Sample(TypedDict):
    """A text that it wrote."""

    prompt: str
    text: str


class Card(TypedDict):
    """How it was made and how it did, with what is to be said beside it."""

    commands: list[str]
    versions: dict[str, str]
    tokens: int
    data: list[Annotated[JSON, Of(TextPart)]]
    curve: Annotated[JSON, Of(Curve)]
    evaluation: JSON
    samples: list[Annotated[JSON, Of(Sample)]]
    before: JSON | None
    attribution: str
    limits: str


class CardPart(TypedDict):
    """The card; None where there is none."""

    card: Card | None


def card(scene: About) -> CardPart:
    """The card in the model's folder."""
    folder = catalogue.local_models().get(scene.context.lm.name)
    return {"card": _card(folder, scene.context.lm.name, scene.context.lang) if folder else None}


def _card(folder: Path, name: str, lang: str) -> Card | None:
    found = read_card(folder)
    if found is None:
        return None
    return {
        "commands": found.commands,
        "versions": found.versions,
        "tokens": found.tokens,
        "data": [part._asdict() for part in found.data],
        "curve": as_json(found.curve),
        "evaluation": found.evaluation,
        "samples": found.samples,
        "before": found.before,
        "attribution": read_attribution(folder),
        "limits": strings(lang).get(f"model_page.limits.{name}") or translate("model_page.limits.other", lang),
    }


class Recipes(TypedDict):
    """The Python of each card."""

    facts: str
    next: str
    passport: str
    curve: str
    held: str
    heads: str
    cloze: str
    samples: str
    data: str


class RecipesPart(TypedDict):
    """What makes the page's numbers in a notebook."""

    recipes: Recipes


def python(scene: About) -> RecipesPart:
    """The Python of each card, by the card's name."""
    lm = scene.context.lm
    readable = [found["prompt"] for found in next_tokens(scene)["next"]]
    return {
        "recipes": {
            "facts": recipes.parameters(lm.name),
            "next": recipes.next_tokens(readable, lm.name, top=TOP),
            "passport": recipes.passport(lm.name),
            "curve": recipes.card("curve", lm.name),
            "held": recipes.card("held", lm.name),
            "heads": recipes.card("heads", lm.name),
            "cloze": recipes.card("cloze", lm.name),
            "samples": recipes.card("samples", lm.name),
            "data": recipes.card("data", lm.name),
        }
    }
