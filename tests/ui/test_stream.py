"""Every number of the stream page, computed again in plain numpy: the bundled model, and a gated one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from gptviz import PromptError, edits
from gptviz.analysis import ledger, logit_lens
from gptviz.analysis.attribution import Ledger
from gptviz.gpt.config import GPTConfig, Rotary
from gptviz.i18n import languages
from gptviz.language_model import LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.ui.pages.stream.presets import PRESETS
from gptviz.ui.pages.stream.state import StreamPage, View
from gptviz.views import stream as views
from tests.conftest import random_model
from tests.plain import everything, weights_of
from tests.test_numpy_recompute import Doubles, Weights, softmax
from tests.ui import desk

pytestmark = pytest.mark.slow  # ledgers of whole models in plain numpy

CLOSE = 2e-4


class Plain(NamedTuple):
    """What plain numpy says, all float64."""

    resid: Doubles  # (S, T, C)
    attn: Doubles  # (L, T, C)
    hidden: Doubles  # (L, T, F)
    mlp: Doubles  # (L, T, C)
    z: Doubles  # (L, H, T, d)
    final: Callable[[Doubles], Doubles]  # the final norm
    out: Doubles  # (V, C)
    ids: list[int]


def gpt2(lm: LocalModel, ids: list[int]) -> Plain:
    """The bundled model, by the forty lines of plain numpy."""
    w, seen = weights_of(lm.model), everything(lm.model, ids)

    def final(x: Doubles) -> Doubles:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + lm.config.eps)
        return scaled * w["ln_f.weight"] + w["ln_f.bias"]

    return Plain(seen["resid"], seen["attn_out"], seen["mlp_hidden"], seen["mlp_out"], seen["z"], final,
                 w["lm_head.weight"], ids)  # fmt: skip


def llama(lm: LocalModel, ids: list[int]) -> Plain:
    """RMSNorm, rotary positions in halves, grouped queries, a gated MLP, no biases, an output matrix of its own."""
    w, c = weights_of(lm.model), lm.config
    T, d, group = len(ids), c.head_dim, c.n_head // c.kv_heads

    def rms(x: Doubles, gamma: Doubles) -> Doubles:
        return np.asarray(x / np.sqrt((x**2).mean(-1, keepdims=True) + c.eps) * gamma)

    angle = np.arange(T)[:, None] / c.rotary.base ** (np.arange(0, d, 2) / d)  # (T, d / 2)

    def turned(x: Doubles) -> Doubles:
        a, b = np.split(x, 2, axis=-1)
        return np.concatenate([a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle)], axis=-1)

    x, found = w["wte.weight"][ids], Plain(*([] for _ in range(5)), lambda x: x, w["lm_head.weight"], ids)  # type: ignore[arg-type]
    seen: dict[str, list[Doubles]] = {name: [] for name in ("resid", "attn", "hidden", "mlp", "z")}
    future = np.triu(np.ones((T, T), dtype=bool), 1)
    for layer in range(c.n_layer):
        h = f"h.{layer}."
        seen["resid"].append(x)
        heads = (rms(x, w[h + "ln_1.weight"]) @ w[h + "attn.c_attn.weight"]).reshape(T, -1, d).transpose(1, 0, 2)
        q, k, v = np.split(heads, [c.n_head, c.n_head + c.kv_heads])
        q, k, v = turned(q), turned(k).repeat(group, axis=0), v.repeat(group, axis=0)
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(d)
        z = softmax(np.where(future, -np.inf, scores)) @ v
        attn = z.transpose(1, 0, 2).reshape(T, -1) @ w[h + "attn.c_proj.weight"]
        x = x + attn
        gate, up = np.split(rms(x, w[h + "ln_2.weight"]) @ w[h + "mlp.c_fc.weight"], 2, axis=-1)
        hidden = gate / (1 + np.exp(-gate)) * up
        mlp = hidden @ w[h + "mlp.c_proj.weight"]
        x = x + mlp
        for name, value in (("attn", attn), ("hidden", hidden), ("mlp", mlp), ("z", z)):
            seen[name].append(value)
    arrays = {name: np.stack(values) for name, values in seen.items()}
    arrays["resid"] = np.concatenate([arrays["resid"], x[None]])
    return found._replace(**arrays, final=lambda x: rms(x, w["ln_f.weight"]))


def gated_model() -> LocalModel:
    config = GPTConfig(n_layer=3, n_head=6, n_kv_head=2, n_embd=48, head_width=10, block_size=64, vocab_size=80,
                       n_inner=70, position="rotary", rotary=Rotary(base=5000.0, halves=True), norm="rmsnorm",
                       gated=True, activation="silu", biases=(), tied=False)  # fmt: skip
    letters = "".join(chr(code) for code in range(48, 48 + 79)) + " "
    return LocalModel(random_model(config), Tokenizer.characters(letters), name="gated")


class Case(NamedTuple):
    lm: LocalModel
    plain: Plain
    weights: Weights
    text: str


@pytest.fixture(scope="module", params=["bundled", "gated"])
def case(request: pytest.FixtureRequest, lm: LocalModel) -> Case:
    if request.param == "bundled":
        text = "Tom had a red ball. Tom's ball was"
        return Case(lm, gpt2(lm, lm.ids(text)), weights_of(lm.model), text)
    gated, text = gated_model(), "the cat sat on"
    return Case(gated, llama(gated, gated.ids(text)), weights_of(gated.model), text)


def shown(case: Case, **view: Any) -> tuple[dict[str, Any], Any]:
    return desk.finished("stream", StreamPage(text=case.text, view=View(**view)), case.lm)


def close(ours: Any, plain: Any) -> None:
    """Within 2e-4 of the numbers' scale."""
    wanted = np.asarray(plain, dtype=np.float64)
    np.testing.assert_allclose(ours, wanted, rtol=0, atol=CLOSE * max(1.0, float(np.abs(wanted).max())))


