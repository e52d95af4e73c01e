"""Numbers from -127 to 127 and one scale for each channel: a matrix in a quarter of float32's bytes.

Symmetric and per channel, of the weights alone: of each output channel c the scale is s_c = max |w_c| / 127, and each
weight becomes q = round(w / s_c), so that s_c · q is at most s_c / 2 from it (Jacob et al. 2018, arXiv 1712.05877, with
the zero point at 0; one scale for each channel as in Krishnamoorthi 2018, arXiv 1806.08342, section 3).

In files a matrix ``name`` is two tensors: ``name.int8`` in its own shape, and ``name.scale`` in float32, of length 1
along the axis that is summed over. Whoever opens such a file multiplies the two (``opened``); that is all there is to
the format, which transformers does not know and is told not to guess (``MARK`` in ``config.json``).
"""

from __future__ import annotations

import torch
from torch import Tensor

from gptviz.errors import WeightsError
from gptviz.gpt.layout import is_matrix
from gptviz.schema import shown

LARGEST = 127
INT8, SCALE = ".int8", ".scale"
FIELD = "quantization_config"
MARK = {"quant_method": "gptviz_int8"}
_POSITIONS = "transformer.wpe.weight"


def quantised(weight: Tensor, dim: int = -1) -> tuple[Tensor, Tensor]:
    """(q int8 in the shape of ``weight``, s float32 with length 1 along ``dim``, which the channels are summed over).

    A channel of zeros has the scale 1.
    """
    wide = weight.detach().float()
    scale = wide.abs().amax(dim, keepdim=True) / LARGEST
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    return (wide / scale).round().clamp(-LARGEST, LARGEST).to(torch.int8), scale


def packed(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors of a GPT-2 folder with each matrix as two; positions, norms and biases, which are few, in float32."""
    stored: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if tensor.ndim == 2 and name != _POSITIONS:
            q, scale = quantised(tensor, dim=0 if is_matrix(name, tensor) else 1)
            stored |= {name + INT8: q.contiguous(), name + SCALE: scale.contiguous()}
        else:
            stored[name] = tensor.detach().float().contiguous()
    return stored


def opened(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same with each such pair as the one matrix that it stands for; of tensors on ``meta``, its shape.

    Raises WeightsError where a scale has another shape than one for each channel. A half of a pair keeps its name.
    """
    for name in [name.removesuffix(INT8) for name in stored if name.endswith(INT8)]:
        if name + SCALE not in stored or name in stored:
            continue
        q, scale = stored.pop(name + INT8), stored.pop(name + SCALE)
        if q.ndim != 2 or tuple(scale.shape) not in ((1, q.shape[1]), (q.shape[0], 1)):
            wanted = (1, q.shape[-1]) if q.ndim else ()
            raise WeightsError("weights.shape", name=shown(name + SCALE), found=tuple(scale.shape), wanted=wanted)
        stored[name] = torch.empty(q.shape, device="meta") if q.is_meta else q.float().mul_(scale.float())
    return stored
