"""A GPT under GPT-2's parameter names, built of the parts that its configuration names, one screen per idea.

Vocabulary of this file, and of everything above it:

- axes: ``B`` batch, ``T`` positions, ``C`` = n_embd; heads are ``n_head`` of width ``head_dim`` (of keys and values
  ``n_kv_head``, where several heads of queries share them);
- ``q k v``: queries, keys, values; ``scores`` = q·k/√d before the mask; ``pattern`` = softmax after it;
  ``z`` = the values weighted by the pattern; ``resid`` = the residual stream.

Nothing is ever stored on the model, so that many threads can share it. What a call wants to keep goes into the
``KVCache`` it passes in: generation keeps keys and values, a trace (``gptviz.gpt.trace``) keeps everything. What passes
a place with a name (``gptviz.gpt.taps``) goes through the cache's hands, which may put something else in its stead.
Here are the blocks and what lies around them; the parts are in ``attention``, ``mlp``, ``layers`` and ``positions``.
Sources: Vaswani et al. 2017 (attention), Radford et al. 2019 (GPT-2), Wang & Komatsuzaki 2021 (parallel blocks).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptviz.gpt.attention import CausalSelfAttention, causal_mask
from gptviz.gpt.attention import fused_attention as fused_attention
from gptviz.gpt.cache import KVCache, tapped
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.layers import Conv1D as Conv1D
from gptviz.gpt.layers import Embedding, Plain, norm_of
from gptviz.gpt.mlp import MLP
from gptviz.gpt.positions import at_places, rotary_angles, sinusoids


class Block(Plain):
    """Attention, then the MLP; each reads a normalised copy of the residual stream and adds to it.

    In a ``parallel`` block both read the stream as it comes, and the MLP does not see what attention adds.
    """

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        self.ln_1 = norm_of(config)
        self.attn = CausalSelfAttention(config, layer)
        self.ln_2 = norm_of(config)
        self.mlp = MLP(config, layer)
        self.layer, self.dropout, self.parallel = layer, config.dropout, config.parallel

    def forward(self, x: Tensor, B: int, cache: KVCache | None, mask: Tensor | None, rotation: Tensor | None) -> Tensor:
        out = tapped(cache, "attn_out", self.layer, self.attn(self.ln_1(x), B, cache, mask, rotation))  # (B·T, C)
        mid = tapped(cache, "resid_mid", self.layer, x + self.drop(out))
        out = tapped(cache, "mlp_out", self.layer, self.mlp(self.ln_2(x if self.parallel else mid), cache))
        return mid + self.drop(out)

    def drop(self, x: Tensor) -> Tensor:
        """Dropout while training (Srivastava et al. 2014); else nothing, at no cost."""
        return F.dropout(x, self.dropout) if self.training and self.dropout else x


class GPT(nn.Module):
    """Token ids in, a logit for every token of the vocabulary out, at every position."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        self.n_tokens = config.n_tokens or config.vocab_size  # see ``logits``
        self.recompute = False  # in training: see ``through``
        self.rounded_to: str | None = None  # where numbers were lost in loading: see ``gptviz.gpt.quantization``
        parts: dict[str, nn.Module] = {
            "wte": Embedding(config.vocab_size, config.n_embd),
            "h": nn.ModuleList(Block(config, layer) for layer in range(config.n_layer)),
            "ln_f": norm_of(config),
        }
        if config.position == "learned":
            parts["wpe"] = Embedding(config.block_size, config.n_embd)
        self.transformer = nn.ModuleDict(parts)
        self.lm_head = Embedding(config.vocab_size, config.n_embd)
        if config.tied:
            self.lm_head.weight = self.transformer["wte"].weight  # type: ignore[assignment]
        if not self.lm_head.weight.is_meta:  # on "meta" there is nothing to start: a file is about to be read
            self.initialise()

    @torch.no_grad()
    def initialise(self) -> None:
        """GPT-2's start: N(0, 0.02), and narrower for the two matrices that write into the residual stream."""
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                shrink = math.sqrt(2 * self.config.n_layer) if name.endswith("c_proj.weight") else 1.0
                nn.init.normal_(parameter, std=0.02 / shrink)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    @torch.no_grad()
    def start_positions(self, amplitude: float) -> None:
        """Set the learnt position embeddings to sine waves, from which they go on learning.

        For waves "one position back" is a turn, that is one matrix (Vaswani et al. 2017, section 3.5); out of noise,
        heads that look there, and the induction heads that need them, form many times later.
        """
        if self.config.position == "learned":
            wpe = cast("Tensor", self.transformer["wpe"].weight)
            wpe.copy_(sinusoids(0, self.config.block_size, self.config.n_embd) * amplitude)

    def forward(self, ids: Tensor, cache: KVCache | None = None) -> Tensor:
        """``ids`` (B, T) → the normalised last residual stream (B, T, C); ``logits`` turns it into predictions.

        With a ``cache`` the ids continue what it has read. The caller checks that all fits into ``block_size``.
        """
        B, T = ids.shape
        start = cache.length if cache else 0
        if cache:
            cache.reserve(T)
        places = cache.places(start, T) if cache else None
        x = self.embed(ids, start, places).flatten(0, 1)  # (B·T, C): only attention must know whose position is whose
        rotation = self.rotation(start, T, x, places)
        masks = self.masks(start, T, cache, x.device)
        for layer, block in enumerate(self.blocks):
            x = tapped(cache, "resid", layer, x)
            x = block(x, B, cache, masks[layer], rotation) if cache or not self.recompute else self.through(
                block, x, B, masks[layer], rotation)  # fmt: skip
        out = tapped(cache, "hidden", 0, self.transformer["ln_f"](tapped(cache, "resid", self.config.n_layer, x)))
        if cache:
            cache.length += T
        return out.view(B, T, -1)

    def through(self, block: Block, x: Tensor, B: int, mask: Tensor | None, rotation: Tensor | None) -> Tensor:
        """A block of which nothing is kept for the way back but what went in (Chen et al. 2016, arXiv 1604.06174).

        What it computed is computed again there: a third more work, and memory for one block's activations at a time.
        """
        if not torch.is_grad_enabled():
            return block(x, B, None, mask, rotation)
        from torch.utils.checkpoint import checkpoint

        found: Tensor = checkpoint(block, x, B, None, mask, rotation, use_reentrant=False)
        return found

    @property
    def blocks(self) -> Iterable[Block]:
        """The blocks, first to last."""
        return cast("Iterable[Block]", self.transformer["h"])

    def rotation(self, start: int, T: int, x: Tensor, places: Tensor | None = None) -> Tensor | None:
        """How far queries and keys are turned, where positions are rotary: where ``x`` is, and in its type.

        Worked out there too: a step with a part on the CPU takes longer to compile, and waits.
        """
        width = self.config.rotary_width
        return rotary_angles(start, T, width, self.config.rotary, places, x.device).to(x) if width else None

    def masks(self, start: int, T: int, cache: KVCache | None, device: torch.device) -> Sequence[Tensor | None]:
        """For each layer, what no query may look at; None where that goes without saying.

        One new position sees all: nothing to mask; nor has a model that is not causal. Without a cache the fused kernel
        masks the future itself. A window counts only where there are more positions than it has.
        """
        plain = causal_mask(start, T, 0, device) if cache and T > 1 and self.config.causal else None
        windows = self.config.windows or (0,) * self.config.n_layer
        made: dict[int, Tensor | None] = {
            window: causal_mask(start, T, window, device) if 0 < window < start + T else plain
            for window in set(windows)
        }
        masks = [made[window] for window in windows]
        return [cache.masked(layer, mask) for layer, mask in enumerate(masks)] if cache else masks

    def embed(self, ids: Tensor, start: int, places: Tensor | None = None) -> Tensor:
        """Token embedding plus position embedding (for rotary positions, the token alone): (B, T) → (B, T, C).

        ``places`` (T,) are positions other than ``start``, ``start + 1``, …; -1 is none, where nothing is added.
        """
        x: Tensor = self.transformer["wte"](ids)
        if self.config.embedding_scale != 1.0:
            x = x * self.config.embedding_scale
        return self.placed(x, start, places)

    def placed(self, x: Tensor, start: int, places: Tensor | None = None) -> Tensor:
        """What stands for tokens, (B, T, C), with its positions; while training with dropout."""
        T = x.shape[1]
        if self.config.position == "learned":
            wpe: Tensor = self.transformer["wpe"].weight  # type: ignore[assignment]
            x = x + (wpe[start : start + T] if places is None else at_places(wpe, places))
        elif self.config.position == "sinusoidal":
            x = x + sinusoids(start, T, self.config.n_embd, places, x.device)
        return F.dropout(x, self.config.dropout) if self.training and self.config.dropout else x

    @torch.inference_mode()
    def embedded(self, token: int, pos: int) -> tuple[Tensor, Tensor | None]:
        """What ``embed`` adds up for one token at ``pos``, apart: (C,) and (C,); None where positions are rotary."""
        row: Tensor = self.transformer["wte"](torch.tensor([token]))[0] * self.config.embedding_scale
        if self.config.position == "rotary":
            return row.clone(), None
        if self.config.position == "sinusoidal":
            return row.clone(), sinusoids(pos, 1, self.config.n_embd)[0]
        wpe: Tensor = self.transformer["wpe"].weight  # type: ignore[assignment]
        return row.clone(), wpe[pos].clone()

    def logits(self, hidden: Tensor) -> Tensor:
        """(…, C) → (…, vocab_size): -inf, a probability of 0, for rows that only pad the vocabulary.

        Matrices of a multiple of 64 rows are multiplied faster, so that many have more rows than there are tokens. Who
        knows the tokens says how many there are in ``n_tokens``.
        """
        logits = self.lm_head.project(hidden)
        if self.n_tokens < logits.shape[-1]:
            logits[..., self.n_tokens :] = -math.inf
        return logits

    @property
    def output_rows(self) -> Tensor:
        """(n_tokens, C): the output matrix without padding, for losses that take the logits themselves."""
        weight = self.lm_head.weight
        return weight if self.n_tokens == len(weight) else weight[: self.n_tokens]
