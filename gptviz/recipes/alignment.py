"""Learning what is better: the run, and answers to choose from."""

from __future__ import annotations


def run(model: str, by: str, rule: str, epochs: int, steps: int, beta: float, kl: float, seed: int) -> str:
    """DPO from pairs, or PPO by a reward model that learns from them, or by a rule."""
    lines = ["from pathlib import Path", "import gptviz", "from gptviz import tuning",
             "from gptviz.tuning.pairs import read_pairs",
             f"lm = gptviz.load({model!r}, weights='float32')",
             "pairs = read_pairs(Path('pairs.jsonl'))",
             f"config = tuning.TuneConfig(method=tuning.method('lora'), epochs={epochs!r}, batch_size=8, patience=0,",
             f"                           valid_share=0.2, seed={seed!r})"]  # fmt: skip
    if by == "dpo":
        if rule:
            lines += ["from gptviz.tuning.rules import pairs_by",
                      f"pairs = pairs_by({rule!r}, lm, [pair.prompt for pair in pairs])"]  # fmt: skip
        lines += ["from gptviz.tuning.preferences import DPO", f"run = DPO(lm, pairs, config, beta={beta!r})"]
    else:
        lines += ["from gptviz.tuning.ppo import PPO, PPOConfig"]
        if rule:
            lines += ["from gptviz.tuning.rules import reward_of", f"reward = reward_of({rule!r})"]
        else:
            lines += ["from gptviz.tuning.preferences import Reward, rewards_by", "judge = Reward(lm, pairs, config)",
                      "for record in judge.run(): print(record)", "reward = rewards_by(judge, lm)"]  # fmt: skip
        lines += [f"settings = PPOConfig(steps={steps!r}, kl={kl!r}, seed={seed!r})",
                  "run = PPO(lm, [pair.prompt for pair in pairs], reward, settings)"]  # fmt: skip
    return "\n".join([*lines, "for record in run.run(): print(record)", "tuning.save(run, lm, Path('out'))"])


def sampled(model: str, prompt: str) -> str:
    """Two answers to a prompt."""
    return "\n".join([
        "import gptviz",
        "from gptviz.tuning.sampling import sampled",
        f"lm = gptviz.load({model!r})",
        f"[sampled(lm, {prompt!r}, seed=seed) for seed in (0, 1)]",
    ])  # fmt: skip
