"""Model folders: everything transformers writes can be read, and every damage is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from gptviz.errors import GptvizError, WeightsError
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import CONFIG, SINGLE, load_model, read_config, save_model
from tests.parity import random_gpt2

IDS = torch.tensor([[1, 5, 9, 2]])


def _same(theirs: torch.nn.Module, ours: GPT, atol: float = 1e-4) -> None:
    with torch.inference_mode():
        expected = theirs(IDS).logits
        assert torch.allclose(ours.logits(ours(IDS)), expected, atol=atol * expected.abs().max().item())


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("layout", ["single", "sharded", "bare", "masks"])
def test_every_layout_of_transformers_is_read(tmp_path: Path, layout: str, tied: bool) -> None:
    """One file, shards with an index, names without ``transformer.``, old files with mask buffers."""
    theirs = random_gpt2(tmp_path, tie_word_embeddings=tied, save=layout != "sharded")
    if layout == "sharded":
        theirs.save_pretrained(tmp_path, max_shard_size="20KB")
        assert len(list(tmp_path.glob("model-*.safetensors"))) > 1
    elif layout != "single":
        tensors = load_file(tmp_path / SINGLE)
        if layout == "bare":
            tensors = {name.removeprefix("transformer."): value for name, value in tensors.items()}
        if layout == "masks":
            tensors["transformer.h.0.attn.bias"] = torch.ones(1, 1, 40, 40)
        save_file(tensors, tmp_path / SINGLE)
    _same(theirs, load_model(tmp_path))


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("shard", ["1GB", "10KB"])
def test_half_precision_files_are_read(tmp_path: Path, dtype: torch.dtype, shard: str, tied: bool) -> None:
    """As transformers writes a model held in 16 bits: the same numbers, calculated with in float32."""
    theirs = random_gpt2(tmp_path, tie_word_embeddings=tied, save=False).to(dtype)
    theirs.save_pretrained(tmp_path, max_shard_size=shard)
    stored = [tensor for path in tmp_path.glob("model*.safetensors") for tensor in load_file(path).values()]
    assert {tensor.dtype for tensor in stored} == {dtype}
    assert (len(list(tmp_path.glob("model-*.safetensors"))) > 1) == (shard == "10KB")
    ours = load_model(tmp_path)
    assert {parameter.dtype for parameter in ours.parameters()} == {torch.float32}
    _same(theirs.float(), ours)


def test_a_model_without_its_head_is_read_where_the_head_is_the_embedding(tmp_path: Path) -> None:
    """transformers' ``GPT2Model`` writes names without ``transformer.`` and no head."""
    theirs = random_gpt2(tmp_path, save=False)
    theirs.transformer.save_pretrained(tmp_path)
    assert not [name for name in _tensors(tmp_path) if name.startswith(("transformer.", "lm_head."))]
    _same(theirs, load_model(tmp_path))
    theirs = random_gpt2(tmp_path, save=False, tie_word_embeddings=False)
    theirs.transformer.save_pretrained(tmp_path)
    with pytest.raises(WeightsError) as caught:  # here nothing says what the head would be
        load_model(tmp_path)
    assert caught.value.key == "weights.missing"
    assert "lm_head.weight" in caught.value.say("en")


def test_what_we_write_transformers_reads(tmp_path: Path, tiny_model: GPT) -> None:
    """The bundled folder is a Hugging Face folder: shards, index and all."""
    from transformers import GPT2LMHeadModel

    largest = max(p.nbytes for p in tiny_model.parameters()) + 1024
    save_model(tiny_model, tmp_path, dtype=torch.float32, shard_bytes=largest)
    sizes = [path.stat().st_size for path in tmp_path.glob("model-*.safetensors")]
    assert len(sizes) > 1
    assert max(sizes) <= largest
    _same(GPT2LMHeadModel.from_pretrained(tmp_path).eval(), tiny_model)


@pytest.mark.parametrize("position", ["learned", "sinusoidal", "rotary"])
@pytest.mark.parametrize("tied", [True, False])
def test_saving_and_loading_gives_the_same_model(tmp_path: Path, position: str, tied: bool) -> None:
    config = GPTConfig(n_layer=2, n_head=2, n_embd=8, block_size=16, vocab_size=32, position=position, tied=tied)
    model = GPT(config).eval()
    save_model(model, tmp_path, dtype=torch.float32)
    again = load_model(tmp_path)
    assert again.config == config
    with torch.inference_mode():
        assert torch.equal(again.logits(again(IDS)), model.logits(model(IDS)))


