"""Rows, neighbours, the map and positions: each computed again in plain numpy, on models of several families."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from gptviz.analysis import kept, neighbour_map, neighbours, position_similarity, tsne, vocabulary_map
from gptviz.analysis.embeddings import cosines, lengths, mapping
from gptviz.analysis.positions import SCHEMES, own_scheme, position_rows, turns
from gptviz.errors import ConfigError, GptvizError, PromptError
from gptviz.gpt.config import GPTConfig, Rotary
from gptviz.gpt.quantization import narrowed
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.labels import label
from gptviz.tokens.scripts import script_of
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import random_model

ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ."
LLAMA = {"position": "rotary", "norm": "rmsnorm", "gated": True, "n_kv_head": 1, "biases": (), "activation": "silu"}


def made(seed: int = 0, vocab_size: int = 72, **changes: object) -> LocalModel:
    """A random model of 64 characters, its matrices padded to more rows."""
    config = GPTConfig(
        **{"n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 24, "vocab_size": vocab_size} | changes
    )
    return LocalModel(random_model(config, seed), Tokenizer.characters(ALPHABET), name="made")


MODELS = {"tied": made(), "untied": made(tied=False), "llama": made(tied=False, **LLAMA),
          "sinusoidal": made(position="sinusoidal"), "narrow": LocalModel(
              narrowed(random_model(GPTConfig(n_layer=1, n_head=2, n_embd=64, block_size=16, vocab_size=2048,
                                              tied=False)), "float16"), Tokenizer.characters(ALPHABET))}  # fmt: skip
each_model = pytest.mark.parametrize("name", MODELS)


def weights(lm: LocalModel, matrix: str) -> np.ndarray:
    """The rows that are tokens, from the file's own names."""
    key = "lm_head.weight" if matrix == "output" else "transformer.wte.weight"
    return lm.model.state_dict()[key].float().numpy()[: lm.n_tokens].astype(np.float64)


@each_model
@pytest.mark.parametrize("matrix", ["tokens", "output"])
def test_cosines_are_those_of_the_whole_vocabulary(name: str, matrix: str) -> None:
    lm = MODELS[name]
    rows = weights(lm, matrix)
    assert lm.n_tokens == 64
    norms = np.linalg.norm(rows, axis=1)
    assert lengths(lm, matrix) == pytest.approx(norms, rel=1e-5)
    expected = rows @ rows[7] / norms / norms[7]
    assert cosines(lm, 7, matrix=matrix) == pytest.approx(expected, abs=1e-5)
    order = [i for i in np.argsort(-expected, kind="stable") if i != 7]
    found = neighbours(lm, 7, count=5, matrix=matrix)
    assert [one.id for one in found] == order[:5]
    assert [one.cosine for one in found] == pytest.approx(expected[order[:5]], abs=1e-5)
    assert lm.rows(matrix, [3, 7]) == pytest.approx(rows[[3, 7]])


def test_what_is_no_token_has_no_neighbours() -> None:
    for token in (-1, 64, 10**6):
        with pytest.raises(PromptError):
            neighbours(MODELS["tied"], token)
    with pytest.raises(PromptError):
        MODELS["llama"].rows("positions", [0])
    assert len(neighbours(MODELS["tied"], 0, count=500)) == 63


def test_norms_that_are_known_change_nothing() -> None:
    lm = MODELS["untied"]
    assert neighbours(lm, 9, norms=lengths(lm)) == neighbours(lm, 9)


