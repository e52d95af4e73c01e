"""What must hold before a tuning is believed, each as a number beside the one that it must be.

A light is green where the invariant holds of this run, on this model and these texts; nothing is taken on trust.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor

from gptviz.language_model import LocalModel
from gptviz.tuning.batches import padded
from gptviz.tuning.instructions import Instruction
from gptviz.tuning.method import matrices
from gptviz.tuning.methods.adalora import AdaLoRA
from gptviz.tuning.methods.lora import LoRA, LowRank
from gptviz.tuning.pairs import token_logprobs
from gptviz.tuning.ppo import PPORecord
from gptviz.tuning.trunk import Trunk
from gptviz.tuning.tuner import Tuning

START, FIRST, COUNT, ANSWERS, FROZEN, MOVED, MERGED, BUDGET = (
    "start", "first", "count", "answers", "frozen", "moved", "merged", "budget")  # fmt: skip
LN2, JUDGE, RATIO, CLIPPED, KL, VARIANCE = "ln2", "judge", "ratio", "clipped", "kl", "variance"
NAMES = (START, FIRST, COUNT, ANSWERS, FROZEN, MOVED, MERGED, BUDGET, LN2, JUDGE, RATIO, CLIPPED, KL, VARIANCE)
TEXTS = 8  # on which two models are compared
NEAR, SAME_LOSS = 2e-4, 1e-5  # largest differences of float32 sums in another order: of the stream, of a mean


class Light(NamedTuple):
    """One invariant: what was found, what it must be, and whether it is."""

    name: str
    value: float
    wanted: float
    good: bool


def first_lights(run: Tuning, lm: LocalModel, valid_loss: float | None) -> list[Light]:
    """Those that can be told before the first step; ``valid_loss``: what is held out, at step 0."""
    found = []
    if run.config.method.name not in ("prefix", "prompt"):  # which stand before a text from the first step on
        apart = _apart(run.trunk, Trunk.of(lm), run.rows[0])
        found.append(Light(START, apart, 0.0, apart == 0.0))
    names = getattr(run.learner, "labels", None) or getattr(run.learner, "tags", None)
    if names and valid_loss is not None:
        wanted = math.log(len(names))
        found.append(Light(FIRST, valid_loss, wanted, abs(valid_loss - wanted) < SAME_LOSS * wanted))
    if isinstance(run.config.method, LoRA):
        method = run.config.method
        head = sum(p.numel() for name, p in run.learner.named_parameters() if name.startswith("head."))
        thin = [cast("LowRank", part).base for _, _, part in matrices(run.trunk.model, method.targets)]
        wanted = sum(method.rank * (base.n_in + base.n_out) for base in thin) + head
        found.append(Light(COUNT, run.trainable, wanted, run.trainable == wanted))
    if isinstance(run, Instruction):
        found.append(_of_answers(run))
    return found


def last_lights(run: Tuning, before: Mapping[str, Tensor], learnt: Mapping[str, Tensor], steps: int) -> list[Light]:
    """Those of a run that is over after ``steps``; ``before``: what was frozen, and ``learnt`` what was to be learnt,
    as they were."""
    now = dict(run.learner.named_parameters())
    found = []
    if before:
        changed = sum(not torch.equal(now[name].detach(), value) for name, value in before.items())
        found.append(Light(FROZEN, changed, 0, changed == 0))
    moved = sum(not torch.equal(now[name].detach(), value) for name, value in learnt.items())
    found.append(Light(MOVED, moved, len(learnt), moved > 0))
    if isinstance(run.config.method, LoRA | AdaLoRA):
        whole = run.trunk.copy()
        run.config.method.merge(whole)
        apart = _apart(run.trunk, whole, run.rows[0])
        found.append(Light(MERGED, apart, 0.0, apart < NEAR))
    method = run.config.method
    if isinstance(method, AdaLoRA) and steps >= run.steps - int(
        method.settled * run.steps
    ):  # else it was still cutting
        ranks = method.ranks(run.trunk)
        found.append(Light(BUDGET, sum(ranks), method.rank * len(ranks), sum(ranks) == method.rank * len(ranks)))
    return found


def of_pairs(name: str, loss: float) -> Light:
    """DPO's first loss, or a reward model's: ln 2, for neither prefers anything yet (Rafailov et al. 2023, eq. 7)."""
    return Light(name, loss, math.log(2), abs(loss - math.log(2)) < SAME_LOSS)


def of_ppo(record: PPORecord) -> list[Light]:
    """The four of a step: nothing has moved since the answers were drawn, and they are not all worth the same.

    That KL is 0 holds of the first step alone.
    """
    figures = record.figures
    found = [Light(RATIO, figures.first_ratio, 1.0, abs(figures.first_ratio - 1) < NEAR),
             Light(CLIPPED, figures.first_clipped, 0.0, figures.first_clipped == 0.0)]  # fmt: skip
    if record.step == 1:
        found.append(Light(KL, figures.kl, 0.0, abs(figures.kl) < NEAR))
    return [*found, Light(VARIANCE, record.reward_std**2, 0.0, record.reward_std > 0)]


def frozen(run: Tuning) -> dict[str, Tensor]:
    """A copy of all that is not learnt, by name."""
    return {name: p.detach().clone() for name, p in run.learner.named_parameters() if not p.requires_grad}


def learning(run: Tuning) -> dict[str, Tensor]:
    """A copy of all that is learnt, by name."""
    return {name: p.detach().clone() for name, p in run.learner.named_parameters() if p.requires_grad}


@torch.no_grad()
def _apart(one: Trunk, other: Trunk, rows: Sequence[Sequence[int]]) -> float:
    """The largest difference of both's last residual streams, on the first texts, as a part of the largest number."""
    batch = padded([row[: min(one.most, other.most)] for row in rows[:TEXTS]])
    one.eval()
    other.eval()
    a, b = one(batch.ids), other(batch.ids)
    there = torch.arange(batch.ids.shape[1]) < batch.lengths[:, None]
    return float((a - b).abs()[there].max() / b.abs()[there].max())


@torch.no_grad()
def _of_answers(run: Instruction) -> Light:
    """The loss again, token by token from all logits, of the answers' tokens alone."""
    rows = run.asked[0][:TEXTS]
    run.trunk.eval()
    said, there = token_logprobs(run.trunk, rows)
    total, count = 0.0, 0
    for row in rows:
        logits = run.trunk(torch.tensor([row.ids]))[0] @ run.trunk.model.output_rows.T
        logs = logits.double().log_softmax(-1)
        total -= sum(float(logs[at - 1, row.ids[at]]) for at in range(row.start, len(row.ids)))
        count += len(row.ids) - row.start
    found, wanted = float(-said.sum() / there.sum()), total / count
    return Light(ANSWERS, found, wanted, abs(found - wanted) < 10 * SAME_LOSS * max(1.0, wanted))