def lens_of(plain: Plain) -> Doubles:
    """(S, T, V)."""
    return np.asarray(plain.final(plain.resid) @ plain.out.T)


def test_sizes(case: Case) -> None:
    _, blobs = shown(case)
    for name, states in (("resid", case.plain.resid), ("attn", case.plain.attn), ("mlp", case.plain.mlp)):
        close(blobs[name], np.linalg.norm(states, axis=-1))


def test_the_lens_and_its_cells(case: Case) -> None:
    """Every cell: the shown token has the largest probability, and that probability; the chosen cell's arithmetic."""
    plain, T = case.plain, len(case.plain.ids)
    probs = softmax(lens_of(plain))
    close(logit_lens(case.lm.trace(case.text)), lens_of(plain))
    for pos, layer, embed in ((T - 1, 1, False), (2, 0, True), (3, 2, False)):
        header, blobs = shown(case, pos=pos, layer=layer, embed=embed, grid="rank", token="a")
        ids = blobs["lens_ids"].astype(int)
        assert ids.shape == (len(plain.resid), T)
        np.testing.assert_allclose(np.take_along_axis(probs, ids[..., None], -1)[..., 0], probs.max(-1), atol=CLOSE)
        np.testing.assert_allclose(blobs["lens_probs"], probs.max(-1), atol=CLOSE)
        token = header["through"]["tokens"][0]["id"]
        np.testing.assert_allclose(blobs["lens_ranks"], 1 + (probs > probs[..., token, None]).sum(-1), rtol=1e-3)
        cell, state = header["cell"], plain.resid[0 if embed else layer + 1, pos]
        logits = plain.final(state) @ plain.out.T
        close([row["logit"] for row in cell["rows"]], np.sort(logits)[::-1][: len(cell["rows"])])
        close([row["p"] for row in cell["rows"]], softmax(logits)[[row["id"] for row in cell["rows"]]])
        centred = state - cell["mean"]
        assert cell["mean"] == pytest.approx(state.mean() if case.lm.config.norm == "layernorm" else 0.0, abs=1e-5)
        assert cell["scale"] == pytest.approx(1 / math.sqrt((centred**2).mean() + case.lm.config.eps), rel=1e-4)
        assert cell["total"] == pytest.approx(math.log(np.exp(logits).sum()), abs=1e-3)


def test_tokens_through_the_layers(case: Case) -> None:
    probs = softmax(lens_of(case.plain))[:, 2]
    header, _ = shown(case, pos=2, token="#7", rival="#11")
    for token, wanted in zip(header["through"]["tokens"], (7, 11), strict=True):
        assert token["id"] == wanted
        close(token["probs"], probs[:, wanted])
        ranks = 1 + (probs > probs[:, wanted, None]).sum(-1)
        np.testing.assert_allclose(token["ranks"], ranks, rtol=1e-3)  # of thousands some are nearly equal


