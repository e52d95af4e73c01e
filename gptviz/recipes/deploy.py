"""A model made smaller: in fewer bits, without some of its parts, and saved."""

from __future__ import annotations

from collections.abc import Sequence

from gptviz.recipes.builder import Prompt, python, quoted


def forms(model: str) -> str:
    """What each form of the weights costs."""
    body = ["for cost in precision.costs(precision.measure(lm)):", "    print(cost)"]
    return python(model, body, imports=["from gptviz.compression import precision"])


def parts(model: str, *, unit: str, by: str, n_gone: int) -> str:
    """The curves, and a model without the first of an order."""
    found = "pruning.places(lm.config, gone)" if unit == "heads" else "gone"
    body = [f"found = list(pruning.measure(lm, {unit!r}))",
            "for order in pruning.ORDERS:", "    print(order, pruning.curve(found, order))",
            f"gone = pruning.order(found, lm.config, {unit!r}, {by!r})[:{n_gone}]",
            f"smaller = pruned(lm, {unit}={found})  # save(smaller, Path('smaller'), to='float16')"]  # fmt: skip
    return python(model, body, imports=["from gptviz.compression import pruned, pruning"])


def answer(prompt: Prompt, model: str, *, unit: str, parts: Sequence[int], n_head: int) -> str:
    """The text written on as the model is, and without these parts."""
    gone = [divmod(part, n_head) for part in parts] if unit == "heads" else list(parts)
    body = [f"smaller = pruned(lm, {unit}={gone!r})", "for one in (lm, smaller):",
            f"    steps = list(one.generate({quoted(prompt)}, gptviz.Greedy(), max_new_tokens=20))",
            "    print(steps[-1].text)"]  # fmt: skip
    return python(model, body, imports=["from gptviz.compression import pruned"])


def duties(model: str) -> str:
    """The bytes in which the weights lie, in each form."""
    body = ["for form in FORMS:", "    print(form, nbytes(held(lm, form).model))"]
    return python(model, body, imports=["from gptviz.compression import FORMS, held, nbytes"])
