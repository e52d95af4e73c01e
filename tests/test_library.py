"""Tokenizers that are not byte-level BPE: transformers' ids, each token's bytes and place, what is changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gptviz.errors import WeightsError
from gptviz.tokens.labels import label
from gptviz.tokens.library import LibraryTokenizer
from gptviz.tokens.library_classes import QWEN2_PATTERN
from gptviz.tokens.pieces import clean, groups
from gptviz.tokens.tokenizer import Tokenizer
from tests.hubs import TEXT, learnt, written

pytestmark = pytest.mark.slow  # every kind of tokenizer is made and compared on many texts

tokenizers = pytest.importorskip("tokenizers")
transformers = pytest.importorskip("transformers")

SPECIALS = ["<unk>", "<s>", "</s>", "<|user|>"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
HARD = ["", " ", "  a  b ", "Hello", "hello", "The cat sat.", "é", "e\u0301", "Ａ①ﬁ", "我今天很好。", "𠮷野家",
        "🙂👩\u200d👧", "שלום", "\x00\x1b\u200b", "\ufffd", "\ufeff", "a\r\n\n  b \t ", "<s>", "</s>", "the</s>cat",
        "<|user|>the", "▁", "a▁b", "<0xE4>", "##ing", "[SEP]", "[UNK]", "the [MASK] cat", "don't", "1234",
        "\u2028\x85\xa0x", "\ud83d", "x" * 200]  # fmt: skip


def bytes_bpe() -> Any:
    """As Llama's: BPE over ▁ and characters, bytes for what it has not seen, an added token."""
    made = tokenizers.Tokenizer(tokenizers.models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    made.normalizer = tokenizers.normalizers.Sequence(
        [tokenizers.normalizers.Prepend("▁"), tokenizers.normalizers.Replace(" ", "▁")]
    )
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=420, show_progress=False, special_tokens=[*SPECIALS[:3], *BYTES]
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()  # only while learning: no token is longer than a word
    made.train_from_iterator(TEXT.splitlines(), trainer)
    made.pre_tokenizer = None
    made.add_special_tokens(["<|user|>"])
    decoders = tokenizers.decoders
    made.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    made.post_processor = template(made, "<s>")
    about = json.loads(made.to_str())  # bytes are pieces, no added tokens
    about["added_tokens"] = [token for token in about["added_tokens"] if token["content"] in SPECIALS]
    return tokenizers.Tokenizer.from_str(json.dumps(about))


def unigram() -> Any:
    """As T5's and Albert's: pieces with scores, NFKC before them."""
    made = tokenizers.Tokenizer(tokenizers.models.Unigram())
    made.normalizer = tokenizers.normalizers.Sequence([tokenizers.normalizers.Nmt(), tokenizers.normalizers.NFKC()])
    made.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    made.decoder = tokenizers.decoders.Metaspace()
    trainer = tokenizers.trainers.UnigramTrainer(
        vocab_size=80, show_progress=False, special_tokens=SPECIALS, unk_token="<unk>"
    )
    made.train_from_iterator(TEXT.splitlines(), trainer)
    return made


def wordpiece() -> Any:
    """As BERT's."""
    made = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token="[UNK]"))
    made.normalizer = tokenizers.normalizers.BertNormalizer()
    made.pre_tokenizer, made.decoder = tokenizers.pre_tokenizers.BertPreTokenizer(), tokenizers.decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = tokenizers.trainers.WordPieceTrainer(vocab_size=120, show_progress=False, special_tokens=special)
    made.train_from_iterator([TEXT, "don't say: ['hello', \"the\"]"], trainer)
    made.post_processor = template(made, "[CLS]")
    return made


def words() -> Any:
    """Whole words, as the first models had them."""
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(unk_token="<unk>"))
    made.normalizer, made.pre_tokenizer = tokenizers.normalizers.Lowercase(), tokenizers.pre_tokenizers.Whitespace()
    made.train_from_iterator([TEXT], tokenizers.trainers.WordLevelTrainer(show_progress=False, special_tokens=SPECIALS))
    return made


def ends_of_words() -> Any:
    """As GPT-1's and CLIP's: </w> ends a word."""
    made = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    made.normalizer = tokenizers.normalizers.BertNormalizer(strip_accents=False)
    made.pre_tokenizer, made.decoder = tokenizers.pre_tokenizers.BertPreTokenizer(), tokenizers.decoders.BPEDecoder()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=150, show_progress=False, special_tokens=SPECIALS, end_of_word_suffix="</w>"
    )
    made.train_from_iterator([TEXT], trainer)
    return made


