"""``python -m gptviz.jobs.aligned FOLDER``: learning what is better, in a process of its own.

From pairs by DPO; or by PPO, whose reward is a model that has learnt from the pairs, or a stated rule. It stops as a
tuning does (``gptviz.jobs.tuned``). Its records: ``judge`` and ``step`` (as of a tuning), ``preferred`` (DPO: chosen
and rejected apart), ``ppo`` (each step's reward, KL and more), ``light``, and at the end ``answers`` (a few questions
that were kept apart, before and after) and ``report``.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from gptviz.errors import ConfigError
from gptviz.jobs import child_process
from gptviz.jobs.child_process import Stops, Write
from gptviz.jobs.folder import SUMMARY, Ask, Job
from gptviz.jobs.forgotten import forgotten
from gptviz.jobs.settings import settings
from gptviz.jobs.tuned import base, light, said_of
from gptviz.language_model import LocalModel
from gptviz.tuning import sets
from gptviz.tuning.lights import JUDGE, LN2, frozen, last_lights, learning, of_pairs, of_ppo
from gptviz.tuning.methods import method
from gptviz.tuning.pairs import Pair
from gptviz.tuning.ppo import PPO, PPOConfig, Rule
from gptviz.tuning.preferences import DPO, Reward, rewards_by
from gptviz.tuning.rules import RULES, pairs_by, reward_of
from gptviz.tuning.sampling import likeliest
from gptviz.tuning.saved import merged, save
from gptviz.tuning.tuner import TuneConfig, Tuning

BY_DPO, BY_PPO = WAYS = ("dpo", "ppo")
VALID, ASKED, DRAWN = 0.2, 4, 48  # held out; questions asked before and after; of which a rule judges two answers each
FEWEST = 4  # pairs


def main(path: Path) -> int:
    """Align until the end, or until told to stop; 0 where the job is over, 3 where it waits to begin anew."""
    return child_process.run(path, align)


def align(job: Job, write: Write, stops: Stops) -> str:
    """Go through the run, measure and save; how it came to its end: "", "told" or "gone". Raises GptvizError."""
    ask = job.ask
    lm = base(ask)
    write({"record": "read", "texts": 0})
    rule = ask.source if ask.source in RULES else ""
    pairs, prompts = _kept_apart(_pairs(job, lm, rule))
    if len(pairs) < FEWEST:
        raise ConfigError("tune.few_pairs", count=len(pairs), fewest=FEWEST)
    began, used = time.perf_counter(), time.process_time()
    if ask.preset == BY_DPO:
        straight = DPO(lm, pairs, _config(ask), beta=ask.changes.get("beta", 0.1))
        how, figures = _dpo(straight, lm, write, stops)
        run: DPO | PPO = straight
    else:
        judged: Rule = reward_of(rule) if rule else _judge(lm, pairs, ask, write, stops)
        if stops() == "gone":
            return "gone"
        drawn = PPO(lm, [pair.prompt for pair in pairs], judged, _ppo_config(ask))
        write(_begun(lm, drawn.config.steps, sum(p.numel() for p in drawn.learnt), len(pairs)))
        how, figures = _ppo(drawn, write, stops)
        run = drawn
    if how == "gone":
        return how
    spent = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - used,
             "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}  # fmt: skip
    after = merged(run, lm)
    answers = [[prompt, likeliest(lm, prompt), likeliest(after, prompt, like=lm)] for prompt in prompts]
    write({"record": "answers", "rows": answers})
    figures["forgotten"] = forgotten(lm, run.trunk)
    write({"record": "report", "pairs": len(pairs), **figures, **spent})
    save(run, lm, job.path)
    few = {"by": ask.preset, "source": ask.source, "answers": answers, **figures, **spent}
    (job.path / SUMMARY).write_text(json.dumps(few), encoding="utf-8")
    return how


def _kept_apart(pairs: list[Pair]) -> tuple[list[Pair], list[str]]:
    """The pairs that are learnt from, and questions that are asked before and after: where there are enough, others."""
    prompts = list(dict.fromkeys(pair.prompt for pair in pairs))
    asked = prompts[-ASKED:]
    others = [pair for pair in pairs if pair.prompt not in asked]
    return (others if len(prompts) >= 3 * ASKED else pairs), asked


def _pairs(job: Job, lm: LocalModel, rule: str) -> list[Pair]:
    """The visitor's, those that ship, or what a rule says of answers that are drawn."""
    ask = job.ask
    path = job.path / ask.given if ask.given else sets.shipped(sets.PAIRS, ask.changes.get("lang", "en"))
    name = str(ask.changes.get("file") or path.name)
    found = sets.parsed(sets.PAIRS, path.read_text(encoding="utf-8"), name)
    pairs = [pair for pair in found if isinstance(pair, Pair)]
    if not rule:
        return pairs
    prompts = list(dict.fromkeys(pair.prompt for pair in pairs))[:DRAWN]
    return pairs_by(rule, lm, prompts, seed=ask.changes.get("seed", 0)) if ask.preset == BY_DPO else pairs


