"""Steps against a classifier, words exchanged until it is wrong, changed texts to learn from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from gptviz import tuning
from gptviz.cli import main
from gptviz.errors import ConfigError
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tuning.adversarial import EPSILON, FGM, PGD, Losses, unit
from gptviz.tuning.attack import attack, kind_of, places
from gptviz.tuning.augmentation import augment, deleted, nearest, paraphrased, replaced, swapped, words_apart
from gptviz.tuning.batches import encode, padded
from gptviz.tuning.examples import Example
from gptviz.tuning.robustness import CHOICES, Trial, task_of, under_attack
from tests.test_tuning import reviews

pytestmark = pytest.mark.slow

CONFIG = tuning.TuneConfig(method=tuning.method("full"), epochs=6, batch_size=8, patience=0, learning_rate=3e-3)
LETTERS = [Example(f"{x} w {y}", label) for x, label in (("a", "up"), ("b", "up"), ("c", "down"), ("d", "down"))
           for y in "efghijkl"]  # fmt: skip


@pytest.fixture
def local(tiny_lm: LanguageModel) -> LocalModel:
    assert isinstance(tiny_lm, LocalModel)
    return tiny_lm


@pytest.fixture
def task(local: LocalModel) -> tuning.Classification:
    found = tuning.Classification(local, LETTERS, CONFIG)
    found.learn()
    return found


def batch_of(task: tuning.Classification, count: int = 6) -> tuple[Losses, Tensor]:
    """Texts of different lengths, with what each of them costs."""
    rows = [row[: 1 + 2 * (i % 3)] for i, row in enumerate(task.rows[0][:count])]
    batch, targets = padded(rows), torch.from_numpy(task.targets[0][:count])

    def losses(given: Tensor) -> Tensor:
        return F.cross_entropy(task.classifier.of_rows(given, batch.lengths), targets, reduction="none")

    return losses, task.trunk.tokens(batch.ids).detach()


# ---- small steps


@pytest.mark.parametrize("adversary", [FGM(0.5), PGD(0.5)])
def test_each_text_is_moved_by_epsilon_and_its_loss_grows(task: tuning.Classification, adversary: FGM | PGD) -> None:
    losses, rows = batch_of(task)
    radius = 0.5 * unit(task.trunk)
    step = adversary.step(losses, rows, radius)
    lengths = step.flatten(1).norm(dim=1)
    assert (lengths <= radius * (1 + 1e-5)).all()
    if isinstance(adversary, FGM):  # by all of it; several steps may turn
        torch.testing.assert_close(lengths, torch.full_like(lengths, radius), rtol=1e-4, atol=0)
    with torch.no_grad():
        assert losses(rows + step).mean() > losses(rows).mean()
        if isinstance(adversary, FGM):
            assert (losses(rows + 0.02 * step) > losses(rows)).all()


def test_what_else_is_in_the_batch_changes_no_step(task: tuning.Classification) -> None:
    """Not one norm over all: the step of a text alone is that of the text in a batch."""
    losses, rows = batch_of(task)
    together = FGM().step(losses, rows, 1.0)
    targets, lengths = torch.from_numpy(task.targets[0][:6]), [1 + 2 * (i % 3) for i in range(6)]
    for i, length in enumerate(lengths):

        def alone(given: Tensor, i: int = i, length: int = length) -> Tensor:
            logits = task.classifier.of_rows(given, torch.tensor([length]))
            return F.cross_entropy(logits, targets[i : i + 1], reduction="none")

        torch.testing.assert_close(FGM().step(alone, rows[i : i + 1, :length], 1.0)[0], together[i, :length],
                                   atol=1e-4, rtol=1e-3)  # fmt: skip


def test_the_step_is_the_gradient_by_hand(task: tuning.Classification) -> None:
    losses, rows = batch_of(task, 1)
    given = rows.clone().requires_grad_(True)
    losses(given).sum().backward()  # type: ignore[no-untyped-call]
    assert given.grad is not None
    torch.testing.assert_close(FGM().step(losses, rows, 2.0), 2.0 * given.grad / given.grad.norm())


def test_no_number_of_the_model_is_touched(task: tuning.Classification) -> None:
    before = {name: p.detach().clone() for name, p in task.learner.named_parameters()}
    for p in task.learner.parameters():
        p.grad = None
    losses, rows = batch_of(task)
    for adversary in (FGM(), PGD()):
        adversary.step(losses, rows, 3.0)
    for name, p in task.learner.named_parameters():
        assert torch.equal(p, before[name])
        assert p.grad is None
    assert unit(task.trunk) == pytest.approx(
        float(task.trunk.model.transformer["wte"].weight.detach().norm(dim=1).mean())
    )


def test_a_longer_attack_is_no_weaker_and_a_start_without_gradient_stays(local: LocalModel, task: tuning.Classification
                                                                         ) -> None:  # fmt: skip
    losses, rows = batch_of(task)
    with torch.no_grad():
        one, many = (losses(rows + adversary.step(losses, rows, 2.0)).mean() for adversary in (FGM(), PGD(steps=20)))
    assert many > one * 0.9
    fresh = tuning.Classification(local, LETTERS, CONFIG)  # its head is 0: nothing says where to
    losses, rows = batch_of(fresh)
    assert not FGM().step(losses, rows, 1.0).any()


@pytest.mark.parametrize("way", ["fgm", "pgd"])
def test_as_far_as_it_moves_by_default_it_leaves_something_to_learn(local: LocalModel, way: str) -> None:
    """A step as long as a token's row takes texts of a few words so far that their labels cannot be learnt."""
    right = {}
    for far in (EPSILON, 1.0):
        task = task_of(local, LETTERS, replace(CONFIG, epochs=20, valid_share=0.0), way, epsilon=far)
        task.learn()
        right[far] = np.mean([task.find([x.text])[0] == x.label for x in LETTERS])
    assert right[EPSILON] == 1.0 > right[1.0]
    assert Trial().epsilon == FGM().epsilon == PGD().epsilon == EPSILON


