"""Alignments as jobs: what each way says and leaves, its lights, and what cannot be learnt from."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gptviz
from gptviz.errors import GptvizError
from gptviz.jobs import aligned, folder
from gptviz.jobs.folder import Ask, Job
from gptviz.language_model import LocalModel
from gptviz.tuning.lights import of_pairs, of_ppo
from gptviz.tuning.ppo import Figures, PPORecord
from gptviz.tuning.rules import RULES, pairs_by, reward_of
from gptviz.tuning.sampling import likeliest, sampled

MINE = "a" * 32
WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ROWS = "".join(json.dumps({"prompt": f"Say {x}", "chosen": x, "rejected": f"{x} {x} {x}"}) + "\n" for x in WORDS)
CHANGES = {"model": "small", "lang": "en", "epochs": 1, "steps": 2, "rank": 2}


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this test's jobs lie."""
    monkeypatch.setenv("GPTVIZ_JOBS", str(tmp_path / "jobs"))


def gone_through(source: str, by: str, content: str = ROWS, stops: Callable[[], str] = lambda: "",
                 **changes: Any) -> tuple[Job, str, list[dict[str, Any]]]:  # fmt: skip
    """A job, how it ended, and what it said."""
    job = folder.create(
        MINE, Ask(source, by, {}, CHANGES | changes, kind=folder.ALIGNMENT, given="given.jsonl"), content
    )
    said: list[dict[str, Any]] = []
    return job, aligned.align(job, said.append, stops), said


def _lights(said: list[dict[str, Any]]) -> dict[str, bool]:
    return {record["name"]: record["good"] for record in said if record["record"] == "light"}


@pytest.mark.slow
def test_dpo_tells_of_chosen_and_rejected_apart_and_leaves_a_model() -> None:
    job, how, said = gone_through("mine", "dpo")
    assert how == ""
    lights = _lights(said)
    assert lights["ln2"]
    assert lights["frozen"]
    assert lights["merged"]
    preferred = [record for record in said if record["record"] == "preferred"]
    first = preferred[0]
    assert first["chosen"] == pytest.approx(first["reference_chosen"], abs=1e-4)  # the policy is the reference yet
    assert first["rejected"] == pytest.approx(first["reference_rejected"], abs=1e-4)
    answers = next(record for record in said if record["record"] == "answers")["rows"]
    assert [row[0] for row in answers] == ["Say nine", "Say ten", "Say eleven", "Say twelve"]  # kept apart
    job.finish("done")
    assert job.has_model
    assert gptviz.load(job.path / "model").chat_template is not None
    assert job.summary is not None
    assert job.summary["answers"] == answers
    assert [part for part, _, _ in job.summary["forgotten"]] == ["en", "zh"]
    assert all(before != after for _, before, after in job.summary["forgotten"])


@pytest.mark.slow
@pytest.mark.parametrize("source", ["mine", "longer"])
def test_ppo_by_a_reward_model_or_a_rule_has_its_four_lights(source: str) -> None:
    _, how, said = gone_through(source, "ppo", kl=0.0)
    assert how == ""
    lights = _lights(said)
    assert {"ratio", "clipped", "kl", "variance"} <= lights.keys()
    assert all(lights.values())
    assert ("judge" in lights) == (source == "mine")
    steps = [record for record in said if record["record"] == "ppo"]
    assert [record["step"] for record in steps] == [1, 2]
    assert steps[0]["kl"] == pytest.approx(0.0, abs=1e-4)


@pytest.mark.slow
def test_stopping_while_the_reward_model_learns_is_a_sentence_and_later_keeps_what_is() -> None:
    with pytest.raises(GptvizError) as caught:
        gone_through("mine", "ppo", stops=lambda: "told")
    assert caught.value.key == "tune.stopped_early"
    job, how, _ = gone_through("longer", "ppo", stops=lambda: "told")
    assert how == "told"
    assert (job.path / "model").is_dir()


@pytest.mark.slow
def test_too_few_pairs_are_a_sentence() -> None:
    with pytest.raises(GptvizError) as caught:
        gone_through("mine", "dpo", ROWS.splitlines(keepends=True)[0])
    assert (caught.value.key, caught.value.values["count"]) == ("tune.few_pairs", 1)


def test_rules_are_numbers_that_anybody_can_check() -> None:
    assert [RULES["shorter"](text) for text in ("", "a" * 100, "a" * 900)] == [0, -0.5, -1]
    assert [RULES["longer"](text) for text in ("", "a" * 100)] == [0, 0.5]
    assert RULES["chinese"]("北京ab") == 0.5
    assert RULES["varied"]("ababab") == pytest.approx(2 / 5)  # ab, ba, ab, ba, ab
    assert reward_of("longer")(["q", "q"], ["a" * 20, ""]) == [0.1, 0]


@pytest.mark.slow
def test_a_rule_chooses_between_two_answers_that_are_drawn(lm: LocalModel) -> None:
    found = pairs_by("longer", lm, ["One?", "Two?"], seed=3)
    assert found
    assert all(len(pair.chosen) > len(pair.rejected) for pair in found)
    assert pairs_by("longer", lm, ["One?", "Two?"], seed=3) == found
    assert sampled(lm, "One?", seed=1) == sampled(lm, "One?", seed=1)
    assert likeliest(lm, "One?") == likeliest(lm, "One?", like=lm)


def test_lights_of_alignment_turn_red() -> None:
    assert of_pairs("ln2", math.log(2)).good
    assert not of_pairs("ln2", 0.7).good
    figures = Figures(kl=0.3, first_ratio=1.2, first_clipped=0.1, clipped=0.2, policy_loss=0, value_loss=0, entropy=1)
    bad = {light.name: light.good for light in of_ppo(PPORecord(1, 1.0, 0.0, figures, 3.0, [], 1.0))}
    assert bad == {"ratio": False, "clipped": False, "kl": False, "variance": False}
    later = {light.name for light in of_ppo(PPORecord(2, 1.0, 0.5, figures, 3.0, [], 1.0))}
    assert "kl" not in later
