"""The Python of the pages of Train, run as it is given: it makes the numbers that the page shows."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest

from gptviz.language_model import LanguageModel
from tests.ui import desk

pytestmark = pytest.mark.slow


def value(code: str) -> Any:
    """What the last line of ``code`` gives."""
    tree = ast.parse(code)
    last = tree.body.pop()
    names: dict[str, Any] = {}
    exec(compile(tree, "<recipe>", "exec"), names)
    if not isinstance(last, ast.Expr):
        exec(compile(ast.Module([last], []), "<recipe>", "exec"), names)
        return names
    return eval(compile(ast.Expression(last.value), "<recipe>", "eval"), names)


def test_a_step(lm: LanguageModel) -> None:
    state = desk.arrived("one_step", lm)
    desk.say("one_step", state, lm, step=2, target=3)
    header, _ = desk.shown("one_step", state, lm)
    assert value(header["forward"]["python"])["record"].loss == pytest.approx(header["after"]["losses"][-1], abs=1e-5)
    desk.do("one_step", state, lm, "race")
    raced = value(desk.shown("one_step", state, lm)[0]["race"]["python"])
    assert raced.tokens == len(header["ids"]) - 1


def test_a_moment(lm: LanguageModel) -> None:
    header, blobs = desk.finished("snapshots", desk.arrived("snapshots", lm, at="10"), lm)
    assert value(header["attention"]["python"]) == pytest.approx(blobs["pattern"], abs=1e-5)
    assert value(header["written"]["python"]) == header["written"]["text"]
    assert value(header["curve"]["python"])[-1] == header["curve"]["train"][-1][1]
    assert value(header["heads"]["python"]) == pytest.approx(np.array(header["heads"]["scores"]), abs=1e-6)


def test_counts(lm: LanguageModel) -> None:
    header, _ = desk.shown("origins", desk.arrived("origins", lm), lm)
    lines, p = value(header["counts"]["python"])
    assert [tuple(line) for line in lines] == [
        (one["n"], one["times"], one["then"]) for one in header["counts"]["lines"]
    ]
    assert p == pytest.approx(header["counts"]["counted"])
