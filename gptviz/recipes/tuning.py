"""A tuning, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_READ = {"sentiment": ("Classification", "tuning.read(path{columns})"),
         "entities": ("Labelling", "tuning.read_tagged(path)"),
         "instructions": ("Instruction", "read_answers(path{columns})")}  # fmt: skip
_ROLES = {"sentiment": ("text", "label"), "instructions": ("prompt", "answer")}


def run(model: str, task: str, method: str, settings: Mapping[str, Any], changes: Mapping[str, Any],
        path: str, *, forgotten: bool = False) -> str:  # fmt: skip
    """The run itself, record by record; ``changes``: settings of the run, and the columns of an own file.

    ``forgotten``: and what it has forgotten of our held-out text, bits per byte before and after.
    """
    name, read = _READ[task]
    columns = "".join(f", {role}={said!r}" for role, said in zip(_ROLES.get(task, ()), changes.get("columns", ()),
                                                                 strict=False))  # fmt: skip
    given = "".join(f", {key}={value!r}" for key, value in {**settings}.items())
    rate = changes["learning_rate"] or None
    more = ["from gptviz.tuning.instructions import Instruction", "from gptviz.tuning.pairs import read_answers"]
    return "\n".join([
        "from pathlib import Path",
        "import gptviz",
        "from gptviz import tuning",
        *(more if task == "instructions" else []),
        f"lm = gptviz.load({model!r}, weights='float32')",
        f"path = Path({path!r})",
        f"config = tuning.TuneConfig(method=tuning.method({method!r}{given}), epochs={changes['epochs']!r},",
        f"                           batch_size={changes['batch_size']!r}, learning_rate={rate!r},",
        f"                           pooling={changes['pooling']!r}, valid_share=0.2, seed={changes['seed']!r})",
        f"run = {'tuning.' if task != 'instructions' else ''}{name}(lm, {read.format(columns=columns)}, config)",
        "for record in run.run():",
        "    print(record)",
        "tuning.save(run, lm, Path('out'))",
        *(["tuning.Memory(lm).forgotten(run.trunk)"] if forgotten else []),
    ])  # fmt: skip


def tried(model: str, text: str) -> str:
    """A text, by what the run has saved."""
    return "\n".join([
        "from pathlib import Path",
        "import gptviz",
        "from gptviz import tuning",
        "from gptviz.tuning.batches import encode",
        f"lm = gptviz.load({model!r}, weights='float32')",
        "learner = tuning.open_tuned(Path('out'), lm)",
        f"learner.logits(encode(lm.tokenizer, [{text!r}], learner.trunk.most))",
    ])  # fmt: skip


def changed(model: str, layer: int, target: str) -> str:
    """ΔW of one matrix, of what a run has saved as a whole model: its singular values, and what they hold."""
    return "\n".join([
        "from pathlib import Path",
        "import gptviz",
        "from gptviz.tuning.changes import changes, shares",
        f"before = gptviz.load({model!r}, weights='float32')",
        "after = gptviz.load(Path('out') / 'model', weights='float32')",
        "found = {(one.layer, one.target): one for one in changes(before.model, after.model)}",
        f"one = found[{layer!r}, {target!r}]",
        "print(one.shape, one.singular[:8], shares(one.singular)[:8])",
    ])  # fmt: skip


def film(model: str, settings: Mapping[str, Any]) -> str:
    """AdaLoRA's budget, step by step, on the set of reviews that ships."""
    given = "".join(f", {key}={value!r}" for key, value in settings.items())
    return "\n".join([
        "from pathlib import Path",
        "import gptviz",
        "from gptviz import tuning",
        f"lm = gptviz.load({model!r}, weights='float32')",
        f"config = tuning.TuneConfig(method=tuning.method('adalora'{given}))",
        "run = tuning.Classification(lm, tuning.read(Path('assets/tuning/en/sentiment.csv')), config)",
        "for record in run.run():",
        "    print(record.step, config.method.ranks(run.trunk))",
    ])  # fmt: skip
