"""What the model page shows: facts of the model at hand, and its card where it has one. Pure: no Streamlit here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gptviz import catalogue
from gptviz.errors import GptvizError
from gptviz.evaluation.card import read_attribution, read_card
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.quantization import held_as
from gptviz.i18n import strings, translate
from gptviz.language_model import LanguageModel
from gptviz.numbers import softmax, top_ids
from gptviz.ui.web.conversation import Conversation
from gptviz.ui.web.frame import frame, query_string
from gptviz.ui.web.message import as_json, pack
from gptviz.views.distribution import token_label

STRINGS = ("model_page.",)
TOP = 5


@dataclass
class ModelPage(Conversation):
    """The page has no text of its own and no controls; the conversation only carries the picture."""

    #: The next tokens as last computed, and for which model and language: kept here, so that no model outlives its use.
    said: tuple[str, str, list[dict[str, Any]]] | None = None

    def adopt(self, changes: dict[str, Any]) -> None:
        """Nothing can be changed here."""


def build(state: ModelPage, lm: LanguageModel, *, lang: str, title: str, projector: bool = False) -> bytes:
    """The message of the page."""
    folder = catalogue.local_models().get(lm.name)
    if state.said is None or state.said[:2] != (lm.name, lang):
        state.said = (lm.name, lang, next_tokens(lm, lang))
    header = frame(state, lang=lang, projector=projector, view={}, link=query_string({"lang": lang, "model": lm.name}))
    header |= {"title": title, "facts": facts(lm.config) | held(lm), "shares": shares(lm.config), "next": state.said[2],
               "card": folder and card_dict(folder, lm.name, lang)}  # fmt: skip
    return pack(header, {}, STRINGS)


def facts(c: GPTConfig) -> dict[str, Any]:
    """The model's numbers, in the field's names."""
    named = {name: getattr(c, name) for name in ("n_layer", "n_head", "n_embd", "block_size", "vocab_size", "position")}
    return named | {"head_dim": c.head_dim, "tied": c.tied, "n_parameters": c.n_parameters}


def held(lm: LanguageModel) -> dict[str, Any]:
    """What its weights are held in, and what that costs where they were rounded for it."""
    return {"weights": held_as(lm.model), "rounding": lm.rounding and lm.rounding._asdict()}


def shares(c: GPTConfig) -> list[dict[str, Any]]:
    """Where the parameters are; together they are ``n_parameters``."""
    C = c.n_embd
    attention, mlp = c.n_layer * (4 * C * C + 4 * C), c.n_layer * (8 * C * C + 5 * C)
    found = {
        "tokens": c.vocab_size * C * (1 if c.tied else 2),
        "positions": c.block_size * C if c.position == "learned" else 0,
        "attention": attention,
        "mlp": mlp,
        "norms": c.n_layer * 4 * C + 2 * C,
    }
    return [{"kind": kind, "count": count} for kind, count in found.items() if count]


def prompts(lang: str) -> list[str]:
    """The texts whose next tokens are shown, as the language's strings list them."""
    listed = strings(lang).get("model_prompts.list", translate("model_prompts.list", "en"))
    return [line.replace("\\n", "\n") for line in listed.strip().splitlines()]


def next_tokens(lm: LanguageModel, lang: str) -> list[dict[str, Any]]:
    """The most likely next tokens of each prompt, computed by this model; a prompt it cannot read is left out."""
    found = []
    for prompt in prompts(lang):
        try:
            reader = lm.prefill(tuple(lm.ids(prompt)))
        except GptvizError:  # a vocabulary of single characters, say
            continue
        probs = softmax(reader.logits[0].astype(np.float64))
        best = top_ids(probs, TOP).tolist()
        top = [{"label": token_label(lm.tokenizer, i), "p": round(float(probs[i]), 4)} for i in best]
        found.append({"prompt": prompt, "top": top})
    return found


def card_dict(folder: Path, name: str, lang: str) -> dict[str, Any] | None:
    """The card as the scripts want it, with what is to be said beside it; None where there is none."""
    card = read_card(folder)
    if card is None:
        return None
    limits = strings(lang).get(f"model_page.limits.{name}") or translate("model_page.limits.other", lang)
    return as_json(card) | {"data": [part._asdict() for part in card.data], "evaluation": card.evaluation,
                            "attribution": read_attribution(folder), "limits": limits}  # fmt: skip