@each_model
def test_the_map_is_the_one_of_a_singular_value_decomposition(name: str) -> None:
    lm = MODELS[name]
    rows = weights(lm, "tokens")
    x = rows - rows.mean(0)
    u, s, v = np.linalg.svd(x, full_matrices=False)
    found = vocabulary_map(lm, components=4)
    assert found.shares == pytest.approx(s[:4] ** 2 / (s**2).sum(), rel=1e-4)
    assert np.abs((found.directions * v[:4]).sum(1)) == pytest.approx(np.ones(4), abs=1e-4)
    assert found.places == pytest.approx(x @ found.directions.T, abs=1e-4)
    assert np.abs(found.places) == pytest.approx(np.abs(u[:, :4] * s[:4]), abs=1e-3)
    assert (found.directions[np.arange(4), np.abs(found.directions).argmax(1)] > 0).all()
    again = vocabulary_map(lm, components=4)
    assert np.array_equal(again.places, found.places)


def test_the_map_says_how_far_it_is() -> None:
    *shares, found = mapping(MODELS["tied"], components=99)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert found.places.shape == (64, 16)
    assert found.shares.sum() == pytest.approx(1.0)


@pytest.mark.slow
def test_neighbours_of_the_bundled_model_mean_something(lm: LanguageModel) -> None:
    def near(text: str) -> list[str]:
        token, *rest = lm.tokenizer.encode(text, start=False)
        assert not rest
        return [label(lm.tokenizer.token_bytes(one.id)).strip("·").lower() for one in neighbours(lm, token, count=10)]

    assert {"two", "four", "five"} & set(near(" three"))
    assert {"he", "her", "she"} & set(near(" she"))


@pytest.fixture
def grouped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalModel:
    """A model of 64 tokens in four groups: a row is that of its group, and a little of its own."""
    monkeypatch.setenv("GPTVIZ_CACHE", str(tmp_path))
    model, rng = random_model(MODELS["tied"].config), np.random.default_rng(0)
    rows = np.repeat(rng.normal(size=(4, 16)), 16, axis=0) + 0.1 * rng.normal(size=(64, 16))
    with torch.no_grad():
        model.state_dict()["transformer.wte.weight"][:64] = torch.from_numpy(rows)
    return LocalModel(model, Tokenizer.characters(ALPHABET), name="grouped")


