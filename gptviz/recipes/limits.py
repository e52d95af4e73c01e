"""The experiments of the limits page: loops, guesses, pieces, the context, one word exchanged, text known by heart."""

from __future__ import annotations

from collections.abc import Sequence

from gptviz.recipes.builder import Prompt, python, quoted


def loops(prompt: Prompt, model: str, *, length: int, seed: int) -> str:
    """One prompt written on in three ways, and how much of each is there twice."""
    body = [f"written = list(repeating.continued(lm, lm.ids({quoted(prompt)}), {length}, seed={seed}))",
            "for way in repeating.ways():",
            "    tokens = [one.token for one in written if one.way == way]",
            "    print(way, repeating.repetition(tokens), lm.tokenizer.decode(tokens))"]  # fmt: skip
    return python(model, body, imports=["from gptviz.analysis import repeating"])


def facts(prompt: Prompt, model: str, *, top: int) -> str:
    """The likeliest next tokens."""
    body = ["probs = softmax(trace.logits_at(-1).astype('float64'))", f"for i in probs.argsort()[::-1][:{top}]:",
            "    print(token_label(lm.tokenizer, int(i)), probs[i])"]  # fmt: skip
    imports = ["from gptviz.numbers import softmax", "from gptviz.views.distribution import token_label"]
    return python(model, body, imports=imports, trace=prompt)


def calibration(model: str, *, lang: str) -> str:
    """Confidence against accuracy over the set."""
    body = [f"items = calibration.read_items()[{lang!r}]",
            "given = [guess for guess in calibration.guesses(lm, items) if guess]",
            "print(calibration.binned(given), calibration.calibration_error(given))"]  # fmt: skip
    return python(model, body, imports=["from gptviz.evaluation import calibration"])


def digits(prompt: Prompt, model: str) -> str:
    """The pieces of a text."""
    return python(model, [f"[lm.tokenizer.token_bytes(i) for i in lm.ids({quoted(prompt)})]"])


def arithmetic(model: str) -> str:
    """Sums by length."""
    body = ["given = [one for one in arithmetic.sums(lm) if one]",
            "{d: sum(one.right for one in given if one.digits == d) for d in arithmetic.LENGTHS}"]  # fmt: skip
    return python(model, body, imports=["from gptviz.evaluation import arithmetic"])


def context(prompt: Prompt, model: str, *, read: int) -> str:
    """Bits of each token of the end of a text that is read."""
    body = [f"ids = {_all(prompt)}[-{read}:]",
            "[one.bits for one in surprisal.scores(lm, ids, start=False)]"]  # fmt: skip
    return python(model, body, imports=["from gptviz.analysis import surprisal"])


def window(prompt: Prompt, model: str) -> str:
    """How many tokens a text has, and how many the model can read."""
    return python(model, [f"len({_all(prompt)}), lm.config.block_size"])


def exchange(text: str, model: str, *, old: str, new: str, words: Sequence[str]) -> str:
    """The continuations after a sentence and its twin."""
    body = [f"text = {text!r}", f"twin = exchange.twin(text, {old!r}, {new!r})",
            f"for one in exchange.exchanged(lm, lm.ids(text), lm.ids(twin), {list(words)!r}):",
            "    print(one, one.difference)"]  # fmt: skip
    return python(model, body, imports=["from gptviz.analysis import exchange"])


def memory(prompt: Prompt, model: str) -> str:
    """Runs of first choices in a text."""
    body = [f"ids = {_all(prompt)}",
            "ranks = [one.rank for one in surprisal.scores(lm, ids, start=False)]",
            "for run in memorised.runs(ranks, first=1):",
            "    print(run, lm.tokenizer.decode(ids[run.start:run.stop]))"]  # fmt: skip
    return python(model, body, imports=["from gptviz.analysis import surprisal",
                                        "from gptviz.evaluation import memorised"])  # fmt: skip


def lines(model: str, *, lang: str) -> str:
    """Well-known lines and altered ones."""
    return python(model, [f"list(memorised.recited(lm, memorised.read_lines()[{lang!r}]))"],
                  imports=["from gptviz.evaluation import memorised"])  # fmt: skip


def _all(prompt: Prompt) -> str:
    """The ids of a text, more than the context holds too."""
    return f"lm.tokenizer.encode({prompt!r})" if isinstance(prompt, str) else quoted(prompt)
