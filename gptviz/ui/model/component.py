"""The model page's browser component."""

from __future__ import annotations

from pathlib import Path

from gptviz.ui.web.component import Component

MODEL = Component(
    "gptviz_model", Path(__file__).parent, scripts=("curve.js", "parts.js", "main.js"), styles=("model.css",)
)
