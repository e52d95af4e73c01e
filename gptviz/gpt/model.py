"""A GPT: GPT-2's architecture and GPT-2's parameter names, one screen per idea.

Vocabulary of this file, and of everything above it:

- axes: ``B`` batch, ``T`` positions, ``C`` = n_embd; heads are ``n_head`` of width ``head_dim``;
- ``q k v``: queries, keys, values; ``scores`` = q·k/√d before the mask; ``pattern`` = softmax after it;
  ``z`` = the values weighted by the pattern; ``resid`` = the residual stream.

Nothing is ever stored on the model, so that many threads can share it. What a call wants to keep goes into the
``KVCache`` it passes in: generation keeps keys and values, a trace (``gptviz.gpt.trace``) keeps everything. What passes
a place with a name (``gptviz.gpt.taps``) goes through the cache's hands, which may put something else in its stead.
Sources: Vaswani et al. 2017 (attention), Radford et al. 2019 (GPT-2), Su et al. 2021 (rotary positions).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gptviz.gpt.cache import KVCache
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.positions import rotary_angles, rotate, sinusoids

#: Numbers in a matrix from which threads share the product with one position: smaller ones lie in a core's own cache.
SHARED = 2**17


class Plain(nn.Module):
    """A module without hooks, whose parts are plain attributes: calling it is calling ``forward``.

    What torch does in between (hooks, look-ups by name) costs, for one position of a small model, as much as the matrix
    products themselves; listening is the cache's business here.
    """

    if TYPE_CHECKING:

        def __call__(self, *args: Any) -> Tensor: ...

    def __init_subclass__(cls) -> None:
        cls.__call__ = cls.forward  # type: ignore[method-assign]

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if isinstance(value, nn.Module | nn.Parameter):
            self.__dict__[name] = value  # found at once, before torch's own look-up


class Conv1D(Plain):
    """x W + b, with W stored (in, out) as GPT-2 stores it; for one row at a time this layout is also the faster one."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_in, n_out))
        self.bias = nn.Parameter(torch.empty(n_out))
        self.n_in, self.n_out, self.shared = n_in, n_out, n_in * n_out >= SHARED

    def forward(self, x: Tensor) -> Tensor:
        if self.shared and x.shape[0] == 1 and x.is_cpu:
            threads = torch.get_num_threads()
            if threads > 1 and self.n_out % threads == 0:
                return self.one_row(x, threads)
        return torch.addmm(self.bias, x, self.weight)  # (N, n_in) → (N, n_out)

    def one_row(self, x: Tensor, parts: int) -> Tensor:
        """The same for one position, its columns in equal ``parts``: a vector times a matrix is otherwise read by one
        thread alone (in MKL on some processors), and the memory could serve them all."""
        bias = self.bias.view(parts, 1, -1)
        columns = self.weight.view(self.n_in, parts, -1).transpose(0, 1)  # (parts, n_in, n_out / parts)
        return torch.baddbmm(bias, x.expand(parts, 1, self.n_in), columns).view(1, self.n_out)


class Embedding(Plain):
    """A learnt vector for each id; read the other way round (``project``), a logit for each id."""

    def __init__(self, n_ids: int, n_embd: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_ids, n_embd))

    def forward(self, ids: Tensor) -> Tensor:
        return F.embedding(ids, self.weight)  # (B, T) → (B, T, C)

    def project(self, hidden: Tensor) -> Tensor:
        """(…, C) → (…, n_ids)."""
        return F.linear(hidden, self.weight)


class LayerNorm(Plain):
    """Each position's numbers shifted to mean 0 and scaled to variance 1, then by learnt vectors (Ba et al. 2016)."""

    def __init__(self, n_embd: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(n_embd))
        self.bias = nn.Parameter(torch.zeros(n_embd))
        self.shape, self.eps = (n_embd,), eps

    def forward(self, x: Tensor) -> Tensor:
        return torch.layer_norm(x, self.shape, self.weight, self.bias, self.eps)


class CausalSelfAttention(Plain):
    """Each position asks (q), every earlier one answers (k) and hands over its content (v)."""

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        self.c_attn = Conv1D(config.n_embd, 3 * config.n_embd)
        self.c_proj = Conv1D(config.n_embd, config.n_embd)
        self.layer, self.n_head, self.head_dim, self.dropout = layer, config.n_head, config.head_dim, config.dropout
        self.scale = 1.0 / math.sqrt(config.head_dim)
        self.fused: Callable[[Tensor, Tensor, Tensor, float], Tensor] = fused_attention  # see mixed_precision

    def forward(self, x: Tensor, B: int, cache: KVCache | None, mask: Tensor | None, rotation: Tensor | None) -> Tensor:
        n_head, d = self.n_head, self.head_dim
        qkv = self.c_attn(x).view(B, -1, 3, n_head, d).permute(2, 0, 3, 1, 4)  # (3, B, n_head, T, d)
        if rotation is not None:
            qkv = torch.cat((rotate(qkv[:2], rotation), qkv[2:]))
        if cache is None:  # training: the same sum in one fused kernel (which wants four axes), and nothing kept
            q, k, v = qkv.unbind(0)
            z = self.fused(q, k, v, self.dropout if self.training else 0.0)
        else:
            z = self.attend(qkv.reshape(3, B * n_head, -1, d), cache, mask)  # the heads of all rows are one batch
        y = z.view(B, n_head, -1, d).transpose(1, 2).reshape(x.shape)  # the heads side by side: (B·T, C)
        return self.c_proj(y)

    def attend(self, qkv: Tensor, cache: KVCache, mask: Tensor | None) -> Tensor:
        """Vaswani et al. 2017, equation 1, step by step; ``mask`` is true where a key lies in the future."""
        tap, layer = cache.tap, self.layer
        q = tap("q", layer, qkv[0])  # (B·n_head, T, head_dim)
        k, v = cache.extend(layer, qkv[1:]).unbind(0)  # (B·n_head, T_all, head_dim)
        scores = tap("scores", layer, torch.bmm(q, k.transpose(1, 2)).mul_(self.scale))  # (B·n_head, T, T_all)
        masked = scores if mask is None else scores.masked_fill(mask, -math.inf)
        pattern = tap("pattern", layer, masked.softmax(-1))  # (B·n_head, T, T_all), rows sum to 1
        return tap("z", layer, torch.bmm(pattern, v))  # (B·n_head, T, head_dim)