def amounts(case: Case, token: int, pos: int) -> dict[tuple[str, int | None, int | None], float]:
    """The ledger by hand: each part read in the direction of the token, with the scale of the last state."""
    plain, w, c = case.plain, case.weights, case.lm.config
    state, centred = plain.resid[-1, pos], c.norm == "layernorm"
    x = state - state.mean() if centred else state
    scale = 1 / math.sqrt((x**2).mean() + c.eps)

    def read(part: Doubles) -> float:
        return float(scale * ((part - part.mean() if centred else part) * w["ln_f.weight"]) @ plain.out[token])

    found = {("embedding", None, None): read(w["wte.weight"][plain.ids[pos]])}
    if c.position == "learned":
        found["position", None, None] = read(w["wpe.weight"][pos])
    for layer in range(c.n_layer):
        out = w[f"h.{layer}.attn.c_proj.weight"].reshape(c.n_head, c.head_dim, -1)
        for head in range(c.n_head):
            found["head", layer, head] = read(plain.z[layer, head, pos] @ out[head])
        found["mlp", layer, None] = read(plain.hidden[layer, pos] @ w[f"h.{layer}.mlp.c_proj.weight"])
        if c.biases:
            found["attention_bias", layer, None] = read(w[f"h.{layer}.attn.c_proj.bias"])
            found["mlp_bias", layer, None] = read(w[f"h.{layer}.mlp.c_proj.bias"])
    found["norm", None, None] = float(w["ln_f.bias"] @ plain.out[token]) if centred else 0.0
    return found


def by_line(lines: Any) -> dict[tuple[str, int | None, int | None], float]:
    return {(line["kind"], line["layer"], line["head"]): line["amount"] for line in lines}


def test_every_line_of_the_ledger_and_their_sum(case: Case) -> None:
    """Fine and coarse, of one token and of the difference of two; the sum is the logit to 1e-4."""
    pos = len(case.plain.ids) - 1
    logits = case.plain.final(case.plain.resid[-1, pos]) @ case.plain.out.T
    one, other = amounts(case, 7, pos), amounts(case, 11, pos)
    for against in (False, True):
        wanted = {key: one[key] - (other[key] if against else 0.0) for key in one}
        logit = logits[7] - (logits[11] if against else 0.0)
        header, _ = shown(case, token="#7", rival="#11", against=against, detail="heads")
        found = by_line(header["ledger"]["lines"])
        assert found.keys() == wanted.keys()
        close([found[key] for key in wanted], list(wanted.values()))
        assert math.fsum(found.values()) == pytest.approx(header["ledger"]["logit"], abs=1e-4)
        assert header["ledger"]["total"] == pytest.approx(logit, abs=1e-3)
        coarse = by_line(shown(case, token="#7", rival="#11", against=against)[0]["ledger"]["lines"])
        assert math.fsum(coarse.values()) == pytest.approx(math.fsum(found.values()), abs=1e-6)
        for layer in range(case.lm.config.n_layer):
            heads = [amount for (kind, at, _), amount in found.items() if kind == "head" and at == layer]
            assert coarse["attention", layer, None] == pytest.approx(math.fsum(heads), abs=1e-6)
            assert coarse["mlp", layer, None] == pytest.approx(found["mlp", layer, None], abs=1e-6)
        biases = [amount for (kind, _, _), amount in found.items() if kind.endswith("_bias")]
        assert coarse.get(("biases", None, None), 0.0) == pytest.approx(math.fsum(biases), abs=1e-6)


def test_neurons(case: Case) -> None:
    """The farthest from 0, what each moves in the logits, where it fires."""
    plain, w, layer, pos = case.plain, case.weights, 1, 3
    header, blobs = shown(case, layer=layer, pos=pos)
    found, hidden = header["neurons"], plain.hidden[layer]
    numbers = [neuron["number"] for neuron in found["neurons"]]
    np.testing.assert_allclose(np.abs(hidden[pos][numbers]), -np.sort(-np.abs(hidden[pos]))[: len(numbers)], atol=1e-3)
    close([neuron["activation"] for neuron in found["neurons"]], hidden[pos][numbers])
    close(blobs["fires"], hidden[:, numbers].T)
    assert (found["width"], found["active"]) == (hidden.shape[1], (hidden[pos] > 0).sum())
    state, centred = plain.resid[-1, pos], case.lm.config.norm == "layernorm"
    scale = 1 / math.sqrt(((state - (state.mean() if centred else 0)) ** 2).mean() + case.lm.config.eps)
    for neuron in found["neurons"]:
        row = w[f"h.{layer}.mlp.c_proj.weight"][neuron["number"]] * hidden[pos, neuron["number"]]
        moved = scale * ((row - row.mean() if centred else row) * w["ln_f.weight"]) @ plain.out.T
        assert neuron["size"] == pytest.approx(float(np.linalg.norm(row)), rel=1e-3, abs=1e-4)
        close([token["amount"] for token in neuron["promoted"]], -np.sort(-moved)[:4])
        close([token["amount"] for token in neuron["suppressed"]], np.sort(moved)[:4])
        close([token["amount"] for token in neuron["promoted"]], moved[[token["id"] for token in neuron["promoted"]]])
    number = int(np.abs(hidden[pos]).argmin())
    asked = views.neurons(case.lm.trace(case.text), layer, pos, case.lm.tokenizer, also=number)
    assert asked.neurons[-1].number == number


