"""What is installed: the wheel holds all that the program needs, and runs from there, far from any checkout."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import gptviz
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.paths import ROOT

pytestmark = pytest.mark.slow  # a wheel is built and installed

SHIPPED = Path("gptviz", "_shipped")  # where the wheel has what lies beside gptviz/ in a checkout
FOUR = {"torch", "numpy", "tiktoken", "safetensors"}  # all that computing needs
#: Arguments of python → what it printed. It runs on the unpacked wheel, in a folder that has nothing to do with it.
Run = Callable[..., str]

#: Takes all libraries away but those four, as on a machine that only computes.
BARE = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"streamlit", "plotly", "huggingface_hub", "tokenizers", "tqdm"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
from gptviz.cli import main
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without network."""
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling, which builds the wheel, is not installed: see requirements-dev.txt")
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-build-isolation", "--no-deps", "--no-index", "--quiet", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], check=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files, as pip lays them out."""
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def run(unpacked: Path, tmp_path: Path) -> Run:
    """Runs this Python, with the libraries that it has."""
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "PYTHONDONTWRITEBYTECODE": "1"}

    def python(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return python


def _below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _wanted() -> Iterator[Path]:
    """Each file that a wheel should hold, by its place there."""
    for path in _below(ROOT / "gptviz"):
        yield path.relative_to(ROOT)
    beside = [ROOT / "app.py", ROOT / ".streamlit" / "config.toml"]
    for path in [*beside, *_below(ROOT / "pages"), *_below(ROOT / "assets")]:
        makes_models = path.parent == ROOT / "assets" / "models"
        if not makes_models and not path.name.startswith("screenshot"):
            yield SHIPPED / path.relative_to(ROOT)


def test_the_wheel_holds_all_that_runs_and_nothing_else(unpacked: Path) -> None:
    held = {path.relative_to(unpacked) for path in _below(unpacked)}
    assert {path for path in held if not path.parts[0].endswith(".dist-info")} == set(_wanted())
    assert {".py", ".js", ".css", ".html", ".toml", ".safetensors", ".tiktoken"} <= {path.suffix for path in held}
    assert Path("gptviz", "py.typed") in held


def test_an_editable_installation_is_the_checkout(wheel: Path, tmp_path: Path) -> None:
    code = f"from hatchling.build import build_editable; print(build_editable({str(tmp_path)!r}))"
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    with zipfile.ZipFile(tmp_path / made.stdout.strip()) as archive:
        (pointer,) = (name for name in archive.namelist() if name.endswith(".pth"))
        assert archive.read(pointer).decode().strip() == str(ROOT)


def test_the_shell_computes_from_the_wheel(run: Run, lm: LanguageModel) -> None:
    found = json.loads(run("-m", "gptviz", "trace", "The cat", "--json", "--top", "2"))
    assert found["ids"] == list(lm.trace("The cat").ids)


def test_the_first_page_is_drawn_from_the_wheel(run: Run, unpacked: Path) -> None:
    """With its script and its style, and with the theme: Streamlit reads the configuration beside app.py."""
    code = (
        "from streamlit import config\n"
        "from streamlit.testing.v1 import AppTest\n"
        "from gptviz.paths import ROOT\n"
        "config._main_script_path = str(ROOT / 'app.py')\n"
        "config.get_config_options(force_reparse=True)\n"
        "at = AppTest.from_file(str(ROOT / 'app.py'), default_timeout=60).run()\n"
        "assert not at.exception, at.exception\n"
        "drawn, settings = sorted(at.get('bidi_component'), key=lambda one: one.proto.component_name)\n"
        "assert settings.proto.component_name.endswith('.settings')\n"
        "print(ROOT, drawn.proto.component_name, config.get_option('theme.baseRadius'), sep='\\n')\n"
    )
    root, component, radius = run("-c", code).splitlines()
    assert (root, radius) == (str(unpacked / SHIPPED), "10px")
    assert component.endswith(".next_token")


def test_computing_needs_four_libraries_and_the_shell_says_which_one_is_missing(
    run: Run, unpacked: Path, tmp_path: Path
) -> None:
    """A report does not need another either; what draws with plotly says so."""
    asked = (
        "main(['generate', 'Once', '--tokens', '2']), main(['app']), main(['draw']), "
        "main(['compare', 'Once', '--preset', 'beams', '--tokens', '2', '--html', 'report.html'])"
    )
    draws = "from gptviz.cli import app\nadd = app.add_to\ndef add_to(commands):\n    add(commands)\n" \
            "    commands.add_parser('draw').set_defaults(run=lambda args: __import__('gptviz.figures'))\n" \
            "app.add_to = add_to\n"  # fmt: skip
    said = run("-c", f"{BARE}{draws}sys.stderr = sys.stdout\nprint([{asked}])").splitlines()
    assert said[-1] == "[0, 2, 2, 0]"
    assert "</html>" in (tmp_path / "report.html").read_text(encoding="utf-8")
    for name in ("streamlit", "plotly"):
        sentence = f"gptviz: {translate('error.cli.missing', 'en', name=name, requirement=_ranges(unpacked)[name])}"
        assert sentence in said


def _told(unpacked: Path) -> Message:
    (file,) = unpacked.glob("*.dist-info/METADATA")
    return Parser().parsestr(file.read_text(encoding="utf-8"))


def _ranges(unpacked: Path) -> dict[str, Requirement]:
    """What the wheel asks for, by library."""
    asked = [Requirement(line) for line in _told(unpacked).get_all("Requires-Dist", [])]
    of_all = [wanted for wanted in asked if "extra" not in str(wanted.marker)]
    return {canonicalize_name(wanted.name): wanted for wanted in of_all}


def test_the_wheel_asks_for_what_is_tested(unpacked: Path) -> None:
    """Its ranges are of the libraries in requirements.txt, on the same systems, and begin with the versions that are
    pinned there."""
    assert _told(unpacked)["Version"] == gptviz.__version__
    ranges = _ranges(unpacked)
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    asked = map(Requirement, re.findall(r"^([\w-]+==[^#\n]+?)\s*(?:#.*)?$", lines, re.MULTILINE))
    pins = {canonicalize_name(wanted.name): wanted for wanted in asked}
    assert ranges.keys() == pins.keys()
    assert ranges.keys() >= FOUR
    for library, pinned in pins.items():
        assert str(ranges[library].marker) == str(pinned.marker)
        (version,) = (clause.version for clause in pinned.specifier)
        (least,) = (clause.version for clause in ranges[library].specifier if clause.operator == ">=")
        assert version in ranges[library].specifier
        assert version.startswith(f"{least}.")
