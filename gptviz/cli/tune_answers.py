"""``gptviz tune instruct`` and ``gptviz tune prefer``: how a model answers."""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gptviz.cli.tune_shared import add_options, base_model, config_of, files_of, finish, learn, log_of, method_of
from gptviz.errors import ConfigError
from gptviz.rounding import fixed

if TYPE_CHECKING:
    from gptviz.language_model import LocalModel
    from gptviz.tuning.pairs import Pair
    from gptviz.tuning.ppo import PPO, PPORecord

WAYS = ("dpo", "ppo")


def add_to(tasks: Any) -> None:
    """Add both tasks."""
    instruct = tasks.add_parser("instruct", help="answers to questions")
    instruct.add_argument("data", type=Path, help="CSV or JSONL: prompt and answer in each row")
    add_options(instruct)
    instruct.set_defaults(run=run_instruct)
    prefer = tasks.add_parser("prefer", help="the better of two answers")
    prefer.add_argument("data", type=Path, help="CSV or JSONL: prompt, chosen and rejected in each row")
    add_options(prefer)
    prefer.add_argument("--by", choices=WAYS, default="dpo", help="straight from the pairs, or by a reward model")
    prefer.add_argument("--beta", type=float, default=0.1, help="of dpo: how near it stays to the model that it was")
    prefer.add_argument("--kl", type=float, default=0.05, help="of ppo: what a nat of distance costs; 0: nothing")
    prefer.add_argument("--steps", type=int, default=20, help="of ppo")
    prefer.set_defaults(run=run_prefer)


def run_instruct(args: argparse.Namespace) -> int:
    """Tune, measure, save."""
    from gptviz.tuning.instructions import Instruction
    from gptviz.tuning.pairs import read_answers

    files = files_of(args)
    _merges(args)
    examples = read_answers(args.data, encoding=args.encoding)
    lm = base_model(args)
    task = Instruction(lm, examples, config_of(args), source=str(args.data))
    before = task.held_out()
    seconds = learn(task, args)
    after = task.held_out()
    found = {"loss_before": before and before[0], "loss": after and after[0], "trainable": task.trainable,
             "seconds": round(seconds, 2)}  # fmt: skip
    return finish(task, lm, args, files, found)


def run_prefer(args: argparse.Namespace) -> int:
    """Tune, measure, save."""
    from gptviz.tuning.pairs import read_pairs

    files = files_of(args)
    _merges(args)
    pairs = read_pairs(args.data, encoding=args.encoding)
    lm = base_model(args)
    return (_by_dpo if args.by == "dpo" else _by_ppo)(lm, pairs, args, files)


def _by_dpo(lm: LocalModel, pairs: list[Pair], args: argparse.Namespace, files: dict[str, str]) -> int:
    from gptviz.tuning.preferences import DPO

    task = DPO(lm, pairs, config_of(args), beta=args.beta, source=str(args.data))
    seconds = learn(task, args)
    part = 1 if task.pairs[1] else 0
    said = task.preferred(part)
    measured = task.held_out()
    found = {"by": "dpo", "measured_on": "held out" if part else "what was learnt", **said._asdict(),
             "margin": said.margin, "loss": measured and measured[0], "accuracy": measured and measured[1],
             "trainable": task.trainable, "seconds": round(seconds, 2)}  # fmt: skip
    return finish(task, lm, args, files, found)


def _by_ppo(lm: LocalModel, pairs: list[Pair], args: argparse.Namespace, files: dict[str, str]) -> int:
    """First a reward model from the pairs, then PPO on their questions by it."""
    from gptviz.tuning.ppo import PPO, PPOConfig
    from gptviz.tuning.preferences import Reward, rewards_by

    judge = Reward(lm, pairs, config_of(args), source=str(args.data))
    began = time.perf_counter()
    learn(judge, args)
    judged = judge.held_out()
    settings = {"seed": args.seed} if args.seed is not None else {}
    config = PPOConfig(method=method_of(args), steps=args.steps, kl=args.kl, **settings)
    task = PPO(lm, [pair.prompt for pair in pairs], rewards_by(judge, lm), config)
    records = _go_through(task, args)
    found = {"by": "ppo", "reward_accuracy": judged and judged[1], "reward_loss": judged and judged[0],
             "reward_before": records[0].reward if records else None,
             "reward": records[-1].reward if records else None, "kl": records[-1].figures.kl if records else None,
             "trainable": sum(p.numel() for p in task.learnt),
             "seconds": round(time.perf_counter() - began, 2)}  # fmt: skip
    return finish(task, lm, args, files, found)


def _go_through(task: PPO, args: argparse.Namespace) -> list[PPORecord]:
    records: list[PPORecord] = []
    with log_of(args, goes_on=True) as log, suppress(KeyboardInterrupt):  # after the reward model's
        for record in task.run():
            records.append(record)
            said = record._asdict() | {"figures": record.figures._asdict()}
            if log:
                print(json.dumps(said, ensure_ascii=False), file=log, flush=True)
            print(f"step {record.step}: reward {fixed(record.reward, 3)}, KL {fixed(record.figures.kl, 3)} nats",
                  file=sys.stderr)  # fmt: skip
    return records


def _merges(args: argparse.Namespace) -> None:
    """What is to answer anywhere must be a model by itself."""
    method = method_of(args)
    if not method.merges or method.name == "head":
        raise ConfigError("tune.no_model", method=method.name)
