"""What the library ``tokenizers`` may be asked to run: each of its steps that is known here, with bounds.

A list of what is known to be right, as in ``tokens.tokenizer_json``: a kind of step, or a setting of one, that is not
on it is refused by its name, since what it does to a text could then neither be shown nor bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gptviz.errors import FileError
from gptviz.schema import Anything, Either, Entries, Flag, Number, Record, Rule, Text, Whole
from gptviz.tokens.vocabulary_files import ID, LONGEST_PATTERN, MOST_IDS, NAME, VOCAB, damaged, unsupported

_FLAG, _SHORT = Either(Flag(), None), Text(100)
_PATTERN = Either(Record({"String": Text(100, least=1)}, needed=("String",), closed=True),
                  Record({"Regex": Text(LONGEST_PATTERN, least=1)}, needed=("Regex",), closed=True))  # fmt: skip
_BEHAVIOR = Text(20)
_MARK = Entries(Anything(), 2)
_SPECIAL = Entries(Record({"ids": Entries(ID, 100)}, needed=("ids",)), 100, keys=NAME)
_LEVEL: dict[str, Rule] = {"add_prefix_space": Flag(), "trim_offsets": Flag(), "use_regex": Flag()}
_SPACE: dict[str, Rule] = {"replacement": Text(1, least=1), "prepend_scheme": Text(10), "add_prefix_space": Flag(),
                           "str_rep": Text(1, least=1), "split": Flag()}  # fmt: skip
_REPLACE: dict[str, Rule] = {"pattern": _PATTERN, "content": _SHORT}
_CHARSMAP = 2**22  # characters of base64; the largest known has 316 kB

#: By place: the kinds of steps, and the settings that each may have.
STEPS: dict[str, dict[str, dict[str, Rule]]] = {
    "normalizer": {
        **{kind: {} for kind in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Nmt", "StripAccents", "ByteLevel")},
        "Strip": {"strip_left": Flag(), "strip_right": Flag()}, "Replace": _REPLACE, "Prepend": {"prepend": _SHORT},
        "BertNormalizer": dict.fromkeys(("clean_text", "handle_chinese_chars", "strip_accents", "lowercase"), _FLAG),
        "Precompiled": {"precompiled_charsmap": Either(Text(_CHARSMAP), None)},
    },
    "pre_tokenizer": {
        **{kind: {} for kind in ("Whitespace", "WhitespaceSplit", "BertPreTokenizer", "UnicodeScripts")},
        "ByteLevel": _LEVEL, "Metaspace": _SPACE, "Digits": {"individual_digits": Flag()},
        "Split": {"pattern": _PATTERN, "behavior": _BEHAVIOR, "invert": Flag()},
        "Punctuation": {"behavior": _BEHAVIOR}, "CharDelimiterSplit": {"delimiter": Text(1, least=1)},
    },
    "post_processor": {
        "ByteLevel": _LEVEL,
        "TemplateProcessing": {"single": Entries(Record({}), 100), "pair": Anything(), "special_tokens": _SPECIAL},
        "BertProcessing": {"sep": _MARK, "cls": _MARK},
        "RobertaProcessing": {"sep": _MARK, "cls": _MARK, "trim_offsets": Flag(), "add_prefix_space": Flag()},
    },
    "decoder": {
        **{kind: {} for kind in ("ByteFallback", "Fuse")},
        "ByteLevel": _LEVEL, "Metaspace": _SPACE, "WordPiece": {"prefix": _SHORT, "cleanup": Flag()},
        "BPEDecoder": {"suffix": _SHORT}, "Replace": _REPLACE,
        "Strip": {"content": Text(1, least=1), "start": Whole(0, 10), "stop": Whole(0, 10)},
    },
}  # fmt: skip
_LISTS = {"normalizer": "normalizers", "pre_tokenizer": "pretokenizers", "post_processor": "processors",
          "decoder": "decoders"}  # fmt: skip
#: Settings without which a step is none.
_NEEDED = {"Replace": ("pattern", "content"), "Split": ("pattern", "behavior"), "Prepend": ("prepend",),
           "BertProcessing": ("sep", "cls"), "RobertaProcessing": ("sep", "cls"),
           "TemplateProcessing": ("single", "special_tokens")}  # fmt: skip
_MOST_STEPS, _MOST_TIMES = 20, 100

_MERGE = Either(Text(2**17 + 1), Entries(NAME, 2))
_SCORED = Entries(Entries(Either(Number(-1e30, 1e30), Text(2**16)), 2), MOST_IDS)
_UNKNOWN = Either(Text(1000), None)
#: The models, and what each is made of.
MODELS: dict[str, Record] = {
    "BPE": Record({
        "type": Anything(), "vocab": VOCAB, "merges": Entries(_MERGE, MOST_IDS), "unk_token": _UNKNOWN,
        "dropout": Either(Number(0, 0), None), "fuse_unk": _FLAG, "byte_fallback": _FLAG, "ignore_merges": _FLAG,
        "continuing_subword_prefix": Either(_SHORT, None), "end_of_word_suffix": Either(_SHORT, None),
    }, needed=("vocab", "merges"), closed=True),
    "Unigram": Record({
        "type": Anything(), "vocab": _SCORED, "unk_id": Either(ID, None), "byte_fallback": _FLAG,
    }, needed=("vocab",), closed=True),
    "WordPiece": Record({
        "type": Anything(), "vocab": VOCAB, "unk_token": Text(1000, least=1), "continuing_subword_prefix": _SHORT,
        "max_input_chars_per_word": Whole(1, 10_000),
    }, needed=("vocab", "unk_token"), closed=True),
    "WordLevel": Record({"type": Anything(), "vocab": VOCAB, "unk_token": Text(1000)},
                        needed=("vocab", "unk_token"), closed=True),
}  # fmt: skip


def steps(path: Path, place: str, part: Any) -> list[dict[str, Any]]:
    """The steps of one part of the pipeline in order, sequences opened; raises WeightsError for what is not known."""
    found = list(_opened(path, place, part, 0))
    if len(found) > _MOST_STEPS:
        raise unsupported(path, f"{place}: {len(found)} steps")
    for step in found:
        kind = str(step.get("type"))[:100]
        rules = STEPS[place].get(kind)
        if rules is None:
            raise unsupported(path, f"{place} {kind}")
        for name, value in step.items():
            try:
                Record({"type": Anything(), **rules}, closed=True).check({name: value})
            except FileError as error:
                raise unsupported(path, f"{kind} {name}"[:200]) from error
        absent = next((name for name in _NEEDED.get(kind, ()) if name not in step), None)
        if absent is not None:
            raise damaged(path, FileError("file.absent", where=f"{place}.{absent}"))
    return found


def _opened(path: Path, place: str, part: Any, depth: int) -> Iterator[dict[str, Any]]:
    if part is None:
        return
    if not isinstance(part, dict):
        raise damaged(path, TypeError(f"{place}: not an object"))
    if part.get("type") != "Sequence":
        yield part
        return
    inner = part.get(_LISTS[place])
    if depth > 5 or part.keys() != {"type", _LISTS[place]} or not isinstance(inner, list):
        raise unsupported(path, f"{place} Sequence")
    for one in inner[: _MOST_STEPS + 1]:
        yield from _opened(path, place, one, depth + 1)


def require_no_growth(path: Path, normalizer: Sequence[Mapping[str, Any]]) -> None:
    """Raise WeightsError where replacements, one after the other, could make a text hundreds of times as long."""
    times = 1
    for step in normalizer:
        if step["type"] == "Replace":
            times *= max(1, -(-len(step["content"]) // len(step["pattern"].get("String", "x"))))
        if times > _MOST_TIMES:
            raise unsupported(path, f"normalizer: a text that grows to {times} times its length")


def names_of(path: Path, model: Mapping[str, Any]) -> dict[str, int]:
    """The tokens of a model by name. Raises WeightsError where a name or an id is there twice, or none at all."""
    if model.get("type") == "Unigram":
        pairs = model["vocab"]
        if not all(len(p) == 2 and isinstance(p[0], str) and not isinstance(p[1], str) for p in pairs):
            raise damaged(path, ValueError("vocab: not pairs of a piece and its score"))
        found = {name: number for number, (name, _) in enumerate(pairs)}
        if len(found) < len(pairs):
            raise damaged(path, ValueError("vocab: a piece that is there twice"))
    else:
        found = dict(model["vocab"])
        if len(set(found.values())) < len(found):
            raise damaged(path, ValueError("one id for two tokens"))
    if not found:
        raise damaged(path, ValueError("vocab: empty"))
    return found


def patterns_of(parts: Mapping[str, Any]) -> list[str]:
    """All regular expressions that stand in a pipeline's steps."""
    found: list[str] = []
    left = [parts.get("normalizer"), parts.get("pre_tokenizer"), parts.get("decoder")]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            found += [value["Regex"]] if isinstance(value.get("Regex"), str) else []
            left += value.values()
        elif isinstance(value, list):
            left += value
    return found
