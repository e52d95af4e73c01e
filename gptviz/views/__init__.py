"""Numbers → small NamedTuples, each exactly what one picture needs; ``gptviz.figures`` and the app draw them.

Pure functions of a trace (``gptviz.Trace``) or of logits and stages (``gptviz.decoding.stages``). All sums are in
float64. Words used: ``labels`` are the tokens as shown (``labels.label``); ``layer``, ``head``,
``query_pos``, ``key_pos``, ``pos`` count from 0; surprisal and entropy are in bits.

>>> from gptviz import views
>>> views.mask(2).allowed.tolist()
[[True, False], [True, True]]
"""

from __future__ import annotations

from gptviz.numbers import entropy_bits
from gptviz.views.attention import STAGES, AttentionView, CellView, MaskView, attention, cell, mask
from gptviz.views.branches import Branch, BranchToken, PairRow, PairView, TreeNode, TreeView, pair, tree
from gptviz.views.chips import Chip, ChipsView, Piece, chips, labels
from gptviz.views.distribution import (
    Actual,
    DistributionView,
    Drawn,
    Row,
    Segment,
    StageCount,
    Tail,
    distribution,
)
from gptviz.views.mosaic import MosaicView, mosaic
from gptviz.views.pipeline import Choice, PipelineRow, PipelineStage, PipelineView, Stretch, pipeline

__all__ = [
    "STAGES",
    "Actual",
    "AttentionView",
    "Branch",
    "BranchToken",
    "CellView",
    "Chip",
    "ChipsView",
    "Choice",
    "DistributionView",
    "Drawn",
    "MaskView",
    "MosaicView",
    "PairRow",
    "PairView",
    "Piece",
    "PipelineRow",
    "PipelineStage",
    "PipelineView",
    "Row",
    "Segment",
    "StageCount",
    "Stretch",
    "Tail",
    "TreeNode",
    "TreeView",
    "attention",
    "cell",
    "chips",
    "distribution",
    "entropy_bits",
    "labels",
    "mask",
    "mosaic",
    "pair",
    "pipeline",
    "tree",
]
