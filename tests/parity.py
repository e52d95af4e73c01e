"""The same random GPT-2 in transformers and in gptviz."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch

from gptviz.gpt.model import GPT
from gptviz.gpt.weights import load_model


def random_gpt2(folder: Path, *, seed: int = 0, scale: float = 1.0, save: bool = True, **changes: Any) -> Any:
    """A random GPT-2 of transformers, all parameters moved off their start, written to ``folder``."""
    from transformers import GPT2Config, GPT2LMHeadModel

    settings = {"n_layer": 3, "n_head": 4, "n_embd": 32, "n_positions": 40, "vocab_size": 97} | changes
    settings |= {"bos_token_id": 0, "eos_token_id": settings["vocab_size"] - 1}
    torch.manual_seed(seed)
    theirs = GPT2LMHeadModel(GPT2Config(attn_implementation="eager", **settings)).eval()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.add_(0.1 * scale * torch.randn_like(parameter))
    theirs.tie_weights()
    if save:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what transformers says of its own files is its business
            theirs.save_pretrained(folder)
    return theirs


def pair(folder: Path, **changes: Any) -> tuple[Any, GPT]:
    """(theirs, ours) with equal weights."""
    return random_gpt2(folder, **changes), load_model(folder)


#: Small models of each family, for transformers' configuration of that ``model_type``; none has a round shape.
_ROPE = {"rope_type": "default", "rope_theta": 5000.0}
_LLAMA3 = {"rope_type": "llama3", "rope_theta": 5000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
           "original_max_position_embeddings": 16}  # fmt: skip
_LLAMA_LIKE = {"num_hidden_layers": 3, "hidden_size": 42, "num_attention_heads": 6, "num_key_value_heads": 2,
               "intermediate_size": 71, "max_position_embeddings": 48, "vocab_size": 97}  # fmt: skip
_NEOX = {"num_hidden_layers": 3, "hidden_size": 40, "num_attention_heads": 4, "intermediate_size": 71,
         "max_position_embeddings": 48, "vocab_size": 97}  # fmt: skip
_NEO = {"num_layers": 3, "hidden_size": 36, "num_heads": 3, "max_position_embeddings": 48, "vocab_size": 97,
        "attention_types": [[["global", "local"], 1], [["local"], 1]], "window_size": 5}  # fmt: skip
DECODERS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("llama", _LLAMA_LIKE | {"head_dim": 10, "rope_parameters": _ROPE}),
    "llama, tied, biases": ("llama", _LLAMA_LIKE | {"num_key_value_heads": 6, "head_dim": 8, "attention_bias": True,
                                                    "mlp_bias": True, "tie_word_embeddings": True}),
    "llama 3.1's rotary scaling": ("llama", _LLAMA_LIKE | {"head_dim": 14, "rope_parameters": _LLAMA3}),
    "llama, linear scaling": ("llama", _LLAMA_LIKE | {"head_dim": 10, "num_key_value_heads": 1, "rope_parameters":
                                                      _ROPE | {"rope_type": "linear", "factor": 3.0}}),
    "mistral, window 7": ("mistral", _LLAMA_LIKE | {"head_dim": 10, "sliding_window": 7}),
    "mistral, no window": ("mistral", _LLAMA_LIKE | {"head_dim": 12, "sliding_window": None, "rms_norm_eps": 1e-3}),
    "qwen2": ("qwen2", _LLAMA_LIKE | {"hidden_size": 48, "tie_word_embeddings": True}),
    "qwen2, window 6 from the second layer": (
        "qwen2", _LLAMA_LIKE | {"hidden_size": 48, "use_sliding_window": True, "sliding_window": 6,
                                "max_window_layers": 1}),
    "qwen3": ("qwen3", _LLAMA_LIKE | {"head_dim": 18, "num_key_value_heads": 3, "rope_parameters": _ROPE}),
    "qwen3, tied, biases": ("qwen3", _LLAMA_LIKE | {"head_dim": 8, "attention_bias": True,
                                                    "tie_word_embeddings": True}),
    "gpt_neox": ("gpt_neox", _NEOX | {"rope_parameters": _ROPE | {"partial_rotary_factor": 0.4}}),
    "gpt_neox, one after the other": ("gpt_neox", _NEOX | {"use_parallel_residual": False, "attention_bias": False,
                                                           "tie_word_embeddings": True,
                                                           "rope_parameters": _ROPE | {"partial_rotary_factor": 1.0}}),
    "gpt_neo, window 5": ("gpt_neo", _NEO),
    "gpt_neo, untied": ("gpt_neo", _NEO | {"tie_word_embeddings": False, "intermediate_size": 50, "window_size": 64}),
    "gemma": ("gemma", _LLAMA_LIKE | {"head_dim": 10, "num_key_value_heads": 1}),
}  # fmt: skip


def random_decoder(folder: Path, name: str, *, seed: int = 0) -> Any:
    """The model ``name`` of ``DECODERS`` in transformers, all parameters moved off their start, in ``folder``."""
    return random_model_of(folder, *DECODERS[name], seed=seed)


def random_model_of(folder: Path, kind: str, settings: dict[str, Any], *, seed: int = 0) -> Any:
    """The same of any ``model_type`` and settings."""
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(seed)
    config = AutoConfig.for_model(kind, bos_token_id=0, eos_token_id=96, pad_token_id=None, **settings)
    theirs = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    theirs.tie_weights()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.save_pretrained(folder)
    return theirs
