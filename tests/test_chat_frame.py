"""What a template writes around its messages, found once: the same ids as by the template, and no process at a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gptviz import chat
from gptviz.chat import frame
from gptviz.chat.rendering import rendered
from gptviz.errors import PromptError
from gptviz.language_model import LocalModel
from tests.chats import LOOPS, NO_SYSTEM, TEMPLATE, chatty

pytestmark = pytest.mark.slow  # each template has a process of its own

_FOLDER = Path(__file__).parent / "templates"
#: Those of published models, and ones that look at what is said.
TEMPLATES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(_FOLDER.iterdir())} | {
    "own": TEMPLATE,
    "trims": "{% for m in messages %}<{{ m.content | trim }}>{% endfor %}",
    "asks": "{% for m in messages %}{% if '</think>' in m.content %}!{% endif %}{{ m.content }}{% endfor %}",
    "begins": "{% for m in messages %}{% if m['content'].startswith(\"<tool>\") %}!{% endif %}{{ m.content }}"
    "{% endfor %}",
    "tells": "{% for m in messages %}{{ m.content.split('cat ')[-1] }}{% endfor %}",
    "long": "{% for m in messages %}{{ m.content if m.content | length < 100 else 'long' }}{% endfor %}",
    "first": "{{ messages[0].content }}",
    "twice": "{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}",
    "upper": "{% for m in messages %}{{ m.content | upper }}{% endfor %}",
    "empty": "{% for m in messages %}[{{ m.content or 'nothing' }}]{% endfor %}",
    "newline": "{% for m in messages %}[{{ m.content | replace('\n', ' ') }}]{% endfor %}",
}
FRAMED = {"chatml", "llama3", "mistral", "zephyr", "own", "trims", "asks", "begins", "tells", "empty", "first"}


@pytest.fixture
def lm(tmp_path: Path) -> LocalModel:
    return chatty(tmp_path)


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    frame._kept.clear()
    yield
    frame._kept.clear()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many texts each process that was started filled in."""
    found: list[int] = []

    def counted(template: str, values: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        found.append(len(values))
        return rendered(template, values)

    monkeypatch.setattr(frame, "rendered", counted)
    return found


def ids(lm: LocalModel, template: str, messages: list[dict[str, str]], *, live: bool) -> list[int] | str:
    """Or the key of what is said where there are none."""
    try:
        return chat.encode(lm.tokenizer, template, messages, live=live)
    except PromptError as error:
        return error.key


def asked(*texts: str) -> list[dict[str, str]]:
    """The last of them the user's, one before it the system's."""
    return [{"role": role, "content": text} for role, text in zip(("user", "system"), texts[::-1], strict=False)][::-1]


SAID = st.lists(
    st.sampled_from(["the cat ", " ", "\n", "好", "🙂", "<|im", "_end|>", "<|im_end|>", "</think>", "<tool>", "system",
                     "{{ x }}", "{% if", "\t", "user", "content", "a" * 120, "'", '"', "\\", "\ufffd", "\x00", "."]),
    min_size=1, max_size=6,
).map("".join)  # fmt: skip


@pytest.mark.parametrize("name", TEMPLATES)
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(SAID, min_size=1, max_size=2))
def test_it_is_what_the_template_writes(lm: LocalModel, name: str, said: list[str]) -> None:
    """Marks typed, white space, words that the template asks for: the same ids, or the same refusal."""
    messages = asked(*said)
    assert ids(lm, TEMPLATES[name], messages, live=True) == ids(lm, TEMPLATES[name], messages, live=False)


@pytest.mark.parametrize("name", TEMPLATES)
def test_which_templates_have_one(lm: LocalModel, name: str) -> None:
    """Those of published models do; where a text is changed, cut or counted there is none."""
    found = frame.frame_of(TEMPLATES[name], ["user"], chat._given(lm.tokenizer, True) | {"messages": []})
    assert (found is not None) == (name in FRAMED)
    assert found is None or found.trims == (name in ("trims", "llama3"),)


def test_a_key_starts_no_process(lm: LocalModel, started: list[int]) -> None:
    for n in range(1, 30):
        assert isinstance(ids(lm, TEMPLATE, asked("Why is the sky blue?"[:n]), live=True), list)
    assert len(started) == 1
    for n in range(1, 12):  # the system line is typed too
        ids(lm, TEMPLATE, asked("Be brief, ok"[:n], "Why?"), live=True)
    assert len(started) == 2


def test_a_word_that_the_template_asks_for_goes_to_it(lm: LocalModel, started: list[int]) -> None:
    template = TEMPLATES["asks"]
    ids(lm, template, asked("a"), live=True)
    assert len(started) == 1
    assert lm.tokenizer.decode(chat.encode(lm.tokenizer, template, asked("a</think>b"), live=True)) == "!a</think>b"
    assert len(started) == 2


@pytest.mark.parametrize(("template", "key"), [(LOOPS, "chat.slow"), ("{% if", "chat.reason"),
                                               ("{{ 'a' * 10**9 }}", "chat.large")])  # fmt: skip
def test_what_fails_is_not_tried_at_every_key(lm: LocalModel, started: list[int], monkeypatch: pytest.MonkeyPatch,
                                              template: str, key: str) -> None:  # fmt: skip
    """A loop without an end takes a second of everybody's time: once, and again in a minute."""
    now = 0.0
    monkeypatch.setattr(frame, "monotonic", lambda: now)
    assert [ids(lm, template, asked("a" * n), live=True) for n in range(1, 5)] == [key] * 4
    once = len(started)
    assert once <= 2
    now = frame.FORGIVEN + 1
    assert ids(lm, template, asked("abc"), live=True) == key
    assert len(started) == 2 * once


def test_a_role_that_is_refused_leaves_the_others(lm: LocalModel) -> None:
    with pytest.raises(PromptError) as caught:
        chat.encode(lm.tokenizer, NO_SYSTEM, asked("Be brief.", "Why?"), live=True)
    assert "System role not supported" in caught.value.say("zh")
    assert ids(lm, NO_SYSTEM, asked("Why?"), live=True) == ids(lm, TEMPLATE, asked("Why?"), live=True)


@pytest.mark.parametrize("texts", [("Why?",), ("Be brief.", "Why?"), ("<|im_end|>", " a\n<|im_start|>user\nb ")])
def test_what_was_asked_is_read_from_a_chat(lm: LocalModel, texts: tuple[str, ...]) -> None:
    written = lm.tokenizer.decode(lm.chat(asked(*texts)))
    assert chat.read(lm.tokenizer, TEMPLATE, written) == (texts[-1], texts[0] if len(texts) > 1 else "")


@pytest.mark.parametrize("text", ["", "Why?", "<|im_start|>user\nWhy?", TEMPLATE])
def test_what_is_no_chat_is_none(lm: LocalModel, text: str) -> None:
    assert chat.read(lm.tokenizer, TEMPLATE, text) is None
    assert chat.read(lm.tokenizer, LOOPS, text) is None


def test_many_messages_have_no_frame(lm: LocalModel) -> None:
    """Nobody types so many; that white space is cut at some of them is tried out for each."""
    talk = [{"role": ("user", "assistant")[n % 2], "content": "a "} for n in range(40)]
    assert ids(lm, TEMPLATES["trims"], talk, live=True) == ids(lm, TEMPLATES["trims"], talk, live=False)
