"""The training page: what a run costs, what a job says, whose its model is. Without Streamlit, and without training."""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch

from gptviz.errors import ConfigError
from gptviz.gpt.config import PRESETS, GPTConfig, TrainConfig
from gptviz.gpt.model import GPT
from gptviz.gpt.weights import save_model
from gptviz.jobs import folder
from gptviz.jobs.folder import Ask, Job
from gptviz.language_model import LanguageModel
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training.cost import cost
from gptviz.training.plan import Plan
from gptviz.training.worlds import WORLDS, entropy
from gptviz.ui import model_choice, pages, session
from gptviz.ui.pages.training.heard import Heard
from gptviz.ui.pages.training.state import OFFERED, RUNNER, Training, settings_of
from tests.ui.desk import arrived, do, shown
from tests.ui.test_messages import conforms

MINE, OTHERS = "c" * 32, "d" * 32
LEVELS = {"uniform": math.log(15), "unigram": 2.4, "bigram": 1.7}


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's own jobs."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))


def _step(step: int, loss: float, valid: float | None = None) -> dict[str, Any]:
    return {"record": "step", "step": step, "loss": loss, "learning_rate": 0.01, "grad_norm": 0.5, "tokens": 64 * step,
            "seconds": 0.5, "valid_loss": valid}  # fmt: skip


RECORDS: list[dict[str, Any]] = [
    {"record": "begun", "step": 0, "steps": 40, "config": {"batch_size": 4, "accumulate": 1,
                                                           "model": {"block_size": 16}}},
    {"record": "known", "uniform": math.log(15), "start": 2.75, "floor": 1.5},
    {"record": "levels", **LEVELS},
    _step(1, 2.7),
    {"record": "sample", "step": 1, "text": "<b>", "valid": False},
    {"record": "heads", "step": 1, "scores": [[0.1, 0.6]]},
    _step(2, 2.0, 1.6),
    {"record": "sample", "step": 2, "text": "ana", "valid": True},
    {"record": "heads", "step": 2, "scores": [[0.2, 0.7]]},
]  # fmt: skip
#: Two heads on two tokens: the first looks back at a fifth, the second at all; positions 0 and 4 are opposite.
INSIDE: list[dict[str, Any]] = [
    {"record": "attention", "step": 2, "ids": [0, 1], "labels": ["\u21b5", "a"],
     "pattern": base64.b64encode(bytes([255, 51, 204, 255, 255, 0])).decode()},
    {"record": "positions", "step": 2, "scheme": "learned", "places": [0, 4],
     "values": base64.b64encode(bytes([127, 129, 127])).decode()},
    {"record": "watched", "step": 2, "seconds": 0.6, "of": 20.0},
]  # fmt: skip


@pytest.fixture
def job() -> Job:
    """A job that has taken two of its forty steps."""
    made = folder.create(MINE, Ask("names", "one-minute", {}, {"steps": 40}))
    (made.path / folder.RECORDS).write_text("".join(json.dumps(record) + "\n" for record in RECORDS), encoding="utf-8")
    return made


def _page(lm: LanguageModel, owner: str = MINE, lang: str = "en") -> Training:
    state: Training = arrived("training", lm, lang=lang)
    do("training", state, lm, "owner", token=owner)
    return state


def test_a_first_visit_offers_a_run_and_says_what_it_costs(tiny_lm: LanguageModel) -> None:
    header, _ = shown("training", arrived("training", tiny_lm), tiny_lm)
    shape = PRESETS["one-minute"].model
    assert header["presets"] == list(OFFERED)
    assert header["problem"] == ""
    assert not header["owned"]
    assert not header["running"]
    counted = sum(count for _, count in header["parts"])
    assert dict(header["cost"])["Parameters"] == f"{counted:,}"
    assert counted > 12 * shape.n_layer * shape.n_embd**2


