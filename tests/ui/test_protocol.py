"""The conversation with Python (protocol.js), in node: no action lost or done twice, newest text wins, typing stays."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from gptviz.ui.web.component import WEB
from tests.ui.node import needs_node, run_node

# A clock that stands still until told otherwise, a Python that answers as asked, and a fresh client.
HEAD = """
import {{ createClient, unpack }} from "{folder}/wire/protocol.js";
const timers = new Map(); let now = 1000, next = 1;
const clock = {{ performance: {{ now: () => now }}, setTimeout: (f, ms) => (timers.set(next, [now + ms, f]), next++),
  clearTimeout: (id) => timers.delete(id) }};
const pass = (ms) => {{ const end = now + ms;
  for (;;) {{ const due = [...timers].filter(([, [at]]) => at <= end).sort((a, b) => a[1][0] - b[1][0])[0];
    if (!due) break; now = Math.max(now, due[1][0]); timers.delete(due[0]); due[1][1](); }}
  now = end; }};
const follows = {{ pos: [], key: ["layer", "head"] }}; // as the first screen's do
const sent = []; const client = createClient((message) => sent.push(message), clock, follows);
const view = {{ pos: 2, layer: 3, head: 2, stage: "pattern", key: 1, temperature: 0.8, top_k: 0, top_p: 0.9, seed: 7 }};
const usual = {{ rev: 1, echo: 0, acked: 0, debounce_ms: 60, max_wait_ms: 250, ids: [1, 2, 3], text: "abc", view }};
const header = (more) => ({{ ...usual, ...more }});
"""


def converse(script: str, folder: Path) -> Any:
    """Run ``script`` after HEAD; it must print JSON."""
    return run_node(HEAD.format(folder=WEB.as_uri()) + script, folder)


@needs_node
def test_unacknowledged_actions_are_sent_again_and_acknowledged_ones_are_not(tmp_path: Path) -> None:
    script = """
    client.receive(header({}));
    client.act({ kind: "step" }); client.act({ kind: "step" }); client.act({ kind: "back" });
    client.receive(header({ echo: 2, acked: 2 }));
    client.setView({ layer: 4 }); pass(100);
    console.log(JSON.stringify(sent.map((message) => [message.n, message.queue.map(({ q, kind }) => q + kind)])));
    """
    assert converse(script, tmp_path) == [
        [1, ["1step"]],
        [2, ["1step", "2step"]],
        [3, ["1step", "2step", "3back"]],
        [4, ["3back"]],
    ]


@needs_node
def test_what_is_looked_at_stays_while_work_goes_on(tmp_path: Path) -> None:
    """Asking for more of the same picture moves nobody away; a step along the path does."""
    script = """
    client.receive(header({}));
    client.setView({ pos: 1 }); client.act({ kind: "more" });
    const held = client.view().pos;
    client.act({ kind: "step" });
    console.log(JSON.stringify([held, sent.at(-2).view.pos, client.view().pos, sent.at(-1).view.pos]));
    """
    assert converse(script, tmp_path) == [1, 1, None, None]


@needs_node
def test_typing_is_sent_after_a_pause_or_at_the_latest_after_max_wait(tmp_path: Path) -> None:
    """Ten keys at 40 ms never leave a pause of 60 ms: the first message goes 250 ms after key 1, just after key 7."""
    script = """
    client.receive(header({}));
    for (let i = 1; i <= 10; i += 1) { client.setText("abc" + "x".repeat(i)); pass(40); }
    pass(60);
    console.log(JSON.stringify(sent.map((message) => message.text.length - 3)));
    """
    assert converse(script, tmp_path) == [7, 10]


@needs_node
def test_a_late_picture_does_not_take_back_what_was_typed_or_set(tmp_path: Path) -> None:
    script = """
    const first = client.receive(header({}));
    client.setText("abcd"); pass(60);
    client.setText("abcde"); client.setView({ temperature: 1.5 });
    const late = client.receive(header({ echo: 1, text: "abcd" }));
    const switched = client.receive(header({ echo: 1, rev: 2, text: "abcd" })); // a new model, our older text
    const kept = client.text();
    const set = client.receive(header({ echo: 2, rev: 3, text: "from a link" }));
    console.log(JSON.stringify({ first, late, switched, kept, set, now: client.text() }));
    """
    assert converse(script, tmp_path) == {
        "first": "abc",
        "late": None,
        "switched": None,
        "kept": "abcde",
        "set": "from a link",
        "now": "from a link",
    }


@needs_node
def test_controls_follow_python_only_when_it_answers_the_newest_message(tmp_path: Path) -> None:
    script = """
    client.receive(header({}));
    client.setView({ head: 9 }); pass(100); client.setView({ head: 11 }); pass(100);
    client.receive(header({ echo: 1, view: { ...view, head: 5 } }));
    const stale = client.view().head;
    client.receive(header({ echo: 2, view: { ...view, head: 5 } }));
    console.log(JSON.stringify([stale, client.view().head, sent[1].view.pos]));
    """
    assert converse(script, tmp_path) == [
        11,
        5,
        None,
    ]  # 5 = clamped by Python; pos null = still following the last token


@needs_node
def test_typing_follows_the_last_token_again_and_drops_steps_of_the_old_text(tmp_path: Path) -> None:
    script = """
    client.receive(header({}));
    client.setView({ pos: 1, key: 0 }); pass(100);
    client.act({ kind: "step" });
    client.setText("other"); pass(100);
    const { view: asked, queue } = sent.at(-1);
    console.log(JSON.stringify([sent[0].view.pos, asked.pos, asked.key, queue.length]));
    """
    assert converse(script, tmp_path) == [1, None, None, 0]


@needs_node
def test_an_unanswered_message_is_sent_again_with_a_new_number(tmp_path: Path) -> None:
    script = """
    client.receive(header({}));
    client.act({ kind: "step" }); pass(4000);
    client.receive(header({ echo: 2, acked: 1 })); pass(60000);
    console.log(JSON.stringify(sent.map(({ n, queue }) => [n, queue.length])));
    """
    assert converse(script, tmp_path) == [[1, 1], [2, 1]]


@needs_node
def test_a_remounted_client_counts_on(tmp_path: Path) -> None:
    script = """
    client.receive(header({ rev: 4, echo: 17, acked: 5 }));
    client.act({ kind: "step" });
    console.log(JSON.stringify([sent[0].n, sent[0].queue[0].q]));
    """
    assert converse(script, tmp_path) == [18, 6]


@needs_node
def test_unpack_reads_arrays_at_any_alignment(tmp_path: Path) -> None:
    """Two floats, two bytes and two padding bytes, read from a buffer in which the message starts at 0, 1, 2 and 3."""
    blobs = {
        "a": {"dtype": "f32", "shape": [2], "offset": 0, "length": 8},
        "b": {"dtype": "u8", "shape": [2], "offset": 8, "length": 2},
    }
    header = json.dumps({"word": "注意力", "blobs": blobs}, ensure_ascii=False).encode()
    message = (
        struct.pack("<I", len(header))
        + header
        + bytes(-len(header) % 4)
        + struct.pack("<2f", 0.5, -2.0)
        + b"\x07\xff\0\0"
    )
    script = f"""
    const message = {list(message)};
    const results = [0, 1, 2, 3].map((start) => {{
      const buffer = new Uint8Array(start + message.length);
      buffer.set(message, start);
      const {{ header, blob }} = unpack(buffer.subarray(start));
      return [header.word, [...blob("a")], [...blob("b")], blob("none")];
    }});
    console.log(JSON.stringify(results));
    """
    assert converse(script, tmp_path) == [["注意力", [0.5, -2.0], [7, 255], None]] * 4


@needs_node
def test_only_what_a_page_names_follows(tmp_path: Path) -> None:
    """Elsewhere a control called ``pos`` is like any other: neither let go by typing nor sent where there is none."""
    script = """
    const said = []; const plain = createClient((message) => said.push(message.view), clock);
    plain.receive(header({ view: { pos: 2, layer: 3 } }));
    plain.setView({ layer: 4 }); pass(100);
    plain.setText("other"); pass(100);
    plain.act({ kind: "step" });
    plain.receive(header({ rev: 2, echo: 3, view: { layer: 3 } }));
    plain.setText("third"); pass(100);
    console.log(JSON.stringify([said, plain.view()]));
    """
    assert converse(script, tmp_path) == [[{"pos": 2, "layer": 4}] * 3 + [{"layer": 3}], {"layer": 3}]


@needs_node
def test_what_follows_is_held_until_something_before_it_moves(tmp_path: Path) -> None:
    """A key out of a link goes with its head, a picked one stays; with another position both are let go."""
    script = """
    const key = (patch) => { client.setView(patch); pass(100); return sent.at(-1).view.key; };
    client.receive(header({}));
    const linked = [key({ temperature: 1 }), key({ head: 3 })];
    const picked = [key({ key: 2 }), key({ layer: 1 }), key({ pos: 1 }), key({ pos: 2, key: 0 }), key({ key: null })];
    console.log(JSON.stringify([linked, picked, key({ head: 1 }), client.view().key]));
    """
    assert converse(script, tmp_path) == [[1, None], [2, 2, None, 0, None], None, None]


@needs_node
def test_each_control_says_in_which_message_it_was_changed(tmp_path: Path) -> None:
    """Also where it goes back to what it was before Python set it: a preset's 4 becomes the visitor's own 0.8 again."""
    script = """
    client.receive(header({}));
    client.setView({ top_k: 5 }); pass(100); // n = 1
    client.receive(header({ echo: 1, view: { ...view, top_k: 5 } }));
    client.act({ kind: "preset" }); // n = 2
    client.receive(header({ rev: 2, echo: 2, acked: 1, view: { ...view, top_k: 4, temperature: 4 } }));
    client.setView({ top_k: 5 }); pass(100); // n = 3
    console.log(JSON.stringify(sent.map(({ since, view }) => [since.top_k ?? 0, since.temperature ?? 0, view.top_k])));
    """
    assert converse(script, tmp_path) == [[1, 0, 5], [1, 0, 5], [3, 0, 5]]


@needs_node
def test_what_was_changed_since_outlives_an_older_answer(tmp_path: Path) -> None:
    """Python sets controls in answer to message 1; the temperature of message 2 and the seed not yet sent stay.

    An action lets go of the key, which follows.
    """
    script = """
    client.receive(header({}));
    client.act({ kind: "preset" });
    pass(100); client.setView({ temperature: 1.5 }); client.setView({ seed: 3 });
    client.receive(header({ rev: 2, echo: 1, acked: 1, view: { ...view, temperature: 4, top_k: 4, seed: 4 } }));
    const { temperature, top_k, seed } = client.view();
    pass(100);
    console.log(JSON.stringify([temperature, top_k, seed, sent.at(-1).view.seed, sent.at(-1).since]));
    """
    assert converse(script, tmp_path) == [1.5, 4, 3, 3, {"key": 1, "temperature": 2, "seed": 3}]
