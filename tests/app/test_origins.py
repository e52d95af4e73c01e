"""The page of origins in the app, without a browser: a world's text while nothing is trained, then a model too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gptviz import catalogue
from gptviz.i18n import languages
from gptviz.jobs import child, folder
from gptviz.jobs.folder import Ask
from gptviz.ui.pages.origins import texts
from tests.app.visitor import Visitor
from tests.ui.desk import HOSTILE


class Seeker(Visitor):
    name = "origins"


@pytest.mark.parametrize("lang", languages())
def test_a_first_visit_counts_in_the_stories(lang: str) -> None:
    header = Seeker(lang=lang).run().header
    assert not header["trained"]
    text = texts.of_world().tokenizer.decode(texts.of_world().ids.tolist())
    line, token = header["counts"]["lines"][-1], header["counts"]["label"]
    context = header["text"][-(line["n"] - 1) :]
    assert line["times"] == text.count(context)  # no such context overlaps itself
    assert line["then"] == text.count(context + token) > 100
    assert header["passages"]["times"] == line["then"]
    assert all(row["gram"] == context + token for row in header["passages"]["rows"])
    assert header["counts"]["gpt"] is None
    row, column = header["pairs"]["row"], header["pairs"]["column"]
    assert header["pairs"]["counts"][row][column] == text.count(header["text"][-1] + token)


def test_what_was_said_far_back_no_short_ngram_knows() -> None:
    visitor = Seeker(lang="en").run()
    visitor.do("preset", name="far")
    names = {row["label"]: row["counted"] for row in visitor.header["choices"]["rows"]}
    assert max(names.values()) < 0.5  # one of several names
    visitor.do("preset", name="new")
    assert visitor.header["counts"]["lines"][-1]["n"] < 6


def test_any_token_can_be_looked_at_and_hostile_words_are_read_as_far_as_they_are_known() -> None:
    visitor = Seeker(lang="en").run()
    visitor.say(token=0)
    assert visitor.header["choices"]["token"] == 0
    visitor.say(token=10**6)
    assert visitor.header["view"]["token"] is None
    for text in HOSTILE:
        visitor.say(text=text)
        assert visitor.header["text"] == text or "\ud800" in text


def test_a_model_of_ones_own_stands_beside_its_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path))
    monkeypatch.setattr(child.os, "nice", lambda _: 0)
    monkeypatch.setattr(child, "use_threads", lambda _: None)
    monkeypatch.setattr(child.signal, "signal", lambda *_: None)
    shape = {"n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 32, "position": "learned"}
    changes = {"steps": 20, "batch_size": 2, "warmup": 2, "eval_every": 10, "log_every": 1, "seed": 1}
    job = folder.create("e" * 32, Ask("addition", "one-minute", shape, changes))
    assert child.main(job.path) == 0
    visitor = Seeker(lang="en").run()
    visitor.do("owner", token="e" * 32)
    visitor.say(text="47+51=9x")  # x is no digit
    header = visitor.header
    assert header["run"] == job.model_name
    assert any("1 character" in note["text"] for note in header["notes"])
    lm = catalogue.load_folder(job.path / folder.MODEL, weights="float32")
    logits = np.asarray(lm.trace(lm.tokenizer.encode("47+51=9")).logits_at(-1), dtype=np.float64)[: lm.n_tokens]
    probs = np.exp(logits - logits.max())
    probs /= probs.sum()
    for row in header["choices"]["rows"]:
        assert row["gpt"] == pytest.approx(probs[row["id"]], abs=1e-5)
    assert header["counts"]["gpt_bits"] == pytest.approx(-np.log2(header["counts"]["gpt"]))
    visitor.do("owner", token="f" * 32)
    assert not visitor.header["trained"]
