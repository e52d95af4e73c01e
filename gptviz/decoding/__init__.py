"""Decoding: from logits to text.

Each file of ``filters`` is a pure step on logits (``filter`` says what that is), each file of ``strategies`` a way to
choose tokens (``strategy``); ``parameter`` says what can be set, ``parameters`` which other numbers are asked for;
``chance`` is the draw; ``stepper`` runs strategies and yields ``Step`` records; ``compare`` runs several side by side.
"""

from gptviz.decoding.beam import BeamStep, Hypothesis
from gptviz.decoding.chance import cumulative, draw, uniform_at, uniforms
from gptviz.decoding.compare import Comparison, compare, compare_events, compare_steps, diverge
from gptviz.decoding.filter import Filter
from gptviz.decoding.parameter import Parameter
from gptviz.decoding.parameters import sampling_parameters
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
    "sampling_parameters",
    "stages",
    "strategy_from_dict",
    "uniform_at",
    "uniforms",
]