def _config(ask: Ask, epochs: int | None = None) -> TuneConfig:
    changes = ask.changes
    return TuneConfig(method=method("lora", rank=changes.get("rank", 8)), epochs=epochs or changes.get("epochs", 3),
                      batch_size=8, learning_rate=changes.get("learning_rate") or None, seed=changes.get("seed", 0),
                      valid_share=VALID, patience=0, seconds=60.0 * settings().minutes)  # fmt: skip


def _ppo_config(ask: Ask) -> PPOConfig:
    changes = ask.changes
    return PPOConfig(method=method("lora", rank=changes.get("rank", 8)), steps=changes.get("steps", 20),
                     kl=changes.get("kl", 0.05), temperature=changes.get("temperature", 0.7),
                     learning_rate=changes.get("learning_rate") or None, seed=changes.get("seed", 0))  # fmt: skip


def _begun(lm: LocalModel, steps: int, trainable: int, texts: int) -> dict[str, Any]:
    return {"record": "begun", "steps": steps, "trainable": trainable, "parameters": lm.config.n_parameters,
            "model": lm.name, "fingerprint": lm.fingerprint, "pairs": texts}  # fmt: skip


def _judge(lm: LocalModel, pairs: Sequence[Pair], ask: Ask, write: Write, stops: Stops) -> Rule:
    """A reward model from the pairs. Raises ConfigError where it is stopped before it has learnt."""
    run = Reward(lm, pairs, _config(ask))
    if _followed(run, "judge", JUDGE, write, stops)[0] == "told":
        raise ConfigError("tune.stopped_early")
    return rewards_by(run, lm)


def _dpo(run: DPO, lm: LocalModel, write: Write, stops: Stops) -> tuple[str, dict[str, Any]]:
    before, learnt = frozen(run), learning(run)
    write(_begun(lm, run.steps, run.trainable, len(run.rows[0]) + len(run.rows[1])))
    how, steps = _followed(run, "step", LN2, write, stops)
    for one in last_lights(run, before, learnt, steps):
        write(light(one))
    part = 1 if run.rows[1] else 0
    said, measured = run.preferred(part), run.held_out()
    return how, {"margin": said.margin, "accuracy": measured[1] if measured else None,
                 "loss": measured[0] if measured else None}  # fmt: skip


def _followed(run: Tuning, name: str, first: str, write: Write, stops: Stops) -> tuple[str, int]:
    """The steps of what learns from pairs; after each pass what is said of the pairs held out."""
    step = 0
    with closing(run.run()) as records:
        for record in records:
            step = record.step
            if step == 0:
                write(light(of_pairs(first, record.valid_loss or 0.0)))
            write({**said_of(record), "record": name})
            if record.valid_loss is not None and isinstance(run, DPO):
                write({"record": "preferred", "step": step, **run.preferred(1 if run.rows[1] else 0)._asdict()})
            how = stops()
            if how:
                return how, step
    return "", step


def _ppo(run: PPO, write: Write, stops: Stops) -> tuple[str, dict[str, Any]]:
    """Each step with its reward and how far it has gone; lights of the first step, and of any that turns red."""
    how = ""
    figures: dict[str, Any] = {}
    with closing(run.run()) as records:
        for record in records:
            for one in of_ppo(record):
                if record.step == 1 or not one.good:
                    write(light(one))
            f = record.figures
            write({"record": "ppo", "step": record.step, "reward": record.reward, "reward_std": record.reward_std,
                   "kl": f.kl, "clipped": f.clipped, "entropy": f.entropy, "length": record.length,
                   "value_loss": f.value_loss, "sample": list(record.samples[0]),
                   "seconds": record.seconds})  # fmt: skip
            figures = {"reward": record.reward, "kl": f.kl, "steps": record.step}
            how = stops()
            if how:
                break
    return how, figures


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
