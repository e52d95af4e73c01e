"""The Embeddings page without Streamlit: its numbers, worked out again, for models of several kinds."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

from gptviz.gpt.config import GPTConfig
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.scripts import SCRIPTS
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.ui.pages.embeddings import atlas
from gptviz.ui.pages.embeddings.scene import MOST_ROWS
from tests.conftest import random_model
from tests.ui.desk import arrived, finished, shown

ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ."


def made(**changes: Any) -> LocalModel:
    shape = {"n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 64, "vocab_size": 64} | changes
    return LocalModel(random_model(GPTConfig(**shape)), Tokenizer.characters(ALPHABET), name="made")


def test_the_strips_are_what_goes_into_the_first_block(lm: LanguageModel) -> None:
    header, blobs = finished("embeddings", arrived("embeddings", lm, p="The cat sat"), lm)
    trace = lm.trace("The cat sat")
    assert header["strips"]["labels"] == ["The", "·cat", "·sat"]
    assert blobs["sum"] == pytest.approx(trace.resid[0], abs=1e-6)
    assert blobs["rows"] + blobs["added"] == pytest.approx(blobs["sum"])


@pytest.mark.parametrize("position", ["sinusoidal", "rotary"])
def test_positions_that_are_not_learned(position: str) -> None:
    lm = made(position=position, embedding_scale=4.0)
    header, blobs = finished("embeddings", arrived("embeddings", lm, p="abc", scheme="learned"), lm)
    whole = blobs["rows"] if position == "rotary" else blobs["sum"]
    assert whole == pytest.approx(lm.trace("abc").resid[0], abs=1e-5)
    assert ("added" in blobs) == (position == "sinusoidal")
    positions = header["positions"]
    assert (positions["scheme"], positions["own"]) == (position, True)  # there are no learned ones
    assert "learned" not in positions["schemes"]


def test_a_model_of_two_matrices_has_both_maps() -> None:
    lm = made(tied=False)
    found = {}
    for matrix in ("tokens", "output"):
        header, blobs = finished("embeddings", arrived("embeddings", lm, p="abc", matrix=matrix), lm)
        assert header["near"]["matrices"] == ["tokens", "output"]
        found[matrix] = blobs["map.places"]
        rows = lm.rows(matrix, range(64)).astype(np.float64)
        values = np.linalg.svd(rows - rows.mean(0), compute_uv=False) ** 2
        assert header["atlas"]["shares"] == pytest.approx(values[:6] / values.sum(), rel=1e-4)
    assert not np.allclose(found["tokens"], found["output"])
    tied, _ = finished("embeddings", arrived("embeddings", made(), p="abc", matrix="output"), made())
    assert (tied["near"]["matrices"], tied["view"]["matrix"]) == (["tokens"], "tokens")


def test_the_map_is_made_once_and_its_arrays_stay_the_same(lm: LanguageModel) -> None:
    """So that a key costs neither the map nor its points again."""
    state = arrived("embeddings", lm, p="The cat")
    header, blobs = finished("embeddings", state, lm)
    names = bytes(blobs["map.names"]).decode().split("\n")
    assert len(names) == len(blobs["map.scripts"]) == len(blobs["map.places"]) == lm.n_tokens
    assert names[header["ids"][1]] == "·cat"
    assert SCRIPTS[blobs["map.scripts"][header["ids"][1]]] == "latin"
    held = atlas.ATLASES.of(lm)["tokens"]
    places = held.places(0, 1)
    assert held.places(0, 1) is places
    other = arrived("embeddings", lm, p="Another visitor")
    again, more = shown("embeddings", other, lm)
    assert not again["running"]
    assert np.array_equal(more["map.places"], places)
    lit = {one["id"]: one for one in again["atlas"]["lit"]}
    for token in again["ids"]:
        assert (lit[token]["x"], lit[token]["y"]) == pytest.approx(tuple(places[token]))


def test_what_is_kept_for_a_model_goes_with_it() -> None:
    """Finished or not: a server that has opened many models holds only those that it still shows."""
    gone = []
    for runs in (1, 50):
        lm = made(vocab_size=5000)
        state = arrived("embeddings", lm, p="abc")
        for _ in range(runs):
            shown("embeddings", state, lm)
        gone.append(weakref.ref(lm))
        del lm, state
    gc.collect()
    assert [ref() for ref in gone] == [None, None]


def test_of_a_large_vocabulary_points_are_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atlas, "MOST_POINTS", 10)
    lm = made()
    header, blobs = finished("embeddings", arrived("embeddings", lm, p="abc"), lm)
    assert (header["atlas"]["drawn"], header["atlas"]["n_tokens"]) == (10, 64)
    assert blobs["map.ids"].tolist() == [0, 7, 14, 21, 28, 35, 42, 49, 56, 63]
    assert {one["id"] for one in header["atlas"]["lit"]} >= set(header["ids"])
    assert "10" in header["atlas"]["reading"]


def test_of_many_tokens_those_around_the_one_looked_at_are_drawn() -> None:
    lm = made()
    for pos, first in ((0, 0), (30, 24), (49, 38)):
        header, blobs = finished("embeddings", arrived("embeddings", lm, p="ab" * 25, pos=str(pos)), lm)
        assert (header["strips"]["first"], header["strips"]["pos"]) == (first, pos)
        assert len(blobs["rows"]) == MOST_ROWS
        assert blobs["sum"][pos - first] == pytest.approx(lm.trace("ab" * 25).resid[0, pos], abs=1e-6)


@pytest.mark.slow
def test_the_map_of_near_tokens_comes_when_it_is_done() -> None:
    """Until then there are components; the tokens of the text lie at their own places, or amid those most like them."""
    lm = made()
    state = arrived("embeddings", lm, p="abc", map="neighbours")
    first, _ = shown("embeddings", state, lm)
    assert (first["atlas"]["map"], first["atlas"]["waiting"], first["running"]) == ("components", True, True)
    header, blobs = finished("embeddings", state, lm, most=5000)
    assert (header["atlas"]["map"], header["atlas"]["waiting"], header["atlas"]["drawn"]) == ("neighbours", False, 64)
    places, ids = blobs["map.places"], header["ids"]
    for one in header["atlas"]["lit"]:
        assert (one["x"], one["y"]) == pytest.approx(tuple(places[one["id"]]))
    assert {one["id"] for one in header["atlas"]["lit"]} >= set(ids)
    assert "neighbour_map" in header["atlas"]["python"]
