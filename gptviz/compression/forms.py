"""The open model with its weights held in fewer bits: a language model like any other, to trace, write and score with.

- ``float16``: IEEE half precision, widened as it is read and multiplied in float32 (``gptviz.gpt.quantization``).
- ``bfloat16``: as many exponent bits as float32 and 8 of mantissa; torch's own product, for which what goes in and what
  comes out is bfloat16 too. Fast where the processor has arithmetic for it, and slow where it has not.
- ``int8``: ``gptviz.gpt.int8``, multiplied by torch's own kernel for such weights (``_weight_int8pack_mm``). It reads
  activations and gives sums in bfloat16; scales stay float32, and are multiplied with afterwards.
- ``int8_wide``: the same weights, made float32 once: what is lost by rounding the weights alone. It saves space in the
  file and none in memory; a file that was saved as int8 is opened like that.

Norms, biases and position embeddings are few, and stay float32, as do attention and the residual stream. Each row of a
product depends on no other, so that a later token never touches an earlier one's numbers.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptviz.errors import WeightsError
from gptviz.gpt import quantization
from gptviz.gpt.int8 import quantised
from gptviz.gpt.layers import Conv1D, Embedding
from gptviz.gpt.model import GPT
from gptviz.gpt.quantization import Narrow, NarrowConv1D, NarrowHead, matrices
from gptviz.gpt.weights import built
from gptviz.language_model import LocalModel

_STEP = 32  # numbers of a row, of which the kernel takes 16 at a time, or 8
FORMS = ("float32", "float16", "bfloat16", "int8", "int8_wide")


class BFloat16Conv1D(Narrow):
    """``Conv1D`` with its weights in bfloat16."""

    form = "bfloat16"

    def __init__(self, source: Conv1D) -> None:
        super().__init__()
        self.half_weight = source.weight.detach().t().bfloat16().contiguous()  # (n_out, n_in)
        self.bias = source.bias

    def forward(self, x: Tensor) -> Tensor:
        product = F.linear(x.bfloat16(), self.half_weight).float()  # (N, n_in) → (N, n_out)
        return product if self.bias is None else product + self.bias

    def _widened(self) -> Tensor:
        return self.half_weight.float().t()


class BFloat16Embedding(Narrow):
    """``Embedding`` in bfloat16, both ways."""

    form = "bfloat16"

    def __init__(self, source: Embedding) -> None:
        super().__init__()
        self.half_weight = source.weight.detach().bfloat16().contiguous()

    def forward(self, ids: Tensor) -> Tensor:
        return F.embedding(ids, self.half_weight).float()

    def project(self, hidden: Tensor) -> Tensor:
        """(…, C) → (…, n_ids)."""
        return F.linear(hidden.bfloat16(), self.half_weight).float()

    def _widened(self) -> Tensor:
        return self.half_weight.float()


class Int8Conv1D(Narrow):
    """``Conv1D`` with its weights in int8."""

    form = "int8"

    def __init__(self, source: Conv1D) -> None:
        super().__init__()
        q, scale = quantised(source.weight.t(), dim=1)
        self.q, self.scale, self.bias = padded(q), scale.flatten(), source.bias  # (n_out, n_in or more), (n_out,)
        self.n_in = q.shape[1]

    def forward(self, x: Tensor) -> Tensor:
        product = by_int8(x, self.q, self.scale)
        return product if self.bias is None else product + self.bias

    def _widened(self) -> Tensor:
        return (self.q[:, : self.n_in].float() * self.scale[:, None]).t()


class Int8Embedding(Narrow):
    """``Embedding`` in int8, both ways: a channel is the row of one id."""

    form = "int8"

    def __init__(self, source: Embedding) -> None:
        super().__init__()
        q, scale = quantised(source.weight, dim=1)
        self.q, self.scale, self.width = padded(q), scale.flatten(), q.shape[1]

    def forward(self, ids: Tensor) -> Tensor:
        return F.embedding(ids, self.q)[..., : self.width].float() * self.scale[ids][..., None]

    def project(self, hidden: Tensor) -> Tensor:
        """(…, C) → (…, n_ids)."""
        rows = hidden.reshape(-1, hidden.shape[-1])
        return by_int8(rows, self.q, self.scale).view(*hidden.shape[:-1], len(self.q))

    def _widened(self) -> Tensor:
        return self.q[:, : self.width].float() * self.scale[:, None]


def padded(q: Tensor) -> Tensor:
    """With zeros after each row, up to a whole number of the kernel's steps: it reads on to the end of the last one.

    With 7 or 33 numbers a row torch 2.13's kernel reads memory that is not its own.
    """
    return F.pad(q, (0, -q.shape[1] % _STEP)).contiguous()


def by_int8(x: Tensor, q: Tensor, scale: Tensor) -> Tensor:
    """x (s · q)ᵀ: (N, n_in), ``padded`` (n_out, n_in or more), (n_out,) → (N, n_out).

    The kernel would take the scales in bfloat16 as well, which is an error of its own: it is given ones.
    """
    ones = torch.ones_like(scale, dtype=torch.bfloat16)
    x = x.bfloat16() if x.shape[1] == q.shape[1] else F.pad(x.bfloat16(), (0, q.shape[1] - x.shape[1]))
    product: Tensor = torch.ops.aten._weight_int8pack_mm(x.contiguous(), q, ones).float()
    return product * scale


_KINDS: dict[str, tuple[type[Any], type[Any]]] = {"bfloat16": (BFloat16Conv1D, BFloat16Embedding),
                                                  "int8": (Int8Conv1D, Int8Embedding)}  # fmt: skip


def held(lm: LocalModel, form: str) -> LocalModel:
    """A copy of ``lm`` with its matrices held as one of ``FORMS``; ``lm`` is left as it is.

    Raises WeightsError for another form, and where this processor has no arithmetic for it.
    """
    if form not in FORMS:
        raise WeightsError("weights.bits", value=form, choices=", ".join(FORMS))
    return LocalModel(_held(widened(lm.model), form), lm.tokenizer, name=lm.name, chat_template=lm.chat_template)


@torch.no_grad()
def _held(model: GPT, form: str) -> GPT:
    """``model`` itself, changed."""
    if form == "float16":
        return quantization.narrowed(model, form)
    if form != "float32":
        model.rounded_to = form
    if form == "int8_wide":
        _round(model)
    elif form in _KINDS:
        matrix, embedding = _KINDS[form]
        for owner, name in matrices(model):
            setattr(owner, name, matrix(getattr(owner, name)))
        wte = model.transformer["wte"] = embedding(model.transformer["wte"])
        model.lm_head = wte if model.config.tied else embedding(model.lm_head)
    return model.eval()


def _round(model: GPT) -> None:
    """Each matrix by what int8 keeps of it."""
    weights = [(getattr(owner, name).weight, 0) for owner, name in matrices(model)]
    weights.append((cast("Tensor", model.transformer["wte"].weight), 1))
    weights += [] if model.config.tied else [(model.lm_head.weight, 1)]
    for weight, dim in weights:
        q, scale = quantised(weight, dim)
        weight.copy_(q.float() * scale)


def widened(model: GPT) -> GPT:
    """A float32 copy, with numbers of its own that gradients can be taken through."""
    state = {name: value.clone() for name, value in model.state_dict().items() if not _is_head(name, model)}
    if model.config.tied:
        state["lm_head.weight"] = state["transformer.wte.weight"]
    copy = built(model.config, state)
    copy.n_tokens = model.n_tokens
    return copy


def _is_head(name: str, model: GPT) -> bool:
    return model.config.tied and name.startswith("lm_head")


def nbytes(model: GPT) -> int:
    """Bytes in which the weights lie in memory, tensors that are shared counted once."""
    seen = {id(tensor): tensor.nbytes for module in model.modules() for tensor in _tensors(module)}
    packed = sum(module.numel for module in model.modules() if isinstance(module, NarrowConv1D | NarrowHead))
    return sum(seen.values()) + 2 * packed


def _tensors(module: nn.Module) -> list[Tensor]:
    own = [value for value in vars(module).values() if isinstance(value, Tensor)]
    return own + [value for value in module._parameters.values() if value is not None]


def file_bytes(model: GPT, form: str) -> int:
    """Bytes of the weights in a file of that form."""
    total: int = model.config.n_parameters
    if form == "float32":
        return 4 * total
    if form in ("float16", "bfloat16"):
        return 2 * total
    shapes: list[torch.Size] = [getattr(owner, name).weight.shape for owner, name in matrices(model)]  # (in, out)
    rows = [shape[1] for shape in shapes] + [model.config.vocab_size] * (1 if model.config.tied else 2)
    numbers = sum(shape.numel() for shape in shapes)
    numbers += model.config.vocab_size * model.config.n_embd * (1 if model.config.tied else 2)
    return numbers + 4 * sum(rows) + 4 * (total - numbers)
