"""Where the project's own files lie: the only place that knows a checkout from an installation.

A wheel carries app.py, pages/, assets/ and .streamlit/ in ``gptviz/_shipped``, laid out as in a checkout, which itself
has no such folder (see pyproject.toml). So everything below ``ROOT`` is found by the same path in both.
"""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_SHIPPED = _PACKAGE / "_shipped"
ROOT = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent
ASSETS = ROOT / "assets"
MODELS = ASSETS / "models"

# what the environment may say, wherever the program is started from
ENVIRONMENT = "GPTVIZ_MODELS"  # more folders of models
WEIGHTS_ENVIRONMENT = "GPTVIZ_WEIGHTS"  # how the app holds weights: one of WEIGHTS in gptviz.gpt.config
DEFAULT = "bilingual"  # the model that is opened where none is named
CACHE = "GPTVIZ_CACHE"  # where what was computed once is kept


def cache_folder() -> Path:
    """Where what was computed once is kept: as the environment says, else in the system's own folder for caches."""
    said = os.environ.get(CACHE)
    if said:
        return Path(said)
    usual = os.environ.get("XDG_CACHE_HOME")
    return (Path(usual) if usual else Path(os.path.expanduser("~")) / ".cache") / "gptviz"
