"""Models below a folder: each is found, each has a name of its own, nothing is passed over without a word."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import gptviz
from gptviz import catalogue, folders
from gptviz.errors import WeightsError
from gptviz.folders import search
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import save_model
from gptviz.language_model import LocalModel


def model(folder: Path) -> Path:
    """A folder that looks like a model from outside."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    return folder


def names(*given: Path) -> dict[str, str]:
    base = given[0].parent
    return {name: path.relative_to(base).as_posix() for name, path in search(given).models.items()}


def test_runs_that_are_all_called_model_are_called_by_their_path(tmp_path: Path) -> None:
    """As ``gptviz train`` and a trainer with checkpoints write them."""
    for place in ("runs/one/model", "runs/two/model", "runs/out", "runs/out/checkpoint-500", "runs/plain"):
        model(tmp_path / place)
    assert names(tmp_path / "runs") == {
        "out": "runs/out", "plain": "runs/plain", "one/model": "runs/one/model",
        "out/checkpoint-500": "runs/out/checkpoint-500", "two/model": "runs/two/model",
    }  # fmt: skip


def test_two_given_ones_of_one_name_both_are_there(tmp_path: Path) -> None:
    one, two = model(tmp_path / "one" / "model"), model(tmp_path / "two" / "model")
    assert list(search([one, two]).models.values()) == [one, two]
    assert list(search([one, two]).models) == ["model", "two/model"]
    assert list(search([two, one, two]).models.values())[:2] == [two, one]


def test_a_bundled_name_is_not_taken_over_and_not_passed_over(tmp_path: Path) -> None:
    model(tmp_path / "runs" / "bilingual")
    assert list(search([tmp_path / "runs"], taken=["bilingual"]).models) == ["runs/bilingual"]


def test_what_is_not_there_or_no_model_is_named_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    given = [tmp_path / "nowhere", tmp_path / "empty", tmp_path / "file"]
    monkeypatch.setenv("GPTVIZ_MODELS", os.pathsep.join(map(str, given)))
    for name, key in (("nowhere", "no_folder"), ("empty", "no_config"), ("file", "no_folder")):
        assert name in catalogue.local_models()
        with pytest.raises(WeightsError) as caught:
            gptviz.load(name)
        assert caught.value.key == f"weights.{key}"


def test_a_search_has_bounds_and_says_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = model(tmp_path / "top" / "a" / "b" / "c" / "d" / "e")
    found = search([tmp_path / "top"])
    assert found.models == {"top": tmp_path / "top"} or not found.models
    assert list(found.unsearched.values()) == [deep]
    monkeypatch.setenv("GPTVIZ_MODELS", str(tmp_path / "top"))
    name = next(name for name, path in catalogue.local_models().items() if path == deep)
    with pytest.raises(WeightsError) as caught:
        gptviz.load(name)
    assert caught.value.key == "weights.unsearched"
    monkeypatch.setattr(folders, "MOST_MODELS", 3)
    for n in range(5):
        model(tmp_path / "many" / f"m{n}")
    found = search([tmp_path / "many"])
    assert (len(found.models), [*found.unsearched]) == (3, ["m3", "m4"])


def test_links_in_a_circle_and_hidden_folders_are_not_followed(tmp_path: Path) -> None:
    model(tmp_path / "top" / "one")
    model(tmp_path / "top" / ".git" / "two")
    (tmp_path / "top" / "one" / "again").symlink_to(tmp_path / "top", target_is_directory=True)
    (tmp_path / "top" / "three").symlink_to(model(tmp_path / "elsewhere"), target_is_directory=True)
    found = search([tmp_path / "top"])
    assert list(found.models) == ["one", "three"]
    assert not found.unsearched


def test_a_new_model_is_seen_at_once_and_nothing_is_searched_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model(tmp_path / "runs" / "one" / "model")
    monkeypatch.setenv("GPTVIZ_MODELS", str(tmp_path / "runs"))
    assert "one/model" in catalogue.local_models()
    searched: list[object] = []
    monkeypatch.setattr(catalogue, "search", lambda given, **taken: searched.append(given) or search(given, **taken))
    assert "one/model" in catalogue.local_models()
    assert not searched
    model(tmp_path / "runs" / "two" / "model")
    assert "two/model" in catalogue.local_models()


def test_it_opens_by_that_name(
    tmp_path: Path, tiny_model: GPT, tiny_lm: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_model(tiny_model, tmp_path / "runs" / "mine" / "model")
    tiny_lm.tokenizer.save(tmp_path / "runs" / "mine" / "model")
    monkeypatch.setenv("GPTVIZ_MODELS", str(tmp_path / "runs"))
    assert not catalogue.needs_download("mine/model")
    assert gptviz.load("mine/model").name == "mine/model"


ODD = ["~nobody-of-this-name/x", "a" * 5000, "x/" * 3000, "\x00", "a\x00b", "\ud800", "", " ", "..//..",
       "name\nand lines", "owner/" + "n" * 300]  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_whatever_is_asked_for_gets_a_sentence(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError):
        gptviz.load(name)
