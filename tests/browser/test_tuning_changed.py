"""What a tuning has changed, in Chromium: AdaLoRA's film is played and stopped, two tunings' lines on one plot."""

from __future__ import annotations

import json
import secrets
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from gptviz.jobs import folder
from gptviz.jobs.folder import Ask
from gptviz.tuning.changes import Change, write
from tests.browser.conftest import VisitPage
from tests.browser.test_tuning import TOO_WIDE
from tests.ui.test_tuning_menu import REPORT

pytestmark = pytest.mark.browser


def over(owner: str, name: str, *records: dict[str, Any], values: tuple[float, ...] = ()) -> None:
    """A tuning that is over, as its process would have left it."""
    job = folder.create(owner, Ask("sentiment", name, {}, {"model": "small"}, kind=folder.TUNING))
    said = ({"record": "begun", "steps": 30, "fingerprint": "f", "model": "small"}, *records, REPORT)
    (job.path / folder.RECORDS).write_text("".join(json.dumps(one) + "\n" for one in said), encoding="utf-8")
    if values:
        singular, cells = np.array(values, dtype=np.float32), np.ones((4, 6), dtype=np.float32)
        found = [Change(layer, name, (4, 6), singular, cells) for layer in (0, 1) for name in ("attn.c_attn",)]
        write(found, job.path)
    job.finish("done")


def test_the_film_plays_to_its_end_and_lines_stand_side_by_side(visit_page: VisitPage) -> None:
    owner = secrets.token_hex(16)
    over(owner, "full", values=(0.5, 0.1, 0.02, 0.01))
    over(owner, "full", values=(0.4, 0.2, 0.001, 0.0001))
    frames = [{"record": "ranks", "step": step, "ranks": [8 - step // 4, 8 - step // 2]} for step in range(0, 17, 2)]
    over(owner, "adalora", *frames)
    page = visit_page("tuning", {"lang": "en", "model": "small"})
    page.page.context.add_cookies([{"name": "gptviz_owner", "value": owner, "url": page.page.url}])
    page.page.reload()
    expect(page.get("left")).to_have_count(2)
    expect(page.get("film-said")).to_have_text("4 of 16 triplets left")
    expect(page.get("spectra")).to_be_hidden()
    slider = page.get("film-at")
    slider.focus()
    slider.press("Home")
    expect(page.get("film-said")).to_have_text("16 of 16 triplets left")
    slider.press("ArrowRight")
    expect(page.get("left").last).to_contain_text("7 / 8")
    expect(slider).to_have_attribute("aria-valuetext", "step 2")
    page.get("film-play").click()
    expect(page.get("film-said")).to_have_text("4 of 16 triplets left", timeout=30_000)
    expect(page.get("film-play")).to_have_attribute("aria-pressed", "false")
    assert page.violations() == []
    page.get("job").select_option(index=1)
    expect(page.get("spectra").locator("path.line")).to_have_count(2)
    expect(page.get("film-at")).to_be_hidden()
    page.get("at-layer").select_option("1")
    expect(page.get("at-layer")).to_have_value("1")
    expect(page.get("thin_a")).to_be_hidden()
    for width, height in ((1440, 900), (390, 844), (320, 700)):
        page.resize(width, height)
        assert page.eval_root(TOO_WIDE) == [], width
        assert page.eval_root("document.documentElement.scrollWidth <= innerWidth"), width
    assert page.violations() == []