class MLP(Plain):
    """Two matrices with an activation between them, by default a GELU, applied to each position alone."""

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        self.layer = layer
        self.c_fc = Conv1D(config.n_embd, config.mlp_width)
        self.c_proj = Conv1D(config.mlp_width, config.n_embd)
        self.activation = _ACTIVATIONS[config.activation]

    def forward(self, x: Tensor, cache: KVCache | None) -> Tensor:
        return self.c_proj(tapped(cache, "mlp_hidden", self.layer, self.activations(x)))

    def activations(self, x: Tensor) -> Tensor:
        """What lies between the two matrices, (B·T, mlp_width)."""
        return self.activation(self.c_fc(x))


def gelu_new(x: Tensor) -> Tensor:
    """GPT-2's GELU, the tanh form (Hendrycks & Gimpel 2016, section 2)."""
    return F.gelu(x, approximate="tanh")


_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu_new": gelu_new,
    "gelu": F.gelu,
    "relu": F.relu,
    "silu": F.silu,
}


class Block(Plain):
    """Attention, then the MLP; each reads a normalised copy of the residual stream and adds to it."""

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        self.ln_1 = LayerNorm(config.n_embd, config.eps)
        self.attn = CausalSelfAttention(config, layer)
        self.ln_2 = LayerNorm(config.n_embd, config.eps)
        self.mlp = MLP(config, layer)
        self.layer, self.dropout = layer, config.dropout

    def forward(self, x: Tensor, B: int, cache: KVCache | None, mask: Tensor | None, rotation: Tensor | None) -> Tensor:
        out = tapped(cache, "attn_out", self.layer, self.attn(self.ln_1(x), B, cache, mask, rotation))  # (B·T, C)
        x = tapped(cache, "resid_mid", self.layer, x + self.drop(out))
        out = tapped(cache, "mlp_out", self.layer, self.mlp(self.ln_2(x), cache))
        return x + self.drop(out)

    def drop(self, x: Tensor) -> Tensor:
        """Dropout while training (Srivastava et al. 2014); else nothing, at no cost."""
        return F.dropout(x, self.dropout) if self.training and self.dropout else x


class GPT(nn.Module):
    """Token ids in, a logit for every token of the vocabulary out, at every position."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        self.n_tokens = config.n_tokens or config.vocab_size  # see ``logits``
        self.rounded_to: str | None = None  # where numbers were lost in loading: see ``gptviz.gpt.quantization``
        parts: dict[str, nn.Module] = {
            "wte": Embedding(config.vocab_size, config.n_embd),
            "h": nn.ModuleList(Block(config, layer) for layer in range(config.n_layer)),
            "ln_f": LayerNorm(config.n_embd, config.eps),
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
        x = self.embed(ids, start).flatten(0, 1)  # (B·T, C): only attention needs to know whose positions are whose
        rotation = rotary_angles(start, T, self.config.head_dim) if self.config.position == "rotary" else None
        rotation = rotation.to(x) if rotation is not None else None  # where the stream is, and in its type
        mask = causal_mask(start, T) if cache and T > 1 else None  # one new position sees all: nothing to mask
        for layer, block in enumerate(self.blocks):
            x = block(tapped(cache, "resid", layer, x), B, cache, mask, rotation)
        out = tapped(cache, "hidden", 0, self.transformer["ln_f"](tapped(cache, "resid", self.config.n_layer, x)))
        if cache:
            cache.length += T
        return out.view(B, T, -1)

    @property
    def blocks(self) -> Iterable[Block]:
        """The blocks, first to last."""
        return cast("Iterable[Block]", self.transformer["h"])

    def embed(self, ids: Tensor, start: int) -> Tensor:
        """Token embedding plus position embedding (for rotary positions, the token alone): (B, T) → (B, T, C)."""
        x: Tensor = self.transformer["wte"](ids)
        T = ids.shape[1]
        if self.config.position == "learned":
            wpe: Tensor = self.transformer["wpe"].weight  # type: ignore[assignment]
            x = x + wpe[start : start + T]
        elif self.config.position == "sinusoidal":
            x = x + sinusoids(start, T, self.config.n_embd).to(ids.device)
        return F.dropout(x, self.config.dropout) if self.training and self.config.dropout else x

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


def tapped(cache: KVCache | None, name: str, layer: int, x: Tensor) -> Tensor:
    """What goes on from the place ``name``: what the cache makes of ``x``; without one (in training) ``x`` itself."""
    return x if cache is None else cache.tap(name, layer, x)


def fused_attention(q: Tensor, k: Tensor, v: Tensor, dropout: float) -> Tensor:
    """Causal attention in torch's own kernel: three times (B, n_head, T, head_dim) → the same."""
    return F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=dropout)


def causal_mask(start: int, T: int) -> Tensor:
    """(T, start + T), true where the key lies after the query: position ``start + i`` may see keys up to itself."""
    return torch.ones(T, start + T, dtype=torch.bool).triu(start + 1)
