"""One message carries one whole picture, for whatever was typed."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.ui.prompts import examples, vocabulary
from gptviz.ui.walk.state import View, Walk
from gptviz.ui.web.message import pack, unpack
from tests.conftest import PROMPTS
from tests.ui.desk import HOSTILE, shown, sorry

pytestmark = pytest.mark.slow


def _shown(lm: LanguageModel, text: str, view: View | None = None, lang: str = "en") -> tuple[dict[str, Any], Any]:
    return shown("next_token", Walk(text=text, view=view or View()), lm, lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("text", HOSTILE)
def test_every_text_makes_a_picture(lm: LanguageModel, text: str, lang: str) -> None:
    """Valid JSON without NaN, the text as it was typed, all panels of the same ids."""
    header, blobs = _shown(lm, text, lang=lang)
    assert header["text"] == text
    json.dumps(header, allow_nan=False)
    T = len(header["ids"])
    if text:
        assert header["ids"] == lm.tokenizer.encode(text)[-T:]
        assert len(header["chips"]) == T
        assert blobs["attention"].shape == blobs["mask"].shape == (T, T)
        assert header["distribution"]["pos"] == T - 1
    else:
        assert header["ids"] == []
        assert "chips" not in header


def test_a_lone_surrogate_is_said_and_kept(lm: LanguageModel) -> None:
    header, _ = _shown(lm, "a\ud800b")
    assert [note["level"] for note in header["notes"]] == ["warn"]
    assert header["text"] == "a\ud800b"


def test_a_model_of_characters_says_which_it_does_not_know(tiny_lm: LanguageModel) -> None:
    """Its vocabulary is what it was trained on; the text stays, the sentence names the character."""
    header, _ = _shown(tiny_lm, "cat 我")
    assert header["ids"] == []
    assert header["text"] == "cat 我"
    assert "我" in header["notes"][0]["text"]


def test_a_failure_keeps_the_text_and_says_so(lm: LanguageModel) -> None:
    header = sorry("next_token", Walk(text="kept"), lm, RuntimeError("<b>"), "zh")
    assert header["text"] == "kept"
    assert header["notes"][0]["level"] == "error"


def test_a_text_beyond_the_context_says_what_was_left_out(lm: LanguageModel) -> None:
    text = "one two three " * 200
    count = len(lm.tokenizer.encode(text))
    header, _ = _shown(lm, text)
    assert 256 - 32 < len(header["ids"]) <= 256
    assert header["ids"] == lm.tokenizer.encode(text)[-len(header["ids"]) :]
    assert str(count - len(header["ids"])) in header["notes"][0]["text"]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_numbers_sent_are_the_models(lm: LanguageModel, prompt: str) -> None:
    """Through packing and unpacking: pattern, surprisal, the cell's weight, the sum of the distribution."""
    view = View(layer=2, head=3)
    header, blobs = _shown(lm, prompt, view)
    t = lm.trace(prompt)
    T = len(t)
    expected = np.where(np.tri(T, dtype=bool), t.pattern_of(2, 3), np.nan)
    np.testing.assert_array_equal(blobs["attention"], expected.astype(np.float32))
    np.testing.assert_allclose(blobs["mosaic"], t.pattern * 255, atol=0.5 + 1e-3)
    assert header["chips"][1]["surprisal"] == pytest.approx(-t.logprobs[1] / np.log(2), rel=1e-6)
    assert header["cell"]["weight"] == pytest.approx(t.pattern[2, 3, -1, header["cell"]["key"]], abs=1e-6)
    d = header["distribution"]
    assert sum(row["p"] for row in d["rows"]) + d["tail"]["p"] == pytest.approx(1.0, abs=1e-6)
    assert sum(row["p_model"] for row in d["rows"]) + d["tail"]["p_model"] == pytest.approx(1.0, abs=1e-6)
    low, high = d["drawn_at"]
    assert low - 1e-9 <= d["u"] <= high + 1e-9


