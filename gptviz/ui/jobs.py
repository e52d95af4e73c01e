"""The jobs of this server: one queue for all pages that start some. Pure."""

from __future__ import annotations

from gptviz.jobs.runner import Runner

#: That of this server.
RUNNER = Runner()
