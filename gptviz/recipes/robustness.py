"""A classifier attacked, texts changed, and a trial of what makes it harder to mislead."""

from __future__ import annotations

from collections.abc import Sequence


def attacked(model: str, text: str) -> str:
    """Words exchanged until a saved classifier is wrong."""
    return "\n".join([
        "from pathlib import Path",
        "import gptviz",
        "from gptviz import tuning",
        "from gptviz.tuning.attack import attack",
        "from gptviz.tuning.batches import encode",
        f"lm = gptviz.load({model!r}, weights='float32')",
        "classifier = tuning.open_tuned(Path('out'), lm)",
        f"text = {text!r}",
        "label = classifier.labels[classifier.logits(encode(lm.tokenizer, [text], 256))[0].argmax()]",
        "for flip in attack(classifier, lm.tokenizer, text, label):",
        "    print(flip)",
    ])  # fmt: skip


def changed(model: str, text: str, seed: int) -> str:
    """A text changed in each way, and in the model's own words."""
    return "\n".join([
        "import gptviz",
        "import numpy as np",
        "from gptviz.tuning.augmentation import deleted, paraphrased, replaced, swapped",
        f"lm, text, seed = gptviz.load({model!r}, weights='float32'), {text!r}, {seed!r}",
        "print(replaced(lm, text, 0.1, np.random.default_rng(seed)))",
        "print(deleted(text, 0.1, np.random.default_rng(seed)))",
        "print(swapped(text, 0.1, np.random.default_rng(seed)))",
        "print(paraphrased(lm, text, seed))",
    ])  # fmt: skip


def trial(model: str, lang: str, ways: Sequence[str], epsilon: float, epochs: int, copies: int, attacked: int,
          flips: int, seed: int) -> str:  # fmt: skip
    """Each way learnt, and measured on the same reviews."""
    return "\n".join([
        "import gptviz",
        "from gptviz import tuning",
        "from gptviz.tuning.hard import parts",
        f"lm = gptviz.load({model!r}, weights='float32')",
        f"train, test, kinds = parts({lang!r}, {seed!r})",
        f"config = tuning.TuneConfig(method=tuning.method('lora'), epochs={epochs!r}, seed={seed!r})",
        f"trial = tuning.Trial({tuple(ways)!r}, epsilon={epsilon!r}, copies={copies!r}, attacked={attacked!r},",
        f"                     flips={flips!r})",
        "for record in trial.run(lm, train, test, config, kinds=kinds):",
        "    print(record)",
    ])  # fmt: skip
