"""A model from Hugging Face's hub, into its own cache: the very files that a folder is read from, and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from gptviz.errors import WeightsError
from gptviz.gpt.summary import Summary, languages, summary, summary_of_config
from gptviz.gpt.weight_files import INDEX, SINGLE, no_weights, weight_files
from gptviz.gpt.weights import CONFIG, read_config
from gptviz.tokens.tokenizer import FILES as VOCABULARY
from gptviz.tokens.tokenizer import Tokenizer

#: All that a folder is read from, but for the shards that ``INDEX`` names. Weights come last, when the rest is right.
SMALL = (CONFIG, *(name for name in VOCABULARY if name != CONFIG), INDEX)
FILES = (*SMALL, SINGLE)
_PATIENCE = 10.0  # seconds

#: Called with (bytes so far, bytes in all) while a download runs; the total is 0 where it is not known.
Progress = Callable[[int, int], None]
T = TypeVar("T")


def download(repository: str, *, name: str, progress: Progress | None = None) -> Path:
    """The folder of ``repository`` (owner/name) in the cache, downloaded where it is not yet there.

    Configuration and vocabulary come first and are checked, so that nobody waits for gigabytes that cannot be used.
    Raises WeightsError, speaking of ``name``: no such model, no network, or what a folder with these files would say.
    """
    return _had(repository, name, lambda: _fetched(repository, name, progress), lambda folder: folder)


class Offer(NamedTuple):
    """What a download would bring."""

    size: int  # bytes of the weights; 0 where nothing is to be downloaded, or the hub does not say
    summary: Summary


def look(repository: str, *, name: str) -> Offer:
    """What ``repository`` holds, by its configuration and the sizes of its files alone.

    Raises WeightsError as ``download`` does for what shows already: an unknown family, no such model, no network.
    """
    return _had(repository, name, lambda: _offered(repository, name), lambda folder: Offer(0, summary(folder)))


def _had(repository: str, name: str, ask: Callable[[], T], use: Callable[[Path], T]) -> T:
    """What the folder in the cache is used for, or what is asked of the hub; without a network what there is, if it
    can be opened: others have made it, who did not ask for each of the small files.
    """
    try:
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError
    except ImportError as error:  # pragma: no cover - depends on the machine
        raise WeightsError("weights.no_hub", name=name) from error
    try:
        cached = _cached(repository)
        return ask() if cached is None else use(cached)
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise WeightsError("weights.not_found", name=name) from error
    except (LocalEntryNotFoundError, OSError) as error:
        usable = _cached(repository, complete=False)
        if usable is None:
            raise WeightsError("weights.offline", name=name) from error
        return use(usable)


def _offered(repository: str, name: str) -> Offer:
    import huggingface_hub
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    about = _ask(repository, files_metadata=True)
    try:
        config = huggingface_hub.hf_hub_download(repository, CONFIG, revision=about.sha or "main")
    except LocalEntryNotFoundError:
        raise
    except EntryNotFoundError as error:
        raise WeightsError("weights.no_config", folder=name) from error
    found = summary_of_config(Path(config).parent)
    sizes = {file.rfilename: file.size or 0 for file in about.siblings or () if "/" not in file.rfilename}
    shards = INDEX in sizes
    wanted = [file for file in sizes if (file.endswith(".safetensors") if shards else file == SINGLE)]
    if not wanted:
        raise no_weights(name, sizes)
    said = getattr(about.card_data, "language", None)
    return Offer(sum(sizes[file] for file in wanted), found._replace(languages=languages(said) or found.languages))


def _fetched(repository: str, name: str, progress: Progress | None) -> Path:
    """Each file that there is; those that are not are noted as absent in the cache."""
    import huggingface_hub
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    revision = _ask(repository).sha or "main"

    def fetch(file: str, **options: Any) -> Path | None:
        try:
            return Path(huggingface_hub.hf_hub_download(repository, file, revision=revision, **options))
        except LocalEntryNotFoundError:
            raise
        except EntryNotFoundError:
            return None

    config = fetch(CONFIG)
    if config is None:
        raise WeightsError("weights.no_config", folder=name)
    folder = config.parent
    read_config(folder)
    for file in SMALL[1:]:
        fetch(file)
    Tokenizer.load(folder)
    bar = {"tqdm_class": _reporting(progress)} if progress else {}
    if (folder / INDEX).is_file():
        for file in weight_files(folder, there=False):
            if fetch(file, **bar) is None:
                raise WeightsError("weights.no_shard", file=file, folder=name)
    elif fetch(SINGLE, **bar) is None:
        raise no_weights(name, huggingface_hub.list_repo_files(repository, revision=revision))
    return folder


def _ask(repository: str, **options: Any) -> Any:
    """The repository's newest state (``sha``): all files are of one, whatever is changed meanwhile.

    It is one question without retries, so that a machine without a network knows at once: a file is asked for again and
    again, for half a minute each. Raises OSError where there is no answer.
    """
    import huggingface_hub
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

    try:
        return huggingface_hub.model_info(repository, timeout=_PATIENCE, **options)
    except (RepositoryNotFoundError, HFValidationError):
        raise
    except Exception as error:  # of the library's own client, which has changed with its editions
        raise OSError(str(error)) from error


def _cached(repository: str, *, complete: bool = True) -> Path | None:
    """The folder in the cache, if all that it can have is known to be there; otherwise, if it could be opened."""
    import huggingface_hub

    there = {file: huggingface_hub.try_to_load_from_cache(repository, file) for file in FILES}
    config = there[CONFIG]
    if not isinstance(config, str) or (complete and any(place is None for place in list(there.values())[:-1])):
        return None
    folder = Path(config).parent
    try:
        return folder if weight_files(folder) else None
    except WeightsError:
        return None


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
