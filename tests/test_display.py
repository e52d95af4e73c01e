"""Labels show every token, whatever its bytes; the Python offered for a picture runs and quotes what was typed."""

from __future__ import annotations

import ast
import re
import unicodedata
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gptviz
from gptviz import decoding, figures, views
from gptviz.language_model import LanguageModel
from gptviz.recipes import python_call
from gptviz.tokens.labels import hex_bytes, label, legible, spoken
from gptviz.tokens.pieces import locate
from gptviz.views import CellView

INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b" the", "·the"),
        (b"  ", "··"),
        (b"\n\n", "↵↵"),
        (b"\t", "→"),
        (b"\r", "␍"),
        (b"\x00", "␀"),
        (b"\x7f", "␡"),
        ("中文".encode(), "中文"),
        ("\u202e".encode(), "⟨202E⟩"),  # would turn the line round
        ("\u200b".encode(), "⟨200B⟩"),
        ("\u3000".encode(), "⟨3000⟩"),
        ("\ufffd".encode(), "⟨FFFD⟩"),  # really typed: not a stand-in for something else
        ("\u0301".encode(), "◌\u0301"),  # a combining accent alone
        ("e\u0301".encode(), "e\u0301"),
        (" \u0301".encode(), "·◌\u0301"),  # it would sit on the dot
        (b"\xe6\x88", "E6 88"),
        (b"\xff\xfe\xf0", "FF FE F0"),
        (b" \xe6\x88", "·⟨E6 88⟩"),
        (b"\xad\xe4\xbd\xa0", "⟨AD⟩你"),
        (b"<b>$x$</b>", "<b>$x$</b>"),  # escaping is the business of whoever shows it
        (b"", "∅"),
    ],
)
def test_labels(data: bytes, shown: str) -> None:
    assert label(data) == shown


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")))
def test_every_label_is_visible_and_honest(data: bytes) -> None:
    """Nothing invisible, no override of direction, no replacement character, never empty, for any bytes at all."""
    shown = label(data)
    assert shown
    assert "\ufffd" not in shown
    assert not {unicodedata.category(c) for c in shown.replace(" ", "")} & INVISIBLE
    assert (" " in shown) <= any(byte >= 0x80 for byte in data)  # only between the bytes of a broken character
    assert unicodedata.category(shown[0])[0] != "M"


@given(st.text(st.characters(categories=["L", "N", "P"]), min_size=1))
def test_plain_text_is_its_own_label(text: str) -> None:
    hidden = {0x115F, 0x1160, 0x3164, 0xFFA0}  # letters that are drawn as nothing
    if not hidden & {ord(c) for c in text}:
        assert label(text.encode()) == text


def test_label_of_a_token_and_its_bytes() -> None:
    token = locate([7], [b" cat"])[0]
    assert (label(token), hex_bytes(token.bytes), spoken(label(token))) == ("·cat", "20 63 61 74", "cat")


HOSTILE = ['"); raise SystemExit  # ', "'''\n\\", "\u202e\x00\ud800", "{pos}$x$", "中\n"]
VIEWS: dict[str, dict[str, Any]] = {
    "chips": {"n_prompt": 2},
    "attention": {"layer": 1, "head": 0, "stage": "scores"},
    "mask": {},
    "mosaic": {},
    "cell": {"layer": 1, "head": 0, "query_pos": 2, "key_pos": 1},
    "distribution": {"pos": 3, "temperature": 0.8, "top_k": 0, "top_p": 0.9, "seed": 7, "step": 2},
    "cumulative": {"pos": 1, "temperature": 1.0, "top_k": 5, "top_p": 1.0, "actual_id": 3},
}


@pytest.mark.parametrize("kind", VIEWS)
def test_python_call_runs_and_gives_the_picture(
    kind: str, tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code, run line by line, ends in the figure of the same numbers (the cell: the numbers themselves)."""
    monkeypatch.setattr(gptviz, "load", lambda name: tiny_lm)
    result = _last_value(python_call(kind, "the cat", "bilingual", **VIEWS[kind]))
    if kind == "cell":
        assert isinstance(result, CellView)
        assert (result.layer, result.head, result.query, result.key) == (1, 0, 2, 1)
    else:
        assert isinstance(result, go.Figure)
    if kind == "attention":
        np.testing.assert_array_equal(result.data[0].z, tiny_lm.trace("the cat").scores_of(1, 0))
    if kind == "distribution":
        trace = tiny_lm.trace("the cat")
        sample = gptviz.Sample(temperature=0.8, top_p=0.9)  # top_k 0 is off
        stages = decoding.stages(trace.logits_at(3), sample, trace.ids[:4])
        u = decoding.uniform_at(7, 2)
        drawn = decoding.draw(stages[-1].probs, u)
        view = views.distribution(trace.logits_at(3), stages, tiny_lm.tokenizer, pos=3, u=u, draw=drawn)
        assert result.to_json() == figures.distribution.bars(view).to_json()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("kind", VIEWS)
def test_python_call_quotes_what_was_typed(kind: str, text: str) -> None:
    """Prompt and model name come back out of the syntax tree as they went in, as constants, and nothing else runs."""
    tree = ast.parse(python_call(kind, text, text, **VIEWS[kind]))
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert constants.count(text) == 2
    safe = python_call(kind, "plain", "name", **VIEWS[kind])
    assert [type(node) for node in ast.walk(tree)] == [type(node) for node in ast.walk(ast.parse(safe))]


def test_python_call_takes_ids() -> None:
    """A prompt with a generated path need not be what its text would be encoded to: its ids are given."""
    assert "lm.trace([3, 1])" in python_call("mask", (3, 1), "m")


def _last_value(code: str) -> Any:
    *body, last = ast.parse(code).body
    assert isinstance(last, ast.Expr)
    names: dict[str, Any] = {}
    exec(compile(ast.Module(body, []), "snippet", "exec"), names)
    return eval(compile(ast.Expression(last.value), "snippet", "eval"), names)


@given(st.binary(max_size=24))
def test_what_is_legible_is_the_text_and_else_its_bytes(data: bytes) -> None:
    """Whole characters stay as they are; nothing is left out, and nothing stands for something else."""
    shown = legible(data)
    if b"\xef\xbf\xbd" not in data:
        assert "\ufffd" not in shown
    parts = re.split(r"⟨([0-9A-F]{2}(?: [0-9A-F]{2})*)⟩", shown)
    if "⟨".encode() not in data:
        assert b"".join(bytes.fromhex(part) if i % 2 else part.encode() for i, part in enumerate(parts)) == data
