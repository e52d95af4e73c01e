"""The pages' scripts and styles: whole, used, one way; served by Streamlit as they are; and they keep their promises.

The conversation (protocol.js) is run in node: no action is lost or done twice, newest text wins, typing stays.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.web.server.starlette import starlette_server

from gptviz import i18n
from gptviz.paths import ROOT
from gptviz.ui import serve
from gptviz.ui.pages import names as declared_pages
from gptviz.ui.web import component as room
from gptviz.ui.web.component import WEB, edition, pages
from gptviz.ui.web.component import component as component_of

UI = ROOT / "gptviz" / "ui"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed, so the scripts cannot be run")
SCRIPTS = sorted(WEB.rglob("*.js"))
STYLES = sorted(WEB.rglob("*.css"))
each_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.relative_to(WEB).as_posix())
IMPORT = re.compile(r'^import\s+(?:\{([^}]*)\}\s+from\s+)?"([^"]+)";', re.MULTILINE)
STYLE_IMPORT = re.compile(r'^@import "([^"]+)";', re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function\*?|const|class) ([\w$]+)", re.MULTILINE)


def run_node(script: str, folder: Path) -> Any:
    """Run ``script`` as an ES module with node and give what it prints, read as JSON."""
    assert NODE is not None
    file = folder / "test.mjs"
    file.write_text(script, encoding="utf-8")
    done = subprocess.run([NODE, str(file)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def imports(path: Path) -> list[tuple[set[str], Path]]:
    """What a script or a style sheet imports: the names, and the file that they come from."""
    text = path.read_text(encoding="utf-8")
    found = IMPORT.findall(text) if path.suffix == ".js" else [("", source) for source in STYLE_IMPORT.findall(text)]
    return [
        ({word.strip() for word in names.split(",") if word.strip()}, (path.parent / source).resolve())
        for names, source in found
    ]


def reached(start: Path) -> set[Path]:
    """A file and all that it imports, directly or not."""
    found, new = {start}, [start]
    while new:
        for _, origin in imports(new.pop()):
            if origin not in found:
                found.add(origin)
                new.append(origin)
    return found


COMPONENTS = [component_of(name) for name in declared_pages()]


def test_only_scripts_and_styles_are_served() -> None:
    """Whatever lies in that folder is public."""
    assert {path.suffix for path in WEB.rglob("*") if path.is_file()} <= {".js", ".css", ".ts"}
    assert not [path for path in UI.rglob("*") if path.suffix in (".js", ".css")]


def test_each_page_has_one_component_and_an_entry() -> None:
    assert sorted(component.page for component in COMPONENTS) == pages()
    for component in COMPONENTS:
        main = (WEB / component.script).read_text(encoding="utf-8")
        assert re.findall(r"^export .*", main, re.MULTILINE) == ["export default servePage((grid, page) => {"]
        assert (WEB / component.style_sheet).is_file()


def test_no_file_is_orphaned() -> None:
    """Each is reached from a page by imports, and every import leads to a file."""
    entries = [WEB / name for component in COMPONENTS for name in (component.script, component.style_sheet)]
    assert set().union(*map(reached, entries)) == {*SCRIPTS, *STYLES}


@each_script
def test_imported_names_are_exported_where_they_are_taken_from(script: Path) -> None:
    for names, origin in imports(script):
        assert names, f"{origin.name} is imported for nothing"
        assert names <= set(EXPORT.findall(origin.read_text(encoding="utf-8"))), f"{script.name} from {origin.name}"


@each_script
def test_imports_go_one_way(script: Path) -> None:
    """A page takes from its own folder, from wire and from kit; wire from kit; kit from nobody."""
    below = {"kit": {"kit"}, "wire": {"kit", "wire"}}
    *folders, _ = script.relative_to(WEB).parts
    allowed = below.get(folders[0], {"kit", "wire", "/".join(folders)})
    assert {origin.parent.relative_to(WEB).as_posix() for _, origin in imports(script)} <= allowed


@each_script
def test_text_is_never_written_as_html(script: Path) -> None:
    assert not re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|\bimport\(|https?://(?!www\.w3\.org)",
        script.read_text(encoding="utf-8"),
    )


@needs_node
def test_modules_link(tmp_path: Path) -> None:
    """Each is parsed, and the names between them are matched, without running any."""
    script = f"""
    import {{ readFileSync }} from "node:fs";
    import {{ SourceTextModule }} from "node:vm";
    const modules = new Map();
    const read = (url) => new SourceTextModule(readFileSync(new URL(url), "utf8"), {{ identifier: url }});
    const load = (url) => modules.get(url) ?? modules.set(url, read(url)).get(url);
    const linker = (name, {{ identifier }}) => load(new URL(name, identifier).href);
    const entries = {json.dumps([(WEB / component.script).as_uri() for component in COMPONENTS])};
    for (const entry of entries) await load(entry).link(linker);
    console.log(JSON.stringify(modules.size));
    """
    file = tmp_path / "link.mjs"
    file.write_text(script, encoding="utf-8")
    done = subprocess.run([str(NODE), "--experimental-vm-modules", "--no-warnings", str(file)], capture_output=True,
                          text=True, check=False, timeout=60)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == len(SCRIPTS)


def test_files_are_registered_once_for_each_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page has said of its component outlives the next page's registration; a new runtime is told anew."""
    for _ in range(2):
        manager = BidiComponentManager()
        monkeypatch.setattr(room, "get_bidi_component_manager", lambda manager=manager: manager)
        first, second = COMPONENTS[:2]
        room._register(first.name)
        definition = manager.build_definition_with_validation(
            component_key=first.name, html="<p>", css=first.style_sheet, js=first.script
        )
        manager.register(definition)
        room._register(second.name)
        assert manager.get(first.name) == definition
        assert (definition.js_url, definition.css_url) == (first.script, first.style_sheet)
        assert manager.get_component_asset_root(second.name) == WEB


