"""Learning on: the runs, and what the tokens of a sentence cost."""

from __future__ import annotations

from gptviz.jobs.folder import OWN, Ask
from gptviz.jobs.forgetting import RATE, SHIPPED


def run(model: str, ask: Ask) -> str:
    """A, then B with each remedy, as the job does it."""
    changes = ask.changes
    texts, seed = changes["texts"], changes["seed"]
    lines = ["from pathlib import Path", "import gptviz", "from gptviz import tuning",
             "from gptviz.jobs.forgetting import shipped, task",
             f"lm = gptviz.load({model!r}, weights='float32')"]  # fmt: skip
    for name, source in (("first", ask.source), ("then", ask.preset)):
        rows = f"shipped({source!r})" if source in SHIPPED else _own(changes)
        lines.append(f"{name} = task({rows}, {texts!r}, {seed!r})")
    rate = changes["learning_rate"] or RATE
    lines += [f"run = tuning.TuneConfig(method=tuning.method('full'), epochs={changes['epochs']!r}, batch_size=8,",
              f"                        valid_share=0.0, patience=0, learning_rate={rate!r}, seed={seed!r})",
              f"config = tuning.SequenceConfig(first=run, then=run, remedies={tuple(changes['remedies'])!r},",
              f"    rehearse={changes['rehearse']!r}, ewc={changes['ewc']!r}, "
              f"lora=tuning.method('lora', rank={changes['rank']!r}))",
              "for found in tuning.learn_on(lm, first.train, then.train, config, tests=(first.test, then.test)):",
              "    print(found)"]  # fmt: skip
    return "\n".join(lines)


def _own(changes: object) -> str:
    columns = changes.get("columns") if isinstance(changes, dict) else None
    text, label = columns or ("text", "label")
    file = changes.get("file", OWN) if isinstance(changes, dict) else OWN
    return f"tuning.read(Path({file!r}), text={text!r}, label={label!r})"


def looked(model: str, sentence: str) -> str:
    """The bits of each token."""
    return "\n".join([
        "import gptviz",
        "from gptviz.tuning.forgetting import token_bits",
        "from gptviz.tuning.trunk import Trunk",
        f"lm = gptviz.load({model!r})",
        f"token_bits(Trunk.of(lm), lm.tokenizer, {sentence!r})",
    ])  # fmt: skip
