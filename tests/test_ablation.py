"""Parts switched off, in every family: the same numbers as hooks on the model of transformers, or as plain numpy."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz import edits
from gptviz.errors import EditError
from gptviz.gpt.taps import TAPS
from gptviz.gpt.weights import load_model
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.ui.trace_cache import TraceCache
from tests.parity import DECODERS, random_decoder, random_gpt2
from tests.plain import close

pytestmark = pytest.mark.slow
IDS = torch.randint(0, 96, (1, 17), generator=torch.Generator().manual_seed(2))
ROW = IDS[0].tolist()
FAMILIES = ["gpt2", *(name for name in DECODERS if "scaling" not in name and "tied" not in name)]
Both = tuple[Any, LanguageModel]


@pytest.fixture(scope="module", params=FAMILIES)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """(theirs, ours) of one family."""
    folder = tmp_path_factory.mktemp("family")
    theirs = random_gpt2(folder) if request.param == "gpt2" else random_decoder(folder, request.param)
    return theirs, LocalModel(load_model(folder), Tokenizer.characters("".join(chr(0x4E00 + n) for n in range(97))))


def parts(theirs: Any, layer: int) -> tuple[Any, Any]:
    """(what reads the heads side by side, the MLP) of a layer of theirs."""
    kind = theirs.config.model_type
    if kind == "gpt2":
        block = theirs.transformer.h[layer]
        return block.attn.c_proj, block.mlp
    if kind == "gpt_neo":
        block = theirs.transformer.h[layer]
        return block.attn.attention.out_proj, block.mlp
    if kind == "gpt_neox":
        block = theirs.gpt_neox.layers[layer]
        return block.attention.dense, block.mlp
    block = theirs.model.layers[layer]
    return block.self_attn.o_proj, block.mlp


@contextmanager
def hooked(*hooks: Any) -> Iterator[None]:
    """The hooks for as long as the block lasts."""
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@torch.no_grad()
def logits(theirs: Any, **given: Any) -> Any:
    return theirs(IDS, use_cache=False, **given).logits[0].double().numpy()


def at_positions(theirs: Any, places: Any) -> Any:
    """With an attention mask of its own: else positions in no order are taken for several texts in one row."""
    return logits(theirs, position_ids=places, attention_mask=torch.ones_like(IDS))


def written(rows: Any, mode: str) -> Any:
    """What a part says instead, (T, …)."""
    rows = rows.double().numpy()
    if mode == "zero":
        return np.zeros_like(rows)
    if mode == "mean":
        return np.array([rows[: pos + 1].mean(0) for pos in range(len(rows))])
    draws = np.random.default_rng(0).random(len(rows))
    return np.array([rows[int(u * (pos + 1))] for pos, u in enumerate(draws)])


@pytest.mark.parametrize("mode", edits.MODES)
def test_a_head_switched_off_is_so_in_transformers(both: Both, mode: str) -> None:
    theirs, ours = both
    d, layer, head = ours.config.head_dim, 1, ours.config.n_head - 1

    def before(module: Any, args: Any) -> Any:
        x = args[0].clone()
        part = x[0, :, head * d : (head + 1) * d]
        x[0, :, head * d : (head + 1) * d] = torch.from_numpy(written(part, mode))
        return (x, *args[1:])

    with hooked(parts(theirs, layer)[0].register_forward_pre_hook(before)):
        expected = logits(theirs)
    close(ours.trace(ROW, edits=[edits.ablate(layer=layer, head=head, mode=mode)]).logits, expected, mode)
    assert np.abs(expected - logits(theirs)).max() > 1e-3


@pytest.mark.parametrize("mode", edits.MODES)
@pytest.mark.parametrize("what", ["mlp", "layer"])
def test_an_mlp_and_a_layer_switched_off_are_so_in_transformers(both: Both, what: str, mode: str) -> None:
    theirs, ours = both

    def after(module: Any, args: Any, out: Any) -> Any:
        return torch.from_numpy(written(out.view(-1, out.shape[-1]), mode)).to(out).view(out.shape)

    attention, mlp = parts(theirs, 1)
    chosen = [mlp] if what == "mlp" else [mlp, attention]
    with hooked(*(part.register_forward_hook(after) for part in chosen)):
        expected = logits(theirs)
    edit = edits.ablate(layer=1, mlp=what == "mlp", mode=mode)
    close(ours.trace(ROW, edits=[edit]).logits, expected, f"{what} {mode}")


def test_without_the_mask_all_see_all_as_in_transformers(both: Both) -> None:
    theirs, ours = both
    everything = torch.zeros(1, 1, IDS.shape[1], IDS.shape[1])
    t = ours.trace(ROW, edits=[edits.no_mask()])
    own = [m for m in theirs.modules() if m.__class__.__name__ == "GPTNeoSelfAttention"]  # has a mask of its own, too
    before = [module.bias.clone() for module in own]
    for module in own:
        module.bias.fill_(True)
    expected = logits(theirs, attention_mask=everything)
    for module, bias in zip(own, before, strict=True):
        module.bias.copy_(bias)
    close(t.logits, expected, "no mask")
    assert (t.pattern[:, :, 0, -1] > 0).all()
    assert np.abs(t.pattern.sum(-1) - 1).max() < 1e-5
    np.testing.assert_array_equal(t.pattern_of(1, 0), t.pattern[1, 0])


def test_moved_and_dealt_out_positions_as_in_transformers(both: Both) -> None:
    theirs, ours = both
    T = IDS.shape[1]
    dealt = np.random.default_rng(5).permutation(T)
    for edit, places in ((edits.shift_positions(9), np.arange(T) + 9), (edits.shuffle_positions(5), dealt)):
        expected = at_positions(theirs, torch.from_numpy(places)[None])
        close(ours.trace(ROW, edits=[edit]).logits, expected, str(edit))
    if ours.config.position == "rotary":  # only distances count
        close(ours.trace(ROW, edits=[edits.shift_positions(9)]).logits, logits(theirs), "a shift")


def test_no_positions_are_no_rotation_or_nothing_added(both: Both) -> None:
    theirs, ours = both
    t = ours.trace(ROW, edits=[edits.no_positions()])
    if ours.config.position == "rotary":
        expected = at_positions(theirs, torch.zeros_like(IDS))
    else:
        wpe = theirs.transformer.wpe.weight
        before = wpe.detach().clone()
        with torch.no_grad():
            wpe.zero_()
            expected = logits(theirs)
            wpe.copy_(before)
    close(t.logits, expected, "no positions")
    assert np.abs(t.logits - ours.trace(ROW).logits).max() > 1e-3


def test_without_the_scale_scores_are_plain_products(both: Both) -> None:
    theirs, ours = both
    t, group = ours.trace(ROW, edits=[edits.no_scale()]), ours.config.n_head // ours.config.kv_heads
    k = np.repeat(t.k.astype(np.float64), group, axis=1)
    close(t.scores, np.einsum("lhqd,lhkd->lhqk", t.q.astype(np.float64), k), "scores")
    one = ours.trace(ROW, edits=[edits.no_scale(layer=1)])
    np.testing.assert_array_equal(one.resid[:2], ours.trace(ROW).resid[:2])
    if theirs.config.model_type in ("llama", "mistral", "qwen2", "qwen3", "gemma"):
        for layer in theirs.model.layers:
            layer.self_attn.scaling = 1.0
        close(t.logits, logits(theirs), "no scale")
        for layer in theirs.model.layers:
            layer.self_attn.scaling = 1.0 / math.sqrt(ours.config.head_dim)


def test_a_uniform_head_gives_equal_weights_to_all_it_may_see(both: Both) -> None:
    _, ours = both
    t = ours.trace(ROW, edits=[edits.uniform(layer=2, head=1)])
    window = ours.config.windows[2] if ours.config.windows else 0
    for pos in range(len(ROW)):
        seen = min(pos + 1, window) if window else pos + 1
        row = np.where(np.arange(len(ROW)) > pos - seen, 1 / seen, 0) * (np.arange(len(ROW)) <= pos)
        np.testing.assert_allclose(t.pattern[2, 1, pos], row, atol=1e-6)
    np.testing.assert_array_equal(t.pattern[2, 0], ours.trace(ROW).pattern[2, 0])


def test_with_every_layer_switched_off_the_embedding_is_left(both: Both) -> None:
    _, ours = both
    t = ours.trace(ROW, edits=[edits.ablate(layer=layer) for layer in range(ours.config.n_layer)])
    assert (t.resid == ours.trace(ROW).resid[0]).all()


def test_outside_the_cone_of_a_cell_put_in_nothing_changes(both: Both) -> None:
    from gptviz.analysis.patching import cone

    _, ours = both
    plain = ours.trace(ROW)
    source = ours.trace([*ROW[:9], (ROW[9] + 1) % 96, *ROW[10:]])
    t = ours.trace(ROW, edits=[edits.put("resid", 1, 9, source)])
    reached = cone(1, 9, ours.config.n_layer, len(ROW))
    np.testing.assert_array_equal(t.resid[~reached], plain.resid[~reached])
    np.testing.assert_array_equal(t.logits[:9], plain.logits[:9])
    np.testing.assert_array_equal(t.resid[1, 9], source.resid[1, 9])
    assert (t.resid[-1, 9] != plain.resid[-1, 9]).any()


def test_what_changes_nothing_leaves_the_same_bits(both: Both) -> None:
    _, ours = both
    plain = ours.trace(ROW)
    nothing: list[Any] = [edits.shift_positions(0), ("mask", lambda mask: mask), ("scale", lambda scale: scale)]
    same = ours.trace(ROW, edits=[*nothing, *(edits.put("resid", 1, pos, plain) for pos in range(len(ROW)))])
    for name in TAPS:
        np.testing.assert_array_equal(getattr(same, name), getattr(plain, name), err_msg=name)


# ---- one visitor's edits are nobody else's


def test_edits_never_reach_the_traces_that_visitors_share(tiny_lm: LanguageModel) -> None:
    """Neither the trace found by the cache, nor one that goes on from it, hears of an edited run of the same text."""
    traces, ids = TraceCache(), (5, 17, 3, 3, 60)
    before = tiny_lm.trace(ids).resid.copy()
    shared = traces.trace(tiny_lm, ids, who="one")
    for edit in (edits.ablate(layer=0), edits.no_mask(), edits.no_positions(), edits.put("resid", 0, 1, shared)):
        edited = tiny_lm.trace(ids, edits=[edit], reuse=shared)
        assert edited.store is not shared.store
        np.testing.assert_array_equal(traces.trace(tiny_lm, ids, who="two").resid, before)
        longer = traces.trace(tiny_lm, (*ids, 9), near=ids, who="two")
        np.testing.assert_array_equal(longer.resid[:, : len(ids)], before)


# ---- over a stated text


def test_mean_and_resample_over_a_stated_text(tiny_lm: LanguageModel) -> None:
    over, ids = tiny_lm.trace([1, 2, 3, 4, 5, 6]), [9, 8, 7]
    z, out = over.z[1, 0].astype(np.float64), over.mlp_out[0].astype(np.float64)
    t = tiny_lm.trace(ids, edits=[edits.ablate(layer=1, head=0, mode="mean", over=over)])
    np.testing.assert_allclose(t.z[1, 0], np.tile(z.mean(0), (3, 1)), atol=1e-6)
    t = tiny_lm.trace(ids, edits=[edits.ablate(layer=0, mlp=True, mode="resample", over=over, seed=4)])
    drawn = (np.random.default_rng(4).random(3) * 6).astype(int)
    np.testing.assert_allclose(t.mlp_out[0], out[drawn], atol=1e-6)
    same = edits.ablate(layer=1, head=0, mode="mean", over=over)
    assert same == edits.ablate(layer=1, head=0, mode="mean", over=over)
    assert same != edits.ablate(layer=1, head=1, mode="mean", over=over)


@pytest.mark.parametrize(
    ("make", "key"),
    [(lambda lm: edits.ablate(layer=9, head=0, over=lm.trace([1])), "edit.layer"),
     (lambda lm: edits.ablate(layer=0, head=9, over=lm.trace([1])), "edit.head"),
     (lambda lm: edits.put("resid", 9, 0, lm.trace([1])), "edit.layer"),
     (lambda lm: edits.put("resid", 0, 4, lm.trace([1])), "edit.position"),
     (lambda lm: edits.put("resid", 0, 4, lm.trace([1, 2, 3, 4, 5, 6])), "edit.position"),
     (lambda lm: edits.put("z", 0, 1, lm.trace([1, 2]))._replace(where=("resid", 0)), "edit.over"),
     (lambda lm: edits.strike(layer=0, head=0, query_pos=0, key_pos=0), "edit.blind"),
     (lambda lm: edits.strike(layer=0, head=0, query_pos=3, key_pos=0), "edit.position"),
     (lambda lm: edits.strike(layer=0, head=2, query_pos=1, key_pos=0), "edit.head"),
     (lambda lm: edits.uniform(layer=0, head=2), "edit.head"),
     (lambda lm: edits.no_mask(layer=2), "edit.layer"),
     (lambda lm: edits.shift_positions(30), "edit.positions"),
     (lambda lm: edits.shift_positions(-1), "edit.before"),
     (lambda lm: ("positions", lambda places: places[:1]), "edit.shape"),
     (lambda lm: ("positions", lambda places: places + 0.5), "edit.shape"),
     (lambda lm: (("positions", 0), lambda places: places), "edit.no_layers"),
     (lambda lm: ("mask", lambda mask: mask * 1), "edit.shape"),
     (lambda lm: ("mask", lambda mask: mask[:1]), "edit.shape"),
     (lambda lm: ("mask", lambda mask: ~np.zeros_like(mask)), "edit.blind"),
     (lambda lm: ("scale", lambda scale: math.nan), "edit.numbers"),
     (lambda lm: ("scale", lambda scale: "1"), "edit.shape")],
)  # fmt: skip
def test_what_does_not_fit_is_a_sentence(tiny_lm: LanguageModel, make: Callable[[Any], Any], key: str) -> None:
    with pytest.raises(EditError) as caught:
        tiny_lm.trace([5, 17, 3], edits=[make(tiny_lm)])
    assert caught.value.key == key
    for lang in ("en", "zh"):
        assert "{" not in caught.value.say(lang)


_ANY = st.one_of(
    st.builds(lambda layer, head, mode: edits.ablate(layer=layer, head=head, mode=mode), st.integers(0, 1),
              st.none() | st.integers(0, 1), st.sampled_from(edits.MODES)),
    st.builds(lambda layer: edits.ablate(layer=layer, mlp=True), st.integers(0, 1)),
    st.builds(lambda layer, head: edits.uniform(layer=layer, head=head), st.integers(0, 1), st.integers(0, 1)),
    st.builds(lambda head, q, k: edits.strike(layer=1, head=head, query_pos=q, key_pos=k), st.integers(0, 1),
              st.integers(0, 4), st.integers(0, 4)),
    st.builds(edits.no_mask, layer=st.none() | st.integers(0, 1)), st.builds(edits.no_scale),
    st.builds(edits.no_positions), st.builds(edits.shift_positions, st.integers(0, 5)),
    st.builds(edits.shuffle_positions, st.integers(0, 9)),
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(_ANY, max_size=6))
def test_edits_combine_in_any_order_and_number(tiny_lm: LanguageModel, chosen: list[Any]) -> None:
    """Numbers, or a sentence that says why not; the model is the same afterwards."""
    before = tiny_lm.trace([5, 17, 3, 3, 60]).resid.copy()
    try:
        t = tiny_lm.trace([5, 17, 3, 3, 60], edits=chosen)
        for name in TAPS:
            assert not np.isnan(getattr(t, name)).any(), name
        np.testing.assert_allclose(t.pattern.sum(-1), 1, atol=1e-5)
        np.testing.assert_allclose(t.z, t.pattern @ t.v, atol=1e-4) if not any(
            getattr(e, "where", ("z",))[0] == "z" for e in chosen
        ) else None
    except EditError:
        pass
    np.testing.assert_array_equal(tiny_lm.trace([5, 17, 3, 3, 60]).resid, before)
