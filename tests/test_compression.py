"""Weights in fewer bits and models without some of their parts: bounds, parity, and what is saved opens elsewhere."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from string import ascii_letters, digits
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.torch import load_file, save_file

import gptviz
from gptviz import edits
from gptviz.catalogue import load_folder
from gptviz.cli import main
from gptviz.compression import FORMS, held, kept, nbytes, precision, pruned, pruning, save
from gptviz.compression.forms import by_int8, file_bytes, padded, widened
from gptviz.compression.passes import Gates, logits, nats
from gptviz.compression.texts import Passage, halves, passages, read_passages
from gptviz.decoding import Greedy
from gptviz.errors import ConfigError, WeightsError
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.int8 import LARGEST, quantised
from gptviz.gpt.weights import SINGLE, load_model
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.recipes import deploy as recipes
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import random_model
from tests.parity import random_decoder, random_gpt2

IDS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
_SHAPE = {"n_layer": 3, "n_head": 4, "n_embd": 32, "block_size": 64, "vocab_size": 64}


def _lm(seed: int = 0, **changes: object) -> LocalModel:
    return LocalModel(random_model(GPTConfig(**{**_SHAPE, **changes}), seed), Tokenizer.characters(  # type: ignore[arg-type]
        ascii_letters + digits + " ."))  # fmt: skip


# -- int8


@given(arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 9)),
              elements=st.floats(-1e6, 1e6, width=32)))  # fmt: skip
@settings(max_examples=200)
def test_int8_is_at_most_half_a_step_away(weight: np.ndarray) -> None:
    """In plain numpy: |w - s q| ≤ s / 2 for each weight, q between -127 and 127, and s is max |w| / 127."""
    q, scale = (x.numpy() for x in quantised(torch.from_numpy(weight), dim=1))
    assert q.dtype == np.int8
    assert np.abs(q.astype(int)).max() <= LARGEST
    largest = np.abs(weight.astype(np.float64)).max(axis=1, keepdims=True)
    np.testing.assert_allclose(scale[largest > 1e-30], largest[largest > 1e-30] / 127, rtol=1e-6)
    exact = scale.astype(np.float64)
    assert (np.abs(weight - exact * q) <= exact / 2 * (1 + 1e-5)).all()


@pytest.mark.parametrize("shape", [(1, 5, 7), (3, 16, 33), (9, 96, 64), (70, 31, 129)])
def test_the_kernel_multiplies_what_numpy_multiplies(shape: tuple[int, int, int]) -> None:
    """torch's int8 kernel on any shape, within bfloat16's rounding of what goes in and comes out."""
    rows, n_in, n_out = shape
    random = np.random.default_rng(0)
    x = random.standard_normal((rows, n_in)).astype(np.float32)
    q, scale = quantised(torch.from_numpy(random.standard_normal((n_out, n_in)).astype(np.float32)))
    wanted = x @ (q.numpy().astype(np.float32) * scale.numpy()).T
    size = np.abs(x) @ np.abs(q.numpy().astype(np.float32) * scale.numpy()).T  # what rounding is a part of
    found = by_int8(torch.from_numpy(x), padded(q), scale.flatten()).numpy()
    assert (np.abs(found - wanted) <= size * 2**-7).all()


def test_rounded_weights_in_float32_are_a_plain_model_of_them() -> None:
    """``int8_wide`` is the float32 model whose every matrix was put through s · q, and of ``int8`` its weights are."""
    lm = _lm()
    plain = widened(lm.model)
    with torch.no_grad():
        for name, weight in plain.named_parameters():
            if weight.ndim == 2 and "wpe" not in name:
                across = 1 if "wte" in name else 0
                w = weight.numpy().astype(np.float64)
                s = np.abs(w).max(axis=across, keepdims=True) / 127
                weight.copy_(torch.from_numpy((np.round(w / s) * s).astype(np.float32)))
    wanted = LocalModel(plain, lm.tokenizer).trace(IDS).logits
    found = held(lm, "int8_wide").trace(IDS).logits
    np.testing.assert_allclose(found, wanted, atol=1e-4 * np.abs(wanted).max())
    assert not np.allclose(found, lm.trace(IDS).logits, atol=1e-4 * np.abs(wanted).max())
    ours, theirs = held(lm, "int8").model.state_dict(), held(lm, "int8_wide").model.state_dict()
    assert all(torch.allclose(ours[name], theirs[name], rtol=1e-6) for name in theirs)


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_a_language_model_that_stays_near(form: str, tied: bool) -> None:
    """It traces, continues a trace, scores and writes; no later token changes an earlier row; memory falls."""
    lm = _lm(tied=tied)
    other = held(lm, form)
    logits_, near = other.trace(IDS).logits, lm.trace(IDS).logits
    spread = near.std()
    np.testing.assert_allclose(logits_, near, atol=0.2 * spread)
    np.testing.assert_allclose(other.trace(IDS, reuse=other.trace(IDS[:4])).logits, logits_, atol=0.05 * spread)
    np.testing.assert_allclose(other.trace(IDS[:6]).logits, logits_[:6], atol=0.05 * spread)
    assert len(list(other.generate(IDS, Greedy(), max_new_tokens=5))[-1].ids) == len(IDS) + 5
    assert lm.weights == "float32"  # it was left as it was
    wanted = {"float32": "float32", "int8_wide": "float32", "float16": "float32"}.get(
        form, form
    )  # small ones stay wide
    assert other.weights == wanted
    if form in ("bfloat16", "int8"):
        assert nbytes(other.model) < nbytes(lm.model) * (0.6 if form == "bfloat16" else 0.4)
    assert (other.fingerprint == lm.fingerprint) == (form in ("float32", "float16"))


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(WeightsError):
        held(_lm(), "int4")
    with pytest.raises(WeightsError):
        save(_lm(), Path("nowhere"), to="int8_wide")


# -- what each form costs


def test_costs_are_those_of_the_records() -> None:
    """Worked out by hand: two passages, one of which the form reads worse."""
    records = [
        precision.Held("int8", 10, 5),
        precision.Read("int8", 8, 4, 8 * np.log(2), 4 * np.log(2), 0.5, 6.0, 60, 3, 5),
        precision.Read("int8", 8, 4, 4 * np.log(2), 4 * np.log(2), 0.25, 0.0, 60, 5, 5),
        precision.Timed("int8", "token", 0.01, 0.02), precision.Timed("int8", "token", 0.03, 0.06),
        precision.Timed("int8", "token", 0.02, 0.04),
    ]  # fmt: skip
    (cost,) = precision.costs(records)
    assert cost.bits_per_byte == pytest.approx(12 / 16)
    assert (cost.largest, cost.mean, cost.agreement) == (0.5, 6.0 / 120, 8 / 10)
    assert cost.perplexity == pytest.approx(2**1.5)
    assert cost.added == pytest.approx(2**1.5 - 2)
    assert cost.low == pytest.approx(0.0)
    assert cost.high == pytest.approx(2.0)  # all drawn passages are the worse one: perplexity 4, not 2
    assert cost.tokens_per_second == pytest.approx(100)
    assert cost.token_ratio == pytest.approx(2)
    assert cost.pass_ratio is None


@pytest.mark.slow
def test_the_bundled_model_in_every_form(lm: LocalModel) -> None:
    records = list(precision.measure(lm))
    assert len(records) == precision.wanted(lm)
    cost = {one.form: one for one in precision.costs(records)}
    assert list(cost) == list(FORMS)
    assert (cost["float32"].largest, cost["float32"].agreement, cost["float32"].added) == (0, 1, 0)
    assert cost["float16"].largest < 1e-3  # its file is float16 already
    assert cost["int8"].mean > cost["int8_wide"].mean > 0  # bfloat16 activations come on top
    assert cost["int8"].memory < 0.3 * cost["float32"].memory
    assert cost["int8"].agreement > 0.9
    assert abs(cost["int8"].bits_per_byte - cost["float32"].bits_per_byte) < 0.02
    wide = held(lm, "float32")
    first = passages(lm)[0]
    assert next(r for r in records if isinstance(r, precision.Read)).nats == pytest.approx(
        -float(wide.trace(first.ids).logprobs[1:].sum()), rel=1e-5
    )


# -- leaving parts out


def test_every_gate_at_0_is_every_head_switched_off() -> None:
    """One way through the gates, one by edits, one by a model whose heads are empty: the same numbers."""
    lm = _lm()
    c = lm.config
    everything = [(layer, head) for layer in range(c.n_layer) for head in range(c.n_head)]
    ablated = lm.trace(IDS, edits=[edits.ablate(layer=layer, head=head) for layer, head in everything]).logits
    emptied = pruned(lm, heads=everything).trace(IDS).logits
    gated = logits(lm.model, tuple(IDS), Gates(c, torch.zeros(c.n_layer, c.n_head))).detach().numpy()
    np.testing.assert_allclose(emptied, ablated, atol=1e-4)
    np.testing.assert_allclose(gated, ablated[:, : lm.n_tokens], atol=1e-4)
    assert not np.allclose(ablated, lm.trace(IDS).logits, atol=1e-2)


def test_some_heads_and_a_layer() -> None:
    lm = _lm(biases=("qkv", "out", "mlp"))
    some = [(0, 1), (2, 0), (2, 3)]
    ablated = lm.trace(IDS, edits=[edits.ablate(layer=layer, head=head) for layer, head in some]).logits
    np.testing.assert_allclose(pruned(lm, heads=some).trace(IDS).logits, ablated, atol=1e-4)
    shorter = pruned(lm, layers=[1])
    assert shorter.config.n_layer == 2
    assert shorter.config.n_parameters < lm.config.n_parameters
    np.testing.assert_allclose(
        shorter.trace(IDS).logits, lm.trace(IDS, edits=[edits.ablate(layer=1)]).logits, atol=1e-4
    )


def test_shared_keys_stay_as_long_as_somebody_reads_them(tmp_path: Path) -> None:
    """Of a llama with two heads of keys for six of queries."""
    random_decoder(tmp_path, "llama")
    lm = LocalModel(load_model(tmp_path), Tokenizer.characters(ascii_letters))
    for gone in ([(0, 0)], [(0, 0), (0, 1), (0, 2), (1, 5)]):
        ablated = lm.trace(IDS, edits=[edits.ablate(layer=layer, head=head) for layer, head in gone]).logits
        np.testing.assert_allclose(pruned(lm, heads=gone).trace(IDS).logits, ablated, atol=1e-4)
    save(lm, tmp_path / "out", to="float32")
    np.testing.assert_array_equal(load_folder(tmp_path / "out").trace(IDS).logits, lm.trace(IDS).logits)


def test_parts_that_are_not_there_are_refused() -> None:
    for asked in ({"heads": [(3, 0)]}, {"heads": [(0, 4)]}, {"layers": [3]}, {"layers": [-1]}, {"layers": [0, 1, 2]}):
        with pytest.raises(ConfigError):
            pruned(_lm(), **asked)  # type: ignore[arg-type]


def test_sensitivity_is_the_slope_of_the_loss() -> None:
    """|∂L/∂ξ| against a difference of two losses, of every head and every layer."""
    lm = _lm()
    passage = Passage(tuple(IDS), 9)
    for unit, shape in (("heads", (3, 4)), ("layers", (3,))):
        found = pruning.sensitivity(lm, passage, unit)
        for part, slope in enumerate(found):
            losses = []
            for step in (-1e-2, 1e-2):
                gates = torch.ones(shape).flatten()
                gates[part] += step
                losses.append(nats(lm.model, passage, **{unit: gates.view(shape)}))  # type: ignore[arg-type]
            assert abs(losses[1] - losses[0]) / 2e-2 / 9 == pytest.approx(slope, rel=0.02, abs=1e-4)


def test_a_part_that_does_nothing_goes_first() -> None:
    """Heads that were emptied have no slope and go first; left out alone, they and no others change no loss."""
    lm = _readable()
    empty = pruned(lm, heads=[(1, 2), (0, 3)])
    records = list(pruning.measure(empty, "heads"))
    assert len(records) == pruning.wanted(empty, "heads")
    assert set(pruning.order(records, lm.config, "heads", "taylor")[:2]) == {3, 6}
    points = dict(pruning.curve(records, "taylor"))
    assert points[1] == pytest.approx(points[0], rel=1e-5)
    assert points[12] != pytest.approx(points[0], rel=1e-3)
    whole = sum(nats(empty.model, passage) for passage in halves(passages(empty))[0])
    alone = pruning.importance(records, lm.config, "heads", "ablation")
    assert [part for part, loss in enumerate(alone) if loss == pytest.approx(whole, rel=1e-9)] == [3, 6]
    ends = [dict(pruning.curve(records, name)) for name in pruning.ORDERS]
    assert ends[0][12] == pytest.approx(ends[1][12]) == pytest.approx(ends[2][12])
    assert sorted(pruning.order(records, lm.config, "heads", "random")) == list(range(12))


def test_what_was_measured_is_kept_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time nothing is measured; a file that is damaged, or of another machine, is measured again."""
    monkeypatch.setenv("GPTVIZ_CACHE", str(tmp_path))
    lm = _readable()
    first = list(kept.measured(lm, "layers"))
    monkeypatch.setattr(pruning, "measure", lambda *_: iter(()))
    assert list(kept.measured(lm, "layers")) == first
    (file,) = (tmp_path / "compression").glob("*.json")
    said = json.loads(file.read_text())
    for change in ({"machine": "another"}, {"rows": [["Gone", 1]]}, {"rows": [["os.system", 1]]}, {"version": 99}):
        file.write_text(json.dumps(said | change))
        assert list(kept.measured(lm, "layers")) == []