@pytest.mark.parametrize("way", ["fgm", "pgd"])
def test_learning_against_it_begins_at_ln_2_and_helps_against_it(local: LocalModel, way: str) -> None:
    config = replace(CONFIG, epochs=40, valid_share=0.0)
    plain, against = (task_of(local, LETTERS, config, name, epsilon=0.3) for name in ("plain", way))
    records = list(against.run())
    assert records[0].loss == pytest.approx(np.log(2), abs=1e-6)
    plain.learn()
    costs = []
    for task in (plain, against):
        losses, rows = batch_of(task, len(LETTERS))
        step = FGM(0.3).step(losses, rows, 0.3 * unit(task.trunk))
        costs.append(float(losses(rows + step).detach().mean()))
    assert costs[1] < costs[0]
    right = [label == x.label for label, x in zip(plain.find([x.text for x in LETTERS]), LETTERS, strict=True)]
    assert under_attack(plain, LETTERS, 1e-6).tolist() == right  # so small a step misleads nobody
    assert under_attack(plain, LETTERS, 100.0).mean() < np.mean(right)
    with pytest.raises(ConfigError, match="epsilon"):
        task_of(local, LETTERS, CONFIG, way, epsilon=0.0)


# ---- words exchanged


def test_places_are_whole_words() -> None:
    assert places([" un", "happy", " end", ".", " so"]) == [2, 4]
    assert places(["It", " was", " good", "ness"]) == [0, 1]
    assert places(["很", "好吃", "。"]) == [0, 1]
    assert [kind_of(piece) for piece in (" a", "a", "好", "1", " ", "a1", "\n")] == ["word", "start", "han", "", "", "",
                                                                                    ""]  # fmt: skip


