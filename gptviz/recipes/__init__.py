"""Python that rebuilds a picture in a notebook; its last line is the figure, or the numbers where there is none.

``builder`` is what all are built from; ``trace``, ``decoding``, ``softmax``, ``surprise`` and ``model`` have a function
for each picture.
"""

from gptviz.recipes.builder import Prompt, python
from gptviz.recipes.trace import python_call

__all__ = ["Prompt", "python", "python_call"]
