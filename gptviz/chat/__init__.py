"""Chat is text: messages become one text by the template that a model brings, and that text becomes ids.

The marks that a template writes (``<|im_start|>``) become the ids that they are. What stands in a message stays text,
also where it spells the name of a mark: otherwise whoever writes a message could end it and speak for the model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gptviz.chat.frame import frame_of, framed
from gptviz.chat.rendering import LONGEST_TEXT, rendered
from gptviz.errors import PromptError, WeightsError
from gptviz.schema import Either, Entries, Record, Text
from gptviz.tokens.huggingface import CHAT, SETTINGS
from gptviz.tokens.pieces import clean
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tokens.vocabulary_files import load_json, load_text

Message = Mapping[str, Any]
_ROLE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,40}")
_MOST, _DEEP = 1000, 20  # messages; objects in one another
_PRIVATE = range(0x100000, 0x10FFFD)  # characters that no text means anything by
_NAMED = Record({"name": Text(1000), "template": Text(2**20)}, needed=("name", "template"))
_TEMPLATE = Text(2**20)
_BY_NAME = Entries(_TEMPLATE, 100, keys=Text(1000))
_SETTINGS = Record({"chat_template": Either(_TEMPLATE, Entries(_NAMED, 100), _BY_NAME, None)})


def read_template(folder: Path) -> str | None:
    """The chat template of a model's folder, in ``chat_template.jinja`` or ``tokenizer_config.json``, if it has one.

    Of several the one called "default", as in transformers. Raises WeightsError for a damaged file.
    """
    if (folder / CHAT).is_file():
        return load_text(folder / CHAT) or None
    if not (folder / SETTINGS).is_file():
        return None
    found = load_json(folder / SETTINGS, _SETTINGS).get("chat_template")
    if isinstance(found, list):
        found = {one["name"]: one["template"] for one in found}
    if isinstance(found, dict):
        found = found.get("default")
    return found or None


def encode(tokenizer: Tokenizer, template: str | None, messages: Sequence[Message], *,
           add_generation_prompt: bool = True, live: bool = False) -> list[int]:  # fmt: skip
    """The ids of ``messages``, each a dict with ``role`` and ``content``, as transformers' ``apply_chat_template``.

    There is one difference, on purpose: the name of a mark inside a message is plain text. It is found like this:
    before the template is filled in, each name in a message is put between two characters that stand nowhere else, and
    so is each beginning or end of one at the message's edge; where they lie in the text that comes out, no mark begins.
    A template may cut and move what a message says, and they go with it. If it rewrites it, so that a name comes to be
    that was none (``| lower``), there are more marks than with a harmless message, and that is refused.

    ``live``: where the template only sets texts between its own, as is tried out once, no process is started for it
    (see ``chat.frame``): for a message that is being typed.

    Raises PromptError where there is no template, it fails or costs too much, or a message is none.
    """
    if template is None:
        raise PromptError("chat.none")
    names = sorted({token.content for token in tokenizer.added if token.content}, key=len, reverse=True)
    plain = _checked(messages)
    opening, closing = _unused(template, plain)
    marked = [_each(message, lambda text: _marked(text, names, opening, closing)) for message in plain]
    harmless = [_each(message, _harmless) for message in plain]
    given = _given(tokenizer, add_generation_prompt)
    fill = framed if live else rendered
    text, control = fill(template, [{"messages": said, **given} for said in (marked, harmless)])
    parts = list(_parts(text, names, opening, closing))
    if _count(parts, names) > _count([(control, True)], names):
        raise PromptError("chat.changed")
    return _ids(tokenizer, parts)


def read(tokenizer: Tokenizer, template: str, text: str) -> tuple[str, str] | None:
    """(what is asked, the system line or none) where ``text`` is a chat of that alone, as ``encode`` makes it.

    None where it is not, or that cannot be told of this template.
    """
    for roles in (["user"], ["system", "user"]):
        try:
            frame = frame_of(template, roles, _given(tokenizer, True))
        except PromptError:
            continue
        said = frame.read(text) if frame else None
        if said:
            return said[-1], said[0] if len(said) > 1 else ""
    return None


def _given(tokenizer: Tokenizer, add_generation_prompt: bool) -> dict[str, Any]:
    """What a template is given beside the messages."""
    return {"tools": None, "documents": None, "add_generation_prompt": add_generation_prompt, **_marks(tokenizer)}


def _checked(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Messages as plain data, whole characters, within bounds."""
    if isinstance(messages, (str, bytes)) or not 0 < len(messages) <= _MOST:
        raise PromptError("chat.messages", most=_MOST)
    found = []
    for message in messages:
        if not isinstance(message, Mapping) or not isinstance(message.get("role"), str):
            raise PromptError("chat.messages", most=_MOST)
        if not _ROLE.fullmatch(message["role"]):
            raise PromptError("chat.role", role=message["role"][:60])
        found.append(_plain(message, _DEEP))
    if sum(map(len, map(str, found))) > LONGEST_TEXT:
        raise PromptError("chat.large")
    return found


