"""PPO: a model answers, a reward says how good that was, and what was better than expected becomes likelier.

The settings are those of TRL; Schulman et al. 2017 (the clipped objective, equation 7), Schulman et al. 2016 (GAE,
equation 16), Ouyang et al. 2022 (each token pays for how far it is from the reference). Four lights must be green
before anything is believed: in the first minibatch of each step the ratio is 1 and nothing is clipped, at the first
step KL is 0, and the rewards of the answers are not all alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from gptviz.errors import ConfigError
from gptviz.language_model import LocalModel, LocalReader
from gptviz.numbers import softmax
from gptviz.tuning.batches import padded
from gptviz.tuning.method import Method, require
from gptviz.tuning.methods.lora import LoRA
from gptviz.tuning.pairs import Asked, ask
from gptviz.tuning.trunk import Trunk

#: Prompts and answers → a number for each answer.
Rule: TypeAlias = Callable[[Sequence[str], Sequence[str]], Sequence[float]]


@dataclass(frozen=True)
class PPOConfig:
    """One run."""

    method: Method = field(default_factory=LoRA)
    steps: int = 20
    prompts: int = 4  # asked in one step
    answers: int = 4  # drawn for each
    max_new_tokens: int = 24
    temperature: float = 0.7
    kl: float = 0.05  # paid by each token for each nat that it is likelier than to the reference
    clip: float = 0.2
    epochs: int = 4  # times that one step's answers are gone through
    value: float = 0.1  # weight of the value head's loss
    gamma: float = 1.0
    lam: float = 0.95
    learning_rate: float | None = None
    grad_clip: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, low, high in (("steps", 1, 100_000), ("prompts", 1, 1024), ("answers", 1, 1024), ("lam", 0, 1),
                                ("max_new_tokens", 1, 1024), ("temperature", 1e-3, 100), ("kl", 0, 1e3),
                                ("clip", 1e-6, 1), ("epochs", 1, 100), ("value", 0, 1e3), ("gamma", 0, 1)):  # fmt: skip
            require(name, getattr(self, name), low, high)
        if not self.method.merges:
            raise ConfigError("tune.no_merge", method=self.method.name)


class Figures(NamedTuple):
    """What one step's learning came to."""

    kl: float  # nats per answer, as it was drawn: Σ ln p − ln p of the reference
    first_ratio: float  # of the first minibatch, mean: 1
    first_clipped: float  # part of its tokens that were clipped: 0
    clipped: float  # in the last
    policy_loss: float
    value_loss: float
    entropy: float  # nats per token of what was drawn from, at the temperature


class PPORecord(NamedTuple):
    """One step."""

    step: int
    reward: float  # mean over answers, without what KL costs
    reward_std: float  # between them: without any there is nothing to learn
    figures: Figures
    length: float  # tokens of an answer, mean
    samples: list[tuple[str, str]]  # some questions with answers
    seconds: float


class Drawn(NamedTuple):
    """Answers as drawn: (B, T - 1) of each token but the first, where ``there`` it is an answer's."""

    rows: list[Asked]
    there: Tensor
    logprobs: Tensor
    values: Tensor
    entropy: Tensor


