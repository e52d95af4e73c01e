"""Activation patching and heads taken away, against runs that are made by hand."""

from __future__ import annotations

import numpy as np
import pytest

import gptviz
from gptviz.analysis import breaking, patching
from gptviz.analysis.patching import LEAST_GAP, cells, cone, pair_of, patch
from gptviz.edits import ablate
from gptviz.errors import EditError
from gptviz.language_model import LanguageModel
from tests.plain import everything
from tests.test_numpy_recompute import Doubles

CLEAN, CORRUPT = [5, 17, 3, 9, 60, 41], [5, 17, 20, 9, 60, 41]


def tokens(lm: LanguageModel) -> tuple[int, int]:
    """The two tokens whose logits part most between the prompts."""
    apart = lm.trace(CLEAN).logits_at(-1) - lm.trace(CORRUPT).logits_at(-1)
    return int(apart.argmax()), int(apart.argmin())


def made(lm: LanguageModel) -> patching.Pair:
    answer, rival = tokens(lm)
    return pair_of(lm, CLEAN, CORRUPT, answer=answer, rival=rival)


def test_each_cell_is_the_numpy_pass_with_that_state_put_in(tiny_lm: LanguageModel) -> None:
    pair = made(tiny_lm)
    found = patch(tiny_lm, CLEAN, CORRUPT, answer=tokens(tiny_lm)[0], rival=tokens(tiny_lm)[1])
    runs = {"clean": everything(tiny_lm.model, CLEAN), "corrupt": everything(tiny_lm.model, CORRUPT)}
    for into, ids, source in (("corrupt", CORRUPT, "clean"), ("clean", CLEAN, "corrupt")):
        shares = found.sufficient if into == "corrupt" else found.necessary
        for layer in range(2):
            for pos in range(6):

                def change(tap: str, at: int, x: Doubles, layer: int = layer, pos: int = pos,
                           source: str = source) -> Doubles:  # fmt: skip
                    if (tap, at) == ("resid", layer):
                        x = x.copy()
                        x[pos] = runs[source]["resid"][layer][pos]
                    return x

                logits = everything(tiny_lm.model, ids, change)["logits"][-1]
                ends = [runs[name]["logits"][-1] for name in ("corrupt", "clean")]
                zero, one, here = (row[pair.answer] - row[pair.rival] for row in (*ends, logits))
                assert shares[layer, pos] == pytest.approx((here - zero) / (one - zero), abs=2e-3)
    last = runs["clean"]["logits"][-1]
    assert pair.clean_diff == pytest.approx(last[pair.answer] - last[pair.rival], abs=1e-3)


def test_the_first_layer_at_the_changed_token_is_the_whole_difference(tiny_lm: LanguageModel) -> None:
    found = patch(tiny_lm, CLEAN, CORRUPT, answer=tokens(tiny_lm)[0], rival=tokens(tiny_lm)[1])
    assert found.sufficient[0, 2] == pytest.approx(1.0, abs=1e-5)
    assert found.necessary[0, 2] == pytest.approx(0.0, abs=1e-5)
    assert (found.sufficient[:, :2] == 0).all()
    assert (found.necessary[:, :2] == 1).all()
    assert (found.sufficient[0, 3:] == 0).all()  # the embeddings of the other tokens are the same


@pytest.mark.parametrize("place", patching.PLACES)
def test_a_run_put_into_itself_changes_nothing(tiny_lm: LanguageModel, place: str) -> None:
    """To the bit, at every cell."""
    run = tiny_lm.trace(CLEAN)
    for layer in range(2):
        for pos in range(6):
            again = tiny_lm.trace(CLEAN, edits=[gptviz.edits.put(place, layer, pos, run)])
            np.testing.assert_array_equal(again.resid, run.resid)
            np.testing.assert_array_equal(again.logits, run.logits)


def test_the_cone_is_deeper_and_not_earlier() -> None:
    assert cone(1, 2, 3, 4).astype(int).tolist() == [[0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1], [0, 0, 1, 1]]


