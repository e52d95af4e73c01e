"""Records of a run as lines of JSON: what ``gptviz train --log`` writes, and what a job leaves for the page to read."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

from gptviz.training.run import Begun, Known, Learnt, NotCompiled, Outcome, Record, Saved
from gptviz.training.trainer import TrainRecord

KINDS: dict[type, str] = {Begun: "begun", Learnt: "learnt", Known: "known", NotCompiled: "not_compiled",
                          TrainRecord: "step", Saved: "saved", Outcome: "outcome"}  # fmt: skip


def as_line(record: Record) -> str:
    """One record as JSON without a line end: its fields, and ``record`` for its kind; what is no number is null.

    >>> as_line(Saved(step=7, finished=True))
    '{"record": "saved", "step": 7, "finished": true, "early": ""}'
    """
    said = {name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in asdict(record).items()}  # fmt: skip
    return json.dumps({"record": KINDS[type(record)], **said}, allow_nan=False)
