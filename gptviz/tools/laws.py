"""Fits the law of the runs that ship, and its resamples, once for all who look: ``assets/scaling/laws.json``.

python -m gptviz.tools.laws
"""

from __future__ import annotations

import json

from gptviz.evaluation.scaling import runs as tables
from gptviz.evaluation.scaling.bootstrap import fitted
from gptviz.ui.pages.scaling.work import FOLDER, LAWS, RESAMPLES, shipped


def main() -> None:
    """Write the file."""
    said = {}
    for name, embeddings in (("without", False), ("with", True)):
        found = fitted(tables.counted(shipped("runs"), embeddings=embeddings), resamples=RESAMPLES)
        said[name] = {"law": list(found.law), "resampled": [list(law) for law in found.resampled]}
    (FOLDER / LAWS).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
