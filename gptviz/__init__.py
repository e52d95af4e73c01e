"""See how a GPT works: every number it computes for a text, and how the next token is chosen.

>>> import gptviz
>>> lm = gptviz.load()
>>> trace = lm.trace("The cat sat on the")
>>> trace.pattern.shape[2:]
(5, 5)
"""

from __future__ import annotations

from gptviz import edits
from gptviz.catalogue import load
from gptviz.decoding import Beam, Comparison, Contrastive, Greedy, Sample, Step, compare
from gptviz.errors import ConfigError, DecodingError, EditError, GptvizError, PromptError, WeightsError
from gptviz.gpt.config import GPTConfig, TrainConfig
from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.tokens.tokenizer import Token, Tokenizer

__version__ = "0.2.0.dev0"

__all__ = [
    "Beam",
    "Comparison",
    "ConfigError",
    "Contrastive",
    "DecodingError",
    "EditError",
    "GPTConfig",
    "GptvizError",
    "Greedy",
    "LanguageModel",
    "LocalModel",
    "PromptError",
    "Sample",
    "Step",
    "Token",
    "Tokenizer",
    "Trace",
    "TrainConfig",
    "WeightsError",
    "compare",
    "edits",
    "load",
]
