"""What the fields of GGUF files mean that hold for many architectures, in the words of a ``config.json``.

As there, a field of an architecture is understood, or is known to change no number, or is refused by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gptviz.errors import WeightsError
from gptviz.gpt.config import LARGEST
from gptviz.gpt.gguf_file import GGUFFile
from gptviz.schema import Number, Record, Rule, Text, Whole, shown

EMBEDDING, HEAD = "token_embd.weight", "output.weight"
_POSITIVE = Number(0, 1e12, above=True)
#: After ``llama.`` or the like: what it is called in a ``config.json``, and its rule.
FIELDS: dict[str, tuple[str, Rule]] = {
    "block_count": ("num_hidden_layers", Whole(1, LARGEST["n_layer"])),
    "embedding_length": ("hidden_size", Whole(1, LARGEST["n_embd"])),
    "feed_forward_length": ("intermediate_size", Whole(1, LARGEST["n_inner"])),
    "context_length": ("max_position_embeddings", Whole(1, LARGEST["block_size"])),
    "attention.head_count": ("num_attention_heads", Whole(1, LARGEST["n_head"])),
    "attention.head_count_kv": ("num_key_value_heads", Whole(1, LARGEST["n_kv_head"])),
    "attention.key_length": ("head_dim", Whole(1, LARGEST["head_width"])),
    "attention.layer_norm_rms_epsilon": ("rms_norm_eps", Number(0, 1, above=True)),
    "attention.layer_norm_epsilon": ("layer_norm_epsilon", Number(0, 1, above=True)),
    "rope.freq_base": ("rope_theta", _POSITIVE),
}
#: Understood by whoever reads them, or repeating what others say.
_BESIDE: dict[str, Rule] = {
    "vocab_size": Whole(1, LARGEST["vocab_size"]), "rope.dimension_count": Whole(1, LARGEST["head_width"]),
    "attention.value_length": Whole(1, LARGEST["head_width"]), "rope.scaling.type": Text(50),
    "rope.scaling.factor": _POSITIVE,
    "rope.scaling.original_context_length": Whole(1, LARGEST["block_size"]),
}  # fmt: skip
_HARMLESS = ("rope.scaling.finetuned", "tensor_data_layout", "use_parallel_residual")
_NONE_OF = ("expert_count", "expert_used_count", "attention.sliding_window")  # 0: one MLP; a query sees all


def architecture(file: GGUFFile) -> str:
    """What the file is a model of."""
    Record({"general.architecture": Text(60, 1)}, needed=("general.architecture",)).check(file.fields)
    parts = file.fields.get("split.count", 1)
    if isinstance(parts, int) and parts > 1:
        raise WeightsError("weights.gguf_parts", file=file.path.name, count=parts)
    found: str = file.fields["general.architecture"]
    return found


def config_of(file: GGUFFile, model_type: str) -> dict[str, Any]:
    """What a ``config.json`` of ``model_type`` would say of this model, rotary positions excepted."""
    kind = architecture(file)
    said = {name.removeprefix(f"{kind}."): x for name, x in file.fields.items() if name.startswith(f"{kind}.")}
    Record({**{name: rule for name, (_, rule) in FIELDS.items()}, **_BESIDE}).check(said, kind)
    for name, value in said.items():
        nothing = name in _NONE_OF and value in (0, False)
        if not (name in FIELDS or name in _BESIDE or name in _HARMLESS or nothing):
            raise WeightsError("weights.field", folder=file.path.name, kind=kind, name=shown(f"{kind}.{name}"),
                               value=shown(value))  # fmt: skip
    if EMBEDDING not in file.tensors or len(file.tensors[EMBEDDING].shape) != 2:
        raise WeightsError("weights.missing", folder=file.path.name, names=EMBEDDING)
    raw = {theirs: said[name] for name, (theirs, _) in FIELDS.items() if name in said}
    raw |= {"model_type": model_type, "vocab_size": file.tensors[EMBEDDING].shape[0]}
    return raw | {"tie_word_embeddings": HEAD not in file.tensors}


def rope_of(file: GGUFFile) -> dict[str, Any]:
    """``rope_parameters`` as the file scales them: not at all, or all planes alike. Others are refused by name."""
    kind = architecture(file)
    scaling = file.fields.get(f"{kind}.rope.scaling.type", "none")
    factor = file.fields.get(f"{kind}.rope.scaling.factor", 1.0)
    if scaling not in ("none", "linear"):
        raise WeightsError("weights.variant", folder=file.path.name, kind=kind, name=f"{kind}.rope.scaling.type",
                           value=shown(scaling))  # fmt: skip
    return {"rope_type": "linear", "factor": factor} if scaling == "linear" else {"rope_type": "default"}


def factors_of(file: GGUFFile, width: int) -> tuple[float, ...]:
    """How many times slower each plane turns, by the tensor that Llama 3.1's files carry; () where there is none."""
    place = file.tensors.get("rope_freqs.weight")
    if place is None:
        return ()
    if place.shape != (width // 2,):
        raise WeightsError("weights.shape", name="rope_freqs.weight", found=place.shape, wanted=(width // 2,))
    factors = file.read("rope_freqs.weight")
    if not bool(factors.isfinite().all()):
        raise WeightsError("weights.not_finite", name="rope_freqs.weight")
    return () if bool((factors == 1).all()) else tuple(factors.tolist())


def unpermuted(weight: Any, n_head: int) -> Any:
    """Rows of queries or keys from pairs (x[2i], x[2i+1]), as llama.cpp keeps Llama's, to (x[i], x[i + width / 2]).

    Of weights (n_head · head_dim, C) and biases (n_head · head_dim,); ``n_head`` is that of the keys for keys.
    """
    if weight.is_meta:
        return weight
    return weight.unflatten(0, (n_head, -1, 2)).transpose(1, 2).reshape(weight.shape)


def by_prefix(names: Mapping[str, str], layers: Mapping[str, str], n_layer: int, prefix: str) -> dict[str, str]:
    """Names of a file → names of a folder: ``names`` as they are, ``layers`` for each layer below ``blk.i``."""
    inner = {f"blk.{i}.{theirs}": f"{prefix}.{i}.{ours}" for i in range(n_layer) for theirs, ours in layers.items()}
    both = {**names, **inner}
    return {f"{theirs}.{kind}": f"{ours}.{kind}" for theirs, ours in both.items() for kind in ("weight", "bias")}
