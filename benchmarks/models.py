"""The model against transformers' GPT-2, with the same random weights on both sides, from one file.

The file is in fp16 for the shape of the default model, whose own is, and in fp32 for GPT-2's. Ours holds it as it does
by default, theirs in float32; both calculate in float32.

Their arm is the fastest that gives the same: eager attention (the only one that hands out its pattern) for a trace,
without a key-value cache that nobody reads; the default, fused attention with the cache for generation.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.table import Row, Target
from benchmarks.timing import Arm, in_turn, lacking, threads
from gptviz.catalogue import DEFAULT, local_models
from gptviz.decoding import Greedy
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT
from gptviz.gpt.quantization import WEIGHTS, narrowed
from gptviz.gpt.trace import Trace
from gptviz.gpt.weights import load_model, read_config, save_model
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.tokenizer import Tokenizer

ARRAYS = ("q", "k", "v", "z", "scores", "pattern", "resid")
TOKENS = 64  # of a trace; and new ones in a generation
PROMPT = 16  # tokens before a generation


@dataclass(frozen=True)
class Shape:
    """A model's size, with its bars."""

    name: str
    config: GPTConfig
    trace: float  # of their time, at most
    generate: float  # of their tokens/s, at least
    one_more: float | None = None  # of their time, at most
    dtype: torch.dtype = torch.float32  # of its file
    narrow: float = 1.0  # of their tokens/s, at least, where weights that lose by it are held in float16


def shapes() -> tuple[Shape, ...]:
    """The default model's shape and that of the smallest GPT-2."""
    default = read_config(local_models()[DEFAULT])
    gpt2 = GPTConfig(n_layer=12, n_head=12, n_embd=768, block_size=1024, vocab_size=50257)
    return (
        Shape("default", default, 0.6, 4.0, 0.10, torch.float16),
        Shape("GPT-2 124M", gpt2, 0.95, 1.5, narrow=3.0),
    )


@lru_cache(maxsize=2)  # as many as there are shapes: traces and generations share them
def pair(shape: Shape) -> tuple[LanguageModel, Any]:
    """(ours, theirs): a GPT of random weights, read by each side from one folder; RuntimeError if they differ."""
    from transformers import GPT2LMHeadModel
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    tokenizer, config = Tokenizer.load(local_models()[DEFAULT]), shape.config
    with tempfile.TemporaryDirectory() as name, torch.random.fork_rng(devices=[]):
        folder = Path(name)
        torch.manual_seed(0)
        save_model(GPT(config), folder, dtype=shape.dtype, shard_bytes=2**30)
        lm = LocalModel(narrowed(load_model(folder), WEIGHTS[0]), tokenizer, name="random")
        lm.model.n_tokens = shape.config.vocab_size  # every row counts, whatever the vocabulary at hand
        theirs: Any = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
        theirs.eval()
    ids = random_ids(config, 8)
    with torch.inference_mode():
        largest = float(np.abs(theirs(torch.tensor([ids])).logits[0].numpy() - lm.trace(ids).logits).max())
    if not largest < 1e-3:
        raise RuntimeError(f"the two sides do not compute the same: logits differ by {largest}")
    return lm, theirs


def random_ids(config: GPTConfig, count: int) -> list[int]:
    """``count`` token ids, always the same."""
    found: list[int] = np.random.default_rng(0).integers(0, config.vocab_size, count).tolist()
    return found


def trace_rows(*, repeats: int, sizes: Sequence[Shape] | None = None) -> Iterator[Row]:
    """A full trace of each shape; one token more, where the shape has a bar for it."""
    for shape in shapes() if sizes is None else sizes:
        what = f"full trace with all logits, {TOKENS} tokens, {shape.name} shape"
        full = Target(what, "transformers eager", shape.trace, "ms")
        what = f"trace after one more token, at {TOKENS} tokens, {shape.name} shape"
        more = Target(what, "transformers from scratch", shape.one_more or 0.0, "ms")
        wanted = [full] if shape.one_more is None else [full, more]
        why = lacking("transformers")
        if why:
            yield from (target.not_measured(why) for target in wanted)
            continue
        with threads():
            found = _trace(shape, repeats)
        theirs = 1e3 * found["theirs"]
        yield full.measured(1e3 * found["ours"], theirs)
        if shape.one_more is not None:
            yield more.measured(1e3 * found["more"], theirs)


def _trace(shape: Shape, repeats: int) -> dict[str, float]:
    """Seconds: ours and theirs from scratch, and ours given the trace of all tokens but the last."""
    lm, theirs = pair(shape)
    theirs.set_attn_implementation("eager")
    ids = random_ids(shape.config, TOKENS)
    batch = torch.tensor([ids])

    def before() -> tuple[Trace]:  # made anew each time: only the first continuation of a trace can share its store
        return (look(lm.trace(ids[:-1])),)

    @torch.inference_mode()
    def reference() -> None:
        out = theirs(batch, output_attentions=True, output_hidden_states=True, use_cache=False)
        assert len(out.attentions) == len(out.hidden_states) - 1 == shape.config.n_layer

    return in_turn(
        {
            "ours": Arm(lambda: touch(lm.trace(ids)).logits),
            "theirs": Arm(reference),
            "more": Arm(lambda shown: look(lm.trace(ids, reuse=shown)), before),
        },
        repeats=repeats,
    )


def touch(trace: Trace) -> Trace:
    """The trace with every array made."""
    for name in ARRAYS:
        getattr(trace, name)
    return trace


def look(trace: Trace) -> Trace:
    """The trace after a picture: the last row of logits, each token's own log-probability, one head, all tiles."""
    trace.logits_at(-1)
    trace.scores_of(0, 0)
    trace.pattern_of(0, 0)
    assert trace.shades.shape[-1] == len(trace)
    assert len(trace.logprobs) == len(trace)
    return trace


def generate_rows(*, repeats: int, sizes: Sequence[Shape] | None = None) -> Iterator[Row]:
    """Greedy generation on each shape, tokens per second."""
    for shape in shapes() if sizes is None else sizes:
        what = f"greedy generation, {TOKENS} new tokens, {shape.name} shape"
        target = Target(what, "transformers with its cache", shape.generate, "tokens/s", at_least=True)
        why = lacking("transformers")
        if why:
            yield target.not_measured(why)
            continue
        with threads():
            found = _generate(shape, repeats)
        yield target.measured(TOKENS / found["ours"], TOKENS / found["theirs"])


def _generate(shape: Shape, repeats: int) -> dict[str, float]:
    """Seconds for ``TOKENS`` new tokens."""
    return in_turn(generation_arms(*pair(shape), shape.config), repeats=repeats, warm_up=1)


def generation_arms(lm: LanguageModel, theirs: Any, config: GPTConfig) -> dict[str, Arm]:
    """Both sides writing ``TOKENS`` tokens after the same prompt."""
    theirs.set_attn_implementation("sdpa")
    ids = random_ids(config, PROMPT)
    batch = torch.tensor([ids])
    asked = {"do_sample": False, "max_new_tokens": TOKENS, "min_new_tokens": TOKENS, "pad_token_id": 0}

    def ours() -> None:
        steps = list(lm.generate(ids, Greedy(), max_new_tokens=TOKENS))
        _all_there(len(steps))

    def reference() -> None:
        out = theirs.generate(batch, attention_mask=torch.ones_like(batch), **asked)
        _all_there(out.shape[1] - PROMPT)

    return {"ours": Arm(ours), "theirs": Arm(reference)}


def _all_there(count: int) -> None:
    if count != TOKENS:
        raise RuntimeError(f"a generation ended after {count} tokens: its time says nothing")
