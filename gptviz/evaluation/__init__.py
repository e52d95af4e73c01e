"""How good a model is: held-out text, a cloze test, the induction test, repetition, and a classical baseline.

``evaluate`` yields the records of all tests, ``Report`` collects them (and turns them into JSON); each test can be run
alone. ``gptviz eval`` is the same on the command line.
"""

from gptviz.evaluation.baseline import Baseline, train_baseline
from gptviz.evaluation.cloze import Cloze, ClozeAnswer, ClozeScore, read_cloze
from gptviz.evaluation.held_out import Part, PartScore, part_files, read_part, score_part
from gptviz.evaluation.induction import HeadScore, Induction, best, induction_test
from gptviz.evaluation.kneser_ney import KneserNey
from gptviz.evaluation.report import Record, Report, evaluate
from gptviz.evaluation.samples import Diversity, Text, diversity, write_samples

__all__ = [
    "Baseline",
    "Cloze",
    "ClozeAnswer",
    "ClozeScore",
    "Diversity",
    "HeadScore",
    "Induction",
    "KneserNey",
    "Part",
    "PartScore",
    "Record",
    "Report",
    "Text",
    "best",
    "diversity",
    "evaluate",
    "induction_test",
    "part_files",
    "read_cloze",
    "read_part",
    "score_part",
    "train_baseline",
    "write_samples",
]
