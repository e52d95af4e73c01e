"""What lies inside the blocks of every family, and each layer's logits, against hooks on transformers' own models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gptviz.analysis import ledger, logit_lens
from gptviz.gpt.weights import load_model
from gptviz.language_model import LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from tests.parity import DECODERS, random_decoder, random_gpt2

pytestmark = pytest.mark.slow  # a model of each family is written and compared

IDS = torch.randint(0, 96, (1, 14), generator=torch.Generator().manual_seed(2))
TOLERANCE = 1e-4  # of the scale
#: Where a family's model has its blocks and final norm, and a block its attention, MLP and the matrix that writes.
PLACES = {
    "gpt2": ("transformer.h", "transformer.ln_f", "attn", "mlp", "c_proj"),
    "gpt_neo": ("transformer.h", "transformer.ln_f", "attn", "mlp", "c_proj"),
    "gpt_neox": ("gpt_neox.layers", "gpt_neox.final_layer_norm", "attention", "mlp", "dense_4h_to_h"),
}
LLAMA_LIKE = ("model.layers", "model.norm", "self_attn", "mlp", "down_proj")


class Heard:
    """One model in both programs, theirs with hooks."""

    def __init__(self, folder: Path, name: str) -> None:
        self.theirs = random_gpt2(folder) if name == "gpt2" else random_decoder(folder, name)
        self.lm = LocalModel(load_model(folder), Tokenizer.characters("".join(chr(0x4E00 + n) for n in range(97))))
        blocks, norm, attention, mlp, down = PLACES.get(self.theirs.config.model_type, LLAMA_LIKE)
        self.norm = self.theirs.get_submodule(norm)
        self.seen: dict[str, list[Any]] = {"in": [], "attn_out": [], "mlp_out": [], "mlp_hidden": [], "out": []}
        for block in self.theirs.get_submodule(blocks):
            block.register_forward_hook(self._given("in"))
            block.register_forward_hook(self._made("out"))
            block.get_submodule(attention).register_forward_hook(self._made("attn_out"))
            block.get_submodule(mlp).register_forward_hook(self._made("mlp_out"))
            block.get_submodule(f"{mlp}.{down}").register_forward_hook(self._given("mlp_hidden"))
        with torch.inference_mode():
            self.logits = self.theirs(IDS, use_cache=False).logits[0]

    def _given(self, name: str) -> Any:
        return lambda module, given, made: self.seen[name].append(given[0])

    def _made(self, name: str) -> Any:
        return lambda module, given, made: self.seen[name].append(made if torch.is_tensor(made) else made[0])

    def stacked(self, name: str) -> Any:
        return torch.stack([x.reshape(IDS.shape[1], -1) for x in self.seen[name]]).detach().numpy()


_heard: dict[str, Heard] = {}


@pytest.fixture(params=["gpt2", *DECODERS])
def heard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Heard:
    """GPT-2 and each model of ``DECODERS``, made once."""
    name: str = request.param
    if name not in _heard:
        _heard[name] = Heard(tmp_path_factory.mktemp("model"), name)
    return _heard[name]


def off(ours: Any, theirs: Any) -> float:
    """The largest difference, as a part of the scale of ``theirs``."""
    found, wanted = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    assert found.shape == wanted.shape
    return float(np.abs(found - wanted).max() / np.abs(wanted).max())


@pytest.mark.parametrize("reused", [0, 9])
def test_what_each_block_adds_is_what_hooks_hear(heard: Heard, reused: int) -> None:
    """Of a whole text, and of one that was extended: the neurons that the last matrix reads, gated or not."""
    ids = IDS[0].tolist()
    t = heard.lm.trace(ids, reuse=heard.lm.trace(ids[:reused]) if reused else None)
    for name in ("attn_out", "mlp_out", "mlp_hidden"):
        assert off(getattr(t, name), heard.stacked(name)) < TOLERANCE, name
    assert off(t.resid_mid, heard.stacked("in") + heard.stacked("attn_out")) < TOLERANCE
    assert off(t.resid[:-1], heard.stacked("in")) < TOLERANCE
    for layer in range(heard.lm.config.n_layer):
        for name in ("resid", "attn_out", "resid_mid", "mlp_hidden", "mlp_out"):
            assert off(t.rows(name, layer, 3, 6), t.layer(name, layer)[3:6]) < 1e-5, name
    with pytest.raises(ValueError, match="pattern"):
        t.rows("pattern", 0, 3, 6)


def test_each_layer_read_through_the_exit_gives_their_logits(heard: Heard) -> None:
    t = heard.lm.trace(IDS[0].tolist())
    states = [*heard.seen["in"], heard.seen["out"][-1]]
    with torch.inference_mode():
        theirs = torch.stack([heard.theirs.lm_head(heard.norm(x.reshape(14, -1))) for x in states])
    lens = logit_lens(t)
    assert off(lens, theirs) < TOLERANCE
    np.testing.assert_array_equal(lens[-1], t.logits)
    assert off(logit_lens(t, 5), lens[:, 5]) < 1e-5
    assert off(logit_lens(t, -1)[-1], heard.logits[-1]) < TOLERANCE


def test_a_logit_is_the_sum_of_its_ledger(heard: Heard) -> None:
    """With biases and without, with both norms, one after the other and parallel."""
    t = heard.lm.trace(IDS[0].tolist())
    scale = float(np.abs(t.logits).max())
    for token, pos in ((0, 0), (17, 5), (96, -1)):
        found = ledger(t, token, pos)
        assert found.logit == t.logits[pos, token]
        assert found.error < TOLERANCE * max(1.0, scale)
        coarse = found.blocks()
        assert coarse.total == pytest.approx(found.total, abs=1e-9)
        assert len(coarse.lines) < len(found.lines)
        assert ledger(t, token, pos, level="blocks") == coarse