def nfc_level() -> Any:
    """As Qwen's and Pythia's: byte-level BPE after NFC."""
    made = learnt(special=["<|endoftext|>", *SPECIALS[1:]])
    made.normalizer = tokenizers.normalizers.NFC()
    return made


def digits_level() -> Any:
    """As SmolLM's: digits one by one, some bytes missing."""
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    level = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([tokenizers.pre_tokenizers.Digits(True), level])
    made.decoder = tokenizers.decoders.ByteLevel()
    made.train_from_iterator([TEXT + "0123456789"], tokenizers.trainers.BpeTrainer(
        vocab_size=250, show_progress=False, special_tokens=SPECIALS))  # fmt: skip
    return made


def template(made: Any, mark: str) -> Any:
    return tokenizers.processors.TemplateProcessing(
        single=f"{mark} $A", special_tokens=[(mark, made.token_to_id(mark))]
    )


MADE: dict[str, Callable[[], Any]] = {
    "bytes_bpe": bytes_bpe, "unigram": unigram, "wordpiece": wordpiece, "words": words, "ends_of_words": ends_of_words,
    "nfc_level": nfc_level, "digits_level": digits_level,
}  # fmt: skip


@cache
def both(kind: str) -> tuple[Any, Tokenizer]:
    """transformers' tokenizer of a folder, and ours of the same."""
    folder = Path(mkdtemp())
    names = (
        {"bos_token": "[CLS]", "eos_token": "[SEP]"}
        if kind == "wordpiece"
        else {"bos_token": "<s>", "eos_token": "</s>"}
    )
    made = MADE[kind]()
    theirs = written(folder, made, settings={**names, "tokenizer_class": "PreTrainedTokenizerFast"})
    return theirs, Tokenizer.load(folder)


kinds = pytest.mark.parametrize("kind", MADE)
texts = st.one_of(st.text(), st.lists(st.sampled_from([
    "the", " cat", "The", "今天", "很好", "  ", "\n", "é", "e\u0301", "🙂", "\u200d", "ﬁ", "①", "\x00", "\x7f", "ſ",
    "<|user|>", "[MASK]", "1", "23", ".", "'", "▁", "𠮷", "\ufffd", "İ", "ß", "\xad",
    "\xa0"]), max_size=12).map("".join))  # fmt: skip


@kinds
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_ids_are_those_of_transformers(kind: str, data: st.DataObject) -> None:
    theirs, ours = both(kind)
    for text in [data.draw(texts)]:
        text = clean(text)[0]
        if not any(mark in text for mark in ("</s>", "[SEP]")):
            assert ours.encode(text) == theirs(text).input_ids
        assert ours.encode(text, end_marks=True) == theirs(text).input_ids


@kinds
def test_ids_of_hard_texts(kind: str) -> None:
    theirs, ours = both(kind)
    assert isinstance(ours, LibraryTokenizer)
    for text in (clean(text)[0] for text in HARD):
        assert ours.encode(text, end_marks=True) == theirs(text).input_ids, text
        assert not ours.ends & set(ours.encode(text))
        assert not {token.id for token in ours._library.added} - ours._unknown & set(ours.encode_plain(text)), text


@kinds
@settings(deadline=None, max_examples=150)
@example(text="Hello  é 好\x00")
@given(text=texts)
def test_a_text_comes_back_or_the_change_is_told(kind: str, text: str) -> None:
    """And every character that was typed is in some token's place, or in a change."""
    _, ours = both(kind)
    typed = clean(text)[0]
    found = ours.changes(text)
    read = ours.decode_bytes(ours.encode(text, add_special_tokens=False))
    assert bool(found) is (read != typed.encode())
    for change in found:
        assert change.typed == typed[change.start : change.end]
        assert change.typed != change.read or "\ufffd" in typed
    covered = {place for token in ours.placed(text) for place in range(token.start, token.end)}
    told = {place for change in found for place in range(change.start, change.end)}
    silent = [typed[place] for place in range(len(typed)) if place not in covered | told]
    assert not "".join(silent).strip()


@kinds
@settings(deadline=None, max_examples=100)
@given(text=texts)
def test_tokens_have_bytes_text_and_place(kind: str, text: str) -> None:
    _, ours = both(kind)
    tokens = ours.tokens(text)
    whole = b"".join(token.bytes for token in tokens).decode("utf-8", "replace")
    assert whole == ours.decode(ours.encode(text))
    for token in tokens:
        assert token.bytes == ours.token_bytes(token.id)
        assert token.text is None or token.text == whole[token.start : token.end]
        assert label(token)
    assert "".join(whole[group.start : group.end] for group in groups(tokens)) == whole


