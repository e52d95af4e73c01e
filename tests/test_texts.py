"""Text from bytes: one text has one reading wherever it lies, and what is no text is told with its place."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz import texts
from gptviz.errors import ConfigError
from gptviz.training.data import prepare, read_text

CHINESE = "今天天气很好，我们去公园。\n人工智能是什么？\n"
FRENCH = "Déjà vu : l’été, où « naïf » était un mot très français.\n"


def test_a_file_and_its_compressed_copy_are_the_same_text(tmp_path: Path) -> None:
    """With a byte order mark and the line ends of another system: the same text, tokens, and bytes that are counted."""
    data = b"\xef\xbb\xbf" + b"The cat\r\nsat.\r\n<|endoftext|>\r\nOn the mat.\n"
    plain, packed, clean = (tmp_path / name for name in ("a.train.txt", "b.train.txt.xz", "c.train.txt"))
    plain.write_bytes(data)
    packed.write_bytes(lzma.compress(data))
    clean.write_bytes(b"The cat\nsat.\n<|endoftext|>\nOn the mat.\n")
    assert read_text(plain) == read_text(packed) == read_text(clean) == clean.read_text()
    letters = type("Letters", (), {  # one id for each character
        "vocab_size": 128, "end_of_text": None, "encode": staticmethod(lambda text: list(map(ord, text))),
    })()  # fmt: skip
    parts = [prepare(path, letters, tmp_path / "tokens") for path in (plain, packed, clean)]
    assert len({(part.n_bytes, part.ids.tobytes(), part.starts.tobytes()) for part in parts}) == 1
    assert parts[0].n_bytes == len("The cat\nsat.") + len("On the mat.")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufeff")))
def test_utf_8_comes_back_with_and_without_a_mark(text: str) -> None:
    assert texts.decode(text.encode(), "x") == text
    assert texts.decode(text.encode("utf-8-sig"), "x") == text
    assert texts.decode(text.encode("utf-16"), "x", "utf-16") == text
    assert texts.decode(text.replace("\n", "\r\n").encode(), "x") == text


@given(st.binary(max_size=60), st.none() | st.sampled_from(["gb18030", "utf-16", "cp1252", "ascii"]))
def test_any_bytes_are_a_text_or_told(data: bytes, encoding: str | None) -> None:
    try:
        data.decode(encoding or "utf-8")
    except UnicodeDecodeError as wrong:
        offset = wrong.start
    else:
        assert "\r" not in texts.decode(data, "f", encoding)
        return
    with pytest.raises(ConfigError, match="f is not") as caught:
        texts.decode(data, "f", encoding)
    assert caught.value.values["offset"] == offset
    assert data[offset] == int(caught.value.values["byte"], 16)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (CHINESE.encode("gbk"), "gb18030"),
        (FRENCH.encode("cp1252"), "cp1252"),
        ("Müller".encode("latin-1"), "cp1252"),
        (CHINESE.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + FRENCH.encode("utf-16-be"), "utf-16"),
        ("A line of éclairs.".encode("utf-16-le"), "utf-16-le"),
        ("A line of éclairs.".encode("utf-16-be"), "utf-16-be"),
        (b"\x81\x8d\x8f\xff\xff", None),
    ],
)
def test_other_encodings_are_recognised_and_read(data: bytes, encoding: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        texts.decode(data, "poem.txt")
    assert caught.value.values["file"] == "poem.txt"
    if encoding is None:
        assert caught.value.key == "text.not_utf8"
        return
    assert f"--encoding {encoding}" in str(caught.value)
    for original in (CHINESE, FRENCH, "Müller", "A line of éclairs."):
        if original[:3] in texts.decode(data, "x", encoding):
            assert texts.decode(data, "x", encoding) == original
            return
    raise AssertionError("read as something else")


@pytest.mark.parametrize("name", ["hex", "no-such", "a\0b", "\ud800", "x" * 500, "undefined"])
def test_a_name_of_no_encoding_is_told(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        texts.decode(b"a.b", "x", name)
    assert caught.value.key in ("text.no_such_encoding", "text.not_encoding")
    assert len(str(caught.value)) < 200


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "cut.txt.xz").write_bytes(lzma.compress(b"text " * 100)[:40])
    (tmp_path / "none.txt.xz").write_bytes(b"text")
    for name, key in (
        ("cut.txt.xz", "damaged"),
        ("none.txt.xz", "damaged"),
        ("missing.txt", "unreadable"),
        (".", "unreadable"),
    ):
        with pytest.raises(ConfigError) as caught:
            texts.read(tmp_path / name)
        assert caught.value.key == f"text.{key}"
        assert str(tmp_path) in str(caught.value)