def test_an_attack_exchanges_words_until_it_is_wrong(task: tuning.Classification, local: LocalModel) -> None:
    """What is promised is the gradient's, what is gained the loss of the new text; no place is taken twice."""
    good = [x for x, label in zip(LETTERS, task.find([x.text for x in LETTERS]), strict=True) if x.label == label]
    misled = 0
    for example in good[:8]:
        text, wanted = example.text, task.classifier.labels.index(example.label)
        found = list(attack(task.classifier, local.tokenizer, text, example.label, flips=3))
        for flip in found:
            assert text[flip.place] == flip.old != flip.new
            assert kind_of(flip.new) == kind_of(flip.old) == "start"
            assert flip.text == text[: flip.place] + flip.new + text[flip.place + 1 :]
            rows = encode(local.tokenizer, [text, flip.text], 32)
            logits = torch.from_numpy(task.classifier.logits(rows))
            before, after = (-torch.log_softmax(logits, -1)[:, wanted]).tolist()
            assert flip.gained == pytest.approx(after - before, abs=1e-4)
            assert flip.gained > 0
            assert flip.prob == pytest.approx(np.exp(-after), abs=1e-4)
            assert flip.found == task.find([flip.text])[0]
            text = flip.text
        assert len({flip.place for flip in found}) == len(found)
        assert all(flip.found == example.label for flip in found[:-1])  # it stops where it is wrong
        misled += bool(found) and found[-1].found != example.label
    assert misled > 0


def test_the_best_exchange_of_a_linear_classifier_is_found(task: tuning.Classification, local: LocalModel,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """With a trunk that passes rows on, the first exchange is the best of all that there are."""
    from gptviz.tuning.trunk import Trunk

    monkeypatch.setattr(Trunk, "read", lambda self, rows: rows)
    monkeypatch.setattr(Trunk, "forward", lambda self, ids: self.tokens(ids))
    task.classifier.pooling = "mean"
    torch.nn.init.normal_(task.classifier.head.weight, generator=torch.Generator().manual_seed(2))
    text = "a w e"
    label = task.find([text])[0]
    wanted = task.classifier.labels.index(label)
    first = next(attack(task.classifier, local.tokenizer, text, label, tries=1))
    every = [text[:i] + new + text[i + 1 :] for i in (0, 2, 4) for new in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR"
             "STUVWXYZ" if new != text[i]]  # fmt: skip
    logits = task.classifier.logits(encode(local.tokenizer, every, 32))
    margins = logits[:, wanted] - logits[:, 1 - wanted]
    assert first.text == every[int(margins.argmin())]


def test_what_has_no_words_or_label_is_told(task: tuning.Classification, local: LocalModel) -> None:
    assert list(attack(task.classifier, local.tokenizer, "1 2 3.", "up")) == []
    with pytest.raises(ConfigError, match="sideways"):
        list(attack(task.classifier, local.tokenizer, "a b", "sideways"))


# ---- changed texts


@given(st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=12), st.floats(0, 1), st.integers(0, 9))
def test_swapping_keeps_all_words_and_deleting_their_order(words: list[str], alpha: float, seed: int) -> None:
    text, rng = " ".join(words), np.random.default_rng(seed)
    assert sorted(swapped(text, alpha, rng).split(" ")) == sorted(words)
    kept = deleted(text, alpha, rng).split(" ")
    assert 1 <= len(kept) <= len(words)
    left = iter(words)
    assert all(word in left for word in kept)  # a subsequence
    assert deleted(text, 0.0, rng) == text


def test_chinese_is_taken_by_characters() -> None:
    assert words_apart("很好吃") == (["很", "好", "吃"], "")
    assert sorted(swapped("很好吃", 0.1, np.random.default_rng(0))) == sorted("很好吃")


def test_a_word_is_replaced_by_one_that_lies_near(lm: LanguageModel) -> None:
    """By cosine in numpy; of the same kind, and not the same word written otherwise."""
    assert isinstance(lm, LocalModel)
    [token] = lm.tokenizer.encode(" good")
    weight = lm.model.transformer["wte"].weight[: lm.n_tokens].float().numpy()  # type: ignore[operator,index]
    cosines = weight @ weight[token] / (np.linalg.norm(weight, axis=1) * np.linalg.norm(weight[token]))
    found = nearest(lm, token)
    assert len(found) == 5
    pieces = [lm.tokenizer.decode([other]) for other in found]
    assert all(kind_of(piece) == "word" and piece.lower() != " good" for piece in pieces)
    better = [i for i in np.argsort(-cosines)[:60] if i not in found and cosines[i] > cosines[found[-1]]]
    assert all(kind_of(lm.tokenizer.decode([int(i)]) or ".") != "word"
               or lm.tokenizer.decode([int(i)]).lower() == " good" for i in better)  # fmt: skip
    text = "The food was good and the staff were kind."
    changed = replaced(lm, text, 0.1, np.random.default_rng(0))
    assert changed != text
    assert sum(one != other for one, other in zip(text.split(), changed.split(), strict=True)) == 1
    said = paraphrased(lm, text, 3)
    assert "\n" not in said
    assert said == paraphrased(lm, text, 3)


