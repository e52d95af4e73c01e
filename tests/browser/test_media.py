"""What is not seen on an ordinary screen: forced colours, paper, the document's language and title, announcements."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Literal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from gptviz.i18n import languages, translate
from gptviz.ui.layout import PAGES
from tests.browser.any_page import ROOT
from tests.browser.conftest import Visit, VisitPage, visiting
from tests.browser.test_training import SMALL, trained

pytestmark = pytest.mark.browser

# Which marks have the colour of what is behind them: neither ground nor pattern nor border can be seen.
UNSEEN = """(root, selector) => {
  const ground = (node) => {
    for (let at = node.parentElement; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/^rgba.*, 0\\)$|transparent/.test(colour)) return colour;
    }
    return getComputedStyle(document.body).backgroundColor;
  };
  const marks = [...root.querySelectorAll(selector)].filter((node) => node.getBoundingClientRect().width > 1);
  const unseen = marks.filter((node) => {
    const { backgroundColor, backgroundImage, borderTopWidth } = getComputedStyle(node);
    const clear = /^rgba.*, 0\\)$|transparent/.test(backgroundColor);
    return (clear || backgroundColor === ground(node)) && backgroundImage === "none" && borderTopWidth === "0px";
  });
  return { marks: marks.length, unseen: unseen.map((node) => node.className) };
}"""
WHERE = "(node) => node.getBoundingClientRect().toJSON()"
MARKS = {
    "": ".bar-fill, .cum-track i, .cum-mark, .legend i, .chip:not(.next)",
    "training": '.preset[aria-pressed="true"], .btn.primary, .bar-fill, .head-cell',
    "compare": ".c-fill, .cum-track i, .w, .mark i:not(.leaves)",  # that one is a border at the left
    "steps": ".pipe-cell .fill, .filter.on .filter-switch i",
    "temperature": ".bar-fill, .soft-key i, .nucleus-room i",
    "surprisal": ".chain-track i, .chip, .bar-fill, .legend-bits i",
    "beam": ".contest .current, .term",
    "tokens": ".film-part, .cost-track i, .language-track i",
    "embeddings": ".near-track i, .map-key i",
    "heads": ".bar-fill, .head-cell",
    "attention": ".number i, .number.sel, .queries .chip.sel",
    "stream": ".ledger-bar, .neuron-track i, .lens-cell",
    "what-if": ".bar-fill",
    "masks": ".claim-track i, .mask-token i, .fill-bars .bar-fill",
    "limits": ".limit-track .fill, .pick",
    "series": ".series-key i, .kind-models .pill",
    "uses": ".use[aria-pressed='true'], .switch [aria-pressed='true']",
    "room-teacher": '.switch [aria-pressed="true"], .btn.big',
    "snapshots": ".head-cell, .bar-fill, .moment-row i:not(.masked)",
    "one-step": ".down-norm, .target-bar i, .logit-track i",
    "origins": ".origin-track i.counted, .origin-key .counted i, .pair-table td",
    "tuning": '.preset[aria-pressed="true"], .btn.primary',
    "forgetting": '.preset[aria-pressed="true"], .btn.primary, .stage-line, .said-word',
    "prompting": '.preset[aria-pressed="true"], .btn.primary, .bar-fill',
    "robustness": '.preset[aria-pressed="true"], .btn.primary',
    "alignment": '.preset[aria-pressed="true"], .btn.primary',
    "scaling": ".ci-track i, .ci-track b, .scaling-key i",
    "deploy": ".form-track .fill, .bar-fill, .order i",
    "about-the-model": ".share, .bits, .head-grid i",
    "lessons": ".btn.primary, .sheet-tabs [aria-pressed='true'], .probe-option",
}
#: What is drawn in SVG, and by which property it is seen.
DRAWN: dict[str, dict[str, str]] = {
    "training": {".plot .line": "stroke", ".plot .axis": "stroke", ".plot .mark": "fill", ".plot .guide": "stroke"},
    "steps": {".stretch": "fill", ".bar-frame": "stroke", ".u-line": "stroke"},
    "temperature": {".plot .line": "stroke", ".plot .axis": "stroke", ".plot .mark": "fill"},
    "surprisal": {".shift .nats": "fill", ".shift .mean": "stroke"},
    "compare": {".chart .model": "stroke", ".chart .here": "stroke"},
    "beam": {".tree .face": "stroke", ".tree .edge": "stroke", ".tree .end": "fill"},
    "tokens": {".film-stepper .btn:not(.primary) .icon": "fill"},
    "attention": {".lines path": "stroke"},
    "embeddings": {".circle .rim": "stroke", ".circle .arm": "stroke", ".circle .tip": "fill"},
    "series": {".timeline .face": "stroke", ".timeline .axis": "stroke", ".timeline .across": "stroke"},
    "snapshots": {
        ".plot .line": "stroke",
        ".plot .axis": "stroke",
        ".plot .mark.main": "fill",
        ".plot .guide": "stroke",
    },
    "one-step": {".plot .line": "stroke", ".plot .axis": "stroke", ".plot .mark.main": "fill"},
    "origins": {},
    "tuning": {},  # before anything is tuned: its curve is that of Training
    "forgetting": {".plot .axis": "stroke", ".plot .guide": "stroke"},
    "prompting": {".plot .axis": "stroke", ".plot .guide": "stroke"},
    "robustness": {},
    "alignment": {},
    "scaling": {".plot .line": "stroke", ".plot .axis": "stroke", ".plot .mark.run": "fill", ".plot .guide": "stroke"},
    "deploy": {},  # its curves come when they are measured: see test_deploy
    "about-the-model": {"path.loss": "stroke", "circle.valid": "stroke", ".rule": "stroke"},
    "lessons": {},  # nothing is drawn there: only what is chosen and the focus are looked at
}


#: What is chosen, beside what is not, on each page.
CHOSEN = {
    "training": ('.preset[aria-pressed="true"]', '.preset[aria-pressed="false"]'),
    "steps": ('.filter-switch[aria-pressed="true"] i', '.filter-switch[aria-pressed="false"] i'),
    "temperature": ('.heat-steps [aria-pressed="true"]', '.heat-steps [aria-pressed="false"]'),
    "surprisal": ('.switch [aria-pressed="true"]', '.switch [aria-pressed="false"]'),
    "compare": (".w.at", ".w:not(.at)"),
    "beam": ('[data-testid="whole"][aria-pressed="true"]', '.btn:not(.primary, [aria-pressed="true"])'),
    "tokens": (".entry.here", ".entry:not(.here)"),
    "attention": (".number.sel", ".number:not(.sel, .masked)"),
    "embeddings": (".strip-label.sel", ".strip-label:not(.sel)"),
    "series": ('.kind-models [aria-pressed="true"]', '.kind-models [aria-pressed="false"]'),
    "snapshots": (".head-cell.sel", ".head-cell:not(.sel)"),
    "one-step": (".target.sel", ".target:not(.sel)"),
    "origins": (".origin-choice.sel", ".origin-choice:not(.sel)"),
    "forgetting": ('.switch [aria-pressed="true"]', '.switch [aria-pressed="false"]'),
    "prompting": ('.preset[aria-pressed="true"]', '.preset[aria-pressed="false"]'),
    "robustness": ('.preset[aria-pressed="true"]', '[data-testid="copies-again"]'),
    "alignment": ('.preset[aria-pressed="true"]', '.preset[aria-pressed="false"]'),
    "tuning": ('.preset[aria-pressed="true"]', '.preset[aria-pressed="false"]'),
    "scaling": ('.switch [aria-pressed="true"]', '.switch [aria-pressed="false"]'),
    "deploy": ('[data-testid="unit-heads"]', '[data-testid="unit-layers"]'),
    "about-the-model": (".one.best", ".one:not(.best)"),
    "lessons": (".lesson-row.on", ".lesson-row:not(.on)"),
}


@pytest.fixture(scope="module", params=MARKS)
def forced(request: pytest.FixtureRequest, chromium: Browser, app_url: str) -> Iterator[tuple[str, Page]]:
    """Every page in turn, with the system's few colours and something on it."""
    path = request.param
    query = {"p": "The capital of France is", "lang": "en"} | (SMALL if path == "training" else {})
    with visiting(chromium, app_url) as visit:
        opened = visit(path, query, forced_colors="active", color_scheme="dark")
        if path == "training":  # of which the model has to be made first
            trained(opened)
            expect(opened.page.locator(".bar-fill").first).to_be_visible()
        if path == "compare":
            opened.page.get_by_test_id("run").click()
            expect(opened.page.locator(".w").first).to_be_visible()
        expect(opened.page.locator("[role=progressbar]")).to_be_hidden()
        yield path, opened.page


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_with_forced_colours_no_mark_is_lost(forced: tuple[str, Page], scheme: Literal["dark", "light"]) -> None:
    path, page = forced
    page.emulate_media(color_scheme=scheme, forced_colors="active")
    expect(page.locator(".gv")).to_have_attribute("data-theme", scheme)
    found = page.evaluate(f"(selector) => ({UNSEEN})({ROOT}, selector)", MARKS[path])
    assert found["marks"] >= 2
    assert found["unseen"] == []


