"""Starts the server: ``python -m gptviz.ui.serve --server.port 8501`` takes what ``streamlit run`` takes.

It is ``streamlit run app.py`` but for one thing. Until app.py has run once, Streamlit takes the folder ``pages/`` for
the list of pages, and whoever opens a link to one of them first is told that there is no such page. Here it knows at
once that app.py will say which pages there are.
"""

from __future__ import annotations

import sys

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web import cli

from gptviz.paths import ROOT


def main() -> None:
    """Serve until stopped."""
    PagesManager.uses_pages_directory = False
    cli.main(["run", str(ROOT / "app.py"), *sys.argv[1:]], prog_name="streamlit")


if __name__ == "__main__":
    main()
