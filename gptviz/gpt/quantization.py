"""Weights held in fewer bits, so that a CPU has less to read.

Writing one token at a time, a GPT reads every weight once per token and multiplies it once: on a CPU the memory is the
limit, and fewer bytes take less time. Only weights are narrow: activations, attention and logits stay float32, and each
row of a product is computed for itself, so that a later token never touches an earlier one's numbers.

``float16`` is IEEE half precision, widened as it is read and multiplied in float32 by FBGEMM (Khudia et al. 2021,
arXiv 2101.05615). A matrix whose every number is one of half precision already (a file in fp16, as the bundled models
are) loses nothing by it: ``auto`` holds such matrices so, and all others as they are. Other forms were measured and are
not offered (one position, 124M shape, processor with AVX-512 and VNNI): bfloat16 takes as long as float32 where the
processor has no arithmetic for it; int8 weights with float32's accuracy of the activations take longer than float16,
and int8 activations with one scale for all positions would let a later token change the numbers of an earlier one.
``python -m benchmarks --only narrow`` measures what is offered.

A narrow model is for reading: it has no gradients. ``state_dict`` gives what is multiplied with, in float32, under the
names it always has, so that such a model can be saved, told from others and looked into like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptviz.errors import WeightsError
from gptviz.gpt.config import WEIGHTS as WEIGHTS
from gptviz.gpt.layers import Conv1D, Embedding, Plain
from gptviz.gpt.model import GPT
from gptviz.numbers import log_softmax, relative_entropy

if TYPE_CHECKING:
    from gptviz.gpt.trace import Trace

#: Numbers from which a matrix is held narrow: for smaller ones the detour costs what the fewer bytes save.
LARGE = 2**17

_fbgemm: Any = torch.ops.quantized


class Narrow(Plain):
    """A module whose weight is held in fewer bits; ``weight`` makes it anew, in float32, whenever it is asked for."""

    form: ClassVar[str] = "float16"

    @property
    def weight(self) -> Tensor:
        """The numbers that are multiplied with, laid out as in the wide module.

        Changing this copy would change nothing, so that torch refuses to: load with ``weights="float32"`` to edit.
        """
        with torch.inference_mode():  # tensors made here can be read anywhere, and changed nowhere else
            return self._widened()

    def _widened(self) -> Tensor:
        raise NotImplementedError

    def _save_to_state_dict(self, destination: dict[str, Tensor], prefix: str, keep_vars: bool) -> None:
        destination[prefix + "weight"] = self.weight
        super()._save_to_state_dict(destination, prefix, keep_vars)


class NarrowConv1D(Narrow):
    """``Conv1D`` with its weights in float16."""

    def __init__(self, source: Conv1D) -> None:
        super().__init__()
        weight = source.weight.detach().t().contiguous()  # (n_out, n_in)
        bias = None if source.bias is None else nn.Parameter(source.bias.detach(), requires_grad=False)
        self.bias = bias  # the packed weights refer to it
        self.packed = _fbgemm.linear_prepack_fp16(weight, self.bias)
        self.numel = weight.numel()

    def forward(self, x: Tensor) -> Tensor:
        return cast("Tensor", _fbgemm.linear_dynamic_fp16(x, self.packed))  # (N, n_in) → (N, n_out)

    def _widened(self) -> Tensor:
        """(n_in, n_out), as ``Conv1D`` has it."""
        return cast("Tensor", _fbgemm.linear_unpack_fp16(self.packed)[0].float().t())


class NarrowHead(Narrow):
    """The output half of ``Embedding`` in float16: by far the largest matrix of a small GPT."""

    def __init__(self, source: Embedding) -> None:
        super().__init__()
        self.n_ids = len(source.weight)
        self.packed = _fbgemm.linear_prepack_fp16(source.weight.detach().contiguous(), None)
        self.numel = source.weight.numel()

    def project(self, hidden: Tensor) -> Tensor:
        """(…, C) → (…, n_ids)."""
        logits = _fbgemm.linear_dynamic_fp16(hidden.reshape(-1, hidden.shape[-1]), self.packed)  # (N, n_ids)
        return cast("Tensor", logits.view(*hidden.shape[:-1], self.n_ids))

    def _widened(self) -> Tensor:
        """(n_ids, C), as ``Embedding`` has it."""
        return cast("Tensor", _fbgemm.linear_unpack_fp16(self.packed)[0].float())


class NarrowEmbedding(Narrow):
    """The input half of ``Embedding`` in float16."""

    def __init__(self, source: Embedding) -> None:
        super().__init__()
        self.half_weight = source.weight.detach().half().contiguous()

    def forward(self, ids: Tensor) -> Tensor:
        return F.embedding(ids, self.half_weight).float()  # (B, T) → (B, T, C)

    def _widened(self) -> Tensor:
        """(n_ids, C), as ``Embedding`` has it."""
        return self.half_weight.float()


def check(weights: str) -> None:
    """Raise WeightsError where ``weights`` is none of ``WEIGHTS``, or this processor cannot multiply by them."""
    if weights not in WEIGHTS:
        raise WeightsError("weights.bits", value=weights, choices=", ".join(WEIGHTS))
    if weights == "float16" and not _multiplies_float16():
        raise WeightsError("weights.bits_here", value=weights)


def _multiplies_float16() -> bool:
    return torch.backends.quantized.engine in ("x86", "fbgemm")


@torch.no_grad()
def narrowed(model: GPT, weights: str) -> GPT:
    """``model`` with its large matrices held as ``weights`` says: the model itself, changed, and for reading only.

    With ``auto`` the numbers stay what they are: narrow is only what loses nothing, and nothing where the processor is
    no faster for it. Raises WeightsError as ``check`` does.
    """
    check(weights)
    if weights == "float32" or not _multiplies_float16():
        return model
    exact_only = weights == "auto"
    if not exact_only and not loses_nothing(model):
        model.rounded_to = weights
    head, wte = cast("tuple[Embedding, Embedding]", (model.lm_head, model.transformer["wte"]))
    if _fits(head.weight, exact_only) and (model.config.tied or _fits(wte.weight, exact_only)):
        model.lm_head = NarrowHead(head)  # type: ignore[assignment]
        model.transformer["wte"] = NarrowEmbedding(wte)
    for owner, name in matrices(model):
        wide: Conv1D = getattr(owner, name)
        if _fits(wide.weight, exact_only):
            setattr(owner, name, NarrowConv1D(wide))
    return model.eval()


def loses_nothing(model: GPT) -> bool:
    """Whether ``float16`` changes no number of ``model``: of its large matrices, the others stay as they are."""
    weights = [model.lm_head.weight, model.transformer["wte"].weight]
    weights += [getattr(owner, name).weight for owner, name in matrices(model)]
    return all(weight.numel() < LARGE or _is_exact(weight) for weight in cast("list[Tensor]", weights))


def matrices(model: GPT) -> Iterator[tuple[nn.Module, str]]:
    """Where the matrices inside the blocks are: each one's owner, and its name there."""
    for block in model.blocks:
        yield from ((block.attn, "c_attn"), (block.attn, "c_proj"), (block.mlp, "c_fc"), (block.mlp, "c_proj"))


