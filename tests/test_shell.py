"""The shell's conventions: where text comes from and goes to, what is said before, and what is never said in Python's
own words. Where it is the process that matters (encodings, signals) the real command is run.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import gptviz
from gptviz import cli
from gptviz.cli import main, outputs, texts
from gptviz.decoding.exchange import load_run
from gptviz.errors import ConfigError
from gptviz.i18n import strings
from gptviz.language_model import LanguageModel
from gptviz.paths import ROOT

CHINESE = "今天天气很好"


@pytest.fixture(autouse=True)
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands get the tiny model, which is there at once and has room for 32 tokens."""
    tiny = request.getfixturevalue("tiny_lm")
    for module in ("decode", "trace", "surprisal"):
        monkeypatch.setattr(f"gptviz.cli.{module}.load", lambda name: tiny)


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Gives bytes to standard input."""

    def give(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="ascii"))

    return give


def command(*arguments: str | bytes, **environment: str) -> tuple[int, bytes, bytes]:
    """The real one, with the bundled model."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    done = subprocess.run([sys.executable, "-m", "gptviz", *arguments], env=kept | environment, cwd=ROOT, check=False,
                          capture_output=True, input=b"")  # fmt: skip
    return done.returncode, done.stdout, done.stderr


# ---- in


def test_text_comes_from_the_line_a_file_or_standard_input(
    tmp_path: Path, stdin: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "text.txt"
    file.write_bytes(b"\xef\xbb\xbfthe cat\r\n")
    expected = None
    for arguments in (["the cat"], ["--file", str(file)], ["-"], ["--file", "-"]):
        stdin(b"the cat\n")
        assert main(["trace", *arguments, "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        expected = expected or said
        assert said == expected
        assert "".join(token["text"] for token in said["tokens"]) == "the cat"


def test_each_line_is_a_text(
    stdin: Any, capsys: pytest.CaptureFixture[str], tiny_lm: LanguageModel, tmp_path: Path
) -> None:
    lines = b"the cat\n\n   \na dog\n"
    stdin(lines)
    assert main(["trace", "-", "--lines", "--json", "-"]) == 0
    found = [json.loads(line)["ids"] for line in capsys.readouterr().out.splitlines()]
    assert found == [tiny_lm.ids("the cat"), tiny_lm.ids("a dog")]
    stdin(lines)
    file = tmp_path / "runs.jsonl"
    assert main(["generate", "-", "--lines", "--tokens", "3", "--json", str(file)]) == 0
    runs = [load_run(line, tiny_lm) for line in file.read_text().splitlines()]
    assert [run.prompt for run in runs] == ["the cat", "a dog"]
    shown = capsys.readouterr().out
    for run in runs:
        assert run.prompt + next(iter(run.columns.values())).text in shown
    stdin(lines)
    assert main(["compare", "-", "--lines", "-s", "greedy", "--tokens", "2"]) == 0
    assert capsys.readouterr().out.count("ended by") == 2


def test_one_final_line_end_is_the_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x\n\n")
    assert texts.read(str(tmp_path / "a")) == "x\n"


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["trace"], "cli.no_text"),
        (["trace", "--json", "the cat"], "cli.no_text"),
        (["trace", "a", "--file", "b"], "cli.two_texts"),
        (["trace", "a", "--encoding", "hex"], None),  # there is nothing to decode
        (["trace", "--file", __file__, "--encoding", "hex"], "text.no_such_encoding"),
        (["trace", "--file", "/no/such"], "text.unreadable"),
        (["trace", " \n ", "--lines"], "prompt.empty"),
        (["generate", "x", "--json", "-", "--html", "-"], "cli.two_outputs"),
        (["generate", "a\nb", "--lines", "--csv", "x.csv"], "cli.one_text"),
        (["generate", "x", "--window", "--json", "-"], "cli.window_kept"),
        (["replay", "/no/such"], "text.unreadable"),
        (["surprisal", "/no/such"], "text.unreadable"),
        (["surprisal", "-"], "prompt.empty"),
        (["surprisal", "-", "--lines"], "prompt.empty"),
    ],
)
def test_what_cannot_be_read_or_written_is_one_sentence(
    arguments: list[str], key: str | None, stdin: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    stdin(b"")
    try:
        code = main(arguments)
    except SystemExit as mistake:  # in the line itself
        code = int(str(mistake.code))
    assert code == (2 if key else 0)
    said = capsys.readouterr()
    if key:
        assert (said.out, len(said.err.splitlines())) == ("", 1)
        assert said.err.startswith("gptviz: " + strings("en")[f"error.{key}"].partition("{")[0])
    assert not list(tmp_path.iterdir())  # nothing is left of a try to write


def test_standard_input_that_is_closed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(ConfigError, match="standard input cannot be read"):
        texts.read("-")


# ---- out


def test_a_run_goes_through_a_pipe(stdin: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "the cat", "--tokens", "4", "--json", "-"]) == 0
    stdin(capsys.readouterr().out.encode())
    assert main(["replay", "-"]) == 0
    assert "The same as saved." in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["json", "csv", "html"])
