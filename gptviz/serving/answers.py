"""What is answered, as plain JSON and arrays. Probabilities are the model's own unless said otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from gptviz import catalogue
from gptviz.decoding import Step
from gptviz.evaluation.card import read_card
from gptviz.gpt.derived import POINTWISE
from gptviz.gpt.taps import TAPS
from gptviz.gpt.trace import Trace
from gptviz.language_model import Array, LanguageModel
from gptviz.numbers import entropy_bits, log_softmax, softmax, top_ids
from gptviz.remote.wire import Arrays


def token(lm: LanguageModel, number: int) -> dict[str, Any]:
    """A token: its ``text`` is null where it is part of a character, its ``bytes`` are hex and exact."""
    tokenizer = lm.tokenizer  # a model may have more rows than its vocabulary has tokens
    data = tokenizer.token_bytes(number) if number < tokenizer.vocab_size else b""
    try:
        text: str | None = data.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    return {"id": number, "text": text, "bytes": data.hex()}


def tokens(lm: LanguageModel, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Several."""
    return [token(lm, number) for number in ids]


def next_tokens(lm: LanguageModel, ids: Sequence[int], logits: Array, top: int) -> dict[str, Any]:
    """The ``top`` likeliest after ``ids``, and what all others have together: with it, probabilities sum to 1."""
    probs = softmax(logits.astype(np.float64))
    logprobs = log_softmax(logits.astype(np.float64))
    chosen = top_ids(probs, min(top, lm.n_tokens)).tolist()
    rest = np.ones(len(probs), dtype=bool)
    rest[chosen] = False
    return {
        "model": lm.name,
        "ids": list(ids),
        "tokens": [token(lm, i) | {"probability": float(probs[i]), "logprob": _finite(logprobs[i])} for i in chosen],
        "tail": {"tokens": lm.n_tokens - len(chosen), "probability": min(1.0, float(probs[rest].sum()))},
        "entropy": entropy_bits(probs),
    }


def step(lm: LanguageModel, found: Step) -> dict[str, Any]:
    """One token written: ``logprob`` (nats) under the model, ``probability`` after all filters, ``draw`` u or null."""
    return token(lm, found.token) | {
        "index": found.index, "logprob": _finite(found.logprob), "probability": found.prob, "draw": found.draw,
        "finish": found.finish,
    }  # fmt: skip


def written(lm: LanguageModel, steps: Sequence[Step], seed: int) -> dict[str, Any]:
    """A whole text."""
    last = steps[-1]
    return {"model": lm.name, "strategy": last.strategy.to_dict(), "seed": seed, "ids": list(last.ids[: last.n_prompt]),
            "text": last.text, "finish": last.finish, "tokens": [step(lm, one) for one in steps]}  # fmt: skip


def scored(lm: LanguageModel, ids: Sequence[int], logprobs: Array, ranks: npt.NDArray[np.int64]) -> dict[str, Any]:
    """A text token by token: ``logprob`` (nats) and ``rank`` (0: the first choice) of each but the first; their sum."""
    told: list[dict[str, float | None]] = [{"logprob": None, "rank": None}]
    told += [{"logprob": _finite(p), "rank": int(rank)} for p, rank in zip(logprobs, ranks, strict=True)]
    return {"ids": list(ids), "logprob": _finite(logprobs.sum(dtype=np.float64)),
            "tokens": [token(lm, number) | said for number, said in zip(ids, told, strict=True)]}  # fmt: skip


def encoded(lm: LanguageModel, text: str) -> dict[str, Any]:
    """The tokens of a text as the model reads it, each with the characters that it stands for."""
    found = lm.tokenizer.tokens(lm.tokenizer.encode(text))
    return {"model": lm.name, "ids": [one.id for one in found],
            "tokens": [token(lm, one.id) | {"start": one.start, "end": one.end} for one in found]}  # fmt: skip


def trace_arrays(trace: Trace, names: Sequence[str], *, first: int = 0, layer: int | None = None,
                 rows: tuple[int, int] | None = None) -> Arrays:  # fmt: skip
    """Arrays of a trace by name, of positions from ``first`` on; one ``layer`` of those that have layers.

    ``rows`` (from, to) are positions of logits, and with ``layer`` of what each position has for itself. Raises
    IndexError for a layer that is not there.
    """
    return {name: _array(trace, name, first, layer, rows) for name in names}


def _array(trace: Trace, name: str, first: int, layer: int | None,
           rows: tuple[int, int] | None) -> npt.NDArray[Any]:  # fmt: skip
    if name == "last_logits":
        return trace.logits_at(-1)
    if name == "logprobs":
        return trace.logprobs
    if name == "logits":
        return trace.logits_between(*(rows or (first, len(trace))))
    if name == "shades":
        return trace.shades[:, :, first:]
    if layer is not None and rows is not None and name in POINTWISE:
        return trace.rows(name, layer, *rows)
    if layer is not None and TAPS[name].layered:
        found = trace.layer(name, range(TAPS[name].size(trace.config, 1)[0])[layer])
    else:
        found = getattr(trace, name)
    return np.asarray(found[..., first:, :])


def array_bytes(
    lm: LanguageModel, names: Sequence[str], T: int, *, layer: bool = False, rows: int | None = None
) -> int:
    """How many bytes these arrays of ``T`` positions are, without making them."""
    total = 0
    for name in names:
        if name in TAPS:
            shape = TAPS[name].size(lm.config, T if rows is None or name != "logits" else rows)
            total += 4 * int(np.prod(shape[1:] if layer and TAPS[name].layered else shape, dtype=np.int64))
        elif name == "shades":
            total += int(np.prod(TAPS["pattern"].size(lm.config, T), dtype=np.int64))
    return total


def model(lm: LanguageModel) -> dict[str, Any]:
    """What a model is, as far as whoever asks must know."""
    c = lm.config
    error = lm.rounding
    return {
        "name": lm.name, "fingerprint": lm.fingerprint, "weights": lm.weights,
        "rounding": None if error is None else error._asdict(), "n_tokens": lm.n_tokens, "parameters": c.n_parameters,
        "block_size": c.block_size, "config": asdict(c), "chat_template": lm.chat_template,
    }  # fmt: skip


def card(lm: LanguageModel) -> dict[str, Any]:
    """How it was made and how it did; ``card`` is null where nobody wrote that down."""
    folder = catalogue.place(lm.name)
    found = None if folder is None else read_card(folder)
    said = None if found is None else found._asdict()
    if said is not None and found is not None:
        said |= {"data": [part._asdict() for part in found.data], "curve": found.curve._asdict()}
    return model(lm) | {"card": said}


def _finite(x: float) -> float | None:
    """JSON has no infinity."""
    return float(x) if np.isfinite(x) else None