def test_with_forced_colours_lines_choices_and_focus_are_seen(forced: tuple[str, Page]) -> None:
    path, page = forced
    no_line_is_lost(page, DRAWN.get(path, {}))
    if path in CHOSEN:
        chosen_and_not_differ(page, *CHOSEN[path])
    focus_is_seen(page)


def no_line_is_lost(page: Page, wanted: dict[str, str]) -> None:
    """Neither clear nor in the colour of the ground."""
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    for selector, name in wanted.items():
        expect(page.locator(selector).first).to_be_attached()
        paints = page.locator(selector).evaluate_all(f"all => all.map((e) => getComputedStyle(e).{name})")
        assert not {"none", "rgba(0, 0, 0, 0)", ground} & set(paints), selector


def chosen_and_not_differ(page: Page, chosen: str, other: str) -> None:
    """By ground, border or outline: text alone is the system's."""
    look = "(node) => ['backgroundColor', 'border', 'outline'].map((name) => getComputedStyle(node)[name]).join()"
    expect(page.locator(chosen).first).to_be_visible()
    assert page.locator(chosen).first.evaluate(look) != page.locator(other).first.evaluate(look)


def focus_is_seen(page: Page) -> None:
    """What takes the focus has an outline or a thick edge; the first ones are in Streamlit's header."""
    reached = 0
    for _ in range(24):
        page.keyboard.press("Tab")
        seen = page.evaluate("""() => {
          let at = document.activeElement;
          while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
          if (!at?.getRootNode().host) return null; // not yet in our component
          const { outlineStyle, outlineWidth } = getComputedStyle(at.closest(".prompt-card") && at.matches("textarea")
            ? at.closest(".prompt-card") : at);
          const face = at.querySelector(":scope > .face"); // a box of the search tree: its edge, drawn thicker
          if (face) return ["face", getComputedStyle(face).stroke, parseFloat(getComputedStyle(face).strokeWidth)];
          return [at.tagName, outlineStyle, parseFloat(outlineWidth)];
        }""")
        if seen:
            reached += 1
            assert seen[1] != "none", seen
            assert seen[2] >= 2, seen
    assert reached >= 5


