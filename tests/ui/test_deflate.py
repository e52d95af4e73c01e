"""A message that Python compresses is read by the browser's own means, byte for byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gptviz.ui.web.component import WEB
from gptviz.ui.web.message import WORTH_DEFLATING, pack, unpack
from tests.ui.node import needs_node, run_node

SCRIPT = """
import {{ inflate, isDeflated }} from "{folder}/wire/inflate.js";
import {{ unpack }} from "{folder}/wire/protocol.js";
import {{ readFileSync }} from "node:fs";
const bytes = new Uint8Array(readFileSync("{file}"));
const message = unpack(isDeflated(bytes) ? await inflate(bytes) : bytes);
console.log(JSON.stringify([isDeflated(bytes), message.header.text, [...message.blob("a")], message.blob("b").length]));
"""


def message(size: int) -> tuple[bytes, str]:
    """A message with a text of ``size`` characters and two arrays."""
    text = "ä中\ud800 " + "x" * size
    a = np.float32([0.25, -1.5, np.inf])
    return pack({"lang": "en", "text": text}, {"a": a, "b": np.zeros(size, dtype=np.uint8)}), text


@needs_node
def test_the_browser_reads_what_python_wrote(tmp_path: Path) -> None:
    for size in (0, 10_000):
        data, text = message(size)
        (tmp_path / "message").write_bytes(data)
        script = SCRIPT.format(folder=WEB.as_uri(), file=tmp_path / "message")
        deflated, seen, a, length = run_node(script, tmp_path)
        assert (deflated, length) == (size > WORTH_DEFLATING, size)
        assert seen == text
        assert a == [0.25, -1.5, None]  # JSON has no infinity


def test_a_long_message_is_shorter_on_the_wire_and_the_same() -> None:
    data, text = message(50_000)
    assert len(data) < 10_000
    header, blobs = unpack(data)
    assert header["text"] == text
    assert blobs["b"].shape == (50_000,)
