"""Evaluation: bits per byte, the cloze test, the induction test, repetition."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gptviz.errors import ConfigError, PromptError
from gptviz.evaluation import held_out
from gptviz.evaluation.cloze import Cloze, ClozeAnswer, Kind, answers, read_cloze, right, scores
from gptviz.evaluation.held_out import Part, read_part, score_part, score_rows, windows
from gptviz.evaluation.induction import best, head_scores, induction_test, sequences
from gptviz.evaluation.samples import Text, diversity, read_prompts, repeated_tokens, write_samples
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.model import GPT
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.tokenizer import Tokenizer

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ."
STORY = "Once upon a time there was a little girl.\n<|endoftext|>\n从前有一个小女孩。\n<|endoftext|>\n"


@pytest.fixture(scope="module")
def uniform() -> LanguageModel:
    """A model that knows nothing: with all its weights 0, each of 64 characters gets the same logit."""
    model = GPT(GPTConfig(n_layer=1, n_head=1, n_embd=4, block_size=16, vocab_size=64))
    for parameter in model.parameters():
        torch.nn.init.zeros_(parameter)
    return LocalModel(model.requires_grad_(False), Tokenizer.characters(LETTERS), name="uniform")


def _part(lm: LanguageModel, *texts: str) -> Part:
    return Part("p", [np.array(lm.tokenizer.encode(text)) for text in texts], [len(t.encode()) for t in texts])


class TestScore:
    def test_it_is_what_a_trace_says(self, lm: LanguageModel) -> None:
        ids = lm.tokenizer.encode("Once upon a time there was a little girl. 从前有一个小女孩。")
        t = lm.trace(ids)
        logprobs, ranks = lm.score([ids, ids], start=3)
        np.testing.assert_allclose(logprobs, [t.logprobs[3:]] * 2, atol=1e-4)
        order = np.argsort(-t.logits, axis=-1, kind="stable")
        expected = [int(np.flatnonzero(order[i - 1] == ids[i])[0]) for i in range(3, len(ids))]
        assert ranks[0].tolist() == expected

    def test_equals_are_ranked_by_id(self, uniform: LanguageModel) -> None:
        """Else a model that knows nothing would be right every time."""
        assert uniform.score([[5, 0, 7, 63]])[1].tolist() == [[0, 7, 63]]

    def test_a_row_may_have_one_token_more_than_the_context(self, uniform: LanguageModel) -> None:
        assert uniform.score([[1] * 17])[0].shape == (1, 16)
        with pytest.raises(PromptError, match="16"):
            uniform.score([[1] * 18])
        with pytest.raises(PromptError):
            uniform.score([[1, 64]])


class TestHeldOut:
    @given(lengths=st.lists(st.integers(0, 100), max_size=5), block_size=st.integers(1, 20))
    def test_windows_score_each_token_once_with_half_a_window_before_it(
        self, lengths: list[int], block_size: int
    ) -> None:
        scored: list[tuple[int, int]] = []
        for row, start, stop, skip in windows(lengths, block_size):
            assert skip >= 1
            assert stop - start <= block_size + 1
            assert start == 0 or skip > block_size // 2
            scored += [(row, pos) for pos in range(start + skip, stop)]
        assert scored == [(row, pos) for row, length in enumerate(lengths) for pos in range(1, length)]

    def test_a_model_that_knows_nothing_needs_log2_of_the_vocabulary(self, uniform: LanguageModel) -> None:
        """6 bits for each of 64 characters of one byte. Without end-of-text, the first of a text is not scored."""
        found = score_part(uniform, _part(uniform, "a" * 101, "b" * 11))
        assert (found.n_tokens, found.n_bytes) == (110, 110)
        assert found.bits_per_byte == pytest.approx(6.0)
        assert found.top1 == 0.0
        # of equals, the space is first: two of the four characters that are scored
        assert score_part(uniform, _part(uniform, "  . .")).top1 == pytest.approx(2 / 4)

    @pytest.mark.slow
    def test_long_documents_are_read_in_windows(self, tiny_lm: LanguageModel) -> None:
        """Context 32: token i is predicted from the 32 before it, later from the last 17 to 32."""
        ids = np.array(tiny_lm.tokenizer.encode("The cat sat on the mat. " * 4))
        found = np.sort(np.concatenate([logprobs for logprobs, _ in score_rows(tiny_lm, [ids])]))
        expected = []
        for pos in range(1, len(ids)):
            start = 0 if pos <= 32 else 16 * ((pos - 33) // 16 + 1)
            assert start == 0 or 16 < pos - start <= 32
            expected.append(tiny_lm.score([ids[start : pos + 1]])[0][0, -1])
        np.testing.assert_allclose(found, np.sort(expected), atol=1e-4)

    def test_rows_of_all_lengths_share_a_pass(self, tiny_lm: LanguageModel) -> None:
        """What fills up the shorter ones changes nothing."""
        rows = [
            np.array(tiny_lm.tokenizer.encode("Once upon a time there was a king. " * 2)[:n]) for n in (2, 70, 9, 33)
        ]
        alone = [v for row in rows for logprobs, _ in score_rows(tiny_lm, [row]) for v in logprobs]
        together = [v for logprobs, _ in score_rows(tiny_lm, rows) for v in logprobs]
        np.testing.assert_allclose(np.sort(together), np.sort(alone), atol=1e-4)

    def test_end_of_text_comes_first_and_is_not_scored(self, lm: LanguageModel) -> None:
        text = "Once upon a time"
        ids = lm.tokenizer.encode(text)
        assert lm.tokenizer.end_of_text is not None
        expected = lm.trace([lm.tokenizer.end_of_text, *ids]).logprobs[1:].sum() / -np.log(2)
        found = score_part(lm, _part(lm, text))
        assert (found.n_tokens, found.n_bytes) == (len(ids), len(text))
        assert found.bits == pytest.approx(expected, rel=1e-4)

    def test_a_limit_cuts_between_characters(self, lm: LanguageModel, tmp_path: Path) -> None:
        path = tmp_path / "p.valid.txt"
        path.write_text(STORY, encoding="utf-8")
        whole = read_part("p", path, lm.tokenizer)
        assert whole.n_bytes == [41, 27]
        cut = read_part("p", path, lm.tokenizer, limit_bytes=41 + 7)  # two Han characters of three bytes fit into 7
        assert cut.n_bytes == [41, 6]
        assert lm.tokenizer.decode(cut.documents[1].tolist()) == "从前"
        assert len(read_part("p", path, lm.tokenizer, limit_bytes=41).documents) == 1

    def test_text_that_is_missing_or_empty_is_said(self, uniform: LanguageModel, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="No held-out text"):
            held_out.part_files(tmp_path, "valid")
        with pytest.raises(ConfigError, match="scored"):
            score_part(uniform, _part(uniform, "a"))


class TestCloze:
    def test_the_file_is_well_formed(self, lm: LanguageModel) -> None:
        clozes = read_cloze()
        assert len({cloze.prompt for cloze in clozes}) == len(clozes)
        for language, prompt, expected, _ in clozes:
            assert prompt == prompt.strip()
            assert expected
            assert len(set(expected)) == len(expected)
            assert all(text.strip() for text in expected)
            if language == "en":
                assert all(text[0] == " " or text == "'t" for text in expected), prompt
            if language != "py":
                assert all(text == text.rstrip() for text in expected), prompt
            # where the tokenizer joins the prompt's end to what follows, nobody can be right
            ids = lm.tokenizer.encode(prompt)
            assert all(lm.tokenizer.encode(prompt + text)[: len(ids)] == ids for text in expected), prompt

    def test_each_kind_has_enough_prompts(self) -> None:
        """Of knowledge there are thirty in each language; Python is written fluently or not, and knows nothing."""
        count = Counter((cloze.kind, cloze.language) for cloze in read_cloze())
        assert count.pop(("knowledge", "en")) == count.pop(("knowledge", "zh")) == 30
        assert count.keys() == {("fluency", language) for language in ("en", "zh", "py")}
        assert min(count.values()) >= 20

    def test_knowledge_does_not_follow_from_the_prompt(self) -> None:
        """What is to be known is not in the beginning already, where a model could copy it."""
        for _, prompt, expected, kind in read_cloze():
            if kind == "knowledge":
                assert not [text for text in expected if text.strip().lower() in prompt.lower()], prompt

    def test_scores_are_by_kind_and_language(self) -> None:
        """Fluency in English: one of two at once. Knowledge: the second guess in one of three, in Chinese the first."""

        def said(language: str, kind: Kind, *written: str) -> ClozeAnswer:
            heard = tuple(text.encode() for text in written)
            return ClozeAnswer(Cloze(language, "?", (" a", "甲"), kind), heard, (0.5,) * len(heard), heard)

        given = [
            *(said("en", "fluency", *written) for written in ((" a", " b"), (" b",))),
            *(said("en", "knowledge", *written) for written in ((" b", " a"), (" ab",), (" b",))),
            said("zh", "knowledge", "甲"),
        ]
        assert scores(given, "fluency") == (("en", 2, 0.5, 0.5),)
        assert scores(given, "knowledge") == (("en", 3, 0.0, 1 / 3), ("zh", 1, 1.0, 1.0))
        assert scores([], "knowledge") == ()

    @pytest.mark.parametrize(
        ("written", "answer", "expected"),
        [
            (b" girl", " girl", True),
            (b" girl,", " girl", True),
            (b" girls", " girl", False),
            (b" gi", " girl", False),
            (b"):\n", ")", True),
            ("以前，".encode(), "以前", True),
            ("高兴地".encode(), "高兴", True),
            (b" ", " 2", False),
        ],
    )
    def test_right_is_beginning_with_a_whole_word(self, written: bytes, answer: str, expected: bool) -> None:
        assert right(written, [answer]) is expected

    def test_a_token_is_followed_until_it_is_decided(self, lm: LanguageModel) -> None:
        """A token that only begins what is expected is right or wrong by what the model writes after it."""
        expected = " time there was a"
        (found,) = answers(lm, [Cloze("en", "Once upon a", (expected,))])
        assert found.tokens[0] == b" time"
        for token, written in zip(found.tokens, found.written, strict=True):
            assert written.startswith(token)
            if expected.encode().startswith(token):
                assert len(written) > len(token)
                assert right(written, [expected]) or not expected.encode().startswith(written)
            else:
                assert written == token
        (score,) = scores([found], "fluency")
        assert (score.n, score.top1, score.top5) == (1, float(found.top1), float(found.top5))

    def test_prompts_of_unknown_characters_are_left_out(self, tiny_lm: LanguageModel) -> None:
        found = list(answers(tiny_lm, [Cloze("zh", "从前", ("有",)), Cloze("en", "The cat", (" sat",))]))
        assert [answer.cloze.language for answer in found] == ["en"]
        assert found[0].probs == tuple(sorted(found[0].probs, reverse=True))


class TestInduction:
    def test_sequences_are_different_ordinary_tokens_said_twice(self, lm: LanguageModel) -> None:
        rows = sequences(lm, count=4, seed=1)
        assert rows.shape == (4, 101)
        assert (rows[:, 0] == lm.tokenizer.end_of_text).all()
        assert (rows[:, 1:51] == rows[:, 51:]).all()
        assert all(len(set(row.tolist())) == 51 for row in rows)
        assert len({tuple(row) for row in rows.tolist()}) == 4
        assert (sequences(lm, count=4, seed=1) == rows).all()

    def test_a_small_context_shortens_them(self, tiny_lm: LanguageModel, uniform: LanguageModel) -> None:
        assert sequences(tiny_lm).shape == (16, 32)
        assert sequences(uniform).shape == (16, 16)

    def test_heads_made_by_hand(self) -> None:
        """Head 0 copies (from each token of the second half to the successor of its first place), head 1 looks back
        one, head 2 looks at the first. Each scores 1 on its own task, and on the others what chance gives."""
        half, T = 4, 9
        pattern = np.zeros((1, 3, T, T))
        for pos in range(T):
            pattern[0, 0, pos, pos - half + 1 if pos > half else 0] = 1
            pattern[0, 1, pos, max(0, pos - 1)] = 1
            pattern[0, 2, pos, 0] = 1
        matched, previous, first = head_scores(pattern, half)[:, 0]
        assert matched.tolist() == [1, 0, 0]
        assert previous.tolist() == [1 / 8, 1, 1 / 8]  # from place 1, the one before is the first
        assert first.tolist() == [4 / 8, 1 / 8, 1]

    def test_a_model_that_knows_nothing_gains_nothing(self, uniform: LanguageModel) -> None:
        found = induction_test(uniform)
        assert found.first_bits == pytest.approx(6)
        assert found.ratio == pytest.approx(1)
        # uniform attention over i + 1 places: the mean of 1 / (i + 1) for i from 8 to 15
        assert found.prefix_matching == pytest.approx(np.mean(1 / np.arange(9, 17)), abs=1e-6)

    def test_best_heads(self) -> None:
        found = best(np.array([[0.1, 0.9], [0.5, 0.2]]), 2)
        assert [(h.layer, h.head, h.score) for h in found] == [(0, 1, 0.9), (1, 0, 0.5)]


class TestSamples:
    def test_repeated_tokens(self) -> None:
        """a b c a b c a b: abca at 0 and 3, bcab at 1 and 4; cabc only once. Together they cover all 8."""
        assert repeated_tokens([0, 1, 2, 0, 1, 2, 0, 1]) == 8
        assert repeated_tokens([7, 7, 7, 7, 7]) == 5  # 7777 at 0 and 1
        assert repeated_tokens([7, 7, 7, 7]) == 0
        assert repeated_tokens([1, 2, 3, 4, 9, 8, 1, 2, 3, 4, 5]) == 8
        assert repeated_tokens([]) == 0

    def test_diversity_by_language(self) -> None:
        texts = [Text("en", "", (1, 2, 1, 2), ""), Text("en", "", (1, 3), ""), Text("zh", "", (), "")]
        english, chinese = diversity(texts)
        assert (english.n_texts, english.n_tokens, english.repetition) == (2, 6, 0)
        assert english.distinct_1 == 3 / 6
        assert english.distinct_2 == 3 / 4  # 12, 21, 12, 13
        assert english.distinct_3 == 1
        assert chinese.distinct_1 is None

    def test_the_same_call_writes_the_same(self, tiny_lm: LanguageModel) -> None:
        """The tiny model reads only the prompts whose characters it knows."""
        first, second = (list(write_samples(tiny_lm, samples=2, tokens=3, seed=5)) for _ in range(2))
        assert first == second
        assert {text.language for text in first} == {"en"}
        assert {len(text.ids) for text in first} <= {1, 2, 3}  # the context of 32 may end earlier
        assert len({text.ids for text in first}) > len(first) // 2  # each has its own seed

    def test_there_are_prompts_in_every_language(self) -> None:
        assert {language: len(prompts) for language, prompts in read_prompts().items()} == {"en": 8, "zh": 8, "py": 8}
