"""What a model's numbers mean: computed with the model, before anything is shaped for a picture."""

from __future__ import annotations

from gptviz.analysis.head import HeadSteps, attend
from gptviz.analysis.mixing import rollout, value_weighted
from gptviz.analysis.terms import Sum, written_out

__all__ = ["HeadSteps", "Sum", "attend", "rollout", "value_weighted", "written_out"]
