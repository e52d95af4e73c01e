"""The classes of transformers that build a tokenizer of their own, whatever stands beside the vocabulary in a file.

A folder names one in ``tokenizer_config.json``. Some are built here as there (Llama's, BERT's); of others a file is
taken as it stands where it says what the class would do; the rest is refused by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gptviz.errors import WeightsError
from gptviz.schema import Either, Record, Text
from gptviz.tokens.bpe import GPT2_PATTERN, PATTERN
from gptviz.tokens.huggingface import SETTINGS
from gptviz.tokens.marks import CONFIG, name_of
from gptviz.tokens.vocabulary_files import load_json, unsupported

#: How Llama 3 and Qwen 2 cut texts (their ``tokenizer.json``).
LLAMA3_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2_PATTERN = LLAMA3_PATTERN.replace("{1,3}", "")
#: Patterns that need no trial.
PATTERNS = (PATTERN, GPT2_PATTERN, LLAMA3_PATTERN, QWEN2_PATTERN, " {2,}")

_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
_SPLIT = {"type": "Split", "pattern": {"Regex": QWEN2_PATTERN}, "behavior": "Isolated", "invert": False}
#: Classes, and the (normalizer, pre-tokenizer) of files that say the same.
_SAME: dict[str, tuple[tuple[Any, Any], ...]] = {
    "GPT2Tokenizer": ((None, _LEVEL), (None, [{"type": "Digits", "individual_digits": True}, _LEVEL])),
    "GPTNeoXTokenizer": (({"type": "NFC"}, _LEVEL),),
    "Qwen2Tokenizer": (({"type": "NFC"}, [_SPLIT, _LEVEL | {"use_regex": False}]),),
}
_AS_WRITTEN = (None, "PreTrainedTokenizer", "TokenizersBackend")


def as_class(folder: Path, path: Path, about: dict[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """``about`` (a ``tokenizer.json``) as the class that the folder names would run it. Raises WeightsError."""
    given = settings.get("tokenizer_class") or _class_of_model(folder)
    name = None if given is None else str(given).removesuffix("Fast")
    kind, words = about["model"]["type"], path.suffix == ".txt"
    if name == "BertTokenizer" or (words and name is None):
        if kind == "WordPiece":
            return _bert(about, settings)
    elif name == "LlamaTokenizer" and kind == "BPE" and "ByteLevel" not in _kinds(about.get("pre_tokenizer")):
        return _llama(about, settings)
    elif settings.get("add_prefix_space") or (settings.get("add_eos_token") and words):
        raise unsupported(
            folder / SETTINGS, "add_prefix_space" if settings.get("add_prefix_space") else "add_eos_token"
        )
    elif not words and (name in _AS_WRITTEN or _level_llama(name, about) or _says_the_same(str(name), about)):
        return about
    raise unsupported(folder / SETTINGS, f"tokenizer_class {str(given)[:100]}")


def _class_of_model(folder: Path) -> str | None:
    """``tokenizer_class`` of ``config.json``, which older folders have instead."""
    try:
        rule = Record({"tokenizer_class": Either(Text(1000), None)})
        return load_json(folder / CONFIG, rule).get("tokenizer_class") if (folder / CONFIG).is_file() else None
    except WeightsError:
        return None  # the model's loader says what is wrong there


def _level_llama(name: str | None, about: Mapping[str, Any]) -> bool:
    """Llama 3's folders name Llama's class, and are byte-level: transformers runs those as they are written."""
    return name == "LlamaTokenizer" and "ByteLevel" in _kinds(about.get("pre_tokenizer"))


def _says_the_same(name: str, about: Mapping[str, Any]) -> bool:
    found = (_plain(about.get("normalizer")), _plain(about.get("pre_tokenizer")))
    return found in [(_plain(normal), _plain(before)) for normal, before in _SAME.get(name, ())]


def _plain(part: Any) -> list[dict[str, Any]]:
    """Steps as a list, without the settings that change no id."""
    if part is None:
        return []
    inner = (
        part
        if isinstance(part, list)
        else next((part[n] for n in ("normalizers", "pretokenizers") if n in part), [part])
    )
    return [{name: value for name, value in step.items() if name != "trim_offsets"} for step in inner]


def _kinds(part: Any) -> set[str]:
    return {step["type"] for step in _plain(part) if "type" in step}


def _bert(about: dict[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """BERT's own: clean, cut ideographs apart, small letters unless told otherwise; [CLS] before and [SEP] after."""
    normalizer = {
        "type": "BertNormalizer", "clean_text": True,
        "handle_chinese_chars": settings.get("tokenize_chinese_chars", True) is not False,
        "strip_accents": settings.get("strip_accents"), "lowercase": settings.get("do_lower_case", True) is not False,
    }  # fmt: skip
    vocab = about["model"]["vocab"]
    marks = [name_of(settings.get(name)) or usual for name, usual in (("cls_token", "[CLS]"), ("sep_token", "[SEP]"))]
    cls, sep = ([mark, vocab[mark]] if mark in vocab else None for mark in marks)
    post = {"type": "BertProcessing", "sep": sep, "cls": cls} if cls and sep else None
    return {**about, "normalizer": normalizer, "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": post,
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
            "added_tokens": _with_marks(about, vocab, {"[UNK]", "[PAD]", "[MASK]", *marks})}  # fmt: skip


def _llama(about: dict[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Llama's own: ▁ for a space, one before the text, bytes for what is not in the vocabulary."""
    vocab = about["model"]["vocab"]
    model = {"type": "BPE", "vocab": vocab, "merges": about["model"]["merges"], "fuse_unk": True, "byte_fallback": True,
             "dropout": None, "unk_token": None}  # fmt: skip
    first = "always" if settings.get("legacy") else "first"
    scheme = "never" if settings.get("add_prefix_space") is False else first
    usual = (("unk_token", "<unk>"), ("bos_token", "<s>"), ("eos_token", "</s>"))
    marks = {name_of(settings.get(name)) or mark for name, mark in usual}
    return {**about, **spaces(scheme), "model": model, "added_tokens": _with_marks(about, vocab, marks)}


def _with_marks(about: Mapping[str, Any], vocab: Mapping[str, int], marks: set[str]) -> list[dict[str, Any]]:
    """The added tokens of a file, and with them the marks that a class adds where its vocabulary has them."""
    listed = list(about.get("added_tokens") or ())
    flags = {"special": True, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    more = (marks & vocab.keys()) - {token["content"] for token in listed}
    return [*listed, *({"content": mark, "id": vocab[mark], **flags} for mark in sorted(more, key=vocab.__getitem__))]


def spaces(scheme: str) -> dict[str, Any]:
    """Before and after a model whose tokens write spaces as ▁, and bytes as <0xE4>."""
    decoders = [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
                {"type": "Fuse"}]  # fmt: skip
    if scheme != "never":
        decoders.append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
    return {
        "normalizer": None,
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": False},
        "decoder": {"type": "Sequence", "decoders": decoders},
    }
