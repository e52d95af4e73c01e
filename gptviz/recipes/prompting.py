"""A prompt as a classifier: one text, and a study of what its accuracy depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gptviz.tuning.examples import Example


def asked(model: str, pattern: str, words: Mapping[str, str], examples: Sequence[Example], text: str) -> str:
    """The probabilities of the labels, as they come and calibrated."""
    return "\n".join([
        "import gptviz",
        "from gptviz import tuning",
        "from gptviz.tuning.examples import Example",
        "from gptviz.tuning.prompts import PromptClassifier",
        f"lm = gptviz.load({model!r})",
        "examples = [",
        *(f"    Example({one.text!r}, {one.label!r})," for one in examples),
        "]",
        f"asked = PromptClassifier(lm, tuning.Pattern({pattern!r}), {dict(words)!r}, examples)",
        f"text = {text!r}",
        "print(asked.labels, asked.logprobs([text]), asked.leaning)",
        "print(asked.probs([text]), asked.probs([text], calibrated=True))",
    ])  # fmt: skip


def study(model: str, lang: str, patterns: Sequence[str], words: Mapping[str, str], texts: int, seed: int) -> str:
    """All ways of asking, then what more examples teach, on the texts that the page measures on."""
    return "\n".join([
        "import gptviz",
        "from gptviz import tuning",
        "from gptviz.jobs.prompting import COUNTS, ORDERS, SHOTS, fitting, parts",
        "from gptviz.tuning.curve import learning_curve",
        f"lm = gptviz.load({model!r}, weights='float32')",
        f"pool, test = parts({lang!r}, {texts!r})",
        "patterns = (",
        *(f"    tuning.Pattern({pattern!r})," for pattern in patterns),
        ")",
        f"study = fitting(tuning.Study(patterns, {dict(words)!r}, SHOTS, ORDERS, seed={seed!r}), lm, pool)",
        "for record in study.run(lm, pool, test):",
        "    print(record)",
        f"config = tuning.TuneConfig(method=tuning.method('lora'), seed={seed!r})",
        "for point in learning_curve(lm, pool, test, COUNTS, config):",
        "    print(point)",
    ])  # fmt: skip
