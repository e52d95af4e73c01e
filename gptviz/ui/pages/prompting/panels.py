"""The panels of the prompting page: how it is asked, the prompt as it is read, the labels. Pure."""

from __future__ import annotations

from typing import TypedDict

from gptviz.i18n import translate
from gptviz.recipes import prompting as recipes
from gptviz.rounding import number, percent
from gptviz.ui.pages.prompting.scene import Prompted, best
from gptviz.ui.pages.prompting.state import LABELS, MOST_SHOTS, PATTERNS, our, pattern

_TOLD = 200


class AskingPart(TypedDict):
    """How the task is put into words, and which examples are shown; ``asking_problem``: why it cannot be asked so."""

    patterns: list[tuple[str, str]]  # ours: name, pattern
    labels: list[str]
    most_shots: int
    examples_shown: list[tuple[str, str]]  # text, label
    asking_problem: str
    asking_reading: str
    asking_python: str


def asking(scene: Prompted) -> AskingPart:
    """The controls."""
    lang, view = scene.context.lang, scene.written
    words = ", ".join(f"{label_of(label, lang)} → {word}" for label, word in view.words.items())
    return {
        "patterns": [(name, pattern(name, lang)) for name in PATTERNS],
        "labels": [label_of(label, lang) for label in LABELS],
        "most_shots": MOST_SHOTS,
        "examples_shown": [(one.text, label_of(one.label, lang)) for one in scene.examples],
        "asking_problem": "" if scene.problem is None else scene.problem.say(lang),
        "asking_reading": translate("prompting.reading.asking", lang, pattern=view.pattern, words=words,
                                    count=len(scene.examples)),
        "asking_python": python(scene),
    }  # fmt: skip


def label_of(label: str, lang: str) -> str:
    """A label's name."""
    return translate(f"prompting.label.{label}", lang)


def python(scene: Prompted) -> str:
    """The call that says of the text what the page says."""
    view = scene.written
    return recipes.asked(scene.context.lm.name, view.pattern, view.words, scene.examples, scene.state.text.strip())


class ReadPart(TypedDict):
    """The whole prompt, as pieces: of the pattern (frame), an example's text, its word, the text, the blank."""

    pieces: list[tuple[str, str]]
    n_prompt: int  # tokens
    left_out: int  # characters of the text that found no place
    read_reading: str


def read(scene: Prompted) -> ReadPart:
    """As the model reads it."""
    lang, asked, found = scene.context.lang, scene.asked, scene.pattern
    if asked is None or found is None:
        return {"pieces": [], "n_prompt": 0, "left_out": 0, "read_reading": translate("prompting.reading.none", lang)}
    before, between, after = found.parts
    pieces: list[tuple[str, str]] = []
    for one in scene.examples:
        word = scene.written.words[one.label]
        pieces += [("frame", before), ("example", one.text), ("frame", between), ("word", word), ("frame", after)]
    pieces += [("frame", before), ("text", asked.text), ("frame", between), ("blank", "")]
    left_out = len(scene.state.text.strip()) - len(asked.text)
    return {
        "pieces": [(kind, text) for kind, text in pieces if text or kind == "blank"],
        "n_prompt": asked.n_tokens,
        "left_out": left_out,
        "read_reading": translate("prompting.reading.read", lang, tokens=number(asked.n_tokens, 0),
                                  count=len(scene.examples)),
    }  # fmt: skip


class LabelRow(TypedDict):
    """One label: its word, ln p of that (nats), its share as it comes, where the text says nothing, and calibrated."""

    label: str
    word: str
    logprob: float
    plain: float
    leaning: float
    calibrated: float


class LabelsPart(TypedDict):
    """What the model says of the text; nothing where there is none, or where it cannot be asked."""

    label_rows: list[LabelRow]
    truth: str  # the label of a review of our set; empty for any other text
    labels_reading: str
    labels_python: str


def labels(scene: Prompted) -> LabelsPart:
    """Each label."""
    lang, asked = scene.context.lang, scene.asked
    if asked is None or not asked.text:
        return {"label_rows": [], "truth": "", "labels_reading": translate("prompting.reading.none", lang),
                "labels_python": python(scene)}  # fmt: skip
    words = scene.written.words
    columns = zip(LABELS, asked.logprobs, asked.plain, asked.leaning, asked.calibrated, strict=True)
    rows: list[LabelRow] = [
        {"label": label_of(label, lang), "word": words[label], "logprob": logprob, "plain": plain, "leaning": leaning,
         "calibrated": calibrated}
        for label, logprob, plain, leaning, calibrated in columns
    ]  # fmt: skip
    plain, calibrated = best(asked)
    return {
        "label_rows": rows,
        "truth": next((label_of(one.label, lang) for one in our(lang).test if one.text == asked.text), ""),
        "labels_reading": translate(
            "prompting.reading.labels", lang, text=asked.text[:_TOLD], plain=label_of(plain, lang),
            p=percent(max(asked.plain), 1), calibrated=label_of(calibrated, lang), q=percent(max(asked.calibrated), 1),
            leans=label_of(LABELS[asked.leaning.index(max(asked.leaning))], lang), lean=percent(max(asked.leaning), 1)
        ),
        "labels_python": python(scene),
    }  # fmt: skip
