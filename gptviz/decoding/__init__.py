"""Decoding: from logits to text.

``filters`` are pure steps on logits; each file of ``strategies`` is a way to choose tokens (``strategy`` says what that
is, ``parameter`` what can be set); ``chance`` is the draw; ``stepper`` runs strategies and yields ``Step`` records;
``compare`` runs several side by side.
"""

from gptviz.decoding.beam import BeamStep, Hypothesis
from gptviz.decoding.chance import cumulative, draw, uniform_at, uniforms
from gptviz.decoding.compare import Comparison, compare, compare_events, compare_steps, diverge
from gptviz.decoding.filters import Filter
from gptviz.decoding.parameter import Parameter
from gptviz.decoding.stepper import beam_search, generate
from gptviz.decoding.steps import Candidate, Stage, Step
from gptviz.decoding.strategies import STRATEGIES, Beam, Contrastive, Greedy, Sample, strategy_from_dict
from gptviz.decoding.strategy import Strategy, stages

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
    "Parameter",
    "Sample",
    "Stage",
    "Step",
    "Strategy",
    "beam_search",
    "compare",
    "compare_events",
    "compare_steps",
    "cumulative",
    "diverge",
    "draw",
    "generate",
    "stages",
    "strategy_from_dict",
    "uniform_at",
    "uniforms",
]
