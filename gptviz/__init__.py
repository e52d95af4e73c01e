"""See how a GPT works: every number it computes for a text, and how the next token is chosen.

>>> import gptviz
>>> lm = gptviz.load()
>>> trace = lm.trace("The cat sat on the")
>>> trace.pattern.shape[2:]
(5, 5)

What is named here is fetched when it is first asked for, and so are the rooms below, as in ``gptviz.views``: importing
torch takes a second, in which the command line must already listen to its user.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gptviz import edits
    from gptviz.analysis.passport import passport
    from gptviz.catalogue import load
    from gptviz.decoding import Beam, Contrastive, Greedy, Sample, Step
    from gptviz.decoding.compare import Comparison, compare
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
    "passport",
]

#: Where each name lies. It is fetched when it is asked for: torch takes a second, and ``gptviz --help`` needs none.
_HOMES = {
    "analysis.passport": ("passport",),
    "catalogue": ("load",),
    "decoding": ("Beam", "Comparison", "Contrastive", "Greedy", "Sample", "Step", "compare"),
    "errors": ("ConfigError", "DecodingError", "EditError", "GptvizError", "PromptError", "WeightsError"),
    "gpt.config": ("GPTConfig", "TrainConfig"),
    "gpt.trace": ("Trace",),
    "language_model": ("LanguageModel", "LocalModel"),
    "tokens.tokenizer": ("Token", "Tokenizer"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    elif not name.startswith("_") and importlib.util.find_spec(f"{__name__}.{name}") is not None:
        value = importlib.import_module(f"{__name__}.{name}")  # a room, such as gptviz.decoding
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
