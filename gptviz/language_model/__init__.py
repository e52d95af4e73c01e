"""A model and its tokenizer: what everything above talks to.

``LanguageModel`` is what pages, decoding and evaluation ask for; ``LocalModel`` is the one that computes here, which
``gptviz.load`` returns. Nothing above this package touches a tensor or the model's parts: numbers leave as numpy, ids
as plain ints, so that a model served from elsewhere can take this one's place.
"""

from gptviz.gpt.prefixes import Prefixes
from gptviz.language_model.local import LocalModel, LocalReader
from gptviz.language_model.protocol import Array, LanguageModel, Matrix, Reader, checked_ids, count_tokens

__all__ = [
    "Array",
    "LanguageModel",
    "LocalModel",
    "LocalReader",
    "Matrix",
    "Prefixes",
    "Reader",
    "checked_ids",
    "count_tokens",
]