@pytest.mark.parametrize("where", ["no/such/run", "."])
def test_what_cannot_be_written_is_told_before_the_run(
    kind: str, where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gptviz.cli.decode.load", lambda name: pytest.fail("the model was loaded"))
    assert main(["generate", "x", f"--{kind}", str(tmp_path / where)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "cannot be written" in said.err


def test_trying_whether_a_file_can_be_written_does_not_touch_it(tmp_path: Path) -> None:
    parser = cli._parser()
    kept = tmp_path / "run.json"
    kept.write_text("old")
    args = parser.parse_args(["generate", "x", "--json", str(kept), "--csv", str(tmp_path / "new.csv")])
    assert outputs.wanted(args) == {"json": str(kept), "csv": str(tmp_path / "new.csv")}
    assert kept.read_text() == "old"
    assert list(tmp_path.iterdir()) == [kept]
    assert outputs.wanted(parser.parse_args(["generate", "x", "--json", "/dev/null"])) == {"json": "/dev/null"}


@pytest.mark.parametrize("option", [["--tokens", "0"], ["--seed", "-1"], ["--seed", "1.5"], ["--tokens", "9" * 5000]])
def test_bad_numbers_are_told_before_anything_is_written(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("generate", "compare"):
        with pytest.raises(SystemExit) as caught:
            main([name, "x", *option])
        assert caught.value.code == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert len(said.err.splitlines()) == 1
        assert len(said.err) < 300


def test_a_prompt_without_room_is_told_before_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["generate", "a" * 32], ["compare", "a" * 32], ["generate", "a\n" + "a" * 32, "--lines"]):
        assert main(arguments) == 2
        assert capsys.readouterr().out == ""


# ---- longer than the context


def test_a_full_context_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "a" * 27, "--tokens", "30"]) == 0
    said = capsys.readouterr().err
    assert "stopped at 5 of 30 tokens: the context of 32 is full" in said
    assert "--window" in said
    assert main(["compare", "a" * 27, "-s", "greedy", "--tokens", "30"]) == 0
    assert "greedy: stopped at 5 of 30 tokens" in capsys.readouterr().err
    assert main(["generate", "a" * 27, "--tokens", "5"]) == 0  # all that was asked for
    assert capsys.readouterr().err == ""


def test_the_window_slides_and_says_so(capsys: pytest.CaptureFixture[str], tiny_lm: LanguageModel) -> None:
    assert main(["generate", "a" * 27, "--tokens", "30", "--window", "--seed", "5"]) == 0
    said = capsys.readouterr()
    text = said.out.removesuffix("\n").removeprefix("a" * 27)
    assert len(text) == 30
    assert "slid 2 times" in said.err
    assert main(["generate", "a" * 27, "--tokens", "5", "--seed", "5"]) == 0
    assert text.startswith(capsys.readouterr().out.removesuffix("\n").removeprefix("a" * 27))
    assert main(["generate", "b" * 100, "--tokens", "3", "--window"]) == 0
    assert "slid 1 time:" in capsys.readouterr().err
    assert main(["generate", "the", "--tokens", "3", "--window"]) == 0
    assert capsys.readouterr().err == ""


# ---- the process


@pytest.mark.slow
def test_text_is_utf_8_whatever_the_locale_is() -> None:
    """LC_ALL=C as Python softens it, and without that; the bytes of the argument are those of the text."""
    expected = list(gptviz.load().ids(CHINESE))
    for environment in ({"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}):
        code, out, err = command("trace", CHINESE.encode(), "--json", **environment)
        assert (code, err) == (0, b"")
        assert json.loads(out.decode("utf-8"))["ids"] == expected


@pytest.mark.slow
def test_damaged_bytes_are_told_with_the_encoding_they_look_like() -> None:
    code, out, err = command("trace", CHINESE.encode("gbk"), LC_ALL="C.UTF-8")
    assert (code, out) == (2, b"")
    assert b"the text on the command line is not UTF-8: the byte at offset 0 is BD" in err
    assert b"--encoding gb18030" in err
    code, out, _ = command("trace", CHINESE.encode("gbk"), "--encoding", "gb18030", "--json", LC_ALL="C.UTF-8")
    assert json.loads(out)["ids"] == list(gptviz.load().ids(CHINESE))


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["generate", "--help"], ["generate", CHINESE, "--tokens", "2"], ["trace", ""]])
def test_no_output_encoding_makes_it_fail(arguments: list[str]) -> None:
    code, out, err = command(*arguments, PYTHONIOENCODING="cp1252", LC_ALL="C.UTF-8")
    assert code == (2 if arguments[-1] == "" else 0)
    assert b"Traceback" not in err
    assert (CHINESE.encode("ascii", "backslashreplace") in out) == (CHINESE in arguments)


@pytest.mark.slow
def test_json_on_standard_output_is_utf_8_whatever_its_encoding_is() -> None:
    code, out, _ = command("generate", CHINESE, "--tokens", "2", "--json", "-", PYTHONIOENCODING="cp1252")
    assert code == 0
    assert load_run(out, gptviz.load()).prompt == CHINESE


#: Presses Ctrl-C at the moment when a library begins to be imported, then does what ``python -m gptviz`` does.
_PRESS = """
import os, runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
class Press:
    def find_spec(self, name, path=None, target=None):
        if name == {library!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Press())
sys.argv = ["gptviz", "trace", "x"]
runpy.run_module("gptviz", run_name="__main__", alter_sys=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("library", ["numpy", "torch", "gptviz.cli.decode", "tiktoken"])
def test_ctrl_c_while_libraries_are_imported_is_quiet(library: str) -> None:
    done = subprocess.run([sys.executable, "-c", _PRESS.format(library=library)], cwd=ROOT, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "")


def test_ctrl_c_later_is_quiet_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def pressed(name: str | None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gptviz.cli.trace.load", pressed)
    assert main(["trace", "x"]) == 130
    assert capsys.readouterr().err == "\n"


def test_what_the_system_refuses_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder to write to that is a file."""
    (tmp_path / "text.txt").write_text("the cat sat on the mat " * 30)
    (tmp_path / "out").write_text("a file")
    arguments = ["train", str(tmp_path / "text.txt"), str(tmp_path / "out"), "--characters", "--steps", "1", "--device",
                 "cpu"]  # fmt: skip
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.splitlines()[-1].startswith(f"gptviz: {tmp_path / 'out'}")


def test_the_conventions_are_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "- is standard input" in said
    assert "- is standard output" in said
