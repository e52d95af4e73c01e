"""Weights held in fewer bits, so that a CPU has less to read.

Writing one token at a time, a GPT reads every weight once per token and multiplies it once: on a CPU the memory is the
limit, and fewer bytes take less time. Only weights are narrow: activations, attention and logits stay float32, and each
row of a product is computed for itself, so that a later token never touches an earlier one's numbers.

``float16`` is IEEE half precision, widened as it is read and multiplied in float32 by FBGEMM (Khudia et al. 2021,
arXiv 2101.05615). It is exact for a model whose file is in fp16. Other forms were measured and are not offered (one
position, 124M shape, processor with AVX-512 and VNNI): bfloat16 takes as long as float32 where the processor has no
arithmetic for it; int8 weights with float32's accuracy of the activations take longer than float16, and int8
activations with one scale for all positions would let a later token change the numbers of an earlier one.
``python -m benchmarks --only narrow`` measures what is offered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptviz.errors import WeightsError
from gptviz.model import GPT, Conv1D, Embedding, Plain

if TYPE_CHECKING:
    from gptviz.tracing import Trace

#: How weights can be held; the first is what they are trained and loaded in.
WEIGHTS = ("float32", "float16")
#: Numbers from which a matrix is held narrow: smaller ones (below 2 MB) stay in a core's own cache, and gain nothing.
LARGE = 2**19

_fbgemm: Any = torch.ops.quantized


class NarrowConv1D(Plain):
    """``Conv1D`` with its weights in float16."""

    def __init__(self, source: Conv1D) -> None:
        super().__init__()
        weight = source.weight.detach().t().contiguous()  # (n_out, n_in)
        self.bias = nn.Parameter(source.bias.detach(), requires_grad=False)
        self.packed = _fbgemm.linear_prepack_fp16(weight, self.bias)

    def forward(self, x: Tensor) -> Tensor:
        return cast("Tensor", _fbgemm.linear_dynamic_fp16(x, self.packed))  # (N, n_in) → (N, n_out)

    @property
    def weight(self) -> Tensor:
        """(n_in, n_out) float32, as ``Conv1D`` has it: the numbers that are multiplied with. Made anew at each call."""
        return cast("Tensor", _fbgemm.linear_unpack_fp16(self.packed)[0].float().t())


class NarrowHead(Plain):
    """The output half of ``Embedding`` in float16: by far the largest matrix of a small GPT."""

    def __init__(self, source: Embedding) -> None:
        super().__init__()
        self.n_ids = len(source.weight)
        self.packed = _fbgemm.linear_prepack_fp16(source.weight.detach().contiguous(), None)

    def project(self, hidden: Tensor) -> Tensor:
        """(…, C) → (…, n_ids)."""
        logits = _fbgemm.linear_dynamic_fp16(hidden.reshape(-1, hidden.shape[-1]), self.packed)  # (N, n_ids)
        return cast("Tensor", logits.view(*hidden.shape[:-1], self.n_ids))

    @property
    def weight(self) -> Tensor:
        """(n_ids, C) float32, as ``Embedding`` has it: the numbers that are multiplied with. Made anew at each call."""
        return cast("Tensor", _fbgemm.linear_unpack_fp16(self.packed)[0].float())


class NarrowEmbedding(Embedding):
    """The input half of ``Embedding`` in float16."""

    def __init__(self, source: Embedding) -> None:
        nn.Module.__init__(self)
        self.weight = nn.Parameter(source.weight.detach().half().contiguous(), requires_grad=False)

    def forward(self, ids: Tensor) -> Tensor:
        return F.embedding(ids, self.weight).float()  # (B, T) → (B, T, C)


def check(weights: str) -> None:
    """Raise WeightsError where ``weights`` is none of ``WEIGHTS``, or this processor cannot multiply by them."""
    if weights not in WEIGHTS:
        raise WeightsError("weights.bits", value=weights, choices=", ".join(WEIGHTS))
    if weights != WEIGHTS[0] and torch.backends.quantized.engine not in ("x86", "fbgemm"):
        raise WeightsError("weights.bits_here", value=weights)


@torch.no_grad()
def narrowed(model: GPT, weights: str) -> GPT:
    """``model`` with its large matrices held as ``weights`` says: the model itself, changed, and for reading only.

    Raises WeightsError as ``check`` does.
    """
    check(weights)
    if weights == WEIGHTS[0]:
        return model
    head, wte = cast("tuple[Embedding, Embedding]", (model.lm_head, model.transformer["wte"]))
    if head.weight.numel() >= LARGE:
        model.lm_head = NarrowHead(head)  # type: ignore[assignment]
        model.transformer["wte"] = NarrowEmbedding(wte)
    for block in model.blocks:
        for owner, name in ((block.attn, "c_attn"), (block.attn, "c_proj"), (block.mlp, "c_fc"), (block.mlp, "c_proj")):
            wide: Conv1D = getattr(owner, name)
            if wide.weight.numel() >= LARGE:
                setattr(owner, name, NarrowConv1D(wide))
    model.weights = weights
    return model.eval()


class Reads(Protocol):
    """A language model: what ``error`` needs of one."""

    def trace(self, prompt: str) -> Trace: ...


class Error(NamedTuple):
    """How far the predictions of two models lie apart on one text."""

    largest: float  # largest |logit difference|
    divergence: float  # KL(lm ‖ other), nats, mean over positions
    agreement: float  # share of positions at which both have the same likeliest token


def error(lm: Reads, other: Reads, text: str) -> Error:
    """Compare what ``lm`` and ``other`` predict after each token of ``text``: the same GPT, held in other bits.

    Raises PromptError where a model cannot read ``text``.
    """
    ours, theirs = (model.trace(text).logits.astype(np.float64) for model in (lm, other))  # each (T, vocab_size)
    logp, logq = (x - x.max(-1, keepdims=True) for x in (ours, theirs))
    logp, logq = (x - np.log(np.exp(x).sum(-1, keepdims=True)) for x in (logp, logq))
    divergence = (np.exp(logp) * (logp - logq)).sum(-1)  # (T,)
    same = ours.argmax(-1) == theirs.argmax(-1)
    return Error(float(np.abs(ours - theirs).max()), float(divergence.mean()), float(same.mean()))
