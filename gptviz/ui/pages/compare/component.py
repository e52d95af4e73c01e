"""The comparison's browser component."""

from __future__ import annotations

from gptviz.ui.web.component import Component

COMPARE = Component("compare")