def test_both_directions_come_cell_by_cell(tiny_lm: LanguageModel) -> None:
    found = list(cells(tiny_lm, made(tiny_lm), place="mlp_out"))
    assert [(cell.into, cell.layer, cell.pos) for cell in found] == [
        (into, layer, pos) for into in ("corrupt", "clean") for layer in range(2) for pos in range(6)
    ]


@pytest.mark.parametrize(
    ("clean", "corrupt", "answers", "key"),
    [(CLEAN, CORRUPT[:-1], (1, 2), "patch.length"), (CLEAN, CLEAN, (1, 2), "patch.same"),
     (CLEAN, CORRUPT, (1, 1), "patch.one_answer"), (CLEAN, CORRUPT, (1, 99), "patch.token"),
     (CLEAN, CORRUPT, (-1, 2), "patch.token")],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(
    tiny_lm: LanguageModel, clean: list[int], corrupt: list[int], answers: tuple[int, int], key: str
) -> None:
    with pytest.raises(EditError) as caught:
        pair_of(tiny_lm, clean, corrupt, answer=answers[0], rival=answers[1])
    assert caught.value.key == key
    assert all("{" not in caught.value.say(lang) for lang in ("en", "zh"))


def test_a_small_gap_is_refused(tiny_lm: LanguageModel) -> None:
    """Of all pairs of tokens: exactly those whose logit differences are less than so far apart."""
    ends = [tiny_lm.trace(ids).logits_at(-1).astype(float) for ids in (CLEAN, CORRUPT)]
    seen = set()
    for rival in range(1, 40):
        gap = abs((ends[0][0] - ends[0][rival]) - (ends[1][0] - ends[1][rival]))
        seen.add(gap >= LEAST_GAP)
        if gap >= LEAST_GAP:
            pair_of(tiny_lm, CLEAN, CORRUPT, answer=0, rival=rival)
            continue
        with pytest.raises(EditError) as caught:
            pair_of(tiny_lm, CLEAN, CORRUPT, answer=0, rival=rival)
        assert caught.value.key == "patch.gap"
    assert seen == {True, False}


def test_no_such_place_is_a_sentence(tiny_lm: LanguageModel) -> None:
    with pytest.raises(EditError) as caught:
        next(cells(tiny_lm, made(tiny_lm), place="logits"))
    assert caught.value.key == "edit.place"


def test_heads_go_one_by_one_best_first_and_at_random(tiny_lm: LanguageModel) -> None:
    found = list(breaking.curve(tiny_lm, CLEAN))
    alone = {one.head: one.bits for one in found if isinstance(one, breaking.Alone)}
    gone = [one for one in found if isinstance(one, breaking.Gone)]
    assert set(alone) == {(layer, head) for layer in range(2) for head in range(2)}
    for (layer, head), bits in alone.items():
        run = tiny_lm.trace(CLEAN, edits=[ablate(layer=layer, head=head)])
        assert bits == pytest.approx(-float(run.logprobs[1:].mean()) / np.log(2), abs=1e-5)
    plain = breaking.mean_bits(tiny_lm.trace(CLEAN))
    every = [ablate(layer=layer, head=head) for layer, head in alone]
    nothing = breaking.mean_bits(tiny_lm.trace(CLEAN, edits=every))
    for order in range(breaking.ORDERS + 1):
        points = {one.n_gone: one.bits for one in gone if one.order == order}
        assert list(points) == [0, 1, 2, 3, 4]
        assert points[0] == pytest.approx(plain)
        assert points[4] == pytest.approx(nothing)
        least = min(alone.values())
        assert points[1] == pytest.approx(least) if order == 0 else points[1] >= least - 1e-9


def test_a_text_of_one_token_has_no_loss(tiny_lm: LanguageModel) -> None:
    assert np.isnan(breaking.mean_bits(tiny_lm.trace([4])))
