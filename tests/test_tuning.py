"""Learning a task: what is read, how it goes, what comes of it, and what stops it."""

from __future__ import annotations

import json
import math
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gptviz import tuning
from gptviz.cli import main
from gptviz.errors import ConfigError, WeightsError
from gptviz.gpt.weights import load_model
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tuning.batches import batches_by_length, encode, padded
from gptviz.tuning.entities import Entity, entities
from gptviz.tuning.examples import Example, Split, labels_of, split
from gptviz.tuning.saved import merged
from gptviz.tuning.scores import wilson
from gptviz.tuning.tagger import NONE, pieces, targets, words_of
from tests.conftest import SHARED

pytestmark = pytest.mark.slow

GOOD, BAD = ("good", "great", "lovely"), ("bad", "awful", "poor")


def reviews(count: int = 48) -> list[Example]:
    """Texts whose label is one of their words."""
    rng = random.Random(0)
    return [
        Example(f"the {rng.choice(['film', 'food', 'book'])} was {rng.choice(words)}", label)
        for _ in range(count // 2)
        for words, label in ((GOOD, "good"), (BAD, "bad"))
    ]


@pytest.fixture
def local(tiny_lm: LanguageModel) -> LocalModel:
    assert isinstance(tiny_lm, LocalModel)
    return tiny_lm


def run(lm: LocalModel, method: str = "lora", **settings: Any) -> tuple[tuning.Classification, list[tuning.TuneRecord]]:
    task = tuning.Classification(lm, reviews(), tuning.TuneConfig(method=tuning.method(method), **settings))
    return task, list(task.run())


# ---- learning


@pytest.mark.parametrize("method", sorted(tuning.METHODS))
def test_it_begins_at_ln_of_the_labels_and_gets_better(local: LocalModel, method: str) -> None:
    task, records = run(
        local, method, epochs=12, batch_size=8, patience=0, learning_rate=3e-3 if method == "full" else 3e-2
    )
    assert records[0].loss == pytest.approx(math.log(2), abs=1e-6)
    assert records[-1].step == records[-1].steps == 12 * math.ceil(len(task.split.train) / 8)
    assert task.best_loss < math.log(2) - 0.01
    assert min(r.valid_loss for r in records if r.valid_loss is not None) == task.best_loss
    held_out = task.held_out()
    assert held_out is not None
    assert held_out[0] == pytest.approx(task.best_loss, abs=1e-6)  # the best is what is left


def test_same_seed_same_curve_and_another_another(local: LocalModel) -> None:
    first, again, other = (run(local, epochs=2, seed=seed)[1] for seed in (1, 1, 2))
    assert [r.loss for r in first] == [r.loss for r in again]
    assert [r.loss for r in first] != [r.loss for r in other]


def test_it_stops_when_nothing_gets_better_and_when_it_is_told(local: LocalModel) -> None:
    records = run(local, epochs=60, learning_rate=1.0, patience=1)[1]
    assert records[-1].step < records[-1].steps
    assert run(local, epochs=5, seconds=0)[1][-1].step == 1
    task = tuning.Classification(local, reviews(), tuning.TuneConfig(epochs=3))
    for record in task.run():
        if record.step == 2:
            break
    assert np.isfinite(task.classifier.logits(encode(local.tokenizer, ["the film"], task.most))).all()


def test_a_head_that_knows_nothing_is_never_the_best(local: LocalModel) -> None:
    """What is held out costs more than ln 2 after every epoch at this rate, and texts are told apart all the same."""
    task, records = run(local, "head", epochs=2, learning_rate=2.0)
    after = [r.valid_loss for r in records[1:] if r.valid_loss is not None]
    assert len(after) == 2
    assert min(after) > records[0].loss == pytest.approx(math.log(2), abs=1e-6)
    assert task.best_loss == min(after)
    assert task.classifier.head.weight.any()
    assert set(task.find([example.text for example in task.split.train])) == {"good", "bad"}


def test_who_stops_in_the_first_epoch_keeps_what_was_learnt(local: LocalModel) -> None:
    task = tuning.Classification(local, reviews(), tuning.TuneConfig(epochs=3))
    for record in task.run():
        if record.step == 1:
            break
    assert task.classifier.head.weight.any()


def test_a_loss_that_is_no_number_is_a_sentence(local: LocalModel) -> None:
    with pytest.raises(ConfigError, match="learning rate"):
        run(local, "full", learning_rate=1e3, epochs=50, patience=0)


def test_texts_in_a_batch_do_not_see_each_other(local: LocalModel) -> None:
    task, _ = run(local, epochs=1)
    rows = encode(local.tokenizer, ["the film was good", "bad", "", "the food " * 3], task.most)
    for pooling in ("last", "mean"):
        task.classifier.pooling = pooling
        together = task.classifier.logits(rows)
        alone = np.concatenate([task.classifier.logits([row]) for row in rows])
        np.testing.assert_allclose(together, alone, atol=1e-5)


def test_pooling_by_hand(local: LocalModel) -> None:
    task, _ = run(local, epochs=1)
    hidden = torch.arange(24.0).view(2, 3, 4)
    lengths = torch.tensor([3, 2])
    assert task.classifier.pooled(hidden, lengths).tolist() == [[8, 9, 10, 11], [16, 17, 18, 19]]
    task.classifier.pooling = "mean"
    assert task.classifier.pooled(hidden, lengths).tolist() == [[4, 5, 6, 7], [14, 15, 16, 17]]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60), st.integers(1, 100))
