"""The HTML report: whole, escaped, without network, in both languages, and a run can be read out of it again."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from gptviz import report
from gptviz.decoding import Beam, Greedy, Sample
from gptviz.decoding.exchange import load_run
from gptviz.decoding.presets import PRESETS
from gptviz.decoding.records import Run, record
from gptviz.i18n import languages
from gptviz.language_model import LanguageModel

HOSTILE = "</script><img src=x onerror=alert(1)>&\"'$x {0}"


class Page(HTMLParser):
    """Elements with their attributes, the text that is read, and whether every element is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.read = ""
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "path"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self._open):
            self.read += data


@pytest.fixture(scope="module")
def kept(lm: LanguageModel) -> Run:
    return record(lm, "Once upon a time", PRESETS["six"], max_new_tokens=12, seed=7)


@pytest.mark.parametrize("lang", languages())
def test_every_text_and_number_is_there(lm: LanguageModel, kept: Run, lang: str) -> None:
    page = Page(report.html(kept, lang=lang))
    assert ("html", {"lang": lang}) in page.elements
    for column in kept.columns.values():
        line = column.text.split("\n")[0].strip()
        assert line in page.read
        assert f"{column.measures.perplexity:,.1f}" in page.read
    assert "report." not in page.read
    assert not re.search(r"{\w+}", page.read)
    steps = sum(len(column.steps) for column in kept.columns.values())
    assert sum(tag == "tr" and "data-first" in attrs for tag, attrs in page.elements) == steps
    assert sum(tag == "svg" and bool(attrs["aria-label"]) for tag, attrs in page.elements) == len(kept.columns)


def test_each_token_carries_its_surprisal(kept: Run) -> None:
    """Colour is bits / 12, at most 1; the words of a column cover its steps without a gap."""
    page = Page(report.html(kept))
    words = [attrs for tag, attrs in page.elements if tag == "span" and "data-first" in attrs]
    column = kept.columns["greedy"]
    at = 0
    for word in words:
        first, stop = int(word["data-first"] or 0), int(word["data-stop"] or 0)
        if at == len(column.steps):
            break
        assert first == at
        bits = sum(column.measures.surprisals[first:stop])
        assert word["style"] == f"--s:{min(1.0, bits / 12):.2f}"
        at = stop
    assert at == len(column.steps)


def test_nothing_is_loaded_and_only_our_script_runs(kept: Run) -> None:
    text = report.html(kept)
    page = Page(text)
    assert not [1 for _, attrs in page.elements if {"src", "href", "srcset", "action"} & attrs.keys()]
    assert "url(" not in text
    assert "@import" not in text
    script = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(script) == 1
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    policy = next(a["content"] or "" for t, a in page.elements if t == "meta" and "http-equiv" in a)
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy


def test_hostile_text_is_shown_as_text(lm: LanguageModel, kept: Run) -> None:
    run = record(lm, HOSTILE, {HOSTILE: Greedy(), "b": Sample(2.0)}, max_new_tokens=4, seed=1)
    plain, page = Page(report.html(kept)), Page(report.html(run))
    assert HOSTILE in page.read
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in plain.elements}
    assert not [1 for _, attrs in page.elements if any(name.startswith("on") for name in attrs)]
    assert load_run(report.html(run), lm) == run


def test_a_report_is_a_run(lm: LanguageModel, kept: Run) -> None:
    for lang in languages():
        assert load_run(report.html(kept, lang=lang), lm) == kept
        assert load_run(report.html(kept, lang=lang).encode(), lm) == kept


def test_one_strategy_one_token(lm: LanguageModel) -> None:
    run = record(lm, "我", {"beam 2": Beam(2)}, max_new_tokens=1)
    page = Page(report.html(run, lang="zh"))
    assert "束搜索 2" in page.read
    assert load_run(report.html(run), lm) == run
