"""Model folders: everything transformers writes can be read, and every damage is named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from gptviz.errors import GptvizError, WeightsError
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import CONFIG, SINGLE, load_model, read_config, save_model
from gptviz.language_model import LocalModel
from gptviz.tokens.tokenizer import Tokenizer
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
    ours, theirs = model.state_dict(), again.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    with torch.inference_mode():  # matrices read from files are laid out otherwise, and sums taken in another order
        assert torch.allclose(again.logits(again(IDS)), model.logits(model(IDS)), atol=1e-6)


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
    [({"model_type": "mamba"}, "weights.architecture"), ({"activation_function": "quick_gelu"}, "weights.variant"),
     ({"add_cross_attention": True}, "weights.variant"), ({"quantization_config": {"bits": 4}}, "weights.variant"),
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


# -- variants of the configuration


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        *(
            {"activation_function": name}
            for name in ("gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python", "relu", "silu", "swish")
        ),
        *({"n_inner": width} for width in (7, 32, 128, 129)),
        {"scale_attn_weights": False},
        {"scale_attn_by_inverse_layer_idx": True},
        {"layer_norm_epsilon": 1e-3},
        {"n_embd": 20, "n_head": 2},
        {
            "scale_attn_weights": False,
            "scale_attn_by_inverse_layer_idx": True,
            "n_inner": 9,
            "activation_function": "silu",
        },
    ],
)
def test_variants_of_gpt2_are_computed_as_in_transformers(tmp_path: Path, changes: dict[str, object]) -> None:
    """The same logits, attention and scores; and what is saved again is the same model for transformers."""
    from transformers import GPT2LMHeadModel

    theirs = random_gpt2(tmp_path, **changes)
    ours = load_model(tmp_path)
    _same(theirs, ours)
    with torch.inference_mode():
        t = LocalModel(ours, Tokenizer.characters("".join(map(chr, range(97))))).trace(IDS[0].tolist())
        expected = theirs(IDS, output_attentions=True)
        pattern = torch.stack([layer[0] for layer in expected.attentions]).numpy()
        np.testing.assert_allclose(t.pattern, pattern, atol=1e-5)
        np.testing.assert_allclose(t.logits, expected.logits[0].numpy(), atol=1e-4 * float(expected.logits.abs().max()))
        scores = t.q @ t.k.swapaxes(-1, -2) / np.sqrt(t.q.shape[-1])
        np.testing.assert_allclose(t.scores, scores, atol=1e-4 * np.abs(scores).max())
    save_model(ours, tmp_path / "again", dtype=torch.float32)
    _same(GPT2LMHeadModel.from_pretrained(tmp_path / "again", attn_implementation="eager").eval(), ours)
    assert load_model(tmp_path / "again").config == ours.config


# -- what is stored is used, or named


def test_a_head_of_its_own_is_used_although_the_config_ties_it(tmp_path: Path) -> None:
    """As transformers 5 does; a stored head that is the embedding is no head of its own."""
    from transformers import GPT2LMHeadModel

    random_gpt2(tmp_path, tie_word_embeddings=False)
    _edit(tmp_path, tie_word_embeddings=True)
    theirs = GPT2LMHeadModel.from_pretrained(tmp_path).eval()
    ours = load_model(tmp_path)
    assert not ours.config.tied
    _same(theirs, ours)
    tensors = _tensors(tmp_path)
    save_file(tensors | {"lm_head.weight": tensors["transformer.wte.weight"].clone()}, tmp_path / SINGLE)
    assert load_model(tmp_path).config.tied


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("transformer.h.0.attn.rotary_emb.inv_freq", "extra"),
        ("encoder.attn.bias", "extra"),
        ("wte.weight", "extra"),
        ("transformer.h.9.attn.bias", None),
        ("h.0.attn.masked_bias", None),
        ("transformer.h.0.attn.extra.bias", "extra"),
        ("score.weight", "other_head"),
        ("multiple_choice_head.summary.weight", "other_head"),
        ("v_head.summary.bias", "other_head"),
        ("_orig_mod.transformer.wte.weight", "wrapped"),
        ("module.transformer.wte.weight", "wrapped"),
    ],
)
def test_whatever_else_is_stored_is_harmless_by_name_or_named(tmp_path: Path, name: str, key: str | None) -> None:
    random_gpt2(tmp_path)
    save_file(_tensors(tmp_path) | {name: torch.ones(2)}, tmp_path / SINGLE)
    if key is None:
        load_model(tmp_path)
        return
    with pytest.raises(WeightsError) as caught:
        load_model(tmp_path)
    assert caught.value.key == f"weights.{key}"
    assert name.removeprefix("transformer.").split(".")[0] in caught.value.say("en")


@pytest.mark.parametrize("dtype", [torch.int8, torch.bool, torch.float8_e4m3fn])
def test_packed_weights_are_not_taken_for_numbers(tmp_path: Path, dtype: torch.dtype) -> None:
    random_gpt2(tmp_path)
    tensors = _tensors(tmp_path)
    name = "transformer.h.0.attn.c_attn.weight"
    save_file(tensors | {name: tensors[name].to(dtype)}, tmp_path / SINGLE)
    with pytest.raises(WeightsError) as caught:
        load_model(tmp_path)
    assert caught.value.key == "weights.dtype"


# -- each damage has its own sentence


def test_weights_under_another_name_are_named(tmp_path: Path) -> None:
    random_gpt2(tmp_path)
    (tmp_path / SINGLE).rename(tmp_path / "adapter_model.safetensors")
    with pytest.raises(WeightsError) as caught:
        load_model(tmp_path)
    assert caught.value.key == "weights.other_name"
    assert "adapter_model.safetensors" in caught.value.say("zh")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("name", [CONFIG, "model.safetensors.index.json"])
def test_a_byte_order_mark_is_told(tmp_path: Path, name: str, encoding: str) -> None:
    random_gpt2(tmp_path)
    text = (tmp_path / name).read_text() if name == CONFIG else '{"weight_map": {}}'
    (tmp_path / name).write_text(text, encoding=encoding)
    with pytest.raises(WeightsError) as caught:
        load_model(tmp_path)
    assert (caught.value.key, caught.value.values["file"]) == ("file.mark", name)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"n_layer": 10**9}, "config.range"),
        ({"n_layer": 10**5}, "config.range"),
        ({"n_layer": 500}, "weights.too_few"),
        ({"n_embd": 2**16}, "weights.too_few"),
        ({"n_embd": 10**30}, "config.range"),
        ({"n_head": 10**9}, "config.range"),
        ({"n_positions": 10**12}, "config.range"),
        ({"vocab_size": 10**9}, "config.range"),
        ({"n_layer": True}, "config.positive"),
        ({"n_positions": 2**20, "n_ctx": 10**20}, "weights.bad_config"),
        ({"vocab_size": 2**20}, "weights.too_few"),
        ({"layer_norm_epsilon": "1e-5"}, "weights.bad_config"),
        ({"layer_norm_epsilon": -1}, "weights.bad_config"),
        ({"layer_norm_epsilon": 0}, "weights.bad_config"),
        ({"layer_norm_epsilon": [1]}, "weights.bad_config"),
        ({"n_inner": -1}, "weights.bad_config"),
        ({"n_inner": 10**30}, "weights.bad_config"),
        ({"n_inner": 2**18}, "weights.too_few"),
        ({"n_inner": [1]}, "weights.bad_config"),
        ({"activation_function": ["gelu"]}, "weights.bad_config"),
        ({"tie_word_embeddings": "yes"}, "weights.bad_config"),
        ({"position": ["learned"]}, "weights.bad_config"),
        ({"scale_attn_weights": 1}, "weights.bad_config"),
        ({"position": "x" * 10**4}, "weights.bad_config"),
    ],
)
def test_a_config_is_believed_only_within_what_the_weights_back(
    tmp_path: Path, changes: dict[str, object], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is built before: no block, not even one without numbers."""
    random_gpt2(tmp_path)
    _edit(tmp_path, **changes)
    built: list[object] = []
    monkeypatch.setattr("gptviz.gpt.weights.GPT", lambda config: built.append(config))
    with pytest.raises(GptvizError) as caught:
        load_model(tmp_path)
    assert caught.value.key == key
    assert not built
    assert len(caught.value.say("en")) < 600


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "null",
        "3",
        '"gpt2"',
        "[" * 10**5,
        '{"a":' * 10**5,
        '{"n_layer": NaN}',
        "",
        "\x00",
        '{"n_layer": ' + "9" * 5000 + "}",
        '{"model_type": "\\ud800"}',
        " " * (2**20 + 1),
    ],
)
def test_a_config_that_is_no_object_or_no_json(tmp_path: Path, text: str) -> None:
    random_gpt2(tmp_path)
    (tmp_path / CONFIG).write_text(text)
    with pytest.raises(WeightsError) as caught:
        load_model(tmp_path)
    assert caught.value.key == "weights.bad_config"
    assert len(caught.value.say("zh")) < 600


@pytest.mark.parametrize(
    ("index", "key"),
    [
        ([], "damaged"),
        ({}, "damaged"),
        ({"weight_map": []}, "damaged"),
        ({"weight_map": {"a": 3}}, "damaged"),
        ({"weight_map": {"a": "x" * 5000}}, "damaged"),
        ({"weight_map": {"a": "x" * 150}}, "no_shard"),
        ({"weight_map": {"a": ""}}, "no_shard"),
        ({"weight_map": {"a": "."}}, "no_shard"),
        ({"weight_map": {}}, "too_few"),
        ({"weight_map": {"a": "a\x00b"}}, "no_shard"),
        ({"weight_map": {"a": "/etc/passwd"}}, "no_shard"),
        ({"weight_map": {"a": None}}, "damaged"),
        ({"weight_map": {"a": {"b": "c"}}}, "damaged"),
    ],
)
def test_an_index_with_other_things_in_it(tmp_path: Path, index: object, key: str) -> None:
    random_gpt2(tmp_path)
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(WeightsError) as caught:
        load_model(tmp_path)
    assert caught.value.key == f"weights.{key}"
