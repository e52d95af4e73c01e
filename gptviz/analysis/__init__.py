"""What a model's numbers mean: computed with the model, before anything is shaped for a picture."""

from __future__ import annotations

from gptviz.analysis.heads import head_scores as head_scores
from gptviz.analysis.patching import patch as patch
