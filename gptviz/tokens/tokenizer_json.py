"""``tokenizer.json``: byte-level BPE and a list of what may stand beside it.

The list is of what is known to be right, not of what is known to be wrong: what is not on it is refused by its name,
since it could change the ids of a text (``tokenizers`` has some forty kinds of steps, and gets new ones).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gptviz.errors import FileError
from gptviz.schema import Anything, Either, Entries, Flag, Number, Record, Rule, Text
from gptviz.tokens.bpe import GPT2_PATTERN
from gptviz.tokens.vocabulary_files import (
    ADDED,
    ID,
    LONGEST_NAME,
    LONGEST_PATTERN,
    MOST_IDS,
    NAME,
    VOCAB,
    damaged,
    load_json,
    require_harmless,
    unsupported,
)

_MERGE = Either(Text(2 * LONGEST_NAME + 1), Entries(NAME, 2))
_SHAPE = Record({
    "model": Record({"vocab": VOCAB, "merges": Entries(_MERGE, MOST_IDS), "type": Text(LONGEST_NAME)}),
    "added_tokens": Either(Entries(ADDED, MOST_IDS), None),
    **dict.fromkeys(("normalizer", "pre_tokenizer", "post_processor", "decoder"), Either(Record({}), None)),
}, needed=("model",))  # fmt: skip
_ANY_MODEL = Record({"model": Record({"type": Either(Text(LONGEST_NAME), None)})}, needed=("model",))
_FLAG = Either(Flag(), None)

#: What may stand in ``tokenizer.json``, with all that changes no id; anything else is refused by name.
_SPECIAL = Entries(Record({"ids": Entries(ID, 100)}, needed=("ids",)), 100, keys=NAME)
_LEVEL: dict[str, Rule] = {"add_prefix_space": Flag(), "trim_offsets": Flag(), "use_regex": Flag()}
_PARTS: dict[str, dict[str, Rule]] = {
    "": dict.fromkeys(("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
                       "post_processor", "decoder", "model"), Anything()),
    "model": {"type": Anything(), "vocab": Anything(), "merges": Anything(), "unk_token": Anything(),
              "fuse_unk": Anything(), "dropout": Either(Number(0, 0), None), "byte_fallback": _FLAG,
              "continuing_subword_prefix": Either(Text(0), None), "end_of_word_suffix": Either(Text(0), None),
              "ignore_merges": _FLAG},
    "ByteLevel": _LEVEL,
    "Split": {"pattern": Record({"Regex": Text(LONGEST_PATTERN, least=1)}, needed=("Regex",), closed=True),
              "behavior": Text(20), "invert": Flag()},
    "TemplateProcessing": {"single": Entries(Record({}), 100), "pair": Anything(), "special_tokens": _SPECIAL},
}  # fmt: skip


def read_fast(path: Path) -> dict[str, Any]:
    """``tokenizer.json``: byte-level BPE, and nothing before, beside or after it that changes the ids of a text."""
    about: dict[str, Any] = load_json(path, _ANY_MODEL)
    kind = about["model"].get("type") or "BPE"
    if kind != "BPE" or "merges" not in about["model"]:
        raise unsupported(path, f"model {kind}")
    try:
        _SHAPE.check(about)
        Record({}, needed=("vocab",)).check(about["model"], "model")
    except FileError as error:
        raise damaged(path, error) from error
    _require_known(path, "", about)
    _require_known(path, "model", about["model"])
    for place, kinds in (("normalizer", ()), ("decoder", ("ByteLevel",))):
        for step in _steps(path, place, about.get(place)):
            if step.get("type") not in kinds:
                raise unsupported(path, f"{place} {step.get('type')}")
    return about


def _require_known(path: Path, place: str, part: Mapping[str, Any]) -> None:
    """Raise WeightsError for a setting that is not on the list, or does not have its plain value."""
    rules = _PARTS[place]
    for name, value in part.items():
        try:
            Record(rules, closed=True).check({name: value})
        except FileError as error:
            raise unsupported(path, f"{place} {name}".strip()[:200]) from error
    if part.get("byte_fallback"):
        raise unsupported(path, "byte_fallback")


def _steps(path: Path, place: str, part: Any) -> list[dict[str, Any]]:
    """A part of the pipeline as the list of its steps: none, itself, or those of a Sequence, in one level."""
    if part is None:
        return []
    if part.get("type") != "Sequence":
        return [part]
    lists = {"normalizer": "normalizers", "pre_tokenizer": "pretokenizers", "post_processor": "processors",
             "decoder": "decoders"}  # fmt: skip
    if part.keys() != {"type", lists[place]}:
        raise unsupported(path, f"{place} Sequence")
    steps = part[lists[place]]
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise damaged(path, TypeError(f"{place}: not a list of objects"))
    return steps


def _step(path: Path, step: Mapping[str, Any]) -> dict[str, Any]:
    """A step whose kind is known, its settings checked."""
    rest = {name: value for name, value in step.items() if name != "type"}
    _require_known(path, step["type"], rest)
    return rest


def pattern_of(path: Path, part: Any) -> str:
    """What cuts text into pieces: ByteLevel's own pattern (GPT-2's), or a Split before a ByteLevel without one."""
    steps = _steps(path, "pre_tokenizer", part)
    kinds = [step.get("type") for step in steps]
    if kinds not in (["ByteLevel"], ["Split", "ByteLevel"]):
        raise unsupported(path, f"pre_tokenizer {' + '.join(map(str, kinds))[:200]}")
    level = _step(path, steps[-1])
    if level.get("add_prefix_space", True):
        raise unsupported(path, "add_prefix_space")
    split = len(steps) == 2
    if level.get("use_regex", True) == split:
        raise unsupported(path, f"ByteLevel use_regex {not split}")
    if not split:
        return GPT2_PATTERN
    about = _step(path, steps[0])
    if about.get("behavior") != "Isolated" or about.get("invert"):
        raise unsupported(path, "this kind of Split")
    pattern = str(about.get("pattern", {}).get("Regex", ""))
    if not pattern or (odd := _ODD.search(pattern)):
        raise unsupported(path, f"{odd[0]} in a pattern" if pattern and odd else "this kind of Split")
    require_harmless(path, pattern)
    return pattern


#: What the regular expressions of ``tokenizers`` (Oniguruma) and of tiktoken read differently.
_ODD = re.compile(
    r"\\(?![pPsSdDrnt]|[^\w\s]|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})[\s\S]"  # letters escaped, such as \w and \h
    r"|\(\?(?![:=!]|<[=!]|i:|>)"  # groups other than plain ones, and those that look ahead or back
    r"|\{\d+(?:,\d*)?\}\+|&&|\[:"
    r"|(?<![\\\[])\^|(?<!\\)\$"
)


def template_of(path: Path, part: Any) -> tuple[int, ...]:
    """The ids that ``post_processor`` puts before a text; what puts any after it is refused: no text goes on there."""
    before: tuple[int, ...] = ()
    for step in _steps(path, "post_processor", part):
        kind = step.get("type")
        if kind == "ByteLevel":
            _step(path, step)
        elif kind == "TemplateProcessing" and not before:
            before = _before(path, _step(path, step))
        else:
            raise unsupported(path, f"post_processor {str(kind)[:100]}")
    return before


def _before(path: Path, about: Mapping[str, Any]) -> tuple[int, ...]:
    ids: list[int] = []
    single, special = about.get("single", []), about.get("special_tokens", {})
    for place, piece in enumerate(single):
        name = piece.get("SpecialToken", {})
        last = place == len(single) - 1
        if last and piece.keys() == {"Sequence"} and piece["Sequence"] == {"id": "A", "type_id": 0}:
            return tuple(ids)
        known = isinstance(name, dict) and isinstance(name.get("id"), str) and name["id"] in special
        if last or piece.keys() != {"SpecialToken"} or not known:
            break
        ids += special[name["id"]]["ids"]
    raise unsupported(path, "post_processor TemplateProcessing: what is not before the text alone")
