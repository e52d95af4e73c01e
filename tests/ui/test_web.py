"""The pages' scripts: each page's join to one module and share one scope, and they keep the conversation's promises.

The conversation (protocol.js) is run in node: no action is lost or done twice, newest text wins, typing stays.
"""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from gptviz.paths import ROOT
from gptviz.ui.web.component import SHARED_STYLES, WEB, Component

UI = ROOT / "gptviz" / "ui"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed, so the scripts cannot be run")
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function\*?|const|let|var|class)\s+([\w$]+)", re.MULTILINE)


def run_node(script: str, folder: Path) -> Any:
    """Run ``script`` as an ES module with node and give what it prints, read as JSON."""
    assert NODE is not None
    file = folder / "test.mjs"
    file.write_text(script, encoding="utf-8")
    done = subprocess.run([NODE, str(file)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _components() -> list[Component]:
    """The component of every page: each page's folder has a module ``component`` that makes it."""
    modules = [import_module(f"gptviz.ui.{path.parent.name}.component") for path in UI.glob("*/component.py")]
    return [value for module in modules for value in vars(module).values() if isinstance(value, Component)]


COMPONENTS = _components()
each_component = pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.name)


def test_every_script_and_style_sheet_is_bundled() -> None:
    """None lies about unused, and each is found where its page says."""
    used = {path.resolve() for component in COMPONENTS for path in component.files()}
    styles = {(c.folder / name).resolve() for c in COMPONENTS for name in c.styles}
    assert used == {path.resolve() for path in UI.rglob("*.js")}
    assert styles | {WEB / name for name in SHARED_STYLES} == {path.resolve() for path in UI.rglob("*.css")}


def test_the_names_of_components_differ() -> None:
    names = [component.name for component in COMPONENTS]
    assert "gptviz_screen" in names
    assert len(set(names)) == len(names)


@each_component
def test_bundle_has_one_export_and_no_import(component: Component) -> None:
    text = component.bundle()
    assert re.findall(r"^export .*", text, re.MULTILINE) == ["export default servePage((grid, page) => {"]
    assert not re.findall(r"^import\b|\bimport\(", text, re.MULTILINE)


@each_component
def test_no_top_level_name_is_defined_twice(component: Component) -> None:
    names = Counter(TOP_LEVEL.findall(component.bundle()))
    assert {name: count for name, count in names.items() if count > 1} == {}
    assert names["createClient"] == 1


@each_component
def test_imported_names_are_exported_where_they_are_taken_from(component: Component) -> None:
    files = [path.resolve() for path in component.files()]
    for path in files:
        text = path.read_text(encoding="utf-8")
        for wanted, source in re.findall(r'^import \{([^}]*)\} from "([\w./-]+\.js)";', text, re.MULTILINE):
            origin = (path.parent / source).resolve()
            exports = set(
                re.findall(r"^export (?:async )?(?:function\*?|const|class) ([\w$]+)", origin.read_text(), re.MULTILINE)
            )
            assert {word.strip() for word in wanted.split(",") if word.strip()} <= exports, f"{path.name} from {source}"
            assert files.index(origin) < files.index(path), f"{source} must stand before {path.name}"


@each_component
def test_text_is_never_written_as_html(component: Component) -> None:
    assert not re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|https?://(?!www\.w3\.org)", component.bundle()
    )


@each_component
@needs_node
def test_bundle_parses(component: Component, tmp_path: Path) -> None:
    file = tmp_path / "bundle.mjs"
    file.write_text(component.bundle(), encoding="utf-8")
    done = subprocess.run([str(NODE), "--check", str(file)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


# A clock that stands still until told otherwise, a Python that answers as asked, and a fresh client.
HEAD = """
import {{ createClient, unpack }} from "{folder}/protocol.js";
const timers = new Map(); let now = 1000, next = 1;
const clock = {{ performance: {{ now: () => now }}, setTimeout: (f, ms) => (timers.set(next, [now + ms, f]), next++),
  clearTimeout: (id) => timers.delete(id) }};
const pass = (ms) => {{ const end = now + ms;
  for (;;) {{ const due = [...timers].filter(([, [at]]) => at <= end).sort((a, b) => a[1][0] - b[1][0])[0];
    if (!due) break; now = Math.max(now, due[1][0]); timers.delete(due[0]); due[1][1](); }}
  now = end; }};
const sent = []; const client = createClient((message) => sent.push(message), clock);
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
def test_csv_quotes_what_needs_it_and_keeps_full_precision(tmp_path: Path) -> None:
    script = f"""
    globalThis.document = {{}};
    const {{ toCsv }} = await import("{WEB.as_uri()}/menu.js");
    const rows = [['a,"b"', 0.1234567890123], ["↵\\n", null]];
    console.log(JSON.stringify(toCsv({{ columns: ["token", "p"], rows }})));
    """
    assert run_node(script, tmp_path) == 'token,p\r\n"a,""b""",0.1234567890123\r\n"↵\n",\r\n'


@needs_node
def test_numbers_are_never_rounded_to_a_false_zero_or_certainty(tmp_path: Path) -> None:
    script = f"""
    const {{ fmtPercent, fmtNumber }} = await import("{WEB.as_uri()}/dom.js");
    const percents = [0, 0.00001, 0.118, 0.99999, 1, null].map((p) => fmtPercent(p));
    const numbers = [fmtNumber(16374), fmtNumber(-1.336, 2), fmtNumber(-0.001, 1), fmtNumber(null)];
    console.log(JSON.stringify([percents, numbers]));
    """
    assert run_node(script, tmp_path) == [
        ["0%", "<0.1%", "11.8%", ">99.9%", "100%", "–"],
        ["16,374", "−1.34", "0.0", "–"],
    ]
