"""Models of other programs on this machine: found by their own names, within bounds, whatever lies there."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gptviz
from gptviz import catalogue, finding
from gptviz.errors import WeightsError
from gptviz.finding import Finds, find, ollama, source
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import save_model
from gptviz.language_model import LocalModel

pytestmark = pytest.mark.slow  # folders of thousands of files

HASH = "sha256:" + "0123456789abcdef" * 4


def file(path: Path, content: str | bytes = b"GGUF") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def at(home: Path, **environment: str) -> dict[str, Finds]:
    return find({"HOME": str(home), **environment})


@pytest.fixture(autouse=True)
def _no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Ollama keeps on the machine of the tests is not theirs."""
    usual = ollama.folders
    monkeypatch.setattr(ollama, "folders", lambda environment: usual(environment)[:1])
    catalogue.forget_found()


def snapshot(home: Path, name: str, *, config: str | None = "{}", weights: str | None = "model.safetensors",
             revision: str = "abc", ref: str | None = "abc") -> Path:  # fmt: skip
    repository = home / ".cache" / "huggingface" / "hub" / f"models--{name.replace('/', '--')}"
    folder = repository / "snapshots" / revision
    folder.mkdir(parents=True, exist_ok=True)
    if config is not None:
        file(folder / "config.json", config)
    if weights is not None:
        file(folder / weights)
    if ref is not None:
        file(repository / "refs" / "main", ref)
    return folder


def manifest(home: Path, place: str, layers: Any = None, *, blob: bool = True) -> Path:
    """A manifest below ``manifests/`` that names one file of weights, which is there."""
    models = home / ".ollama" / "models"
    if blob:
        file(models / "blobs" / HASH.replace(":", "-"))
    usual = [{"mediaType": "application/vnd.ollama.image.model", "digest": HASH, "size": 4}]
    about = {"schemaVersion": 2, "layers": usual if layers is None else layers}
    return file(models / "manifests" / place, json.dumps(about))


def test_each_program_by_its_own_names(tmp_path: Path) -> None:
    hub = snapshot(tmp_path, "owner/name")
    gguf = file(snapshot(tmp_path, "owner/files", config=None, weights=None) / "small.Q8_0.gguf")
    manifest(tmp_path, "registry.ollama.ai/library/llama3.2/1b")
    manifest(tmp_path, "registry.ollama.ai/somebody/model/latest")
    manifest(tmp_path, "hf.co/owner/name-GGUF/Q4_K_M")
    lm_studio = file(tmp_path / ".lmstudio" / "models" / "publisher" / "model" / "a.gguf")
    plain = file(tmp_path / ".lmstudio" / "models" / "publisher" / "plain" / "config.json").parent
    file(plain / "model.safetensors")
    cpp = file(tmp_path / ".cache" / "llama.cpp" / "owner_name.gguf")
    found = at(tmp_path)
    blob = tmp_path / ".ollama" / "models" / "blobs" / HASH.replace(":", "-")
    assert {title: finds.models for title, finds in found.items()} == {
        "Hugging Face": {"owner/files/small.Q8_0.gguf": gguf, "owner/name": hub},
        "Ollama": {"ollama/hf.co/owner/name-GGUF:Q4_K_M": blob, "ollama/llama3.2:1b": blob,
                   "ollama/somebody/model:latest": blob},
        "LM Studio": {"lmstudio/publisher/model/a.gguf": lm_studio, "lmstudio/publisher/plain": plain},
        "llama.cpp": {"llama.cpp/owner_name.gguf": cpp},
    }  # fmt: skip
    assert not any(finds.left_out or finds.unread for finds in found.values())


def test_where_the_environment_says(tmp_path: Path) -> None:
    snapshot(tmp_path / "a", "owner/one")
    assert list(at(tmp_path, XDG_CACHE_HOME=str(tmp_path / "a" / ".cache"))) == ["Hugging Face"]
    assert list(at(tmp_path, HF_HOME=str(tmp_path / "a" / ".cache" / "huggingface"))) == ["Hugging Face"]
    assert list(at(tmp_path, HF_HUB_CACHE="~/a/.cache/huggingface/hub")) == ["Hugging Face"]
    manifest(tmp_path / "b", "registry.ollama.ai/library/m/latest")
    assert list(at(tmp_path, OLLAMA_MODELS=str(tmp_path / "b" / ".ollama" / "models"))) == ["Ollama"]
    file(tmp_path / "c" / "x.gguf")
    assert list(at(tmp_path, LLAMA_CACHE=str(tmp_path / "c"))) == ["llama.cpp"]
    file(tmp_path / "elsewhere" / "models" / "p" / "m" / "x.gguf")
    file(tmp_path / ".lmstudio-home-pointer", f"{tmp_path / 'elsewhere'}\n")
    assert list(at(tmp_path)) == ["LM Studio"]
    assert at(tmp_path / "nowhere", HF_HOME="a\0b", LLAMA_CACHE="\0") == {}


