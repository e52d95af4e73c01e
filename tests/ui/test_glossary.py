"""Where terms are found in a text, where a card of the tour lies; and that the terms come with the strings, once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gptviz.glossary import entries
from gptviz.i18n import languages
from gptviz.ui.web.component import WEB
from gptviz.ui.web.message import interface, pack, read_header
from tests.ui.node import needs_node, run_node

FOUND = {
    "en": [
        ("after the token, tokens and the tokenizer", ["token:token", "token:tokens"]),
        (
            "Log-probability of a bit, bits per byte",
            ["logprob:Log-probability", "bit:bit", "bits_per_byte:bits per byte"],
        ),
        ("after “ token” (position 3)", ["position:position"]),
        ("Top-p, top_p and headings", ["top_p:Top-p"]),
        ("", []),
    ],
    "zh": [
        ("8 层 × 6 头 · 点选一个", ["layer:层", "head:头"]),
        ("开头的词元嵌入", ["embedding:词元嵌入"]),
        ("做softmax之前，按对数概率", ["softmax:softmax", "logprob:对数概率"]),
        ("在“词元”的位置上", ["position:位置"]),
        ("每一步的熵", ["entropy:每一步的熵"]),
    ],
}


@needs_node
@pytest.mark.parametrize("lang", FOUND)
def test_terms_are_found_where_they_stand_alone(tmp_path: Path, lang: str) -> None:
    """The longest at each place, as words, and never in what somebody typed."""
    texts = [text for text, _ in FOUND[lang]]
    found = run_node(
        f"""
        import {{ createFinder, readTerms }} from "{(WEB / "kit" / "terms.js").as_uri()}";
        const find = createFinder(readTerms({json.dumps(entries(lang))}));
        console.log(JSON.stringify({json.dumps(texts)}.map(
          (text) => find(text).map(({{ key, start, end }}) => key + ":" + text.slice(start, end)))));
        """,
        tmp_path,
    )
    assert found == [words for _, words in FOUND[lang]]


WIDE, HIGH, GAP = 320, 170, 12  # of a card, in pixels, and between it and its place
Box = tuple[float, float, float, float]  # left, top, right, bottom


@needs_node
def test_a_card_never_lies_on_what_it_speaks_of(tmp_path: Path) -> None:
    """Wherever that is and however large, as long as there is room beside it; and always within the window."""
    rooms = [(8, 64, width - 8, height - 8) for width, height in
             ((1440, 900), (1024, 768), (820, 1180), (390, 844), (336, 600))]  # fmt: skip
    cases = [
        ((left, top, left + width, top + height), room)
        for room in rooms for left in range(0, room[2], 61) for top in range(64, room[3], 67)
        for width, height in ((60, 24), (200, 120), (400, 300))
    ]  # fmt: skip
    places = run_node(
        f"""
        import {{ placeOf }} from "{(WEB / "pages" / "next_token" / "tour_card.js").as_uri()}";
        const box = ([left, top, right, bottom]) => ({{ left, top, right, bottom }});
        const place = ([at, room]) => {{
          const around = box([at[0] - 20, at[1] - 90, at[2] + 20, at[3] + 90]);
          const found = placeOf({{ width: {WIDE}, height: {HIGH} }}, [around, box(at)], box(room), room[2] < 692);
          return [found.left, found.top, found.left + {WIDE}, found.top + {HIGH}];
        }};
        console.log(JSON.stringify({json.dumps(cases)}.map(place)));
        """,
        tmp_path,
    )
    for card, (at, room) in zip(places, cases, strict=True):
        assert min(card[0] - room[0], card[1] - room[1], room[2] - card[2], room[3] - card[3]) >= 0, (at, room)
        assert not (_has_room(at, room) and _overlap(card, at)), (card, at, room)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _has_room(at: Box, room: Box) -> bool:
    """Above or below it, or, in a window that is no phone's, beside it."""
    upright = at[1] - room[1] >= HIGH or room[3] - at[3] >= HIGH
    return upright or (room[2] >= 692 and (at[0] - room[0] >= WIDE + GAP or room[2] - at[2] >= WIDE + GAP))


@pytest.mark.parametrize("lang", languages())
def test_they_come_with_the_strings_and_once(lang: str) -> None:
    told = json.loads(interface(lang, ("panel.",)).json)
    assert entries(lang).items() <= told.items()
    first = pack({"lang": lang}, {}, ("panel.",))
    header, _ = read_header(first)
    again = pack({"lang": lang, "has_strings": header["strings_id"]}, {}, ("panel.",))
    assert len(again) < 300
    assert b"term." not in again
    assert len(first) < 40_000  # on the wire: less than one picture of a long text
