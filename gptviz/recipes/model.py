"""The model itself: how many numbers each part learns, what it says after a few prompts, what its card holds."""

from __future__ import annotations

from collections.abc import Sequence

from gptviz.recipes.builder import python, quoted

#: Where each card of the Model page stands in a model's ``card.json``.
CARD = {
    "curve": "card.curve",
    "held": "card.evaluation['held_out']",
    "heads": "card.evaluation['induction']",
    "cloze": "card.evaluation['cloze']",
    "samples": "card.samples",
    "data": "card.data",
}


def parameters(model: str) -> str:
    """Kind of part → how many numbers it learns."""
    return python(model, ["lm.config.parameters"])


def next_tokens(prompts: Sequence[str], model: str, *, top: int) -> str:
    """Prompt → the likeliest next tokens with their probabilities."""
    body = [
        f"prompts = [{', '.join(map(quoted, prompts))}]",
        "after = {prompt: softmax(lm.trace(prompt).logits_at(-1)) for prompt in prompts}",
        f"{{prompt: [(lm.tokenizer.decode([i]), probs[i]) for i in top_ids(probs, {top}).tolist()] "
        "for prompt, probs in after.items()}",
    ]
    return python(model, body, imports=["from gptviz.numbers import softmax, top_ids"])


def passport(model: str) -> str:
    """What must hold of every model, each with its sentence."""
    body = ["found = gptviz.passport(lm)", "[(check.ok, check.value, check.say('en')) for check in found.checks]"]
    return python(model, body)


def card(part: str, model: str) -> str:
    """One part of the model's card, one of ``CARD``. Raises KeyError for another."""
    imports = ["from gptviz.catalogue import local_models", "from gptviz.evaluation.card import read_card"]
    return python(model, ["card = read_card(local_models()[lm.name])", CARD[part]], imports=imports)