def test_every_page_is_seen_with_forced_colours() -> None:
    assert set(MARKS) == {"", *list(PAGES.values())[1:]}


def test_with_forced_colours_what_is_chosen_differs(visit: Visit) -> None:
    screen = visit({"p": "The cat sat"}, forced_colors="active")
    outline = "(selector) => getComputedStyle({root}.querySelector(selector)).{name}"
    style = lambda name, selector: screen.page.evaluate(outline.format(root=ROOT, name=name), selector)  # noqa: E731
    assert style("outlineStyle", ".chip.sel") == "solid"
    assert style("outlineStyle", ".chip:not(.sel)") == "none"
    pressed, other = '.switch [aria-pressed="true"]', '.switch [aria-pressed="false"]'
    assert style("backgroundColor", pressed) != style("backgroundColor", other)


def test_canvases_and_links_show_where_the_keyboard_is(visit: Visit) -> None:
    screen = visit({"p": "The cat sat"})
    for name in ("canvas", "a", "button"):
        lit = screen.page.evaluate(
            """([root, name]) => {
              const node = root().querySelector(name + ":not([tabindex='-1'])");
              if (!node) return null;
              node.focus({ focusVisible: true });
              return getComputedStyle(node).outlineStyle;
            }""".replace("root()", ROOT),
            ["", name],
        )
        assert lit in ("solid", None), name
        assert lit or name == "a"  # there may be no link within the component


