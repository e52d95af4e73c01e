"""What a tuning will cost, worked out before it begins.

Numbers that are learnt are counted on a model without weights (torch's meta device), so they are exact for every
method. FLOPs of a token (Kaplan et al. 2020, section 2.1): 2 for each parameter of a matrix forwards, 2 more where the
loss must be led back through it, and 2 for each number that is learnt.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch

from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT
from gptviz.tuning.method import Method
from gptviz.tuning.methods.head import Head
from gptviz.tuning.trunk import Trunk

_BYTES = 4  # of a number in float32
_PROCESS = 400_000_000  # of a process with torch and scikit-learn, before it has a model
_COPIES = 3  # of the model: as it was, the one that is tuned, and what is compared with it in the end
FLOPS = 6e10  # multiplications and additions a second that a core does on models of this size


class Cost(NamedTuple):
    """Numbers of one run."""

    n_parameters: int  # of the model that is tuned
    trainable: int  # numbers that are learnt, the head's included
    n_bytes: int  # about, of the process that tunes
    seconds: float  # about, on one core


@lru_cache(maxsize=64)
def trainable(config: GPTConfig, method: Method) -> int:
    """How many numbers of the model, or beside it, are learnt. Raises ConfigError where the method does not fit."""
    with torch.device("meta"):
        trunk = Trunk(GPT(config))
        method.prepare(trunk)
    return sum(parameter.numel() for parameter in trunk.parameters() if parameter.requires_grad)


def cost(config: GPTConfig, method: Method, *, n_outputs: int, n_texts: int, n_tokens: float, epochs: int,
         batch_size: int, says: bool) -> Cost:  # fmt: skip
    """Of reading ``n_texts`` texts of ``n_tokens`` tokens on average ``epochs`` times.

    ``n_outputs``: labels or tags of the head, 0 without one; ``says``: the loss is of tokens, over the vocabulary.
    """
    n, inner = config.n_parameters, config.n_layer * config.n_embd
    learnt = trainable(config, method) + n_outputs * (config.n_embd + 1)
    matrices = n - (0 if says else config.vocab_size * config.n_embd)
    back = 0 if isinstance(method, Head) else matrices
    flops = 2.0 * (matrices + back + (learnt if not isinstance(method, Head) else 0))
    row = batch_size * n_tokens * (14 * inner + (2 * config.vocab_size if says else 0))
    n_bytes = _PROCESS + _BYTES * (_COPIES * n + 3 * learnt + row)
    return Cost(n, learnt, round(n_bytes), epochs * n_texts * n_tokens * flops / FLOPS)
