"""What a lesson may measure: small functions of the model and of what the page shows, by name.

A file names one and what to ask it about; it brings no formula of its own, so nothing of a file is ever run. Each
function's docstring says what it measures and in which unit; ``gptviz lesson quantities`` lists them.
"""

from gptviz.lessons.quantities import inside, measuring, predicting
from gptviz.lessons.quantities.registry import QUANTITIES, NotYetError, Quantity, measure

__all__ = ["QUANTITIES", "NotYetError", "Quantity", "inside", "measure", "measuring", "predicting"]
