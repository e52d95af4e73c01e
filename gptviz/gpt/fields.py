"""What stands in a ``config.json`` of Hugging Face's, of whatever family: what many share, and what changes nothing.

A field is understood, or is known to change no number, or is refused by its name: none is passed over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from gptviz.errors import WeightsError
from gptviz.gpt.config import LARGEST, Rotary
from gptviz.gpt.family import refuse
from gptviz.schema import Either, Number, Record, Rule, Text, Whole, shown

#: What transformers calls them (``ACT2FN``): the tanh form of GELU has four names.
ACTIVATIONS = {
    "gelu_new": "gelu_new", "gelu_pytorch_tanh": "gelu_new", "gelu_fast": "gelu_new", "gelu_accurate": "gelu_new",
    "gelu": "gelu", "gelu_python": "gelu", "relu": "relu", "silu": "silu", "swish": "silu",
}  # fmt: skip
#: Notes, and what counts only in training, in generation by others, in classification or in the way of computing.
_HARMLESS = """
    model_type architectures transformers_version is_decoder torch_dtype dtype name_or_path tokenizer_class torchscript
    bos_token_id eos_token_id pad_token_id sep_token_id decoder_start_token_id forced_bos_token_id forced_eos_token_id
    bos_token eos_token pad_token unk_token_id prefix task_specific_params finetuning_task problem_type num_labels
    id2label label2id summary_type summary_use_proj summary_activation summary_proj_to_labels summary_first_dropout
    initializer_range initializer_factor init_std attn_pdrop embd_pdrop resid_pdrop dropout attention_dropout
    hidden_dropout embed_dropout resid_dropout classifier_dropout gradient_checkpointing use_cache output_past
    output_attentions output_hidden_states return_dict use_return_dict return_dict_in_generate output_scores
    do_sample temperature top_k top_p typical_p num_beams num_beam_groups num_return_sequences max_length min_length
    length_penalty repetition_penalty diversity_penalty no_repeat_ngram_size encoder_no_repeat_ngram_size
    early_stopping bad_words_ids suppress_tokens begin_suppress_tokens exponential_decay_length_penalty
    remove_invalid_values chunk_size_feed_forward tie_encoder_decoder tf_legacy_loss use_bfloat16 xla_device
    pretraining_tp is_llama_config transformers.js_config _name_or_path _attn_implementation
    _attn_implementation_autoset _flash_attn_2_enabled _commit_hash _experts_implementation _output_attentions
    unsloth_version unsloth_fixed predict_special_tokens n_special vocab_file language license model_max_length
"""
HARMLESS = frozenset(_HARMLESS.split())
#: Fields that every family may say, and the one value that changes nothing.
_SWITCHES: dict[str, Any] = {
    "add_cross_attention": False, "is_encoder_decoder": False, "quantization_config": None, "pruned_heads": {},
    "cross_attention_hidden_size": None, "use_mrope": False, "rope_interleaved": False,
}  # fmt: skip

SIZE_RULES: dict[str, Rule] = {
    "num_hidden_layers": Whole(1, LARGEST["n_layer"]),
    "num_attention_heads": Whole(1, LARGEST["n_head"]),
    "hidden_size": Whole(1, LARGEST["n_embd"]),
    "vocab_size": Whole(1, LARGEST["vocab_size"]),
    "max_position_embeddings": Whole(1, LARGEST["block_size"]),
}
_FACTOR = Number(0, 1e12, above=True)
_ROPE = Record(
    {"rope_type": Text(50), "type": Text(50), "rope_theta": _FACTOR, "factor": Either(_FACTOR, None),
     "low_freq_factor": _FACTOR, "high_freq_factor": _FACTOR, "partial_rotary_factor": Number(0, 1, above=True),
     "original_max_position_embeddings": Whole(1, LARGEST["block_size"])},
    closed=True,
)  # fmt: skip
ROPE_RULES: dict[str, Rule] = {
    "rope_parameters": Either(_ROPE, None),
    "rope_scaling": Either(_ROPE, None),
    "rope_theta": _FACTOR,
    "partial_rotary_factor": Number(0, 1, above=True),
}


def check(raw: Mapping[str, Any], folder: str, rules: Mapping[str, Rule], needed: Collection[str]) -> dict[str, Any]:
    """The fields that say something (null is as good as absent), once each is found good.

    Raises FileError where one breaks its rule, WeightsError for one that nobody here understands.
    """
    said = {name: value for name, value in raw.items() if value is not None}
    Record(rules, needed=needed).check(said)
    require_known(said, folder, rules)
    return said


def require_known(raw: Mapping[str, Any], folder: str, rules: Collection[str]) -> None:
    """Raise WeightsError for the first field that is none of ``rules``, and not known to change no number either."""
    refuse(raw, folder, {name: raw.get(name) in (usual, None) for name, usual in _SWITCHES.items()})
    for name, value in raw.items():
        if name not in rules and name not in HARMLESS and name not in _SWITCHES and value is not None:
            raise WeightsError("weights.field", folder=folder, kind=shown(raw.get("model_type")), name=shown(name),
                               value=shown(value))  # fmt: skip


def activation(raw: Mapping[str, Any], folder: str, field: str, usual: str) -> str:
    """The activation that a field names, in our words."""
    named = raw.get(field) or usual
    refuse(raw, folder, {field: isinstance(named, str) and named in ACTIVATIONS})
    return ACTIVATIONS[named]


def rotary_of(raw: Mapping[str, Any], folder: str, head_dim: int, *, base: float = 10_000.0, part: float = 1.0
              ) -> Rotary:  # fmt: skip
    """Rotary positions as ``rope_parameters`` says them, or as ``rope_theta`` and ``rope_scaling`` of older files do.

    ``base`` and ``part`` (of a head's width, that is turned) count where neither does.
    """
    said = {**(raw.get("rope_scaling") or {}), **(raw.get("rope_parameters") or {})}
    kind = said.get("rope_type", said.get("type", "default"))
    if kind not in ("default", "linear", "llama3"):
        raise WeightsError("weights.variant", folder=folder, kind=raw.get("model_type"), name="rope_type",
                           value=shown(kind))  # fmt: skip
    part = said.get("partial_rotary_factor", raw.get("partial_rotary_factor", part))
    width = int(head_dim * part)
    rotary = Rotary(
        base=float(said.get("rope_theta", raw.get("rope_theta", base))),
        width=None if width == head_dim else width,
        halves=True,
        factor=float(said.get("factor") or 1.0) if kind != "default" else 1.0,
    )
    if kind != "llama3":
        return rotary
    _LLAMA3.check(said, "rope_parameters")
    return Rotary(rotary.base, rotary.width, True, rotary.factor, float(said["low_freq_factor"]),
                  float(said["high_freq_factor"]), said["original_max_position_embeddings"])  # fmt: skip


_LLAMA3 = Record({}, needed=("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"))
