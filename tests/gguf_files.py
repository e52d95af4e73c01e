"""GGUF files for tests: a model of transformers written as llama.cpp's converters write it, and files that lie."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch

_LLAMA = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm", "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}  # fmt: skip
_GPT2 = {
    "transformer.wte": "token_embd", "transformer.wpe": "position_embd", "transformer.ln_f": "output_norm",
    "lm_head": "output", "ln_1": "attn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output",
    "ln_2": "ffn_norm", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
}  # fmt: skip
_NEOX = {
    "gpt_neox.embed_in": "token_embd", "gpt_neox.final_layer_norm": "output_norm", "lm_head": "output",
    "input_layernorm": "attn_norm", "attention.query_key_value": "attn_qkv", "attention.dense": "attn_output",
    "post_attention_layernorm": "ffn_norm", "mlp.dense_h_to_4h": "ffn_up", "mlp.dense_4h_to_h": "ffn_down",
}  # fmt: skip
NAMES = {"llama": _LLAMA, "qwen2": _LLAMA, "qwen3": _LLAMA, "gpt2": _GPT2, "gptneox": _NEOX}


def write(path: Path, model: Any, arch: str, *, kind: str = "F32", factors: np.ndarray | None = None,
          fields: dict[str, Any] | None = None) -> None:  # fmt: skip
    """``model`` in a file, its matrices as blocks of ``kind``; ``fields`` replaces some, None takes one out."""
    writer = gguf.GGUFWriter(path, arch)
    for name, value in (_fields(model.config, arch) | (fields or {})).items():
        if isinstance(value, bool):
            writer.add_bool(name, value)
        elif isinstance(value, int):
            writer.add_uint32(name, value)
        elif isinstance(value, float):
            writer.add_float32(name, value)
        elif isinstance(value, str):
            writer.add_string(name, value)
        elif value is not None:
            writer.add_array(name, value)
    for name, tensor in model.state_dict().items():
        if not (name == "lm_head.weight" and model.config.tie_word_embeddings):
            _add(writer, _name(name, NAMES[arch]), _laid_out(tensor, name, arch, model.config).numpy(), kind)
    if factors is not None:
        writer.add_tensor("rope_freqs.weight", factors.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add(writer: gguf.GGUFWriter, name: str, array: np.ndarray, kind: str) -> None:
    blocks = gguf.GGMLQuantizationType[kind if array.ndim == 2 else "F32"]
    data = gguf.quantize(np.ascontiguousarray(array, dtype=np.float32), blocks)
    writer.add_tensor(name, data, raw_dtype=blocks)


def _name(name: str, names: dict[str, str]) -> str:
    stem, _, kind = name.rpartition(".")
    for body in ("model.layers.", "transformer.h.", "gpt_neox.layers."):
        if stem.startswith(body):
            layer, _, part = stem.removeprefix(body).partition(".")
            return f"blk.{layer}.{names[part]}.{kind}"
    return f"{names[stem]}.{kind}"


def _laid_out(tensor: torch.Tensor, name: str, arch: str, c: Any) -> torch.Tensor:
    """As ``convert_hf_to_gguf.py`` lays it out."""
    if arch == "llama" and (".q_proj." in name or ".k_proj." in name):
        heads = c.num_attention_heads if ".q_proj." in name else c.num_key_value_heads
        return tensor.unflatten(0, (heads, 2, -1)).transpose(1, 2).reshape(tensor.shape)
    if arch == "gpt2" and tensor.ndim == 2 and ".h." in name:
        return tensor.t()
    if arch == "gptneox" and ".query_key_value." in name:
        return tensor.unflatten(0, (c.num_attention_heads, 3, -1)).transpose(0, 1).reshape(tensor.shape)
    return tensor


def _fields(c: Any, arch: str) -> dict[str, Any]:
    said = {"block_count": c.num_hidden_layers, "embedding_length": c.hidden_size, "vocab_size": c.vocab_size,
            "context_length": c.max_position_embeddings, "attention.head_count": c.num_attention_heads}  # fmt: skip
    if arch == "gpt2":
        said |= {"feed_forward_length": c.n_inner or 4 * c.n_embd, "attention.layer_norm_epsilon": c.layer_norm_epsilon}
    elif arch == "gptneox":
        turned = int(c.rope_parameters["partial_rotary_factor"] * (c.hidden_size // c.num_attention_heads))
        said |= {"feed_forward_length": c.intermediate_size, "attention.layer_norm_epsilon": c.layer_norm_eps,
                 "rope.dimension_count": turned, "rope.freq_base": float(c.rope_parameters["rope_theta"]),
                 "use_parallel_residual": c.use_parallel_residual}  # fmt: skip
    else:
        d = getattr(c, "head_dim", None) or c.hidden_size // c.num_attention_heads
        said |= {"feed_forward_length": c.intermediate_size, "attention.head_count_kv": c.num_key_value_heads,
                 "attention.layer_norm_rms_epsilon": c.rms_norm_eps, "rope.dimension_count": d,
                 "rope.freq_base": float(c.rope_parameters["rope_theta"])}  # fmt: skip
        said |= {"attention.key_length": d, "attention.value_length": d} if arch == "qwen3" else {}
    return {f"{arch}.{name}": value for name, value in said.items()} | {"general.name": "a small one"}


def header(*, fields: list[tuple[str, int, bytes]] | None = None, tensors: list[bytes] | None = None,
           version: int = 3, counts: tuple[int, int] | None = None, magic: bytes = b"GGUF") -> bytes:  # fmt: skip
    """A file's beginning as bytes; ``counts`` are those it claims, of tensors and of fields."""
    fields, tensors = fields or [], tensors or []
    n_tensors, n_fields = counts or (len(tensors), len(fields))
    said = b"".join(text(name) + struct.pack("<I", kind) + value for name, kind, value in fields)
    return magic + struct.pack("<IQQ", version, n_tensors, n_fields) + said + b"".join(tensors)


def text(value: str | bytes) -> bytes:
    """A text as the format has it."""
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(data)) + data


def tensor(name: str, sizes: list[int], kind: int = 0, start: int = 0) -> bytes:
    """A tensor as the header lists it."""
    return text(name) + struct.pack(f"<I{len(sizes)}Q", len(sizes), *sizes) + struct.pack("<IQ", kind, start)
