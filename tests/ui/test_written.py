"""What scripts write: sentences filled in and counted as Python does, numbers, CSV. Run in node."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gptviz import i18n
from gptviz.ui.web.component import WEB
from tests.ui.node import needs_node, run_node

#: Templates and what is filled in: choices, a missing value, none at all, what only looks like a blank.
FILLED: list[tuple[str, dict[str, Any]]] = [
    ("{count} {count|token|tokens}", {"count": 1}),
    ("{count} {count|token|tokens}", {"count": "1"}),
    ("{count} {count|token|tokens}", {"count": "1,024"}),
    ("{count} {count|token|tokens}", {"count": 0}),
    ("{count} {count|token was|tokens were} {a}", {"count": 1, "a": "{count}"}),
    ("{count} {count|token|tokens} of {total}", {"total": 1}),
    ("{count} {count|token|tokens}", {}),
    ("{n|is|}{m||s} {n}", {"n": 1, "m": 2}),
    ("{constructor} {toString|a|b}", {"n": 1}),
    ("a | b {n} {n|x|y} | c", {"n": "−1"}),
]


@needs_node
def test_the_browser_fills_in_and_counts_as_python_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the same table, every interface string of every language too, with one and with many of everything."""
    blank = re.compile(r"{(\w+)")
    every = {
        text
        for lang in i18n.languages()
        for text in i18n.strings(lang).values()
        if blank.search(text) and "{{" not in text
    }  # braces that are shown, which no script has
    named = {text: {*blank.findall(text)} - {"key", "lang"} for text in sorted(every)}  # these are translate's own
    table = FILLED + [(text, dict.fromkeys(names, n)) for text, names in named.items() for n in (1, "1,024")]
    (tmp_path / "table.json").write_text(json.dumps(table), encoding="utf-8")
    script = f"""
    import {{ readFileSync }} from "node:fs";
    const {{ fillIn }} = await import("{WEB.as_uri()}/kit/dom.js");
    const table = JSON.parse(readFileSync("{tmp_path}/table.json", "utf8"));
    console.log(JSON.stringify(table.map(([text, values]) => fillIn(text, values))));
    """
    monkeypatch.setattr(i18n, "strings", lambda lang: {})  # so that a template is its own key
    assert run_node(script, tmp_path) == [i18n.translate(text, "en", **values) for text, values in table]


@needs_node
def test_csv_quotes_what_needs_it_and_keeps_full_precision(tmp_path: Path) -> None:
    script = f"""
    globalThis.document = {{}};
    const {{ toCsv }} = await import("{WEB.as_uri()}/kit/menu.js");
    const rows = [['a,"b"', 0.1234567890123], ["↵\\n", null]];
    console.log(JSON.stringify(toCsv({{ columns: ["token", "p"], rows }})));
    """
    assert run_node(script, tmp_path) == 'token,p\r\n"a,""b""",0.1234567890123\r\n"↵\n",\r\n'


@needs_node
def test_numbers_are_never_rounded_to_a_false_zero_or_certainty(tmp_path: Path) -> None:
    script = f"""
    const {{ fmtPercent, fmtNumber }} = await import("{WEB.as_uri()}/kit/dom.js");
    const percents = [0, 0.00001, 0.118, 0.99999, 1, null].map((p) => fmtPercent(p));
    const numbers = [fmtNumber(16374), fmtNumber(-1.336, 2), fmtNumber(-0.001, 1), fmtNumber(null)];
    console.log(JSON.stringify([percents, numbers]));
    """
    assert run_node(script, tmp_path) == [
        ["0%", "<0.1%", "11.8%", ">99.9%", "100%", "–"],
        ["16,374", "−1.34", "0.0", "–"],
    ]
