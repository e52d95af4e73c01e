"""What each step does, as the training page tells it of a job that was looked at from inside."""

from __future__ import annotations

from types import SimpleNamespace

from gptviz.jobs.folder import Ask
from gptviz.training.looking import FLOAT16_ZERO, HIGHEST, LOWEST
from gptviz.ui.pages.training.dynamics import dynamics
from gptviz.ui.pages.training.heard import Heard


def test_what_steps_do_is_told_of_a_job_that_was_looked_at() -> None:
    heard = Heard()
    config = {"grad_clip": 1.0}
    heard._take({"record": "begun", "steps": 4, "config": config})
    for step, norm in ((1, 4.0), (2, 0.5), (3, 2.0), (4, 0.5)):
        heard._take({"record": "step", "step": step, "loss": 3.0, "learning_rate": 0.01, "grad_norm": norm,
                     "seconds": 0.1, "valid_loss": None})  # fmt: skip
    counts = [0] * (HIGHEST - LOWEST + 1)
    counts[FLOAT16_ZERO - LOWEST - 1], counts[FLOAT16_ZERO - LOWEST] = 1, 3  # one just below what float16 rounds up
    heard._take({"record": "look", "step": 3, "norm": 2.0, "clipped": 1.0,
                 "ratios": [["embeddings", 1e-3], ["0", 2e-3]],
                 "counts": counts, "zeros": 5})  # fmt: skip
    scene = SimpleNamespace(state=SimpleNamespace(heard=heard), context=SimpleNamespace(lang="en"),
                            job=SimpleNamespace(ask=Ask("names", "one-minute")))  # fmt: skip
    told = dynamics(scene)["dynamics"]  # type: ignore[arg-type]
    assert told is not None
    assert (told["clip"], told["clipped"], told["lost"], told["step"]) == (1.0, "50%", "25.0%", 3)
    assert told["norm"] == [(1, 4.0), (2, 0.5), (3, 2.0), (4, 0.5)]
    assert told["layers"] == [{"name": "embeddings", "points": [(3, 1e-3)]}, {"name": "0", "points": [(3, 2e-3)]}]
    assert "25.0%" in told["reading"]
