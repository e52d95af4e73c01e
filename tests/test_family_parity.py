"""Every family against transformers' own model of it: random weights, no round shape, number for number.

Within 1e-4 of the scale of what is compared. Whatever stands on a model (taps, edits, reuse, writing a token at a time,
narrow weights) is tried on each, because each has other parts.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from gptviz import edits, views
from gptviz.decoding import Greedy
from gptviz.gpt import quantization
from gptviz.gpt.model import GPT
from gptviz.gpt.taps import TAPS
from gptviz.gpt.weights import load_model
from gptviz.language_model import LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.views.attention import window_of
from tests.parity import DECODERS, random_decoder

pytestmark = pytest.mark.slow  # a model of each family is written and compared

IDS = torch.randint(0, 96, (1, 30), generator=torch.Generator().manual_seed(1))  # longer than every window
TOLERANCE = 1e-4  # of the scale


class Pair:
    """One model in transformers and here."""

    def __init__(self, folder: Path, name: str) -> None:
        self.theirs = random_decoder(folder, name)
        self.model = load_model(folder)
        self.lm = LocalModel(self.model, Tokenizer.characters("".join(chr(0x4E00 + n) for n in range(97))))
        with torch.inference_mode():
            self.expected = self.theirs(IDS, output_attentions=True, output_hidden_states=True)


_pairs: dict[str, Pair] = {}


@pytest.fixture(params=DECODERS)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Each model of ``DECODERS``, made once."""
    name: str = request.param
    if name not in _pairs:
        _pairs[name] = Pair(tmp_path_factory.mktemp("model"), name)
    return _pairs[name]


def off(ours: Any, theirs: Any) -> float:
    """The largest difference, as a part of the scale of ``theirs``."""
    found, wanted = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    assert found.shape == wanted.shape
    return float(np.abs(found - wanted).max() / np.abs(wanted).max())


def test_logits_attentions_and_hidden_states_are_theirs(pair: Pair) -> None:
    t, expected = pair.lm.trace(IDS[0].tolist()), pair.expected
    assert off(t.logits, expected.logits[0]) < TOLERANCE
    assert off(t.pattern, torch.stack(expected.attentions)[:, 0]) < TOLERANCE
    states = torch.stack(expected.hidden_states)[:, 0].numpy()  # the last one is normalised
    for layer, state in enumerate(states[:-1]):
        assert off(t.resid[layer], state) < TOLERANCE
    assert off(t.hidden, states[-1]) < TOLERANCE
    with torch.inference_mode():
        assert off(pair.model.logits(pair.model(IDS))[0], expected.logits[0]) < TOLERANCE  # nothing kept, one kernel


def test_the_same_tokens_are_written(pair: Pair) -> None:
    """Greedily, twelve of them, past every window; ours with its keys and values kept, theirs from scratch."""
    prompt = IDS[0, :4].tolist()
    steps = list(pair.lm.generate(prompt, Greedy(), max_new_tokens=12))
    ids = list(prompt)
    for _ in range(12):
        with torch.inference_mode():
            ids.append(int(pair.theirs(torch.tensor([ids]), use_cache=False).logits[0, -1].argmax()))
    assert list(steps[-1].ids)[-12:] == ids[-12:]


def test_reading_on_equals_reading_again(pair: Pair) -> None:
    """One more token, a few, and one read by a reader whose rows were forked: the numbers of a whole pass."""
    ids = IDS[0].tolist()
    whole, first = pair.lm.trace(ids), pair.lm.trace(ids[:11])
    grown = pair.lm.trace(ids, reuse=pair.lm.trace(ids[:12], reuse=first))
    assert grown.start == 12
    for name in TAPS:
        assert off(getattr(grown, name), getattr(whole, name)) < 1e-5, name
    assert np.abs(grown.shades.astype(int) - whole.shades).max() <= 1
    reader = pair.lm.prefill(ids[:20], batch=2).select([1, 0, 1])
    reader.append([ids[20], 5, ids[20]])
    assert off(reader.logits[2], whole.logits[20]) < 1e-5


def test_a_later_token_changes_nothing_before_it(pair: Pair) -> None:
    ids = IDS[0].tolist()
    a, b = pair.lm.trace(ids), pair.lm.trace([*ids[:20], (ids[20] + 1) % 97, *ids[21:]])
    assert off(a.logits[:20], b.logits[:20]) < 1e-6
    assert off(a.logits[20:], b.logits[20:]) > 1e-3


