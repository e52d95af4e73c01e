"""Families are found by themselves: one file says how a model's configuration and tensors are read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from gptviz.errors import WeightsError
from gptviz.gpt import families
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import CONFIG, SINGLE, load_model, read_config
from gptviz.paths import ROOT
from tests.parity import random_gpt2

#: GPT-2 as others might store it: matrices (out, in), queries, keys and values apart, names and fields of its own.
APART = """
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.family import Family, refuse
import torch

NAMES = {"embed": "wte", "place": "wpe", "norm": "ln_f"}
PARTS = {"norm_1": "ln_1", "norm_2": "ln_2", "o": "attn.c_proj", "up": "mlp.c_fc", "down": "mlp.c_proj"}


class Apart(Family):
    model_type = "apart"

    def read(self, raw, folder):
        refuse(raw, folder, {"bias": raw.get("bias", True)})
        return GPTConfig(n_layer=raw["layers"], n_head=raw["heads"], n_embd=raw["width"], block_size=raw["context"],
                         vocab_size=raw["rows"], tied=False)

    def ours(self, stored, config):
        found = {"lm_head.weight": stored.pop("out.weight")}
        for layer in range(config.n_layer):
            for kind in ("weight", "bias"):
                qkv = torch.cat([stored.pop(f"{layer}.{name}.{kind}") for name in "qkv"])
                found[f"transformer.h.{layer}.attn.c_attn.{kind}"] = qkv.t() if kind == "weight" else qkv
        for name, tensor in stored.items():
            *layer, part, kind = name.split(".")
            matrix = kind == "weight" and part in ("o", "up", "down")
            ours = f"h.{layer[0]}.{PARTS.get(part, part)}" if layer else NAMES.get(part, part)
            found[f"transformer.{ours}.{kind}"] = tensor.t() if matrix else tensor
        return found
"""


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A random GPT-2 of transformers (untied), stored in that way, with its family's file dropped in."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "apart.py").write_text(APART)
    monkeypatch.setattr(families, "__path__", [*families.__path__, str(tmp_path / "more")])
    monkeypatch.setattr(families, "FAMILIES", families.found())
    folder = tmp_path / "model"
    random_gpt2(folder, tie_word_embeddings=False)
    stored: dict[str, torch.Tensor] = {}
    names = {"wte": "embed", "wpe": "place", "ln_f": "norm", "ln_1": "norm_1", "ln_2": "norm_2"}
    parts = names | {"attn.c_proj": "o", "mlp.c_fc": "up", "mlp.c_proj": "down"}
    for name, tensor in load_file(folder / SINGLE).items():
        place, _, kind = name.removeprefix("transformer.").rpartition(".")
        layer = place.split(".")[1] + "." if place.startswith("h.") else ""
        part = place.removeprefix(f"h.{layer}")
        turned = tensor.t() if part.split(".")[-1] in ("c_attn", "c_proj", "c_fc") and kind == "weight" else tensor
        if part == "attn.c_attn":
            stored |= {f"{layer}{n}.{kind}": x for n, x in zip("qkv", turned.chunk(3), strict=True)}
        else:
            stored["out.weight" if name == "lm_head.weight" else f"{layer}{parts[part]}.{kind}"] = turned
    save_file({name: tensor.contiguous() for name, tensor in stored.items()}, folder / "stored.safetensors")
    raw = {"model_type": "apart", "layers": 3, "heads": 4, "width": 32, "context": 40, "rows": 97}
    (folder / "apart.json").write_text(json.dumps(raw))
    return folder


def test_a_dropped_file_opens_its_models(apart: Path) -> None:
    """Other names, matrices the other way round, three matrices for our one: the same model, number for number."""
    as_gpt2 = load_model(apart)
    (apart / "apart.json").replace(apart / CONFIG)
    (apart / "stored.safetensors").replace(apart / SINGLE)
    again = load_model(apart)
    assert again.config == as_gpt2.config
    assert again.state_dict().keys() == as_gpt2.state_dict().keys()
    for name, tensor in again.state_dict().items():
        assert torch.equal(tensor, as_gpt2.state_dict()[name]), name
    (apart / CONFIG).write_text((apart / CONFIG).read_text().replace("}", ', "bias": false}'))
    with pytest.raises(WeightsError) as caught:
        read_config(apart)
    assert caught.value.key == "weights.variant"
    assert "bias" in caught.value.say("en")


@pytest.mark.parametrize("kind", ["mamba", "Llama", "", None, 7, ["gpt2"], {"gpt2": 1}])
def test_a_family_that_is_not_known_is_named(tmp_path: Path, kind: object) -> None:
    """Whatever stands there: the sentence says it, and nothing else of the folder is read."""
    (tmp_path / CONFIG).write_text(json.dumps({"model_type": kind}))
    with pytest.raises(WeightsError) as caught:
        load_model(tmp_path)
    assert caught.value.key == "weights.architecture"
    assert str(kind) in caught.value.say("en")


def test_a_config_that_names_no_family_is_told_so(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text("{}")
    with pytest.raises(WeightsError) as caught:
        read_config(tmp_path)
    assert caught.value.key == "weights.no_model_type"
    assert "model_type" in caught.value.say("zh")


def test_what_a_family_writes_it_reads() -> None:
    """Every option of the shape, and every tensor."""
    for changes in (
        {},
        {"position": "rotary"},
        {"position": "sinusoidal"},
        {"tied": False},
        {"eps": 1e-6},
        {"n_inner": 7},
        {"activation": "relu"},
        {"scale_attn_weights": False},
        {"scale_attn_by_inverse_layer_idx": True},
    ):
        config = GPTConfig(n_layer=2, n_head=2, n_embd=8, block_size=16, vocab_size=32, **changes)  # type: ignore[arg-type]
        family = families.written_as(config)
        assert family.read(family.raw(config), "folder") == config
        ours = GPT(config).state_dict()
        stored = family.theirs(dict(ours), config)
        assert ("lm_head.weight" in stored) == (not config.tied)
        assert family.ours(stored, config).keys() == ours.keys()


def test_nothing_that_reads_files_knows_a_family_by_name() -> None:
    for name in ("weights", "model", "family", "config"):
        source = (ROOT / "gptviz" / "gpt" / f"{name}.py").read_text(encoding="utf-8")
        assert '"gpt2"' not in source
        assert "GPT2" not in source
