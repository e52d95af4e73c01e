"""How each family's ``config.json`` is read: as published models have it, in old and new words, and nothing ignored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gptviz.errors import GptvizError
from gptviz.gpt.config import GPTConfig, Rotary
from gptviz.gpt.families import FAMILIES
from gptviz.gpt.weights import CONFIG, read_config

#: As on Hugging Face, notes and all, with the number of parameters that is published there.
PUBLISHED: dict[str, tuple[int, dict[str, Any]]] = {
    "SmolLM2-135M": (134_515_008, {
        "architectures": ["LlamaForCausalLM"], "attention_bias": False, "attention_dropout": 0.0, "bos_token_id": 0,
        "eos_token_id": 0, "hidden_act": "silu", "hidden_size": 576, "initializer_range": 0.041666666666666664,
        "intermediate_size": 1536, "is_llama_config": True, "max_position_embeddings": 8192, "model_type": "llama",
        "num_attention_heads": 9, "num_hidden_layers": 30, "num_key_value_heads": 3, "pretraining_tp": 1,
        "rms_norm_eps": 1e-05, "rope_interleaved": False, "rope_scaling": None, "rope_theta": 100000,
        "tie_word_embeddings": True, "torch_dtype": "bfloat16", "transformers_version": "4.40.1", "use_cache": True,
        "vocab_size": 49152}),
    "TinyLlama-1.1B": (1_100_048_384, {
        "architectures": ["LlamaForCausalLM"], "attention_bias": False, "bos_token_id": 1, "eos_token_id": 2,
        "hidden_act": "silu", "hidden_size": 2048, "initializer_range": 0.02, "intermediate_size": 5632,
        "max_position_embeddings": 2048, "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 22,
        "num_key_value_heads": 4, "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": None,
        "rope_theta": 10000.0, "tie_word_embeddings": False, "torch_dtype": "bfloat16", "use_cache": True,
        "vocab_size": 32000}),
    "Llama-3.2-1B": (1_235_814_400, {
        "architectures": ["LlamaForCausalLM"], "attention_bias": False, "attention_dropout": 0.0,
        "bos_token_id": 128000, "eos_token_id": 128001, "head_dim": 64, "hidden_act": "silu", "hidden_size": 2048,
        "initializer_range": 0.02, "intermediate_size": 8192, "max_position_embeddings": 131072, "mlp_bias": False,
        "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 16, "num_key_value_heads": 8,
        "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": {
            "factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
            "original_max_position_embeddings": 8192, "rope_type": "llama3"},
        "rope_theta": 500000.0, "tie_word_embeddings": True, "vocab_size": 128256}),
    "Mistral-7B-v0.1": (7_241_732_096, {
        "architectures": ["MistralForCausalLM"], "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu",
        "hidden_size": 4096, "initializer_range": 0.02, "intermediate_size": 14336,
        "max_position_embeddings": 32768, "model_type": "mistral", "num_attention_heads": 32,
        "num_hidden_layers": 32, "num_key_value_heads": 8, "rms_norm_eps": 1e-05, "rope_theta": 10000.0,
        "sliding_window": 4096, "tie_word_embeddings": False, "vocab_size": 32000}),
    "Qwen2.5-0.5B": (494_032_768, {
        "architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 151643,
        "eos_token_id": 151643, "hidden_act": "silu", "hidden_size": 896, "initializer_range": 0.02,
        "intermediate_size": 4864, "max_position_embeddings": 32768, "max_window_layers": 24, "model_type": "qwen2",
        "num_attention_heads": 14, "num_hidden_layers": 24, "num_key_value_heads": 2, "rms_norm_eps": 1e-06,
        "rope_theta": 1000000.0, "sliding_window": 32768, "tie_word_embeddings": True, "use_mrope": False,
        "use_sliding_window": False, "vocab_size": 151936}),
    "Qwen3-0.6B": (596_049_920, {
        "architectures": ["Qwen3ForCausalLM"], "attention_bias": False, "attention_dropout": 0.0, "head_dim": 128,
        "hidden_act": "silu", "hidden_size": 1024, "intermediate_size": 3072, "max_position_embeddings": 40960,
        "max_window_layers": 28, "model_type": "qwen3", "num_attention_heads": 16, "num_hidden_layers": 28,
        "num_key_value_heads": 8, "rms_norm_eps": 1e-06, "rope_scaling": None, "rope_theta": 1000000,
        "sliding_window": None, "tie_word_embeddings": True, "use_sliding_window": False, "vocab_size": 151936}),
    "pythia-70m": (70_426_624, {
        "architectures": ["GPTNeoXForCausalLM"], "bos_token_id": 0, "eos_token_id": 0, "hidden_act": "gelu",
        "hidden_size": 512, "initializer_range": 0.02, "intermediate_size": 2048, "layer_norm_eps": 1e-05,
        "max_position_embeddings": 2048, "model_type": "gpt_neox", "num_attention_heads": 8, "num_hidden_layers": 6,
        "rotary_emb_base": 10000, "rotary_pct": 0.25, "tie_word_embeddings": False, "use_cache": True,
        "use_parallel_residual": True, "vocab_size": 50304}),
    "gpt-neo-125m": (125_198_592, {
        "activation_function": "gelu_new", "architectures": ["GPTNeoForCausalLM"], "attention_dropout": 0,
        "attention_layers": ["global", "local"] * 6, "attention_types": [[["global", "local"], 6]],
        "embed_dropout": 0, "gradient_checkpointing": False, "hidden_size": 768, "intermediate_size": None,
        "layer_norm_epsilon": 1e-05, "max_position_embeddings": 2048, "model_type": "gpt_neo", "num_heads": 12,
        "num_layers": 12, "resid_dropout": 0, "summary_type": "cls_index", "vocab_size": 50257, "window_size": 256}),
    "gemma-2b": (2_506_172_416, {
        "architectures": ["GemmaForCausalLM"], "attention_bias": False, "head_dim": 256, "hidden_act": "gelu",
        "hidden_activation": None, "hidden_size": 2048, "intermediate_size": 16384, "max_position_embeddings": 8192,
        "model_type": "gemma", "num_attention_heads": 8, "num_hidden_layers": 18, "num_key_value_heads": 1,
        "rms_norm_eps": 1e-06, "rope_scaling": None, "rope_theta": 10000.0, "vocab_size": 256000}),
    "gpt2": (124_439_808, {
        "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1,
        "bos_token_id": 50256, "embd_pdrop": 0.1, "layer_norm_epsilon": 1e-05, "model_type": "gpt2", "n_ctx": 1024,
        "n_embd": 768, "n_head": 12, "n_layer": 12, "n_positions": 1024, "resid_pdrop": 0.1,
        "summary_use_proj": True, "task_specific_params": {"text-generation": {"do_sample": True}},
        "vocab_size": 50257}),
}  # fmt: skip


def _read(folder: Path, raw: dict[str, Any]) -> GPTConfig:
    (folder / CONFIG).write_text(json.dumps(raw))
    return read_config(folder)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_configuration_is_read_and_its_parameters_are_counted(tmp_path: Path, name: str) -> None:
    parameters, raw = PUBLISHED[name]
    assert _read(tmp_path, raw).n_parameters == parameters


def test_the_parts_that_they_say() -> None:
    config = FAMILIES["llama"].read(PUBLISHED["Llama-3.2-1B"][1], "")
    assert config.rotary == Rotary(500000.0, None, True, 32.0, 1.0, 4.0, 8192)
    assert FAMILIES["mistral"].read(PUBLISHED["Mistral-7B-v0.1"][1], "").windows == (4096,) * 32
    assert FAMILIES["gpt_neo"].read(PUBLISHED["gpt-neo-125m"][1], "").windows == (0, 256) * 6
    assert FAMILIES["gpt_neox"].read(PUBLISHED["pythia-70m"][1], "").rotary_width == 16
    assert FAMILIES["qwen2"].read(PUBLISHED["Qwen2.5-0.5B"][1], "").windows == ()


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize(
    ("field", "value"),
    [("query_pre_attn_scalar", 224), ("residual_multiplier", 0.5), ("auto_map", {"AutoModel": "m.M"}),
     ("quantization_config", {"bits": 4}), ("is_encoder_decoder", True), ("use_mrope", True),
     ("rope_interleaved", True), ("pruned_heads", {"1": [0]}), ("no_such_thing", False)],
)  # fmt: skip
def test_a_field_that_is_not_understood_is_refused_by_name(tmp_path: Path, name: str, field: str, value: Any) -> None:
    """A switch that would change numbers, or a word that nobody here knows, even where it says no."""
    with pytest.raises(GptvizError) as caught:
        _read(tmp_path, PUBLISHED[name][1] | {field: value})
    for lang in ("en", "zh"):
        assert field in caught.value.say(lang)
        assert PUBLISHED[name][1]["model_type"] in caught.value.say(lang)
    _read(tmp_path, PUBLISHED[name][1] | {field: None})  # of nothing, nothing is asked


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [("SmolLM2-135M", {"hidden_act": "quick_gelu"}, "hidden_act"), ("pythia-70m", {"hidden_act": "tanh"}, "hidden_act"),
     ("SmolLM2-135M", {"num_hidden_layers": 10**9}, "num_hidden_layers"),
     ("SmolLM2-135M", {"num_key_value_heads": 4}, "9"), ("SmolLM2-135M", {"hidden_size": "wide"}, "hidden_size"),
     ("SmolLM2-135M", {"rms_norm_eps": 0}, "rms_norm_eps"),
     ("SmolLM2-135M", {"intermediate_size": None}, "intermediate_size"),
     ("SmolLM2-135M", {"rope_scaling": {"type": "yarn", "factor": 4.0}}, "yarn"),
     ("SmolLM2-135M", {"rope_scaling": {"type": "dynamic", "factor": 4.0}}, "dynamic"),
     ("SmolLM2-135M", {"rope_scaling": {"rope_type": "llama3", "factor": 4.0}}, "low_freq_factor"),
     ("SmolLM2-135M", {"rope_scaling": {"rope_type": "default", "attention_factor": 2.0}}, "attention_factor"),
     ("SmolLM2-135M", {"rope_theta": -1}, "rope_theta"),
     ("Qwen3-0.6B", {"layer_types": ["sliding_attention"] * 28}, "layer_types"),
     ("Qwen3-0.6B", {"use_sliding_window": True, "sliding_window": 8, "layer_types": ["other"] * 28}, "layer_types"),
     ("gpt-neo-125m", {"attention_types": [[["global", "local"], 5]]}, "attention_types"),
     ("gpt-neo-125m", {"attention_types": [[["sparse"], 12]]}, "attention_types"),
     ("gpt-neo-125m", {"attention_types": [[["global"], 10**9]]}, "attention_types"),
     ("gpt-neo-125m", {"attention_layers": ["global"] * 12}, "attention_types"),
     ("gemma-2b", {"use_bidirectional_attention": True}, "use_bidirectional_attention")],
)  # fmt: skip
def test_what_cannot_be_computed_is_named(tmp_path: Path, name: str, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(GptvizError) as caught:
        _read(tmp_path, PUBLISHED[name][1] | changes)
    assert says in caught.value.say("en")


def test_rotary_positions_are_read_in_old_and_new_spelling(tmp_path: Path) -> None:
    raw = PUBLISHED["Llama-3.2-1B"][1]
    old = _read(tmp_path, raw)
    rope = raw["rope_scaling"] | {"rope_theta": raw["rope_theta"]}
    new = {name: value for name, value in raw.items() if name not in ("rope_scaling", "rope_theta")}
    assert _read(tmp_path, new | {"rope_parameters": rope}) == old
    neox = PUBLISHED["pythia-70m"][1]
    new = {name: value for name, value in neox.items() if not name.startswith("rotary_")}
    rope = {"rope_type": "default", "rope_theta": 10000, "partial_rotary_factor": 0.25}
    assert _read(tmp_path, new | {"rope_parameters": rope}) == _read(tmp_path, neox)


def test_a_window_as_long_as_the_context_is_none(tmp_path: Path) -> None:
    raw = PUBLISHED["Mistral-7B-v0.1"][1]
    assert _read(tmp_path, raw | {"sliding_window": 32768}).windows == ()
    assert _read(tmp_path, raw | {"sliding_window": None}).windows == ()


def test_gpt2s_attention_in_float32_is_what_is_computed(tmp_path: Path) -> None:
    raw = PUBLISHED["gpt2"][1]
    assert _read(tmp_path, raw | {"reorder_and_upcast_attn": True}) == _read(tmp_path, raw)
    with pytest.raises(GptvizError):
        _read(tmp_path, raw | {"reorder_and_upcast_attn": "yes"})