@pytest.mark.parametrize("name", OFFERED)
def test_each_preset_sets_every_control_as_the_shell_has_it(name: str, tiny_lm: LanguageModel) -> None:
    state = _page(tiny_lm)
    do("training", state, tiny_lm, "preset", name=name)
    header, _ = shown("training", state, tiny_lm)
    assert header["view"].items() >= settings_of(name).items()
    assert header["problem"] == ""
    ask = state.asks()[0]
    assert ask.source == OFFERED[name]
    assert ask.changes["steps"] == PRESETS[ask.preset].steps


def test_a_shape_that_cannot_be_is_said_and_so_is_one_too_large(
    tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = _page(tiny_lm)
    state.adopt({"n_embd": 90, "n_head": 4})
    header, _ = shown("training", state, tiny_lm)
    assert header["problem"] == ConfigError("config.heads", n_embd=90, n_head=4).say("en")
    assert header["cost"] == []
    monkeypatch.setenv("GPTVIZ_JOB_PARAMETERS", "1000")
    state.adopt({"n_embd": 96})
    assert "1,000" in shown("training", state, tiny_lm)[0]["problem"]


def test_without_a_token_nothing_starts_and_the_reason_is_said(tiny_lm: LanguageModel) -> None:
    state = arrived("training", tiny_lm)
    do("training", state, tiny_lm, "start")
    header, _ = shown("training", state, tiny_lm)
    assert header["jobs"] == []
    assert [note["level"] for note in header["notes"]] == ["error"]


def test_a_job_is_shown_as_far_as_it_has_come(job: Job, tiny_lm: LanguageModel) -> None:
    header, _ = shown("training", _page(tiny_lm), tiny_lm)
    declared = {n: k for panel in pages.declared("training").panels for n, k in panel.parts.items()}
    assert {name: said for name in declared if (said := conforms(header[name], declared[name]))} == {}
    assert [(one["id"], one["status"], one["model"]) for one in header["jobs"]] == [(job.id, "paused", "")]
    assert header["train"] == [[1, 2.7], [2, 2.0]]
    assert header["valid"] == [[0, 2.75], [2, 1.6]]
    assert header["share"] == 2 / 40
    assert [name for name, _, _ in header["levels"]] == ["uniform", "unigram", "bigram", "floor"]
    assert header["closed"] == f"{round(100 * (math.log(15) - 1.6) / (math.log(15) - 1.5))}%"
    assert [(one["step"], one["text"], one["phase"]) for one in header["samples"]] == [
        (2, "ana", "grammar"),
        (1, "<b>", "uniform"),
    ]
    assert header["heads"] == [[0.2, 0.7]]
    assert header["best"] == [[1, 0.6], [2, 0.7]]
    assert "0.70" in header["heads_reading"]
    assert not header["running"]


def _more(job: Job, records: list[dict[str, Any]]) -> None:
    with (job.path / folder.RECORDS).open("a", encoding="utf-8") as file:
        file.write("".join(json.dumps(record) + "\n" for record in records))


def test_the_newest_record_shows_where_a_head_looks_and_how_alike_positions_are(
    job: Job, tiny_lm: LanguageModel
) -> None:
    """The best head by prefix matching, unless another is chosen that this model has."""
    state = _page(tiny_lm)
    header, arrays = shown("training", state, tiny_lm)
    assert header["attention"] is None
    assert "pattern" not in arrays
    _more(job, INSIDE)
    header, arrays = shown("training", state, tiny_lm)
    assert (header["attention"]["layer"], header["attention"]["head"], header["attention"]["step"]) == (0, 1, 2)
    assert arrays["pattern"].tolist() == [[1, 0], [1, 0]]
    assert "\u2018\u21b5\u2019: 100%" in header["attention"]["reading"]
    assert arrays["alike"].tolist() == [[1, -1], [-1, 1]]
    assert "\u22121.00 for places 4 apart" in header["places"]["reading"]
    assert header["picture_cost"] == "3.0%"
    state.adopt({"layer": 0, "head": 0})
    assert shown("training", state, tiny_lm)[1]["pattern"].ravel() == pytest.approx([1, 0, 0.2, 0.8])
    state.adopt({"layer": 5, "head": 0})  # of a larger model
    assert shown("training", state, tiny_lm)[0]["attention"]["head"] == 1
    _more(job, [_step(2, 1.9)])  # the job was killed, and takes the step again
    assert shown("training", state, tiny_lm)[0]["attention"] is None


def test_a_part_of_the_steps_is_shown_with_all_of_its_points(job: Job, tiny_lm: LanguageModel) -> None:
    """Of 2000 steps every fifth is drawn, of a hundred of them each; what is nowhere shows all."""
    _more(job, [_step(n, 2.0 - n / 2000, 1.5 if n % 500 == 0 else None) for n in range(3, 2001)])
    state = _page(tiny_lm)
    header, _ = shown("training", state, tiny_lm)
    assert (header["first_step"], header["last_step"]) == (0, 0)
    assert len(header["train"]) < 500
    state.adopt({"from_step": 901, "to_step": 1000})
    header, _ = shown("training", state, tiny_lm)
    assert [step for step, _ in header["train"]] == list(range(901, 1001))
    assert header["valid"] == [[1000, 1.5]]
    assert (header["first_step"], header["last_step"]) == (901, 1000)
    state.adopt({"from_step": 1990, "to_step": None})
    assert [step for step, _ in shown("training", state, tiny_lm)[0]["train"]] == list(range(1990, 2001))
    state.adopt({"from_step": 5000, "to_step": 6000})
    assert shown("training", state, tiny_lm)[0]["last_step"] == 0


def test_before_the_start_the_lines_are_there_and_the_texts(tiny_lm: LanguageModel) -> None:
    """ln V and the floor of the world that is chosen; of a text ln V alone, as soon as it is there."""
    state = _page(tiny_lm)
    state.adopt({"source": "names"})
    world = WORLDS["names"]
    header, _ = shown("training", state, tiny_lm)
    assert [(name, nats) for name, _, nats in header["foreseen"]] == [
        ("uniform", math.log(len(world.alphabet))), ("floor", entropy(world))
    ]  # fmt: skip
    assert len(header["documents"]) == 3
    assert all(world.log_probability(said + "\n") > -math.inf for said in header["documents"])
    state.adopt({"source": "own"})
    assert shown("training", state, tiny_lm)[0]["foreseen"] == []
    _send(state, tiny_lm, "abcab\n" * 9)
    header, _ = shown("training", state, tiny_lm)
    assert [(name, nats) for name, _, nats in header["foreseen"]] == [("uniform", math.log(4))]
    assert header["documents"] == []
    state.adopt({"letters": "bpe"})  # whose size is known once it is learnt
    assert shown("training", state, tiny_lm)[0]["foreseen"] == []


def test_what_is_foreseen_of_a_world_is_what_its_run_says() -> None:
    tokenizer, _, _ = Plan(None, Path("out"), preset="tiny", world="names", characters=True).open_text()
    assert tokenizer.vocab_size == len(WORLDS["names"].alphabet)


def test_once_there_are_steps_nothing_is_foreseen(job: Job, tiny_lm: LanguageModel) -> None:
    header, _ = shown("training", _page(tiny_lm), tiny_lm)
    assert (header["foreseen"], header["documents"]) == ([], [])


def test_nobody_else_sees_it(job: Job, tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    header, _ = shown("training", _page(tiny_lm, OTHERS), tiny_lm)
    assert header["jobs"] == header["train"] == header["samples"] == []
    assert header["owned"]
    save_model(_tiny(), job.path / "model")
    job.finish("done")
    for owner, mine in ((MINE, [job.model_name]), (OTHERS, []), ("", [])):
        monkeypatch.setattr(session, "owner", lambda owner=owner: owner)
        assert list(model_choice.trained()) == mine
        assert model_choice._allowed(job.model_name) == bool(mine)


def _tiny() -> GPT:
    torch.manual_seed(0)
    return GPT(GPTConfig(n_layer=1, n_head=2, n_embd=8, block_size=16, vocab_size=64, n_tokens=4))


def test_what_is_typed_is_answered_by_the_newest_state(job: Job, tiny_lm: LanguageModel) -> None:
    """Characters that the model does not know are left out, and the distribution adds up."""
    tokenizer, model = Tokenizer.characters("\nabc"), _tiny()
    for step in (10, 20):
        save_model(model, job.path / "now" / f"{step:08d}", dtype=torch.float32)
        tokenizer.save(job.path / "now" / f"{step:08d}")
    state = _page(tiny_lm)
    state.set_text("ab🙂c Z")
    header, _ = shown("training", state, tiny_lm)
    assert header["read"] == "abc"
    assert header["answer_step"] == 20
    assert sum(p for _, p in header["rows"]) + header["others"] == pytest.approx(1)
    logits = model.eval().logits(model(torch.tensor([tokenizer.encode("abc")]))).detach()[0, -1, :4]
    assert header["rows"][0][1] == pytest.approx(float(logits.softmax(-1).max()), abs=1e-5)
    state.set_text("")
    assert shown("training", state, tiny_lm)[0]["rows"] == []


@pytest.mark.parametrize(
    ("loss", "valid", "phase"),
    [(2.7, False, "uniform"), (2.5, False, "frequencies"), (1.9, True, "frequencies"), (1.6, None, "words"),
     (1.6, False, "words"), (1.6, True, "grammar"), (None, None, "")],
)  # fmt: skip
def test_phases(loss: float | None, valid: bool | None, phase: str) -> None:
    """ln 15 = 2.708 and 2.4 have their middle at 2.554."""
    assert Heard(levels=dict(LEVELS)).phase(loss, valid) == phase
    assert Heard().phase(loss, valid) == ""


def test_what_a_killed_job_takes_back_is_forgotten(job: Job) -> None:
    heard = Heard()
    heard.follow(job)
    assert [one.step for one in heard.steps] == [1, 2]
    with (job.path / folder.RECORDS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(_step(2, 1.9, 1.55)) + "\n")
    heard.follow(job)
    assert [(one.step, one.loss) for one in heard.steps] == [(1, 2.7), (2, 1.9)]
    assert heard.valid == [(0, 2.75), (2, 1.55)]
    (job.path / folder.RECORDS).write_text(json.dumps(_step(1, 2.6)) + "\n", encoding="utf-8")
    heard.follow(job)
    assert [(one.step, one.loss) for one in heard.steps] == [(1, 2.6)]


def test_flops_are_counted_by_hand() -> None:
    """One layer of width 8, context 4, 16 tokens: 12·64 in the block, 16·8 at the output, 2·8·4 in attention."""
    shape = GPTConfig(n_layer=1, n_head=2, n_embd=8, block_size=4, vocab_size=16, biases=())
    found = cost(TrainConfig(model=shape, batch_size=3, steps=5, warmup=0))
    assert found.n_parameters == shape.n_parameters
    assert found.flops_rule == 6 * shape.n_parameters
    assert found.flops == 3 * (2 * (12 * 64 + 16 * 8) + 2 * 8 * 4)
    assert found.n_tokens == 3 * 4 * 5


def _send(state: Training, lm: LanguageModel, text: str, name: str = "a.txt") -> None:
    data = text.encode()
    fields: dict[str, Any] = {
        "data": base64.b64encode(data).decode(),
        "at": 0,
        "last": True,
        "name": name,
        "whole": len(data) + 5,
    }
    do("training", state, lm, "text", **fields)


def test_a_text_of_ones_own_is_said_and_what_it_costs(tiny_lm: LanguageModel) -> None:
    """Its characters are the vocabulary, or bytes, or as many pieces as are wished for."""
    state = _page(tiny_lm)
    state.adopt({"source": "own"})
    assert shown("training", state, tiny_lm)[0]["problem"] == ConfigError("jobs.no_text").say("en")
    _send(state, tiny_lm, "abcab\n" * 9, "<b>.txt")
    header, _ = shown("training", state, tiny_lm)
    assert header["problem"] == ""
    assert header["own"].startswith("<b>.txt: 54 characters, 4 different, read as UTF-8.")
    assert len(header["own"]) > len("<b>.txt: 54 characters, 4 different, read as UTF-8.")  # what was left out is said
    assert header["view"]["source"] == "own"
    assert header["text_learns"]
    rows = {}
    for letters in ("characters", "bytes", "bpe"):
        state.adopt({"letters": letters, "learnt": 512})
        rows[letters] = dict(shown("training", state, tiny_lm)[0]["parts"])["Token embedding"]
    width = state.view.n_embd
    assert rows == {"characters": 64 * width, "bytes": 320 * width, "bpe": 512 * width}
    assert [ask.learn for ask in state.asks()] == [512]
    assert state.asks()[0].text == "<b>.txt"


def test_what_is_no_text_is_said_and_the_one_before_stays(tiny_lm: LanguageModel) -> None:
    state = _page(tiny_lm)
    _send(state, tiny_lm, "abcab\n")
    _send(state, tiny_lm, "a\x00\x01" * 9)
    header, _ = shown("training", state, tiny_lm)
    assert [note["text"] for note in header["notes"]] == [ConfigError("jobs.text_binary", file="a.txt").say("en")]
    assert header["own"].startswith("a.txt: 6 characters")


def test_a_pair_is_two_runs_that_differ_in_one_thing(tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Ask] = []

    def submit(owner: str, ask: Ask) -> Job:
        asked.append(ask)
        return folder.create(owner, ask)

    monkeypatch.setattr(RUNNER, "submit", submit)
    state = _page(tiny_lm)
    do("training", state, tiny_lm, "preset", name="modern-against-gpt2")
    one, _ = shown("training", state, tiny_lm)
    do("training", state, tiny_lm, "start")
    assert [(ask.parts, ask.shape["position"], ask.preset) for ask in asked] == [
        ("classic", "learned", "gpt2-parts"),
        ("modern", "rotary", "modern-parts"),
    ]
    assert asked[0].changes == asked[1].changes
    header, _ = shown("training", state, tiny_lm)
    assert {job["title"] for job in header["jobs"]} == {
        "Stories (English and Chinese), 300 steps", "Stories (English and Chinese), 300 steps, modern parts"
    }  # fmt: skip
    assert next(job["title"] for job in header["jobs"] if job["id"] == header["job"]).endswith("300 steps")
    state.adopt({"parts": "classic"})
    alone = dict(shown("training", state, tiny_lm)[0]["cost"])["Tokens read in all"]
    tokens = [int(said.replace(",", "")) for said in (dict(one["cost"])["Tokens read in all"], alone)]
    assert tokens[0] == 2 * tokens[1]


@pytest.mark.parametrize(("name", "changed"), [
    ("warmup-or-none", {"warmup": (20, 0)}), ("clipping-or-none", {"grad_clip": (1.0, 1000.0)}),
    ("two-rates", {"learning_rate": (0.01, 1.0)}),
])  # fmt: skip
def test_a_preset_of_two_runs_changes_one_choice(name: str, changed: dict[str, Any], tiny_lm: LanguageModel) -> None:
    state = _page(tiny_lm)
    do("training", state, tiny_lm, "preset", name=name)
    one, other = state.asks()
    differ = {
        key: (one.changes[key], other.changes[key]) for key in one.changes if one.changes[key] != other.changes[key]
    }
    assert differ == changed
    assert (one.shape, one.preset, one.parts, one.source) == (other.shape, other.preset, other.parts, other.source)
    do("training", state, tiny_lm, "preset", name="one-minute")
    assert len(state.asks()) == 1


def test_both_runs_of_a_pair_are_on_one_plot(tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the second waits, and once its numbers have run away: then both can be seen among the snapshots."""
    monkeypatch.setattr(RUNNER, "submit", folder.create)
    state = _page(tiny_lm)
    do("training", state, tiny_lm, "preset", name="two-rates")
    do("training", state, tiny_lm, "start")
    one, other = sorted(state.jobs(), key=lambda job: job.ask.changes["learning_rate"])
    assert one.ask.pair == other.ask.pair != ""
    header, _ = shown("training", state, tiny_lm)
    assert header["job"] == one.id
    assert (header["pair"]["names"], header["pair"]["train"]) == (["learning rate: 0.01", "learning rate: 1"], [])
    assert header["pair"]["query"] == ""
    assert {job["title"].split(" · ")[0] for job in header["jobs"]} == {"learning rate: 0.01", "learning rate: 1"}
    for job in (one, other):
        said = "".join(json.dumps(record) + "\n" for record in RECORDS)
        (job.path / folder.RECORDS).write_text(said, encoding="utf-8")
    save_model(_tiny(), one.path / "model")
    one.finish("done")
    other.finish("failed", folder.LOST, {"step": 3, "loss": "nan", "rate": "1"})
    header, _ = shown("training", state, tiny_lm)
    assert header["pair"]["train"] == header["train"] == [[1, 2.7], [2, 2.0]]
    assert header["pair"]["valid"] == [[0, 2.75], [2, 1.6]]
    assert header["pair"]["losses"] == ["1.600", "1.600"]
    assert (header["pair"]["state"], header["pair"]["lost"]) == ("failed", [[0, ""], [3, "NaN at step 3"]])
    assert header["pair"]["query"] == f"run={one.model_name}&beside={other.model_name}&lang=en"
    state.job = other.id
    assert shown("training", state, tiny_lm)[0]["pair"]["lost"][0] == [3, "NaN at step 3"]


def test_a_page_goes_on_as_long_as_one_of_a_pair_does(tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RUNNER, "submit", folder.create)
    state = _page(tiny_lm)
    do("training", state, tiny_lm, "preset", name="modern-against-gpt2")
    do("training", state, tiny_lm, "start")
    first = state.looked_at()
    assert first is not None
    first.finish("stopped")
    for status, running in (("waiting", True), ("running", True), ("paused", False)):
        monkeypatch.setattr(RUNNER, "status", lambda job, s=status: "stopped" if job == first else s)
        assert shown("training", state, tiny_lm)[0]["running"] == running


def test_what_ended_a_run_early_is_said_and_what_it_learnt_is_shown(tiny_lm: LanguageModel) -> None:
    job = _ended()
    header, _ = shown("training", _page(tiny_lm), tiny_lm)
    assert header["job"] == job.id
    assert header["merges"] == [["t", "h"], ["th", "e"]]
    assert header["share"] == 1.0
    assert header["state"].startswith("Done: 2 steps.")
    assert "step 2" in header["state"].split(".", 1)[1]


def _ended() -> Job:
    made = folder.create(MINE, Ask("python", "tiny", {}, {"steps": 40}, learn=512))
    learnt = {"record": "learnt", "tokens": 512, "merges": [["t", "h"], ["th", "e"]]}
    saved = {"record": "saved", "step": 2, "finished": True, "early": "patience"}
    records = [*RECORDS, learnt, saved]
    (made.path / folder.RECORDS).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    made.finish("done")
    return made


def test_the_time_that_is_left_is_that_of_the_steps_or_of_the_limit() -> None:
    """Two of forty steps of half a second each; a limit of ten seconds is sooner, one of a hundred is not."""
    heard = Heard(job="a")
    for record in RECORDS:
        heard._take(record)
    assert heard.left == (2 / 40, 38 * 0.5)
    for limit, left in ((10.0, (1 / 10, 9.0)), (100.0, (2 / 40, 19.0))):
        heard.begun = {**heard.begun, "config": {"seconds": limit, "log_every": 1}}
        assert heard.left == left
    heard._take({"record": "saved", "step": 2, "finished": True, "early": "seconds"})
    assert heard.left == (1.0, 0.0)


@pytest.mark.parametrize("later", ["done", "paused", "failed"])
def test_a_job_that_ends_while_it_is_looked_at_is_asked_for_again(
    later: str, job: Job, tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture still says that it runs, so that there is another one; else the page stood at its last step but one
    for good."""
    answers = iter(["running"])
    monkeypatch.setattr(RUNNER, "status", lambda one: next(answers, later))
    state = arrived("training", tiny_lm)
    state.owner = MINE
    header, _ = shown("training", state, tiny_lm)
    assert header["state"].startswith("Step 2 of 40")
    assert header["running"] is True
    header, _ = shown("training", state, tiny_lm)
    assert header["running"] is False
