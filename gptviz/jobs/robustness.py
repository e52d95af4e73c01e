"""``python -m gptviz.jobs.robustness FOLDER``: what makes a classifier harder to mislead, in a process of its own.

It learns our reviews in each way that was chosen, and measures each on the same reviews (``gptviz.tuning.hard``). It
stops as a tuning does (``gptviz.jobs.tuned``): the ways that are measured by then stay. Its records: ``begun``,
``moment`` (how far it is), ``way`` (one way, measured), and at the end ``report``. Each way's classifier is left in
``ways/<way>`` as ``gptviz.tuning.saved`` writes it, to be attacked by hand.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from gptviz.jobs import child_process
from gptviz.jobs.child_process import Stops, Write
from gptviz.jobs.folder import SUMMARY, Ask, Job
from gptviz.jobs.settings import settings
from gptviz.jobs.tuned import base
from gptviz.tuning.hard import parts
from gptviz.tuning.methods import method
from gptviz.tuning.robustness import PLAIN, Moment, Robustness, Share, Trial
from gptviz.tuning.saved import save
from gptviz.tuning.tasks import Classification
from gptviz.tuning.tuner import TuneConfig

#: The ways that are tried, in this order; a paraphrase of each text would take too long.
WAYS = (PLAIN, "fgm", "pgd", "replace", "delete", "swap")
FOLDER = "ways"  # of each way's classifier
_EVERY = 0.3  # seconds between two moments that are written


def main(path: Path) -> int:
    """Try until the end, or until told to stop; 0 where the job is over, 3 where it waits to begin anew."""
    return child_process.run(path, work)


def work(job: Job, write: Write, stops: Stops) -> str:
    """Go through all ways; how it came to its end: "", "told" or "gone". Raises GptvizError."""
    ask = job.ask
    lm, tried = base(ask), trial_of(ask)
    train, test, kinds = found = parts(ask.changes.get("lang", "en"), ask.changes.get("seed", 0))
    write({"record": "begun", "ways": list(tried.ways), "texts": len(train), "test": len(test), "kinds": found.counts,
           "attacked": tried.attacked, "flips": tried.flips, "epsilon": tried.epsilon, "model": lm.name,
           "fingerprint": lm.fingerprint})  # fmt: skip
    began, used = time.perf_counter(), time.process_time()

    def learnt(way: str, task: Classification) -> None:
        save(task, lm, job.path / FOLDER / way, model=False)

    with closing(tried.follow(lm, train, test, config_of(ask), kinds=kinds, learnt=learnt)) as moments:
        how, rows = _followed(moments, tried.ways, write, stops, began)
    if how == "gone":
        return how
    spent = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - used,
             "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "late": how == "late"}  # fmt: skip
    write({"record": "report", **spent})
    (job.path / SUMMARY).write_text(json.dumps({"ways": rows, **spent}), encoding="utf-8")
    return "told" if how == "late" else how


def trial_of(ask: Ask) -> Trial:
    """What is tried. Raises ConfigError."""
    changes = ask.changes
    wanted = changes.get("ways", WAYS)
    return Trial(tuple(way for way in WAYS if way in wanted or way == PLAIN), epsilon=changes.get("epsilon", 0.03),
                 copies=changes.get("copies", 1), attacked=changes.get("attacked", 20),
                 flips=changes.get("flips", 2))  # fmt: skip


def config_of(ask: Ask) -> TuneConfig:
    """How each way learns: LoRA, a tenth of what it learns from held out to choose its best epoch by."""
    changes = ask.changes
    return TuneConfig(method=method("lora", rank=8), epochs=changes.get("epochs", 3), seed=changes.get("seed", 0))


def _followed(moments: Iterable[Moment | Robustness], ways: tuple[str, ...], write: Write, stops: Stops,
              began: float) -> tuple[str, list[dict[str, Any]]]:  # fmt: skip
    """What is measured, written as it comes; how it ended: "late" where a job may take no longer."""
    rows: list[dict[str, Any]] = []
    last = 0.0
    for moment in moments:
        spent = time.perf_counter() - began
        if isinstance(moment, Robustness):
            rows.append(_row(moment))
            write({"record": "way", **rows[-1]})
        elif moment.done == 0 or spent - last >= _EVERY:
            last = spent
            write({"record": "moment", **moment._asdict(), "place": ways.index(moment.way), "seconds": spent})
        how = stops()
        if how:
            return how, rows
        if spent > 60 * settings().minutes:
            return "late", rows
    return "", rows


def _row(found: Robustness) -> dict[str, Any]:
    return {"way": found.way, "learnt": found.learnt, "all": _share(found.all),
            "kinds": {kind: _share(part) for kind, part in found.kinds.items()}, "moved": _share(found.moved),
            "misled": None if found.flipped is None else round(found.flipped * found.tried), "tried": found.tried,
            "seconds": round(found.seconds, 2)}  # fmt: skip


def _share(found: Share) -> tuple[int, int]:
    """Right, of how many."""
    return round(found.accuracy * found.texts), found.texts


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
