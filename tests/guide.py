"""CONTRIBUTING.md, read: its lists of files, the paths and commands that it names, and a copy to try it on.

A *step* is a numbered item of a list: a path, perhaps with placeholders such as ``<page>``, then what goes in there.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from gptviz.catalogue import CONFIG, MODELS
from gptviz.i18n import languages
from gptviz.paths import ROOT
from gptviz.ui.layout import PAGES

GUIDE = ROOT / "CONTRIBUTING.md"
_ENDINGS = (".py", ".md", ".toml", ".js", ".css", ".json", ".ts", ".txt")
_CODE = re.compile(r"`([^`\n]+)`")
_STEP = re.compile(r"^\d+\. `([^`]+)`(, optional)?: (.*?)(?=^\d+\. |\n\n|\Z)", re.MULTILINE | re.DOTALL)
_HELD = re.compile(r"Held\s+by\s(.*?)(?:;|\.\s|\.\Z)", re.DOTALL)

#: Where a page has what others have in a file of their own.
ELSEWHERE = {
    "gptviz/ui/pages/next_token/state.py": "gptviz/ui/walk/state.py",
    "gptviz/ui/pages/steps/state.py": "gptviz/ui/walk/state.py",
    "gptviz/ui/pages/model/scene.py": "gptviz/ui/pages/model/state.py",
    "tests/ui/test_model.py": "tests/app/test_model.py",
    "tests/ui/test_series.py": "tests/app/test_series.py",
    "tests/ui/test_uses.py": "tests/app/test_uses.py",
    "tests/browser/test_next_token.py": "tests/browser/test_typing.py",
}


class Step(NamedTuple):
    """One item of a list."""

    path: str
    optional: bool
    text: str

    @property
    def names(self) -> list[str]:
        """The Python names and keys of strings that it speaks of."""
        return [code for code in _CODE.findall(self.text) if not is_path(code) and " " not in code]


def text() -> str:
    """All of it."""
    return GUIDE.read_text(encoding="utf-8")


def section(title: str) -> str:
    """What stands under a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", text(), re.MULTILINE | re.DOTALL)
    assert found, f"CONTRIBUTING.md has no heading {title!r}"
    return found[1]


def titles() -> list[str]:
    """The headings "Add a …"."""
    return re.findall(r"^### (Add an? .*)$", text(), re.MULTILINE)


def steps(title: str) -> list[Step]:
    """The list under a heading."""
    return [Step(path, bool(optional), said) for path, optional, said in _STEP.findall(section(title))]


def held_by(title: str) -> list[str]:
    """The test files that a section says hold what it is about."""
    found = _HELD.search(section(title))
    return [code for code in _CODE.findall(found[1]) if is_path(code)] if found else []


def is_path(code: str) -> bool:
    """Whether what stands between backticks is a file or a folder of the project."""
    return bool(re.fullmatch(r"[\w<>*./-]+", code)) and ("/" in code or code.endswith(_ENDINGS))


def paths() -> list[str]:
    """Every path that is named, once, in order."""
    prose = re.sub(r"^```.*?^```$", "", text(), flags=re.MULTILINE | re.DOTALL)
    return list(dict.fromkeys(code for code in _CODE.findall(prose) if is_path(code)))


def commands() -> list[str]:
    """Every make target that is named."""
    return re.findall(r"(?:^|`)make (\w+)", text(), re.MULTILINE)


def fill(path: str, values: Mapping[str, str]) -> str:
    """``path`` with its placeholders replaced."""
    return re.sub(r"<(\w+)>", lambda found: values.get(found[1], found[0]), path)


def existing(path: str) -> Iterator[str]:
    """``path`` for every page, language and model that there is; of other placeholders any file will do (``*``)."""
    known = {
        "page": list(PAGES),
        "lang": list(languages()),
        "model": [folder.parent.name for folder in MODELS.glob(f"*/{CONFIG}")],
    }
    name = next((name for name in known if f"<{name}>" in path), None)
    if name is None:
        yield re.sub(r"<\w+>", "*", path)
        return
    for value in known[name]:
        filled = fill(path, {name: value})
        yield from existing(ELSEWHERE.get(filled, filled))


def copy(folder: Path) -> Path:
    """The project's sources in ``folder``, to be changed there; the models are the same files."""
    skip = shutil.ignore_patterns("__pycache__", "models", "*.png")
    for name in ("gptviz", "pages", "tests", "benchmarks", "assets", ".streamlit"):
        shutil.copytree(ROOT / name, folder / name, ignore=skip)
    for name in ("app.py", "pyproject.toml", "CHANGELOG.md", "requirements.txt", "constraints.txt"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(ROOT / "assets" / "icon.png", folder / "assets")
    (folder / "assets" / "models").symlink_to(MODELS)
    return folder
