"""Prompts: how one is read, the examples offered, which vocabulary a path belongs to. Pure: no Streamlit here."""

from __future__ import annotations

from typing import Any, TypedDict
from zlib import crc32

from gptviz.errors import GptvizError
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.recipes.builder import Marked
from gptviz.tokens.labels import label
from gptviz.tokens.reading import KINDS
from gptviz.ui.controls import choice
from gptviz.ui.kept import kept
from gptviz.ui.limits import most_tokens
from gptviz.views.distribution import token_label

STEPS = 8  # in so many the window moves on
_EXAMPLES, _SHOWN = 3, 20  # of changes in a note, and of characters in each


def window(lm: LanguageModel) -> int:
    """How many tokens are read at a time: the model's context, or less so that pictures stay pictures."""
    return min(lm.config.block_size, most_tokens())


#: Whether a text is read after the model's start mark (``<|endoftext|>``, ``<s>``): as its own tokenizer has it (and
#: so ``lm.trace(text)``, the shell, and transformers' ``tokenizer(text)``), always, or never.
START: dict[str, bool | None] = {"usual": None, "on": True, "off": False}


class Start(TypedDict):
    """The mark that a text can be read after, as pages show it."""

    id: int
    label: str
    on: bool
    usual: bool  # whether the model's own tokenizer puts it there


def start_control() -> Any:
    """The control of the start mark, which every page has that reads a text; it goes with the visitor."""
    return choice("usual", tuple(START), query="start", seldom=True, shared=True)


def starts(lm: LanguageModel, start: str) -> bool:
    """Whether texts are read after the mark, with the control at ``start``."""
    wanted = START[start]
    return lm.tokenizer.start is not None and (lm.tokenizer.starts if wanted is None else wanted)


def start_mark(lm: LanguageModel, start: str) -> Start | None:
    """The mark as it is shown; None where the model has none."""
    mark = lm.tokenizer.start
    if mark is None:
        return None
    label = token_label(lm.tokenizer, mark)
    return {"id": mark, "label": label, "on": starts(lm, start), "usual": lm.tokenizer.starts}


def quoted(lm: LanguageModel, text: str, start: str) -> str | Marked:
    """What a recipe reads ``text`` as: where the control says what the tokenizer does anyway, the text alone."""
    return text if starts(lm, start) == lm.tokenizer.starts else Marked(text, starts(lm, start))


def prompt_ids(lm: LanguageModel, text: str, start: str = "usual") -> tuple[tuple[int, ...], int]:
    """(ids that are read, how many tokens were left out before them); none where the model cannot read the text.

    The start mark stands where a text begins: where that is left out, so is the mark. What is left out grows by an
    eighth of the window at once, not token by token: so the beginning of what is read stays the same for a while, and
    the next key of a long text costs one token too and not all of them.
    """
    try:
        ids = lm.tokenizer.encode(text, start=START[start]) if text else []
    except GptvizError:
        return (), 0
    over, step = max(0, len(ids) - window(lm)), max(1, window(lm) // STEPS)
    left_out = -(-over // step) * step
    return tuple(ids[left_out:]), left_out


def unreadable(lm: LanguageModel, text: str) -> GptvizError | None:
    """Why the model cannot read ``text``, if so: a model of single characters knows only those it was trained on."""
    try:
        lm.tokenizer.encode(text)
    except GptvizError as error:
        return error
    return None


def rewritten(lm: LanguageModel, text: str, lang: str) -> list[tuple[str, str, dict[str, str]]]:
    """Where the tokenizer reads something else than was typed: a note for each kind of change, with examples."""
    found: list[tuple[str, str, dict[str, str]]] = []
    changes = lm.tokenizer.changes(text) if lm.tokenizer.rewrites else ()
    for kind in KINDS if changes else ():
        pairs = dict.fromkeys((change.typed, change.read) for change in changes if change.kind == kind)
        if pairs:
            shown = [_pair(typed, read, kind, lang) for typed, read in list(pairs)[:_EXAMPLES]]
            listed = translate("reading.comma", lang).join(shown + ["…"] * (len(pairs) > _EXAMPLES))
            level = "warn" if kind in ("unknown", "dropped") else "info"
            found.append((level, f"note.read.{kind}", {"examples": listed}))
    return found


def _pair(typed: str, read: str, kind: str, lang: str) -> str:
    """One change as a note quotes it, blanks and what cannot be seen written visibly."""
    old, new = (label(part[:_SHOWN].encode()) + "…" * (len(part) > _SHOWN) for part in (typed, read))
    key = "note.read.one" if kind == "dropped" else "note.read.pair"
    return translate(key, lang, typed=old, read=new)


@kept(maxsize=8)
def vocabulary(lm: LanguageModel) -> str:
    """Which ids mean the same token: a path belongs to a vocabulary, not to a model."""
    tokens = (lm.tokenizer.token_bytes(token) for token in range(lm.tokenizer.vocab_size))
    return f"{lm.tokenizer.vocab_size}:{crc32(b'|'.join(tokens)):08x}"


def examples(lang: str) -> list[str]:
    """Example prompts, both languages among them; a line that begins with spaces belongs to the one before."""
    found: list[str] = []
    for line in translate("example.list", lang).strip("\n").split("\n"):
        if line.startswith(" ") and found:
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found