def test_connections_send_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starlette_server, "_bind_socket", starlette_server._bind_socket)  # so that it is put back
    serve.send_at_once()
    with starlette_server._bind_socket("127.0.0.1", 0, 1) as listening:
        listening.setblocking(True)
        with socket.create_connection(listening.getsockname()):
            connection, _ = listening.accept()
            with connection:
                assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_address_changes_with_any_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Else a tab left open over an upgrade would mix the files of two editions."""
    shutil.copytree(WEB, tmp_path / "web")
    monkeypatch.setattr(room, "WEB", tmp_path / "web")
    name = COMPONENTS[0].name
    assert edition.__wrapped__() == edition() == name.split(".")[0].split("-")[1]
    file = tmp_path / "web" / "kit" / "dom.js"
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert edition.__wrapped__() != edition()


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


#: Templates and what is filled in: choices, a missing value, none at all, what only looks like a blank.
FILLED: list[tuple[str, dict[str, Any]]] = [
    ("{count} {count|token|tokens}", {"count": 1}),
    ("{count} {count|token|tokens}", {"count": "1"}),
    ("{count} {count|token|tokens}", {"count": "1,024"}),
    ("{count} {count|token|tokens}", {"count": 0}),
    ("{count} {count|token was|tokens were} {a}", {"count": 1, "a": "{count}"}),
    ("{count} {count|token|tokens} of {total}", {"total": 1}),
    ("{count} {count|token|tokens}", {}),
    ("{n|is|}{m||s} {n}", {"n": 1, "m": 2}),
    ("{constructor} {toString|a|b}", {"n": 1}),
    ("a | b {n} {n|x|y} | c", {"n": "−1"}),
]


@needs_node
def test_the_browser_fills_in_and_counts_as_python_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the same table, every interface string of every language too, with one and with many of everything."""
    blank = re.compile(r"{(\w+)")
    every = {
        text
        for lang in i18n.languages()
        for text in i18n.strings(lang).values()
        if blank.search(text) and "{{" not in text
    }  # braces that are shown, which no script has
    named = {text: {*blank.findall(text)} - {"key", "lang"} for text in sorted(every)}  # these are translate's own
    table = FILLED + [(text, dict.fromkeys(names, n)) for text, names in named.items() for n in (1, "1,024")]
    (tmp_path / "table.json").write_text(json.dumps(table), encoding="utf-8")
    script = f"""
    import {{ readFileSync }} from "node:fs";
    const {{ fillIn }} = await import("{WEB.as_uri()}/kit/dom.js");
    const table = JSON.parse(readFileSync("{tmp_path}/table.json", "utf8"));
    console.log(JSON.stringify(table.map(([text, values]) => fillIn(text, values))));
    """
    monkeypatch.setattr(i18n, "strings", lambda lang: {})  # so that a template is its own key
    assert run_node(script, tmp_path) == [i18n.translate(text, "en", **values) for text, values in table]


@needs_node
def test_csv_quotes_what_needs_it_and_keeps_full_precision(tmp_path: Path) -> None:
    script = f"""
    globalThis.document = {{}};
    const {{ toCsv }} = await import("{WEB.as_uri()}/kit/menu.js");
    const rows = [['a,"b"', 0.1234567890123], ["↵\\n", null]];
    console.log(JSON.stringify(toCsv({{ columns: ["token", "p"], rows }})));
    """
    assert run_node(script, tmp_path) == 'token,p\r\n"a,""b""",0.1234567890123\r\n"↵\n",\r\n'


@needs_node
def test_numbers_are_never_rounded_to_a_false_zero_or_certainty(tmp_path: Path) -> None:
    script = f"""
    const {{ fmtPercent, fmtNumber }} = await import("{WEB.as_uri()}/kit/dom.js");
    const percents = [0, 0.00001, 0.118, 0.99999, 1, null].map((p) => fmtPercent(p));
    const numbers = [fmtNumber(16374), fmtNumber(-1.336, 2), fmtNumber(-0.001, 1), fmtNumber(null)];
    console.log(JSON.stringify([percents, numbers]));
    """
    assert run_node(script, tmp_path) == [
        ["0%", "<0.1%", "11.8%", ">99.9%", "100%", "–"],
        ["16,374", "−1.34", "0.0", "–"],
    ]


@needs_node
def test_only_what_a_page_names_follows(tmp_path: Path) -> None:
    """Elsewhere a control called ``pos`` is like any other: neither let go by typing nor sent where there is none."""
    script = """
    const said = []; const plain = createClient((message) => said.push(message.view), clock);
    plain.receive(header({ view: { pos: 2, layer: 3 } }));
    plain.setView({ layer: 4 }); pass(100);
    plain.setText("other"); pass(100);
    plain.act({ kind: "step" });
    plain.receive(header({ rev: 2, view: { layer: 3 } }));
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