@pytest.mark.slow
def test_near_tokens_lie_together_and_the_map_is_kept(grouped: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    found = neighbour_map(grouped)
    apart = np.linalg.norm(found.places[:, None] - found.places[None], axis=-1) + np.diag([np.inf] * 64)
    assert (apart.argmin(1) // 16 == np.arange(64) // 16).mean() > 0.95
    assert np.linalg.norm(found.unit, axis=1) == pytest.approx(1.0, abs=1e-5)
    rows = weights(grouped, "tokens").astype(np.float32)
    middles = found.between(rows)  # a token is most like itself and two of its group
    assert np.linalg.norm(middles - found.places, axis=1).max() < np.median(apart[np.isfinite(apart)])
    monkeypatch.setattr(tsne.subprocess, "Popen", None)  # from here on no process may be needed
    assert neighbour_map(grouped).places == pytest.approx(found.places, abs=1e-4)


@pytest.mark.parametrize("written", ["", "{}", '{"version": 1}', "[" * 100_000])
def test_a_map_that_cannot_be_believed_is_made_again(grouped: LocalModel, written: str, monkeypatch: pytest.MonkeyPatch
                                                     ) -> None:  # fmt: skip
    """And where its process comes to nothing, that is said."""
    folder = kept.cache_folder() / "maps"
    folder.mkdir()
    (folder / f"{grouped.fingerprint}-tokens.json").write_text(written)
    monkeypatch.setattr(tsne, "_SCRIPT", Path("/nowhere"))
    with pytest.raises(GptvizError, match="stopped"):
        neighbour_map(grouped)


def test_a_process_that_nobody_waits_for_is_ended(grouped: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[tsne.subprocess.Popen[bytes]] = []
    popen = tsne.subprocess.Popen
    monkeypatch.setattr(tsne.subprocess, "Popen", lambda *a, **k: begun.append(popen(*a, **k)) or begun[0])
    work = tsne.laying_out(grouped)
    assert next(work) is None
    work.close()
    assert begun[0].returncode is not None


def test_learned_positions_are_compared_by_their_rows() -> None:
    lm = MODELS["tied"]
    rows = lm.model.state_dict()["transformer.wpe.weight"].numpy().astype(np.float64)
    found = position_similarity(lm)
    assert (found.scheme, found.own, found.positions) == ("learned", True, tuple(range(24)))
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    assert found.values == pytest.approx(unit @ unit.T, abs=1e-5)
    assert position_rows(lm, [5, 2]) == pytest.approx(rows[[5, 2]])


@pytest.mark.parametrize("name", ["tied", "llama", "sinusoidal"])
def test_sine_waves_by_their_formula(name: str) -> None:
    """Vaswani et al. 2017, 3.5: sin and cos of pos / 10000^(2i/d), two by two."""
    lm = MODELS[name]
    positions = [0, 1, 7, 20]
    angle = np.outer(positions, 10000.0 ** (-2 * np.arange(8) / 16))
    waves = np.stack((np.sin(angle), np.cos(angle)), -1).reshape(4, 16)
    assert position_rows(lm, positions, "sinusoidal") == pytest.approx(waves, abs=1e-5)
    found = position_similarity(lm, "sinusoidal", positions=positions)
    assert found.own == (name == "sinusoidal")
    expected = np.mean([np.cos(np.subtract.outer(a, a)) for a in angle.T], axis=0)  # sin·sin + cos·cos
    assert found.values == pytest.approx(expected, abs=1e-5)


def test_rotary_similarity_is_that_of_turned_vectors() -> None:
    """The model's own function turns a vector whose pairs are equally long."""
    from gptviz.gpt.positions import rotary_angles, rotate

    rotary = Rotary(base=500.0, width=6, halves=True, factor=2.0)
    lm = made(rotary=rotary, **LLAMA)
    x = torch.ones(1, 1, 24, 6) / 6**0.5
    turned = rotate(x, rotary_angles(0, 24, 6, rotary), halves=True)[0, 0].numpy()
    found = position_similarity(lm)
    assert (found.scheme, found.own) == ("rotary", True)
    assert found.values == pytest.approx(turned @ turned.T, abs=1e-5)
    assert turns(lm) == pytest.approx(500.0 ** (-2 * np.arange(3) / 6) / 2)
    assert turns(MODELS["tied"]) == pytest.approx(10000.0 ** (-2 * np.arange(4) / 8))
    assert not position_similarity(MODELS["tied"], "rotary").own


def test_positions_that_are_not_there() -> None:
    with pytest.raises(ConfigError, match="learned"):
        position_similarity(MODELS["llama"], "learned")
    with pytest.raises(ConfigError):
        position_rows(MODELS["llama"], [0])
    assert [own_scheme(MODELS[name]) for name in ("tied", "sinusoidal", "llama")] == list(SCHEMES)
    far = made(block_size=1000)
    assert len(position_similarity(far).positions) <= 64


def test_scripts() -> None:
    said = {" the": "latin", "é": "latin", "猫咪": "han", "を": "other", "кот": "other", "42": "digits", "½": "digits",
            "+=": "signs", "\n": "signs", "": "signs", "🙂": "signs"}  # fmt: skip
    assert {text: script_of(text.encode()) for text in said} == said
    assert script_of(b"\xe4") == "bytes"


def test_a_real_file_of_another_family_has_the_same_rows(tmp_path: Path) -> None:
    """Untied, with fewer tokens than rows, as transformers writes it."""
    from tests.parity import random_decoder

    theirs = random_decoder(tmp_path, "llama")
    from gptviz.gpt.weights import load_model

    lm = LocalModel(load_model(tmp_path), Tokenizer.characters(ALPHABET))
    ours = [lm.rows("tokens", range(64)), lm.rows("output", range(64))]
    both = [theirs.model.embed_tokens.weight, theirs.lm_head.weight]
    for mine, other in zip(ours, both, strict=True):
        assert mine == pytest.approx(other[:64].detach().numpy())