@pytest.mark.parametrize(("system", "folder"), [("darwin", "Library/Caches/llama.cpp"), ("win32", "local/llama.cpp")])
def test_llama_cpp_on_other_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, folder: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    file(tmp_path / folder / "x.gguf")
    assert "llama.cpp" in at(tmp_path, LOCALAPPDATA=str(tmp_path / "local"))


def test_the_snapshot_that_main_stands_for(tmp_path: Path) -> None:
    """Else the newest; a repository without weights or without a configuration is no model."""
    snapshot(tmp_path, "o/two", revision="old", ref=None)
    wanted = snapshot(tmp_path, "o/two", revision="new", ref="new\n")
    assert at(tmp_path)["Hugging Face"].models["o/two"] == wanted
    hub = snapshot(tmp_path, "o/two", revision="newest", ref="../../evil")
    os.utime(hub, (2e9, 2e9))
    assert at(tmp_path)["Hugging Face"].models["o/two"] == hub
    snapshot(tmp_path, "o/tokenizer", weights=None)
    snapshot(tmp_path, "o/adapter", config=None)
    snapshot(tmp_path, "o/pickle", weights="pytorch_model.bin")
    assert sorted(at(tmp_path)["Hugging Face"].models) == ["o/pickle", "o/two"]


@pytest.mark.parametrize("name", ["m-00002-of-00003.gguf", "mmproj-model-f16.gguf", "m.gguf.part", "m.bin"])
def test_what_is_no_model_by_its_name(tmp_path: Path, name: str) -> None:
    file(tmp_path / ".cache" / "llama.cpp" / name)
    file(tmp_path / ".cache" / "llama.cpp" / "m-00001-of-00003.gguf")
    assert list(at(tmp_path)["llama.cpp"].models) == ["llama.cpp/m-00001-of-00003.gguf"]


MODEL = "application/vnd.ollama.image.model"


@pytest.mark.parametrize(
    "layers",
    [
        [],
        [{"mediaType": MODEL, "digest": "sha256:../../../etc/passwd"}],
        [{"mediaType": MODEL, "digest": "sha256:" + "0" * 63}],
        [{"mediaType": MODEL, "digest": HASH + "/.."}],
        [{"mediaType": MODEL, "digest": "sha256:" + "f" * 64}],  # is not there
        [{"mediaType": MODEL, "digest": 5}],
        [{"mediaType": MODEL}],
        "layers",
        {"a": 1},
        [{"mediaType": MODEL, "digest": HASH}] * 2,
        [{"mediaType": MODEL, "digest": HASH}, {"mediaType": "application/vnd.ollama.image.adapter", "digest": HASH}],
    ],
)
def test_a_manifest_that_names_no_one_file_that_is_there(tmp_path: Path, layers: Any) -> None:
    manifest(tmp_path, "registry.ollama.ai/library/m/latest", layers)
    assert at(tmp_path) == {}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b" " * 200_000, b"null", b"{}"])
