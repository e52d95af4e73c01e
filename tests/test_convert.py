"""nanoGPT's checkpoint becomes a folder of the same model; a pickle that asks for more than data is refused."""

from __future__ import annotations

import math
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional as F

import gptviz
from gptviz.cli import main
from gptviz.errors import WeightsError
from gptviz.gpt.nanogpt import load_checkpoint

SIZES = {"n_layer": 2, "n_head": 2, "n_embd": 16, "block_size": 24, "vocab_size": 30}


def checkpoint(path: Path, *, bias: bool, prefix: str = "", **changes: Any) -> dict[str, torch.Tensor]:
    """What nanoGPT's train.py writes of a random model, with the optimiser's state and the rest beside it."""
    generator = torch.Generator().manual_seed(0)
    C, V = SIZES["n_embd"], SIZES["vocab_size"]
    shapes = {"transformer.wte.weight": (V, C), "transformer.wpe.weight": (SIZES["block_size"], C)}
    for layer in range(SIZES["n_layer"]):
        here = f"transformer.h.{layer}"
        linear = {"attn.c_attn": (3 * C, C), "attn.c_proj": (C, C), "mlp.c_fc": (4 * C, C), "mlp.c_proj": (C, 4 * C)}
        shapes |= {f"{here}.{name}.weight": shape for name, shape in linear.items()}
        shapes |= {f"{here}.{name}.bias": shape[:1] for name, shape in linear.items() if bias}
        for name in ("ln_1", "ln_2"):
            shapes |= {f"{here}.{name}.weight": (C,)} | ({f"{here}.{name}.bias": (C,)} if bias else {})
    shapes |= {"transformer.ln_f.weight": (C,)} | ({"transformer.ln_f.bias": (C,)} if bias else {})
    state = {name: 0.5 * torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    state["lm_head.weight"] = state["transformer.wte.weight"]
    optimizer = {"state": {0: {"step": torch.tensor(3.0)}}, "param_groups": [{"lr": 1e-3}]}
    arguments: dict[str, Any] = SIZES | {"bias": bias, "dropout": 0.1}
    whole: dict[str, Any] = {"model": {prefix + name: tensor for name, tensor in state.items()}, "iter_num": 7,
                             "optimizer": optimizer, "model_args": arguments, "best_val_loss": torch.tensor(1.5),
                             "config": {"device": "cpu"}}  # fmt: skip
    torch.save(whole | changes, path)
    return state


def nanogpt(state: dict[str, torch.Tensor], ids: torch.Tensor) -> torch.Tensor:
    """nanoGPT's forward pass, from its names and its layout: logits (T, vocab_size) of ids (T,)."""

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(x, (x.shape[-1],), state[f"{name}.weight"], state.get(f"{name}.bias"), 1e-5)

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, state[f"{name}.weight"], state.get(f"{name}.bias"))

    T, H = len(ids), SIZES["n_head"]
    x = state["transformer.wte.weight"][ids] + state["transformer.wpe.weight"][:T]
    for layer in range(SIZES["n_layer"]):
        here = f"transformer.h.{layer}"
        q, k, v = (part.view(T, H, -1).transpose(0, 1) for part in
                   linear(norm(x, f"{here}.ln_1"), f"{here}.attn.c_attn").split(SIZES["n_embd"], dim=-1))  # fmt: skip
        scores = (q @ k.transpose(-2, -1)) / math.sqrt(q.shape[-1])
        weights = scores.masked_fill(torch.ones(T, T).triu(1).bool(), -math.inf).softmax(-1)
        x = x + linear((weights @ v).transpose(0, 1).reshape(T, -1), f"{here}.attn.c_proj")
        x = x + linear(F.gelu(linear(norm(x, f"{here}.ln_2"), f"{here}.mlp.c_fc")), f"{here}.mlp.c_proj")
    return F.linear(norm(x, "transformer.ln_f"), state["lm_head.weight"])


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("prefix", ["", "_orig_mod."])
def test_the_folder_is_the_same_model(
    tmp_path: Path, bias: bool, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exact GELU, biases that are not there, names of a compiled model; characters from meta.pkl."""
    state = checkpoint(tmp_path / "ckpt.pt", bias=bias, prefix=prefix)
    letters = "\n !abcdefghijklmnopqrstuvwxyz好"
    letters = letters[: SIZES["vocab_size"]]
    meta = {"vocab_size": len(letters), "itos": dict(enumerate(letters)), "stoi": {c: n for n, c in enumerate(letters)}}
    (tmp_path / "meta.pkl").write_bytes(pickle.dumps(meta))
    arguments = [str(tmp_path / "ckpt.pt"), str(tmp_path / "out"), "--meta", str(tmp_path / "meta.pkl")]
    assert main(["convert", *arguments]) == 0
    assert str(tmp_path / "out") in capsys.readouterr().out
    lm = gptviz.load(tmp_path / "out")
    assert lm.config.activation == "gelu"
    ids = lm.tokenizer.encode("cab!\nz")
    assert ids == [letters.index(c) for c in "cab!\nz"]
    expected = nanogpt(state, torch.tensor(ids))
    assert torch.allclose(torch.tensor(lm.trace(ids).logits), expected, atol=1e-4 * float(expected.abs().max()))


def test_without_a_vocabulary_it_is_said_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint(tmp_path / "ckpt.pt", bias=True)
    assert main(["convert", str(tmp_path / "ckpt.pt"), str(tmp_path / "out")]) == 0
    assert "--meta" in capsys.readouterr().err


class Evil:
    def __reduce__(self) -> Any:
        return os.mkdir, (self.place,)

    def __init__(self, place: str) -> None:
        self.place = place


def test_a_pickle_that_runs_something_is_refused(tmp_path: Path) -> None:
    """Neither as a checkpoint nor as a vocabulary."""
    evil = Evil(str(tmp_path / "ran"))
    checkpoint(tmp_path / "ckpt.pt", bias=True, config=evil)
    with pytest.raises(WeightsError) as caught:
        load_checkpoint(tmp_path / "ckpt.pt")
    assert caught.value.key == "weights.unsafe"
    checkpoint(tmp_path / "good.pt", bias=True)
    (tmp_path / "meta.pkl").write_bytes(pickle.dumps({"itos": {0: evil}}))
    assert (
        main(["convert", str(tmp_path / "good.pt"), str(tmp_path / "out"), "--meta", str(tmp_path / "meta.pkl")]) == 2
    )
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"model_args": None}, "damaged"),
        ({"model_args": SIZES | {"n_layer": 10**9}}, "damaged"),
        ({"model_args": SIZES | {"n_layer": 400}}, "too_few"),
        ({"model_args": SIZES | {"n_layer": 3}}, "missing"),
        ({"model_args": SIZES | {"n_layer": 1}}, "extra"),
        ({"model_args": SIZES | {"block_size": 25}}, "shape"),
        ({"model_args": {}}, "damaged"),
        ({"model": {"a": 3}}, "no_nanogpt"),
        ({"model": [1]}, "no_nanogpt"),
        ({"model": {}}, "too_few"),
    ],
)
def test_what_is_no_checkpoint_is_named(tmp_path: Path, changes: dict[str, Any], key: str) -> None:
    checkpoint(tmp_path / "ckpt.pt", bias=True, **changes)
    with pytest.raises(WeightsError) as caught:
        load_checkpoint(tmp_path / "ckpt.pt")
    assert caught.value.key == f"weights.{key}"


@pytest.mark.parametrize("data", [b"", b"PK", b"\x80\x04.", b"hello", b"\x80\x02}q\x00."])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "ckpt.pt").write_bytes(data)
    with pytest.raises(WeightsError):
        load_checkpoint(tmp_path / "ckpt.pt")
    with pytest.raises(WeightsError):
        load_checkpoint(tmp_path / "nowhere.pt")
