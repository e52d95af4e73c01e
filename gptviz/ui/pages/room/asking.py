"""What is asked of a class, made of the model: it runs here, and never in a route. Pure: no Streamlit here."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Sequence
from time import monotonic

import numpy as np

from gptviz.decoding import Sample, draw, uniform_at
from gptviz.errors import GptvizError
from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.numbers import Doubles, descending, entropy_bits, rank_of, softmax
from gptviz.room import Actual, Candidate, Guess, Probe, Vote
from gptviz.room.rounds import PROBE_OPTIONS, How
from gptviz.ui.kept import remembered
from gptviz.ui.page import Context, Tracer
from gptviz.ui.prompts import examples, prompt_ids, vocabulary, window
from gptviz.views.distribution import token_label

OFFERED = 8  # candidates
TOP = 10  # of the model, beside the class
CONTINUED = 16  # tokens of each continuation
_MOST_BYTES = 4  # of a character
_SECONDS = 1.2  # that one may take
WRITING = Sample(temperature=0.9, top_p=0.95)


def guess(lm: LanguageModel, tracer: Tracer, ids: Sequence[int], prompt: str, how: How, *, actual: int | None,
          seed: int) -> Guess:  # fmt: skip
    """Which token follows ``ids``? The text's own one where there is an ``actual``, else what ``seed`` draws."""
    probs = softmax(tracer(tuple(ids)).logits_at(-1).astype(np.float64))
    came = draw(probs, uniform_at(seed, len(ids))) if actual is None else actual
    frequency = unigram(lm)
    order = descending(probs)

    def candidate(token: int) -> Candidate:
        return Candidate(token, token_label(lm.tokenizer, token), float(probs[token]), float(frequency[token]))

    readable = [int(i) for i in order[: 4 * OFFERED] if not lm.tokenizer.is_special(int(i))][:OFFERED]
    offered = sorted((candidate(token) for token in readable), key=lambda one: one.label.casefold())
    top = tuple(candidate(int(token)) for token in order[:TOP])
    token = Actual(candidate(came), rank_of(probs, came), drawn=actual is None)
    return Guess(prompt, how, tuple(offered), top, token, len(probs), float(entropy_bits(probs)), lm.name, tuple(ids),
                 vocabulary(lm))  # fmt: skip


def shown(lm: LanguageModel, ids: Sequence[int]) -> str:
    """The text of these tokens without the start mark; a character that is not whole yet is written as its bytes."""
    own = list(ids[1:] if ids and ids[0] == lm.tokenizer.start else ids)
    text = lm.tokenizer.decode(own)
    if not text.endswith("\ufffd"):
        return text
    decoder = getincrementaldecoder("utf-8")("replace")
    decoder.decode(b"".join(lm.tokenizer.token_bytes(token) for token in own[-8:]))
    begun = decoder.getstate()[0]
    return text.rstrip("\ufffd") + (f"⟨{begun.hex(' ').upper()}⟩" if begun else "")


def whole(lm: LanguageModel, tracer: Tracer, ids: Sequence[int]) -> tuple[int, ...]:
    """These tokens and, where they end within a character, those that the model is likeliest to end it with."""
    found = list(ids)
    for _ in range(_MOST_BYTES):
        if not lm.tokenizer.decode(found).endswith("\ufffd") or len(found) >= window(lm):
            break
        found.append(int(tracer(tuple(found)).logits_at(-1).argmax()))
    return tuple(found)


@remembered(maxsize=4)
def unigram(lm: LanguageModel) -> Doubles:
    """(V,) How probable each token is without any context: the model's mean over all places of the example texts.

    It depends on neither text nor class, so whoever lays no chips knows what they get.
    """
    total: Doubles = np.zeros(lm.config.vocab_size)
    places = 0
    for text in dict.fromkeys(text for lang in languages() for text in examples(lang)):
        ids, _ = prompt_ids(lm, text)  # none where this model cannot read it
        if ids:
            logits = lm.trace(ids).logits.astype(np.float64)
            total[: logits.shape[1]] += softmax(logits).sum(axis=0)
            places += len(ids)
    if not places:
        return np.full(lm.config.vocab_size, 1 / lm.config.vocab_size)
    return np.maximum(total / places, 1e-12)


def token_of(lm: LanguageModel, ids: Sequence[int], word: str) -> int:
    """The token with which a typed word would begin here, after a blank where the text before it ends in a letter.

    −1 of a word that this model cannot read.
    """
    before = lm.tokenizer.decode(list(ids))
    blank = " " if before[-1:].isalnum() and word[:1].isascii() and before[-1:].isascii() else ""
    try:
        return next(iter(lm.tokenizer.encode_plain(blank + word)), -1)
    except GptvizError:
        return -1


def as_candidate(lm: LanguageModel, tracer: Tracer, ids: Sequence[int], word: str) -> Candidate | None:
    """The same with what the model gives it; None of a word that it has no token for."""
    token = token_of(lm, ids, word)
    if token < 0:
        return None
    probs = softmax(tracer(tuple(ids)).logits_at(-1).astype(np.float64))
    return Candidate(token, token_label(lm.tokenizer, token), float(probs[token]), float(unigram(lm)[token]))


def vote(lm: LanguageModel, ids: Sequence[int], prompt: str, seed: int) -> Vote:
    """Two continuations of ``ids``, of two seeds; the second is another where that is to be had."""
    first = _written(lm, ids, seed)
    other = next((text for more in range(1, 4) if (text := _written(lm, ids, seed + more)) != first), first)
    return Vote(prompt, first, other, lm.name)


def _written(lm: LanguageModel, ids: Sequence[int], seed: int) -> str:
    end = monotonic() + _SECONDS
    most = min(CONTINUED, window(lm) - len(ids))
    text = ""
    for step in lm.generate(list(ids), WRITING, max_new_tokens=max(1, most), seed=seed):
        text = step.text
        if monotonic() > end:
            break
    return text


def probes(lang: str) -> list[Probe]:
    """The questions offered: each with its options, of which one is right."""
    found = []
    for line in translate("room.probes", lang).strip("\n").split("\n"):
        question, right, *options = (part.strip() for part in line.split("‖"))
        found.append(Probe(question, tuple(options), int(right)))
    return found


def offered(context: Context) -> list[Probe]:
    """The questions to choose from: those of the lesson that is open come first."""
    lesson = context.course.lesson(context.lang) if context.course and context.course.name else None
    asked = [Probe(one.question, one.options, one.right) for one in lesson.probes] if lesson else []
    return [*asked, *probes(context.lang)]


def own_probe(text: str) -> Probe | None:
    """A question of the teacher's own: its first line is the question, the next are its options."""
    question, *options = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    return Probe(question, tuple(options[:PROBE_OPTIONS])) if len(options) >= 2 else None