def test_spaces_and_bytes_are_shown_as_everywhere() -> None:
    """▁ is a space before a word, <0xF0> a byte of 🙂; the four are one group."""
    ours = both("bytes_bpe")[1]
    tokens = ours.tokens(ours.encode("the 🙂", add_special_tokens=False))
    assert [label(token) for token in tokens] == ["·the", "·", "F0", "9F", "99", "82"]
    assert [group.text for group in groups(tokens)] == [" the", " ", "🙂"]
    assert ours.decode(ours.encode("the 🙂")[:-1]) == "<s> the \ufffd"


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("bytes_bpe", "the cat", [("space", "the", " the")]),
        ("bytes_bpe", "🙂", [("space", "🙂", " 🙂")]),
        ("unigram", " the caｔ", [("altered", "aｔ", "at")]),
        ("wordpiece", " the Cat", [("altered", " Cat", " cat")]),
        ("wordpiece", " the\x00 cat", [("dropped", "\x00", "")]),
        ("wordpiece", " the 🙂 cat", [("unknown", "🙂", "[UNK]")]),
        ("wordpiece", "今天", []),
        ("wordpiece", "今 天", [("space", " 天", "天")]),
        ("words", " the  DOG", [("unknown", "DOG", "<unk>")]),
        ("nfc_level", "e\u0301", [("altered", "e\u0301", "é")]),
        ("nfc_level", "the\n\n cat 🙂", []),
        ("digits_level", "the 12 cat", []),
        ("digits_level", "the\x04 cat", [("dropped", "\x04", "")]),
    ],
)
def test_what_is_changed_is_told(kind: str, text: str, told: list[tuple[str, str, str]]) -> None:
    assert [change[:3] for change in both(kind)[1].changes(text)] == told


@kinds
def test_saving_keeps_it(kind: str, tmp_path: Path) -> None:
    _, ours = both(kind)
    ours.save(tmp_path)
    again = Tokenizer.load(tmp_path)
    for text in HARD:
        assert again.encode(text) == ours.encode(text)
    assert (again.ends, again.begin_of_text, again.end_of_text) == (ours.ends, ours.begin_of_text, ours.end_of_text)
    assert again.fingerprint == ours.fingerprint


def test_a_text_begins_where_the_template_says() -> None:
    for kind, mark in (("bytes_bpe", "<s>"), ("wordpiece", "[CLS]"), ("unigram", None)):
        theirs, ours = both(kind)
        assert ours.encode("")[:1] == ([] if mark is None else [theirs.convert_tokens_to_ids(mark)])
        assert ours.begin_of_text == theirs.bos_token_id
        assert ours.ends == {theirs.eos_token_id}
        assert all(ours.is_special(number) for number in ours.encode(""))


def llama(folder: Path, **settings: Any) -> Any:
    return written(folder, bytes_bpe(), settings={"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
                                                  "tokenizer_class": "LlamaTokenizer", **settings})  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [{}, {"legacy": True}, {"legacy": False, "add_bos_token": True}, {"add_bos_token": False},
     {"add_bos_token": True, "add_eos_token": False}, {"add_prefix_space": False}],
)  # fmt: skip
def test_llamas_class_has_its_own_way(tmp_path: Path, options: dict[str, Any]) -> None:
    llama(tmp_path)
    path = tmp_path / "tokenizer_config.json"
    about = {name: value for name, value in json.loads(path.read_text()).items() if name not in options}
    path.write_text(json.dumps({**about, "tokenizer_class": "LlamaTokenizer", **options}))
    theirs, ours = transformers.AutoTokenizer.from_pretrained(tmp_path), Tokenizer.load(tmp_path)
    assert type(theirs).__name__ == "LlamaTokenizer"
    for text in (clean(text)[0] for text in HARD):
        assert ours.encode(text, end_marks=True) == theirs(text).input_ids, text


@pytest.mark.parametrize("model_type", ["mistral", "mixtral", "olmo2", "phi3", "llama", "qwen3"])
def test_some_models_run_the_file_as_it_is_written(tmp_path: Path, model_type: str) -> None:
    """Whatever class is named beside it: after a mark in the text the two ways differ."""
    llama(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "LlamaTokenizer", "eos_token": "</s>"}')
    (tmp_path / "config.json").write_text(json.dumps({"model_type": model_type}))
    theirs, ours = transformers.AutoTokenizer.from_pretrained(tmp_path), Tokenizer.load(tmp_path)
    for text in (clean(text)[0] for text in HARD):
        assert ours.encode(text, end_marks=True) == theirs(text).input_ids, text


