"""The playground's browser component."""

from __future__ import annotations

from gptviz.ui.web.component import Component

PLAYGROUND = Component("playground")
