"""Starts the server: ``python -m gptviz.ui.serve --server.port 8501`` takes what ``streamlit run`` takes.

It is ``streamlit run app.py`` but for one thing. Until app.py has run once, Streamlit takes the folder ``pages/`` for
the list of pages, and whoever opens a link to one of them first is told that there is no such page. Here it knows at
once that app.py will say which pages there are. It may be started from any folder: Streamlit looks for its
``.streamlit/config.toml`` beside app.py too.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web import cli

from gptviz.paths import ROOT


def main(options: Sequence[str] | None = None) -> None:
    """Serve until stopped, with the options of ``streamlit run``: those given, else the command line's."""
    PagesManager.uses_pages_directory = False
    cli.main(["run", str(ROOT / "app.py"), *(sys.argv[1:] if options is None else options)], prog_name="streamlit")


if __name__ == "__main__":
    main()
