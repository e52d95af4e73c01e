"""The card of a model: how it was trained and how it did, written to and read from ``card.json`` in its folder.

It is made of the logs of the runs and the report of ``gptviz eval``; the README beside it says the same in words
(``gptviz.tools.readme``). A model without the file has no card.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gptviz.gpt.config import TrainConfig

FILE = "card.json"
ATTRIBUTION = "ATTRIBUTION.md"  # the notices that the texts' licences ask for
LONGEST = 100_000  # characters of them that are read
POINTS = 160  # of the curve


class TextPart(NamedTuple):
    """One kind of text that was trained on."""

    name: str
    share: float  # of the sequences read in all runs together
    megabytes: float
    licence: str
    source: str


class Curve(NamedTuple):
    """Loss by tokens read; all lists of one kind are equally long. Losses are nats per token."""

    tokens: list[int]
    loss: list[float]  # of the steps around that point, averaged
    learning_rate: list[float]
    valid_tokens: list[int]
    valid_loss: list[float]


class Card(NamedTuple):
    """All of it; ``evaluation`` is the report of ``gptviz eval --json``."""

    commands: list[str]
    versions: dict[str, str]
    tokens: int  # read in all runs together
    seeds: list[int]
    data: list[TextPart]
    curve: Curve
    evaluation: dict[str, Any]
    samples: list[dict[str, Any]]
    before: dict[str, Any] | None = None  # figures of the model in whose place it came, where there was one


def read_card(folder: Path) -> Card | None:
    """The card in a model folder; None where there is none that can be read."""
    try:
        raw = json.loads((folder / FILE).read_text(encoding="utf-8"))
        data = [TextPart(**part) for part in raw.pop("data")]
        return Card(data=data, curve=Curve(**raw.pop("curve")), **raw)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def read_attribution(folder: Path) -> str:
    """The notices in a model folder; nothing where there are none."""
    try:
        with (folder / ATTRIBUTION).open(encoding="utf-8") as file:
            return file.read(LONGEST)
    except (OSError, ValueError):
        return ""


class Made(NamedTuple):
    """How a model was made: what its card is made of, beside the report."""

    commands: list[str]
    logs: list[Path]  # of the runs, in order
    configs: list[TrainConfig]  # theirs
    versions: dict[str, str]  # that the last of them was made with
    columns: list[tuple[str, str]]  # of the data, by which each drew its text at first and later
    data: dict[str, Any]  # data.toml
    made: str  # its recipe's words
    how: str


def write_card(folder: Path, made: Made, evaluation: dict[str, Any]) -> dict[str, Any]:
    """Write ``card.json``; ``evaluation`` is what ``gptviz eval --json`` wrote. Returns what was written."""
    found = {name: value for name, value in evaluation.items() if name not in ("samples", "cloze_answers")}
    samples = [{"prompt": s["prompt"], "text": s["text"]} for s in evaluation["samples"]]
    runs = [records(path) for path in made.logs]
    card = {
        "commands": made.commands,
        "versions": made.versions,
        "tokens": sum(run[-1]["tokens"] for run in runs),
        "seeds": [config.seed for config in made.configs],
        "data": read_parts(made, [run[-1]["tokens"] for run in runs]),
        "curve": curve(runs),
        "before": before(folder, made.commands),
        "evaluation": found,
        "samples": samples[:: max(1, len(samples) // 9)][:9],
    }
    (folder / FILE).write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return card


def records(log: Path) -> list[dict[str, Any]]:
    """The records of a run's log; steps that were taken again, after it had been killed, count once."""
    lines = log.read_text(encoding="utf-8").splitlines()
    return list({record["step"]: record for record in map(json.loads, lines)}.values())


def read_parts(made: Made, tokens: Sequence[int]) -> list[dict[str, Any]]:
    """The parts of the text with the share of all tokens, so many in each run, that came from each."""
    shares = dict.fromkeys(made.data, 0.0)
    for count, config, (first, later) in zip(tokens, made.configs, made.columns, strict=True):
        for name, fields in made.data.items():
            mixed = config.later_from * fields[first] + (1.0 - config.later_from) * fields[later]
            shares[name] += mixed * count / sum(tokens)
    return [{"name": name, "share": round(shares[name], 5)}
            | {key: fields[key] for key in ("megabytes", "licence", "source")}
            for name, fields in made.data.items()]  # fmt: skip


def before(model: Path, commands: Sequence[str]) -> dict[str, Any]:
    """Figures of the model that this one replaces; where the card is only made anew, those that it had."""
    old = read_card(model)
    if old is None:
        return {}
    if list(old.commands) == list(commands):
        return old.before or {}
    kept = ("cloze", "knowledge", "diversity")
    held_out = {part["part"]: part["bits_per_byte"] for part in old.evaluation["held_out"]}
    return {"held_out": held_out} | {key: old.evaluation[key] for key in kept if key in old.evaluation}


def curve(runs: list[list[dict[str, Any]]]) -> dict[str, list[float]]:
    """All runs one after the other, thinned: each point's loss is the mean of the steps since the point before."""
    steps: list[dict[str, Any]] = []
    before = 0
    for run in runs:
        steps += [{**record, "tokens": record["tokens"] + before} for record in run]
        before = steps[-1]["tokens"]
    stride = -(-len(steps) // POINTS)
    chunks = [steps[i : i + stride] for i in range(0, len(steps), stride)]
    checked = [record for record in steps if record["valid_loss"] is not None]
    return {
        "tokens": [chunk[-1]["tokens"] for chunk in chunks],
        "loss": [round(sum(r["loss"] for r in chunk) / len(chunk), 4) for chunk in chunks],
        "learning_rate": [float(f"{chunk[-1]['learning_rate']:.4g}") for chunk in chunks],
        "valid_tokens": [record["tokens"] for record in checked],
        "valid_loss": [round(record["valid_loss"], 4) for record in checked],
    }
