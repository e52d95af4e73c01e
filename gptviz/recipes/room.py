"""A round of a room: what the class said beside the model's distribution, and the score of both."""

from __future__ import annotations

from collections.abc import Mapping

from gptviz.recipes.builder import Prompt, python


def guess(prompt: Prompt, model: str, votes: Mapping[str, int], *, chips: int) -> str:
    """The class's shares beside the model's probabilities.

    Of all ``chips`` that the class has; 0: each has picked one.
    """
    share = f"count / {chips}" if chips else "shares.named[i]"
    body = [f"votes = {dict(votes)!r}", "probs = softmax(trace.logits_at(-1).astype('float64'))",
            "model = {token_label(lm.tokenizer, i): float(p) for i, p in enumerate(probs)}"]  # fmt: skip
    if not chips:
        body.append("shares = scoring.of_picks(list(votes.values()))")
    body += ["for i, (label, count) in enumerate(votes.items()):", f"    print(label, {share}, model.get(label))"]
    imports = ["from gptviz.numbers import softmax", "from gptviz.views.distribution import token_label"]
    return python(model, body, imports=imports + ["from gptviz.room import scoring"] * (not chips), trace=prompt)


def score(prompt: list[int], token: int, model: str, class_bits: float | None) -> str:
    """What the token that came has cost the model, in bits; the class's beside it."""
    body = ["bits = -float(trace.logprobs[-1]) / math.log(2)", f"print({{'model': bits, 'class': {class_bits!r}}})"]
    return python(model, body, imports=["import math"], trace=[*prompt, token])
