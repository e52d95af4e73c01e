"""A text longer than what is read at a time (kit/whole.js), run in node: its end is read, its box keeps all of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gptviz.ui.limits import MAX_CHARS
from gptviz.ui.web.component import WEB
from tests.ui.node import needs_node, run_node
from tests.ui.test_protocol import converse

pytestmark = needs_node

HEAD = """
const storage = new Map();
globalThis.sessionStorage = {{ getItem: (k) => storage.get(k) ?? null, setItem: (k, v) => storage.set(k, v),
  removeItem: (k) => storage.delete(k) }};
const timers = []; globalThis.setTimeout = (f) => timers.push(f);
globalThis.clearTimeout = (id) => {{ delete timers[id - 1]; }};
const rest = () => timers.splice(0).forEach((f) => f());
const {{ fit, keepWhole, wholeOf }} = await import("{folder}/kit/whole.js");
const bounds = {{ chars: 16, kept_chars: 100 }};
"""


def run(script: str, folder: Path) -> Any:
    return run_node(HEAD.format(folder=WEB.as_uri()) + script, folder)


#: Characters of one UTF-16 unit, of two, and halves of such, in all ways in which a cut may fall.
TEXTS = ["", "abc", "x" * 10_000, "x" * 10_001, "x" * 12_345, "字" * 10_000, "字" * 30_000, "𠮷" * 10_000,
         "𠮷" * 10_001, "a" + "𠮷" * 25_000, "👩\u200d👩" * 9_000, "\ud800" * 10_002, "\udc00" * 11_000,
         "a\udc00\ud800" * 9_000]  # fmt: skip


def test_the_end_is_read_and_the_rest_counted_in_characters_as_python_counts(tmp_path: Path) -> None:
    script = f"""
    const texts = {json.dumps(TEXTS)};
    console.log(JSON.stringify(texts.map((text) => fit(text, {MAX_CHARS}))));
    """
    for text, read in zip(TEXTS, run(script, tmp_path), strict=True):
        assert text.endswith(read["text"])
        assert len(read["text"]) + read["beyond"] == len(text)
        assert len(read["text"]) <= MAX_CHARS
        if len(text) <= MAX_CHARS:
            assert read["text"] == text
        else:  # a step is an eighth; of characters of two units it holds half as many
            assert len(read["text"]) >= MAX_CHARS - MAX_CHARS // 8


def test_typing_goes_on_from_the_same_beginning(tmp_path: Path) -> None:
    """Of a thousand keys at the end of a long text one at most moves the cut, so the model computes one token each."""
    script = """
    const starts = new Set(); let text = "x".repeat(20_000);
    for (let key = 0; key < 1000; key += 1) { text += "y"; starts.add(text.length - fit(text, 10_000).text.length); }
    console.log(JSON.stringify([...starts]));
    """
    assert run(script, tmp_path) == [11_250]


def test_the_box_gets_back_all_that_it_held(tmp_path: Path) -> None:
    """After a reload, and where Python's text goes on from what was read; another text is another text."""
    script = """
    const all = "the beginning, and then " + "the end";
    const read = fit(all, bounds.chars);
    keepWhole("prompt", all, read, bounds); rest();
    const again = await import("WEB/kit/whole.js?reloaded");
    const held = (text, box = "prompt") => again.wholeOf(box, text, bounds);
    console.log(JSON.stringify([read.beyond > 0, held(read.text) === all, held(read.text, "prompt-b") === read.text,
      held("other"), held(""), held(read.text + " of it") === all + " of it"]));
    """.replace("WEB", WEB.as_uri())
    assert run(script, tmp_path) == [True, True, True, "other", "", True]


def test_a_tab_keeps_so_much_and_forgets_a_text_that_is_short_again(tmp_path: Path) -> None:
    script = """
    const names = () => [...storage.keys()];
    const found = [];
    const say = (all) => {
      keepWhole("prompt", all, fit(all, bounds.chars), bounds); rest(); found.push(names().length);
    };
    say("x".repeat(50)); say("x".repeat(500)); say("x".repeat(50)); say("short");
    globalThis.sessionStorage.setItem = () => { throw new Error("full"); };
    say("x".repeat(50));
    console.log(JSON.stringify([found, wholeOf("prompt", fit("x".repeat(50), 16).text, bounds).length]));
    """
    assert run(script, tmp_path) == [[1, 0, 1, 0, 0], 50]


# ---- and the conversation


def test_what_stays_in_the_box_is_told_with_the_text_and_when_it_alone_changes(tmp_path: Path) -> None:
    script = """
    client.receive(header({}));
    client.setBeyond("text", 5); client.setText("abcd"); pass(300);
    client.setBeyond("text", 6); pass(300); client.setBeyond("text", 6); pass(300);
    client.setBeyond("text", 0); client.setText("abc"); pass(300);
    console.log(JSON.stringify(sent.map(({ text, beyond }) => [text, beyond ?? null])));
    """
    assert converse(script, tmp_path) == [["abcd", {"text": 5}], ["abcd", {"text": 6}], ["abc", None]]


def test_actions_that_python_had_no_time_for_are_said_again_at_once(tmp_path: Path) -> None:
    """One message follows a picture that answers the newest and has done some of what was asked, and no endless row."""
    script = """
    client.receive(header({}));
    for (let i = 0; i < 4; i += 1) client.act({ kind: "step" });
    client.receive(header({ echo: 3, acked: 1 })); // a newer message is on its way
    const quiet = sent.length;
    client.receive(header({ echo: 4, acked: 2 }));
    client.receive(header({ echo: 5, acked: 2 })); // nothing of it was done: asking again would not help
    console.log(JSON.stringify([quiet, sent.slice(4).map(({ queue }) => queue.map(({ q }) => q))]));
    """
    assert converse(script, tmp_path) == [4, [[3, 4]]]


def test_a_text_that_python_sets_goes_with_the_actions_that_are_left(tmp_path: Path) -> None:
    script = """
    client.receive(header({}));
    for (let i = 0; i < 3; i += 1) client.act({ kind: "into_prompt" });
    client.receive(header({ echo: 3, acked: 1, rev: 2, text: "abc and more" }));
    console.log(JSON.stringify([sent.length, sent.at(-1).text, sent.at(-1).queue.length]));
    """
    assert converse(script, tmp_path) == [4, "abc and more", 2]


def test_so_many_actions_wait_and_no_more(tmp_path: Path) -> None:
    script = """
    client.receive(header({ bounds: { queue: 3 } }));
    for (let i = 0; i < 9; i += 1) client.act({ kind: "step" });
    console.log(JSON.stringify(sent.at(-1).queue.length));
    """
    assert converse(script, tmp_path) == 3


def test_no_box_has_a_limit_of_its_own() -> None:
    """One that the browser keeps would cut a paste before anybody can say so."""
    limited = [path for path in WEB.rglob("*.js") if "maxlength" in path.read_text(encoding="utf-8").lower()]
    assert limited == []