def test_augmented_are_the_old_ones_and_new_ones_with_their_label(local: LocalModel) -> None:
    examples = reviews(12)
    for way in ("delete", "swap", "replace"):
        found = augment(local, examples, way, copies=2, alpha=0.3, seed=1)  # type: ignore[arg-type]
        assert found[: len(examples)] == examples
        assert len(examples) < len(found) <= 3 * len(examples)
        assert found == augment(local, examples, way, copies=2, alpha=0.3, seed=1)  # type: ignore[arg-type]
        assert len({x.text for x in found[len(examples) :]}) == len(found) - len(examples)
    with pytest.raises(ConfigError, match="back"):
        augment(local, examples, "back-translation")  # type: ignore[arg-type]


# ---- all together


def test_a_trial_holds_the_same_texts_out_in_each_way(local: LocalModel) -> None:
    ways = [way for way in CHOICES if way != "paraphrase"]
    tasks = [task_of(local, LETTERS, CONFIG, way) for way in ways]
    assert len({tuple(task.split.valid) for task in tasks}) == 1
    held = {x.text for x in tasks[0].split.valid}
    assert all(held.isdisjoint(x.text for x in task.split.train if x in LETTERS) for task in tasks)
    kinds = ["even", "odd"] * 8
    found = list(
        Trial(("plain", "fgm", "swap"), attacked=2).run(local, LETTERS[:20], LETTERS[16:], CONFIG, kinds=kinds)
    )
    assert [one.way for one in found] == ["plain", "fgm", "swap"]
    for one in found:
        assert one.all.texts == one.moved.texts == 16
        assert sum(part.accuracy * part.texts for part in one.kinds.values()) == pytest.approx(16 * one.all.accuracy)
        assert one.all.low <= one.all.accuracy <= one.all.high
    with pytest.raises(ConfigError, match="prayer"):
        Trial(("prayer",))


def test_the_shell_compares_ways_and_takes_one(local: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                               capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    monkeypatch.setattr("gptviz.load", lambda *args, **options: local)
    file = tmp_path / "a.csv"
    rows = [f"{x.text},{x.label},{'easy' if i % 2 else 'hard'}\n" for i, x in enumerate(reviews(24))]
    file.write_text("text,label,kind\n" + "".join(rows))
    fast = ["--epochs", "1", "--batch-size", "8", "--json", "-"]
    assert main(["tune", "robust", str(file), "--kind", "kind", "--ways", "plain,pgd,delete", "--attacked", "1", *fast]
                ) == 0  # fmt: skip
    said = json.loads(capsys.readouterr().out)
    assert [way["way"] for way in said["ways"]] == ["plain", "pgd", "delete"]
    assert said["ways"][0]["kinds"].keys() <= {"easy", "hard"}
    assert said["ways"][2]["learnt"] > said["ways"][0]["learnt"]
    out = str(tmp_path / "out")
    assert main(["tune", "classify", str(file), out, "--adversarial", "fgm", "--epsilon", "0.5", "--augment", "swap",
                 "--attack", "2", "--test", str(file), *fast]) == 0  # fmt: skip
    said = json.loads(capsys.readouterr().out)
    assert said["texts"] == 24
    assert len(said["attacks"]) == 2
    assert all(row["text"] != flip["text"] for row in said["attacks"] for flip in row["flips"])
    for options, error in (
        (["--epsilon", "1"], "--adversarial"),
        (["--adversarial", "fgm", "--epsilon", "0"], "epsilon"),
    ):
        assert main(["tune", "classify", str(file), out, *options]) == 2
        assert error in capsys.readouterr().err
    assert main(["tune", "robust", str(file), "--ways", "prayer"]) == 2
    assert "prayer" in capsys.readouterr().err