def test_every_row_is_in_one_batch(lengths: list[int], most: int) -> None:
    rows = [[0] * n for n in lengths]
    found = list(batches_by_length(rows, most))
    assert sorted(i for places in found for i in places) == list(range(len(rows)))
    for places in found:
        batch = padded([rows[i] for i in places])
        assert len(places) == 1 or batch.ids.numel() <= most


# ---- what is kept


@pytest.mark.parametrize("method", sorted(tuning.METHODS))
def test_what_was_saved_is_what_was_learnt(local: LocalModel, method: str, tmp_path: Path) -> None:
    task, _ = run(local, method, epochs=3, learning_rate=1e-2)
    tuning.save(task, local, tmp_path)
    rows = encode(local.tokenizer, ["the film was good", "poor"], task.most)
    again = tuning.open_tuned(tmp_path, local)
    np.testing.assert_array_equal(again.logits(rows), task.classifier.logits(rows))  # type: ignore[union-attr]
    assert (tmp_path / "model").is_dir() == task.config.method.merges


def test_the_saved_model_is_the_merged_one(local: LocalModel, tmp_path: Path) -> None:
    task, _ = run(local, "lora", epochs=5, learning_rate=3e-2)
    tuning.save(task, local, tmp_path)
    ids = torch.tensor([[5, 3, 8]])
    with torch.no_grad():
        opened = load_model(tmp_path / "model")(ids)
        torch.testing.assert_close(opened, merged(task, local).model(ids), atol=1e-6, rtol=1e-6)
        torch.testing.assert_close(opened, task.trunk(ids), atol=1e-5, rtol=1e-5)
        assert not torch.allclose(opened, local.model(ids), atol=1e-3)


@pytest.mark.filterwarnings("ignore::FutureWarning")  # peft asks transformers by a name that it gives up
def test_peft_opens_the_adapter(local: LocalModel, tmp_path: Path) -> None:
    """On the model as transformers reads it, peft's logits are ours."""
    peft, transformers = pytest.importorskip("peft"), pytest.importorskip("transformers")
    from gptviz.gpt.weights import save_model

    save_model(local.model, tmp_path / "base", dtype=torch.float32)
    task, _ = run(local, "lora", epochs=5, learning_rate=3e-2)
    tuning.save(task, local, tmp_path)
    base = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "base")
    theirs = peft.PeftModel.from_pretrained(base, tmp_path / "adapter").eval()
    ids = torch.tensor([[5, 3, 8, 1]])
    with torch.no_grad():
        ours = task.trunk.model.logits(task.trunk(ids))
        torch.testing.assert_close(ours, theirs(ids).logits, atol=1e-4, rtol=1e-4)


