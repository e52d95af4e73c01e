"""Training speed against a plain loop in the manner of nanoGPT: the same GPT, the same batch, the same AdamW.

The other side is what one would write from PyTorch's own parts: ``nn.Linear`` and ``nn.LayerNorm``, fused attention,
all logits of the batch and ``F.cross_entropy``, random windows stacked one by one, gradients clipped, AdamW. (nanoGPT
takes the exact GELU; GPT-2, and so both sides here, its tanh form.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.table import Row, Target
from benchmarks.timing import Arm, in_turn, threads
from gptviz.gpt.config import PRESETS, GPTConfig, TrainConfig
from gptviz.training.data import from_ids, mixture
from gptviz.training.trainer import Trainer

STEPS = 2  # of training in one timing: short, so that a busy spell strikes both sides alike


class PlainBlock(nn.Module):
    """Attention and MLP on a residual stream."""

    def __init__(self, c: GPTConfig) -> None:
        super().__init__()
        self.n_head, self.n_embd = c.n_head, c.n_embd
        self.ln_1, self.ln_2 = nn.LayerNorm(c.n_embd), nn.LayerNorm(c.n_embd)
        self.qkv, self.out = nn.Linear(c.n_embd, 3 * c.n_embd), nn.Linear(c.n_embd, c.n_embd)
        self.mlp = nn.Sequential(nn.Linear(c.n_embd, 4 * c.n_embd), nn.GELU("tanh"), nn.Linear(4 * c.n_embd, c.n_embd))

    def forward(self, x: Tensor) -> Tensor:
        B, T, C = x.shape
        parts = self.qkv(self.ln_1(x)).split(self.n_embd, dim=2)
        q, k, v = (part.view(B, T, self.n_head, C // self.n_head).transpose(1, 2) for part in parts)
        z = F.scaled_dot_product_attention(q, k, v, is_causal=True)  # (B, n_head, T, head_dim)
        x = x + self.out(z.transpose(1, 2).contiguous().view(B, T, C))
        return x + torch.as_tensor(self.mlp(self.ln_2(x)))


class PlainGPT(nn.Module):
    """Embeddings, blocks, tied head, mean cross-entropy."""

    def __init__(self, c: GPTConfig) -> None:
        super().__init__()
        self.wte, self.wpe = nn.Embedding(c.vocab_size, c.n_embd), nn.Embedding(c.block_size, c.n_embd)
        self.blocks, self.ln_f = nn.ModuleList(PlainBlock(c) for _ in range(c.n_layer)), nn.LayerNorm(c.n_embd)
        for matrix in (self.wte.weight, self.wpe.weight):
            nn.init.normal_(matrix, std=0.02)

    def forward(self, ids: Tensor, targets: Tensor) -> Tensor:
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))  # (B, T, C)
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.ln_f(x), self.wte.weight)  # (B, T, vocab_size)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def plain_loop(config: TrainConfig, ids: Tensor) -> Callable[[int], float]:
    """A function that takes so many steps of training and returns the last loss, nats per token."""
    model = PlainGPT(config.model)
    groups: list[dict[str, object]] = [
        {"params": [p for p in model.parameters() if p.ndim >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in model.parameters() if p.ndim < 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=config.learning_rate, betas=config.betas)
    T = config.model.block_size

    def take(steps: int) -> float:
        found = 0.0
        for _ in range(steps):
            places = torch.randint(len(ids) - T, (config.batch_size,)).tolist()
            inputs = torch.stack([ids[p : p + T] for p in places])
            loss = model(inputs, torch.stack([ids[p + 1 : p + 1 + T] for p in places]))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), config.grad_clip)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            found = loss.item()
        return found

    return take


def rows(*, repeats: int, steps: int = STEPS) -> Iterator[Row]:
    """Training on nanoGPT's CPU configuration for tiny Shakespeare, tokens per second; the text is random."""
    config = PRESETS["shakespeare"]
    target = Target("training, nanoGPT's CPU configuration for tiny Shakespeare", "a plain PyTorch loop", 1.0,
                    "tokens/s", at_least=True)  # fmt: skip
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(config.model.vocab_size, (100_000,), generator=generator)
    with threads(), torch.random.fork_rng(devices=[]):
        trainer = Trainer(config, mixture({"random": from_ids("random", ids.tolist())}), device="cpu")
        take = plain_loop(config, ids)

        def ours() -> None:
            for _ in trainer.run(until=trainer.step + steps):
                pass

        found = in_turn({"ours": Arm(ours), "theirs": Arm(lambda: take(steps))}, repeats=repeats, warm_up=1)
    tokens = steps * config.tokens_per_step
    yield target.measured(tokens / found["ours"], tokens / found["theirs"])
