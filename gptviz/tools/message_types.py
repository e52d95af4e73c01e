"""Writes what each page's message says, as types for tsc: ``python -m gptviz.tools.message_types``.

They lie beside the scripts that read it, as ``gptviz/web/pages/<page>/message.d.ts``.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_type_hints

from gptviz.ui import pages
from gptviz.ui.message_types import declared
from gptviz.ui.web.component import WEB


def path(page: str) -> Path:
    """Where a page's types lie."""
    return WEB / "pages" / page / "message.d.ts"


def text(page: str) -> str:
    """What stands there."""
    declaration = pages.declared(page)
    parts = {get_type_hints(panel.make)["return"]: panel for panel in declaration.panels}
    missing = [part for part, panel in parts.items() if not panel.empty and not panel.always]
    view = declaration.state().view
    return declared(page, list(parts), None if view is None else type(view), missing=missing)


def main() -> int:
    """Write them all."""
    for page in pages.names():
        path(page).write_text(text(page), encoding="utf-8")
        print(path(page))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