def test_an_earlier_position_shows_what_really_follows(lm: LanguageModel) -> None:
    header, _ = _shown(lm, "The cat sat on the", View(pos=1))
    d = header["distribution"]
    assert d["last"] is False
    assert d["u"] is None
    assert d["actual"]["id"] == header["ids"][2]


def test_layer_head_and_position_are_brought_into_the_model(lm: LanguageModel) -> None:
    header, _ = _shown(lm, "The cat", View(layer=99, head=99, pos=99, key=99))
    c = lm.config
    assert (header["view"]["layer"], header["view"]["head"]) == (c.n_layer - 1, c.n_head - 1)
    assert header["view"]["pos"] == len(header["ids"]) - 1


@pytest.mark.slow
def test_python_offered_on_the_page_rebuilds_its_pictures(lm: LanguageModel) -> None:
    """Each snippet runs, and its last line is a figure (for the cell: the numbers)."""
    header, _ = _shown(lm, 'say "hi" \\ 我们\n', View(layer=1, head=1, top_k=5))
    snippets = [header[name]["python"] for name in ("attention", "mask", "mosaic", "distribution", "cell")]
    for snippet in (*snippets, header["chips_python"]):
        *body, last = snippet.split("\n")
        scope: dict[str, Any] = {}
        exec("\n".join([*body, f"result = {last}"]), scope)
        assert type(scope["result"]).__name__ in ("Figure", "CellView")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=40), pos=st.integers(0, 50), key=st.integers(0, 50), stage=st.sampled_from(["raw", "masked"])
)
def test_any_text_and_any_view(lm: LanguageModel, text: str, pos: int, key: int, stage: str) -> None:
    header, blobs = _shown(lm, text, View(pos=pos, key=key, stage=stage))
    if header["ids"]:
        assert header["cell"]["masked"] == (header["cell"]["key"] > header["cell"]["query"])
        assert blobs["attention"].shape[0] == len(header["ids"])


def test_arrays_survive_packing() -> None:
    arrays = {"a": np.arange(6, dtype=np.uint8).reshape(2, 3), "b": np.array([[np.nan, 1.5]], dtype=np.float32)}
    header, again = unpack(pack({"lang": "en", "text": "ä\ud800"}, arrays))
    assert header["text"] == "ä\ud800"
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array)
        assert header["blobs"][name]["offset"] % 4 == 0


def test_strings_are_not_sent_to_whoever_has_them(lm: LanguageModel) -> None:
    """Only the browser's word counts: what it has in another language, or of another page, is of no use here."""
    walk = Walk(text="The cat")
    first, _ = shown("next_token", walk, lm)
    assert first["strings"]["menu.close"] == translate("menu.close", "en")
    walk.receive({"n": 1, "text": "The cat", "strings": first["strings_id"]})
    second, _ = shown("next_token", walk, lm)
    assert "strings" not in second
    assert second["strings_id"] == first["strings_id"]
    other, _ = shown("next_token", walk, lm, "zh")
    assert other["strings"]["menu.close"] == translate("menu.close", "zh")
    walk.receive({"n": 2, "text": "The cat", "strings": {"not": "a name"}})
    assert shown("next_token", walk, lm)[0]["strings"] == first["strings"]


def test_examples_keep_their_lines_together() -> None:
    assert "def add(a, b):\n    return" in examples("en")
    assert any(ord(c) > 0x4E00 for text in examples("en") for c in text)


def test_a_path_is_part_of_the_picture(lm: LanguageModel) -> None:
    walk = Walk(text="The cat")
    tree = walk.tree(vocabulary(lm))
    tree.extend((300, 301, 302), "drawn")
    tree.back()
    header, _ = shown("next_token", walk, lm)
    assert header["ids"] == [*lm.tokenizer.encode("The cat"), 300, 301]
    assert [chip["path"] for chip in header["chips"]] == [False] * (len(header["ids"]) - 2) + [True] * 2
    assert header["path"]["at"] == 2
    assert len(header["path"]["line"]) == 3
