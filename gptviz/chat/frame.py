"""What a template writes around its messages, so that a key that is typed costs no process.

Filling in a template takes a tenth of a second, as a process of its own has to start. Most templates only set each
message's text between texts of their own: such a *frame* is found once, from what the template makes of texts that
stand nowhere else, and then filled in here. It is used only where that is seen to be the same: other texts (all
punctuation, white space at the edges, line breaks, long ones) have to come out so too, and a text that holds a word
which the template asks for (``{% if '</think>' in content %}``) is always given to the template.
"""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import product
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from gptviz.chat.rendering import rendered
from gptviz.errors import PromptError

FORGIVEN = 60.0  # seconds after which a template that has failed is tried again: the machine may have been busy
_MOST, _LONGEST = 64, 4  # frames kept; messages of one
_PLACES = 0xF0000  # and the characters after it: they stand for the messages' texts
_BLOCK = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_ROLE = re.compile(r"""(?:\[\s*(['"])role\1\s*\]|\.role)\s*[!=]=\s*(['"])\w+\2|\[\s*(['"])\w+\3\s*\]""")
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
#: What an expression that only joins texts has not.
_ASKS = re.compile(r"[|(<>=]|\b(?:if|in|is|not|and|or)\b")
_TRIED = ("x", string.punctuation + string.ascii_letters + string.digits, "  a \n b\n\n", "\n1. 你好，\n\n世界\t",
          "   ", "many words " * 500)  # fmt: skip


class Frame(NamedTuple):
    """A template's own texts, one before each message's and one after the last."""

    own: tuple[str, ...]
    trims: tuple[bool, ...]  # which messages' white space at the edges is taken away

    def filled(self, texts: Sequence[str]) -> str:
        """What the template writes with these messages."""
        said = [text.strip() if trims else text for text, trims in zip(texts, self.trims, strict=True)]
        return "".join(part for pair in zip(self.own, (*said, ""), strict=True) for part in pair)

    def read(self, text: str) -> tuple[str, ...] | None:
        """The messages' texts of what the template has written; None where it has not written that."""
        found = re.fullmatch("(.*?)".join(map(re.escape, self.own)), text, re.DOTALL)
        return found and found.groups()


class _Failed(NamedTuple):
    """A template that cannot be filled in, whatever is said; until when that is taken to be so."""

    key: str
    values: Mapping[str, Any]
    until: float


_kept: dict[tuple[str, str, date], Frame | _Failed | None] = {}
_lock = Lock()


def framed(template: str, values: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """As ``rendered``, at no cost where the template has a frame. Raises PromptError as that does."""
    found = [_one(template, value) for value in values]
    if any(text is None for text in found):
        return rendered(template, values)
    return tuple(text for text in found if text is not None)


def _one(template: str, value: Mapping[str, Any]) -> str | None:
    messages = value["messages"]
    texts = [message.get("content") for message in messages]
    if any(message.keys() != {"role", "content"} or not isinstance(message["content"], str) for message in messages):
        return None
    frame = frame_of(template, [message["role"] for message in messages], value)
    if frame is None or any(word in text for word in _words(template) for text in texts):
        return None
    return frame.filled(texts)


def frame_of(template: str, roles: Sequence[str], value: Mapping[str, Any]) -> Frame | None:
    """The frame for messages of these roles; None where there is none. Raises PromptError where nothing comes out."""
    rest = {name: given for name, given in value.items() if name != "messages"}
    key = (template, json.dumps([list(roles), rest]), date.today())  # some templates write what day it is
    with _lock:
        found = _kept.get(key)
    if key not in _kept or (isinstance(found, _Failed) and monotonic() > found.until):
        try:
            found = _found(template, roles, rest)
        except PromptError as error:
            found = _Failed(error.key, error.values, monotonic() + FORGIVEN)
        with _lock:
            _kept[key] = found
            while len(_kept) > _MOST:
                del _kept[next(iter(_kept))]
    if isinstance(found, _Failed):
        raise PromptError(found.key, **found.values)
    return found


def _found(template: str, roles: Sequence[str], rest: Mapping[str, Any]) -> Frame | None:
    count = len(roles)
    places = [chr(_PLACES + place) for place in range(count)]
    if not 0 < count <= _LONGEST or any(place in template for place in places):
        return None
    tried = [[_TRIED[(at + place) % len(_TRIED)] for place in range(count)] for at in range(len(_TRIED))]

    def given(texts: Sequence[str]) -> dict[str, Any]:
        return {"messages": [{"role": role, "content": text} for role, text in zip(roles, texts, strict=True)], **rest}

    try:
        first, *came = rendered(template, [given(texts) for texts in (places, *tried)])
    except PromptError:
        rendered(template, [given(places)])  # raises where it is the template, and not one of the texts
        return None
    own = re.split("|".join(places), first)
    if [c for c in first if c in places] != places or len(own) != count + 1:
        return None
    frames = (Frame(tuple(own), trims) for trims in product((False, True), repeat=count))
    return next((frame for frame in frames if [*map(frame.filled, tried)] == came), None)


@lru_cache(maxsize=16)
def _words(template: str) -> tuple[str, ...]:
    """What stands in quotation marks in a template where it may ask for it in a text; single characters are tried.

    Names of fields and roles are none, nor what is only written (``{{ '<|im_start|>' + role }}``).
    """
    found = set()
    for block in _BLOCK.findall(template):
        asked = _ROLE.sub(" ", block)
        if block.startswith("{{") and not _ASKS.search(_QUOTED.sub(" ", asked)):
            continue
        for match in _QUOTED.finditer(asked):
            try:
                word = ast.literal_eval(match[0].replace("\n", "\\n"))
            except (ValueError, SyntaxError):
                word = match[0][1:-1]
            if len(word) > 1:
                found.add(word)
    return tuple(sorted(found))