def test_a_manifest_that_is_none(tmp_path: Path, content: bytes) -> None:
    manifest(tmp_path, "registry.ollama.ai/library/good/latest")
    file(tmp_path / ".ollama" / "models" / "manifests" / "registry.ollama.ai" / "library" / "bad" / "x", content)
    assert list(at(tmp_path)["Ollama"].models) == ["ollama/good:latest"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from([HASH, MODEL]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["layers", "mediaType", "digest", "size", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(said=_JSON)
def test_whatever_a_manifest_says_it_leads_nowhere_else(tmp_path_factory: pytest.TempPathFactory, said: Any) -> None:
    """To a file among the blobs, by its hash, or to nothing."""
    home = tmp_path_factory.mktemp("home")
    path = manifest(home, "registry.ollama.ai/library/m/latest")
    path.write_text(json.dumps(said))
    found = find({"HOME": str(home)})
    blob = home / ".ollama" / "models" / "blobs" / HASH.replace(":", "-")
    assert all(finds.models == {"ollama/m:latest": blob} for finds in found.values())


def test_links_in_a_circle(tmp_path: Path) -> None:
    snapshot(tmp_path, "o/one")
    hub = tmp_path / ".cache" / "huggingface" / "hub"
    (hub / "models--o--loop").symlink_to(hub / "models--o--loop")
    (hub / "models--o--self").mkdir()
    (hub / "models--o--self" / "snapshots").symlink_to(hub, target_is_directory=True)
    models = tmp_path / ".ollama" / "models"
    (models / "manifests").mkdir(parents=True)
    (models / "manifests" / "again").symlink_to(models / "manifests", target_is_directory=True)
    cpp = tmp_path / ".cache" / "llama.cpp"
    cpp.mkdir()
    (cpp / "loop.gguf").symlink_to(cpp / "loop.gguf")
    assert {title: list(finds.models) for title, finds in at(tmp_path).items()} == {"Hugging Face": ["o/one"]}


def test_ten_thousand_files_are_not_all_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither listed, nor passed over without a word."""
    folder = tmp_path / ".cache" / "llama.cpp"
    folder.mkdir(parents=True)
    for n in range(10_000):
        (folder / f"m{n:05d}.gguf").touch()
    looked: list[str] = []
    usual = source.Looking.inside

    def inside(self: source.Looking, at: Path) -> Any:
        for entry in usual(self, at):
            looked.append(entry.name)
            yield entry

    monkeypatch.setattr(source.Looking, "inside", inside)
    found = at(tmp_path)["llama.cpp"]
    assert len(found.models) == finding.MOST
    assert len(looked) <= source.MOST_LOOKED_AT
    assert found.left_out == source.MOST_LOOKED_AT - finding.MOST + 1  # the last one: there are others, uncounted


@pytest.mark.parametrize("program", ["Hugging Face", "Ollama", "LM Studio", "llama.cpp"])
def test_a_folder_that_is_not_to_be_read_is_named_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    snapshot(tmp_path, "o/one")
    manifest(tmp_path, "registry.ollama.ai/library/m/latest")
    file(tmp_path / ".lmstudio" / "models" / "p" / "m" / "x.gguf")
    file(tmp_path / ".cache" / "llama.cpp" / "x.gguf")
    shut = {"Hugging Face": "hub", "Ollama": "library", "LM Studio": "p", "llama.cpp": "llama.cpp"}[program]
    usual = os.scandir

    def scandir(folder: Any) -> Any:
        if Path(folder).name == shut:
            raise PermissionError(13, "Permission denied")
        return usual(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    found = at(tmp_path)
    assert [title for title, finds in found.items() if finds.unread] == [program]
    assert [title for title, finds in found.items() if not finds.models] == [program]


@pytest.mark.parametrize("name", ["a\nb.gguf", "a\u202eb.gguf", "x" * 200 + ".gguf", "\udcff.gguf"])
def test_a_name_that_cannot_be_shown_is_counted(tmp_path: Path, name: str) -> None:
    file(tmp_path / ".cache" / "llama.cpp" / name)
    assert at(tmp_path)["llama.cpp"] == Finds({}, 1, False)


Kept = Callable[[], LocalModel]


@pytest.fixture
def in_the_hub(tmp_path: Path, tiny_model: GPT, tiny_lm: LocalModel, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model in Hugging Face's cache, called owner/tiny."""
    folder = snapshot(tmp_path, "owner/tiny", config=None, weights=None)
    save_model(tiny_model, folder)
    tiny_lm.tokenizer.save(folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME", "OLLAMA_MODELS", "LLAMA_CACHE"):
        monkeypatch.delenv(name, raising=False)
    return folder


def test_nothing_is_looked_for_unless_it_was_asked(in_the_hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(finding.ENVIRONMENT, raising=False)
    monkeypatch.setattr(finding, "find", lambda: pytest.fail("looks"))
    assert catalogue.found_models() == {}
    assert catalogue.place("owner/tiny") is None
    assert catalogue.needs_download("owner/tiny")


def test_it_opens_by_its_name_and_is_looked_for_once(in_the_hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(finding.ENVIRONMENT, "1")
    assert not catalogue.needs_download("owner/tiny")
    assert gptviz.load("owner/tiny").name == "owner/tiny"
    assert "owner/tiny" not in catalogue.local_models()
    monkeypatch.setattr(finding, "find", lambda: pytest.fail("looks again"))
    assert catalogue.place("owner/tiny") == in_the_hub


def test_what_is_wrong_with_it_is_said_without_its_path(in_the_hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(finding.ENVIRONMENT, "1")
    for content, key in (("{", "bad_config"), ('{"model_type": "bert"}', "architecture"), ("{}", "no_model_type")):
        (in_the_hub / "config.json").write_text(content)
        with pytest.raises(WeightsError) as caught:
            gptviz.load("owner/tiny")
        assert caught.value.key == f"weights.{key}"
        assert "owner/tiny" in str(caught.value)
        assert all(str(in_the_hub.parents[n]) not in caught.value.say(lang) for lang in ("en", "zh") for n in range(6))


def test_a_file_called_by_its_hash_is_read_for_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ollama's files have no ending; what is wrong with one is said of the model's name."""
    manifest(tmp_path, "registry.ollama.ai/library/m/latest")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("OLLAMA_MODELS", raising=False)
    monkeypatch.setenv(finding.ENVIRONMENT, "1")
    with pytest.raises(WeightsError) as caught:
        gptviz.load("ollama/m:latest")
    assert caught.value.key == "weights.damaged"
    assert "ollama/m:latest" in str(caught.value)
    assert "sha256" not in str(caught.value)
