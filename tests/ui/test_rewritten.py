"""A tokenizer that changes a text says so on every page that reads one, in both languages; ours never does."""

from __future__ import annotations

from functools import cache

import pytest

from gptviz.gpt.config import GPTConfig
from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.ui import links, pages
from gptviz.ui.prompts import rewritten
from tests.conftest import random_model
from tests.test_library import both
from tests.ui.desk import HOSTILE, arrived, shown

READING = [name for name in pages.names() if pages.declared(name).state().reads]


@cache
def model(kind: str) -> LanguageModel:
    tokenizer = both(kind)[1]
    shape = GPTConfig(n_layer=1, n_head=2, n_embd=8, block_size=64, vocab_size=tokenizer.vocab_size)
    return LocalModel(random_model(shape), tokenizer)


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", READING)
def test_every_page_that_reads_a_text_says_what_was_changed(name: str, lang: str) -> None:
    lm = model("wordpiece")
    state = arrived(name, lm, **{links.TEXT: "the Cat sat\x00 🙂 on", "lang": lang})
    said = [note["text"] for note in shown(name, state, lm, lang)[0]["notes"]]
    pair = {"lang": lang, "typed": "·Cat", "read": "·cat"}
    assert translate("note.read.altered", lang, examples=translate("note.read.pair", **pair)) in said
    assert translate("note.read.dropped", lang, examples=translate("note.read.one", lang, typed="␀", read="")) in said
    assert any("🙂" in text for text in said)


def test_what_is_quoted_is_short() -> None:
    lm = model("wordpiece")
    found = rewritten(lm, "".join(f" A{'b' * 40}{n}" for n in range(30)) + " 🙂" * 50, "en")
    assert [key for _, key, _ in found]
    for _, _, values in found:
        assert len(values["examples"]) < 300
    assert rewritten(lm, " the cat", "en") == []


@pytest.mark.parametrize("text", HOSTILE)
def test_ours_never_changes_a_text(text: str, lm: LanguageModel) -> None:
    assert rewritten(lm, text, "en") == []
    assert not lm.tokenizer.rewrites
