"""The README of a bundled model: its card in words. ``gptviz.tools.make`` calls it.

The words lie in ``<model>.md`` beside the models.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gptviz.catalogue import load
from gptviz.evaluation.card import Made
from gptviz.evaluation.induction import best, induction_test
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.numbers import softmax, top_ids
from gptviz.paths import MODELS
from gptviz.tokens.labels import label
from gptviz.training import snapshots

PROMPTS = [
    "The cat sat on the", "The cat sat on the mat. The cat sat on the", "Once upon a time there was a little",
    "The old man opened the door and looked at the", "She was very happy because", "How are", "Thank you very",
    "I would like a cup of", "The capital of France is", "The capital of Australia is", "The sun rises in the",
    "The opposite of hot is", "The opposite of big is", "One plus two equals", "Water freezes at",
    "我今天很", "从前有一个小", "你好，我", "今天天气", "因为下雨，所以",
    "我们都知道，法国的首都是", "法国的首都是", "中国的首都是",
    "“大”的反义词是“", "“猫”的英文是", "床前明月光，", "人工智能是", "我爱机器学习",
    "def add(a, b):\n    return", "for i in", "import", "class Stack:\n    def __init__(",
]  # fmt: skip


def write(model: Path, made: Made, card: dict[str, Any]) -> None:
    """``README.md`` of a model whose card has been written."""
    words = (MODELS / f"{model.name}.md").read_text(encoding="utf-8")
    fields = described(model, card) | watched(model) | {"made": made.made, "how": made.how}
    (model / "README.md").write_text(words.format(**fields), encoding="utf-8")


def watched(model: Path) -> dict[str, Any]:
    """What is to be said of a model that is there to be watched while it learns; nothing of others."""
    if not (model / snapshots.FOLDER).is_dir():
        return {}
    lm, kept = load(model), snapshots.read(model)
    rows = []
    for moment in kept.moments:
        found = induction_test(LocalModel(kept.model(moment), lm.tokenizer), count=8)
        loss = "" if moment.valid_loss is None else f"{moment.valid_loss:.3f}"
        best_heads = (best(habit)[0] for habit in (found.prefix_matching, found.previous_token, found.first_token))
        rows.append((f"{moment.step:,}", loss, f"{found.first_bits:.2f}", f"{found.second_bits:.2f}",
                     *(f"{head.score:.2f} (layer {head.layer} head {head.head})" for head in best_heads)))  # fmt: skip
    titles = ("step", "held-out loss (nats per token)", "first half", "second half", "best prefix matching",
              "best previous token", "best first token")  # fmt: skip
    return {"count": len(rows), "moments": table(titles, rows)}


def described(folder: Path, card: dict[str, Any]) -> dict[str, Any]:
    """What is to be said of any model."""
    lm = load(folder)
    c, found = lm.config, card["evaluation"]
    size = sum(path.stat().st_size for path in folder.glob("*.safetensors")) / 1e6
    induction = found["induction"]
    return {
        "shape": shape(lm),
        "parameters": f"{c.n_parameters / 1e6:.1f}",
        "vocabulary": f"{c.vocab_size:,}",
        "size": f"{size:.1f}",
        "tokens": f"{card['tokens'] / 1e6:.1f}",
        "commands": "\n".join(card["commands"]),
        "versions": ", ".join(f"{name} {number}" for name, number in card["versions"].items()),
        "data": table(
            ("part", "share read", "MB", "licence", "source"),
            [(p["name"], f"{p['share']:.1%}", p["megabytes"], p["licence"], p["source"]) for p in card["data"]],
        ),
        "curve": losses(card["curve"]),
        "verdict": verdict(found),
        "held_out": table(
            ("part", "bytes", "bits per byte", "before", "5-gram", "difference", "top 1", "top 5"),
            [held_out_row(p, card["before"].get("held_out", {})) for p in found["held_out"]],
        ),
        "cloze": cloze(found, card["before"]),
        "induction": f"{induction['first_bits']:.1f} bits per token in the first half, "
        f"{induction['second_bits']:.1f} in "
        f"the second ({induction['ratio']:.2f} of it)",
        "heads": table(
            ("habit", "best heads"),
            [
                (name.replace("_", " "), heads(induction[name]["best"]))
                for name in ("prefix_matching", "previous_token", "first_token")
            ],
        ),
        "diversity": table(
            ("language", "tokens in a repeated 4-gram", "distinct-1", "distinct-2", "distinct-3"),
            [
                (k, f"{v['repetition']:.1%}", *(f"{v[f'distinct_{n}']:.2f}" for n in (1, 2, 3)))
                for k, v in found["diversity"].items()
            ],
        ),
        "next": table(("text", "next"), [(code(p), next_tokens(lm, p)) for p in PROMPTS]),
        "samples": "\n\n".join(f"> **{s['prompt']}** {' '.join(s['text'].split())}" for s in card["samples"]),
    }


def shape(lm: LanguageModel) -> str:
    c = lm.config
    return f"{c.n_layer} layers × {c.n_head} heads, {c.n_embd} wide, context {c.block_size} tokens"


def held_out_row(part: dict[str, Any], before: dict[str, float]) -> tuple[Any, ...]:
    grams = part["baseline_bits_per_byte"]
    against = "" if grams is None else f"{part['bits_per_byte'] / grams - 1:+.1%}"
    bits, baseline = f"{part['bits_per_byte']:.3f}", "" if grams is None else f"{grams:.3f}"
    old = before.get(part["part"])
    return (part["part"], f"{part['n_bytes']:,}", bits, "" if old is None else f"{old:.3f}", baseline, against,
            f"{part['top1']:.1%}", f"{part['top5']:.1%}")  # fmt: skip


def cloze(found: dict[str, Any], before: dict[str, Any]) -> str:
    """Both kinds of prompts, of which an older report has but the first."""
    kinds = {"cloze": "fluency: what anyone would write next", "knowledge": "knowledge: what a ten-year-old knows"}
    rows = []
    for kind, words in kinds.items():
        for language, score in found.get(kind, {}).items():
            old = before.get(kind, {}).get(language)
            rows.append((words, language, score["n"], *(beside(score, old, key) for key in ("top1", "top5"))))
    return table(("asked for", "language", "prompts", "first guess (before)", "in the first five (before)"), rows)


def beside(score: dict[str, Any], old: dict[str, Any] | None, key: str) -> str:
    """A share, and what it was before."""
    return f"{score[key]:.0%}" + (f" ({old[key]:.0%})" if old else "")


def verdict(found: dict[str, Any]) -> str:
    """How the model stands against the baseline, over all parts."""
    ratio = found["held_out"][-1]["ratio"]
    if ratio is None:
        return ""
    more = "more" if ratio > 1 else "fewer"
    return f"Over all parts this model needs {abs(ratio - 1):.0%} **{more}** bits than that."


def losses(curve: dict[str, list[float]]) -> str:
    """About a dozen held-out losses."""
    points = list(zip(curve["valid_tokens"], curve["valid_loss"], strict=True))
    kept = points[:: max(1, len(points) // 12)] + points[-1:]
    rows = [(f"{tokens / 1e6:.2f}", f"{loss:.3f}") for tokens, loss in dict(kept).items()]
    return table(("million tokens", "held-out loss (nats per token)"), rows)


def heads(best: list[dict[str, Any]]) -> str:
    return ", ".join(f"layer {h['layer']} head {h['head']}: {h['score']:.2f}" for h in best)


def next_tokens(lm: LanguageModel, prompt: str) -> str:
    probs = softmax(lm.prefill(tuple(lm.ids(prompt))).logits[0])
    best = top_ids(probs, 5).tolist()
    return ", ".join(f"{code(label(lm.tokenizer.token_bytes(i)))} {probs[i]:.0%}" for i in best)


def code(text: str) -> str:
    shown = text.replace("\n", "↵").replace("|", "\\|")
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


def table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