def held_as(model: GPT) -> str:
    """What the large matrices of a model are held in: float32, float16, or a form of ``gptviz.compression``."""
    return next((module.form for module in model.modules() if isinstance(module, Narrow)), "float32")


def _fits(weight: Tensor, exact_only: bool) -> bool:
    """Whether a matrix is to be held in float16: it is large enough, and all its numbers are, if they must be."""
    if weight.numel() < LARGE:
        return False
    return not exact_only or _is_exact(weight)


def _is_exact(weight: Tensor) -> bool:
    """Whether every number is one of float16; others show in the first rows already, so few are looked at whole."""
    return all(torch.equal(part.half().float(), part) for part in (weight[:4], weight))


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
    return difference(lm.trace(text).logits, other.trace(text).logits)


def difference(ours: npt.NDArray[np.float32], theirs: npt.NDArray[np.float32]) -> Error:
    """The same of logits at hand, each (T, vocab_size), with the same padding at -inf."""
    tokens = ~np.isneginf(ours[0])
    ours, theirs = ours[:, tokens], theirs[:, tokens]
    logp, logq = (log_softmax(x.astype(np.float64)) for x in (ours, theirs))
    divergence = relative_entropy(logp, logq)  # (T,)
    same = ours.argmax(-1) == theirs.argmax(-1)
    return Error(float(np.abs(ours - theirs).max()), float(divergence.mean()), float(same.mean()))