def test_on_another_model_or_damaged_it_is_refused(local: LocalModel, lm: LanguageModel, tmp_path: Path) -> None:
    task, _ = run(local, epochs=1)
    tuning.save(task, local, tmp_path)
    assert isinstance(lm, LocalModel)
    with pytest.raises(WeightsError, match="another model"):
        tuning.open_tuned(tmp_path, lm)
    said = json.loads((tmp_path / "tuning.json").read_text())
    for broken in ("{", "[]", json.dumps(said | {"method": "magic"}), json.dumps(said | {"settings": 3}),
                   json.dumps(said | {"labels": None}), json.dumps(said | {"settings": {"rank": 5}})):  # fmt: skip
        (tmp_path / "tuning.json").write_text(broken)
        with pytest.raises((WeightsError, ConfigError)):
            tuning.open_tuned(tmp_path, local)
    (tmp_path / "tuning.json").write_text(json.dumps(said))
    (tmp_path / "learnt.safetensors").write_bytes(b"\x00" * 50)
    with pytest.raises(WeightsError, match="no tuned task"):
        tuning.open_tuned(tmp_path, local)


# ---- what is read


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'text,label\nthe film,good\n"a, b",bad\n'),
        ("a.tsv", "text\tlabel\nthe film\tgood\na, b\tbad\n"),
        ("a.jsonl", '{"text": "the film", "label": "good"}\n\n{"label": "bad", "text": "a, b"}\n'),
        ("a.json", '[{"text": "the film", "label": "good"}, {"label": "bad", "text": "a, b"}]'),
    ],
)
def test_files_of_each_kind_say_the_same(name: str, content: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text("\ufeff" + content, encoding="utf-8")
    assert tuning.read(file) == [Example("the film", "good"), Example("a, b", "bad")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "", "no labelled text"),
        ("a.csv", "text,label\n", "no labelled text"),
        ("a.csv", "review,stars\nx,1\n", "no column ‘text’"),
        ("a.csv", "text,label\nfine,good\n,bad\n", "line 3: there is nothing under ‘text’"),
        ("a.csv", "text,label\nfine\n", "no column ‘label’"),
        ("a.csv", 'text,label\n"fine,good\n', "no row of a CSV"),
        ("a.csv", "text,label\n" + "x" * 100_001 + ",good\n", "limit of 100000"),
        ("a.csv", "text,label\nfine," + "x" * 300 + "\n", "label is too long"),
        ("a.jsonl", '{"text": "x", "label": "y"}\n{"text"\n', "line 2"),
        ("a.jsonl", "3\n", "no JSON object"),
        ("a.jsonl", '{"text": ["x"], "label": "y"}\n', "nothing under"),
        ("a.csv", b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(name: str, content: str | bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as caught:
        tuning.read(file)
    assert said in str(caught.value) or "encoding" in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_examples_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "hostile.csv"
    file.write_bytes(b"text,label\n" + data)
    for read in (tuning.read, tuning.read_tagged):
        with suppress(ConfigError):
            assert read(file)


def test_one_label_or_too_many_are_refused() -> None:
    with pytest.raises(ConfigError, match="same label"):
        labels_of([Example("a", "x"), Example("b", "x")])
    with pytest.raises(ConfigError, match="201 different"):
        labels_of([Example("a", str(i)) for i in range(201)])
    assert labels_of([Example("", label) for label in "bcaab"]) == ["a", "b", "c"]


@given(st.lists(st.sampled_from("ab") | st.text(max_size=2), min_size=1, max_size=60), st.floats(0, 0.9))
def test_what_is_held_out_is_nowhere_else_and_of_every_label(labels: list[str], share: float) -> None:
    examples = [Example(str(i), label) for i, label in enumerate(labels)]
    found = split(examples, share)
    assert sorted(int(x.text) for part in found for x in part) == list(range(len(labels)))
    assert {x.label for x in found.train} == set(labels)
    if share:
        assert {x.label for x in found.valid} == {label for label in labels if labels.count(label) > 1}
    else:
        assert found == Split(examples, [])


# ---- scores


def test_scores_by_hand() -> None:
    """Of four that are a three are found, of two that are b one: precision of a 3/4, of b 1/2."""
    found = tuning.scores(list("aaaabb"), list("aaabab"), ["a", "b", "c"])
    assert found.accuracy == pytest.approx(4 / 6)
    assert found.confusion.tolist() == [[3, 1, 0], [1, 1, 0], [0, 0, 0]]
    assert found.labels[0][:4] == ("a", 0.75, 0.75, 0.75)
    assert found.labels[2] == ("c", 0.0, 0.0, 0.0, 0)
    assert found.macro_f1 == pytest.approx((0.75 + 0.5) / 3)
    assert (found.low, found.high) == wilson(4 / 6, 6)
    assert "precision" in found.report


def test_wilson_by_hand() -> None:
    """8 of 10 (Agresti & Coull 1998 give 0.49 to 0.94); of none or all the interval stays within 0 and 1."""
    assert [round(x, 2) for x in wilson(0.8, 10)] == [0.49, 0.94]
    assert wilson(0.0, 5)[0] == pytest.approx(0.0)
    assert wilson(1.0, 5)[1] == pytest.approx(1.0)
    assert wilson(0.5, 0) == (0.0, 1.0)


@pytest.mark.parametrize("apart", [" ", ""])
def test_baselines_need_no_model(apart: str) -> None:
    train = [Example(apart.join(x.text.split()), x.label) for x in reviews()] + [Example("the film was good", "good")]
    test = [Example(apart.join(["the", "book", "was", "great"]), "good"),
            Example(apart.join(["the", "food", "was", "poor"]), "bad")]  # fmt: skip
    assert tuning.majority(train, test) == ["good", "good"]
    assert tuning.bag_of_words(train, test) == ["good", "bad"]


# ---- entities


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("O O O", []),
        ("B-PER I-PER O B-LOC", [("PER", 0, 2), ("LOC", 3, 4)]),
        ("B-PER B-PER I-PER", [("PER", 0, 1), ("PER", 1, 3)]),
        ("I-ORG I-ORG", [("ORG", 0, 2)]),  # begins with nothing before it, as in conlleval
        ("B-PER I-LOC I-LOC", [("PER", 0, 1), ("LOC", 1, 3)]),
        ("B-PER O I-PER", [("PER", 0, 1), ("PER", 2, 3)]),
    ],
)
def test_entities_of_tags(tags: str, found: list[tuple[str, int, int]]) -> None:
    assert entities(tags.split()) == [Entity(*one) for one in found]


def test_entity_scores_as_seqeval_counts() -> None:
    """seqeval's own example: of MISC (3 words found 4) none is whole, of PER one of one: precision 1/2, recall 1/2."""
    truth = [["O", "O", "O", "B-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]]
    found = [["O", "O", "B-MISC", "I-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]]
    scores = tuning.entity_scores(truth, found)
    assert scores.all[1:] == (0.5, 0.5, 0.5, 2)
    assert [kind.f1 for kind in scores.kinds] == [0.0, 1.0]
    assert scores.accuracy == pytest.approx(8 / 10)


def test_words_become_ids_and_a_word_is_tagged_where_it_ends(lm: LanguageModel) -> None:
    words = ("Ann", "went", "to", "北", "京", ".")
    found = pieces(lm.tokenizer, words, 64)
    assert lm.tokenizer.decode(found.ids) == "Ann went to北京."
    spots = targets(found, [1, 0, 0, 2, 3, 0])
    assert [spot for spot in spots if spot != NONE] == [1, 0, 0, 2, 3, 0]
    ends = [lm.tokenizer.decode(found.ids[: end + 1]) for end in found.ends]
    assert ends == ["Ann", "Ann went", "Ann went to", "Ann went to北", "Ann went to北京", "Ann went to北京."]
    short = pieces(lm.tokenizer, words, 2)
    assert len(short.ids) == 2
    assert short.ends.count(NONE) >= 3
    assert words_of("Ann's in 北京。") == ["Ann's", "in", "北", "京", "。"]


def test_a_tagger_learns_and_is_kept(local: LocalModel, tmp_path: Path) -> None:
    rng = random.Random(1)
    sentences = [tuning.Tagged((rng.choice(["Ann", "Bob"]), "saw", rng.choice(["Rome", "Paris"])),
                               ("B-PER", "O", "B-LOC")) for _ in range(40)]  # fmt: skip
    config = tuning.TuneConfig(method=tuning.method("full"), epochs=20, patience=0, learning_rate=3e-3)
    task = tuning.Labelling(local, sentences, config)
    records = list(task.run())
    assert records[0].loss == pytest.approx(math.log(5), abs=1e-6)  # O, B and I of two kinds
    rows = [pieces(local.tokenizer, sentence.words, task.most) for sentence in sentences]
    scores = tuning.entity_scores([s.tags for s in sentences], task.tagger.find(rows))
    assert scores.all.f1 == 1.0
    tuning.save(task, local, tmp_path)
    assert tuning.open_tuned(tmp_path, local).find(rows) == task.tagger.find(rows)  # type: ignore[union-attr]


@pytest.mark.parametrize("content", ["Ann B-PER\nsaw\n", "Ann PER\n", "Ann B-\n", "", "\n\n"])
def test_conll_that_is_none_is_told(content: str, tmp_path: Path) -> None:
    file = tmp_path / "a.conll"
    file.write_text(content)
    with pytest.raises(ConfigError):
        tuning.read_tagged(file)


# ---- the shell


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "reviews.csv"
    file.write_text("text,label\n" + "".join(f"{x.text},{x.label}\n" for x in reviews(16)))
    return file


@pytest.mark.slow
def test_the_shell_ends_with_what_was_measured(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune", "classify", str(table), str(tmp_path / "out"), "--text", "text", "--label", "label",
                 "--method", "head", "--test", str(table), "--epochs", "1", "--json", "-"]) == 0  # fmt: skip
    said = json.loads(capsys.readouterr().out)
    assert list(said)[-5:] == ["accuracy", "macro_f1", "baseline_accuracy", "trainable", "seconds"]
    assert said["baseline_accuracy"] == 1.0
    assert said["trainable"] == 2 * (384 + 1)
    assert (tmp_path / "out" / "tuning.json").is_file()


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "corpus" / "ner").is_dir(), reason="no shared corpus on this machine")
def test_the_shell_reads_a_public_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wiki = SHARED / "corpus" / "ner" / "en_wikigold.conll"
    part = tmp_path / "part.conll"
    part.write_text("\n\n".join(wiki.read_text(encoding="utf-8").split("\n\n")[:40]) + "\n", encoding="utf-8")
    assert main(["tune", "entities", str(part), str(tmp_path / "out"), "--method", "head", "--epochs", "1",
                 "--json", "-"]) == 0  # fmt: skip
    said = json.loads(capsys.readouterr().out)
    assert 0 <= said["f1"] <= 1
    assert said["trainable"] > 0


def test_mistakes_are_one_sentence(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.csv"
    other.write_text("text,label\nfine,neither\n")
    out = str(tmp_path / "out")
    for options, said in (
        (["--test", str(other)], "labels that the training texts lack: neither"),
        (["--label", "stars"], "no column ‘stars’"),
        (["--method", "head", "--rank", "3"], "--rank is no setting of head"),
        (["--epochs", "0"], "epochs must lie between"),
        (["--json", "-", "--log", "-"], "--json and --log"),
    ):
        assert main(["tune", "classify", str(table), out, *options]) == 2
        assert said in capsys.readouterr().err
