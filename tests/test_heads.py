"""What each head looks at: scores by hand on patterns made up, on the bundled model, and kept on disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gptviz
from gptviz.analysis import heads, kept
from gptviz.errors import ConfigError
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import random_model

SCORES = list(heads.SCORES)


class Patterned:
    """A trace of one layer whose heads have these patterns (n_head, T, T)."""

    def __init__(self, *patterns: Any, windows: tuple[int, ...] = ()) -> None:
        self.pattern = np.stack(patterns).astype(np.float32)
        self.q, self.windows = [None], windows

    def layer(self, name: str, layer: int) -> Any:
        assert (name, layer) == ("pattern", 0)
        return self.pattern

    def __len__(self) -> int:
        return self.pattern.shape[-1]


def looking(T: int, back: Any) -> Any:
    """A head that gives all of its weight to one position: ``back(t)``."""
    pattern = np.zeros((T, T))
    for t in range(T):
        pattern[t, back(t)] = 1.0
    return pattern


T = 20
PREVIOUS = looking(T, lambda t: max(0, t - 1))
FIRST = looking(T, lambda t: 0)
SELF = looking(T, lambda t: t)
THIRD = looking(T, lambda t: max(0, t - 3))
EVENLY = np.tril(np.ones((T, T))) / np.arange(1, T + 1)[:, None]


def test_scores_of_heads_that_do_one_thing() -> None:
    found = heads.of_real_text(Patterned(PREVIOUS, FIRST, SELF, THIRD, EVENLY))  # type: ignore[arg-type]
    evenly = np.mean([1 / (t + 1) for t in range(heads.FROM, T)])
    expected = {
        "previous": [1, 0, 0, 0, evenly], "first": [0, 1, 0, 0, evenly], "current": [0, 0, 1, 0, evenly],
        "local": [1, 0, 1, 1, 4 * evenly], "diffuse": [0, 0, 0, 0, 1],
    }  # fmt: skip
    for name, values in expected.items():
        np.testing.assert_allclose(found[name][0], values, atol=1e-6, err_msg=name)


def test_within_a_window_a_head_is_as_diffuse_as_it_can_be() -> None:
    window = np.array([[1 / 5 if 0 <= t - k < 5 else 0 for k in range(T)] for t in range(T)])
    one = Patterned(window, windows=(5,))
    assert heads.of_real_text(one)["diffuse"][0, 0] == pytest.approx(1.0)  # type: ignore[arg-type]
    assert heads.of_real_text(Patterned(SELF, windows=(1,)))["diffuse"][0, 0] == 0  # type: ignore[arg-type]


def test_duplicate_and_induction_are_one_place_apart() -> None:
    half = 9  # of 20 tokens: two stand before them
    same = looking(T, lambda t: max(0, t - half))
    after = looking(T, lambda t: max(0, t - half + 1))
    mixed = 0.25 * same + 0.5 * after + 0.25 * SELF
    found = heads.of_repeated(Patterned(same, after, mixed), half)  # type: ignore[arg-type]
    np.testing.assert_allclose(found["duplicate"][0], [1, 0, 0.25], atol=1e-6)
    np.testing.assert_allclose(found["induction"][0], [0, 1, 0.5], atol=1e-6)


def test_a_head_may_have_several_labels_or_none() -> None:
    none = heads.HeadScores(0, 0, 0.3, 0.3, 0.1, None, 0.1, 0.5, 0.5)
    two = heads.HeadScores(0, 1, 0.4, 0.0, 0.0, 0.1, 0.1, 0.8, 0.2)
    assert none.labels == ()
    assert two.labels == ("previous", "local")


def test_random_tokens_are_neither_the_commonest_nor_the_rarest(lm: LanguageModel) -> None:
    ordinary = [
        i for i in range(lm.tokenizer.vocab_size) if lm.tokenizer.token_bytes(i) and not lm.tokenizer.is_special(i)
    ]
    low, high = ordinary[len(ordinary) // 4], ordinary[-len(ordinary) // 4]
    for ids, half in heads.repeated_tokens(lm):
        once, again = ids[-2 * half : -half], ids[-half:]
        assert once == again
        assert len(set(once)) == half == heads.LENGTH
        assert low <= min(once)
        assert max(once) <= high


@pytest.mark.slow
def test_the_bundled_model_has_the_heads_that_it_is_bundled_for(lm: LanguageModel) -> None:
    """As the induction test of its card measures them on other random tokens."""
    from gptviz.evaluation.induction import best, induction_test

    table = gptviz.analysis.head_scores(lm)
    assert list(table.columns) == ["layer", "head", *SCORES]
    assert len(table) == lm.config.n_layer * lm.config.n_head
    assert table[SCORES].to_numpy().min() >= 0
    assert table[SCORES].to_numpy().max() <= 1
    tested = induction_test(lm, count=4)
    for score, column in ((tested.prefix_matching, "induction"), (tested.previous_token, "previous")):
        for one in best(score, 3):
            ours = table[(table.layer == one.layer) & (table["head"] == one.head)][column].item()
            if column == "induction":  # the other is measured on real text here
                assert ours == pytest.approx(one.score, abs=0.1)
            assert ours >= heads.THRESHOLDS[column]


def test_scores_equal_a_plain_reading_of_the_pattern(tiny_lm: LanguageModel) -> None:
    """Written out again with loops, over the whole of what is measured."""
    *_, last = heads.measure(tiny_lm)
    texts, repeated = heads.real_texts(tiny_lm), heads.repeated_tokens(tiny_lm)
    assert repeated
    for head in last.heads:
        each = []
        for ids, half in repeated:
            pattern = tiny_lm.trace(ids).pattern[head.layer, head.head].astype(float)
            at = range(len(ids) - half, len(ids))
            each.append((np.mean([pattern[t, t - half] for t in at]), np.mean([pattern[t, t - half + 1] for t in at])))
        assert (head.duplicate, head.induction) == pytest.approx(tuple(np.mean(each, axis=0)), abs=1e-6)
        if texts:
            rows = [tiny_lm.trace(ids).pattern[head.layer, head.head].astype(float) for ids in texts]
            means = [np.mean([p[t, t - 3 : t + 1].sum() for t in range(heads.FROM, len(p))]) for p in rows]
            assert head.local == pytest.approx(np.mean(means), abs=1e-6)


def test_what_cannot_be_measured_is_not_a_number_or_a_sentence(tiny_model: Any) -> None:
    """A vocabulary in which none of the texts can be written; then a context too short for anything."""
    odd = LocalModel(tiny_model, Tokenizer.characters("".join(chr(0x2800 + n) for n in range(64))), name="odd")
    *_, last = heads.measure(odd)
    assert all(head.previous is None and head.induction is not None for head in last.heads)
    short = random_model(gptviz.GPTConfig(n_layer=1, n_head=1, n_embd=8, block_size=6, vocab_size=64))
    with pytest.raises(ConfigError) as caught:
        list(heads.measure(LocalModel(short, odd.tokenizer)))
    assert caught.value.key == "heads.context"


# ---- kept on disk


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GPTVIZ_CACHE", str(tmp_path))
    return tmp_path / "heads"


def test_scores_are_measured_once(tiny_lm: LanguageModel, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    *_, first = heads.scored(tiny_lm)
    (file,) = folder.iterdir()
    assert file.name == f"{tiny_lm.fingerprint}.json"
    monkeypatch.setattr(heads, "measure", lambda lm: pytest.fail("measured again"))
    (again,) = heads.scored(tiny_lm)
    assert again.heads == first.heads


def test_where_nothing_can_be_written_nothing_is_kept(tiny_lm: LanguageModel, tmp_path: Path,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GPTVIZ_CACHE", str(tmp_path / "file"))
    *_, last = heads.scored(tiny_lm)
    assert len(last.heads) == 4


def test_only_so_many_models_are_kept(folder: Path) -> None:
    for n in range(kept.MOST_FILES + 5):
        kept.write(f"{n:016x}", ["a"], [[0.5]])
        os.utime(folder / f"{n:016x}.json", (n, n))
    kept.write("f" * 16, ["a"], [[0.5]])
    names = {file.name for file in folder.iterdir()}
    assert len(names) == kept.MOST_FILES
    assert {"f" * 16 + ".json", f"{kept.MOST_FILES + 4:016x}.json"} <= names
    assert f"{0:016x}.json" not in names


def test_a_fingerprint_that_is_a_path_is_none(folder: Path) -> None:
    for name in ("../../../etc/passwd", "", "x" * 16, "A" * 16, "0" * 17):
        kept.write(name, ["a"], [[0.5]])
        assert kept.read(name, 1, 1, ["a"]) is None
    assert not folder.exists()


GOOD = {"version": kept.VERSION, "fingerprint": "0" * 16, "scores": ["a", "b"], "heads": [[0.5, None], [0.0, 1.0]]}


def test_a_good_file_is_believed(folder: Path) -> None:
    folder.mkdir()
    (folder / f"{'0' * 16}.json").write_text(json.dumps(GOOD))
    assert kept.read("0" * 16, 2, 1, ["a", "b"]) == [[0.5, None], [0.0, 1.0]]
    assert kept.read("0" * 16, 1, 1, ["a", "b"]) is None
    assert kept.read("0" * 16, 2, 1, ["a", "c"]) is None


@pytest.mark.parametrize(
    "written",
    [b"", b"[]", b"{", b"\xff\xfe", b"null", b"9" * 5000, b"[" * 100_000, b" " * 2**24,
     *(json.dumps(GOOD | change).encode() for change in (
         {"version": 0}, {"version": True}, {"heads": [[0.5, None]]}, {"heads": [[0.5], [0.5]]}, {"heads": {}},
         {"heads": [[2.0, 0.0], [0.0, 0.0]]}, {"heads": [[-0.1, 0], [0, 0]]}, {"heads": [["0.5", 0], [0, 0]]},
         {"heads": [[float("nan"), 0], [0, 0]]}, {"heads": [[1e400, 0], [0, 0]]}, {"heads": [[True, 0], [0, 0]]},
         {"scores": ["b", "a"]}, {"scores": "ab"}, {"fingerprint": "1" * 16}))],
)  # fmt: skip
def test_a_hostile_file_is_not(folder: Path, written: bytes) -> None:
    folder.mkdir()
    (folder / f"{'0' * 16}.json").write_bytes(written)
    assert kept.read("0" * 16, 2, 1, ["a", "b"]) is None


def test_what_is_no_file_is_not_waited_for(folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(folder / f"{'0' * 16}.json")
    assert kept.read("0" * 16, 2, 1, ["a", "b"]) is None


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5),
                    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(list(GOOD)), x)))  # fmt: skip
def test_whatever_json_stands_there_is_scores_or_nothing(tmp_path_factory: pytest.TempPathFactory, said: Any) -> None:
    root = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GPTVIZ_CACHE", str(root))
        (root / "heads").mkdir()
        merged = GOOD | said if isinstance(said, dict) else said
        (root / "heads" / f"{'0' * 16}.json").write_text(json.dumps(merged))
        found = kept.read("0" * 16, 2, 1, ["a", "b"])
        assert found is None or all(x is None or 0 <= x <= 1 for row in found for x in row)


@pytest.mark.slow
def test_neither_the_library_nor_the_scores_bring_pandas() -> None:
    """Only a table does: it is 65 MB that no server needs."""
    code = ("import sys, gptviz, gptviz.analysis, gptviz.analysis.heads; lm = gptviz.load(); "
            "list(gptviz.analysis.heads.measure(lm)); assert 'pandas' not in sys.modules")  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=True)
