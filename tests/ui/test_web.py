"""The scripts and styles of ``gptviz/web``: whole, used, one way; served by Streamlit as they are."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.web.server.starlette import starlette_server

from gptviz.paths import ROOT
from gptviz.ui import serve
from gptviz.ui.pages import names as declared_pages
from gptviz.ui.web import component as room
from gptviz.ui.web.component import SETTINGS, WEB, edition, pages
from gptviz.ui.web.component import component as component_of
from tests.ui.node import NODE, needs_node

UI = ROOT / "gptviz" / "ui"
SCRIPTS = sorted(WEB.rglob("*.js"))
STYLES = sorted(WEB.rglob("*.css"))
each_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.relative_to(WEB).as_posix())
IMPORT = re.compile(r'^import\s+(?:\{([^}]*)\}\s+from\s+)?"([^"]+)";', re.MULTILINE)
STYLE_IMPORT = re.compile(r'^@import "([^"]+)";', re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function\*?|const|class) ([\w$]+)", re.MULTILINE)


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
ENTRIES = [*COMPONENTS, SETTINGS]
SCRIPT_ENTRIES = [*(component.script for component in ENTRIES), "room/main.js"]  # the students' page is no component


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
    """Each is reached from a page or from the settings by imports, and every import leads to a file."""
    entries = [WEB / name for component in ENTRIES for name in (component.script, component.style_sheet)]
    entries += [WEB / "room" / "main.js", WEB / "room" / "page.css"]
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
    const entries = {json.dumps([(WEB / name).as_uri() for name in SCRIPT_ENTRIES])};
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
