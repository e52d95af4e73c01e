"""The first screen's browser component: all panels are drawn from one message."""

from __future__ import annotations

from gptviz.ui.web.component import Component

SCREEN = Component("next_token")
