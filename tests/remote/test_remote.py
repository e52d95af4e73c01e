"""A model over HTTP is the model: traces, readers, texts and scores, number for number; and what it says when it is not
there."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gptviz
from gptviz import catalogue
from gptviz.decoding import Beam, Contrastive, Greedy, Sample
from gptviz.edits import ablate
from gptviz.errors import ConfigError, DecodingError, EditError, PromptError, ServiceError
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.taps import TAPS
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.remote import client, model, wire
from gptviz.remote.addresses import is_url, split
from gptviz.serving.keys import Keys
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import random_model
from tests.remote.conftest import Run, Running

pytestmark = pytest.mark.slow

ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ."
GATED: dict[str, Any] = {"position": "rotary", "norm": "rmsnorm", "gated": True, "n_kv_head": 2, "activation": "silu",
                         "biases": (), "qk_norm": True, "tied": False, "windows": (0, 6)}  # fmt: skip


class Pair:
    """A model here, and the same behind an engine."""

    def __init__(self, lm: LanguageModel, running: Running) -> None:
        self.here, self.running = lm, running
        self.there = gptviz.load(running.url)
        assert isinstance(self.there, model.RemoteModel)


@pytest.fixture(scope="module", params=["bundled", "gated"])
def pair(request: pytest.FixtureRequest, run_engine: Run) -> Pair:
    if request.param == "bundled":
        own = gptviz.load()
    else:
        config = GPTConfig(n_layer=2, n_head=4, n_embd=32, block_size=48, vocab_size=64, **GATED)
        own = LocalModel(random_model(config), Tokenizer.characters(ALPHABET), name="gated")
    return Pair(own, run_engine(own))


def same(one: Any, other: Any) -> None:
    """Bit for bit."""
    assert one.dtype == other.dtype
    assert np.array_equal(one, other, equal_nan=True)


def test_it_is_the_same_model(pair: Pair) -> None:
    here, there = pair.here, pair.there
    assert (there.fingerprint, there.config, there.n_tokens) == (here.fingerprint, here.config, here.n_tokens)
    assert there.tokenizer.fingerprint == here.tokenizer.fingerprint
    assert there.name == pair.running.url
    for text in ("The cat sat on", "A1 z."):
        assert there.ids(text) == here.ids(text)


def test_a_trace_is_the_same_in_all_its_parts(pair: Pair) -> None:
    here, there = pair.here.trace("The cat sat"), pair.there.trace("The cat sat")
    same(there.logits_at(-1), here.logits_at(-1))
    same(there.logprobs, here.logprobs)
    for name in TAPS:
        same(getattr(there, name), getattr(here, name))
    same(there.shades, here.shades)
    same(there.layer("mlp_hidden", 1), here.layer("mlp_hidden", 1))
    same(there.rows("attn_out", 1, 1, 3), here.rows("attn_out", 1, 1, 3))
    same(there.pattern_of(1, 2), here.pattern_of(1, 2))
    assert there.tokens == here.tokens
    assert repr(there) == repr(here)


def test_typing_on_computes_and_sends_only_what_is_new(pair: Pair) -> None:
    texts = ["The cat", "The cat s", "The cat sat", "The dog", "The dog", "The", "The cat sat on"]
    here = there = None
    for text in texts:
        here, there = pair.here.trace(text, reuse=here), pair.there.trace(text, reuse=there)
        assert there.start == here.start
        for name in ("resid", "k", "hidden", "pattern", "shades"):
            same(getattr(there, name), getattr(here, name))
        same(there.logits_at(-1), here.logits_at(-1))
    assert pair.there.trace("The cat sat on", reuse=there) is there


def test_attention_is_written_out_from_one_layers_weights(pair: Pair) -> None:
    here, there = pair.here.trace("The cat sat"), pair.there.trace("The cat sat")
    mine, its = here.inner(1), there.inner(1)
    x = here.resid[1]
    same(its.normed(x), mine.normed(x))
    same(its.output(), mine.output())
    assert np.allclose(its.projected(mine.normed(x), "k", 1), mine.projected(mine.normed(x), "k", 1), atol=1e-5)


@pytest.mark.parametrize("strategy", [Greedy(), Sample(temperature=1.3, top_k=9), Beam(width=3), Contrastive()])
def test_texts_are_the_same(pair: Pair, strategy: Any) -> None:
    asked: dict[str, Any] = {"max_new_tokens": 7, "seed": 5}
    here = list(pair.here.generate("The cat", strategy, **asked))
    there = list(pair.there.generate("The cat", strategy, **asked))
    assert [step.token for step in there] == [step.token for step in here]
    for one, other in zip(there, here, strict=True):
        same(one.logits, other.logits)


def test_a_comparison_is_the_same(pair: Pair) -> None:
    strategies = {"greedy": Greedy(), "search": Beam(width=2), "luck": Sample(temperature=2.0)}
    here = gptviz.compare(pair.here, "The", strategies, max_new_tokens=6, seed=3)
    there = gptviz.compare(pair.there, "The", strategies, max_new_tokens=6, seed=3)
    assert there.texts == here.texts
    assert there.logprobs == here.logprobs


def test_scores_are_the_same(pair: Pair) -> None:
    rows = [pair.here.ids("The cat sat on")[:4], pair.here.ids("Thy dog ran up")[:4]]
    for mine, its in zip(pair.here.score(rows, start=2), pair.there.score(rows, start=2), strict=True):
        same(its, mine)
    texts = ["The cat", "a"]
    for (one, ranks), (other, others) in zip(pair.there.score_each(texts), pair.here.score_each(texts), strict=True):
        assert np.allclose(one, other, atol=1e-5)
        assert ranks.tolist() == others.tolist()
    found = pair.there.next_logits(["The cat", "a"])
    expected = pair.here.next_logits(["The cat", "a"])
    assert np.abs(found - expected).max() < 1e-5 * np.abs(expected).max()


def test_what_stays_there_says_so(pair: Pair) -> None:
    trace = pair.there.trace("The")
    for asks in (lambda: pair.there.rows("tokens", [1]), lambda: pair.there.products("tokens", [[0.0]]),
                 lambda: trace.unembed(trace.resid[0]), lambda: trace.parts(0), lambda: trace.direction(1),
                 lambda: trace.embedding(0), lambda: trace.neuron_rows(0, [1])):  # fmt: skip
        with pytest.raises(ServiceError, match="its weights stay there"):
            asks()
    with pytest.raises(EditError, match="cannot be changed"):
        pair.there.trace("The", edits=[ablate(layer=1, head=1)])
    with pytest.raises(EditError) as raised:  # and what cannot be anywhere is said first
        pair.there.trace("The", edits=[(("z", 99), lambda z: z)])
    assert raised.value.key == "edit.layer"


def test_what_cannot_be_read_is_said_in_the_same_sentences(pair: Pair) -> None:
    for prompt in ("", [10**6]):
        with pytest.raises(PromptError) as mine:
            pair.here.trace(prompt)
        with pytest.raises(PromptError) as its:
            pair.there.trace(prompt)
        assert its.value.say("zh") == mine.value.say("zh")


def test_errors_travel_as_they_are() -> None:
    inner = PromptError("prompt.too_long", tokens=1, limit=9)
    error = DecodingError("decoding.unknown", name=inner, known="a")
    found = wire.error_of(json.loads(json.dumps(wire.error_json(error, "zh"))), 400)
    assert type(found) is DecodingError
    assert type(found.values["name"]) is PromptError
    assert found.say("zh") == error.say("zh")
    for wrong in (None, [], {}, {"key": 1, "kind": "x"}, {"key": "a" * 200, "kind": "PromptError"}):
        assert wire.error_of(wrong, 500).key == "remote.answer"
    assert (
        type(wire.error_of({"key": "prompt.empty", "kind": "SystemExit", "values": {"key": 1, "lang": 2}}, 500))
        is ServiceError
    )


def test_an_engine_that_forgot_computes_again(run_engine: Run, tiny_lm: LanguageModel) -> None:
    running = run_engine(tiny_lm)
    there = model.load(running.url)
    trace, reader = there.trace("abcd"), there.prefill("abc")
    reader.append([5])
    running.stop()
    running.start()
    mine, own = tiny_lm.trace("abcdef"), tiny_lm.prefill("abc")
    longer = there.trace("abcdef", reuse=trace)
    assert longer.start == 0
    same(longer.resid, mine.resid)
    for token in (5, 6):
        own.append([token])
    reader.append([6])
    same(reader.logits, own.logits)
    same(reader.hidden_all, own.hidden_all)
    same(trace.layer("mlp_out", 1), tiny_lm.trace("abcd").layer("mlp_out", 1))


def test_an_engine_that_is_away_says_so_and_comes_back(
    run_engine: Run, tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = run_engine(tiny_lm)
    there = model.load(running.url)
    running.stop()
    for _ in range(2):
        with pytest.raises(ServiceError, match="does not answer") as raised:
            there.trace("abc")
        assert raised.value.key == "remote.away"
    assert there.away
    running.start()
    there.client._away_until = 0.0
    assert not there.away
    assert there.trace("abc").ids == tuple(tiny_lm.ids("abc"))
    with pytest.raises(ServiceError, match="does not answer"):
        gptviz.load("http://localhost:9")


def test_keys(run_engine: Run, tiny_lm: LanguageModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = run_engine(tiny_lm, keys=Keys({"class": "k" * 20}))
    with pytest.raises(ServiceError, match="asks for a key"):
        model.load(running.url)
    (tmp_path / "key").write_text("class " + "k" * 20 + "\n")
    monkeypatch.setenv(client.KEY, str(tmp_path / "key"))
    assert model.load(running.url).served == "tiny"
    monkeypatch.setenv(client.KEY, str(tmp_path / "none"))
    with pytest.raises(ConfigError, match="cannot be read"):
        model.load(running.url)


GOOD = {"name": "x", "fingerprint": "0" * 16, "weights": "float32", "n_tokens": 4, "rounding": None,
        "chat_template": None, "config": {"n_layer": 1, "n_head": 1, "n_embd": 4, "vocab_size": 4,
                                          "block_size": 8}}  # fmt: skip


@pytest.mark.parametrize("answer", [
    b"", b"<html>", b"[]", b"{}", b'{"models": []}', b'{"models": [{"name": 1}]}', b'{"models": [{}]}', b"\xff",
    json.dumps({"models": [GOOD | {"config": {"n_layer": -1}}]}).encode(),
    json.dumps({"models": [GOOD | {"config": {"layers": 1}}]}).encode(),
    json.dumps({"models": [GOOD]}).encode(),  # whose vocabulary is then no vocabulary
])  # fmt: skip
def test_whatever_else_answers_is_no_engine(answer: bytes) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            pass

    with HTTPServer(("localhost", 0), Other) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with pytest.raises(ServiceError, match="cannot be read"):
                model.load(f"http://localhost:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()


def test_arrays_that_are_not_those_asked_for_are_not_believed(tiny_lm: LanguageModel) -> None:
    from gptviz.gpt.carried import CARRIED, carried, skeleton
    from gptviz.serving.answers import trace_arrays

    ids = tuple(tiny_lm.ids("abc"))
    good = trace_arrays(tiny_lm.trace(ids), CARRIED)
    shape, tokenizer = skeleton(tiny_lm.config), tiny_lm.tokenizer
    source: Any = None
    assert carried(shape, tokenizer, ids, 0, good, source, None).ids == ids
    for name, array in good.items():
        for wrong in (array[..., :1], array.astype(np.float64), None):
            arrays = {other: value for other, value in good.items() if other != name}
            arrays |= {} if wrong is None else {name: wrong}
            with pytest.raises(ServiceError):
                carried(shape, tokenizer, ids, 0, arrays, source, None)


@pytest.mark.parametrize(
    "name", ["http://localhost:8600", "https://engine.school", "http://10.0.0.7:80/", "http://[::1]:8600"]
)
def test_addresses(name: str) -> None:
    assert is_url(name)
    assert split(f"/a:{name}:b", ":") == ["/a", name.rstrip("/"), "b"]
    assert split(f"C:\\m;{name}", ";") == ["C:\\m", name.rstrip("/")]
    assert not catalogue.needs_download(name)


@pytest.mark.parametrize("name", ["http://", "http://a/b", "http://user:word@host", "ftp://a", "httpx", "gpt2",
                                  "http://a b",
                                  "http://a:99999999", "http://a?x", "http://a#x"])  # fmt: skip
def test_no_addresses(name: str) -> None:
    assert not is_url(name)


def test_the_operator_names_engines_beside_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPTVIZ_MODELS", f"{tmp_path}:http://localhost:8600:http://b.example")
    assert catalogue.engines() == ("http://localhost:8600", "http://b.example")
    assert not any("http" in name for name in catalogue.local_models())
