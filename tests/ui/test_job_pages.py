"""What the pages that start jobs have in common."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from gptviz.jobs import folder
from gptviz.jobs.folder import Ask
from gptviz.ui.jobs import goes_on

PAGES = ("training", "tuning", "alignment", "forgetting", "robustness", "prompting")


@pytest.mark.parametrize("page", PAGES)
def test_what_a_job_left_is_read_to_its_end(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long run that is over, opened anew: its records are more than are read at a time, and the page asks again.

    It asks no more where all is read, nor for the half line that a killed process leaves."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))
    monkeypatch.setattr(folder, "LARGEST_READ", 120)
    job = folder.create("c" * 32, Ask("names", "tiny", {}, {}))
    line = json.dumps({"record": "of another time"}) + "\n"
    (job.path / folder.RECORDS).write_text(line * 10 + line[:7], encoding="utf-8")
    job.finish("stopped")
    heard: Any = import_module(f"gptviz.ui.pages.{page}.heard").Heard()
    assert not goes_on("done", heard)
    looks = 0
    heard.follow(job)
    while goes_on("done", heard):
        heard.follow(job)
        looks += 1
        assert looks < 20
    assert heard.offset == 10 * len(line)
    assert looks >= 10 * len(line) // 120
    assert goes_on("running", heard)
