"""Every number that is asked for beside a strategy's own settings, and those of sampling in the order of its chain.

Forms, links, the shell and the checks of the engine take their bounds from here.
"""

from __future__ import annotations

from gptviz.decoding.filters import FILTERS
from gptviz.decoding.parameter import Parameter

#: Fixes the random numbers. Any size will do; a form and a link take what fits into 31 bits.
SEED = Parameter("seed", "whole", 0, low=0, shown=(0, 2**31 - 1), link="seed")
#: Which of the random numbers of a seed: that of the first token generated is 0.
STEP = Parameter("step", "whole", 0, low=0, shown=(0, 100_000), link="step")
#: How many tokens a text gets at most.
MAX_NEW_TOKENS = Parameter("max_new_tokens", "whole", 40, low=1, shown=(5, 200), link="n")
#: The same for a search that is drawn as a tree: one of more steps is no picture.
TREE_TOKENS = MAX_NEW_TOKENS._replace(default=12, shown=(3, 30))
#: How many texts one strategy writes, to see how much chance matters.
DRAWS = Parameter("n", "whole", 64, low=1, high=10_000, shown=(1, 200), start=50)
#: How many of the likeliest tokens are listed.
TOP = Parameter("top", "whole", 5, low=0, shown=(1, 20))

#: Settings of sampling with which most texts read well, where nothing else is said.
USUAL: dict[str, float] = {"temperature": 0.8, "top_p": 0.95}


def sampling_parameters() -> tuple[Parameter, ...]:
    """The parameter of each filter of ``Sample``, in the order of the chain."""
    return tuple(kind.parameter for kind in FILTERS.values())
