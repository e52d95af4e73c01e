"""Which models there are, and loading one by name.

A name is the bundled default, a folder or a GGUF file given by ``GPTVIZ_MODELS=/path1:/path2`` (or a path itself), or
a Hugging Face id. Only the last can need the network, and only the first time.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from gptviz import hub
from gptviz.chat import template_or_none
from gptviz.errors import PromptError, WeightsError
from gptviz.folders import DEPTH, MOST_MODELS, Found, search, unchanged
from gptviz.gpt import quantization
from gptviz.gpt.gguf_file import SUFFIX, GGUFFile
from gptviz.gpt.gguf_model import load_gguf, read_gguf_config
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import CONFIG, load_model
from gptviz.hub import Progress
from gptviz.language_model import LocalModel
from gptviz.paths import DEFAULT as DEFAULT
from gptviz.paths import ENVIRONMENT as ENVIRONMENT
from gptviz.paths import MODELS
from gptviz.paths import WEIGHTS_ENVIRONMENT as WEIGHTS_ENVIRONMENT
from gptviz.tokens.gguf_fields import template_of, tokenizer_of
from gptviz.tokens.tokenizer import Tokenizer

#: GPT-2 as released, by Hugging Face id, with the size of its weights in bytes.
GPT2 = {"gpt2": 548_000_000, "gpt2-medium": 1_520_000_000, "gpt2-large": 3_250_000_000, "gpt2-xl": 6_430_000_000}
_OWNER = "openai-community"
PROBE = "The cat sat on the mat and looked at the moon. 今天天气很好，我们去公园玩。"


def local_models() -> dict[str, Path]:
    """Model folders at hand without any network, by name: the bundled ones, then all below those of ``GPTVIZ_MODELS``.

    What was given and is none, and what was not searched, is there too: opening it says what is wrong.
    """
    found = _searched(os.environ.get(ENVIRONMENT, ""))
    return {**_bundled(), **found.models, **found.unsearched}


@cache
def _bundled() -> dict[str, Path]:
    return {path.name: path for path in sorted(MODELS.iterdir()) if (path / CONFIG).is_file()}


_last: dict[str, Found] = {}  # the search for one value of the environment, while no folder in it changes


def _searched(given: str) -> Found:
    found = _last.get(given)
    if found is None or not unchanged(found):
        found = search([_expanded(part) for part in given.split(os.pathsep) if part], taken=tuple(_bundled()))
        _last.clear()
        _last[given] = found
    return found


def _expanded(name: str) -> Path:
    """``name`` as a path, ``~`` as the home; the home of nobody is a path that is not there."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def needs_download(name: str) -> bool:
    """Whether ``name`` can only be a Hugging Face id: no local model and no path."""
    there = os.path.isdir(_expanded(name)) or name.endswith(SUFFIX)
    return not (name in local_models() or there or name.startswith((".", "/", "~")))


def load(name: str | Path = DEFAULT, *, weights: str = "auto", progress: Progress | None = None) -> LocalModel:
    """The language model called ``name``: bundled, from ``GPTVIZ_MODELS``, a folder, a GGUF file, or a Hugging Face id.

    ``weights`` says how the large matrices are held: ``float32``, or ``float16`` for faster reading and writing on a
    CPU and less memory (``gptviz.gpt.quantization``, whose ``error`` measures the difference). ``auto`` is float16
    where that changes no number, as with a file in fp16. Take ``float32`` for gradients.

    Raises WeightsError, saying what to do, where it cannot be had. Nothing is downloaded unless ``name`` is an id that
    is neither a local name nor a folder.

    >>> import gptviz
    >>> lm = gptviz.load()
    >>> lm.tokenizer.decode(lm.tokenizer.encode("我今天很好"))
    '我今天很好'
    """
    quantization.check(weights)  # before a download
    if isinstance(name, Path):
        return load_folder(name, weights=weights)
    if needs_download(name):
        return load_folder(download(name, progress=progress), name=name, weights=weights)
    local = local_models()
    if name in local:
        return load_folder(local[name], name=name, weights=weights)
    return load_folder(_expanded(name), weights=weights)


def load_folder(folder: Path, *, name: str | None = None, weights: str = "auto") -> LocalModel:
    """The language model in a folder (our layout or Hugging Face's) or in a GGUF file.

    Raises WeightsError, whatever is wrong with it.
    """
    quantization.check(weights)
    if folder in _searched(os.environ.get(ENVIRONMENT, "")).unsearched.values():
        raise WeightsError("weights.unsearched", folder=str(folder), depth=DEPTH, most=MOST_MODELS)
    try:
        model, tokenizer, template = _parts(folder)
    except (OSError, MemoryError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise WeightsError("weights.unreadable", folder=str(folder)[:200], reason=reason) from error
    name = name or folder.resolve().name
    if weights != "float16" or quantization.loses_nothing(model):
        return LocalModel(quantization.narrowed(model, weights), tokenizer, name=name, chat_template=template)
    before = LocalModel(model, tokenizer)
    probe = _probe(before)
    logits = before.trace(probe).logits
    lm = LocalModel(quantization.narrowed(model, weights), tokenizer, name=name, chat_template=template)
    lm.rounding = quantization.difference(logits, lm.trace(probe).logits)
    return lm


def tokenizer(path: Path) -> Tokenizer:
    """The tokenizer alone of a model folder or a GGUF file: no weights are read. Raises WeightsError."""
    if path.suffix != SUFFIX or path.is_dir():
        return Tokenizer.load(path)
    file = GGUFFile(path)
    return tokenizer_of(file.fields, rows=read_gguf_config(file).vocab_size, file=path.name)


def _parts(path: Path) -> tuple[GPT, Tokenizer, str | None]:
    """Model, tokenizer and chat template."""
    if path.suffix != SUFFIX or path.is_dir():
        return load_model(path), Tokenizer.load(path), template_or_none(path)
    if not path.is_file():
        raise WeightsError("weights.no_gguf_file", file=str(path)[:200])
    file = GGUFFile(path)
    rows = read_gguf_config(file).vocab_size
    tokenizer = tokenizer_of(file.fields, rows=rows, file=path.name)  # before gigabytes are read
    return load_gguf(file), tokenizer, template_of(file.fields)


def _probe(lm: LocalModel) -> list[int]:
    """A sentence that the error of rounded weights is taken on; some tokens where the vocabulary cannot spell it."""
    try:
        ids = lm.tokenizer.encode(PROBE)
    except PromptError:
        ids = list(range(lm.model.n_tokens))
    return ids[: lm.config.block_size]


def download(hub_id: str, *, progress: Progress | None = None) -> Path:
    """The folder of a Hugging Face model, downloaded where it is not yet in Hugging Face's own cache."""
    return hub.download(f"{_OWNER}/{hub_id}" if hub_id in GPT2 else hub_id, name=hub_id, progress=progress)