@pytest.mark.parametrize(
    ("kind", "name", "model_type"),
    [("nfc_level", "GPTNeoXTokenizer", "gpt_neox"), ("nfc_qwen", "Qwen2Tokenizer", "qwen2"),
     ("digits_level", "GPT2Tokenizer", "llama")],
)  # fmt: skip
def test_a_file_that_says_what_its_class_does(tmp_path: Path, kind: str, name: str, model_type: str) -> None:
    """Pythia's, Qwen's, SmolLM's; also where it leaves out what is so anyway."""
    made = nfc_level() if kind.startswith("nfc") else digits_level()
    if kind == "nfc_qwen":
        steps = tokenizers.pre_tokenizers
        split = steps.Split(tokenizers.Regex(QWEN2_PATTERN), "isolated")
        made.pre_tokenizer = steps.Sequence([split, steps.ByteLevel(add_prefix_space=False, use_regex=False)])
    about = json.loads(made.to_str())
    if kind == "nfc_level":
        about["pre_tokenizer"] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    (tmp_path / "tokenizer.json").write_text(json.dumps(about), encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": name, "eos_token": "</s>"}))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": model_type}))
    theirs, ours = transformers.AutoTokenizer.from_pretrained(tmp_path), Tokenizer.load(tmp_path)
    for text in (clean(text)[0] for text in HARD if kind != "digits_level" or not any(c.isdigit() for c in text)):
        assert ours.encode(text, end_marks=True) == theirs(text).input_ids, text


@pytest.mark.parametrize(
    "options", [{}, {"do_lower_case": False}, {"tokenize_chinese_chars": False}, {"strip_accents": False},
                {"do_lower_case": False, "strip_accents": True}],
)  # fmt: skip
@pytest.mark.parametrize("where", ["tokenizer_config", "config"])
def test_a_vocab_txt_is_berts(tmp_path: Path, options: dict[str, Any], where: str) -> None:
    """As Chinese GPT-2s have it: [CLS] begins a text, and [SEP] ends it."""
    names = wordpiece().get_vocab()
    lines = "".join(f"{name}\n" for name in sorted(names, key=names.__getitem__))
    (tmp_path / "vocab.txt").write_text(lines, encoding="utf-8")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "gpt2", "tokenizer_class": "BertTokenizer"}))
    settings = options | ({"tokenizer_class": "BertTokenizer"} if where == "tokenizer_config" else {})
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    theirs, ours = transformers.BertTokenizer.from_pretrained(tmp_path), Tokenizer.load(tmp_path)
    for text in (clean(text)[0] for text in HARD):
        wanted = theirs(text).input_ids
        assert ours.encode(text, end_marks=True) == wanted[:-1], text  # nothing goes on behind [SEP]
    assert wanted[-1] == ours.end_of_text == names["[SEP]"]
    assert ours.begin_of_text == names["[CLS]"]
    if not options:
        assert ours.decode(ours.encode("我今天很好", add_special_tokens=False)) == "我今天很好"


REFUSED = [
    ({"normalizer": {"type": "New"}}, "normalizer New"),
    ({"normalizer": {"type": "NFC", "more": 1}}, "NFC more"),
    ({"pre_tokenizer": {"type": "FixedLength", "length": 5}}, "pre_tokenizer FixedLength"),
    ({"decoder": {"type": "CTC"}}, "decoder CTC"),
    ({"post_processor": {"type": "New"}}, "post_processor New"),
    ({"more": {}}, "more"),
    ({"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}] * 50}}, "steps"),
    ({"normalizer": {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 101}}, "Replace content"),
    ({"normalizer": {"type": "Sequence", "normalizers": [
        {"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}] * 10}}, "grows"),
    ({"normalizer": {"type": "Replace", "pattern": {"Regex": "(a+)+$"}, "content": ""}}, "too long"),
    ({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(?:a{900}){900}"}, "behavior": "Isolated",
                        "invert": False}}, "pattern"),
    ({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA/////w=="}}, "steps that fail"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "named"), REFUSED)
def test_what_is_not_known_is_refused_by_name(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    about = json.loads(unigram().to_str()) | change
    (tmp_path / "tokenizer.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(WeightsError) as caught:
        Tokenizer.load(tmp_path)
    assert caught.value.key == "tokenizer.unsupported"
    assert named in caught.value.say("en")


@pytest.mark.parametrize("name", ["T5Tokenizer", "AlbertTokenizer", "BertTokenizer", "LlamaTokenizer"])
def test_a_class_that_would_do_something_else_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "tokenizer.json").write_text(unigram().to_str(), encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": name}))
    with pytest.raises(WeightsError) as caught:
        Tokenizer.load(tmp_path)
    assert name in caught.value.say("en")
