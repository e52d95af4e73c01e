"""The project's own rules: what is exported, which way imports go, what importing costs, what is pinned."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.version import Version

import gptviz
from gptviz.paths import ROOT

#: Rooms, from the ground up; a module may import from its own room and from those below it.
HOUSE = [
    ("paths", "text", "errors", "config"),
    ("positions", "model", "bpe", "pieces", "vocabulary_files", "tokenizer", "weights", "tracing", "quantization"),
    ("language_model", "models"),
    ("display", "decoding", "training", "views"),
    ("readings", "figures", "evaluation"),
    ("report",),
    ("ui", "cli"),
    ("__main__",),
]
HEIGHT = {room: height for height, rooms in enumerate(HOUSE) for room in rooms}
TRACKED = ("*.py", "*.md", "*.toml", "*.js", "*.css", "*.txt", "Makefile")


def _modules() -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / "gptviz").rglob("*.py")):
        parts = path.relative_to(ROOT / "gptviz").with_suffix("").parts
        if parts != ("__init__",):
            yield parts[0], path


def _imports(path: Path, *, lazily: bool) -> Iterator[str]:
    """Names imported by a file; with ``lazily`` also those inside functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if lazily else iter(tree.body)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_all_names_what_is_there() -> None:
    assert gptviz.__all__ == sorted(gptviz.__all__)
    for name in gptviz.__all__:
        assert hasattr(gptviz, name), name


@pytest.mark.parametrize(("room", "path"), list(_modules()), ids=lambda v: str(v.name) if isinstance(v, Path) else v)
def test_imports_go_one_way(room: str, path: Path) -> None:
    for name in _imports(path, lazily=False):
        if name.startswith("gptviz."):
            target = name.split(".")[1]
            target = target if target in HEIGHT else "language_model"  # from gptviz import <public name>
            assert HEIGHT[target] <= HEIGHT[room], f"{path.name} ({room}) imports {name}"


@pytest.mark.parametrize(("room", "path"), list(_modules()), ids=lambda v: str(v.name) if isinstance(v, Path) else v)
def test_heavy_libraries_stay_in_their_rooms(room: str, path: Path) -> None:
    """torch below the views, plotly in the figures, streamlit in the app."""
    heads = {name.split(".")[0] for name in _imports(path, lazily=True)}
    assert "streamlit" not in heads or room == "ui"
    assert "plotly" not in heads or room == "figures"
    above = HEIGHT[room] >= HEIGHT["display"] and room != "training"
    assert "torch" not in heads or not above or path.name == "cache.py"  # cache.py sets torch's number of threads


def test_importing_the_library_brings_neither_streamlit_nor_plotly() -> None:
    code = (
        "import gptviz, sys; print([m for m in ('streamlit', 'plotly', 'pandas', 'transformers') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_training_needs_only_four_libraries() -> None:
    """It also runs on GPU machines that have nothing else."""
    code = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'streamlit', 'plotly', 'pandas', 'huggingface_hub', 'tokenizers', 'tqdm'}:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "import gptviz.training.command, gptviz.training.trainer, gptviz.training.checkpoint"
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
    from gptviz.ui.layout import PAGES

    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == {f"{name}_page" for name in PAGES}
    assert not {f"{name}_page" for name in PAGES} & set(PAGES.values())


def test_both_languages_say_the_same_things() -> None:
    """Same keys, same placeholders, nothing empty."""
    import re

    from gptviz.text import languages, strings

    english = strings("en")
    assert set(languages()) >= {"en", "zh"}
    for lang in languages():
        other = strings(lang)
        assert other.keys() == english.keys()
        for key, text in other.items():
            assert text.strip() or not english[key].strip(), key
            if not key.startswith("example."):
                assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", english[key])), f"{lang} {key}"


def test_the_version_moves_with_the_changelog() -> None:
    """The newest heading names gptviz's version; before a release it says "Unreleased" and which one is next."""
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    newest, *released = (line.removeprefix("## ") for line in lines if line.startswith("## "))
    version = Version(gptviz.__version__)
    said = f"Unreleased ({version.base_version})" if version.is_devrelease else version.base_version
    assert newest == said
    assert all(Version(earlier) < version for earlier in released)
