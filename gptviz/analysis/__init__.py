"""What a model's numbers mean: computed with the model, before anything is shaped for a picture."""

from __future__ import annotations

from gptviz.analysis.head import HeadSteps as HeadSteps
from gptviz.analysis.head import attend as attend
from gptviz.analysis.heads import head_scores as head_scores
from gptviz.analysis.masks import under_mask as under_mask
from gptviz.analysis.mixing import rollout as rollout
from gptviz.analysis.mixing import value_weighted as value_weighted
from gptviz.analysis.patching import patch as patch
from gptviz.analysis.terms import Sum as Sum
from gptviz.analysis.terms import written_out as written_out
