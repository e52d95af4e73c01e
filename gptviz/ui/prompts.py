"""Prompts: how one is read, the examples offered, which vocabulary a path belongs to. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypedDict
from zlib import crc32

from gptviz import chat
from gptviz.errors import GptvizError, PromptError
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.recipes.builder import Asked, Marked
from gptviz.tokens.labels import label
from gptviz.tokens.reading import KINDS
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.ui import controls
from gptviz.ui.controls import choice, count, flag
from gptviz.ui.kept import remembered
from gptviz.ui.limits import most_tokens
from gptviz.views.distribution import token_label

STEPS = 8  # in so many the window moves on
_EXAMPLES, _SHOWN = 3, 20  # of changes in a note, and of characters in each
SYSTEM = 500  # characters of a system line
_MOST = 100_000  # tokens of a text


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


class Chat(TypedDict):
    """The switch by which a text is read as a message, as pages show it."""

    on: bool


class How(NamedTuple):
    """How a text is read: after the start mark, or set into the model's chat template, after a system line."""

    start: str = "usual"
    chat: bool = False  # as a message; a model without a template reads it as a text all the same
    system: str = ""

    @property
    def told(self) -> str:
        """The system line; of one that is only white space, nothing."""
        return self.system if self.system.strip() else ""


AS_TEXT = How()


def how(view: Any) -> How:
    """What a page's controls say of it."""
    return How(view.start, view.chat, view.system)


def pos_control() -> Any:
    """The control of the position that is looked at, which goes with the visitor; None is the last one."""
    return count(None, 0, _MOST, nullable=True, shared=True)


def chat_control() -> Any:
    """The control that has a text read as a message; like the start mark it goes with the visitor."""
    return flag(False, query="chat", seldom=True, shared=True)


def system_control() -> Any:
    """The control of the system line."""
    return controls.text("", SYSTEM, query="system", seldom=True, shared=True)


def start_control() -> Any:
    """The control of the start mark, which every page has that reads a text; it goes with the visitor."""
    return choice("usual", tuple(START), query="start", seldom=True, shared=True)


def starts(lm: LanguageModel, start: str) -> bool:
    """Whether texts are read after the mark, with the control at ``start``."""
    wanted = START[start]
    return lm.tokenizer.start is not None and (lm.tokenizer.starts if wanted is None else wanted)


def chats(lm: LanguageModel, read: How) -> bool:
    """Whether texts are read as messages: that is wanted, and the model has a template for it."""
    return read.chat and lm.chat_template is not None


def settled(lm: LanguageModel, read: How) -> tuple[bool, bool, str]:
    """What of it makes a difference to this model: two that are read alike are equal."""
    asked = chats(lm, read)
    return asked, not asked and starts(lm, read.start), read.told if asked else ""


def start_mark(lm: LanguageModel, read: How) -> Start | None:
    """The mark as it is shown; None where the model has none, or its chat template says what stands first."""
    mark = lm.tokenizer.start
    if mark is None or chats(lm, read):
        return None
    label = token_label(lm.tokenizer, mark)
    return {"id": mark, "label": label, "on": starts(lm, read.start), "usual": lm.tokenizer.starts}


def chat_switch(lm: LanguageModel, read: How) -> Chat | None:
    """The switch as it is shown; None where the model has no chat template."""
    return None if lm.chat_template is None else {"on": read.chat}


def quoted(lm: LanguageModel, text: str, read: How) -> str | Marked | Asked:
    """What a recipe reads ``text`` as: where the control says what the tokenizer does anyway, the text alone."""
    if chats(lm, read):
        return Asked(text, read.told)
    wanted = starts(lm, read.start)
    return text if wanted == lm.tokenizer.starts else Marked(text, wanted)


def encoded(lm: LanguageModel, text: str, read: How = AS_TEXT) -> list[int]:
    """All ids of a text that is read so, none of an empty one. Raises PromptError where the model cannot read it."""
    if not text:
        return []
    if not chats(lm, read):
        return lm.tokenizer.encode(text, start=START[read.start])
    found = _asked(lm.tokenizer, lm.chat_template, text, read.told)
    if isinstance(found, PromptError):
        raise PromptError(found.key, **found.values)
    return list(found)


@lru_cache(maxsize=16)
def _asked(tokenizer: Tokenizer, template: str | None, text: str, system: str) -> tuple[int, ...] | PromptError:
    """The ids of a message, or why there are none: one picture asks several times, and a template may take long."""
    try:
        return tuple(chat.encode(tokenizer, template, Asked(text, system).messages, live=True))
    except PromptError as error:
        return error


def asked_for(lm: LanguageModel, ids: Sequence[int]) -> tuple[str, str] | None:
    """(text, system line) of which these are the ids as a message; None where they are no such ids."""
    found = lm.chat_template and chat.read(lm.tokenizer, lm.chat_template, lm.tokenizer.decode(ids))
    if not found:
        return None
    text, system = found
    try:
        return found if encoded(lm, text, How(chat=True, system=system)) == list(ids) else None
    except PromptError:
        return None


def prompt_ids(lm: LanguageModel, text: str, read: How = AS_TEXT) -> tuple[tuple[int, ...], int]:
    """(ids that are read, how many tokens were left out before them); none where the model cannot read the text.

    The start mark, or what a chat template begins with, stands where a text begins: where that is left out, so is the
    mark. What is left out grows by an eighth of the window at once, not token by token: so the beginning of what is
    read stays the same for a while, and the next key of a long text costs one token too and not all of them.
    """
    try:
        ids = encoded(lm, text, read)
    except GptvizError:
        return (), 0
    over, step = max(0, len(ids) - window(lm)), max(1, window(lm) // STEPS)
    left_out = -(-over // step) * step
    return tuple(ids[left_out:]), left_out


def unreadable(lm: LanguageModel, text: str, read: How = AS_TEXT) -> GptvizError | None:
    """Why the model cannot read ``text``, if so: a model of single characters knows only those it was trained on.

    Of a message it may be that the chat template cannot be filled in.
    """
    try:
        encoded(lm, text, read)
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


@remembered(maxsize=8)
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
