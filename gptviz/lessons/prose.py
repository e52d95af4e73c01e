"""The little of Markdown that a step's text may use: paragraphs, lists, **strong**, *emphasis*, `code`.

It becomes a list of blocks of spans, which whoever shows it puts in as text: no HTML is made of it, ever.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Style = Literal["", "strong", "em", "code"]
_MARKS: dict[str, Style] = {"**": "strong", "*": "em", "`": "code"}
_SPAN = re.compile(r"(`)([^`\n]+)`|(\*\*)([^*\n]+)\*\*|(\*)([^*\s][^*\n]*)\*")
_ITEM = re.compile(r"[-*] +|\d{1,2}[.)] +")


class Block(NamedTuple):
    """A paragraph, or an entry of a list."""

    kind: Literal["p", "li"]
    spans: tuple[tuple[Style, str], ...]


def spans(text: str) -> tuple[tuple[Style, str], ...]:
    """One line as pieces of one style each.

    >>> spans("a **b** `<i>`")
    (('', 'a '), ('strong', 'b'), ('', ' '), ('code', '<i>'))
    """
    found: list[tuple[Style, str]] = []
    at = 0
    for match in _SPAN.finditer(text):
        if match.start() > at:
            found.append(("", text[at : match.start()]))
        mark, inner = next((m, t) for m, t in zip(match.groups()[::2], match.groups()[1::2], strict=True) if m)
        found.append((_MARKS[mark], inner))
        at = match.end()
    return (*found, ("", text[at:])) if at < len(text) else tuple(found)


def blocks(text: str) -> tuple[Block, ...]:
    """A text as paragraphs and entries; lines of a paragraph are joined, with a space where words have them."""
    found: list[tuple[Literal["p", "li"], str]] = []
    open_block = False
    for line in map(str.strip, text.split("\n")):
        item = _ITEM.match(line)
        if not line:
            open_block = False
        elif item:
            found.append(("li", line[item.end() :]))
            open_block = True
        elif open_block:
            kind, before = found[-1]
            found[-1] = (kind, joined(before, line))
        else:
            found.append(("p", line))
            open_block = True
    return tuple(Block(kind, spans(said)) for kind, said in found)


def joined(before: str, after: str) -> str:
    """Two lines as one: between two Chinese characters there is no space."""
    wide = ord(before[-1:] or " ") > 0x2E7F and ord(after[:1] or " ") > 0x2E7F
    return before + ("" if wide else " ") + after