def test_what_is_worked_out_is_what_passed_by(pair: Pair) -> None:
    """Taps that are not kept: the sums and products that they are, from those that are; keys and values are shared."""
    c, t = pair.lm.config, pair.lm.trace(IDS[0].tolist())
    for name, tap in TAPS.items():
        assert getattr(t, name).shape == tap.size(c, 30), name
    k, v = (x.repeat(c.n_head // c.kv_heads, axis=1) for x in (t.k, t.v))
    assert off(t.scores, t.q @ k.swapaxes(-1, -2) / np.sqrt(c.head_dim)) < 1e-5
    assert off(t.z, t.pattern @ v) < 1e-5
    assert off(t.resid[:-1] + t.attn_out, t.resid_mid) < 1e-5
    assert off(t.resid_mid + t.mlp_out, t.resid[1:]) < 1e-5
    for layer in range(c.n_layer):
        assert off(t.layer("pattern", layer), t.pattern[layer]) < 1e-6
        for head in range(c.n_head):
            assert off(t.scores_of(layer, head), t.scores[layer, head]) < 1e-5
            assert off(t.pattern_of(layer, head), t.pattern[layer, head]) < 1e-5
    view = views.cell(t, c.n_layer - 1, c.n_head - 1, 9, 7)
    assert view.score == pytest.approx(float(t.scores[-1, -1, 9, 7]), abs=1e-4)
    for layer, key_pos in ((c.n_layer - 1, 7), (c.n_layer - 1, 1), (0, 1)):  # in a window and, where there is one, out
        weight = views.cell(t, layer, 0, 9, key_pos).weight
        assert (weight or 0.0) == pytest.approx(float(t.pattern[layer, 0, 9, key_pos]), abs=1e-5)
        assert (weight is None) == (t.pattern[layer, 0, 9, key_pos] == 0)
    for layer in range(c.n_layer):
        allowed = views.mask(30, window=window_of(t, layer)).allowed
        np.testing.assert_array_equal(allowed, t.pattern[layer, 0] > 0)
        np.testing.assert_array_equal(~np.isnan(views.attention(t, layer, 0).values), allowed)
    np.testing.assert_allclose(views.attention(t, 0, 1, "raw").values, t.q[0, 1] @ k[0, 1].T, rtol=1e-3, atol=1e-4)


def test_a_head_switched_off_writes_nothing(pair: Pair) -> None:
    """Of theirs: its columns in the matrix that it writes by are zero."""
    c = pair.lm.config
    ids = IDS[0].tolist()
    ablated = pair.lm.trace(ids, edits=[edits.ablate(layer=1, head=c.n_head - 1)])
    other = deepcopy(pair.model)
    with torch.no_grad():
        list(other.blocks)[1].attn.c_proj.weight[-c.head_dim :] = 0.0
    expected = LocalModel(other, pair.lm.tokenizer).trace(ids)
    assert off(ablated.logits, expected.logits) < 1e-5
    assert off(ablated.logits, pair.lm.trace(ids).logits) > 1e-4

    def no_neurons(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return np.zeros_like(x)

    silent = pair.lm.trace(ids, edits=[(("mlp_hidden", 0), no_neurons), (("v", 2), no_neurons)])
    assert not silent.v[2].any()
    bias = next(iter(pair.model.blocks)).mlp.c_proj.bias
    assert off(silent.mlp_out[0] + 1, (0 if bias is None else bias.numpy()) + np.ones((30, c.n_embd))) < 1e-6


def test_every_parameter_is_counted(pair: Pair) -> None:
    assert pair.lm.config.n_parameters == sum(p.numel() for p in pair.model.parameters())
    assert pair.lm.config.n_parameters == sum(p.numel() for p in pair.theirs.parameters())


def test_a_score_is_the_probability_that_a_trace_gives(pair: Pair) -> None:
    ids = IDS[0].tolist()
    logprobs, _ = pair.lm.score([ids])
    assert off(logprobs[0], pair.lm.trace(ids).logprobs[1:]) < 1e-5


@pytest.mark.skipif(torch.backends.quantized.engine not in ("x86", "fbgemm"), reason="needs an x86 processor")
def test_narrow_weights_are_the_rounded_ones(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantization, "LARGE", 1)
    narrow = LocalModel(quantization.narrowed(deepcopy(pair.model), "float16"), pair.lm.tokenizer)
    rounded: GPT = deepcopy(pair.model)
    with torch.no_grad():
        for name, parameter in rounded.named_parameters():
            if parameter.ndim == 2 and "wpe" not in name:
                parameter.copy_(parameter.half().float())
    expected = LocalModel(rounded, pair.lm.tokenizer).trace(IDS[0].tolist())
    assert off(narrow.trace(IDS[0].tolist()).logits, expected.logits) < 1e-4
    assert narrow.weights == "float16"