@pytest.mark.parametrize("lang", languages())
def test_the_document_says_its_language_and_its_page(visit_page: VisitPage, lang: str) -> None:
    page = visit_page("", {"lang": lang})
    expect(page.page.locator("html")).to_have_attribute("lang", lang)
    expect(page.page).to_have_title(f"{translate('nav.next_token', lang)} · gptviz")
    other = visit_page("compare", {"lang": lang})
    expect(other.page).to_have_title(f"{translate('nav.compare', lang)} · gptviz")


def test_a_pause_in_typing_tells_what_comes_next(visit: Visit) -> None:
    """Nothing at first, nothing for each key, then the reading of the last text."""
    screen = visit({"p": "The cat sat on the", "lang": "en"})
    spoken = screen.page.get_by_test_id("spoken")
    expect(spoken).to_have_attribute("aria-live", "polite")
    expect(spoken).to_have_text("")
    screen.page.evaluate(
        f"""() => {{
          const node = {ROOT}.querySelector('[data-testid="spoken"]');
          window.told = [];
          new MutationObserver(() => window.told.push(node.textContent)).observe(node, {{ childList: true }});
        }}"""
    )
    screen.prompt.press_sequentially(" mat and then", delay=60)
    expect(spoken).to_contain_text(translate("reading.distribution.others", "en").split(":")[0])
    assert len(screen.page.evaluate("window.told")) == 1


def test_upright_paper_has_all_columns(visit_page: VisitPage) -> None:
    page = visit_page("compare", {"lang": "en"}, viewport={"width": 720, "height": 1018})
    page.page.emulate_media(media="print")
    boxes = page.page.evaluate(
        f"[...{ROOT}.querySelectorAll('.col')].map((col) => col.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) >= 6
    assert all(box["left"] >= 0 and box["right"] <= 720 and box["width"] > 150 for box in boxes)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_letter_of_a_text_is_sliced_by_its_neighbours_ground(visit_page: VisitPage, scheme: str) -> None:
    """At two pixels a point: each pixel of ink that is there without grounds is there with them."""
    query = {"lang": "en", "p": "I would like a cup of"}
    page = visit_page("compare", query, device_scale_factor=2, color_scheme=scheme)
    if page.page.get_by_test_id("run").is_visible() and page.page.locator(".w").count() < 20:
        page.page.get_by_test_id("run").click()
    expect(page.page.locator("[role=progressbar]")).to_be_hidden()
    text = page.get("text").first
    style = "node => node.querySelectorAll('.w').forEach((w) => w.style.setProperty({}, 'none', 'important'))"

    def ink() -> np.ndarray:
        grey = np.asarray(Image.open(io.BytesIO(text.screenshot())).convert("L"), dtype=float)
        return grey < 90 if scheme == "light" else grey > 170

    for name in ("outline", "text-decoration"):
        text.evaluate(style.format(f"'{name}'"))
    covered = ink()
    for name in ("background", "box-shadow"):
        text.evaluate(style.format(f"'{name}'"))
    bare = ink()
    assert bare.sum() > 2000
    assert (bare & ~covered).sum() == 0
