"""A model made smaller and faster, and what that costs: weights in fewer bits, heads and layers left out.

``forms`` holds a model's weights as float16, bfloat16 or int8 (``held``), ``precision`` measures what each form costs,
``pruning`` which heads and layers matter, ``pruned`` leaves some out, ``saving`` writes the result. The page Deploy
and ``gptviz compress`` show and do all of it.

>>> import gptviz
>>> from gptviz.compression import held
>>> held(gptviz.load(), "int8").weights
'int8'
"""

from gptviz.compression import kept, precision, pruning
from gptviz.compression.forms import FORMS, held, nbytes
from gptviz.compression.pruned import pruned
from gptviz.compression.saving import save

__all__ = ["FORMS", "held", "kept", "nbytes", "precision", "pruned", "pruning", "save"]
