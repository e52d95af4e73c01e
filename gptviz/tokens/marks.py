"""The ids that begin and end a text, from all the places of a folder that name them.

transformers ends a text at any ``eos_token_id`` of ``generation_config.json`` (``config.json`` where that has none), a
number or a list; ``tokenizer_config.json`` and ``special_tokens_map.json`` name a token. A text ends at each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gptviz.errors import WeightsError
from gptviz.schema import Either, Entries, Record, Whole
from gptviz.tokens.bpe import END_OF_TEXT
from gptviz.tokens.vocabulary_files import load_json

SPECIAL_TOKENS = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
GENERATION, CONFIG = "generation_config.json", "config.json"
#: Where no file names an end: tokens that are one by their name.
USUAL_ENDS = (END_OF_TEXT, "</s>", "<|end_of_text|>", "<|im_end|>", "<eos>")
_ID = Whole(-1, 2**31)  # -1 and what lies behind the vocabulary are written by some, and mean none
_IDS = Either(_ID, Entries(_ID, 100), None)
_NAMED = Record({"eos_token_id": _IDS, "bos_token_id": _IDS})


class Marks(NamedTuple):
    """What the files name, as ids of the vocabulary."""

    ends: tuple[int, ...]  # every id that ends a text; the tokenizer's own first
    begin: int | None  # what stands before a text, if any place says so

    @property
    def end(self) -> int | None:
        """The end that is written when a text is to be ended."""
        return self.ends[0] if self.ends else None


def read_marks(folder: Path, settings: Mapping[str, Any], known: Mapping[str, int]) -> Marks:
    """The marks that a folder's files name; ``known`` are the ids of all tokens by name, added ones too."""
    there = set(known.values())
    generation = _numbers(folder / GENERATION)
    config = _numbers(folder / CONFIG)
    ends = [known.get(name_of(settings.get("eos_token")))]
    ends += generation["eos_token_id"] if "eos_token_id" in generation else config.get("eos_token_id", [])
    kept = tuple(dict.fromkeys(number for number in ends if number in there and number is not None))
    usual = next((known[name] for name in USUAL_ENDS if name in known), None)
    if not kept and not settings.get("eos_token") and usual is not None:
        kept = (usual,)
    begins = [known.get(name_of(settings.get("bos_token"))), *generation.get("bos_token_id", []),
              *config.get("bos_token_id", [])]  # fmt: skip
    return Marks(kept, next((number for number in begins if number is not None and number in there), None))


def name_of(token: Any) -> str:
    """The text of a token that a file gives as its text, or as an object with it."""
    return str(token.get("content", "")) if isinstance(token, dict) else str(token or "")


def _numbers(path: Path) -> dict[str, list[int]]:
    """``bos_token_id`` and ``eos_token_id`` as lists, where they are written."""
    if not path.is_file():
        return {}
    try:
        found = load_json(path, _NAMED)
    except WeightsError:
        if path.name == CONFIG:  # the model's loader says what is wrong there
            return {}
        raise
    given = {name: found[name] for name in ("eos_token_id", "bos_token_id") if found.get(name) is not None}
    return {name: value if isinstance(value, list) else [value] for name, value in given.items()}
