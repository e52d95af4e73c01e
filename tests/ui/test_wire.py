"""What travels compressed, or as a difference to what the browser holds, is read by its own means, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra.numpy import array_shapes, arrays

from gptviz.language_model import LanguageModel
from gptviz.ui import pages
from gptviz.ui.page import picture
from gptviz.ui.web.arrays import KEPT, Blobs, Held, SentArrays
from gptviz.ui.web.component import WEB
from gptviz.ui.web.message import WORTH_DEFLATING, interface, pack, unpack
from tests.ui.desk import arrived, context
from tests.ui.node import needs_node, run_node

pytestmark = pytest.mark.slow

SCRIPT = """
import {{ inflate, isDeflated }} from "{folder}/wire/inflate.js";
import {{ unpack }} from "{folder}/wire/protocol.js";
import {{ readFileSync }} from "node:fs";
const bytes = new Uint8Array(readFileSync("{file}"));
const message = unpack(isDeflated(bytes) ? await inflate(bytes) : bytes);
console.log(JSON.stringify([isDeflated(bytes), message.header.text, [...message.blob("a")], message.blob("b").length]));
"""
#: The bytes of every array of each message, as the browser holds them; null where it lacks what they differ from.
HELD = """
import {{ arraysOf }} from "{folder}/wire/arrays.js";
import {{ inflate, isDeflated }} from "{folder}/wire/inflate.js";
import {{ unpack }} from "{folder}/wire/protocol.js";
import {{ readFileSync }} from "node:fs";
const seen = [];
for (const file of {files}) {{
  const bytes = new Uint8Array(readFileSync(file));
  const arrays = arraysOf(unpack(isDeflated(bytes) ? await inflate(bytes) : bytes));
  const hex = (one) => Buffer.from(one.buffer, one.byteOffset, one.byteLength).toString("hex");
  seen.push(arrays && Object.fromEntries([...arrays].map(([name, one]) => [name, hex(one)])));
}}
console.log(JSON.stringify(seen));
"""


def message(size: int) -> tuple[bytes, str]:
    """A message with a text of ``size`` characters and two arrays."""
    text = "ä中\ud800 " + "x" * size
    a = np.float32([0.25, -1.5, np.inf])
    told = {"lang": "en", "text": text, "has_strings": interface("en", ()).name}  # all but these is measured
    return pack(told, {"a": a, "b": np.zeros(size, dtype=np.uint8)}), text


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


# ---- differences

SHAPES = array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5)
ANY = some.one_of(
    arrays(np.uint8, SHAPES),
    arrays(np.uint16, SHAPES),
    arrays(np.float32, SHAPES, elements=some.floats(width=32)),  # infinities and not-a-numbers too
)


def same(found: Any, expected: npt.NDArray[Any]) -> bool:
    """Type, shape and every bit."""
    alike = found.dtype == expected.dtype and found.shape == expected.shape
    return bool(alike and found.tobytes() == np.ascontiguousarray(expected).tobytes())


@given(ANY, ANY)
def test_an_array_is_what_it_was_whatever_the_browser_held(array: npt.NDArray[Any], before: npt.NDArray[Any]) -> None:
    header, blobs = unpack(
        pack({"lang": "en"}, {"a": array, "b": array.T}, held=Held("x", {"a": before})), {"a": before}
    )
    assert same(blobs["a"], array)
    assert same(blobs["b"], array.T)
    assert header["blobs"]["b"]["base"] is None
    differs = before.dtype == array.dtype and before.ndim == array.ndim
    assert header["blobs"]["a"]["base"] == (list(before.shape) if differs else None)


@needs_node
def test_the_browser_puts_them_together_bit_by_bit(tmp_path: Path) -> None:
    """Growing, shrinking, other types, other numbers of axes; a base that is not there is noticed."""
    random, sent = np.random.default_rng(0), SentArrays()
    shapes = [(3, 4), (4, 4), (2, 7), (2, 2, 3), (2, 3, 3), (5,), (0, 4), (2, 2), (4, 4)]
    pictures: list[Blobs] = [
        {
            "m": random.standard_normal(shape).astype(np.float32),
            "t": random.integers(0, 256, (2, *shape), np.uint8),
            "w": random.integers(0, 65_536, shape, np.uint16),
        }
        for shape in shapes
    ]
    held, written = None, []
    for blobs in pictures:
        name = sent.keep(blobs)
        written.append(pack({"lang": "en", "arrays_id": name}, blobs, held=held))
        held = sent.held(name)
    lost = pack({"lang": "en", "arrays_id": "later"}, pictures[1], held=Held("never sent", pictures[0]))
    files = []
    for number, data in enumerate([*written, lost]):
        files.append(str(tmp_path / f"{number}"))
        Path(files[-1]).write_bytes(data)
    *seen, none = run_node(HELD.format(folder=WEB.as_uri(), files=json.dumps(files)), tmp_path)
    assert seen == [{name: array.tobytes().hex() for name, array in blobs.items()} for blobs in pictures]
    assert none is None


def test_only_the_last_pictures_are_kept_and_each_under_a_name_of_its_own() -> None:
    sent = SentArrays()
    names = [sent.keep({"a": np.full(3, n, np.uint8)}) for n in range(KEPT + 1)]
    assert len(set(names)) == len(names)
    assert [sent.held(name) is not None for name in names] == [False] + [True] * KEPT
    assert sent.keep({}) == ""
    assert sent.held("") is None
    assert sent.keep({"a": np.zeros((1, 2), np.uint8)}) != sent.keep({"a": np.zeros((2, 1), np.uint8)})


@pytest.mark.parametrize(("tokens", "most"), [(32, 12_000), (250, 24_000)])
def test_a_key_brings_what_it_changes(lm: LanguageModel, tokens: int, most: int) -> None:
    """One letter after a text of so many tokens: few bytes, and the numbers of a picture sent whole."""
    page, state = pages.declared("next_token"), arrived("next_token", lm)
    ids = lm.tokenizer.encode(
        "The old man and the sea were friends for many years, and nobody knew how they had met. " * 20
    )
    text = lm.tokenizer.decode(ids[: tokens - 1])
    state.receive({"n": 1, "text": text, "view": {}, "strings": "", "arrays": ""})
    header, held = unpack(picture(page, state, context(lm)))
    said = {"view": {}, "strings": header["strings_id"]}
    state.receive({"n": 2, "text": text + " a", "arrays": header["arrays_id"], **said})
    data = picture(page, state, context(lm))
    state.receive({"n": 3, "text": text + " a", "arrays": "of nobody", **said})
    whole_header, whole = unpack(picture(page, state, context(lm)))
    header, changed = unpack(data, held)
    assert len(header["ids"]) in (tokens, tokens + 1)
    assert len(data) <= most
    assert header["arrays_id"] == whole_header["arrays_id"]
    assert all(same(changed[name], array) for name, array in whole.items())
    assert whole_header["arrays_base"] == ""
