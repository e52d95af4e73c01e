"""The project's own rules: what is exported, what importing costs, what is pinned."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from packaging.version import Version

import gptviz
from gptviz.paths import ROOT

TRACKED = ("*.py", "*.md", "*.toml", "*.js", "*.css", "*.txt", "Makefile")


def test_all_names_what_is_there() -> None:
    assert gptviz.__all__ == sorted(gptviz.__all__)
    for name in gptviz.__all__:
        assert hasattr(gptviz, name), name


@pytest.mark.slow
def test_importing_the_library_brings_neither_streamlit_nor_plotly() -> None:
    code = (
        "import gptviz, sys; print([m for m in ('streamlit', 'plotly', 'pandas', 'transformers') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("asked", [[], ["train"], ["eval"], ["app"], ["generate"], ["check"]])
def test_help_needs_no_torch(asked: list[str]) -> None:
    """The list of commands, and the options of each, come at once."""
    code = (
        "import sys\n"
        "from gptviz.cli import main\n"
        f"try:\n    main([*{asked}, '--help'])\n"
        "finally:\n    print('torch' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.startswith("usage: gptviz")
    assert out.stdout.strip().endswith("False")


@pytest.mark.slow
def test_public_names_and_rooms_are_fetched_when_asked_for() -> None:
    code = (
        "import sys, gptviz\n"
        "assert 'torch' not in sys.modules\n"
        "assert set(gptviz.__all__) <= set(dir(gptviz))\n"
        "assert gptviz.decoding.Greedy is gptviz.Greedy\n"
        "assert gptviz.edits.ablate(layer=0, head=0).where == ('z', 0)\n"
        "assert gptviz.load.__module__ == 'gptviz.catalogue'\n"
        "assert not hasattr(gptviz, 'nothing') and not hasattr(gptviz, '_nothing')"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.slow
def test_training_needs_only_four_libraries() -> None:
    """It also runs on GPU machines that have nothing else."""
    code = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'streamlit', 'plotly', 'pandas', 'huggingface_hub', 'tokenizers', 'tqdm'}:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "import gptviz.cli.train, gptviz.training.trainer, gptviz.training.checkpoint"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)


def _files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", *TRACKED], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return [ROOT / line for line in listed.splitlines()]


def test_every_requirement_is_pinned_and_says_why() -> None:
    lines = [x for x in (ROOT / "requirements.txt").read_text().splitlines() if x and not x.startswith("#")]
    assert all("==" in line and "# " in line for line in lines)
    constraints = (ROOT / "constraints.txt").read_text().splitlines()
    assert all("==" in line for line in constraints if not line.startswith("#"))


def test_no_test_data_of_others_lies_in_the_project() -> None:
    """GPT-2's vocabulary and the corpus belong to others; only what was made from them is ours to ship."""
    names = {path.name for path in _files()}
    assert not names & {"merges.txt", "vocab.json", "input.txt", "SOURCES.md"}


def test_page_files_and_their_addresses_differ() -> None:
    """Streamlit runs a page alone, without app.py, when its url_path equals its file's name."""
    from gptviz.ui.layout import GROUPS, PAGES

    assert [name for names in GROUPS.values() for name in names] == list(PAGES)  # each on the map, once, in order
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == {f"{name}_page" for name in PAGES}
    assert not {f"{name}_page" for name in PAGES} & set(PAGES.values())


def test_each_page_on_the_map_is_declared_and_its_file_shows_it() -> None:
    from gptviz.ui import pages
    from gptviz.ui.layout import PAGES

    assert pages.names() == sorted(PAGES)
    for name in PAGES:
        assert pages.declared(name).name == name
        lines = (ROOT / "pages" / f"{name}_page.py").read_text(encoding="utf-8").splitlines()
        assert [line for line in lines[1:] if line] == ["from gptviz.ui.runner import show", f'show("{name}")']


def test_the_version_moves_with_the_changelog() -> None:
    """The newest heading names gptviz's version; before a release it says "Unreleased" and which one is next."""
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    newest, *released = (line.removeprefix("## ") for line in lines if line.startswith("## "))
    version = Version(gptviz.__version__)
    said = f"Unreleased ({version.base_version})" if version.is_devrelease else version.base_version
    assert newest == said
    assert all(Version(earlier) < version for earlier in released)
