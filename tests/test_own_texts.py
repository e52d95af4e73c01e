"""A text of one's own to learn from: how it comes, how it is read, and what is no text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.errors import ConfigError
from gptviz.jobs import folder
from gptviz.jobs.folder import OWN, Ask
from gptviz.jobs.texts import Own, Place, read

MINE = "e" * 32
CHINESE = "从前有一个可爱的女孩，名叫小红。她有一个红色的皮球。"


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))
    return tmp_path / "jobs"


@pytest.fixture
def place() -> Place:
    return folder.own_text(MINE)


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [(b"ab\r\nab\rc", "ab\nab\nc", "utf-8"), (b"\xef\xbb\xbfab", "ab", "utf-8"),
     (CHINESE.encode("gbk"), CHINESE, "gb18030"), (CHINESE.encode("utf-16"), CHINESE, "utf-16"),
     ("a b c déjà vu".encode("latin-1"), "a b c déjà vu", "cp1252"), ("a🙂".encode(), "a🙂", "utf-8"),
     ("hello there\n".encode("utf-16-le"), "hello there\n", "utf-16-le")],
)  # fmt: skip
def test_the_encoding_is_found_and_said(data: bytes, text: str, encoding: str) -> None:
    assert read(data, "x") == (text, encoding)


@pytest.mark.parametrize(
    ("data", "key"),
    [(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 9, "jobs.text_binary"), (b"ab\x00\x01" * 9, "jobs.text_binary"),
     (b"\x7fELF\x02\x01\x01" + bytes(99), "jobs.text_binary"), (b"", "jobs.text_empty"), (b"a", "jobs.text_empty"),
     (b"a" * 500, "train.one_character"), (b"\xff\xfe", "jobs.text_empty")],
)  # fmt: skip
def test_what_is_no_text_is_a_sentence(data: bytes, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(data, "picture.png")
    assert caught.value.key == key
    assert all(caught.value.say(lang) for lang in ("en", "zh"))


@given(data=st.binary(max_size=300), whole=st.booleans())
def test_any_bytes_are_a_text_or_a_sentence(data: bytes, whole: bool) -> None:
    try:
        text, _ = read(data, "x", whole=whole)
    except ConfigError as error:
        sentence = error.say("en")
    else:
        sentence = text
        assert text.encode("utf-8")
    assert len(set(sentence)) > 1


@given(text=st.text(st.characters(exclude_categories=["C"]), min_size=2), at=st.integers(0, 400))
def test_what_is_cut_is_cut_between_characters(text: str, at: int) -> None:
    """In the middle of one of several bytes, what comes before it is read."""
    data = text.encode("utf-8")[:at]
    whole = data.decode("utf-8", "ignore").replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if len(set(whole)) > 1:
        assert read(data, "x", whole=False) == (whole, "utf-8")


def test_it_comes_in_pieces_and_is_read_with_the_last(place: Place) -> None:
    data = CHINESE.encode()
    for at in range(0, len(data), 7):
        assert place.own is None
        place.add(data[at : at + 7], at, last=at + 7 >= len(data), name="红\n.txt", whole=len(data) + 1000)
    assert place.own == Own("红.txt", len(CHINESE), len(set(CHINESE)), len(data), 1000, "utf-8")
    assert place.text.read_text(encoding="utf-8") == CHINESE
    assert [path.name for path in place.folder.iterdir() if path.name not in ("text.txt", "said.json")] == []


def test_pieces_out_of_order_are_told_and_what_lay_ready_stays(place: Place) -> None:
    place.add(b"ab", 0, last=True)
    ready = place.own
    for at in (3, 1):
        with pytest.raises(ConfigError) as caught:
            place.add(b"cd", at, last=True)
        assert caught.value.key == "jobs.text_broken"
    place.add(b"xy", 0, last=False)
    with pytest.raises(ConfigError):
        place.add(b"cd", 9, last=True)
    with pytest.raises(ConfigError) as caught:
        place.add(b"\x00" * 50, 0, last=True)
    assert caught.value.key == "jobs.text_binary"
    assert place.own == ready


def test_no_more_is_taken_than_there_may_be(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPTVIZ_JOB_TEXT", "1")
    place.add(b"ab" * 300_000, 0, last=False)
    with pytest.raises(ConfigError) as caught:
        place.add(b"ab" * 300_000, 600_000, last=True)
    assert caught.value.key == "jobs.text_large"
    assert list(place.folder.iterdir()) == []
    monkeypatch.setattr("gptviz.jobs.texts.TOGETHER", 0)
    place.add(b"ab", 0, last=True)
    with pytest.raises(ConfigError) as caught:
        folder.own_text("f" * 32).add(b"ab", 0, last=True)
    assert caught.value.key == "jobs.text_full"


def test_a_job_has_a_copy_of_its_own_and_none_begins_without_a_text(place: Place, jobs: Path) -> None:
    ask = Ask(OWN, "tiny", text="a.txt")
    with pytest.raises(ConfigError) as caught:
        folder.create(MINE, ask)
    assert caught.value.key == "jobs.no_text"
    assert list(folder.every()) == []
    place.add(b"abab", 0, last=True)
    job = folder.create(MINE, ask)
    place.add(b"xyxy", 0, last=True)
    assert (job.path / "text.txt").read_bytes() == b"abab"
    assert folder.jobs_of(MINE) == [job]


def test_a_text_that_nobody_uses_is_deleted_when_its_time_is_over(place: Place) -> None:
    place.add(b"abab", 0, last=True)
    assert folder.sweep() == 0
    assert place.own is not None
    for path in place.folder.iterdir():
        os.utime(path, (1, 1))
    folder.sweep()
    assert place.own is None
    assert not place.folder.exists()
