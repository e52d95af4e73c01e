"""The step machine's browser component: its own parts, and the first screen's prompt, player and keys."""

from __future__ import annotations

from gptviz.ui.web.component import Component

STEPS = Component("steps")
