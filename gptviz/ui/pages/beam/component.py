"""The browser component of the page "Beam search"."""

from __future__ import annotations

from gptviz.ui.web.component import Component

BEAM = Component("beam")