def test_saving_again_leaves_no_old_shards(tmp_path: Path, tiny_model: GPT) -> None:
    """An index of the old shards beside a new single file would load the old model."""
    save_model(tiny_model, tmp_path, shard_bytes=2048)
    save_model(tiny_model, tmp_path)
    assert [p.name for p in tmp_path.glob("*.safetensors*")] == [SINGLE]


def _edit(folder: Path, **changes: object) -> None:
    path = folder / CONFIG
    raw = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({name: value for name, value in raw.items() if value is not None}))


def _tensors(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / SINGLE)


def _broken(folder: Path, how: str) -> None:
    """Damage a good folder in one way."""
    weights = folder / SINGLE
    tensors = _tensors(folder)
    first = "transformer.h.0.attn.c_attn.weight"
    changes = {
        "missing": {name: value for name, value in tensors.items() if name != first},
        "extra": tensors | {"transformer.h.9.ln_1.weight": torch.ones(32)},
        "shape": tensors | {first: torch.ones(32, 95)},
        "nan": tensors | {first: torch.full((32, 96), float("nan"))},
    }
    if how in changes:
        save_file(changes[how], weights)
    elif how == "truncated":
        weights.write_bytes(weights.read_bytes()[:-1000])
    elif how == "empty":
        weights.write_bytes(b"")
    elif how == "pickle":
        weights.unlink()
        (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    elif how == "no weights":
        weights.unlink()
    elif how == "no config":
        (folder / CONFIG).unlink()
    elif how == "config not json":
        (folder / CONFIG).write_text("{")


@pytest.mark.parametrize(
    ("how", "key"),
    [("missing", "weights.missing"), ("extra", "weights.extra"), ("shape", "weights.shape"),
     ("nan", "weights.not_finite"), ("truncated", "weights.damaged"), ("empty", "weights.damaged"),
     ("pickle", "weights.pickle"), ("no weights", "weights.no_file"), ("no config", "weights.no_config"),
     ("config not json", "weights.bad_config")],
)  # fmt: skip
def test_a_damaged_folder_is_named_for_what_it_is(tmp_path: Path, how: str, key: str) -> None:
    random_gpt2(tmp_path)
    _broken(tmp_path, how)
    with pytest.raises(WeightsError) as caught:
        load_model(tmp_path)
    assert caught.value.key == key
    for lang in ("en", "zh"):
        sentence = caught.value.say(lang)
        assert sentence != f"error.{key}"
        assert "{" not in sentence.replace("{'", "")


@pytest.mark.parametrize(
    ("changes", "key"),
    [({"model_type": "llama"}, "weights.architecture"), ({"activation_function": "relu"}, "weights.variant"),
     ({"n_inner": 7}, "weights.variant"), ({"scale_attn_by_inverse_layer_idx": True}, "weights.variant"),
     ({"n_head": None}, "weights.bad_config"), ({"n_head": 5}, "config.heads"),
     ({"n_embd": "wide"}, "config.positive")],
)  # fmt: skip
def test_another_architecture_is_refused_before_any_weights_are_read(
    tmp_path: Path, changes: dict[str, object], key: str
) -> None:
    random_gpt2(tmp_path)
    _edit(tmp_path, **changes)
    with pytest.raises(GptvizError) as caught:
        read_config(tmp_path)
    assert caught.value.key == key


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        load_model(tmp_path / "nowhere")
    assert caught.value.key == "weights.no_folder"


def test_an_index_cannot_point_outside_its_folder(tmp_path: Path) -> None:
    """A folder from a stranger must not make us read another's files."""
    random_gpt2(tmp_path / "model")
    outside = tmp_path / "outside.safetensors"
    outside.write_bytes((tmp_path / "model" / SINGLE).read_bytes())
    index = {"weight_map": dict.fromkeys(_tensors(tmp_path / "model"), "../outside.safetensors")}
    (tmp_path / "model" / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(WeightsError) as caught:
        load_model(tmp_path / "model")
    assert caught.value.key == "weights.no_shard"