def _plain(value: Any, depth: int) -> Any:
    """What JSON can say, and nothing that has methods of its own."""
    if isinstance(value, str):
        return clean(str.__str__(value))[0]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if depth and isinstance(value, Mapping):
        return {str(name): _plain(entry, depth - 1) for name, entry in value.items()}
    if depth and isinstance(value, (list, tuple)):
        return [_plain(entry, depth - 1) for entry in value]
    raise PromptError("chat.messages", most=_MOST)


def _each(message: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """A message with all of its texts changed but who speaks."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: changed(entry) for name, entry in value.items()}
        return [changed(entry) for entry in value] if isinstance(value, list) else (
            change(value) if isinstance(value, str) else value)  # fmt: skip

    return {name: value if name == "role" else changed(value) for name, value in message.items()}


def _unused(template: str, messages: Sequence[Any]) -> tuple[str, str]:
    """Two characters that stand neither in the template nor in a message."""
    there = {*template, *str(messages)}
    free = (chr(code) for code in _PRIVATE if chr(code) not in there and repr(chr(code)) not in there)
    return next(free), next(free)


def _marked(text: str, names: Sequence[str], opening: str, closing: str) -> str:
    """Names of marks between two characters, and one of them behind or before a part of a name at an edge."""
    if not names:
        return text
    found = re.sub("|".join(map(re.escape, names)), lambda name: f"{opening}{name[0]}{closing}", text)
    if any(text.endswith(name[:n]) for name in names for n in range(1, len(name))):
        found += closing
    if any(text.startswith(name[n:]) for name in names for n in range(1, len(name))):
        found = opening + found
    return found


def _harmless(text: str) -> str:
    """A text of the same words in which no mark can be spelt."""
    return re.sub(r"[^\w\s]", "x", text)


def _parts(text: str, names: Sequence[str], opening: str, closing: str) -> Iterator[tuple[str, bool]]:
    """The text without the two characters, in parts: each with whether names in it are marks."""
    for one in (opening, closing):
        text = text.replace(json.dumps(one)[1:-1], one)  # as the filter tojson may write it
    bare: list[str] = []
    cuts: set[int] = set()
    inside: list[tuple[int, int]] = []
    for piece in re.split(f"([{opening}{closing}])", text):
        if piece in (opening, closing):
            cuts.add(sum(map(len, bare)))
        else:
            bare.append(piece)
    whole = "".join(bare)
    for match in re.finditer("|".join(map(re.escape, names)), whole) if names and cuts else ():
        spanned = any(match.start() < cut < match.end() for cut in cuts)
        if spanned or (match.start() in cuts and match.end() in cuts):
            inside.append(match.span())
    done = 0
    for start, stop in inside:
        yield from ((part, names_are_marks) for part, names_are_marks in
                    ((whole[done:start], True), (whole[start:stop], False)) if part)  # fmt: skip
        done = stop
    if done < len(whole):
        yield whole[done:], True


def _count(parts: Sequence[tuple[str, bool]], names: Sequence[str]) -> int:
    pattern = re.compile("|".join(map(re.escape, names)) or r"(?!)")
    return sum(len(pattern.findall(part)) for part, marks in parts if marks)


def _marks(tokenizer: Tokenizer) -> dict[str, str]:
    """The names that templates use: bos_token, eos_token."""
    ids = {"bos_token": tokenizer.begin_of_text, "eos_token": tokenizer.end_of_text}
    return {name: tokenizer.decode([number]) for name, number in ids.items() if number is not None}


def _ids(tokenizer: Tokenizer, parts: Sequence[tuple[str, bool]]) -> list[int]:
    """The parts' ids, put together; a part in the middle is no beginning, so that no space is put before it."""
    ids: list[int] = []
    for place, (part, marks) in enumerate(parts):

        def read(text: str, marks: bool = marks) -> list[int]:
            if not marks:
                return tokenizer.encode_plain(text)
            return tokenizer.encode(text, add_special_tokens=False, end_marks=True)

        line, after = read("\n"), read("\n" + part) if place else []
        ids += after[len(line) :] if place and after[: len(line)] == line else read(part)
    return ids


def template_or_none(folder: Path) -> str | None:
    """The template of a folder, or none where its file is damaged: the tokenizer's own reading says what is wrong."""
    try:
        return read_template(folder)
    except WeightsError:
        return None
