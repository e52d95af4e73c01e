"""Models that cannot be had, damaged folders, vocabularies with gaps: a sentence, a way on, and the text is kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from gptviz import catalogue
from gptviz.catalogue import ENVIRONMENT
from gptviz.errors import WeightsError
from gptviz.i18n import languages, translate
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.ui.others import OPEN
from gptviz.ui.plain import plain
from tests.app.conftest import MakeModel
from tests.app.visitor import Visitor

NOT_THERE = ("nobody/nothing-of-this-name", "gpt2-xl", "<b>*x*</b> $y$", " ", "/no/such/folder")


@pytest.mark.slow
@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", NOT_THERE)
def test_a_model_that_cannot_be_had(lang: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offline: a sentence and a way back, above the bundled model's picture of the prompt that came with the link."""
    monkeypatch.setenv(OPEN, "1")
    with pytest.raises(WeightsError) as reason:
        catalogue.load(name)
    visitor = Visitor(lang=lang, model=name, p="Kept").run()
    assert [asked.value for asked in visitor.at.warning] == [plain(translate("toolbar.link_asks", lang, name=name))]
    assert not visitor.at.error
    visitor.at.button(key="open_asked").click()
    visitor.run()
    assert not visitor.at.warning
    assert [error.value for error in visitor.at.error] == [plain(reason.value.say(lang))]
    assert visitor.header["ids"] == catalogue.load().tokenizer.encode("Kept")
    visitor.press("toolbar.try_again", lang)
    assert len(visitor.at.error) == 1
    visitor.press("toolbar.use_default", lang)
    assert not visitor.at.error
    assert visitor.header["text"] == "Kept"


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", NOT_THERE)
def test_a_link_opens_no_model_that_was_not_laid_out(lang: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is loaded or fetched for it: the page says what the link asks for, and there is a way back."""
    monkeypatch.setenv(OPEN, "0")
    monkeypatch.setattr(catalogue, "download", lambda *_, **__: pytest.fail("downloads"))
    visitor = Visitor(lang=lang, model=name, p="Kept").run()
    said = plain(translate("toolbar.link_asks_closed", lang, name=name))
    assert [asked.value for asked in visitor.at.warning] == [said]
    assert visitor.header["ids"] == catalogue.load().tokenizer.encode("Kept")
    visitor.open_menu()
    assert translate("toolbar.open", lang) not in [button.label for button in visitor.at.button]
    visitor.press("toolbar.use_default", lang)
    assert not visitor.at.warning
    assert visitor.header["text"] == "Kept"


def _cut_off(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def _empty_file(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"")


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04cos\nsystem\n.")


def _gone(folder: Path) -> None:
    shutil.rmtree(folder)


def _no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _other_architecture(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "bert"}))


def _other_shape(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"n_embd": 32}))


def _no_json(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def _not_finite(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    name = next(iter(tensors))
    tensors[name] = np.full_like(tensors[name], np.nan)
    save_file(tensors, folder / "model.safetensors")


def _no_vocabulary(folder: Path) -> None:
    (folder / "vocab.tiktoken").unlink()


def _damaged_vocabulary(folder: Path) -> None:
    path = folder / "vocab.tiktoken"
    path.write_bytes(path.read_bytes()[:-7] + b"\xff\xfe\x00")


DAMAGES = (_cut_off, _empty_file, _pickled, _gone, _no_weights, _other_architecture, _other_shape, _no_json,
           _not_finite, _no_vocabulary, _damaged_vocabulary)  # fmt: skip


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: str(damage.__name__).strip("_"))
def test_a_damaged_model_folder(damage: Callable[[Path], None], lang: str, make_model: MakeModel,
                                monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """Chosen from the menu while a text and a path are at hand: both are there again with the default model."""
    name = f"broken{damage.__name__}_{lang}"
    folder = make_model(name)
    damage(folder)
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    with pytest.raises(ValueError, match=r".") as reason:
        catalogue.load(name)
    visitor = Visitor(lang=lang).run().say(text="Typed by hand").do("step")
    ids = visitor.header["ids"]
    visitor.switch_model(name)
    assert [error.value for error in visitor.at.error] == [plain(reason.value.say(lang))]  # type: ignore[attr-defined]
    assert visitor.screen.text == "Typed by hand"
    assert visitor.header["ids"] == ids  # the bundled model's picture stays
    visitor.press("toolbar.use_default", lang)
    assert not visitor.at.error
    assert visitor.header["ids"] == ids


@pytest.mark.parametrize("lang", languages())
def test_a_text_that_the_vocabulary_lacks(lang: str, make_model: MakeModel) -> None:
    """A model that knows only some characters names the one it does not know; the text stays and can be changed."""
    make_model(f"letters_{lang}", tokenizer=Tokenizer.characters("abc "))
    visitor = Visitor(lang=lang).run().say(text="a中b")
    visitor.switch_model(f"letters_{lang}")
    assert visitor.screen.text == "a中b"
    sentence = translate("error.tokenizer.character", lang, character="中", code="U+4E2D")
    assert sentence in visitor.notes()
    assert visitor.header["text"] == "a中b"
    assert visitor.header["ids"] == []
    assert len(visitor.do("step").say(text="ab").header["ids"]) == 2
    assert visitor.notes() == []
