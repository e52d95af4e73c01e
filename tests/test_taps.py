"""The table of taps: what a trace shows at each named place is what was computed there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gptviz.gpt.cache import KVCache
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.taps import TAPS
from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import random_model
from tests.parity import pair
from tests.plain import close, everything

IDS = [5, 17, 3, 3, 60, 41, 8]


@pytest.mark.parametrize("reused", [0, 3])
def test_every_tap_is_the_one_that_plain_numpy_computes(tiny_lm: LanguageModel, reused: int) -> None:
    """Kept or worked out, of a whole text or of one that was extended: shapes as in the table, numbers as in numpy."""
    trace = tiny_lm.trace(IDS, reuse=tiny_lm.trace(IDS[:reused]) if reused else None)
    plain = everything(tiny_lm.model, IDS)
    assert plain.keys() == TAPS.keys()
    for name, tap in TAPS.items():
        array = getattr(trace, name)
        assert array.shape == tap.size(tiny_lm.config, len(IDS))
        assert array.dtype == np.float32
        assert not array.flags.writeable
        assert getattr(trace, name) is array  # made once
        close(array, plain[name], name)
        for layer in range(len(array)) if tap.layered else ():
            np.testing.assert_allclose(trace.layer(name, layer), array[layer], atol=1e-5)
            assert not trace.layer(name, layer).flags.writeable


def test_what_lies_inside_equals_what_hooks_on_transformers_hear(tmp_path: Path) -> None:
    """Queries, keys, values, what attention and MLP add, and the neurons, of random weights."""
    theirs, ours = pair(tmp_path)
    heard: dict[str, list[torch.Tensor]] = {}

    def listen(name: str) -> Callable[..., None]:
        return lambda module, given, out: heard.setdefault(name, []).append(out if torch.is_tensor(out) else out[0])

    for block in theirs.transformer.h:
        for name, module in {"qkv": block.attn.c_attn, "attn_out": block.attn, "mlp_hidden": block.mlp.act,
                             "mlp_out": block.mlp}.items():  # fmt: skip
            module.register_forward_hook(listen(name))
    ids = torch.randint(0, 96, (1, 20), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        theirs(ids)
    trace = LocalModel(ours, Tokenizer.characters("".join(chr(0x4E00 + n) for n in range(97)))).trace(ids[0].tolist())
    for layer in range(3):
        qkv = heard["qkv"][layer][0].view(20, 3, 4, 8).permute(1, 2, 0, 3).numpy()
        for part, name in zip(qkv, "qkv", strict=True):
            close(getattr(trace, name)[layer], part.astype(np.float64), name)
        for name in ("attn_out", "mlp_hidden", "mlp_out"):
            close(getattr(trace, name)[layer], heard[name][layer][0].double().numpy(), name)


def test_the_stream_is_the_sum_of_what_is_written_into_it(tiny_lm: LanguageModel) -> None:
    t = tiny_lm.trace("the cat sat on the mat")
    np.testing.assert_allclose(t.resid[:-1] + t.attn_out, t.resid_mid, atol=1e-5)
    np.testing.assert_allclose(t.resid_mid + t.mlp_out, t.resid[1:], atol=1e-5)


@pytest.mark.parametrize("position", ["learned", "sinusoidal", "rotary"])
def test_every_place_is_passed_once_a_layer_in_the_order_of_the_table(position: str) -> None:
    """The model has the taps that the table says, and no others: each in every layer, with the axes that it says."""
    config = GPTConfig(n_layer=3, n_head=2, n_embd=8, block_size=16, vocab_size=32, position=position)
    passed: list[tuple[str, int, tuple[int, ...]]] = []

    class Listener(KVCache):
        def tap(self, name: str, layer: int, value: torch.Tensor) -> torch.Tensor:
            passed.append((name, layer, tuple(value.shape)))
            return value

        def extend(self, layer: int, kv: torch.Tensor) -> torch.Tensor:
            passed.extend((name, layer, tuple(part.shape)) for name, part in zip("kv", kv, strict=True))
            return super().extend(layer, kv)

    with torch.inference_mode():
        random_model(config)(torch.tensor([[1, 2, 3, 4, 5]]), Listener(config))
    one = [name for name, tap in TAPS.items() if tap.layered]
    expected = [(name, layer) for layer in range(3) for name in one] + [("resid", 3), ("hidden", 0)]
    assert [(name, layer) for name, layer, _ in passed] == expected
    for name, _, shape in passed:
        tap = TAPS[name]
        assert shape == tap.size(config, 5)[1 if tap.layered else 0 :]


def test_a_trace_is_documented_as_the_table_says() -> None:
    """Its docstring lists every tap with its shape and meaning, in order; its attributes say the same."""
    rows = re.findall(r"^    (\w+) +(\(.*?\)) +(\S.*)$", Trace.__doc__ or "", re.MULTILINE)
    assert [row for row in rows if row[0] in TAPS] == [(t.name, t.shape, t.meaning) for t in TAPS.values()]
    for name, tap in TAPS.items():
        said: Any = vars(Trace)[name].__doc__
        assert tap.shape in said, name


def test_looking_inside_keeps_nothing_in_the_store(tiny_lm: LanguageModel) -> None:
    """What is worked out belongs to the trace that was looked at: the store, which traces share, stays as it is."""
    t = tiny_lm.trace(IDS)
    before = t.nbytes
    for name in TAPS:
        getattr(t, name)
    assert t.nbytes == before