class PPO:
    """A model, questions, and what an answer is worth."""

    def __init__(self, lm: LocalModel, prompts: Sequence[str], rule: Rule, config: PPOConfig | None = None) -> None:
        """Raises ConfigError without questions, or where the method does not fit the model."""
        if not prompts:
            raise ConfigError("tune.nothing", file="")
        self.lm, self.prompts, self.rule, self.config = lm, list(prompts), rule, config or PPOConfig()
        torch.manual_seed(self.config.seed)
        self.trunk = Trunk.of(lm)
        self.config.method.prepare(self.trunk)
        self.learner = self.trunk
        self.most = self.trunk.most
        self.trunk.eval()  # no dropout: else the first ratio is not 1
        self.reference = Trunk.of(lm).requires_grad_(False).eval()
        self.value_head = nn.Linear(lm.config.n_embd, 1)
        nn.init.zeros_(self.value_head.weight)
        nn.init.zeros_(self.value_head.bias)
        learnt = [p for p in (*self.trunk.parameters(), *self.value_head.parameters()) if p.requires_grad]
        rate = self.config.learning_rate or self.config.method.learning_rate / 4
        self.optimizer = torch.optim.AdamW(learnt, lr=rate, weight_decay=0.0)
        self.learnt = learnt

    def run(self) -> Generator[PPORecord, None, None]:
        """Ask, answer, judge, learn; a record for each step."""
        began = time.perf_counter()
        for step in range(1, self.config.steps + 1):
            rng = np.random.default_rng([self.config.seed, step])
            asked_now = [self.prompts[i] for i in rng.integers(len(self.prompts), size=self.config.prompts)]
            rows = [row for prompt in asked_now for row in self.answer(prompt, rng)]
            texts = [self.lm.tokenizer.decode(self._without_end(row)) for row in rows]
            questions = [prompt for prompt in asked_now for _ in range(self.config.answers)]
            rewards = np.asarray(self.rule(questions, texts), dtype=np.float64)
            if rewards.shape != (len(rows),) or not np.isfinite(rewards).all():
                raise ConfigError("tune.reward")
            figures = self._learn(rows, rewards)
            samples = list(zip(questions, texts, strict=True))[:: self.config.answers]
            lengths = float(np.mean([len(row.ids) - row.start for row in rows]))
            yield PPORecord(step, float(rewards.mean()), float(rewards.std()), figures, lengths, samples,
                            time.perf_counter() - began)  # fmt: skip

    def answer(self, prompt: str, rng: np.random.Generator) -> list[Asked]:
        """Answers drawn from the model as it is, each to its end mark or ``max_new_tokens``."""
        config, end = self.config, self.lm.tokenizer.end_of_text
        before = ask(self.lm, prompt)[-max(1, self.lm.config.block_size - config.max_new_tokens) :]
        reader = LocalReader(self.trunk.model, before).select([0] * config.answers)
        answers: list[list[int]] = [[] for _ in range(config.answers)]
        for _ in range(config.max_new_tokens):
            probs = softmax(reader.logits.astype(np.float64) / config.temperature)  # (answers, vocab_size)
            drawn = [int(np.searchsorted(row.cumsum(), u * row.sum(), "right"))
                     for row, u in zip(probs, rng.random(len(probs)), strict=True)]  # fmt: skip
            ended = [bool(text) and text[-1] == end for text in answers]
            for text, token, over in zip(answers, drawn, ended, strict=True):
                if not over:
                    text.append(token)
            if reader.full or all(text[-1] == end for text in answers):
                break
            reader.append(drawn)
        return [Asked(before + text, len(before)) for text in answers]

    def measure(self, trunk: Trunk, rows: Sequence[Asked]) -> Drawn:
        """ln p of the tokens of answers at the run's temperature, what the value head expects before each, and how
        uncertain what they were drawn from was."""
        batch = padded([row.ids for row in rows])
        hidden = trunk(batch.ids[:, :-1])  # (B, T - 1, C)
        places, starts = torch.arange(1, batch.ids.shape[1]), torch.tensor([row.start for row in rows])
        there = (places >= starts[:, None]) & (places < batch.lengths[:, None])  # (B, T - 1)
        logits = hidden[there] @ trunk.model.output_rows.T / self.config.temperature
        logs = logits.log_softmax(-1)  # (tokens of answers, vocab_size)
        empty = torch.zeros(there.shape)
        chosen = logs.gather(-1, batch.ids[:, 1:][there][:, None])[:, 0]
        values = self.value_head(hidden)[..., 0] * there
        return Drawn(list(rows), there, empty.masked_scatter(there, chosen), values,
                     empty.masked_scatter(there, -(logs.exp() * logs).sum(-1)))  # fmt: skip

    def _learn(self, rows: Sequence[Asked], rewards: npt.NDArray[np.float64]) -> Figures:
        """Go through the answers of one step ``epochs`` times."""
        config = self.config
        with torch.no_grad():
            old, reference = self.measure(self.trunk, rows), self.measure(self.reference, rows)
        apart = (old.logprobs - reference.logprobs) * old.there
        paid = -config.kl * apart
        last = old.there.shape[1] - 1 - old.there.flip(1).long().argmax(1)  # the last token of each answer
        paid[torch.arange(len(rows)), last] += torch.from_numpy(rewards).float()
        advantages, returns = gae(paid, old.values, old.there, config.gamma, config.lam)
        wanted = whitened(advantages, old.there)
        first: tuple[float, float] | None = None
        for _ in range(config.epochs):
            now = self.measure(self.trunk, rows)
            ratio = (now.logprobs - old.logprobs).exp()
            loss, clipped = clipped_loss(ratio, wanted, old.there, config.clip)
            value_loss = mean((now.values - returns).square(), old.there) / 2
            first = first or (float(mean(ratio.detach(), old.there)), clipped)
            self.optimizer.zero_grad(set_to_none=True)
            (loss + config.value * value_loss).backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.learnt, config.grad_clip)
            self.optimizer.step()
        assert first is not None
        return Figures(float(apart.sum(1).mean()), *first, clipped, float(loss.detach()), float(value_loss.detach()),
                       float(mean(old.entropy, old.there)))  # fmt: skip

    def _without_end(self, row: Asked) -> list[int]:
        answer = row.ids[row.start :]
        return answer[:-1] if answer and answer[-1] == self.lm.tokenizer.end_of_text else answer


def gae(rewards: Tensor, values: Tensor, there: Tensor, gamma: float, lam: float) -> tuple[Tensor, Tensor]:
    """Advantages and returns of each token, (B, T) like the arguments; after the last one nothing is expected.

    Schulman et al. 2016, equation 16: A_t = δ_t + γλ A_{t+1}, δ_t = r_t + γ V_{t+1} − V_t. With λ = 1 an advantage is
    the return less the value.
    """
    advantages = torch.zeros_like(rewards)
    ahead, expected = torch.zeros(len(rewards)), torch.zeros(len(rewards))
    for t in range(rewards.shape[1] - 1, -1, -1):
        here = there[:, t]
        delta = rewards[:, t] + gamma * expected - values[:, t]
        ahead = torch.where(here, delta + gamma * lam * ahead, ahead)
        expected = torch.where(here, values[:, t], expected)
        advantages[:, t] = torch.where(here, ahead, 0.0)
    return advantages, advantages + values * there


def clipped_loss(ratio: Tensor, advantages: Tensor, there: Tensor, clip: float) -> tuple[Tensor, float]:
    """Schulman et al. 2017, equation 7, with its sign turned: the mean over tokens; and the part that was clipped."""
    plain, bounded = -advantages * ratio, -advantages * ratio.clamp(1 - clip, 1 + clip)
    return mean(torch.maximum(plain, bounded), there), float(mean((bounded > plain).float(), there))


def mean(x: Tensor, there: Tensor) -> Tensor:
    """Over the tokens that are there."""
    return (x * there).sum() / there.sum()


def whitened(x: Tensor, there: Tensor) -> Tensor:
    """With mean 0 and variance 1 over the tokens that are there."""
    middle = mean(x, there)
    spread = mean((x - middle).square(), there)
    return (x - middle) * torch.rsqrt(spread + 1e-8)