def test_what_stands_for_a_prefix_is_not_worked_out_again(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    state = StreamPage(text=case.text, view=View())
    desk.finished("stream", state, case.lm)
    assert state.kept is not None
    before = state.kept.columns
    read: list[int] = []

    def counted(t: Any, pos: int | None = None) -> Any:
        assert pos is not None
        read.append(pos)
        return logit_lens(t, pos)

    monkeypatch.setattr("gptviz.ui.pages.stream.state.logit_lens", counted)
    monkeypatch.setattr("gptviz.ui.pages.stream.scene.logit_lens", counted)
    desk.say("stream", state, case.lm, text=case.text + "a")
    header, blobs = desk.finished("stream", state, case.lm)
    old, new = len(case.plain.ids), len(header["ids"])
    assert min(read) >= old - 1  # the last token may be another
    assert all(state.kept.columns[pos] is before[pos] for pos in range(old - 1))
    fresh, again = desk.finished("stream", StreamPage(text=case.text + "a", view=View()), case.lm)
    assert fresh["lens"]["columns"] == header["lens"]["columns"] <= new
    for name, array in again.items():
        np.testing.assert_allclose(blobs[name], array, atol=1e-4, rtol=1e-4, err_msg=name)


def test_an_edit_has_its_line_and_the_ledger_still_sums(tiny_lm: LocalModel) -> None:
    ids = [5, 17, 3, 3, 60]
    plain = ledger(tiny_lm.trace(ids), 9)
    ablated = ledger(tiny_lm.trace(ids, edits=[edits.ablate(layer=1, head=0)]), 9)
    by_name = {line.name: line.amount for line in ablated.lines}
    assert by_name["layer 1 head 0"] == pytest.approx(0.0, abs=1e-6)
    assert by_name["edits"] == pytest.approx(0.0, abs=1e-4)
    assert ablated.error < 1e-4
    pushed = ledger(tiny_lm.trace(ids, edits=[(("resid_mid", 1), lambda x: x + 0.5 * np.arange(x.shape[-1]))]), 9)
    assert abs({line.name: line.amount for line in pushed.lines}["edits"]) > 0.1
    assert pushed.error < 1e-4
    assert "edits" not in {line.name for line in plain.lines}


def test_a_ledger_is_of_one_place_and_of_a_token_that_there_is(tiny_lm: LocalModel) -> None:
    t = tiny_lm.trace([5, 17, 3])
    assert ledger(t, 9) == ledger(t, 9, 2)
    with pytest.raises(PromptError):
        ledger(t, tiny_lm.config.vocab_size)
    with pytest.raises(PromptError):
        ledger(t, -1)
    with pytest.raises(IndexError):
        ledger(t, 9, 3)
    with pytest.raises(ValueError, match="difference"):
        ledger(t, 9) - ledger(t, 9, 1)
    lead: Ledger = ledger(t, 9) - ledger(t, 4)
    assert lead.logit == pytest.approx(float(t.logits[2, 9] - t.logits[2, 4]), abs=1e-6)
    assert lead.error < 1e-4
    assert (lead.blocks() - lead.blocks()).total == 0


@pytest.mark.parametrize("lang", languages())
def test_the_presets_show_what_they_claim(lm: LocalModel, lang: str) -> None:
    """Of the bundled model, in both languages."""

    def of(name: str) -> dict[str, Any]:
        text, settings = PRESETS[name].of(lang)
        return desk.finished("stream", StreamPage(text=text, view=View(**settings)), lm)[0]

    fact = of("fact")
    probs, ranks = (fact["through"]["tokens"][0][name] for name in ("probs", "ranks"))
    assert max(probs[:5]) < 0.05
    assert probs[-1] > 0.9
    assert ranks[1] > 10
    assert fact["cell"]["rows"][0]["id"] == fact["through"]["tokens"][0]["id"]
    rivals = of("rivals")
    assert not rivals["through"]["unknown"]
    assert all(min(token["ranks"]) <= 3 for token in rivals["through"]["tokens"])
    assert rivals["ledger"]["logit"] > 0
    copy = by_line(of("copy")["ledger"]["lines"])
    heads = sum(amount for (kind, _, _), amount in copy.items() if kind == "head")
    assert heads > sum(amount for (kind, _, _), amount in copy.items() if kind == "mlp")
    late = of("late")["through"]["tokens"]
    assert late[0]["ranks"][-1] == 1
    assert late[0]["ranks"][-2] > 1
    assert late[1]["ranks"][-2] == 1
