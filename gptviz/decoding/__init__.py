"""Decoding: from logits to text.

``filters`` are pure steps on logits; ``strategies`` (with ``beam`` and ``contrastive``) choose tokens; ``chance`` is
the draw; ``stepper`` runs strategies and yields ``Step`` records; ``compare`` runs several side by side.
"""

from gptviz.decoding.beam import Beam, BeamStep, Hypothesis, beam_search
from gptviz.decoding.chance import cumulative, draw, uniform_at, uniforms
from gptviz.decoding.compare import Comparison, compare, compare_steps, diverge
from gptviz.decoding.contrastive import Contrastive
from gptviz.decoding.filters import Filter
from gptviz.decoding.stepper import generate
from gptviz.decoding.steps import Candidate, Stage, Step
from gptviz.decoding.strategies import Greedy, Sample, Strategy, stages

#: Every strategy, by its name.
STRATEGIES: dict[str, type[Strategy]] = {kind.name: kind for kind in (Greedy, Sample, Beam, Contrastive)}

__all__ = [
    "STRATEGIES",
    "Beam",
    "BeamStep",
    "Candidate",
    "Comparison",
    "Contrastive",
    "Filter",
    "Greedy",
    "Hypothesis",
    "Sample",
    "Stage",
    "Step",
    "Strategy",
    "beam_search",
    "compare",
    "compare_steps",
    "cumulative",
    "diverge",
    "draw",
    "generate",
    "stages",
    "uniform_at",
    "uniforms",
]
