"""Work that outlives one run of a page: done a slice at a time, its progress told as records."""

from __future__ import annotations

from gptviz.jobs.slices import Slice, Task

__all__ = ["Slice", "Task"]
