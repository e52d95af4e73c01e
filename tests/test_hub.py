"""A model by its hub id is the model in its folder: the same files are read, the same is said. The hub is a fake."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError, RepositoryNotFoundError

import gptviz
from gptviz import hub
from gptviz.errors import GptvizError
from gptviz.gpt.weight_files import INDEX, SINGLE
from gptviz.paths import ROOT
from tests.hubs import learnt, written
from tests.parity import DECODERS, random_gpt2, random_model_of

pytestmark = pytest.mark.slow

REPOSITORY, COMMIT = "someone/model", "0123abcd"


class Hub:
    """A repository with the files of a folder, and a cache; ``asked`` is every file that was asked for by network."""

    def __init__(self, repository: Path, cache: Path) -> None:
        self.repository, self.cache = repository, cache / COMMIT
        self.absent: set[str] = set()
        self.asked: list[str] = []
        self.online = True

    def hf_hub_download(
        self, repo_id: str, filename: str, *, revision: str | None = None, tqdm_class: Any = None
    ) -> str:
        assert revision in (None, COMMIT)
        if (self.cache / filename).is_file():
            return str(self.cache / filename)
        if not self.online:
            raise LocalEntryNotFoundError("offline")
        if repo_id != REPOSITORY:
            raise RepositoryNotFoundError("no such repository", response=_Response())  # type: ignore[arg-type]
        self.asked.append(filename)
        if not (self.repository / filename).is_file():
            self.absent.add(filename)
            raise EntryNotFoundError("not there")
        self.cache.mkdir(parents=True, exist_ok=True)
        (self.cache / filename).write_bytes((self.repository / filename).read_bytes())
        return str(self.cache / filename)

    def model_info(self, repo_id: str, *, timeout: float, files_metadata: bool = False) -> SimpleNamespace:
        if not self.online:
            raise ConnectionError("offline")
        if repo_id != REPOSITORY:
            raise RepositoryNotFoundError("no such repository", response=_Response())  # type: ignore[arg-type]
        sizes = {name: (self.repository / name).stat().st_size for name in self.list_repo_files(repo_id)}
        files = [SimpleNamespace(rfilename=name, size=size if files_metadata else None) for name, size in sizes.items()]
        return SimpleNamespace(sha=COMMIT, siblings=files, card_data=SimpleNamespace(language=["en", "zh"]))

    def try_to_load_from_cache(self, repo_id: str, filename: str) -> Any:
        if repo_id != REPOSITORY:
            return None
        path = self.cache / filename
        return str(path) if path.is_file() else object() if filename in self.absent else None

    def list_repo_files(self, repo_id: str, *, revision: str | None = None) -> list[str]:
        return sorted(
            path.relative_to(self.repository).as_posix() for path in self.repository.rglob("*") if path.is_file()
        )


class _Response:
    headers: ClassVar[dict[str, str]] = {}
    request = None


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    import huggingface_hub

    (tmp_path / "repository").mkdir()
    one = Hub(tmp_path / "repository", tmp_path / "cache")
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", one.hf_hub_download)
    monkeypatch.setattr(huggingface_hub, "model_info", one.model_info)
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", one.try_to_load_from_cache)
    monkeypatch.setattr(huggingface_hub, "list_repo_files", one.list_repo_files)
    return one


def fill(folder: Path, *, shards: bool = False, **files: Any) -> None:
    """A whole model with its own vocabulary, as transformers writes it."""
    made = learnt()
    written(folder, made, settings={"eos_token": "</s>"})
    rows = made.get_vocab_size() + 2
    theirs = random_gpt2(folder, vocab_size=rows, save=False)
    theirs.save_pretrained(folder, max_shard_size="20KB" if shards else "1GB")
    for name, about in files.items():
        (folder / f"{name}.json").write_text(json.dumps(about))


@pytest.mark.parametrize("shards", [False, True])
def test_by_id_is_as_by_folder(remote: Hub, shards: bool) -> None:
    """Same ids, same logits, same marks: settings too; and then nothing is asked again."""
    fill(remote.repository, shards=shards, generation_config={"eos_token_id": [1, 5]})
    here, there = gptviz.load(remote.repository), gptviz.load(REPOSITORY)
    assert there.name == REPOSITORY
    assert there.tokenizer.ends == here.tokenizer.ends >= {1, 5}
    np.testing.assert_array_equal(there.trace("the cat sat").logits, here.trace("the cat sat").logits)
    assert there.fingerprint == here.fingerprint
    assert set(remote.asked) <= {*hub.FILES, *(path.name for path in remote.repository.glob("model-*"))}
    asked, remote.online = list(remote.asked), False
    assert gptviz.load(REPOSITORY).fingerprint == here.fingerprint
    assert remote.asked == asked


def test_what_is_fetched_is_what_may_be_read(remote: Hub) -> None:
    """Every file that a reader names is in the one list, and nothing else is fetched from a large repository."""
    source = "".join(
        (ROOT / "gptviz" / name).read_text(encoding="utf-8")
        for name in ("gpt/weights.py", "gpt/weight_files.py", "tokens/huggingface.py", "tokens/marks.py",
                     "tokens/vocabulary_files.py", "tokens/tokenizer_json.py", "tokens/library_files.py")
    )  # fmt: skip
    named = set(re.findall(r'"([\w.]+\.(?:json|txt|tiktoken|model|safetensors|jinja))"', source))
    assert named == set(hub.FILES)
    fill(remote.repository)
    for extra in ("pytorch_model.bin", "onnx/model.safetensors", "tf_model.h5", "README.md", "other.safetensors"):
        (remote.repository / extra).parent.mkdir(exist_ok=True)
        (remote.repository / extra).write_bytes(b"x")
    gptviz.load(REPOSITORY)
    assert set(remote.asked) == {*hub.FILES}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda folder: (folder / SINGLE).rename(folder / "pytorch_model.bin"), "weights.pickle"),
        (lambda folder: (folder / SINGLE).unlink(), "weights.no_file"),
        (lambda folder: (folder / SINGLE).rename(folder / "adapter_model.safetensors"), "weights.other_name"),
        (lambda folder: (folder / "config.json").unlink(), "weights.no_config"),
        (lambda folder: (folder / "config.json").write_text('{"model_type": "mamba"}'), "weights.architecture"),
        (lambda folder: (folder / INDEX).write_text('{"weight_map": {"a": "gone.safetensors"}}'), "weights.no_shard"),
        (lambda folder: (folder / "tokenizer.json").rename(folder / "vocab.txt"), "tokenizer.other_kind"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "tokenizer.missing"),
        (
            lambda folder: (folder / "tokenizer_config.json").write_text('{"add_prefix_space": true}'),
            "tokenizer.unsupported",
        ),
    ],
)
def test_what_is_wrong_is_said_alike(remote: Hub, change: Any, key: str) -> None:
    """Before any weights are fetched, where it shows before."""
    fill(remote.repository)
    change(remote.repository)
    said = []
    for name in (remote.repository, REPOSITORY):
        with pytest.raises(GptvizError) as caught:
            gptviz.load(name)
        said.append(caught.value.key)
    assert said == [key, key]
    assert SINGLE not in remote.asked or key in ("weights.pickle", "weights.no_file", "weights.other_name")


def test_a_cache_that_others_filled_is_completed_or_used_as_it_is(remote: Hub) -> None:
    """transformers does not ask for every file that we look for; without a network that has to do."""
    fill(remote.repository)
    for name in ("config.json", SINGLE, "tokenizer.json", "tokenizer_config.json"):
        remote.hf_hub_download(REPOSITORY, name)
    remote.online = False
    lm = gptviz.load(REPOSITORY)
    remote.online, remote.asked = True, []
    assert gptviz.load(REPOSITORY).fingerprint == lm.fingerprint
    assert "special_tokens_map.json" in remote.asked
    assert SINGLE not in remote.asked


@pytest.mark.parametrize(("name", "online", "key"), [("some/other", True, "not_found"), (REPOSITORY, False, "offline")])
def test_none_or_no_network(remote: Hub, name: str, online: bool, key: str) -> None:
    remote.online = online
    with pytest.raises(GptvizError) as caught:
        gptviz.load(name)
    assert caught.value.key == f"weights.{key}"
    assert remote.asked == []  # a file is asked for half a minute before the library gives up


@pytest.mark.parametrize("shards", [False, True])
def test_the_size_is_told_before_anything_large_is_fetched(remote: Hub, shards: bool) -> None:
    """The weights' bytes, what the model is, and its languages, by the configuration alone."""
    fill(remote.repository, shards=shards)
    for extra in ("pytorch_model.bin", "onnx/model.safetensors"):
        (remote.repository / extra).parent.mkdir(exist_ok=True)
        (remote.repository / extra).write_bytes(b"x" * 10**6)
    offer = hub.look(REPOSITORY, name=REPOSITORY)
    assert offer.size == sum(path.stat().st_size for path in remote.repository.glob("model*.safetensors"))
    assert remote.asked == ["config.json"]
    lm = gptviz.load(REPOSITORY)
    assert (offer.summary.family, offer.summary.languages) == ("GPT-2", ("en", "zh"))
    assert offer.summary.config.n_parameters == lm.config.n_parameters
    asked = list(remote.asked)
    assert hub.look(REPOSITORY, name=REPOSITORY).size == 0  # nothing is left to be fetched
    remote.online = False
    assert hub.look(REPOSITORY, name=REPOSITORY).size == 0
    assert remote.asked == asked


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda folder: (folder / "config.json").write_text('{"model_type": "mamba"}'), "weights.architecture"),
        (lambda folder: (folder / "config.json").unlink(), "weights.no_config"),
        (lambda folder: (folder / SINGLE).rename(folder / "pytorch_model.bin"), "weights.pickle"),
        (lambda folder: (folder / SINGLE).rename(folder / "model.Q8_0.gguf"), "weights.other_name"),
        (lambda folder: (folder / SINGLE).unlink(), "weights.no_file"),
    ],
)
def test_what_cannot_be_opened_is_told_with_the_size(remote: Hub, change: Any, key: str) -> None:
    fill(remote.repository)
    change(remote.repository)
    with pytest.raises(GptvizError) as caught:
        hub.look(REPOSITORY, name=REPOSITORY)
    assert caught.value.key == key
    assert SINGLE not in remote.asked


@pytest.mark.parametrize(("name", "online", "key"), [("some/other", True, "not_found"), (REPOSITORY, False, "offline")])
def test_looking_without_a_network_or_a_model(remote: Hub, name: str, online: bool, key: str) -> None:
    remote.online = online
    with pytest.raises(GptvizError) as caught:
        hub.look(name, name=name)
    assert caught.value.key == f"weights.{key}"


@pytest.mark.parametrize("name", ["llama", "qwen3", "gemma", "gpt_neox"])
def test_an_id_of_any_family_is_as_its_folder(remote: Hub, name: str) -> None:
    """Not only a GPT-2."""
    made = learnt(special=("</s>",), size=90)
    written(remote.repository, made, settings={"eos_token": "</s>", "bos_token": "</s>"})
    kind, settings = DECODERS[name]
    random_model_of(remote.repository, kind, settings | {"vocab_size": made.get_vocab_size() + 3})
    here, there = gptviz.load(remote.repository), gptviz.load(REPOSITORY)
    np.testing.assert_array_equal(there.trace("the cat sat").logits, here.trace("the cat sat").logits)
    assert hub.look(REPOSITORY, name=REPOSITORY).summary.config == here.config
