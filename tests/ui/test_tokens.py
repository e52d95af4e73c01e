"""The Tokens page without Streamlit: what its message says, worked out again."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptviz import catalogue
from gptviz.analysis.merging import keystrokes
from gptviz.gpt.config import GPTConfig
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.ui.pages.tokens import vocabularies
from gptviz.ui.pages.tokens.scene import SHOWN, the_end
from gptviz.views.merging import change_of
from tests.conftest import SHARED, random_model
from tests.ui.desk import arrived, shown

pytestmark = pytest.mark.slow

GPT2 = SHARED / "gpt2-tokenizer"


def test_the_film_is_sent_as_numbers_and_labels(lm: LanguageModel) -> None:
    header, blobs = shown("tokens", arrived("tokens", lm, p=" 我"), lm)
    film = header["film"]
    assert film["first_labels"] == ["·", "E6", "88", "91"]
    assert blobs["first"].tolist() == [[0, 1], [1, 2], [2, 3], [3, 4]]
    parts = {int(start): (int(start), int(stop)) for start, stop in blobs["first"]}
    for (start, middle, stop, rank, number), label in zip(blobs["joins"], film["join_labels"], strict=True):
        assert parts[int(start)][1] == int(middle)
        assert parts.pop(int(middle))[1] == int(stop)
        parts[int(start)] = (int(start), int(stop))
        data = " 我".encode()[int(start) : int(stop)]
        assert lm.tokenizer.token_bytes(int(number)) == data
        assert lm.tokenizer.ranks[data] == int(rank)
        assert label in ("我", "·我") or " " in label or "⟨" in label
    assert len(parts) == len(film["token_ids"])


def test_a_long_text_is_filmed_at_its_end(lm: LanguageModel) -> None:
    text = "word " * 100
    header, _ = shown("tokens", arrived("tokens", lm, p=text), lm)
    assert header["film"]["n_bytes"] == len(the_end(text)) <= SHOWN
    assert "240" in str(header["notes"]) or str(len(the_end(text))) in str(header["notes"])
    assert header["costs"]["rows"][2]["tokens"] == 500  # the whole text costs what it costs


def test_one_more_letter_says_what_was_cut_anew(lm: LanguageModel) -> None:
    header, _ = shown("tokens", arrived("tokens", lm, p="the other"), lm)
    rows = header["letters"]["rows"]
    found = keystrokes(lm.tokenizer, "the other", 10)
    assert [row["change"] for row in rows] == [change_of(one) for one in found]
    assert {"added", "grew", "resplit"} == {row["change"] for row in rows}
    assert sum(len(row["made"]) - len(row["lost"]) for row in rows) == len(lm.tokenizer.encode("the other"))


@pytest.mark.skipif(not GPT2.is_dir(), reason="GPT-2's tokenizer is not at hand")
def test_another_vocabulary_that_the_operator_has(lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    before = catalogue.bundled()
    monkeypatch.setattr(catalogue, "local_models", lambda: {**before, "gpt2": GPT2})
    header, _ = shown("tokens", arrived("tokens", lm, p="今天天气"), lm)
    assert (header["view"]["other"], header["costs"]["offered"]) == ("gpt2", ["small", "gpt2"])
    theirs = Tokenizer.load(GPT2)
    row = header["costs"]["rows"][1]
    assert (row["title"], row["vocab_size"]) == ("gpt2", 50257)
    assert row["tokens"] == len(theirs.encode("今天天气")) > header["costs"]["rows"][0]["tokens"]
    chinese = next(one for one in header["costs"]["languages"] if one["code"] == "zh")
    english = header["costs"]["languages"][0]
    assert chinese["tokens"][1] == len(theirs.encode(chinese["text"]))
    assert chinese["times_other"] == pytest.approx(chinese["tokens"][1] / english["tokens"][1])


def test_only_what_is_laid_out_is_opened(lm: LanguageModel, tmp_path: Path) -> None:
    Tokenizer.characters("abc").save(tmp_path)
    for name in (str(tmp_path), "../small", "", "bilingual"):
        assert vocabularies.chosen(lm, name) == "small"
    assert vocabularies.vocabulary(str(tmp_path)) is None


def test_a_tokenizer_that_does_not_merge_by_rank_shows_its_pieces(tmp_path: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    scores = [("<unk>", 0.0), ("▁the", -1.0), ("▁c", -2.0), ("at", -2.0)]
    made = tokenizers.Tokenizer(tokenizers.models.Unigram(scores, 0, False))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    made.decoder = tokenizers.decoders.Metaspace()
    made.save(str(tmp_path / "tokenizer.json"))
    model = random_model(GPTConfig(n_layer=1, n_head=2, n_embd=16, block_size=16, vocab_size=64))
    lm = LocalModel(model, Tokenizer.load(tmp_path), name="pieces")
    header, blobs = shown("tokens", arrived("tokens", lm, p="the cat"), lm)
    film = header["film"]
    assert (film["kind"], film["join_labels"], blobs["joins"].shape) == ("pieces", [], (0, 5))
    assert film["first_labels"] == ["·the", "·c", "at"]
    assert [piece["label"] for piece in film["pieces"]] == ["·the", "·cat"]
    assert film["token_ids"] == lm.tokenizer.encode("the cat") == header["ids"]


def test_a_vocabulary_of_characters_has_no_film(tiny_lm: LocalModel) -> None:
    header, blobs = shown("tokens", arrived("tokens", tiny_lm, p="abc abc"), tiny_lm)
    assert (header["film"]["kind"], header["film"]["join_labels"]) == ("characters", [])
    assert header["film"]["first_labels"] == ["a", "b", "c", "·", "a", "b", "c"]
    assert blobs["joins"].shape == (0, 5)
    unread, _ = shown("tokens", arrived("tokens", tiny_lm, p="中"), tiny_lm)
    assert unread["film"] is None
    assert unread["costs"]["rows"][0]["tokens"] is None
    assert unread["costs"]["rows"][2]["tokens"] == 3
    assert unread["browser"]["vocab_size"] == 64
