"""Which models there are, and loading one by name.

A name is the bundled default, a folder given by ``GPTVIZ_MODELS=/path1:/path2`` (or a path itself), or a Hugging Face
id of a GPT-2. Only the last can need the network, and only the first time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gptviz.errors import PromptError, WeightsError
from gptviz.gpt import quantization
from gptviz.gpt.weights import CONFIG, load_model, read_config
from gptviz.language_model import LocalModel
from gptviz.paths import MODELS
from gptviz.tokens.tokenizer import Tokenizer

DEFAULT = "bilingual"
ENVIRONMENT = "GPTVIZ_MODELS"
WEIGHTS_ENVIRONMENT = "GPTVIZ_WEIGHTS"  # how the app holds weights: one of quantization.WEIGHTS
#: GPT-2 as released, by Hugging Face id, with the size of its weights in bytes.
GPT2 = {"gpt2": 548_000_000, "gpt2-medium": 1_520_000_000, "gpt2-large": 3_250_000_000, "gpt2-xl": 6_430_000_000}
_FILES = ["config.json", "*.safetensors", "*.safetensors.index.json", "vocab.json", "merges.txt", "tokenizer.json",
          "vocab.tiktoken", "vocabulary.json"]  # fmt: skip
_OWNER = "openai-community"
PROBE = "The cat sat on the mat and looked at the moon. 今天天气很好，我们去公园玩。"

#: Called with (bytes so far, bytes in all) while a download runs; the total is 0 where it is not known.
Progress = Callable[[int, int], None]


def local_models() -> dict[str, Path]:
    """Model folders at hand without any network, by name: the bundled ones, then those of ``GPTVIZ_MODELS``."""
    folders = [MODELS, *(Path(part).expanduser() for part in os.environ.get(ENVIRONMENT, "").split(os.pathsep) if part)]
    found: dict[str, Path] = {}
    for folder in folders:
        children = sorted(folder.iterdir()) if folder.is_dir() and not (folder / CONFIG).is_file() else [folder]
        for path in children:
            if (path / CONFIG).is_file():
                found.setdefault(path.name, path)
            elif path is folder:
                found.setdefault(path.name, path)  # given by the user and not there: opening it says so
    return found


def needs_download(name: str) -> bool:
    """Whether ``name`` can only be a Hugging Face id: no local model and no path."""
    path = Path(name).expanduser()
    return not (name in local_models() or path.is_dir() or name.startswith((".", "/", "~")))


def load(name: str | Path = DEFAULT, *, weights: str = "auto", progress: Progress | None = None) -> LocalModel:
    """The language model called ``name``: bundled, from ``GPTVIZ_MODELS``, a folder, or a Hugging Face id.

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
    return load_folder(Path(name).expanduser(), weights=weights)


def load_folder(folder: Path, *, name: str | None = None, weights: str = "auto") -> LocalModel:
    """The language model in a folder: our layout or Hugging Face's."""
    quantization.check(weights)
    model, tokenizer, name = load_model(folder), Tokenizer.load(folder), name or folder.resolve().name
    if weights != "float16" or quantization.loses_nothing(model):
        return LocalModel(quantization.narrowed(model, weights), tokenizer, name=name)
    before = LocalModel(model, tokenizer)
    probe = _probe(before)
    logits = before.trace(probe).logits
    lm = LocalModel(quantization.narrowed(model, weights), tokenizer, name=name)
    lm.rounding = quantization.difference(logits, lm.trace(probe).logits)
    return lm


def _probe(lm: LocalModel) -> list[int]:
    """A sentence that the error of rounded weights is taken on; some tokens where the vocabulary cannot spell it."""
    try:
        ids = lm.tokenizer.encode(PROBE)
    except PromptError:
        ids = list(range(lm.tokenizer.vocab_size))
    return ids[: lm.config.block_size]


def download(hub_id: str, *, progress: Progress | None = None) -> Path:
    """The folder of a Hugging Face model, downloaded where it is not yet in Hugging Face's own cache.

    The configuration comes first and is checked, so that nobody waits for gigabytes that cannot be used.
    """
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError
    except ImportError as error:  # pragma: no cover - depends on the machine
        raise WeightsError("weights.no_hub", name=hub_id) from error
    repository = f"{_OWNER}/{hub_id}" if hub_id in GPT2 else hub_id
    try:
        cached = _cached(repository)
        if cached is not None:
            return cached
        read_config(Path(snapshot_download(repository, allow_patterns=[CONFIG])))
        bar = {"tqdm_class": _reporting(progress)} if progress else {}
        return Path(snapshot_download(repository, allow_patterns=_FILES, **bar))
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise WeightsError("weights.not_found", name=hub_id) from error
    except (LocalEntryNotFoundError, OSError) as error:
        raise WeightsError("weights.offline", name=hub_id) from error


def _cached(repository: str) -> Path | None:
    """The folder in the cache, if it is complete there."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(repository, allow_patterns=_FILES, local_files_only=True))
    except (LocalEntryNotFoundError, OSError):
        return None
    return folder if any(folder.glob("*.safetensors")) else None


def _reporting(progress: Progress) -> Any:
    """A tqdm class that tells ``progress`` of the bytes of all files together."""
    from tqdm.auto import tqdm

    total: dict[int, tuple[int, int]] = {}

    class Reporting(tqdm):  # type: ignore[misc]
        def update(self, n: float | None = 1) -> bool | None:
            shown: bool | None = super().update(n)
            if self.unit == "B":
                total[id(self)] = (int(self.n), int(self.total or 0))
                progress(sum(done for done, _ in total.values()), sum(size for _, size in total.values()))
            return shown

    return Reporting
