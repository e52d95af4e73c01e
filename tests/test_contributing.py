"""CONTRIBUTING.md says what is so, and whoever follows it arrives: its lists are followed, for things nobody needs."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gptviz import i18n
from gptviz.cli import train as command
from gptviz.gpt.config import PRESETS, GPTConfig, TrainConfig
from gptviz.paths import ASSETS, ROOT
from gptviz.ui.layout import PAGES
from tests import dummies, guide
from tests.app.visitor import Visitor
from tests.dummies import Dummy
from tests.house import LAYERS

ENGLISH = i18n.strings(i18n.FALLBACK)
each_title = pytest.mark.parametrize("title", guide.titles())
each_dummy = pytest.mark.parametrize("dummy", dummies.ALL, ids=lambda dummy: dummy.title)


# ---- what it names


def test_every_path_is_there_for_every_page_language_and_model() -> None:
    wanted = [(path, name) for path in guide.paths() for name in guide.existing(path)]
    missing = [f"{path}: {name}" for path, name in wanted if not any(ROOT.glob(name.rstrip("/")))]
    assert not missing
    assert len(guide.paths()) > 60  # it is read at all


def test_what_lies_elsewhere_is_told() -> None:
    """The exceptions are in the text, and are exceptions still."""
    for usual, place in guide.ELSEWHERE.items():
        assert f"`{place}`" in guide.text()
        assert not (ROOT / usual).exists()


def test_every_command_is_a_target_of_make() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"run", "test", "quick", "lint"} <= set(guide.commands()) <= targets


def test_the_picture_of_the_rooms_is_that_of_the_imports() -> None:
    drawn = guide.section("The architecture").split("```")[1].splitlines()[1:]
    assert [tuple(re.split(r"  +", line)[0].split(", ")) for line in drawn] == list(LAYERS)


@each_title
def test_every_list_has_steps_and_says_what_holds_them(title: str) -> None:
    steps = guide.steps(title)
    assert [step for step in steps if not step.optional]
    assert len(steps) == len(re.findall(r"^\d+\. ", guide.section(title), re.MULTILINE))
    assert guide.held_by(title)
    assert all(path.startswith("tests/") for path in guide.held_by(title))


@each_title
def test_names_in_a_step_are_in_its_file(title: str) -> None:
    """A Python name stands in one of the files that there are; a string's key begins as some do."""
    for step in guide.steps(title):
        files = [file for name in guide.existing(step.path) for file in ROOT.glob(name) if file.is_file()]
        written = "\n".join(file.read_text(encoding="utf-8") for file in files)
        for name in step.names:
            if "<lang>" in step.path:
                assert any(key.startswith(re.split(r"<|…", name)[0]) for key in ENGLISH), f"{title}: {name}"
            else:
                assert re.search(rf"\b{re.escape(name)}\b", written), f"{title}: {name} is not in {step.path}"


def test_the_readme_leads_here() -> None:
    assert "(CONTRIBUTING.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


# ---- followed


def carried_out(dummy: Dummy, folder: Path) -> None:
    """Do what the list says, in a copy of the project; each step that is not optional must have been done."""
    wanted = {guide.fill(step.path, dummy.names): step.optional for step in guide.steps(dummy.title)}
    assert {path for path, optional in wanted.items() if not optional} <= dummy.edits.keys() <= wanted.keys()
    for path in wanted:
        for lang in i18n.languages():
            file = folder / guide.fill(path, {"lang": lang})
            if path in dummy.edits and (lang == i18n.FALLBACK or "<lang>" in path):
                file.parent.mkdir(parents=True, exist_ok=True)
                before = file.read_text(encoding="utf-8") if file.is_file() else ""
                file.write_text(dummy.edits[path](before), encoding="utf-8")


def python(folder: Path, *arguments: str) -> None:
    """Run Python on the copy."""
    settings = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=settings, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]


@each_dummy
def test_the_list_is_the_one_that_was_followed(dummy: Dummy, tmp_path: Path) -> None:
    """No step is missing, none is left over, and what each is put beside is still in its file."""
    carried_out(dummy, guide.copy(tmp_path / "gptviz"))


@pytest.mark.slow
@each_dummy
def test_whoever_follows_the_list_arrives(dummy: Dummy, tmp_path: Path) -> None:
    """What was added in a copy of the project works."""
    folder = guide.copy(tmp_path / "gptviz")
    carried_out(dummy, folder)
    python(folder, "-c", dummy.works)


@pytest.mark.slow
def test_what_the_lists_name_holds_for_what_was_added(tmp_path: Path) -> None:
    """Who adds all of it need not touch more: the tests that the sections name pass in the copy."""
    folder = guide.copy(tmp_path / "gptviz")
    tests: set[str] = set()
    for dummy in dummies.ALL:
        carried_out(dummy, folder)
        steps = [guide.fill(step.path, dummy.names) for step in guide.steps(dummy.title)]
        tests |= {*guide.held_by(dummy.title), *(path for path in steps if path.startswith("tests/"))}
    there = sorted(path for path in tests if (folder / path).is_file())
    python(folder, "-m", "gptviz.tools.message_types")
    python(folder, "-m", "pytest", "-p", "no:cacheprovider", "-m", "not browser and not slow",
           "--hypothesis-profile", "quick", "-k", _arriving_where_it_matters(), *there)  # fmt: skip


#: The pages that show what a list adds: the filter, the strategy; with them the new page is gone to and come from.
REACHED = ("next_token", "steps", "playground", "compare")


def _arriving_where_it_matters() -> str:
    """Other pages are arrived at in the project itself; nothing that was added is shown on them."""
    return "not (test_arriving and (" + " or ".join(f"[{page}]" for page in PAGES if page not in REACHED) + "))"


@pytest.fixture
def dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A language file of a few strings, dropped where the document says, in a copy of that folder."""
    [step] = [step for step in guide.steps("Add an interface language") if not step.optional]
    file = tmp_path / guide.fill(step.path, {"lang": "fr", "group": "fr"})
    folder = file.parent.parent
    shutil.copytree(ASSETS / "i18n", folder)
    file.parent.mkdir()
    file.write_text('[language]\nshort = "FR"\n[nav]\nnext_token = "Jeton suivant"\n', encoding="utf-8")
    monkeypatch.setattr(i18n, "_FOLDER", folder)
    i18n.clear_cache()
    yield file
    i18n.clear_cache()


def test_a_language_is_one_file(dropped: Path) -> None:
    """It is offered in the toolbar and chosen by a link; what it lacks is said in English."""
    assert i18n.languages() == ("en", "fr", "zh")
    visitor = Visitor(lang="fr").run()
    assert "FR" in visitor.at.segmented_control(key="toolbar_language").options
    assert visitor.header["lang"] == "fr"
    assert i18n.translate("nav.next_token", "fr") == "Jeton suivant"
    assert visitor.header["strings"]["prompt.label"] == ENGLISH["prompt.label"]


def test_a_training_preset_is_one_entry(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The list's one step that is not optional names the table; the shell knows the preset from it."""
    [step] = [step for step in guide.steps("Add a training preset or a recipe") if not step.optional]
    assert step.path == "gptviz/gpt/config.py"
    assert "PRESETS" in step.names
    shape = GPTConfig(n_layer=1, n_head=1, n_embd=8, block_size=8)
    monkeypatch.setitem(PRESETS, "dummy", TrainConfig(model=shape, steps=3, warmup=1))
    parser = argparse.ArgumentParser()
    command.add_to(parser.add_subparsers())
    args = parser.parse_args(["train", "data", "out", "--preset", "dummy"])
    assert command.configure(args, 64).model.n_embd == 8