def _readable() -> LocalModel:
    """A random model that reads the English passages."""
    characters = sorted(set("".join(read_passages()["en"])))
    config = GPTConfig(n_layer=3, n_head=4, n_embd=16, block_size=96, vocab_size=len(characters))
    return LocalModel(random_model(config, 0), Tokenizer.characters("".join(characters)))


def test_passages_are_halved_with_both_languages(lm: LanguageModel) -> None:
    found = passages(lm)
    languages = read_passages()
    assert len(found) == sum(map(len, languages.values()))
    first, second = halves(found)
    assert not set(first) & set(second)
    assert {len(first), len(second)} == {len(found) // 2}
    assert found[0].n_bytes == len(languages["en"][0].encode())
    with pytest.raises(ConfigError):
        passages(LocalModel(random_model(GPTConfig(n_embd=12, n_head=2, vocab_size=3), 0), Tokenizer.characters("abc")))


# -- saved


@pytest.mark.parametrize("to", ["float32", "float16", "bfloat16"])
def test_transformers_opens_what_was_pruned(tmp_path: Path, to: str) -> None:
    """Two heads and a layer of a GPT-2 left out: transformers and the app read the same logits of the folder."""
    from transformers import GPT2LMHeadModel

    random_gpt2(tmp_path / "whole")
    lm = LocalModel(load_model(tmp_path / "whole"), Tokenizer.characters(ascii_letters))
    smaller = pruned(lm, heads=[(0, 1), (2, 2)], layers=[1])
    save(smaller, tmp_path / "out", to=to)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = GPT2LMHeadModel.from_pretrained(tmp_path / "out", dtype=torch.float32).eval()
    wanted = theirs(torch.tensor([IDS])).logits[0].detach().numpy()
    opened = load_folder(tmp_path / "out", weights="float32")
    found = opened.trace(IDS).logits[:, : lm.n_tokens]
    np.testing.assert_allclose(found, wanted[:, : lm.n_tokens], atol=1e-4)
    if to == "float32":
        np.testing.assert_allclose(found, smaller.trace(IDS).logits[:, : lm.n_tokens], atol=1e-4)
    assert opened.config.n_layer == 2


def test_int8_on_disk_is_what_it_was_rounded_to(tmp_path: Path) -> None:
    lm = _lm()
    save(lm, tmp_path, to="int8")
    stored = load_file(tmp_path / SINGLE)
    assert stored["transformer.h.0.attn.c_attn.weight.int8"].dtype == torch.int8
    assert tuple(stored["transformer.wte.weight.scale"].shape) == (64, 1)
    weights = sum(tensor.nbytes for tensor in stored.values())
    assert weights == file_bytes(lm.model, "int8") < 0.45 * file_bytes(lm.model, "float32")
    opened = load_folder(tmp_path)
    assert opened.config == lm.config
    np.testing.assert_allclose(opened.trace(IDS).logits, held(lm, "int8_wide").trace(IDS).logits, atol=1e-4)
    again = held(opened, "int8").model.state_dict()
    assert all(torch.allclose(again[name], held(lm, "int8").model.state_dict()[name], rtol=1e-5) for name in again)


@pytest.mark.parametrize("harm", ["lonely", "shape", "twice", "nan"])
def test_a_damaged_int8_file_is_named(tmp_path: Path, harm: str) -> None:
    save(_lm(), tmp_path, to="int8")
    stored = load_file(tmp_path / SINGLE)
    name = "transformer.h.0.mlp.c_fc.weight"
    if harm == "lonely":
        del stored[name + ".scale"]
    elif harm == "shape":
        stored[name + ".scale"] = torch.ones(3, 3)
    elif harm == "twice":
        stored[name] = torch.ones(32, 128)
    else:
        stored[name + ".scale"] = torch.full_like(stored[name + ".scale"], torch.nan)
    save_file(stored, tmp_path / SINGLE)
    with pytest.raises(WeightsError) as caught:
        load_folder(tmp_path)
    assert caught.value.key == {"lonely": "weights.missing", "shape": "weights.shape", "twice": "weights.extra",
                                "nan": "weights.not_finite"}[harm]  # fmt: skip


def test_transformers_does_not_take_int8_for_what_it_knows(tmp_path: Path) -> None:
    save(_lm(), tmp_path, to="int8")
    said = json.loads((tmp_path / "config.json").read_text())
    assert said["architectures"] == ["gptviz"]
    assert said["quantization_config"] == {"quant_method": "gptviz_int8"}


# -- in a notebook


@pytest.mark.parametrize("unit", pruning.UNITS)
def test_the_recipes_of_the_page_run(
    unit: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The curves and a smaller model, the text in both ways, the bytes of each form."""
    lm = _readable()
    monkeypatch.setattr(gptviz, "load", lambda name: lm)
    monkeypatch.setattr(precision, "measure", lambda lm: iter([precision.Held("int8", 8, 8)]))  # times take theirs
    names: dict[str, Any] = {}
    exec(recipes.parts("m", unit=unit, by="taylor", n_gone=1), names)
    assert names["smaller"].config.n_layer == (2 if unit == "layers" else 3)
    exec(recipes.answer("The old", "m", unit=unit, parts=[1], n_head=4), {})
    exec(recipes.forms("m"), {})
    exec(recipes.duties("m"), {})
    said = capsys.readouterr().out
    assert len(said.splitlines()) == 3 + 2 + 1 + len(FORMS)
    assert all(word in said for word in ("taylor [(0, ", "Cost(form='int8'", "bfloat16 "))


# -- the shell


@pytest.mark.slow
def test_the_shell_writes_a_model_and_says_what_it_costs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compress", "small", str(tmp_path / "out"), "--to", "int8", "--prune-heads", "2", "--prune-layers",
                 "1", "--json", "-"]) == 0  # fmt: skip
    said = json.loads(capsys.readouterr().out)
    opened = load_folder(tmp_path / "out")
    assert len(said["heads"]) == 2
    assert len(said["layers"]) == 1
    assert said["parameters"] == opened.config.n_parameters
    assert said["after"] > 0 < said["before"]
    assert 0 < said["agreement"] < 1
    assert said["bytes"] == sum(path.stat().st_size for path in (tmp_path / "out").glob("*.safetensors"))


def test_the_shell_refuses_more_than_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    for asked in (["--prune-layers", "99"], ["--prune-heads", "-1"]):
        assert main(["compress", "small", "out", *asked]) == 2
        assert "--prune-" in capsys.readouterr().err
