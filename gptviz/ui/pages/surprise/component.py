"""The surprise page's browser component."""

from __future__ import annotations

from gptviz.ui.web.component import Component

SURPRISE = Component("surprise")
