"""What transformers 4.55.4 generates: the last release that runs both contrastive and diverse beam search itself.

    python tests/golden/record.py

with that version installed writes ``decoding.json`` beside this file; the tests rebuild the same models from their
numpy seeds and ask for the same tokens. Later releases fetch these searches from the network when they are called.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

VERSION = "4.55.4"
GOLDEN = Path(__file__).with_name("decoding.json")
VOCAB_SIZE = 50
PROMPTS = ([1, 2, 3], [7], [20, 11, 20, 11, 20])
COUNT = 20  # tokens asked for
SEEDS = (1, 13, 19)  # models that write varied texts
EVERY = 7  # of the beam settings each seventh is recorded on a model and prompt, another seventh on the next
#: An unbounded search, whose tokens are made to be the end of a text in turn.
FREE = {"name": "beam", "width": 4, "n_groups": 2, "diversity_penalty": 0.2}


def numbered_gpt2(seed: int) -> Any:
    """A GPT-2 whose weights come from numpy's generator, in order of name: the same in every version of torch."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        n_layer=2, n_head=2, n_embd=16, n_positions=64, vocab_size=VOCAB_SIZE, attn_implementation="eager"
    )
    model = GPT2LMHeadModel(config).eval()
    rng = np.random.Generator(np.random.PCG64(seed))
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            centre = 1.0 if "ln_" in name and name.endswith("weight") else 0.0
            noise = (0.4 * rng.standard_normal(parameter.shape)).astype(np.float32)
            parameter.copy_(torch.from_numpy(noise) + centre)
    return model


def settings() -> Iterator[dict[str, Any]]:
    """Every search that is recorded, as a strategy's dictionary, with the token that ends a text (or none)."""
    for k, alpha in [(4, 0.6), (8, 0.4), (3, 0.9), (2, 0.3), (16, 1.0)]:
        yield {"strategy": {"name": "contrastive", "top_k": k, "penalty_alpha": alpha}, "end": None}
    groups = [(4, 2), (6, 3), (6, 2), (5, 5)]
    for (width, n_groups), diversity, length in product(groups, [0.2, 1.0, 5.0], [0.0, 1.0, 2.0]):
        beam = {"name": "beam", "width": width, "n_groups": n_groups, "diversity_penalty": diversity,
                "length_penalty": length}  # fmt: skip
        yield {"strategy": beam, "end": None}
        for early in (False, True, "never"):
            yield {"strategy": beam | {"early_stopping": early}, "end": "often"}


def written(model: Any, prompt: list[int], strategy: dict[str, Any], end: int | None) -> list[int]:
    """What transformers continues ``prompt`` with, its end-of-text included, its padding not."""
    import torch

    names = {"top_k": "top_k", "penalty_alpha": "penalty_alpha", "width": "num_beams", "n_groups": "num_beam_groups",
             "length_penalty": "length_penalty", "diversity_penalty": "diversity_penalty",
             "early_stopping": "early_stopping"}  # fmt: skip
    options = {names[name]: value for name, value in strategy.items() if name != "name"}
    pad = 0 if end is None else end  # as ``generate`` does itself for GPT-2, which has no padding token
    out = model.generate(
        torch.tensor([prompt]), do_sample=False, max_new_tokens=COUNT, eos_token_id=end, pad_token_id=pad,
        attention_mask=torch.ones(1, len(prompt), dtype=torch.long), trust_remote_code=True, **options,
    )  # fmt: skip
    tokens: list[int] = out[0, len(prompt) :].tolist()
    return tokens[: tokens.index(end) + 1] if end in tokens else tokens


def main() -> None:
    """Record everything."""
    import torch
    import transformers

    if transformers.__version__ != VERSION:
        raise SystemExit(f"needs transformers {VERSION}; this is {transformers.__version__}")
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    cases = []
    for place, (seed, prompt) in enumerate(product(SEEDS, PROMPTS)):
        model = numbered_gpt2(seed)
        free = written(model, prompt, FREE, None)
        for number, setting in enumerate(settings()):
            if setting["strategy"]["name"] == "beam" and (number + place) % EVERY:
                continue
            end = free[3 + number % 12] if setting["end"] == "often" else None
            tokens = written(model, prompt, setting["strategy"], end)
            cases.append(
                {"seed": seed, "prompt": prompt, "strategy": setting["strategy"], "end": end, "tokens": tokens}
            )
    lines = ",\n".join("  " + json.dumps(case) for case in cases)
    GOLDEN.write_text(
        f'{{"transformers": "{VERSION}", "max_new_tokens": {COUNT}, "cases": [\n{lines}\n]}}\n', encoding="utf-8"
    )


if __name__ == "__main__":
    main()
