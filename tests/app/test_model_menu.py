"""The menu of models: what each entry says, what does not fit, and what is for whose eyes."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from gptviz import catalogue, finding, memory
from gptviz.catalogue import DEFAULT, ENVIRONMENT
from gptviz.errors import WeightsError
from gptviz.gpt.summary import summary
from gptviz.i18n import languages, translate
from gptviz.language_model import LanguageModel
from gptviz.rounding import gigabytes
from gptviz.ui import cache, limits, model_choice, model_menu
from gptviz.ui.others import OPEN
from gptviz.ui.plain import plain
from tests.app.conftest import MakeModel
from tests.app.visitor import Visitor

each_language = pytest.mark.parametrize("lang", languages())


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``make run`` serves; nothing is loaded yet."""
    monkeypatch.setattr(model_choice, "_address", lambda: "localhost")
    monkeypatch.delenv(OPEN, raising=False)
    monkeypatch.setattr(catalogue, "_packaged", lambda: None)
    catalogue.forget_found()
    cache.models().clear()


@pytest.fixture
def found(make_model: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Models of other programs: ``good`` can be opened, ``bert`` is of another kind, ``broken`` is damaged."""

    def look(count: int = 1, **finds: object) -> None:
        folder = make_model("found-good")
        monkeypatch.setenv(ENVIRONMENT, "")
        bert = tmp_path / "bert"
        bert.mkdir()
        (bert / "config.json").write_text(json.dumps({"model_type": "bert"}))
        broken = tmp_path / "x.gguf"
        broken.write_bytes(b"GGUF")
        models = {f"ollama/good:{n}": folder for n in range(count)} | {"ollama/bert": bert, "ollama/broken": broken}
        monkeypatch.setenv(finding.ENVIRONMENT, "1")
        monkeypatch.setattr(finding, "find", lambda: {"Ollama": finding.Finds(models, **finds)})  # type: ignore[arg-type]

    return look


def labels(visitor: Visitor) -> dict[str, str]:
    """What the menu's buttons say, by model."""
    return {b.key.removeprefix("model_"): b.label for b in visitor.at.button if b.key and b.key.startswith("model_")}


def captions(visitor: Visitor) -> list[str]:
    return [caption.value for caption in visitor.at.caption]


@each_language
def test_each_entry_says_what_it_is(make_model: MakeModel, lang: str) -> None:
    folder = make_model("mine")
    (folder / "README.md").write_text("---\nlanguage: [en, zh, fr, de, it, es]\n---\n")
    visitor = Visitor(lang=lang).run()
    assert labels(visitor) == {}  # nothing is read before somebody looks
    said = labels(visitor.open_menu())
    assert list(said) == ["bilingual", "small", "mine", *catalogue.GPT2]
    about = summary(folder)
    for part in ("GPT-2", translate("toolbar.context", lang, count="64"), "en, zh, fr, de +2",
                 translate("toolbar.takes", lang, size=gigabytes(about.memory(limits.most_tokens())))):  # fmt: skip
        assert plain(part) in said["mine"]
    assert plain("en, zh") in said["bilingual"]
    assert plain(translate("toolbar.needs_download", lang, size="6.4 GB")) in said["gpt2-xl"]


def test_nothing_is_looked_for_or_read_until_the_menu_is_open(
    found: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    found()
    catalogue.load(DEFAULT)
    usual = catalogue.about
    monkeypatch.setattr(finding, "find", lambda: pytest.fail("looks"))
    monkeypatch.setattr(
        catalogue, "about", lambda path: usual(path) if path.name == DEFAULT else pytest.fail(f"reads {path}")
    )
    visitor = Visitor().run().say(text="abc")
    assert visitor.header["text"] == "abc"


@each_language
def test_other_programs_models_are_a_group_and_what_cannot_be_opened_is_a_line(
    found: Callable[..., None], lang: str
) -> None:
    found(left_out=3, unread=True)
    visitor = Visitor(lang=lang).run().open_menu()
    assert "ollama/good:0" in labels(visitor)
    assert not {"ollama/bert", "ollama/broken"} & labels(visitor).keys()
    said = captions(visitor)
    assert "**Ollama**" in said
    known = translate("toolbar.between", lang).join(family.title for family in model_menu.FAMILIES.values())
    for key, values in (
        ("other_kinds", {"count": 1, "names": "ollama/bert (bert)", "known": known}),
        ("not_readable", {"count": 1, "names": "ollama/broken"}),
        ("left_out", {"count": 3}),
        ("unread", {"program": "Ollama"}),
    ):
        assert plain(translate(f"toolbar.{key}", lang, **values)) in said
    visitor.switch_model("ollama/good:0")
    assert visitor.header["attention"]["n_layer"] == 2
    assert visitor.at.query_params["model"] in ("ollama/good:0", ["ollama/good:0"])


def test_a_model_that_was_laid_out_and_is_none_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bert").mkdir()
    (tmp_path / "bert" / "config.json").write_text(json.dumps({"model_type": "bert"}))
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv(ENVIRONMENT, f"{tmp_path / 'bert'}:{tmp_path / 'empty'}")
    said = labels(Visitor(lang="en").run().open_menu())
    assert "of the kind bert, which is none of Gemma, GPT-2" in said["bert"].replace("\\", "")
    assert plain(translate("toolbar.damaged", "en")) in said["empty"]


@pytest.mark.parametrize(("address", "opening"), [("0.0.0.0", ""), ("0.0.0.0", "1"), ("", ""), ("localhost", "0")])
def test_what_others_see_is_what_was_laid_out(
    found: Callable[..., None], monkeypatch: pytest.MonkeyPatch, address: str, opening: str
) -> None:
    """Neither in the menu nor by a link nor by typing its name, however the server was started."""
    found()
    monkeypatch.setattr(model_choice, "_address", lambda: address)
    monkeypatch.setenv(OPEN, opening)
    visitor = Visitor(lang="en", model="ollama/good:0").run()
    key = "link_asks" if opening == "1" else "link_asks_closed"
    assert [w.value for w in visitor.at.warning] == [plain(translate(f"toolbar.{key}", "en", name="ollama/good:0"))]
    assert "ollama/good:0" not in labels(visitor.open_menu())
    assert "**Ollama**" not in captions(visitor)
    if opening == "1":
        visitor.at.button(key="open_asked").click()
        visitor.run()
    assert len(visitor.at.warning) == 1
    assert "ollama/good:0" not in cache.models()


def test_forty_models_are_searched(found: Callable[..., None]) -> None:
    found(count=40)
    visitor = Visitor(lang="en").run().open_menu()
    assert len(labels(visitor)) >= 40
    visitor.at.text_input(key="toolbar_search").set_value("GOOD :1")
    visitor.run()
    assert set(labels(visitor)) == {f"ollama/good:{n}" for n in (1, *range(10, 20))}
    visitor.at.text_input(key="toolbar_search").set_value("gpt-2 bili")
    assert set(labels(visitor.run())) == {"bilingual", "small"}
    visitor.at.text_input(key="toolbar_search").set_value("no such model <b>")
    assert labels(visitor.run()) == {}
    assert plain(translate("toolbar.none_found", "en")) in captions(visitor)


def test_few_models_are_not(make_model: MakeModel) -> None:
    make_model("one")
    visitor = Visitor().run().open_menu()
    assert [field.key for field in visitor.at.text_input] == ["toolbar_other"]


@each_language
def test_what_does_not_fit_says_so_before_it_is_read(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch, lm: LanguageModel, lang: str
) -> None:
    """In the menu and when it is chosen; the bundled model's picture stays, and whoever insists may."""
    name = f"large_{lang}"
    make_model(name)
    visitor = Visitor(lang=lang, p="Kept").run()
    monkeypatch.setattr(memory, "available", lambda: 5_000_000)
    size = gigabytes(catalogue.about(catalogue.local_models()[name]).memory(limits.most_tokens()))
    label = labels(visitor.open_menu())[name]
    assert plain(translate("toolbar.takes_too_much", lang, size=size, free="5 MB")) in label
    usual = cache.load
    monkeypatch.setattr(cache, "load", lambda name: pytest.fail("loads"))
    visitor.switch_model(name)
    said = translate("toolbar.too_large", lang, name=name, size=size, free="5 MB")
    assert [w.value for w in visitor.at.warning] == [plain(said)]
    assert visitor.header["ids"] == lm.tokenizer.encode("Kept")
    monkeypatch.setattr(cache, "load", usual)
    visitor.at.button(key="open_anyway").click()
    visitor.run()
    assert not visitor.at.warning
    assert visitor.header["attention"]["n_layer"] == 2
    assert visitor.header["text"] == "Kept"


def test_by_a_link_too_and_on_a_server_for_others_nobody_insists(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_model("large_shared")
    monkeypatch.setattr(memory, "available", lambda: 5_000_000)
    monkeypatch.setattr(model_choice, "_address", lambda: "0.0.0.0")
    visitor = Visitor(lang="en", model="large_shared").run()
    assert "large\\_shared" in visitor.at.warning[0].value
    assert "open_anyway" not in [button.key for button in visitor.at.button]
    assert visitor.press("toolbar.use_default", "en").header["ids"]
    assert not visitor.at.warning


def test_where_nobody_knows_how_much_is_free_nothing_is_asked(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_model("unknown")
    monkeypatch.setattr(memory, "available", lambda: None)
    visitor = Visitor(lang="en").run().switch_model("unknown")
    assert not visitor.at.warning
    assert visitor.header["attention"]["n_layer"] == 2


@each_language
def test_a_download_is_asked_for_with_its_size(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    folder = make_model(f"remote_{lang}")
    monkeypatch.setenv(ENVIRONMENT, "")
    name = f"owner/remote-{lang}"
    offer = SimpleNamespace(size=2_310_000_000, summary=summary(folder))
    monkeypatch.setattr(catalogue, "look", lambda asked: offer)
    monkeypatch.setattr(catalogue, "download", lambda *_, **__: pytest.fail("downloads"))
    visitor = Visitor(lang=lang).run().open_menu()
    visitor.at.text_input(key="toolbar_other").set_value(name)
    visitor.run().press("toolbar.open", lang)
    size = gigabytes(summary(folder).memory(limits.most_tokens()))
    said = translate("toolbar.download", lang, name=name, download="2.31 GB", size=size)
    assert [w.value for w in visitor.at.warning] == [plain(said)]
    fetched: list[str] = []
    monkeypatch.setattr(catalogue, "download", lambda asked, **_: fetched.append(asked) or folder)
    visitor.press("toolbar.download_it", lang)
    assert set(fetched) == {name}
    assert not visitor.at.warning
    assert visitor.header["attention"]["n_layer"] == 2


@each_language
def test_a_model_that_others_use_is_not_thrown_out(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    """Who asks for one more than there may be reads a sentence; the others go on with the very same models."""
    for name in (f"one_{lang}", f"two_{lang}"):
        make_model(name)
    monkeypatch.setenv(limits.LOADED, "1")
    monkeypatch.setattr("gptviz.ui.cache._is_there", lambda who: True)
    shelf = cache._shelf()
    monkeypatch.setattr(cache, "models", lambda: shelf)
    theirs = cache.model(f"one_{lang}", "somebody else")
    visitor = Visitor(lang=lang, p="Kept").run().switch_model(f"two_{lang}")
    reason = WeightsError("weights.in_use", name=f"two_{lang}", names=f"one_{lang}")
    assert [error.value for error in visitor.at.error] == [plain(reason.say(lang))]
    assert visitor.header["text"] == "Kept"
    assert cache.model(f"one_{lang}", "somebody else") is theirs
    cache.model(DEFAULT, "somebody else")  # who goes on to another
    visitor.press("toolbar.try_again", lang)
    assert not visitor.at.error
    assert visitor.header["attention"]["n_layer"] == 2


def test_a_model_that_was_let_go_of_is_gone(make_model: MakeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its traces nor the session keep it."""
    make_model("first_one")
    make_model("second_one")
    monkeypatch.setenv(limits.LOADED, "1")
    visitor = Visitor(lang="en").run().switch_model("first_one")
    held = weakref.ref(cache.models()._places["first_one"].model.result())
    assert visitor.say(text="abc def").header["ids"]
    visitor.switch_model("second_one").say(text="abc")
    assert not visitor.at.error
    assert visitor.header["attention"]["n_layer"] == 2
    assert "first_one" not in cache.models()
    gc.collect()
    assert held() is None
