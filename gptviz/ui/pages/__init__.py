"""The pages, a folder each: what it declares, its state, its scene, its panels."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from gptviz.ui.page import Page


def names() -> list[str]:
    """The names of all pages."""
    return sorted(path.parent.name for path in Path(__file__).parent.glob("*/page.py"))


@cache
def declared(name: str) -> Page[Any, Any]:
    """The declaration of the page of that name. Raises ModuleNotFoundError where there is none."""
    page: Page[Any, Any] = import_module(f"{__name__}.{name}.page").PAGE
    return page
